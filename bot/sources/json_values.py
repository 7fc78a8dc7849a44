"""JSON as sites send it: loaded, and its values taken for what they should be. No I/O here."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.errors import ParseError

# Plugins' complaints that PHP printed before the document.
_COMPLAINTS = re.compile(
    r"""\s*(?:
    (?:<br\s*/?>\s*)?<b>(?:Warning|Notice|Deprecated|Strict\ Standards)</b>
        [^\n]{0,2000}?<br\s*/?>\s*
    |(?:PHP\ )?(?:Warning|Notice|Deprecated):\ [^\n]{0,2000}\ on\ line\ \d+\s+
    )+""",
    re.VERBOSE | re.IGNORECASE,
)
_UNPAIRED = re.compile("[\ud800-\udfff]")


def looks_like_json(text: str) -> bool:
    """Tell whether a text is meant as JSON, by its first character."""
    return _document(text)[:1] in {"{", "["}


def _document(text: str) -> str:
    """Give a text without what was printed before it."""
    complaints = _COMPLAINTS.match(text)
    return text[complaints.end() :] if complaints else text.lstrip()


def load(text: str) -> object:
    """Give the value of a JSON document; ParseError, with a line, where it is none."""
    text = _document(text)
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        where = "it ends too early" if error.pos >= len(text.rstrip()) - 1 else error.msg
        raise ParseError(f"damaged JSON: {where} (line {error.lineno})") from None
    except (ValueError, RecursionError):  # numbers of thousands of digits, thousands of brackets
        raise ParseError("damaged JSON: nested too deeply, or numbers too long") from None


def is_document(text: str) -> bool:
    """Tell a JSON document that holds many articles from JSON Lines, an article a line."""
    if '"items"' not in text and not text.lstrip().startswith("["):
        return False
    try:
        value = load(text)
    except ParseError:
        return "jsonfeed.org/version" in text[:2000]
    return isinstance(value, list) or (isinstance(value, dict) and "items" in value)


def as_list(value: object) -> list[Any]:
    """Give a list, a single value as one, nothing as none."""
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]


def as_table(value: object) -> dict[str, Any]:
    """Give a table; anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """Give a text or a number as text; anything else as none."""
    if isinstance(value, str):
        return _UNPAIRED.sub("", value).strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)


def first_text(table: object, *names: str) -> str:
    """Give the first of these values of a table that is a text with something in it."""
    values = as_table(table)
    return next((text for name in names if (text := as_text(values.get(name)))), "")
