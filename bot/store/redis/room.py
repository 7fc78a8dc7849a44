"""What the rooms of the Redis store share: the connection, and how values travel."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from bot.store.redis.connection import PATIENCE_S, RedisConnection

if TYPE_CHECKING:
    from bot.store.addresses import RedisAddress

KEYS = "xeberci:"  # what all keys begin with, as in common.lua


class Room:
    """A part of the store: its methods are steps on the one Redis."""

    def __init__(self, address: RedisAddress, *, patience_s: float = PATIENCE_S) -> None:
        self._redis = RedisConnection(address, patience_s=patience_s)


def token() -> str:
    """Give a name to a call, by which the server knows it when it is repeated."""
    return secrets.token_hex(8)


def packed(values: object) -> str:
    """Give plain values as JSON for a script. Whole numbers beyond 10^14 go in as strings."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def optional(value: int | str | None) -> str:
    """Give a value as a script takes it: an empty string for None."""
    return "" if value is None else str(value)


def asked_by(update_id: int | None) -> str:
    """Give what a step notes its result under: the update, or this call where there is none."""
    return f"call {token()}" if update_id is None else str(update_id)
