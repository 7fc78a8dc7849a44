"""Ways to walk a Redis page by page, nothing being written meanwhile.

A cursor is what is walked by: a place in a sorted set, or the cursor of a scan, which may give
a row twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.store.redis.room import KEYS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.store.records import Row
    from bot.store.redis.connection import RedisConnection

    Page: TypeAlias = tuple[list[Row], str | None]
    Reader: TypeAlias = Callable[[RedisConnection, str | None, int], Awaitable[Page]]
    Part: TypeAlias = tuple[str, int, int]  # a chat, how much of it to pass over, how much to give

STEP = 500


async def ranked(redis: RedisConnection, key: str, start: int, limit: int) -> list[str]:
    """Give a part of a sorted set, in its order."""
    found: list[str] = await redis.command("ZRANGE", KEYS + key, start, start + limit - 1)
    return found


def next_place(start: int, found: int, limit: int) -> str | None:
    """Give the cursor behind a part of a sorted set."""
    return str(start + limit) if found == limit else None


def hash_reader(key: str, row: Callable[[str, str], Row | None]) -> Reader:
    """Give the reader of a hash whose fields are rows."""

    async def read(redis: RedisConnection, after: str | None, limit: int) -> Page:
        cursor, fields = await redis.command("HSCAN", KEYS + key, after or "0", "COUNT", limit)
        rows = (row(field, value) for field, value in fields.items())
        return [found for found in rows if found is not None], scanned(cursor)

    return read


def scanned(cursor: int | str) -> str | None:
    """Give the cursor of a scan; None at its end."""
    return None if int(cursor) == 0 else str(cursor)


def chat_reader(
    chats: str,
    size: str,
    key: str,
    read: Callable[[RedisConnection, list[Part]], Awaitable[list[Row]]],
) -> Reader:
    """Give the reader of what stands in one key a chat; ``read`` gives parts of chats."""

    async def walk(redis: RedisConnection, after: str | None, limit: int) -> Page:
        start, offset = map(int, (after or "0 0").split())
        ids = await ranked(redis, chats, start, limit)
        sizes = await redis.commands([(size, f"{KEYS}{key}:{chat}") for chat in ids])
        parts: list[Part] = []
        room = limit
        for chat, held in zip(ids, sizes, strict=True):
            wanted = min(held - offset, room)
            parts.append((chat, offset, wanted))
            room -= wanted
            if offset + wanted < held:
                return await read(redis, parts), f"{start} {offset + wanted}"
            start, offset = start + 1, 0
        return await read(redis, parts), f"{start} 0" if len(ids) == limit else None

    return walk


def scored(flat: list[str]) -> list[tuple[str, int]]:
    """Give members with their scores, from what ``WITHSCORES`` answers."""
    return [(flat[at], int(float(flat[at + 1]))) for at in range(0, len(flat), 2)]


async def keys_like(
    redis: RedisConnection, pattern: str, after: str | None
) -> tuple[list[str], str | None]:
    """Give some of the keys of a pattern, and the cursor behind them."""
    cursor, keys = await redis.command("SCAN", after or "0", "MATCH", KEYS + pattern, "COUNT", STEP)
    return keys, scanned(cursor)


async def total_size(redis: RedisConnection, chats: str, size: str, key: str) -> int:
    """Sum up what a command says of the size of each chat's key."""
    total, start = 0, 0
    while ids := await ranked(redis, chats, start, STEP):
        total += sum(await redis.commands([(size, f"{KEYS}{key}:{chat}") for chat in ids]))
        start += STEP
    return total
