"""A light stemmer for folded Azerbaijani words. Pure.

word -> every way of taking endings off -> the one that leaves a known word, else the shortest.

Only endings of nouns go (``telefonlarindan`` -> ``telefon``); words that are made from others
keep what they are made with. A known word (``data/words.txt``, brands) is never cut and wins
over every other reading, so ``tesla`` and ``teslim`` never meet. Of an unknown word a final
vowel goes too, because nobody can tell the dative of ``kitab`` from the bare ``zeka``: what is
cut from both ends up equal.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bot.az import wordlists
from bot.az.letters import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VOWELS = frozenset("aeiou")
_SLOTS = ("copula", "ki", "with", "case", "possessive", "plural")
_CASE, _POSSESSIVE = _SLOTS.index("case"), _SLOTS.index("possessive")
_SHORTEST_ROOT = 2
_SHORTEST_BRAND = 3  # of brands that take endings without a hyphen: HP and LG do not
_SHORTEST_UNKNOWN = 4
_SHORTEST_INFINITIVE = 6
# Folded, ı is i and ü is u; so a suffix vowel may follow these last vowels of the word.
_HARMONY = {"a": "aoui", "e": "eiou", "i": "aei", "u": "ou"}
_SOFTENED = {"y": "k", "g": "q"}


@cache
def _endings() -> dict[str, tuple[tuple[int, str], ...]]:
    """Give the folded endings by their last letter: (slot, ending), each with what is before."""
    by_last: dict[str, list[tuple[int, str]]] = {}
    for line in wordlists.lines("suffixes.txt"):
        slot, after, *endings = line.split()
        if slot not in _SLOTS:
            continue
        for ending in dict.fromkeys(fold(ending) for ending in endings):
            mark = {"any": "*", "vowel": "V", "consonant": "C"}[after]
            by_last.setdefault(ending[-1], []).append((_SLOTS.index(slot), mark + ending))
    return {last: tuple(found) for last, found in by_last.items()}


@cache
def endings(slot: str) -> frozenset[str]:
    """Give the folded endings of a slot of ``data/suffixes.txt`` (``detached``, ``ordinal``)."""
    rows = (line.split() for line in wordlists.lines("suffixes.txt"))
    return frozenset(fold(ending) for row in rows if row[0] == slot for ending in row[2:])


def _fits(rest: str, after: str) -> bool:
    return after == "*" or (rest[-1] in _VOWELS) == (after == "V")


def _agrees(rest: str, ending: str) -> bool:
    sound = next((letter for letter in ending if letter in _VOWELS), "")
    last = next((letter for letter in reversed(rest) if letter in _VOWELS), "")
    return not sound or last in _HARMONY[sound]


def _analyses(word: str, slot: int = 0) -> Iterator[tuple[str, bool]]:
    """Give what is left when endings are taken off, and whether the sounds agreed all along."""
    for place, marked in _endings().get(word[-1:], ()):
        ending = marked[1:]
        rest = word[: -len(ending)]
        if place < slot or len(rest) < _SHORTEST_ROOT or not word.endswith(ending):
            continue
        if not _fits(rest, marked[0]):
            continue
        if ending == "ki" and not rest.endswith(("da", "de")):
            continue
        agreed = _agrees(rest, ending)
        yield rest, agreed
        if ending[0] in _VOWELS and rest[-1] in _SOFTENED:
            yield rest[:-1] + _SOFTENED[rest[-1]], agreed
        yield from ((left, agreed and also) for left, also in _analyses(rest, place + 1))
        if place == _CASE:
            yield from ((left, agreed and also) for left, also in _jointed(rest))


def _jointed(word: str) -> Iterator[tuple[str, bool]]:
    """Take -(s)in- off, which is a possessive only before a case: telefon-un-da, zeka-sin-dan."""
    for joint in ("sin", "sun", "in", "un"):
        rest = word[: -len(joint)]
        if not word.endswith(joint) or len(rest) < _SHORTEST_ROOT:
            continue
        if (rest[-1] in _VOWELS) != (joint[0] == "s"):
            continue
        agreed = _agrees(rest, joint)
        yield rest, agreed
        if joint[0] != "s" and rest[-1] in _SOFTENED:
            yield rest[:-1] + _SOFTENED[rest[-1]], agreed
        further = _analyses(rest, _POSSESSIVE + 1)
        yield from ((left, agreed and also) for left, also in further)


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
