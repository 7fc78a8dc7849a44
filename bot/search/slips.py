"""Slips of the keyboard and of the ear: how far a typed word is from one that was meant. Pure.

Not every edit is equally likely: a neighbouring key, a letter that sounds the same, a doubled
one, two that changed places cost less than one letter for any other. And what may be forgiven
depends on what is found: much for a name of the lists, which nothing else looks like, little
for any word of the archive, because ``tender`` is no ``Tinder``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from itertools import pairwise

from bot.az.lexicon import lexicon
from bot.az.tokens import brands, known

_VOWELS = frozenset("aeiou")
_FAR = 9.0
_ALIKE, _NEARBY, _SWAPPED = 0.5, 0.8, 0.8
_DOUBLED, _VOWEL_LEFT_OUT = 0.5, 0.8
_FIRST = 0.3  # the first letter is seldom missed
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_HEARD = ("dt", "bp", "kqgx", "sz", "fvw", "hx", "ie", "iy", "ou", "ae", "jc")
_SOUNDS = (
    (re.compile(r"[ou]{2}"), "u"),
    (re.compile(r"[ei]{2}|ea|ai|ey|ay"), "i"),
    (re.compile(r"sh|ch|tsch"), "s"),
    (re.compile(r"ph|w|v"), "f"),
    (re.compile(r"th"), "t"),
    (re.compile(r"ck|qu|[cqgx]"), "k"),
    (re.compile(r"[dt]"), "t"),
    (re.compile(r"[bp]"), "p"),
    (re.compile(r"[zj]"), "s"),
    (re.compile(r"[ieay]"), "i"),
    (re.compile(r"[ou]"), "u"),
    (re.compile(r"h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


class Kind(Enum):
    """What a word is known from, the surest first."""

    NAME = 0  # a brand or a topic of the lists
    WORD = 1  # a common word of the lists
    SEEN = 2  # a word of the archive that no list has


# From how many letters on a slip of so much is forgiven: (letters, cost), the longest first.
_FORGIVEN = {
    Kind.NAME: ((8, 2.0), (5, 1.0), (4, 0.8)),
    Kind.WORD: ((9, 1.8), (5, 1.0), (4, 0.0)),
    Kind.SEEN: ((9, 1.6), (6, 1.0), (5, 0.8)),
}
_BAND = 2
_HEARD_LETTERS = 4  # from so many sounds on a name may be written as it sounds
_TINY, _SHORT, _APART = 4, 7, 9  # shorter words that look like words are not read as others


def sound(word: str) -> str:
    """Give how a word sounds, roughly: ``dipsek`` and ``deepseek`` are one."""
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word


def forgiven(letters: int, kind: Kind) -> float:
    """Give the cost up to which a word of so many letters may be another."""
    return next((cost for least, cost in _FORGIVEN[kind] if letters >= least), 0.0)


@cache
def _neighbours() -> dict[tuple[str, str], float]:
    """Give the cost of a letter for another, where it is less than 1."""
    costs: dict[tuple[str, str], float] = {}
    for row in _KEYBOARD:
        for left, right in pairwise(row):
            costs[left, right] = costs[right, left] = _NEARBY
    for group in _HEARD:
        alike = _NEARBY if set(group) <= _VOWELS else _ALIKE
        for left in group:
            costs.update({(left, right): alike for right in group if right != left})
    return costs


@lru_cache(maxsize=20_000)
def _left_out(word: str) -> tuple[float, ...]:
    """Give the cost of leaving out each letter of a word."""
    costs = []
    for at, letter in enumerate(word):
        before, after = word[at - 1 : at], word[at + 1 : at + 2]
        if letter in (before, after):
            costs.append(_DOUBLED)
        elif at == 0:
            costs.append(1.0 + _FIRST)
        else:
            costs.append(_VOWEL_LEFT_OUT if letter in _VOWELS else 1.0)
    return tuple(costs)


def slip(typed: str, meant: str, most: float) -> float:
    """Give the cost of typing one word for another; above ``most`` it is only some more."""
    if typed == meant:
        return 0.0
    if abs(len(typed) - len(meant)) * _DOUBLED > most:
        return _FAR
    costs, extra, left_out = _neighbours(), _left_out(typed), _left_out(meant)
    last = len(meant)
    band = _BAND if most <= 1 else _BAND + 1  # so far apart are places that can be the same
    older: list[float] = []
    before = [0.0]
    for cost in left_out:
        before.append(before[-1] + cost)
    for i, left in enumerate(typed):
        row = [_FAR] * (last + 1)
        row[0] = before[0] + extra[i]
        for j in range(max(0, i - band), min(last, i + band + 1)):
            right = meant[j]
            cost = before[j]
            if left != right:
                cost += costs.get((left, right), 1.0)
                if i == 0 and j == 0:
                    cost += _FIRST if cost < 1 else _FAR
                if i and j and left == meant[j - 1] and typed[i - 1] == right:
                    cost = min(cost, older[j - 1] + _SWAPPED)
            row[j + 1] = min(cost, before[j + 1] + extra[i], row[j] + left_out[j])
        if min(row) > most:
            return _FAR
        older, before = before, row
    return before[last]


@cache
def _seen_trigrams() -> frozenset[str]:
    names = (name.replace(" ", "$$") for name in lexicon().spelled)
    listed = (f"${word}$" for word in (*known(), *names))
    return frozenset(word[at : at + 3] for word in listed for at in range(len(word) - 2))


def is_wordlike(word: str) -> bool:
    """Say whether a word is made as words of the lists are: ``tinder`` is, ``samsng`` is not."""
    marked = f"${word}$"
    return all(marked[at : at + 3] in _seen_trigrams() for at in range(len(marked) - 2))


def is_another_word(typed: str, meant: str, kind: Kind, cost: float) -> bool:
    """Say whether two words that look like words are two: ``tinder`` and ``tender``.

    A slip leaves something that no word looks like, or changes only how a sound is written.
    """
    if cost <= _ALIKE or len(typed) >= _APART or not is_wordlike(typed):
        return False
    if len(typed) <= _TINY:
        return True
    if sorted(typed) == sorted(meant):
        return False
    changed = len(typed) == len(meant)
    if kind is Kind.NAME:
        return changed and cost >= 1
    return changed or len(typed) < _SHORT


@cache
def names() -> dict[str, str]:
    """Give the names of the lists as they are typed, blanks left out, and how they are written."""
    found: dict[str, str] = {}
    for name, title in lexicon().spelled.items():
        found.setdefault(name.replace(" ", "").replace("-", ""), title)
    for spelling, name in brands().spellings.items():
        found.setdefault(spelling, brands().titles[name])
    return found


@dataclass(frozen=True, slots=True)
class _Listed:
    """A word of the lists, with what costs time to find out about it."""

    word: str
    letters: int
    kind: Kind
    sound: str
    most: float


@cache
def _listed() -> dict[str, tuple[_Listed, ...]]:
    """Give the words of the lists by their first letters."""
    found: dict[str, list[_Listed]] = {}
    for word in sorted({*known(), *names()}):
        if word.isalpha():
            kind = Kind.NAME if word in names() else Kind.WORD
            # A wrong spelling of a name is not missed again by much.
            most = _ALIKE if kind is Kind.NAME and known().get(word, word) != word else _FAR
            listed = _Listed(word, _letters(word), kind, sound(word), most)
            found.setdefault(word[0], []).append(listed)
    return {letter: tuple(row) for letter, row in found.items()}


@cache
def _first_letters(letter: str) -> frozenset[str]:
    """Give the letters that a word may begin with that was typed with this one."""
    return frozenset({letter} | {right for left, right in _neighbours() if left == letter})


def _letters(word: str) -> int:
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 31)
    return mask


@dataclass(frozen=True, slots=True)
class Slip:
    """A word of the lists that a typed one may be: what it costs, whether it can be no other."""

    word: str
    cost: float
    kind: Kind
    sure: bool


def listed_near(typed: str) -> list[Slip]:
    """Give the words of the lists that a typed word may be."""
    found = []
    own, heard = _letters(typed), sound(typed)
    limits = {kind: forgiven(len(typed), kind) for kind in Kind}
    most = int(limits[Kind.NAME]) * 2 + 1
    # A slip or two leave one end of a word alone, which is cheap to look at.
    kept = max(1, len(typed) // 2 - 1) if limits[Kind.NAME] <= 1 else len(typed) // 3
    head, tail = typed[:kept], typed[-kept:]
    for letter in {*_first_letters(typed[0]), typed[1:2]}:
        for listed in _listed().get(letter, ()):
            word, kind = listed.word, listed.kind
            apart = (listed.letters ^ own).bit_count()
            if apart > most or not -most <= len(word) - len(typed) <= most:
                continue
            limit = min(limits[kind], listed.most)
            if not limit:
                continue
            close = apart <= limit * 4 and (word.startswith(head) or word.endswith(tail))
            cost = slip(typed, word, limit) if close else _FAR
            if cost > limit and kind is Kind.NAME and letter == typed[0] and listed.sound == heard:
                cost = limit if len(heard) >= _HEARD_LETTERS else _FAR
            if cost <= limit:
                sure = not is_another_word(typed, word, kind, cost)
                found.append(Slip(word, cost, kind, sure))
    return found
