"""What a server answered, and what its headers ask for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: 200 with a body, or 304 without one.

    ``url`` is where it came from after redirects; ``permanent_to`` is where permanent
    redirects alone led, counted from the asked address. Validators are byte for byte.
    """

    status: int
    url: str
    body: bytes = b""
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: float | None = None
    expires_s: float | None = None
    retry_after_s: float | None = None
    permanent_to: str | None = None

    @property
    def unchanged(self) -> bool:
        """Tell whether the server said that nothing is new."""
        return self.status == 304  # noqa: PLR2004 - Not Modified


def max_age_s(cache_control: str | None) -> float | None:
    """Give the seconds that Cache-Control lets an answer live; none for no-cache, no-store."""
    text = (cache_control or "").lower()
    if re.search(r"\bno-(?:cache|store)\b", text):
        return None
    match = re.search(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,10})", text)
    return float(match[1]) if match else None


def seconds_until(text: str | None, *, now: datetime) -> float | None:
    """Give the seconds that ``Retry-After`` or ``Expires`` names: a number or an HTTP date.

    What is past or unreadable asks for nothing.
    """
    value = (text or "").strip()
    if re.fullmatch(r"\d{1,10}", value):
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    wait_s = (aware - now).total_seconds()
    return wait_s if wait_s > 0 else None
