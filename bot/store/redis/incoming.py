"""What comes into a Redis when a store is moved: rows put in, with all that follows from them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from bot.store.records import row_chat
from bot.store.redis.outgoing import MARKS_KEPT_MS
from bot.store.redis.room import KEYS, optional, packed
from bot.store.redis.stories import NO_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.store.records import Row
    from bot.store.redis.connection import RedisConnection, Value

    Line: TypeAlias = tuple[Value, ...]

_PART = 50  # rows a script: none may take more than 10 ms


async def load(redis: RedisConnection, section: str, rows: Sequence[Row]) -> None:
    """Put rows of a section in; one that is there already is replaced."""
    if section in _SCRIPTS:
        name, words = _SCRIPTS[section]
        for start in range(0, len(rows), _PART):
            part = rows[start : start + _PART]
            await redis.run(name, *(word for row in part for word in words(row)))
    else:
        lines = _LINES[section]
        await redis.commands([line for row in rows for line in lines(row)])


def _hash(key: str) -> Callable[[Row], list[Line]]:
    return lambda row: [("HSET", KEYS + key, row[0], row[1])]


def _member(number: int) -> str:
    return f"{number:010d}"  # as in articles_rows.lua


def _article(row: Row) -> list[Line]:
    number, seq, shown, first_seen, imported, page_by, body, story = row
    placed = "" if story is None else f"{story},"
    head = f"{seq},{shown},{first_seen},{int(imported)},{placed}{optional(page_by)}"
    name = _member(number)
    lines: list[Line] = [
        ("HSET", f"{KEYS}articles", number, f"{head}\n{body}"),
        ("ZADD", f"{KEYS}log", seq, number),
        ("ZADD", f"{KEYS}shown", shown, name),
    ]
    if story not in {None, number}:
        lines += [
            ("HSET", f"{KEYS}article-stories", number, story),
            ("ZADD", f"{KEYS}members:{story}", number, number),
        ]
    for key, score, stands in (("seen", first_seen, not imported), ("pages", shown, page_by)):
        lines.append(
            ("ZREM", KEYS + key, name)
            if stands in (None, False)
            else ("ZADD", KEYS + key, score, name)
        )
    return lines


def _article_mark(row: Row) -> list[Line]:
    number, mark, revisions = row
    lines: list[Line] = [("HSET", f"{KEYS}article-marks", number, mark)]
    if revisions:
        lines.append(("HSET", f"{KEYS}article-revisions", number, revisions))
    return lines


def _edit_job(row: Row) -> list[Line]:
    number, story, article_id, not_before, chosen, again = row
    key = f"{KEYS}edit-job:{-number}"
    fields: list[Value] = ["story", story, "not_before", not_before]
    if article_id is not None:
        fields += ["article_id", article_id]
    for name, chats in (("chosen", chosen), ("again", again)):
        if chats:
            fields += [name, " ".join(map(str, json.loads(chats)))]
    lines: list[Line] = [
        ("DEL", key),
        ("HSET", key, *fields),
        ("ZADD", f"{KEYS}edit-jobs", -number, -number),
    ]
    if not chosen and not again:
        lines.append(("HSET", f"{KEYS}edit-open", f"{story} {optional(article_id)}", -number))
    return lines


def _fan_out(row: Row) -> list[Line]:
    number, article_id, shown, not_before, cursor, behind, started = row
    # The id of a fan-out is that of its article here; the one it had is kept for the way back.
    key = f"{KEYS}fanout:{article_id}"
    fields: list[Value] = ["article_id", article_id, "shown", shown, "not_before", not_before]
    if number != article_id:
        fields += ["moved_id", number]
    if cursor is not None:
        fields += ["cursor", cursor]
    if behind is not None:
        fields += ["behind", behind]
    if started:
        fields += ["owner", ""]  # nobody, but it was begun: half of the followers have it
    return [
        ("DEL", key),
        ("HSET", key, *fields),
        ("ZADD", f"{KEYS}fanouts", shown, f"{article_id:016d}"),
    ]


def _chat(row: Row) -> list[Line]:
    chat = row_chat(row)
    due = row[10]
    lines: list[Line] = [
        ("HSET", f"{KEYS}chats", chat.id, packed(list(row))),
        ("ZADD", f"{KEYS}chat-ids", chat.id, chat.id),
        ("SREM" if chat.disabled is None else "SADD", f"{KEYS}disabled", chat.id),
    ]
    if due is None or chat.disabled is not None:
        lines.append(("ZREM", f"{KEYS}due", chat.id))
    else:
        lines.append(("ZADD", f"{KEYS}due", due, chat.id))
    return lines


def _subscription(row: Row) -> list[Line]:
    number, chat_id, topic, title, mode, paused_until = row
    return [
        ("HSET", f"{KEYS}subs:{chat_id}", topic, packed([number, title, mode, paused_until])),
        ("ZADD", f"{KEYS}followers:{topic}", chat_id, chat_id),
    ]


def _record(chat_id: int, kind: str, times: tuple[int, int], row: tuple[object, ...]) -> str:
    """Give a delivery's record; ``row``: article, story, topic, method, payload."""
    article, story, *what, payload = row
    told = [article] if story is None else [article, story]
    return packed([str(chat_id), kind, *times, *told, *what]) + f"\n{payload}"


def _outbox(row: Row) -> list[Value]:
    number, chat_id, _, place, held, kind, not_before, queued_at, attempts, *message = row
    article, topic, method, payload, sending, story, expires_at = message
    record = _record(
        chat_id, kind, (queued_at, not_before), (article, story, topic, method, payload)
    )
    state = [not_before, queued_at, attempts, int(sending), optional(expires_at)]
    return [number, place, int(held), *state, record]


def _told(row: Row) -> list[Value]:
    story, chat_id, at, topic, article_id, kind, message_id = row
    message = NO_MESSAGE if message_id is None else message_id
    who = [story, chat_id, optional(at), optional(topic)]
    return [*who, article_id or story, optional(kind), message]


def _dead(row: Row) -> list[Line]:
    number, chat_id, kind, method, payload, article, topic, queued_at, *state = row
    attempts, reason, at, story = state
    record = _record(chat_id, kind, (queued_at, 0), (article, story, topic, method, payload))
    value = f"{attempts} {at}\n{json.dumps(reason, ensure_ascii=False)}\n{record}"
    return [
        ("HSET", f"{KEYS}dead", number, value),
        ("ZADD", f"{KEYS}dead-ids", number, number),
    ]


def _mark(row: Row) -> list[Line]:
    update, step, result, at = row
    return [_kept(f"{KEYS}mark:{update}:{step}", result, at)]


def _kept(key: str, value: Value, at: int | None) -> Line:
    if at is None:
        return ("SET", key, value, "PX", MARKS_KEPT_MS)
    return ("SET", key, value, "PXAT", at + MARKS_KEPT_MS)


def _phrase(row: Row) -> list[Line]:
    key, text, at = row
    return [("HSET", f"{KEYS}phrases", key, text), ("ZADD", f"{KEYS}phrase-times", at, key)]


_LINES: dict[str, Callable[[Row], list[Line]]] = {
    "counters": _hash("counters"),
    "sources": _hash("sources"),
    "articles": _article,
    "article_keys": _hash("article-keys"),
    "article_marks": _article_mark,
    "fan_outs": _fan_out,
    "edit_jobs": _edit_job,
    "chats": _chat,
    "topics": _hash("topics"),
    "subscriptions": _subscription,
    "dead": _dead,
    "update_marks": _mark,
    "updates": lambda row: [_kept(f"{KEYS}update:{row[0]}", row[1], row[1])],
    "phrases": _phrase,
}

_SCRIPTS: dict[str, tuple[str, Callable[[Row], list[Value]]]] = {
    "outbox": ("outbox_load", _outbox),
    "lanes": ("lanes_load", list),
    "told": ("told_load", _told),
}
