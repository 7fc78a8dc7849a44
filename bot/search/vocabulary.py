"""The words of the archive, and those near a word that is not among them.

The words live in the index itself, as small documents: they are committed with the articles,
need no start-up, and tantivy's automaton finds what is near without scanning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bot.az.lexicon import lexicon
from bot.az.tokens import brands, known

if TYPE_CHECKING:
    from tantivy import Schema, Searcher

_VOWELS = frozenset("aeiou")
_MANY = 400  # near words looked at
_SHORTEST = 4  # shorter words have too many neighbours
_SHORTEST_SLIP = 5  # a slip in a shorter word makes another word; its sound may still tell
_LONG = 8  # from here on two slips are one word still, if it sounds alike
_DERIVED = 0.7  # kibertəhlükə and kibertəhlükəsizlik: no slip, and not the same word either
_DERIVATIONS = re.compile(
    "[aeiu]?(?:l[iu][kq]|c[iu]|l[iu]|s[iu]z|s[iu]zl[iu]k|c[iu]l[iu]k|l[ae](?:n|s|d|t)?[a-z]{0,4})"
)
_MANY_DERIVED = 40
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


@cache
def _sounds_of_brands() -> dict[str, str]:
    return {name: sound(name) for name in brands().titles}


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
        from tantivy import Query  # noqa: PLC0415 - 20 MiB that only an open index needs

        if len(word) < _SHORTEST or word[0].isdigit():
            return []
        heard = sound(word)
        queries = [Query.term_query(self._schema, "sound", heard)]
        if len(word) >= _SHORTEST_SLIP:
            most = _most(word)
            queries.append(Query.fuzzy_term_query(self._schema, "word", word, distance=most))
        candidates: dict[str, str] = {}
        for query in queries:
            for _score, address in self._searcher.search(query, _MANY, count=False).hits:
                document = self._searcher.doc(address)
                term = document.get_first("word") or ""
                candidates[term] = document.get_first("shown") or term
        sounds = _sounds_of_brands()
        candidates |= {
            name: title
            for name, title in brands().titles.items()
            if name[0] == word[0] or sounds[name] == heard
        }
        found = {
            term: Near(term, lexicon().spelled.get(term, shown), apart, self.articles(term))
            for term, shown in candidates.items()
            if (apart := _apart(word, heard, term)) is not None
        }
        for derived in self.derived(word):
            found.setdefault(derived.term, derived)
        return sorted(found.values(), key=lambda near: (near.distance, -near.articles))

    def derived(self, word: str) -> list[Near]:
        """Give words of the archive that are made from this one, the commonest first."""
        if len(word) < _SHORTEST_SLIP:
            return []
        longer = self._searcher.terms_with_prefix("body", word, limit=_MANY_DERIVED)
        made = [
            Near(term, self._shown(term), _DERIVED, self.articles(term))
            for term, _articles in longer
            if _DERIVATIONS.fullmatch(term[len(word) :])
        ]
        return sorted(made, key=lambda near: -near.articles)

    def _shown(self, term: str) -> str:
        from tantivy import Query  # noqa: PLC0415

        query = Query.term_query(self._schema, "word", term)
        for _score, address in self._searcher.search(query, 1, count=False).hits:
            return self._searcher.doc(address).get_first("shown") or term
        return term


def _most(word: str) -> int:
    return 2 if len(word) >= _LONG else 1


def _apart(word: str, heard: str, term: str) -> float | None:
    """Give how far a term is from a word that sounds like ``heard``; ``None``: not near."""
    most = _most(word)
    if len(term) < _SHORTEST - 1 or term[0].isdigit() or abs(len(term) - len(word)) > most + 1:
        return None
    sounds = sound(term)
    if sounds == heard and len(heard) >= _SHORTEST:
        return 0.5 if term[0] == word[0] else 1.0
    if len(word) < _SHORTEST_SLIP:
        return None
    # The stem of an unknown word has lost its last vowel: kripotvalyut, kriptovalyuta.
    bare = term[:-1] if term[-1] in _VOWELS and word[-1] not in _VOWELS else term
    sounds = sound(bare)
    edits = min(distance(word, term, most), distance(word, bare, most))
    if edits > most or (edits > 1 and distance(sounds, heard, 1) > 1):
        return None
    return edits if term[0] == word[0] else edits + 0.5 if edits == 1 else None


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
