"""Unknown words of a query, read as what was meant. Pure but for the vocabulary it asks.

word in no article -> parts of a known word, or a known word and its neighbour -> the one near
word there is -> else near words to offer. A word that the lists know is never read as another:
a topic without news has an honest answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.az.letters import fold
from bot.az.lexicon import CONCEPT
from bot.az.tokens import respelled, terms_of, words
from bot.az.topics import is_idle
from bot.search.analyser import topic_title
from bot.search.query import Clause, parse, plain_text
from bot.search.vocabulary import is_listed, meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.search.vocabulary import Vocabulary

_SPELLINGS = 3
_SHORTEST_PART = 3
_MAX_CHARS = 500  # what is longer is no slip of the blank
_MAX_WORD = 40
_PHRASE_WORDS = 4
_MAX_WORDS = 12  # of a longer query the first so many are read


def correct(
    query: str, clauses: tuple[Clause, ...], vocabulary: Vocabulary
) -> tuple[tuple[Clause, ...], str | None, tuple[str, ...]]:
    """Give the clauses with unknown words read as meant, that reading, and words to offer."""
    unknown = {
        term
        for clause in clauses
        for term in clause.terms
        if not clause.is_concept and not vocabulary.articles(term)
    }
    asked = words(plain_text(query)[:_MAX_CHARS])[:_MAX_WORDS]
    if unknown and 1 < len(asked) <= _PHRASE_WORDS and not all(map(is_listed, unknown)):
        title = vocabulary.phrase([fold(word) for word in asked])
        if title is not None:
            return parse(title), title, ()
    reading: list[str] = []
    offered: list[str] = []
    changed = False
    for word in asked:
        terms = terms_of(word)
        if terms and all(map(is_idle, terms)):
            continue
        meant_by = respelled(word)
        if len(terms) == 1 and terms[0] in unknown and meant_by is None:
            meant_by, others = _read(word, terms[0], vocabulary)
            offered.extend(others)
        reading.append(meant_by or word)
        changed = changed or meant_by is not None
    spellings = tuple(dict.fromkeys(offered))[:_SPELLINGS]
    if not changed:
        return clauses, None, spellings
    suggestion = topic_title(" ".join(reading))
    return (parse(suggestion) or clauses) if unknown else clauses, suggestion, spellings


def _read(word: str, term: str, vocabulary: Vocabulary) -> tuple[str | None, Sequence[str]]:
    """Give how an unknown word is read, or else what could be offered instead."""
    if is_listed(term) or is_listed(fold(word)):
        made = vocabulary.derived(term)  # nothing on a fine, but on who was fined: cərimələdi
        return (made[0].shown, ()) if made else (None, ())
    parts = max(_splits(word[:_MAX_WORD], vocabulary), default=None)
    if parts is not None:
        return " ".join(parts[1]), ()
    near = vocabulary.near(fold(word))
    one = meant(near)
    return (one.shown, ()) if one else (None, [other.shown for other in near])


def _splits(word: str, vocabulary: Vocabulary) -> Iterator[tuple[int, tuple[str, str]]]:
    """Give how a word falls into two that stand in articles, and in how many the rarer one does."""
    for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        parts = word[:place], word[place:]
        terms = (*terms_of(parts[0]), *terms_of(parts[1]))
        if not all(map(is_listed, terms)):
            continue  # any word of the archive would do for a typing error: kos + mos
        articles = min(map(vocabulary.articles, terms))
        if articles and len(terms) > 1 and vocabulary.are_in_a_row(terms):
            yield articles, parts


def widened(clauses: tuple[Clause, ...], vocabulary: Vocabulary) -> tuple[Clause, ...]:
    """Give the clauses with words that are made from theirs: who was fined paid a fine.

    Nothing where no word has any.
    """
    wider = tuple(
        Clause(clause.terms, tuple(near.term for near in vocabulary.derived(word)))
        if (word := _only_word(clause))
        else clause
        for clause in clauses
    )
    return wider if any(clause.others for clause in wider) else ()


def _only_word(clause: Clause) -> str:
    """Give the word that a clause asks for, ``""`` where it asks for several in a row."""
    word = clause.terms[0].removeprefix(CONCEPT)
    return "" if clause.is_phrase or "_" in word else word


def joined(text: str, vocabulary: Vocabulary, *, known_too: bool = False) -> str:
    """Give a query with neighbours made one that only together are a word: ``penta qon``.

    ``known_too``: also where each is a word of its own, as in ``smart fon``.
    """
    result: list[str] = []
    for word in words(plain_text(text)[:_MAX_CHARS])[:_MAX_WORDS]:
        if result and (
            known_too or not (_is_read(result[-1], vocabulary) and _is_read(word, vocabulary))
        ):
            whole = terms_of(result[-1] + word)
            if len(whole) == 1 and vocabulary.articles(whole[0]):
                result[-1] += word
                continue
        result.append(word)
    return " ".join(result)


def _is_read(word: str, vocabulary: Vocabulary) -> bool:
    """Say whether a word as written stands in an article, or is known to be a word."""
    return all(vocabulary.articles(term) or is_listed(term) for term in terms_of(word))
