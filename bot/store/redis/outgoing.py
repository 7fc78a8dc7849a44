"""What goes out of a Redis when a store is moved: each section as pages of plain rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from bot.store.records import chat_row, row_chat
from bot.store.redis.room import KEYS
from bot.store.redis.stories import NO_MESSAGE
from bot.store.redis.walks import (
    STEP,
    chat_reader,
    hash_reader,
    keys_like,
    next_place,
    ranked,
    scanned,
    scored,
    total_size,
)

if TYPE_CHECKING:
    from bot.store.records import Row
    from bot.store.redis.connection import RedisConnection, Reply
    from bot.store.redis.walks import Page, Part, Reader

    Shown: TypeAlias = tuple[int | None, str | None, int | None]

COUNTERS = ("article", "delivery", "edit", "seq", "subscription", "topics")
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
        return await total_size(redis, "chat-ids", "HLEN", "subs")
    if section == "told":
        told = await total_size(redis, "told-chats", "ZCARD", "told")
        return told + await _old_posts(redis)
    found: set[str] = set()
    cursor = None
    while True:
        rows, cursor = await page(redis, section, cursor, STEP)
        keys = 2 if section == "update_marks" else 1
        found.update(json.dumps(row[:keys]) for row in rows)
        if cursor is None:
            return len(found)


async def _old_posts(redis: RedisConnection) -> int:
    found: set[tuple[int, ...]] = set()
    cursor: str | None = f"{_POSTS}0"
    while cursor is not None:
        rows, cursor = await _all_told(redis, cursor, STEP)
        found.update(tuple(row[:2]) for row in rows)
    return len(found)


_LANES = {"reply": 0, "edit": 2}  # of SQLite; 1 for all others
_SHORT = 100  # deliveries a script: none may take more than 10 ms
_SIZES = {
    "sources": ("HLEN", f"{KEYS}sources"),
    "articles": ("HLEN", f"{KEYS}articles"),
    "article_keys": ("HLEN", f"{KEYS}article-keys"),
    "article_marks": ("HLEN", f"{KEYS}article-marks"),
    "edit_jobs": ("ZCARD", f"{KEYS}edit-jobs"),
    "fan_outs": ("ZCARD", f"{KEYS}fanouts"),
    "chats": ("HLEN", f"{KEYS}chats"),
    "topics": ("HLEN", f"{KEYS}topics"),
    "outbox": ("HLEN", f"{KEYS}outbox"),
    "dead": ("HLEN", f"{KEYS}dead"),
    "phrases": ("HLEN", f"{KEYS}phrases"),
}


async def _counters(redis: RedisConnection, _: str | None, __: int) -> Page:
    values = await redis.command("HMGET", f"{KEYS}counters", *COUNTERS)
    return [(name, int(value or 0)) for name, value in zip(COUNTERS, values, strict=True)], None


def _lane(chat: str, state: str) -> Row | None:
    free_at, hold_until, _ = state.split(" ", 2)
    if free_at == hold_until == "0":
        return None  # waits for nothing
    return int(chat), int(free_at), int(hold_until)


async def _articles(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start = int(after or 0)
    ids = await ranked(redis, "log", start, limit)
    bodies = await redis.command("HMGET", f"{KEYS}articles", *ids) if ids else []
    rows: list[Row] = []
    for number, value in zip(ids, bodies, strict=True):
        head, _, body = value.partition("\n")
        seq, shown, first_seen, imported, *story, page_by = head.split(",")
        rows.append(
            (
                int(number),
                int(seq),
                int(shown),
                int(first_seen),
                int(imported),
                int(page_by) if page_by else None,
                body,
                int(story[0]) if story else None,
            )
        )
    return rows, next_place(start, len(ids), limit)


async def _fan_outs(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start = int(after or 0)
    ids = await ranked(redis, "fanouts", start, limit)
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
    return rows, next_place(start, len(ids), limit)


def _whole(text: str | None) -> int | None:
    return int(text) if text else None


async def _chats(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start = int(after or 0)
    ids = await ranked(redis, "chat-ids", start, limit)
    bodies = await redis.command("HMGET", f"{KEYS}chats", *ids) if ids else []
    # Read and written again: an older version may have left a row with fewer fields.
    rows: list[Row] = [tuple(chat_row(row_chat(json.loads(body)))) for body in bodies]
    return rows, next_place(start, len(ids), limit)


async def _subscriptions(redis: RedisConnection, parts: list[Part]) -> list[Row]:
    found = await redis.commands([("HGETALL", f"{KEYS}subs:{chat}") for chat, _, _ in parts])
    rows: list[Row] = []
    for (chat, offset, wanted), fields in zip(parts, found, strict=True):
        numbered = sorted((*json.loads(body), topic) for topic, body in fields.items())
        rows += [
            (number, int(chat), topic, title, mode, paused_until)
            for number, title, mode, paused_until, topic in numbered[offset : offset + wanted]
        ]
    return rows


async def _told(redis: RedisConnection, parts: list[Part]) -> list[Row]:
    found = await redis.commands(
        [
            ("ZRANGE", f"{KEYS}told:{chat}", offset, offset + wanted - 1, "WITHSCORES")
            for chat, offset, wanted in parts
            if wanted
        ]
    )
    told = [
        (chat, story, *divmod(score, TOPICS))
        for (chat, _, _), flat in zip((part for part in parts if part[2]), found, strict=True)
        for story, score in scored(flat)
    ]
    asked = list(dict.fromkeys((story, number) for _, story, _, number in told if number))
    names = await redis.commands(
        [
            ("ZRANGE", f"{KEYS}told-topics:{story}", number, number, "BYSCORE")
            for story, number in asked
        ]
    )
    topics = {pair: name[0] for pair, name in zip(asked, names, strict=True) if name}
    shown = await _shown(redis, [(story, chat) for chat, story, _, _ in told])
    return [
        (int(story), int(chat), at or None, topics.get((story, number)), *how)
        for (chat, story, at, number), how in zip(told, shown, strict=True)
    ]


async def _shown(redis: RedisConnection, pairs: list[tuple[str, str]]) -> list[Shown]:
    """Give article (None: the story's first), kind and message of what (story, chat) were told."""
    keys = ("told-of", "posts-of")
    found = await redis.commands(
        [("HGET", f"{KEYS}{key}:{story}", chat) for story, chat in pairs for key in keys]
    )
    return [
        _how(story, found[2 * place] or found[2 * place + 1])
        for place, (story, _) in enumerate(pairs)
    ]


def _how(story: str, value: str | None) -> Shown:
    if value is None:
        return None, None, None
    kind, article, message = value.split()
    return (
        None if article == story else int(article),
        kind,
        None if message == NO_MESSAGE else int(message),
    )


_walk_told = chat_reader("told-chats", "ZCARD", "told", _told)
_POSTS = "posts "  # begins the cursors behind what is told


async def _all_told(redis: RedisConnection, after: str | None, limit: int) -> Page:
    """Give what chats were told, and then what was posted so long ago that no chat knows it."""
    if after is None or not after.startswith(_POSTS):
        rows, cursor = await _walk_told(redis, after, limit)
        return rows, cursor or f"{_POSTS}0"
    keys, cursor = await keys_like(redis, "posts-of:*", after.removeprefix(_POSTS))
    stories = [key.removeprefix(f"{KEYS}posts-of:") for key in keys]
    found = await redis.commands([("HGETALL", key) for key in keys])
    posts = [
        (story, chat, value)
        for story, values in zip(stories, found, strict=True)
        for chat, value in values.items()
    ]
    told = await redis.commands(
        [("ZSCORE", f"{KEYS}told:{chat}", story) for story, chat, _ in posts]
    )
    rows = [
        (int(story), int(chat), None, None, *_how(story, value))
        for (story, chat, value), known in zip(posts, told, strict=True)
        if known is None
    ]
    return rows, None if cursor is None else _POSTS + cursor


async def _marks(redis: RedisConnection, after: str | None, limit: int) -> Page:
    cursor, fields = await redis.command(
        "HSCAN", f"{KEYS}article-marks", after or "0", "COUNT", limit
    )
    revisions = await redis.command("HMGET", f"{KEYS}article-revisions", *fields) if fields else []
    rows: list[Row] = [
        (int(number), mark, int(count or 0))
        for (number, mark), count in zip(fields.items(), revisions, strict=True)
    ]
    return rows, scanned(cursor)


async def _edit_jobs(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start = int(after or 0)
    ids = await ranked(redis, "edit-jobs", start, limit)
    found = await redis.commands([("HGETALL", f"{KEYS}edit-job:{number}") for number in ids])
    rows: list[Row] = [
        (
            -int(number),
            int(fields["story"]),
            _whole(fields.get("article_id")),
            int(fields.get("not_before", 0)),
            _listed(fields.get("chosen")),
            _listed(fields.get("again")),
        )
        for number, fields in zip(ids, found, strict=True)
    ]
    return rows, next_place(start, len(ids), limit)


def _listed(chats: str | None) -> str | None:
    return json.dumps(list(map(int, chats.split()))) if chats else None


def _record(record: str) -> tuple[list[Reply], str]:
    head, _, payload = record.partition("\n")
    return json.loads(head), payload


async def _outbox(redis: RedisConnection, after: str | None, limit: int) -> Page:
    start, limit = int(after or 0), min(limit, _SHORT)
    found = await redis.run("outbox_page", start, limit)
    rows: list[Row] = []
    for at in range(0, len(found), 8):
        number, place, held, not_before, attempts, sending, expires_at, record = found[at : at + 8]
        (chat, kind, queued_at, _, article, *story, topic, method), payload = _record(record)
        rows.append(
            (
                int(number),
                int(chat),
                _LANES.get(kind, 1),
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
                story[0] if story else None,
                _whole(expires_at),
            )
        )
    return rows, next_place(start, len(rows), limit)


def _dead(number: str, value: str) -> Row:
    head, reason, record = value.split("\n", 2)
    attempts, at = map(int, head.split())
    (chat, kind, queued_at, _, article, *story, topic, method), payload = _record(record)
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
        story[0] if story else None,
    )


async def _update_marks(redis: RedisConnection, after: str | None, _: int) -> Page:
    keys, cursor = await keys_like(redis, "mark:*", after)
    results = await redis.command("MGET", *keys) if keys else []
    ends = await redis.commands([("PEXPIRETIME", key) for key in keys])
    rows: list[Row] = []
    for key, result, end in zip(keys, results, ends, strict=True):
        if result is not None:  # else it expired just now
            update, step = key.removeprefix(f"{KEYS}mark:").split(":", 1)
            rows.append((int(update), step, result, end - MARKS_KEPT_MS if end > 0 else None))
    return rows, cursor


async def _updates(redis: RedisConnection, after: str | None, _: int) -> Page:
    keys, cursor = await keys_like(redis, "update:*", after)
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
    rows: list[Row] = [(key, text, at) for (key, at), text in zip(scored(flat), texts, strict=True)]
    return rows, next_place(start, len(rows), limit)


_READERS: dict[str, Reader] = {
    "counters": _counters,
    "sources": hash_reader("sources", lambda name, state: (name, state)),
    "articles": _articles,
    "article_keys": hash_reader("article-keys", lambda key, number: (key, int(number))),
    "article_marks": _marks,
    "fan_outs": _fan_outs,
    "edit_jobs": _edit_jobs,
    "chats": _chats,
    "topics": hash_reader("topics", lambda key, title: (key, title)),
    "subscriptions": chat_reader("chat-ids", "HLEN", "subs", _subscriptions),
    "outbox": _outbox,
    "lanes": hash_reader("lanes", _lane),
    "told": _all_told,
    "dead": hash_reader("dead", _dead),
    "update_marks": _update_marks,
    "updates": _updates,
    "phrases": _phrases,
}
