"""XML as it is meant, from XML as it is written: mistakes that cost a parser the document. No I/O.

Everything here leaves a sound document as it is, but for CDATA, in which ``&`` may come out as
``&amp;``: whoever reads a text or an address undoes that anyway.
"""

from __future__ import annotations

import re
from html.entities import html5

_REFERENCE = re.compile(r"&#(?:(\d{1,20})|x([0-9a-f]{1,16}));", re.IGNORECASE)
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_BARE = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,20}|#[xX][0-9a-fA-F]{1,16});)")
_OF_XML = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)


def real_references(text: str) -> str:
    """Drop numeric references that name no character of XML."""
    return _REFERENCE.sub(_real, text)


def _real(match: re.Match[str]) -> str:
    code = int(match[1]) if match[1] else int(match[2], 16)
    is_character = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0x110000  # noqa: PLR2004
    return match[0] if is_character and code not in {0xFFFE, 0xFFFF} else ""


def known_references(text: str) -> str:
    """Write what XML does not know (``&nbsp;``, ``&scaron;``, a bare ``&``) as it does."""
    named = _NAMED.sub(
        lambda match: match[0] if match[1] in _OF_XML else html5.get(match[1], f"&amp;{match[1]}"),
        real_references(text),
    )
    return _BARE.sub("&amp;", named)


def plain_address(text: str) -> str:
    """Give an address in which ``&`` was escaped once too often."""
    return _AMPERSAND.sub("&", text) if "&" in text else text


def whole_part(text: str, *, root: str, part: str) -> tuple[str, bool]:
    """Give a document that was cut off up to its last whole part, and whether it was.

    ``root`` and ``part`` are names of elements, as alternatives of a pattern. What was cut off
    inside a link would be an article at an address that does not exist.
    """
    if re.search(rf"</(?:[\w.-]+:)?(?:{root})\s*>", text, re.IGNORECASE):
        return text, False
    opened = last = begun = 0
    for match in re.finditer(rf"<(/?)(?:[\w.-]+:)?(?:{part})\b[^>]*(?:>|$)", text, re.IGNORECASE):
        if match[1]:
            last = match.end()
        else:
            opened, begun = match.start(), begun + 1
    cut = 0 < last <= opened or (not last and begun == 1)
    return (text[:opened] if cut else text), cut
