"""Deliveries as the scripts and the server have them. Pure: no I/O here.

A record is a line of JSON, a line feed, and the payload as it goes to Telegram; ``lua/lanes.lua``
names the keys.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.models import DeadLetter, Delivery, DeliveryKind, Message, Standing
from bot.store.records import from_ms, storable, to_ms, to_ms_or_none
from bot.store.redis.room import optional, packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.models import Draft

_ADDRESS = '{"chat_id": '  # what payloads begin with
_LETTERS = {DeliveryKind.REPLY: "r", DeliveryKind.ALERT: "a", DeliveryKind.EDIT: "e"}
_KINDS = {str(kind): kind for kind in DeliveryKind}


def lane_standing(state: str | None) -> Standing:
    """Give how a chat stands whose lane is written so (``lua/lanes.lua``)."""
    if state is None:
        return Standing()
    _, held_until, _, _, stands = state.split(" ")
    return Standing(from_ms(int(held_until)) if held_until != "0" else None, stands[0] != "0")


def record_parts(draft: Draft, now: int) -> tuple[str, bytes]:
    """Give a draft's record up to the time of queuing, and what follows that."""
    # As bytes: a thousand of them need not be encoded twice.
    tail = _encoded(_behind_time(draft, now) + draft.message.payload)
    return f'["{draft.chat_id}","{draft.kind}",', tail


def _behind_time(draft: Draft, now: int) -> str:
    """Give a record between the time of queuing and the payload."""
    article = "null" if draft.article_id is None else draft.article_id
    story = "" if draft.story in {None, draft.article_id} else f"{draft.story},"
    topic = "null" if draft.topic is None else _quoted(draft.topic)
    return f",{not_before(draft, now)},{article},{story}{topic},{_quoted(draft.message.method)}]\n"


def _encoded(text: str) -> bytes:
    # Lone surrogates come from other people's JSON.
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return packed(storable(text))


def not_before(draft: Draft, now: int) -> int:
    """Give when a draft may go out; 0 at once. Edits wait for nothing but the others."""
    if draft.kind is DeliveryKind.EDIT:
        return 0
    at = to_ms_or_none(draft.not_before) or 0
    return at if at > now else 0


def draft_words(drafts: Sequence[Draft], now: datetime) -> list[str | bytes]:
    """Give drafts as ``queue`` of ``lua/queue.lua`` reads them.

    An article goes to 100,000 chats in a few readings, which differ in the chat's id alone: each
    reading travels once, and the records are put together at the server.
    """
    at = to_ms(now)
    topics: dict[str, int] = {}
    readings: dict[tuple[object, ...], int] = {}
    chats: list[str] = []
    words: list[str | bytes] = ["", ""]
    for draft in drafts:
        payload = draft.message.payload
        start = f"{_ADDRESS}{draft.chat_id}"
        shared = payload[len(start) :] if payload.startswith(start) else ""
        reading = (
            shared or payload,
            draft.topic,
            draft.held,
            draft.kind,
            draft.article_id,
            draft.story,
            draft.not_before,
            draft.expires_at,
            draft.message.method,
            bool(shared),
        )
        place = readings.get(reading)
        if place is None:
            place = readings[reading] = len(readings) + 1
            middle = f'","{draft.kind}",{at}{_behind_time(draft, at)}'
            middle += _ADDRESS if shared else payload
            words += (_spec(draft, at, topics), _encoded(middle), _encoded(shared))
        chats.append(f"{draft.chat_id} {place}")
    words[:2] = packed(list(topics)), " ".join(chats)
    return words


def _spec(draft: Draft, now: int, topics: dict[str, int]) -> str:
    """Give what ``queue`` has to know of a draft; a topic takes its place among ``topics``."""
    article = optional(draft.article_id)
    story = article if draft.story is None else draft.story
    letter = _LETTERS.get(draft.kind, "o")
    held = int(draft.held and draft.kind is not DeliveryKind.EDIT)
    place: int | str = ""
    if draft.topic is not None:
        place = topics.setdefault(storable(draft.topic), len(topics) + 1)
    expires_at = optional(to_ms_or_none(draft.expires_at))
    when = f"{held} {not_before(draft, now)}"
    return f"{draft.kind} {letter} {when} {article} {story} {place} {expires_at}"


def edit_words(drafts: Sequence[Draft], now: datetime) -> list[str | bytes]:
    """Give drafts as ``lua/expand_edit.lua`` reads them."""
    at = to_ms(now)
    words: list[str | bytes] = []
    for draft in drafts:
        head, tail = record_parts(draft, at)
        story = draft.article_id if draft.story is None else draft.story
        expires_at = optional(to_ms_or_none(draft.expires_at))
        letter = _LETTERS.get(draft.kind, "o")
        record = f"{head}{at}".encode() + tail
        words += (str(draft.chat_id), optional(story), letter, expires_at, record)
    return words


def delivery(number: str, record: str, attempts: str, *, held: bool = False) -> Delivery:
    """Give the delivery of a record."""
    head, _, payload = record.partition("\n")
    # Its story stands before the topic, where it is not the article's own.
    chat_id, kind, queued_at, _, article_id, *_, topic, method = json.loads(head)
    return Delivery(
        id=int(number),
        chat_id=int(chat_id),
        kind=_KINDS[kind],
        message=Message(method, payload),
        article_id=article_id,
        topic=topic,
        queued_at=from_ms(queued_at),
        attempts=int(attempts),
        held=held,
    )


def dead_letter(number: str, value: str) -> DeadLetter:
    """Give the dead letter of a value of the hash ``xeberci:dead``."""
    head, reason, record = value.split("\n", 2)
    attempts, at = head.split(" ")
    return DeadLetter(delivery(number, record, attempts), json.loads(reason), from_ms(int(at)))


def moved(record: str, new: int, payload: str) -> str:
    """Give a record that goes to another chat."""
    head = json.loads(record.partition("\n")[0])
    return f"{packed([str(new), *head[1:]])}\n{payload}"


def unique(values: Iterable[int]) -> list[int]:
    """Give the values once each, in order."""
    return list(dict.fromkeys(values))
