"""Dates that their sites write into several elements. No I/O here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.sources import markup

if TYPE_CHECKING:
    from bot.sources.markup import Element

_CLOCK = re.compile(r"\d:\d\d")
_SHORT_CHARS = 60


def with_time(node: Element) -> str:
    """Give a date's text together with the time of day that stands beside it, if one does.

    Some sites write ``16 noyabr, 2025`` and ``14:00`` into two elements.
    """
    text = markup.short_text(node, _SHORT_CHARS)
    parent = node.getparent()
    if not text or _CLOCK.search(text) or parent is None or not re.search(r"\d", text):
        return ""
    beside = node.getnext()
    clock = markup.short_text(beside, _SHORT_CHARS) if beside is not None else ""
    if re.fullmatch(r"\d{1,2}:\d{2}", clock):
        return f"{text} {clock}"
    around = markup.short_text(parent, _SHORT_CHARS)
    following = re.match(r"\W*(\d{1,2}:\d{2})(?![\d:])", around.partition(text)[2])
    return f"{text} {following[1]}" if following else ""


def apart(node: Element) -> str:
    """Give the text of an element of several with blanks between them.

    ``<span>16 noyabr, 2025</span><span>14:00</span>`` stands apart by its style alone.
    """
    pieces = [piece.strip() for piece in node.itertext("*")] if len(node) > 1 else []
    return " ".join(piece for piece in pieces if piece)
