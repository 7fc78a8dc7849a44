"""What a query asks for. Pure.

text -> the topic it names (``bot.az.topics.pattern``) -> clauses, each a word, a concept or a
phrase -> what may be given up where all together find nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bot.az.lexicon import CONCEPT, lexicon
from bot.az.tokens import tokens
from bot.az.topics import is_idle, pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAG = re.compile(
    r"</?(?:a|b|i|u|s|p|br|em|h[1-6]|li|ul|ol|td|tr|th|div|pre|img|del|ins|sub|sup|code|span|"
    r"style|table|strong|script|iframe|blockquote)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_FEWEST = 3  # of so many clauses one may be given up
_MAX_CHARS, _MAX_CLAUSES = 2000, 12


@dataclass(frozen=True, slots=True)
class Clause:
    """What must stand in an article: one term or what is made from it, or several in a row."""

    terms: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def is_phrase(self) -> bool:
        """Whether the terms must stand in a row."""
        return len(self.terms) > 1

    @property
    def is_concept(self) -> bool:
        """Whether this is a lexicon topic in any of its names."""
        return self.terms[0].startswith(CONCEPT)


def plain_text(text: str) -> str:
    """Give a query without HTML tags, which are no words of it."""
    return _TAG.sub(" ", text[:_MAX_CHARS])


def parse(text: str) -> tuple[Clause, ...]:
    """Give the clauses of a query. Operators, quotes and HTML in it are only text."""
    asked = pattern(" ".join(plain_text(text).split()))
    clauses: list[list[str]] = []
    for unit, tied in zip(asked.units, asked.tied, strict=True):
        if tied and clauses and not clauses[-1][-1].startswith(CONCEPT):
            clauses[-1].append(unit)
        else:
            clauses.append([unit])
    return tuple(dict.fromkeys(Clause(tuple(terms)) for terms in clauses))


def spelled_out(text: str) -> tuple[Clause, ...]:
    """Give the words of a query that names a topic by several words, each as a clause.

    Where nothing is said about ``haker hücumu`` by that name, hackers may still attack.
    """
    units = [term for term in tokens(plain_text(text)) if not is_idle(term)]
    if len(units) < _FEWEST - 1 or any(len(unit) < _FEWEST or unit.isdigit() for unit in units):
        return ()
    return tuple(dict.fromkeys(Clause((unit,)) for unit in units[:_MAX_CLAUSES]))


@cache
def _narrower() -> dict[tuple[str, ...], tuple[Clause, ...]]:
    return {
        parse(broad)[0].terms: tuple(clause for title in narrow for clause in parse(title)[:1])
        for broad, narrow in lexicon().narrower.items()
    }


def narrower(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Give what belongs to the one broad topic that is asked for: OpenAI made ChatGPT."""
    return _narrower().get(clauses[0].terms, ()) if len(clauses) == 1 else ()


def relaxed(clauses: tuple[Clause, ...], articles: Mapping[Clause, int]) -> tuple[Clause, ...]:
    """Give the clauses without the commonest word, or nothing where giving up would be lying.

    Names, numbers, concepts and the rarest word are what a query is about: they stay.
    """
    if len(clauses) < _FEWEST:
        return ()
    plain = [
        clause
        for clause in clauses
        if not clause.is_phrase and not clause.is_concept and not clause.terms[0].isdigit()
    ]
    rarest = min(clauses, key=lambda clause: articles.get(clause, 0))
    spare = [clause for clause in plain if clause != rarest and articles.get(clause, 0)]
    if not spare:
        return ()
    given_up = max(spare, key=lambda clause: articles.get(clause, 0))
    return tuple(clause for clause in clauses if clause != given_up)
