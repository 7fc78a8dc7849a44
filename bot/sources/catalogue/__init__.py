"""The catalogue of sources, as data (``sources.toml`` beside this file, which says its keys).

A source that it knows is one line of configuration: its name.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Entry:
    """A source that a newsroom would name."""

    name: str
    url: str
    kind: str = ""
    language: str = ""
    profile: str = ""
    note: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """The keys of ``[[sources]]`` that it fills in."""
        keys = {"url": self.url, "kind": self.kind, "language": self.language}
        keys["profile"] = self.profile
        return {key: value for key, value in keys.items() if value}


@lru_cache(maxsize=1)
def load() -> tuple[Entry, ...]:
    """Give the catalogue in its order."""
    text = resources.files(__name__).joinpath("sources.toml").read_text("utf-8")
    known = {field.name for field in fields(Entry)}
    found = []
    for table in tomllib.loads(text)["sources"]:
        if unknown := sorted(set(table) - known):
            raise ValueError(f"the catalogue's {table.get('name')}: unknown key {unknown[0]}")
        found.append(Entry(**table))
    return tuple(found)


def find(name: str) -> Entry | None:
    """Give the entry of a name, in any case, with or without ``www.``."""
    wanted = name.strip().casefold().removeprefix("www.")
    return next((entry for entry in load() if entry.name == wanted), None)
