"""Lua scripts: one file a step, each with the shared prelude in front.

A file begins with its flags (``#!lua`` or ``#!lua flags=allow-oom``); then comes the prelude,
``common.lua``. A line ``--include NAME`` stands for another file (which has no flags).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "lua"
_INCLUDE = re.compile(r"^--include (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """A script ready to be run: its text, and the hash by which a server remembers it."""

    name: str
    text: str
    sha: str


@cache
def script(name: str) -> Script:
    """Give the script of ``lua/NAME.lua``."""
    flags, _, body = _text(name).partition("\n")
    if not flags.startswith("#!lua"):
        raise ValueError(f"{name}.lua does not begin with #!lua")
    text = f"{flags}\n{_text('common')}\n{_INCLUDE.sub(lambda found: _text(found[1]), body)}"
    return Script(name, text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.lua").read_text(encoding="utf-8")
