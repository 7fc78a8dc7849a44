"""Which addresses an image element offers. No I/O here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources.markup import Element

_WIDTH = re.compile(r"(\d+(?:\.\d+)?)[wx]")


def pictures(node: Element) -> Iterator[str]:
    """Give an image's addresses, what a script would load and the largest of a set first."""
    for attribute in ("data-src", "data-lazy-src", "data-original"):
        yield node.get(attribute) or ""
    for attribute in ("data-srcset", "srcset"):
        offered = [part.split() for part in (node.get(attribute) or "").split(", ") if part.split()]
        widths = [(float(m[1]) if (m := _WIDTH.fullmatch(part[-1])) else 0.0) for part in offered]
        if offered:
            yield offered[widths.index(max(widths))][0]
    yield node.get("src") or ""
