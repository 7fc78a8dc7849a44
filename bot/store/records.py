"""Models as plain values and back, the same for every store. Pure: no I/O here."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from bot.models import (
    Article,
    Chat,
    ChatKind,
    Credit,
    Doubt,
    Mode,
    Related,
    SourceState,
    Subscription,
)

Row: TypeAlias = tuple[Any, ...] | list[Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


# What a store holds, in the order in which it is moved to another: (section, its fields). Times
# are milliseconds; "key" fields come first. Both stores dump and load exactly these.
SECTIONS: dict[str, tuple[str, ...]] = {
    "counters": ("name", "value"),
    "sources": ("name", "state"),
    "articles": ("id", "seq", "shown", "first_seen", "imported", "page_by", "body", "story"),
    "article_keys": ("key", "article_id"),
    "article_marks": ("article_id", "mark", "revisions"),
    "fan_outs": ("id", "article_id", "shown", "not_before", "cursor", "behind", "started"),
    "edit_jobs": ("id", "story", "article_id", "not_before", "chosen", "again"),
    "chats": (
        "id", "kind", "title", "language", "zone", "digest_at", "quiet", "thread_id", "disabled",
        "last_digest_at", "next_digest_at", "on_doubt",
    ),
    "topics": ("key", "title"),
    "subscriptions": ("id", "chat_id", "topic", "title", "mode", "paused_until"),
    "outbox": (
        "id", "chat_id", "lane", "place", "held", "kind", "not_before", "queued_at", "attempts",
        "article_id", "topic", "method", "payload", "sending", "story", "expires_at",
    ),
    "lanes": ("chat_id", "free_at", "hold_until"),
    # article_id None: the story's first; kind None: told by a version that did not note it.
    "told": ("story", "chat_id", "at", "topic", "article_id", "kind", "message_id"),
    "dead": (
        "id", "chat_id", "kind", "method", "payload", "article_id", "topic", "queued_at",
        "attempts", "reason", "at", "story",
    ),
    "update_marks": ("update_id", "step", "result", "at"),
    "updates": ("update_id", "at"),
    "phrases": ("key", "text", "at"),
}  # fmt: skip


def to_ms(when: datetime) -> int:
    """Give an instant as whole milliseconds since 1970, rounded down."""
    # Not timestamp() * 1000: its float rounding would move an instant by one on each trip.
    return (when - EPOCH) // _MILLISECOND


def to_ms_or_none(when: datetime | None) -> int | None:
    """Give an instant as milliseconds, or None where there is none."""
    return None if when is None else to_ms(when)


def from_ms(value: int) -> datetime:
    """Give the instant of a number of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=value)


def from_ms_or_none(value: int | None) -> datetime | None:
    """Give the instant of a number of milliseconds, or None where there is none."""
    return None if value is None else from_ms(value)


def storable(text: str) -> str:
    """Give a text that UTF-8 can hold: lone surrogates of a broken document become ``?``."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def dump_article(article: Article) -> str:
    """Give an article as JSON; the offset of ``published`` is kept as it came."""
    values: dict[str, object] = {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "source": article.source,
        "category": article.category,
        "author": article.author,
        "image": article.image,
        "summary": article.summary,
    }
    if article.published:
        values["published"] = article.published.isoformat()
    if article.credit:
        values["credit"] = [article.credit.name, article.credit.url]
    if article.related:
        values["related"] = [[item.title, item.url] for item in article.related]
    return storable(_compact({key: value for key, value in values.items() if value}))


def load_article(text: str) -> Article:
    """Give the article of ``dump_article``."""
    values: dict[str, Any] = json.loads(text)
    published: str | None = values.get("published")
    credit: list[Any] | None = values.get("credit")
    return Article(
        url=values.get("url", ""),
        title=values.get("title", ""),
        text=values.get("text", ""),
        published=datetime.fromisoformat(published) if published else None,
        source=values.get("source", ""),
        category=values.get("category"),
        author=values.get("author"),
        credit=Credit(*credit) if credit else None,
        image=values.get("image"),
        summary=values.get("summary"),
        related=tuple(Related(*item) for item in values.get("related", ())),
    )


_SOURCE_TIMES = ("next_poll_at", "polled_at", "failing_since", "told_at")
_SOURCE_TUPLES = ("skip_hours", "skip_days")


def dump_source(state: SourceState) -> str:
    """Give a source's state as JSON."""
    values = {name: getattr(state, name) for name in SourceState.__dataclass_fields__}
    for name in _SOURCE_TIMES:
        values[name] = to_ms_or_none(values[name])
    # ASCII, because a validator is kept byte for byte, surrogates for odd bytes included.
    return json.dumps(values, separators=(",", ":"))


def load_source(text: str) -> SourceState:
    """Give the state of ``dump_source``."""
    values: dict[str, Any] = json.loads(text)
    for name in _SOURCE_TIMES:
        values[name] = from_ms_or_none(values.get(name))
    for name in _SOURCE_TUPLES:
        values[name] = tuple(values.get(name, ()))
    return SourceState(**values)


_WITHOUT_DOUBT = 11  # fields of a chat in the marks of an older version
# By the plain value: a fan-out reads some of each for every chat, and calling an enum takes
# five times as long.
_CHAT_KINDS = {str(kind): kind for kind in ChatKind}
_DOUBTS = {str(doubt): doubt for doubt in Doubt}
_MODES = {str(mode): mode for mode in Mode}


def chat_row(chat: Chat) -> Row:
    """Give a chat as plain values, in the order of its fields."""
    return (
        chat.id,
        str(chat.kind),
        storable(chat.title),
        chat.language,
        chat.zone,
        chat.digest_at,
        chat.quiet,
        chat.thread_id,
        chat.disabled,
        to_ms_or_none(chat.last_digest_at),
        to_ms_or_none(chat.next_digest_at),
        str(chat.on_doubt),
    )


def row_chat(row: Row) -> Chat:
    """Give the chat of ``chat_row``."""
    # By place: a fan-out reads 100,000 of them.
    return Chat(
        row[0],
        _CHAT_KINDS[row[1]],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        None if row[9] is None else from_ms(row[9]),
        None if row[10] is None else from_ms(row[10]),
        _DOUBTS[row[11]] if len(row) > _WITHOUT_DOUBT else Doubt.REPEAT,
    )


def united(group: Chat, met: Chat | None, new: int) -> Chat:
    """Give the supergroup's row: the group's settings, but for those it was given since."""
    if met is None:
        return replace(group, id=new, kind=ChatKind.SUPERGROUP, disabled=None)
    return replace(
        met,
        kind=ChatKind.SUPERGROUP,
        language=group.language,
        zone=group.zone,
        digest_at=met.digest_at or group.digest_at,
        quiet=met.quiet or group.quiet,
        last_digest_at=met.last_digest_at or group.last_digest_at,
        next_digest_at=met.next_digest_at or group.next_digest_at,
        on_doubt=group.on_doubt,
        disabled=None,
    )


def subscription_row(subscription: Subscription) -> Row:
    """Give a subscription as plain values, in the order of its fields."""
    return (
        subscription.chat_id,
        storable(subscription.topic),
        storable(subscription.title),
        str(subscription.mode),
        to_ms_or_none(subscription.paused_until),
    )


def row_subscription(row: Row) -> Subscription:
    """Give the subscription of ``subscription_row``."""
    chat_id, topic, title, mode, paused = row
    until = None if paused is None else from_ms(paused)
    return Subscription(chat_id, topic, title, _MODES[mode], until)


def readdress(payload: str, old: int, new: int) -> str:
    """Give a queued call's JSON with the chat that it goes to replaced."""
    values = json.loads(payload)
    if values.get("chat_id") == old:
        values["chat_id"] = new
    return _compact(values)
