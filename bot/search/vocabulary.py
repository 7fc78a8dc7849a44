"""The words of the archive, and those near a word that is not among them.

The words live in the index itself, as small documents: they are committed with the articles,
need no start-up, and tantivy's automaton finds what is near without scanning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.az.tokens import brands, known
from bot.az.topics import lexicon

if TYPE_CHECKING:
    from tantivy import Schema, Searcher

_MANY = 400  # near words looked at
_SHORTEST = 4  # shorter words have too many neighbours
_LONG = 7  # from here on two slips are one word still
_DOMINANT = 12  # so many times as frequent is the one word that is meant
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


def sound(word: str) -> str:
    """Give how a word sounds, roughly: ``dipsek`` and ``deepseek`` are one."""
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word


@dataclass(frozen=True, slots=True)
class Near:
    """A word near another: how it is shown, how far it is, in how many articles it stands."""

    term: str
    shown: str
    distance: float
    articles: int


def distance(a: str, b: str, most: int) -> int:
    """Give the edits between two words (a swap of neighbours is one), ``most + 1`` at the most."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    older: list[int] = []
    before = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        older, before = before, row
    return before[-1]


class Vocabulary:
    """The words of an index."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        """Take the index as it is now."""
        self._schema = schema
        self._searcher = searcher

    def articles(self, term: str) -> int:
        """Give the number of articles in which a token or a concept stands."""
        return self._searcher.doc_freq("body", term)

    def near(self, word: str) -> list[Near]:
        """Give the words near one that is in no article, the nearest first."""
        from tantivy import Query  # noqa: PLC0415 - 20 MiB that only a search needs

        if len(word) < _SHORTEST or word[0].isdigit():
            return []
        most = 2 if len(word) >= _LONG else 1
        found: dict[str, Near] = {}
        heard = sound(word)
        queries = [
            Query.fuzzy_term_query(self._schema, "word", word, distance=most),
            Query.term_query(self._schema, "sound", heard),
        ]
        for query in queries:
            for _score, address in self._searcher.search(query, _MANY, count=False).hits:
                document = self._searcher.doc(address)
                term = document.get_first("word") or ""
                shown = document.get_first("shown") or term
                self._consider(found, word, heard, (term, shown))
        for name, title in brands().titles.items():
            if abs(len(name) - len(word)) <= most + 1 and name not in found:
                self._consider(found, word, heard, (name, title))
        return sorted(found.values(), key=lambda near: (near.distance, -near.articles))

    def _consider(
        self, found: dict[str, Near], word: str, heard: str, candidate: tuple[str, str]
    ) -> None:
        term, shown = candidate
        if not term or term[0].isdigit() or len(term) < _SHORTEST - 1:
            return
        most = 2 if len(word) >= _LONG else 1
        apart: float = distance(word, term, most)
        if sound(term) == heard and len(heard) >= _SHORTEST - 1:
            apart = min(apart, 0.5 if term[0] == word[0] else 1)
        elif word[0] != term[0]:
            apart += 0.5
        if apart > most:
            return
        shown = lexicon().spelled.get(term, shown)
        found[term] = Near(term, shown, apart, self.articles(term))


def is_listed(term: str) -> bool:
    """Say whether a word is known to be a word, so that it is never read as another."""
    return term in known()


def meant(near: list[Near]) -> Near | None:
    """Give the one word that can be meant, or ``None`` where there are two or none."""
    if not near:
        return None
    first = near[0]
    rivals = [other for other in near[1:] if other.distance <= first.distance]
    if all(first.articles >= _DOMINANT * max(other.articles, 1) for other in rivals):
        return first
    return None
