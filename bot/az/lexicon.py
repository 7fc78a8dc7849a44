"""The topics of the field, their names and the ways they are written (``data``). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bot.az import wordlists
from bot.az.letters import fold
from bot.az.tokens import brands, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

CONCEPT = "#"  # begins a unit that is a concept; no token does


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a concept: its tokens; ``written`` where capitals must be as they stand.

    In the lists ``AI!`` is such a name, ``ai?`` one that only counts when somebody asks, and
    ``-maşın öyrənməsi`` a phrase in which no other name of the concept counts.
    """

    tokens: tuple[str, ...]
    concept: str
    written: str | None = None
    asked_only: bool = False
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A topic of the lexicon: its ``key``, how it is written, where it belongs."""

    key: str
    title: str
    section: str
    offered: bool = False
    related: tuple[str, ...] = ()


class Lexicon:
    """The topics of the field, their names and the ways they are written (``data``)."""

    def __init__(self) -> None:
        """Read ``topics.txt``, ``synonyms.txt`` and ``narrower.txt``."""
        self.entries: dict[str, Entry] = {}
        self.spelled: dict[str, str] = {}
        self.names: dict[str, list[Name]] = {}
        self.guarded: set[str] = set()
        self.parts: set[str] = set()
        section = ""
        for line in wordlists.lines("topics.txt"):
            if line.startswith("["):
                section = line.strip("[]")
                continue
            self._entry(line, section)
        for line in wordlists.lines("synonyms.txt"):
            first, *others = (part.strip() for part in re.split("[=;]", line) if part.strip())
            self._names(_concept(first), [first, *others])
        for row in self.names.values():
            row.sort(key=lambda name: -len(name.tokens))
        self.narrower: dict[str, tuple[str, ...]] = {}
        for line in wordlists.lines("narrower.txt"):
            broad, _, narrow = line.partition("=")
            self.narrower[broad.strip()] = tuple(part.strip() for part in narrow.split(";"))
        for name, title in brands().titles.items():
            self.spelled.setdefault(name, title)

    def _entry(self, line: str, section: str) -> None:
        line, _, related = line.partition("->")
        title, _, rest = line.partition("=")
        title = title.strip().removeprefix("*").strip()
        names = [title, *filter(None, (part.strip() for part in rest.split(";")))]
        forms = {tuple(tokens(name.rstrip("!?"))) for name in names}
        form = min(forms)
        numbered = any(term.isdigit() for term in form)
        plain = len(forms) == 1 and (len(form) == 1 or numbered)
        key = " ".join(form) if plain else fold(title)
        self.entries[key] = Entry(
            key=key,
            title=title,
            section=section,
            offered=line.startswith("*"),
            related=tuple(part.strip() for part in related.split(";") if part.strip()),
        )
        for name in names:
            if not name.endswith(("!", "?")) and not name.startswith("-"):
                self.spelled.setdefault(fold(name), name)
        if not plain:  # a word, or a name and its number, needs no concept beside its tokens
            self._names(_concept(title), names)

    def _names(self, concept: str, names: Sequence[str]) -> None:
        for name in names:
            bare = name.rstrip("!?").removeprefix("-")
            terms = tuple(tokens(bare))
            if not terms:
                continue
            guarded = name.endswith(("!", "?"))
            if guarded:
                self.guarded.add(bare)
            self.parts.update(terms)
            row = self.names.setdefault(terms[0], [])
            row.append(
                Name(
                    terms,
                    concept,
                    written=bare if guarded else None,
                    asked_only=name.endswith("?"),
                    barred=name.startswith("-"),
                )
            )


def _concept(title: str) -> str:
    return CONCEPT + fold(title).replace(" ", "_")


@cache
def lexicon() -> Lexicon:
    """Give the lexicon, read once."""
    return Lexicon()
