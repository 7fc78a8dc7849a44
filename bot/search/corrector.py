"""Unknown words of a query, read as what was meant. Pure but for the vocabulary it asks.

word in no article -> parts of a known word, or a known word and its neighbour -> the one near
word there is -> else near words to offer. A word that the lists know is never read as another:
a topic without news has an honest answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.az.lexicon import CONCEPT
from bot.search.analyser import topic_title
from bot.search.query import Clause, parse
from bot.search.vocabulary import is_listed, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.search.vocabulary import Vocabulary

_SPELLINGS = 3
_SHORTEST_PART = 3


@dataclass(slots=True)
class _Reading:
    """What has been read so far: terms, how they are shown, what could be offered instead."""

    terms: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    changed: bool = False

    def take(self, terms: tuple[str, ...], shown: str | None = None) -> None:
        self.terms.extend(terms)
        self.shown.append(shown or " ".join(terms).removeprefix(CONCEPT).replace("_", " "))
        self.changed = self.changed or shown is not None


def correct(
    clauses: tuple[Clause, ...], vocabulary: Vocabulary
) -> tuple[tuple[Clause, ...], str | None, tuple[str, ...]]:
    """Give the clauses with unknown words read as meant, that reading, and words to offer."""
    corrected: list[Clause] = []
    reading = _Reading()
    for clause in _joined(clauses, vocabulary):
        reading.terms = []
        for term in clause.terms:
            _read(term, reading, vocabulary)
        corrected.append(Clause(tuple(reading.terms)))
    suggestion = topic_title(" ".join(reading.shown)) if reading.changed else None
    if suggestion is not None and len(corrected) > 1:
        corrected = list(parse(suggestion))  # together the words may name a topic
    return tuple(corrected), suggestion, tuple(dict.fromkeys(reading.offered))[:_SPELLINGS]


def _read(term: str, reading: _Reading, vocabulary: Vocabulary) -> None:
    if Clause((term,)).is_concept or vocabulary.articles(term):
        reading.take((term,))
        return
    near = vocabulary.near(term)
    if is_listed(term):
        made = vocabulary.derived(term)
        if made:  # nothing on a fine, but on who was fined: cərimə, cərimələdi
            reading.take((made[0].term,), made[0].shown)
            return
        reading.offered.extend(other.shown for other in near if other.term != term)
        reading.take((term,))
        return
    parts = max(_splits(term, vocabulary), default=None)
    if parts is not None:
        reading.take(parts[1], " ".join(parts[1]))
        return
    one = meant(near)
    if one is None:
        reading.offered.extend(other.shown for other in near)
        reading.take((term,))
    else:
        reading.take((one.term,), one.shown)


def _splits(term: str, vocabulary: Vocabulary) -> Iterator[tuple[int, tuple[str, str]]]:
    """Give how a word falls into two that stand in articles, and in how many the rarer one does."""
    for place in range(_SHORTEST_PART, len(term) - _SHORTEST_PART + 1):
        parts = term[:place], term[place:]
        if not all(is_listed(part) for part in parts):
            continue  # any word of the archive would do for a typing error: kos + mos
        articles = min(vocabulary.articles(part) for part in parts)
        if articles:
            yield articles, parts


def _joined(clauses: tuple[Clause, ...], vocabulary: Vocabulary) -> list[Clause]:
    """Make one of two neighbours that only together are a word of the archive."""
    result: list[Clause] = []
    for clause in clauses:
        if result and len(clause.terms) == len(result[-1].terms) == 1:
            before, term = result[-1].terms[0], clause.terms[0]
            known = vocabulary.articles(before) and vocabulary.articles(term)
            if not known and vocabulary.articles(before + term):
                result[-1] = Clause((before + term,))
                continue
        result.append(clause)
    return result
