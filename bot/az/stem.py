"""A light stemmer for folded Azerbaijani words. Pure.

word -> every way of taking endings off -> the one that leaves a known word, else the shortest.

Only endings of nouns go (``telefonlarindan`` -> ``telefon``); words that are made from others
keep what they are made with. A known word (``data/words.txt``, brands) is never cut and wins
over every other reading, so ``tesla`` and ``teslim`` never meet. Of an unknown word a final
vowel goes too, because nobody can tell the dative of ``kitab`` from the bare ``zeka``: what is
cut from both ends up equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from bot.az import wordlists
from bot.az.letters import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_VOWELS = frozenset("aeiou")
_SLOTS = ("copula", "ki", "with", "case", "possessive", "plural")
_JOINTS = {("vowel", "sin"), ("vowel", "sun"), ("consonant", "in"), ("consonant", "un")}
_SHORTEST_ROOT = 2
_SHORTEST_BRAND = 3  # of brands that take endings without a hyphen: HP and LG do not
_SHORTEST_UNKNOWN = 4
_SHORTEST_INFINITIVE = 6
# Folded, ı is i and ü is u; so a suffix vowel may follow these last vowels of the word.
_HARMONY = {"a": "aoui", "e": "eiou", "i": "aei", "u": "ou"}
_SOFTENED = {"y": "k", "g": "q"}
_SOUNDS = ("a", "e", "i", "o", "u", "ab", "eb", "ib", "ob", "ub", "b")  # of _sound, as words


@dataclass(frozen=True, slots=True)
class _Chain:
    """Endings in a row: what stands before them, and how their first vowel sounds.

    ``agreed`` says whether the sounds agree from one ending to the next.
    """

    after: str
    sound: str
    agreed: bool
    text: str

    def longer(self, after: str, ending: str) -> _Chain | None:
        """Give the chain with one more ending, or ``None`` where it cannot follow."""
        if not self.text:
            return _Chain(after, _first_vowel(ending), agreed=True, text=ending)
        if not _fits(self.text, after):
            return None
        agreed = self.agreed and _agrees(self.text, _first_vowel(ending))
        return _Chain(self.after, self.sound, agreed, self.text + ending)


@cache
def _chains() -> dict[str, tuple[_Chain, ...]]:
    """Give every row of endings that the slots allow, by its text.

    Some thousand rows, so that a word costs a dozen look-ups instead of a walk through the
    slots (15 against 150 µs).
    """
    rows = [line.split() for line in wordlists.lines("suffixes.txt")]
    found = {_Chain("any", "", agreed=True, text="")}
    for slot in reversed(_SLOTS):
        endings_here = {
            (after, fold(ending)) for name, after, *few in rows if name == slot for ending in few
        }
        bases = set(found)
        if slot == "case":
            # -(s)in- before a case (telefon-un-da, zeka-sin-dan) is a possessive only there.
            bases |= _extended(found, _JOINTS)
        if slot == "ki":
            bases = {chain for chain in found if chain.text.endswith(("da", "de"))}
        found |= _extended(bases, endings_here)
    by_text: dict[str, list[_Chain]] = {}
    for chain in found:
        if chain.text:
            by_text.setdefault(chain.text, []).append(chain)
    return {text: tuple(chains) for text, chains in by_text.items()}


@dataclass(frozen=True, slots=True)
class _Tail:
    """What a word may end with, read from its last letter back.

    ``longer`` has the tails with one more letter before; ``before`` says, where this one is a
    whole row of endings, by the :func:`_sound` of the rest whether the sounds agree there. A
    sound that is missing cannot stand there.
    """

    longer: dict[str, _Tail] = field(default_factory=dict)
    before: dict[str, bool] = field(default_factory=dict)


@cache
def _tails() -> _Tail:
    """Give the tail of no letters, from which all rows of endings are reached."""
    empty = _Tail()
    for text, chains in _chains().items():
        tail = empty
        for letter in reversed(text):
            tail = tail.longer.setdefault(letter, _Tail())
        for sound in _SOUNDS:
            fitting = [chain for chain in chains if _fits(sound, chain.after)]
            if fitting:
                agreeing = (chain.agreed and _agrees(sound, chain.sound) for chain in fitting)
                tail.before[sound] = any(agreeing)
    return empty


def _extended(chains: Iterable[_Chain], endings_here: Iterable[tuple[str, str]]) -> set[_Chain]:
    pairs = ((chain, after, ending) for chain in chains for after, ending in endings_here)
    longer = (chain.longer(after, ending) for chain, after, ending in pairs)
    return {chain for chain in longer if chain is not None}


@cache
def endings(slot: str) -> frozenset[str]:
    """Give the folded endings of a slot of ``data/suffixes.txt`` (``detached``, ``ordinal``)."""
    rows = (line.split() for line in wordlists.lines("suffixes.txt"))
    return frozenset(fold(ending) for row in rows if row[0] == slot for ending in row[2:])


def _fits(rest: str, after: str) -> bool:
    return after == "any" or (rest[-1] in _VOWELS) == (after == "vowel")


def _agrees(rest: str, sound: str) -> bool:
    last = next((letter for letter in reversed(rest) if letter in _VOWELS), "")
    return last in _HARMONY[sound]


def _first_vowel(ending: str) -> str:
    return next(letter for letter in ending if letter in _VOWELS)


def _sound(rest: str) -> str:
    """Give how a word sounds to an ending: its last vowel, and -b where a consonant follows it."""
    if rest[-1] in _VOWELS:
        return rest[-1]
    for letter in reversed(rest):
        if letter in _VOWELS:
            return letter + "b"
    return "b"


def _analyses(word: str) -> list[tuple[str, bool]]:
    """Give what is left when endings are taken off, and whether the sounds agreed all along."""
    found: list[tuple[str, bool]] = []
    longer = _tails().longer
    place = len(word)
    for letter in word[: _SHORTEST_ROOT - 1 : -1]:
        tail = longer.get(letter)
        if tail is None:
            break
        longer = tail.longer
        place -= 1
        if not tail.before:
            continue
        rest = word[:place]
        agreed = tail.before.get(_sound(rest))
        if agreed is None:
            continue
        found.append((rest, agreed))
        if letter in _VOWELS and rest[-1] in _SOFTENED:
            found.append((rest[:-1] + _SOFTENED[rest[-1]], agreed))
    return found


def readings(word: str) -> frozenset[str]:
    """Give what a folded word may be without its endings, wherever the sounds agree."""
    return frozenset(rest for rest, agreed in _analyses(word) if agreed)


def _trimmed(word: str) -> str:
    """Take the infinitive and final vowels off a word that no list knows."""
    if len(word) >= _SHORTEST_INFINITIVE and word.endswith(("maq", "mek", "mag", "mey")):
        word = word[:-1]
    while len(word) > _SHORTEST_UNKNOWN and word[-1] in _VOWELS:
        cut = 2 if word.endswith(("ya", "ye")) and word[-3] in _VOWELS else 1
        if len(word) - cut < _SHORTEST_UNKNOWN:
            break
        word = word[:-cut]
    if len(word) >= _SHORTEST_UNKNOWN:
        if word[-1] == "g":
            return word[:-1] + "q"
        if word[-1] == "y" and word[-2] in "eiu":
            return word[:-1] + "k"
    return word


def stem(word: str, known: Mapping[str, str], brands: frozenset[str]) -> str:
    """Give a folded word without its endings; a known form gives the word it is listed under.

    ``known`` maps listed words to themselves and irregular forms to their word (``fikr`` ->
    ``fikir``). The stem of a stem is itself.
    """
    while True:
        if word in known:
            return known[word]
        best, shortest = "", word
        for rest, agreed in _analyses(word):
            if rest in known and (agreed or rest in brands) and len(rest) > len(best):
                best = rest if rest not in brands or len(rest) >= _SHORTEST_BRAND else best
            if agreed and _SHORTEST_UNKNOWN <= len(rest) < len(shortest):
                shortest = rest
        if best:
            return known[best]
        shorter = _trimmed(shortest)
        if shorter == word:
            return word
        word = shorter
