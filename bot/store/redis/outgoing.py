"""What goes out of a Redis when a store is moved: each section as pages of plain rows.

A cursor is what the section is walked by: a place in a sorted set (nothing else writes
meanwhile), or the cursor of a scan, which may give a row twice.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from bot.store.records import chat_row, row_chat
from bot.store.redis.room import KEYS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.store.records import Row
    from bot.store.redis.connection import RedisConnection, Reply

    Page: TypeAlias = tuple[list[Row], str | None]
    _Part: TypeAlias = tuple[str, int, int]  # a chat, how much of it to pass over, how much to give
    Reader: TypeAlias = Callable[[RedisConnection, str | None, int], Awaitable[Page]]

COUNTERS = ("article", "delivery", "seq", "subscription", "topics")
MARKS_KEPT_MS = 48 * 3600 * 1000
TOPICS = 2048  # as in lanes.lua


async def page(redis: RedisConnection, section: str, after: str | None, limit: int) -> Page:
    """Give a page of a section's rows, and the cursor behind it."""
    return await _READERS[section](redis, after, limit)


async def count(redis: RedisConnection, section: str) -> int:
    """Count the rows of a section."""
    if section in _SIZES:
        return int(await redis.command(*_SIZES[section]))
    if section == "counters":
        return len(COUNTERS)
    if section == "subscriptions":
        return await _sizes(redis, "chat-ids", "HLEN", "subs")
    if section == "told":
        return await _sizes(redis, "told-chats", "ZCARD", "told")
    found: set[str] = set()
    cursor = None
    while True:
        rows, cursor = await page(redis, section, cursor, _STEP)
        keys = 2 if section == "update_marks" else 1
        found.update(json.dumps(row[:keys]) for row in rows)
        if cursor is None:
            return len(found)


_STEP = 500
_SHORT = 100  # deliveries a script: none may take more than 10 ms
_SIZES = {
    "sources": ("HLEN", f"{KEYS}sources"),
    "articles": ("HLEN", f"{KEYS}articles"),
    "article_keys": ("HLEN", f"{KEYS}article-keys"),
    "fan_outs": ("ZCARD", f"{KEYS}fanouts"),
    "chats": ("HLEN", f"{KEYS}chats"),
    "topics": ("HLEN", f"{KEYS}topics"),
    "outbox": ("HLEN", f"{KEYS}outbox"),
    "dead": ("HLEN", f"{KEYS}dead"),
    "phrases": ("HLEN", f"{KEYS}phrases"),
}


async def _sizes(redis: RedisConnection, chats: str, size: str, key: str) -> int:
    total, start = 0, 0
    while ids := await _ranked(redis, chats, start, _STEP):
        total += sum(await redis.commands([(size, f"{KEYS}{key}:{chat}") for chat in ids]))
        start += _STEP
    return total


async def _ranked(redis: RedisConnection, key: str, start: int, limit: int) -> list[str]:
    found: list[str] = await redis.command("ZRANGE", KEYS + key, start, start + limit - 1)
    return found


def _next(start: int, found: int, limit: int) -> str | None:
    return str(start + limit) if found == limit else None


async def _counters(redis: RedisConnection, _: str | None, __: int) -> Page:
    values = await redis.command("HMGET", f"{KEYS}counters", *COUNTERS)
    return [(name, int(value or 0)) for name, value in zip(COUNTERS, values, strict=True)], None


def _hash(key: str, row: Callable[[str, str], Row | None]) -> Reader:
    """Give the reader of a hash whose fields are rows."""

    async def read(redis: RedisConnection, after: str | None, limit: int) -> Page:
        cursor, fields = await redis.command("HSCAN", KEYS + key, after or "0", "COUNT", limit)
        rows = (row(field, value) for field, value in fields.items())
        return [found for found in rows if found is not None], _scanned(cursor)

    return read


def _scanned(cursor: int | str) -> str | None:
    return None if int(cursor) == 0 else str(cursor)


def _lane(chat: str, state: str) -> Row | None:
    free_at, hold_until, _ = state.split(" ", 2)
    if free_at == hold_until == "0":
        return None  # waits for nothing
    return int(chat), int(free_at), int(hold_until)


async def _articles(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start = int(after or 0)
    ids = await _ranked(redis, "log", start, limit)
    bodies = await redis.command("HMGET", f"{KEYS}articles", *ids) if ids else []
    rows: list[Row] = []
    for number, value in zip(ids, bodies, strict=True):
        head, _, body = value.partition("\n")
        seq, shown, first_seen, imported, page_by = head.split(",")
        rows.append(
            (
                int(number),
                int(seq),
                int(shown),
                int(first_seen),
                int(imported),
                int(page_by) if page_by else None,
                body,
            )
        )
    return rows, _next(start, len(ids), limit)


async def _fan_outs(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start = int(after or 0)
    ids = await _ranked(redis, "fanouts", start, limit)
    found = await redis.commands([("HGETALL", f"{KEYS}fanout:{int(number)}") for number in ids])
    rows: list[Row] = [
        (
            int(fields.get("moved_id", fields["article_id"])),
            int(fields["article_id"]),
            int(fields["shown"]),
            int(fields.get("not_before", 0)),
            _whole(fields.get("cursor")),
            _whole(fields.get("behind")),
            int("owner" in fields),
        )
        for fields in found
    ]
    return rows, _next(start, len(ids), limit)


def _whole(text: str | None) -> int | None:
    return int(text) if text else None


async def _chats(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start = int(after or 0)
    ids = await _ranked(redis, "chat-ids", start, limit)
    bodies = await redis.command("HMGET", f"{KEYS}chats", *ids) if ids else []
    # Read and written again: an older version may have left a row with fewer fields.
    rows: list[Row] = [tuple(chat_row(row_chat(json.loads(body)))) for body in bodies]
    return rows, _next(start, len(ids), limit)


def _by_chat(
    chats: str,
    size: str,
    key: str,
    read: Callable[[RedisConnection, list[_Part]], Awaitable[list[Row]]],
) -> Reader:
    """Give the reader of what stands in one key a chat; ``read`` gives parts of chats."""

    async def walk(redis: RedisConnection, after: str | None, limit: int) -> Page:
        start, offset = map(int, (after or "0 0").split())
        ids = await _ranked(redis, chats, start, limit)
        sizes = await redis.commands([(size, f"{KEYS}{key}:{chat}") for chat in ids])
        parts: list[_Part] = []
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


async def _subscriptions(redis: RedisConnection, parts: list[_Part]) -> list[Row]:
    found = await redis.commands([("HGETALL", f"{KEYS}subs:{chat}") for chat, _, _ in parts])
    rows: list[Row] = []
    for (chat, offset, wanted), fields in zip(parts, found, strict=True):
        numbered = sorted((*json.loads(body), topic) for topic, body in fields.items())
        rows += [
            (number, int(chat), topic, title, mode, paused_until)
            for number, title, mode, paused_until, topic in numbered[offset : offset + wanted]
        ]
    return rows


async def _told(redis: RedisConnection, parts: list[_Part]) -> list[Row]:
    found = await redis.commands(
        [
            ("ZRANGE", f"{KEYS}told:{chat}", offset, offset + wanted - 1, "WITHSCORES")
            for chat, offset, wanted in parts
            if wanted
        ]
    )
    told = [
        (chat, article, *divmod(score, TOPICS))
        for (chat, _, _), flat in zip((part for part in parts if part[2]), found, strict=True)
        for article, score in _scored(flat)
    ]
    asked = list(dict.fromkeys((article, number) for _, article, _, number in told if number))
    names = await redis.commands(
        [
            ("ZRANGE", f"{KEYS}told-topics:{article}", number, number, "BYSCORE")
            for article, number in asked
        ]
    )
    topics = {pair: name[0] for pair, name in zip(asked, names, strict=True) if name}
    return [
        (int(article), int(chat), at or None, topics.get((article, number)))
        for chat, article, at, number in told
    ]


def _scored(flat: list[str]) -> list[tuple[str, int]]:
    return [(flat[at], int(float(flat[at + 1]))) for at in range(0, len(flat), 2)]


def _record(record: str) -> tuple[list[Reply], str]:
    head, _, payload = record.partition("\n")
    return json.loads(head), payload


async def _outbox(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start, limit = int(after or 0), min(limit, _SHORT)
    found = await redis.run("outbox_page", start, limit)
    rows: list[Row] = []
    for at in range(0, len(found), 7):
        number, place, held, not_before, attempts, sending, record = found[at : at + 7]
        (chat, kind, queued_at, _, article, topic, method), payload = _record(record)
        rows.append(
            (
                int(number),
                int(chat),
                0 if kind == "reply" else 1,
                int(place),
                int(held),
                kind,
                int(not_before),
                queued_at,
                int(attempts),
                article,
                topic,
                method,
                payload,
                int(sending),
            )
        )
    return rows, _next(start, len(rows), limit)


def _dead(number: str, value: str) -> Row:
    head, reason, record = value.split("\n", 2)
    attempts, at = map(int, head.split())
    (chat, kind, queued_at, _, article, topic, method), payload = _record(record)
    return (
        int(number),
        int(chat),
        kind,
        method,
        payload,
        article,
        topic,
        queued_at,
        attempts,
        json.loads(reason),
        at,
    )


async def _keys(
    redis: RedisConnection, pattern: str, after: str | None
) -> tuple[list[str], str | None]:
    cursor, keys = await redis.command(
        "SCAN", after or "0", "MATCH", KEYS + pattern, "COUNT", _STEP
    )
    return keys, _scanned(cursor)


async def _update_marks(redis: RedisConnection, after: str | None, _: int) -> Page:
    keys, cursor = await _keys(redis, "mark:*", after)
    results = await redis.command("MGET", *keys) if keys else []
    ends = await redis.commands([("PEXPIRETIME", key) for key in keys])
    rows: list[Row] = []
    for key, result, end in zip(keys, results, ends, strict=True):
        if result is not None:  # else it expired just now
            update, step = key.removeprefix(f"{KEYS}mark:").split(":", 1)
            rows.append((int(update), step, result, end - MARKS_KEPT_MS if end > 0 else None))
    return rows, cursor


async def _updates(redis: RedisConnection, after: str | None, _: int) -> Page:
    keys, cursor = await _keys(redis, "update:*", after)
    times = await redis.command("MGET", *keys) if keys else []
    return [
        (int(key.removeprefix(f"{KEYS}update:")), int(at))
        for key, at in zip(keys, times, strict=True)
        if at is not None
    ], cursor


async def _phrases(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start = int(after or 0)
    flat = await redis.command(
        "ZRANGE", f"{KEYS}phrase-times", start, start + limit - 1, "WITHSCORES"
    )
    texts = await redis.command("HMGET", f"{KEYS}phrases", *flat[::2]) if flat else []
    rows: list[Row] = [
        (key, text, at) for (key, at), text in zip(_scored(flat), texts, strict=True)
    ]
    return rows, _next(start, len(rows), limit)


_READERS: dict[str, Reader] = {
    "counters": _counters,
    "sources": _hash("sources", lambda name, state: (name, state)),
    "articles": _articles,
    "article_keys": _hash("article-keys", lambda key, number: (key, int(number))),
    "fan_outs": _fan_outs,
    "chats": _chats,
    "topics": _hash("topics", lambda key, title: (key, title)),
    "subscriptions": _by_chat("chat-ids", "HLEN", "subs", _subscriptions),
    "outbox": _outbox,
    "lanes": _hash("lanes", _lane),
    "told": _by_chat("told-chats", "ZCARD", "told", _told),
    "dead": _hash("dead", _dead),
    "update_marks": _update_marks,
    "updates": _updates,
    "phrases": _phrases,
}
