"""Topics: what a text names, and whether that is what somebody follows. Pure.

text -> tokens and the concepts among them (a lexicon topic in any of its names) -> Reading
topic -> its units (concepts and words), which must all be named -> Pattern
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from bot.az import wordlists
from bot.az.letters import fold
from bot.az.lexicon import CONCEPT, Name, lexicon
from bot.az.tokens import join, terms_of, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_WINDOW = 12  # the words of a topic stand together: within so many tokens of each other
_MAX_UNITS = 12
_SHOUTING = 3  # so many words, all in capitals: capitals say nothing there
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_EDITIONS = {"pro", "max", "ultra", "plus", "mini", "air", "lite", "se", "fe", "fold", "flip"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as topics see it: its tokens, and where which concept begins and ends."""

    tokens: tuple[str, ...]
    concepts: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a topic asks for, in order; where ``tied``, a unit directly follows the one before."""

    units: tuple[str, ...]
    tied: tuple[bool, ...]

    @property
    def key(self) -> str:
        """The identity of the topic."""
        return " ".join(unit.removeprefix(CONCEPT).replace("_", " ") for unit in self.units)


def read(text: str, *, asked: bool = False) -> Reading:
    """Give the tokens and concepts of a text; ``asked``: as a person types it, not as papers print.

    In a printed text ``AI``, ``Aİ`` and ``EV`` are what their capitals say; a person who asks
    for ``ai`` means AI.
    """
    return reading(words(text), asked=asked)


def reading(written: list[str], *, asked: bool = False) -> Reading:
    """Give the tokens and concepts of ``bot.az.tokens.words``."""
    found = list(chain.from_iterable(map(terms_of, written)))
    tokens = list(join(found))
    capitals = _capitals(written, found, tokens, asked=asked)
    concepts = tuple(_concepts(tokens, capitals, asked=asked))
    for start in capitals:
        for first, end, concept in concepts:
            if first == start and end == start + 1:
                tokens[start] = concept  # Sİ is no Si and EV no ev, although they fold to one
    return Reading(tuple(tokens), concepts)


def _capitals(
    written: list[str], found: list[str], tokens: list[str], *, asked: bool
) -> dict[int, str]:
    """Give where names stand whose capitals count, as they are written."""
    guarded = lexicon().guarded
    if asked:  # however somebody types a name: aI asks for what ai asks for
        written = [word if word in guarded else fold(word) for word in written]
    if not asked and guarded.isdisjoint(written):
        return {}
    if not asked and len(written) >= _SHOUTING and not any(map(_is_small, written)):
        return {}
    marks = [
        word if word in guarded else term if asked and len(terms) > 1 and term in guarded else ""
        for word, terms in zip(written, map(terms_of, written), strict=True)
        for term in terms
    ]
    if len(tokens) != len(found):
        marks = _realigned(found, tokens, marks)  # joined brands shift the places
    return {place: mark for place, mark in enumerate(marks) if mark}


def _is_small(word: str) -> bool:
    return any(letter.islower() for letter in word)


def _realigned(before: list[str], after: list[str], marks: list[str]) -> list[str]:
    result: list[str] = []
    place = 0
    for token in after:
        result.append(marks[place] if before[place] == token else "")
        taken = before[place]
        place += 1
        while taken != token and place < len(before) and len(taken) < len(token):
            taken += before[place]
            place += 1
    return result


def _concepts(
    tokens: Sequence[str], capitals: Mapping[int, str], *, asked: bool
) -> Iterator[tuple[int, int, str]]:
    names = _names()
    barred: dict[str, int] = {}
    following = [*tokens[1:], ""]
    for place in [place for place, token in enumerate(tokens) if token in names]:
        begun = names[tokens[place]]
        row = begun.get(following[place]) or begun[""]
        seen: set[str] = set()
        for name in row:
            end = place + len(name.tokens)
            if name.concept in seen or barred.get(name.concept, 0) > place:
                continue
            if end > place + 1 and tuple(tokens[place:end]) != name.tokens:
                continue
            if name.written is not None and capitals.get(place) != name.written:
                continue
            if name.asked_only and not asked:
                continue
            seen.add(name.concept)
            if name.barred:
                barred[name.concept] = end
            else:
                yield place, end, name.concept


@cache
def _names() -> dict[str, dict[str, list[Name]]]:
    """Give the names that may stand in a text by their first token and the one after it.

    ``""`` has those that are one token: they may stand before any.
    """
    return {
        token: {
            second: [name for name in row if name.tokens[1:2] in {(), (second,)}]
            for second in {"", *(name.tokens[1] for name in row if len(name.tokens) > 1)}
        }
        for token, row in lexicon().names.items()
    }


@cache
def _idle() -> frozenset[str]:
    """Give the tokens of words that say nothing about a topic."""
    text = " ".join(wordlists.lines("stopwords.txt"))
    return frozenset(term for word in words(text) for term in terms_of(word))


def is_idle(token: str) -> bool:
    """Say whether a token is one of ``data/stopwords.txt``."""
    return token in _idle()


@lru_cache(maxsize=4096)
def pattern(topic: str) -> Pattern:
    """Give what a topic asks for; no units where the text has no word."""
    reading = read(topic[:2000], asked=True)
    spans: dict[int, tuple[int, str]] = {}
    for start, end, concept in reading.concepts:
        if start not in spans or end > spans[start][0]:
            spans[start] = (end, concept)
    units: list[str] = []
    idle: list[bool] = []
    tied: list[bool] = []
    place = 0
    while place < len(reading.tokens):
        end, unit = spans.get(place, (place + 1, reading.tokens[place]))
        follows = place > 0 and not idle[-1] and _is_tied(unit, units[-1])
        units.append(unit)
        idle.append(not unit.startswith(CONCEPT) and is_idle(unit))
        tied.append(follows)
        place = end
    if not all(idle):
        tied = [tie for tie, skip in zip(tied, idle, strict=True) if not skip]
        units = [unit for unit, skip in zip(units, idle, strict=True) if not skip]
    return Pattern(tuple(units[:_MAX_UNITS]), tuple(tied[:_MAX_UNITS]))


def _is_tied(unit: str, before: str) -> bool:
    if unit.startswith(CONCEPT) or unit in lexicon().entries or _YEAR.fullmatch(unit):
        return False  # a topic of its own, as 5G; and a year belongs to nothing before it
    if any(letter.isdigit() for letter in unit) or len(unit) == 1:
        return True
    return unit in _EDITIONS and any(letter.isdigit() for letter in before)


def places(reading: Reading) -> dict[str, list[tuple[int, int]]]:
    """Give where each unit (token or concept) of a reading stands: (start, end) pairs."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, token in enumerate(reading.tokens):
        found.setdefault(token, []).append((place, place + 1))
    for start, end, concept in reading.concepts:
        found.setdefault(concept, []).append((start, end))
    return found


def names(where: dict[str, list[tuple[int, int]]], asked: Pattern) -> bool:
    """Say whether a text, by its :func:`places`, names what a topic asks for."""
    if not asked.units or any(unit not in where for unit in asked.units):
        return False
    if len(asked.units) == 1:
        return True
    for index, unit in enumerate(asked.units):
        if asked.tied[index]:
            ends = {end for _start, end in where[asked.units[index - 1]]}
            if not any(start in ends for start, _end in where[unit]):
                return False
    return _together([where[unit] for unit in asked.units], _WINDOW + 2 * len(asked.units))


def _together(rows: Iterable[list[tuple[int, int]]], window: int) -> bool:
    """Say whether one place of each row can be chosen within a window."""
    marks = sorted((start, row) for row, spots in enumerate(rows) for start, _end in spots)
    wanted = len({row for _start, row in marks})
    held: dict[int, int] = {}
    left = 0
    for start, row in marks:
        held[row] = held.get(row, 0) + 1
        while start - marks[left][0] > window:
            gone = marks[left][1]
            held[gone] -= 1
            if not held[gone]:
                del held[gone]
            left += 1
        if len(held) == wanted:
            return True
    return False


def same_topic(a: str, b: str) -> bool:
    """Say whether following ``a`` would bring news that names ``b``.

    That is so for the same word or phrase in another case, suffix, spelling or script, and for
    a synonym: ``süni zəka`` and ``Sİ``; not for ``Tesla`` and ``təslim``, ``EV`` and ``ev``.
    """
    asked = pattern(a)
    if not asked.units:
        return False
    if pattern(b).key == asked.key:
        return True
    return names(places(read(b)), asked)
