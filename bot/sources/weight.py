"""Is a document too heavy for its parser? Counted before it is parsed. No I/O here.

Parsers are slow, or hungry, where nobody writes by hand: at hundreds of thousands of tags,
attributes or references, at elements nested without end. What is counted here costs a few
milliseconds, so that such a document is refused at once instead of stopped at its limits.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import islice

from bot.errors import ParseError
from bot.sources.budget import MAX_ITEMS

_MOST_JSON = (("{", 100_000, "tables"), ("[", 100_000, "lists"), ('"', 1_000_000, "texts"))
_MOST = (
    ("<", 250_000, "tags"),
    ("&", 750_000, "references"),
    ("=", 750_000, "attributes"),
    ("xmlns", 10_000, "namespaces"),
    ("<!ENTITY", 1_000, "entities"),
    ("<![CDATA[", 50_000, "sections of CDATA"),
)
_MAX_ATTRIBUTES = 1_000
_MAX_DEPTH = 500
# Long as such, they may be an image that is written into its address.
_ATTRIBUTES = re.compile(
    rf"""<[A-Za-z][\w:.-]*+
    (?:\s++[^\s=<>"'/]++(?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>]*+))?+){{{_MAX_ATTRIBUTES}}}""",
    re.VERBOSE,
)
_TAG = re.compile(r"<(?:(!\[CDATA\[)|(!--)|(/?)([A-Za-z][^\s<>/]*)[^<>]*)")
# Written without an end by people who put HTML into a feed as it is.
_ENDLESS = frozenset({"br", "img", "hr", "p", "li", "input", "meta", "source", "wbr", "td", "tr"})
_ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry|url|sitemap)(?=[\s/>])", re.IGNORECASE)


def check(text: str) -> None:
    """Refuse a document of too many tags or attributes; ParseError says of what."""
    for mark, most, name in _MOST:
        if text.count(mark) > most:
            raise ParseError(f"a document of more than {most} {name}")
    if _ATTRIBUTES.search(text):
        raise ParseError(f"a tag of more than {_MAX_ATTRIBUTES} attributes")


def check_json(text: str) -> None:
    """Refuse JSON of too many values; ParseError says of what."""
    for mark, most, name in _MOST_JSON:
        if text.count(mark) > most:
            raise ParseError(f"a document of more than {most} {name}")


def check_depth(text: str) -> None:
    """Refuse XML whose elements are nested too deep; what CDATA holds does not count."""
    depth = place = 0
    while (tag := _TAG.search(text, place)) is not None:
        place = tag.end()
        section, comment, closing, name = tag.groups()
        if section or comment:
            place = text.find("]]>" if section else "-->", place)
            if place < 0:
                return
        elif name.lower() not in _ENDLESS and not tag[0].endswith("/"):
            depth = max(depth - 1, 0) if closing else depth + 1
            if depth > _MAX_DEPTH:
                raise ParseError(f"elements are nested more than {_MAX_DEPTH} deep")


def lightened(text: str) -> tuple[str, int]:
    """Give a feed or sitemap with its outermost items if it has too many; how many were left out.

    The newest stand at one of both ends.
    """
    half = MAX_ITEMS // 2
    starts = (match.start() for match in _ITEM.finditer(text))
    first = list(islice(starts, half + 1))
    last: deque[int] = deque(maxlen=half)
    count = len(first)
    for start in starts:
        last.append(start)
        count += 1
    if count <= MAX_ITEMS:
        return text, 0
    return text[: first[half]] + text[last[0] :], count - MAX_ITEMS
