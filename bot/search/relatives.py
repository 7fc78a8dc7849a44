"""Related stories: the nearest articles by content, the same story left out."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from bot.az.lexicon import CONCEPT
from bot.az.tokens import brands
from bot.az.topics import is_idle, read
from bot.search.analyser import own_text

if TYPE_CHECKING:
    from tantivy import Query, Schema, Searcher

    from bot.models import StoredArticle

_TERMS = 10
_LEAD_TOKENS = 80
_TITLE_WEIGHT, _NAME_WEIGHT = 3.0, 2.0
_COMMON = 0.04  # a word in more than this share of the articles says nothing
_FEW = 50  # so few articles are never too many
_SAME = 0.6  # so much of two titles in common: one story
_NEAR_ENOUGH = 2.0  # times the best term's weight, which a hit's score multiplies by its BM25
_LOOKED_AT = 6  # times the limit


class Relatives:
    """Finds the neighbours of an article in an index as it is now."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        """Take the index as it is now."""
        self._schema = schema
        self._searcher = searcher

    def find(self, article: StoredArticle, limit: int) -> list[int]:
        """Give ids, the nearest first; two that tell one story are one."""
        from tantivy import Occur, Query  # noqa: PLC0415 - only an open index needs it

        terms = self._telling(article)
        parts = [
            (Occur.Should, Query.boost_query(self._term(field, term), weight))
            for term, weight in terms
            for field in ("body", "title")
        ]
        told = [_story(article.article.title)]
        # An article that shares the one name that a story is about is near as well as one
        # that shares many words, so the scores decide; a single common word is too little.
        query = Query.boolean_query(parts) if parts else Query.empty_query()
        least = max((weight for _term, weight in terms), default=0.0) * _NEAR_ENOUGH
        return self._different(query, article.id, told, limit, least) or self._different(
            query, article.id, told, limit, 0.0
        )

    def _term(self, field: str, term: str) -> Query:
        from tantivy import Query  # noqa: PLC0415

        return Query.term_query(self._schema, field, term)

    def _different(
        self, query: Query, own: int, told: list[frozenset[str]], limit: int, least: float
    ) -> list[int]:
        hits = self._searcher.search(query, limit * _LOOKED_AT, count=False).hits
        addresses = [address for score, address in hits if score >= least]
        if not addresses:
            return []
        told = list(told)
        ids = self._searcher.fast_field_values("id", addresses)
        found: list[int] = []
        for number, address in zip(ids, addresses, strict=True):
            if number is None or int(number) == own:
                continue
            title = self._searcher.doc(address).get_first("title") or ""
            story = frozenset(term for term in title.split() if not term.startswith(CONCEPT))
            if any(_is_same(story, other) for other in told):
                continue
            told.append(story)
            found.append(int(number))
            if len(found) == limit:
                break
        return found

    def _telling(self, stored: StoredArticle) -> list[tuple[str, float]]:
        """Give the terms that tell most about an article, each with its weight."""
        weights: dict[str, float] = {}
        article = stored.article
        for text, weight in ((article.title, _TITLE_WEIGHT), (own_text(article), 1.0)):
            reading = read(text)
            told = {at for start, end, _concept in reading.concepts for at in range(start, end)}
            for place, term in enumerate(reading.tokens[:_LEAD_TOKENS]):
                if place not in told and len(term) > 1 and not is_idle(term):
                    named = _NAME_WEIGHT if term in brands().names else 1.0
                    weights[term] = weights.get(term, 0) + weight * named
            for start, _end, concept in reading.concepts:
                if start < _LEAD_TOKENS:
                    weights[concept] = weights.get(concept, 0) + weight * _NAME_WEIGHT
        articles = max(self._searcher.num_docs, 1)
        telling: list[tuple[str, float]] = []
        for term, weight in weights.items():
            count = self._searcher.doc_freq("body", term)
            if count and (count <= articles * _COMMON or count <= _FEW):
                telling.append((term, (1 + log(weight)) * log(1 + articles / count)))
        telling.sort(key=lambda pair: -pair[1])
        return telling[:_TERMS]


def _story(title: str) -> frozenset[str]:
    return frozenset(read(title).tokens)


def _is_same(a: frozenset[str], b: frozenset[str]) -> bool:
    both = len(a & b)
    return both >= _SAME * max(1, min(len(a), len(b))) and both >= _SAME * 0.75 * max(
        len(a), len(b)
    )
