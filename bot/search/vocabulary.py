"""The words of the archive, and those near a word that is not among them.

The words live in the index itself, as small documents: they are committed with the articles,
need no start-up, and tantivy's automaton finds what is near without scanning. What the word
lists know is near as well, in the archive or not: it is what the word may be instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.az.lexicon import CONCEPT, lexicon
from bot.az.stem import readings
from bot.az.tokens import known, terms_of, written
from bot.az.topics import pattern
from bot.search.slips import Kind, Slip, forgiven, is_another_word, listed_near, names, slip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tantivy import Schema, Searcher

_MANY = 200  # near words looked at
_SHORTEST = 4  # shorter words have too many neighbours
_SHORTEST_SEEN = 5
_SHORTEST_PHRASE = 7
_LONG = 8  # from here on two slips are one word still
_MANY_CUT = 2
_CUT = 0.1  # a reading without its ending, or as its stem, is a little further
_DERIVED = 0.9  # kibertəhlükə and kibertəhlükəsizlik: no slip, and not the same word either
_DERIVATIONS = re.compile(
    "[aeiu]?(?:l[iu][kq]|c[iu]|l[iu]|s[iu]z|s[iu]zl[iu]k|c[iu]l[iu]k|l[ae](?:n|s|d|t)?[a-z]{0,4})"
)
_MADE = re.compile("(?:[lc][iu][kqgy]?|s[iu]z){1,3}")
_MANY_DERIVED = 40
_MARGIN = 0.3  # costs that differ by less are equals
_DOMINANT = 12  # so many times as frequent is the one word that is meant


@dataclass(frozen=True, slots=True)
class Near:
    """A word near another: how it is shown, how far it is, in how many articles it stands.

    Not ``sure`` where the two may as well be two words of the language.
    """

    term: str
    shown: str
    distance: float
    articles: int
    sure: bool = True


class Vocabulary:
    """The words of an index."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        """Take the index as it is now."""
        self._schema = schema
        self._searcher = searcher

    def articles(self, term: str) -> int:
        """Give the number of articles in which a token or a concept stands."""
        return self._searcher.doc_freq("body", term)

    def are_in_a_row(self, terms: Sequence[str]) -> bool:
        """Say whether some article has the terms one behind the other."""
        from tantivy import Query  # noqa: PLC0415

        query = Query.phrase_query(self._schema, "body", list(terms))
        return bool(self._searcher.search(query, 1, count=False).hits)

    def near(self, word: str) -> list[Near]:
        """Give the words near a folded one as it was typed, the nearest first."""
        if len(word) < _SHORTEST or not word.isalpha():
            return []
        found: dict[str, Near] = {}
        for typed, cut in _typed(word):
            for slipped in listed_near(typed):
                self._take(found, self._listed(slipped, slipped.cost + cut))
            for near in self._seen(typed, cut):
                self._take(found, near)
        for derived in self.derived(terms_of(word)[0]):
            found.setdefault(derived.term, derived)
        return sorted(found.values(), key=lambda near: (near.distance, -near.articles, near.term))

    @staticmethod
    def _take(found: dict[str, Near], near: Near) -> None:
        other = found.get(near.term)
        if other is None or near.distance < other.distance:
            found[near.term] = near

    def _listed(self, slipped: Slip, cost: float) -> Near:
        title = names().get(slipped.word)
        if title is None:
            term = known()[slipped.word]
            shown = written().get(term, term)
            return Near(term, shown, cost, self.articles(term), slipped.sure)
        units = pattern(title).units
        articles = min(map(self.articles, units), default=0)
        return Near(" ".join(units), title, cost, articles, slipped.sure)

    def phrase(self, words: Sequence[str]) -> str | None:
        """Give the name of several words that folded ones are, but for a slip: ``ilon maks``."""
        typed = "".join(words)
        if len(typed) < _SHORTEST_PHRASE or not typed.isalpha():
            return None
        near = {
            pattern(title).key: title
            for slipped in sorted(listed_near(typed), key=lambda slipped: -slipped.cost)
            if 0 < slipped.cost <= 1 and len((title := names().get(slipped.word, "")).split()) > 1
        }
        return next(iter(near.values())) if len(near) == 1 else None

    def _seen(self, typed: str, cut: float) -> list[Near]:
        """Give words of the archive that no list has."""
        from tantivy import Query  # noqa: PLC0415 - 20 MiB that only an open index needs

        if len(typed) < _SHORTEST_SEEN:
            return []
        limit = forgiven(len(typed), Kind.SEEN)
        edits = 2 if len(typed) >= _LONG else 1
        query = Query.fuzzy_term_query(self._schema, "word", typed, distance=edits)
        found = []
        for _score, address in self._searcher.search(query, _MANY, count=False).hits:
            document = self._searcher.doc(address)
            term = document.get_first("word") or ""
            if not term.isalpha() or term in known() or term in names():
                continue
            cost = slip(typed, term, limit)
            if cost <= limit:
                shown = document.get_first("shown") or term
                shown = lexicon().spelled.get(term, shown)
                sure = not is_another_word(typed, term, Kind.SEEN, cost)
                found.append(Near(term, shown, cost + cut, self.articles(term), sure))
        return found

    def derived(self, word: str) -> list[Near]:
        """Give words of the archive that are made from this one, the commonest first."""
        if len(word) < _SHORTEST_SEEN:
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

        if term in lexicon().spelled:
            return lexicon().spelled[term]
        query = Query.term_query(self._schema, "word", term)
        for _score, address in self._searcher.search(query, 1, count=False).hits:
            return self._searcher.doc(address).get_first("shown") or term
        return term


def _typed(word: str) -> list[tuple[str, float]]:
    """Give what may have been typed: the word as it stands, and without what ends it."""
    ends = {terms_of(word)[0], *readings(word)} - {word}
    short = sorted((end for end in ends if len(end) >= _SHORTEST and end.isalpha()), key=len)
    return [(word, 0.0), *((end, _CUT) for end in {*short[:1], *short[-_MANY_CUT:]})]


def is_listed(term: str) -> bool:
    """Say whether a word is known to be a word, so that it is never read as another.

    So is what is made from a known one: ``balıqçılıq``, ``kitabsızlıq``.
    """
    if term in known() or term in lexicon().parts:
        return True
    return any(
        term[:at] in known() and _MADE.fullmatch(term[at:]) for at in range(3, len(term) - 1)
    )


def meant(near: list[Near]) -> Near | None:
    """Give the one word that can be meant, or ``None`` where there are two or none."""
    near = [other for other in near if other.sure]
    if not near or not near[0].articles:
        here = [other for other in near if other.articles]
        if not here or here[0].distance > near[0].distance + _CUT:
            return None
        near = here
    first = near[0]
    rivals = [
        other
        for other in near[1:]
        if other.distance < first.distance + _MARGIN
        and other.articles
        and not _is_form(other.term, first.term)
    ]
    if all(first.articles >= _DOMINANT * other.articles for other in rivals):
        return first
    return None


def _is_form(one: str, other: str) -> bool:
    """Say whether two words are one in two forms: ``limani`` and ``liman``."""
    one, other = one.removeprefix(CONCEPT), other.removeprefix(CONCEPT)
    return one.startswith(other) or other.startswith(one)
