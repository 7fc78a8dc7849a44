"""Bytes to text, whatever they claim to be. No I/O here.

Order: byte order mark, UTF-16 by its zeros, UTF-8 if the bytes are, the declared charset,
windows-1254. What is declared counts only where the bytes are not UTF-8, since the lie goes
that way far more often. UTF-8 that somebody took for another charset and encoded again is
mended where only that can have made it (``É™`` for ə).
"""

from __future__ import annotations

import codecs
import re
from collections import Counter

_HEAD_BYTES = 2048
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What browsers read under these names (WHATWG Encoding); Turkish pages depend on it.
_ALIASES = {
    "iso-8859-9": "windows-1254",
    "latin5": "windows-1254",
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
}
_LATIN = "windows-1252"
_ICELANDIC = re.compile("[ðþýÐÞÝ]")  # what Turkish ğ ş ı Ğ Ş İ look like under that name
_TURKISH_MIN = 2
_CYRILLIC_WORD = re.compile(rb"[\xc0-\xff]{4}")
_CYRILLIC_MIN = 3
_TWICE_MIN = 3
_TWICE_CHARS = 500_000  # looked at
_TWICE_LETTERS = "əƏıİşŞğĞüÜöÖçÇ“”‘’„–—…«»" + "".join(map(chr, range(0x410, 0x450))) + "ёЁ"


def _twice_encoded() -> dict[str, str]:
    """Give what each letter becomes when its UTF-8 bytes are read as one of three charsets."""
    found: dict[str, str] = {}
    for letter in _TWICE_LETTERS:
        for name in ("windows-1252", "windows-1254", "latin-1"):
            made = "".join(
                bytes([byte]).decode(name, errors="ignore") or chr(byte) for byte in letter.encode()
            )
            found[made] = letter
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


_TWICE = _twice_encoded()
_TWICE_SEEN = re.compile(  # classes, not 300 alternatives: a page of nothing but Ã costs time
    "[" + "".join({re.escape(made[0]) for made in _TWICE}) + "]"
    "[" + "".join({re.escape(made[1]) for made in _TWICE}) + "]"
    "(?:(?<=â.)[" + "".join({re.escape(made[2]) for made in _TWICE if len(made) > 2}) + "])?"  # noqa: PLR2004
)


def decode(data: bytes, content_type: str | None = None) -> str:
    """Give the text of a document, without byte order mark and control characters."""
    # Zeros apart: a piece for each of millions would need more memory than the document.
    return _CONTROLS.sub("", _mended(_decode(data, content_type).replace("\0", "")))


def _mended(text: str) -> str:
    """Give the text with letters that were encoded twice as they were meant."""
    if text.isascii():
        return text
    seen = Counter(_TWICE_SEEN.findall(text[:_TWICE_CHARS]))
    if sum(count for made, count in seen.items() if made in _TWICE) < _TWICE_MIN:
        return text
    for made, letter in _TWICE.items():
        text = text.replace(made, letter)
    return text


def _decode(data: bytes, content_type: str | None) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, errors="replace")
    wide = _wide(data[:8])  # markup begins in ASCII, whatever its text is
    if wide:
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _mostly_utf8(data):
        return data.decode("utf-8", errors="replace")
    declared = _declared(data, content_type)
    if declared is None and len(_CYRILLIC_WORD.findall(data)) >= _CYRILLIC_MIN:
        declared = "windows-1251"  # no word of windows-1254 has four such letters in a row
    text = data.decode(declared or "windows-1254", errors="replace")
    if declared == _LATIN and "æ" not in text and len(_ICELANDIC.findall(text)) >= _TURKISH_MIN:
        return data.decode("windows-1254", errors="replace")
    return text


def _wide(head: bytes) -> str | None:
    """Recognise UTF-16 without a byte order mark: markup has a zero in every pair."""
    even, odd = head[0::2], head[1::2]
    if len(head) >= 4 and not any(odd) and all(even):  # noqa: PLR2004
        return "utf-16-le"
    if len(head) >= 4 and not any(even) and all(odd):  # noqa: PLR2004
        return "utf-16-be"
    return None


def _mostly_utf8(data: bytes) -> bool:
    """Tell UTF-8 with a few broken bytes (a cut body, a pasted letter) from another charset."""
    good = len(_SEQUENCE.findall(data))
    broken = data.decode("utf-8", errors="replace").count("\ufffd")
    return good > 4 * broken


def _declared(data: bytes, content_type: str | None) -> str | None:
    header = (content_type or "").encode("ascii", errors="ignore")
    for place in (header, data[:_HEAD_BYTES]):
        match = _DECLARED.search(place)
        if match:
            name = match.group(1).decode("ascii").lower()
            name = _ALIASES.get(name, name)
            if _is_bytewise(name):
                return name
    return None


def _is_bytewise(name: str) -> bool:
    """Tell whether Python knows this as a charset of text that is not UTF."""
    try:
        info = codecs.lookup(name)
        known = isinstance(b"a".decode(name), str)
    except (LookupError, UnicodeError, TypeError, ValueError):
        return False
    return known and not info.name.startswith("utf") and info.name not in {"idna", "punycode"}
