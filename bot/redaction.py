"""Secrets taken out of what people and logs get to read. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# The shape of every bot token, so that one that nobody told us about is not shown either.
_TOKEN = re.compile(r"(?<!\d)\d{3,}:[A-Za-z0-9_-]{20,}")

# What opens an address: https://user:password@host/feed.
_OPENING = re.compile(r"(?<=://)[^\s/?#@]+@")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Give a text in which each secret, whatever looks like a bot's token, and what stands
    before the ``@`` of an address is ``***``."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _OPENING.sub("***@", _TOKEN.sub("***", text))
