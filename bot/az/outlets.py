"""Names of news outlets, and what is none: offices, companies, places. Pure."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.az.entries import words
from bot.az.letters import fold
from bot.az.wordlists import lines

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENDING = re.compile(
    r"\.(?:az|com|org|net|info|ru|ws|tv|news|media|biz|tr|co|uk|de|fr|eu)(?:/.*)?$"
)
_BEGINNING = re.compile(r"^(?:https?://)?(?:www\.)?")
_NO_LETTERS = re.compile(r"[\W_]+")
_OFFICIAL = re.compile(r"\.(?:gov|edu|mil)(?:\.\w{2})?$|^(?:e-)?gov\.")
_MIN_PART = 5  # letters of an own name inside a longer one: “Yeni Müsavat” on musavat.com
_LETTERS_OF_FORM = frozenset({"asc", "qsc", "mmc", "llc", "inc", "ltd", "nba", "fk", "pfk"})


def is_outlet(name: str) -> bool:
    """Tell whether a name is in the list of outlets, with or without its domain."""
    return _key(name) in _outlets()


def is_no_outlet(name: str) -> bool:
    """Tell whether a name is listed as an office, a company, a product, a place or a person."""
    if is_outlet(name):
        return False
    whole, beginnings = _offices()
    folded = fold(name)
    if folded in whole or _key(name) in _brands() or _OFFICIAL.search(folded):
        return True
    parts = folded.split()
    return any(part.startswith(beginnings) or part in _LETTERS_OF_FORM for part in parts)


class Own:
    """The names that an outlet has itself: what it says of itself is no credit."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take the source's name and its hosts, ``az.trend.az`` as well as ``trend.az``."""
        given = [name for name in names if name]
        given += [name.split(".", 1)[1] for name in given if name.count(".") > 1]
        self._keys = {_key(name) for name in given} - {""}
        self._canonical = {_outlets()[key] for key in self._keys if key in _outlets()}

    def __contains__(self, name: object) -> bool:
        """Tell whether a name is one of them: ``Yeni Müsavat`` on musavat.com."""
        key = _key(str(name))
        if key in self._keys or _outlets().get(key) in self._canonical:
            return True
        first = _key(re.split(r"[-\s]", str(name).strip(' “”"«»'), maxsplit=1)[0])
        return first in self._keys or any(
            len(own) >= _MIN_PART and key.endswith(own) for own in self._keys
        )


@cache
def _outlets() -> dict[str, str]:
    """Give every spelling's key with the key of the name that it is a spelling of."""
    found = {}
    for entry in lines("outlets.txt"):
        title, _, others = entry.partition("=")
        for name in (title, *others.split(";")):
            if name.strip():
                found[_key(name)] = _key(title)
    return found


@cache
def _offices() -> tuple[frozenset[str], tuple[str, ...]]:
    entries = words("not_outlets")
    whole = frozenset(fold(entry) for entry in entries if not entry.endswith("*"))
    return whole, tuple(entry[:-1] for entry in entries if entry.endswith("*"))


@cache
def _brands() -> frozenset[str]:
    return frozenset(_key(entry.partition("=")[0]) for entry in lines("brands.txt"))


@lru_cache(maxsize=4_096)  # a feed has most of its words again at the next poll
def _key(name: str) -> str:
    """Give a name as it is compared: folded, without www, domain and punctuation."""
    plain = _BEGINNING.sub("", fold(name).strip(" “”\"'«»"))
    return _NO_LETTERS.sub("", _ENDING.sub("", plain))
