"""Word lists in the shapes that rules ask for: a set of words, or pairs ``left = right``."""

from __future__ import annotations

from functools import cache

from bot.az.wordlists import lines


@cache
def words(name: str) -> frozenset[str]:
    """Give the entries of ``data/NAME.txt`` as a set."""
    return frozenset(lines(f"{name}.txt"))


@cache
def pairs(name: str) -> dict[str, str]:
    """Give the entries ``left = right`` of ``data/NAME.txt``."""
    halves = (entry.partition("=") for entry in lines(f"{name}.txt"))
    return {left.strip(): right.strip() for left, _, right in halves}
