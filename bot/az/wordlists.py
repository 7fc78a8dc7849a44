"""The word lists of ``bot/az/data``: comments out, an entry a line. Read once, when asked."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

_FOLDER = Path(__file__).parent / "data"


@cache
def lines(name: str) -> tuple[str, ...]:
    """Give the entries of a word list, without ``#`` comments and empty lines."""
    text = (_FOLDER / name).read_text(encoding="utf-8")
    cut = (line.partition("# ")[0].strip() for line in text.splitlines())
    return tuple(line for line in cut if line and line != "#")


@cache
def fingerprint(*names: str) -> str:
    """Give a short mark of what the lists say, so that what was built from them can be told old."""
    text = "\n\n".join("\n".join(lines(name)) for name in names)
    return blake2b(text.encode(), digest_size=8).hexdigest()
