"""What kind of document is it? One function from bytes to a reading. No I/O here.

Runs in a worker of ``bot.sources.sandbox``: it imports the parsers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.errors import ParseError
from bot.sources import charset, feed, html_document
from bot.sources.reading import Kind

if TYPE_CHECKING:
    from bot.sources.reading import ReadContext, Reading

_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|div|p|a|article|main|section|table|h[1-6])\b",
    re.IGNORECASE,
)
_HEAD_CHARS = 65_536
_SITEMAP = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)


def read(
    data: bytes, *, url: str | None, content_type: str | None, context: ReadContext
) -> Reading:
    """Give what a document holds: a feed, a listing or an article page.

    ``url`` is where it came from; without it the document's own address counts. Raises
    ParseError, with a line for a person, for everything else.
    """
    text = charset.decode(data, content_type).lstrip()
    if not text:
        raise ParseError("an empty document")
    if feed.looks_like_feed(text):
        return feed.read_feed(text, url=url, context=context)
    head = text[:_HEAD_CHARS]
    if _SITEMAP.search(head):
        raise ParseError("a sitemap: give the address of a feed, a listing or an article")
    if context.expect is Kind.FEED and _MARKUP.search(head):
        raise ParseError("an HTML page in the place of a feed")
    if not _MARKUP.search(head):
        raise ParseError("neither a feed nor an HTML page")
    return html_document.read_html(text, url=url, context=context)
