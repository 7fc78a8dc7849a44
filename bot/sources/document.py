"""What kind of document is it? One function from bytes to a reading. No I/O here.

Runs in a worker of ``bot.sources.sandbox``: it imports the parsers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from bot.errors import FetchError, ParseError
from bot.sources import (
    charset,
    feed,
    html_document,
    json_values,
    jsonfeed,
    sitemap,
    weight,
    wordpress,
)
from bot.sources.budget import MAX_ITEMS
from bot.sources.inflate import Body
from bot.sources.reading import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sources.reading import ReadContext, Reading

Read: TypeAlias = "Callable[..., Reading]"

_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|div|p|a|article|main|section|table|h[1-6])\b",
    re.IGNORECASE,
)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HEAD_CHARS = 65_536
_GZIP = b"\x1f\x8b"
_WRAPPED = 2  # a file that is gzip, sent as gzip by a server that forgets to say so
_NO_HTML = frozenset({Kind.FEED, Kind.SITEMAP, Kind.INDEX, Kind.WORDPRESS})
_NAMES = {Kind.WORDPRESS: "WordPress's posts"}


def read(
    data: bytes, *, url: str | None, content_type: str | None, context: ReadContext
) -> Reading:
    """Give what a document holds: articles of a feed of any format, a listing or a page.

    ``url`` is where it came from; without it the document's own address counts. Raises
    ParseError, with a line for a person, for everything else.
    """
    text = charset.decode(_inflated(data, context.max_bytes), content_type).lstrip()
    if not text:
        raise ParseError("an empty document")
    if json_values.looks_like_json(text):
        return _read_json(text, url=url, context=context)
    if feed.looks_like_feed(text):
        return _read_xml(feed.read_feed, text, url=url, context=context)
    head = text[:_HEAD_CHARS]
    if sitemap.looks_like_sitemap(text) and not _PAGE.search(head):
        return _read_xml(sitemap.read_sitemap, text, url=url, context=context)
    if not _MARKUP.search(head) and sitemap.looks_like_list(text):
        return sitemap.read_list(text, context=context)
    if context.expect in _NO_HTML and _MARKUP.search(head):
        expected = _NAMES.get(context.expect, f"a {context.expect}")
        raise ParseError(f"an HTML page in the place of {expected}")
    if not _MARKUP.search(head):
        raise ParseError("neither a feed nor a sitemap nor an HTML page")
    weight.check(text)
    return html_document.read_html(text, url=url, context=context)


def _read_xml(read_it: Read, text: str, *, url: str | None, context: ReadContext) -> Reading:
    """Read what may hold more items than can be read."""
    light, extra = weight.lightened(text)
    weight.check(light)
    weight.check_depth(light)
    reading = read_it(light, url=url, context=context)
    if extra and not reading.items and not reading.children:
        raise ParseError(f"{extra + MAX_ITEMS} items, and those that were read are empty")
    return _with_remark(reading, extra + context.budget.skipped)


def _with_remark(reading: Reading, extra: int) -> Reading:
    """Say how many items were not read, if there were too many."""
    if not extra:
        return reading
    remark = f"{extra} items were left out: the document holds more than can be read at once"
    return replace(reading, problems=(*reading.problems, remark))


def _inflated(data: bytes, max_bytes: int) -> bytes:
    """Undo the compression of a file that is compressed in itself (``sitemap.xml.gz``)."""
    for _ in range(_WRAPPED):
        if not data.startswith(_GZIP):
            break
        body = Body("gzip", max_bytes)
        try:
            body.feed(data)
        except FetchError as error:
            raise ParseError(str(error)) from None
        data = body.value()
    return data


def _read_json(text: str, *, url: str | None, context: ReadContext) -> Reading:
    weight.check_json(text)
    value = json_values.load(text)
    if isinstance(value, dict) and jsonfeed.looks_like_json_feed(value):
        reading = jsonfeed.read_json_feed(value, url=url, context=context)
        return _with_remark(reading, context.budget.skipped)
    if isinstance(value, dict | list) and wordpress.looks_like_wordpress(value):
        reading = wordpress.read_wordpress(value, url=url, context=context)
        return _with_remark(reading, context.budget.skipped)
    raise ParseError("JSON that is neither a JSON Feed nor WordPress's posts")
