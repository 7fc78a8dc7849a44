"""Unknown words of a query, read as what was meant. Pure but for the vocabulary it asks.

word in no article -> parts of a known word, or a known word and its neighbour -> the one near
word there is -> else near words to offer. A word that the lists know is never read as another:
a topic without news has an honest answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.az.lexicon import CONCEPT
from bot.az.tokens import terms_of, words
from bot.search.analyser import topic_title
from bot.search.query import Clause, parse
from bot.search.vocabulary import is_listed, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.search.vocabulary import Vocabulary

_SPELLINGS = 3
_SHORTEST_PART = 3
_MAX_CHARS = 500  # what is longer is no slip of the blank


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
    for clause in clauses:
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


def joined(text: str, vocabulary: Vocabulary) -> str:
    """Give a query with neighbours made one that only together are a word: ``penta qon``."""
    result: list[str] = []
    for word in words(text[:_MAX_CHARS]):
        if result and not (_is_read(result[-1], vocabulary) and _is_read(word, vocabulary)):
            whole = terms_of(result[-1] + word)
            if len(whole) == 1 and vocabulary.articles(whole[0]):
                result[-1] += word
                continue
        result.append(word)
    return " ".join(result)


def _is_read(word: str, vocabulary: Vocabulary) -> bool:
    """Say whether a word as written stands in an article, or is known to be a word."""
    return all(vocabulary.articles(term) or is_listed(term) for term in terms_of(word))
