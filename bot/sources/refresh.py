"""Where a page that only sends its reader on leads: ``<meta http-equiv="refresh">``. Pure."""

from __future__ import annotations

import re
from html import unescape

from bot import links
from bot.sources import charset

_PAGE_BYTES = 8_192  # what only sends on is short; whatever is longer is read
_SHOWN_CHARS = 300
_SOON_S = 15.0
_HEAD = re.compile(rb"<meta\b", re.IGNORECASE)
_META = re.compile(r"<meta\b([^>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-z-]{1,20})\s{0,9}=\s{0,9}(?:"([^"]{0,1900})"|'([^']{0,1900})'|([^\s"'>]{1,1900}))""",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"\s*(\d{0,6}(?:\.\d{0,6})?)\s*[;,]\s*(?:url\s*=\s*)?(.+)", re.IGNORECASE)
_ASIDE = re.compile(
    r"<!--.*?(?:-->|$)|<(noscript|script|style|title)\b.*?(?:</\1\s*>|$)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]*>")


def refresh_target(body: bytes, *, url: str, content_type: str | None) -> str | None:
    """Give the address that a page sends its reader on to, if it does nothing else.

    A page that says something, that loads itself anew or that sends on only readers without
    scripts is a page. A wait of more than 15 seconds is one that nobody is meant to sit out.
    """
    if len(body) > _PAGE_BYTES or not _HEAD.search(body):
        return None
    text = _ASIDE.sub(" ", charset.decode(body, content_type))
    if len("".join(_TAG.sub(" ", text).split())) > _SHOWN_CHARS:
        return None
    for meta in _META.finditer(text):
        given = {
            match[1].lower(): unescape(match[2] or match[3] or match[4] or "")
            for match in _ATTRIBUTE.finditer(meta[1])
        }
        content = _CONTENT.fullmatch(given.get("content", ""))
        if given.get("http-equiv", "").strip().lower() != "refresh" or content is None:
            continue
        waits_s = float(content[1]) if content[1].strip(".") else 0.0
        target = links.absolute(content[2].strip(" '\""), url)
        if target is None or waits_s > _SOON_S:
            continue
        target = target.partition("#")[0]
        return None if target == url.partition("#")[0] else target
    return None
