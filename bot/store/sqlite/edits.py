"""Changes of what was sent, on their way to those who were told: batch by batch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.models import DeliveryKind, FanOut, FanOutKind
from bot.store.protocol import AGAIN_S
from bot.store.records import storable, to_ms, to_ms_or_none
from bot.store.sqlite.articles import find_article
from bot.store.sqlite.queue import add, disabled_among
from bot.store.sqlite.room import take_numbers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.models import Draft

_AGAIN_MS = round(AGAIN_S * 1000)
_QUEUED = """
    SELECT id FROM outbox INDEXED BY outbox_queue
    WHERE chat_id = ? AND lane {lane} 2 AND coalesce(story, article_id) = ?
"""
_QUEUED_EDIT = _QUEUED.format(lane="=")
_QUEUED_FIRST = _QUEUED.format(lane="<")


def next_edit(db: sqlite3.Connection, now: int, owner: str, lease_ms: int) -> FanOut | None:
    """Lease the oldest edit that nobody works on."""
    row = db.execute(
        """SELECT id, story, article_id, cursor, chosen FROM edit_jobs
           WHERE id < 0 AND lease_until <= ?1 AND not_before <= ?1
           ORDER BY id DESC LIMIT 1""",
        (now,),
    ).fetchone()
    if row is None:
        return None
    number, story, article_id, cursor, chosen = row
    article = find_article(db, article_id or story)
    if article is None:
        db.execute("DELETE FROM edit_jobs WHERE id = ?", (number,))
        return None
    db.execute(
        "UPDATE edit_jobs SET owner = ?, lease_ms = ?, lease_until = ? WHERE id = ?",
        (owner, lease_ms, now + lease_ms, number),
    )
    return FanOut(
        id=number,
        article=article,
        cursor=None if cursor is None else int(cursor),
        kind=FanOutKind.EDIT,
        revised=article_id is not None,
        only=tuple(json.loads(chosen)) if chosen else (),
    )


def expand_edit(
    db: sqlite3.Connection,
    number: int,
    drafts: Sequence[Draft],
    cursor: int | None,
    now: datetime,
    is_leased: Callable[[int, int], bool],
) -> int:
    """Queue a batch of an edit and move its cursor; ``is_leased``: of chat and delivery ids."""
    row = db.execute("SELECT again FROM edit_jobs WHERE id = ?", (number,)).fetchone()
    if row is None:
        return 0
    again: list[int] = json.loads(row[0]) if row[0] else []
    disabled = disabled_among(db, drafts)
    done = 0
    for draft in drafts:
        if draft.chat_id in disabled:
            continue
        outcome = _apply(db, draft, now, is_leased)
        if outcome is None:
            again.append(draft.chat_id)
        else:
            done += outcome
    left = json.dumps(list(dict.fromkeys(again))) if again else None
    if cursor is not None:
        db.execute(
            """UPDATE edit_jobs SET cursor = ?, again = ?, lease_until = ? + lease_ms,
                   owner = coalesce(owner, '') WHERE id = ?""",
            (str(cursor), left, to_ms(now), number),
        )
    elif left:
        db.execute(
            """UPDATE edit_jobs SET chosen = ?, again = NULL, cursor = NULL, not_before = ?,
                   lease_until = 0 WHERE id = ?""",
            (left, to_ms(now) + _AGAIN_MS, number),
        )
    else:
        db.execute("DELETE FROM edit_jobs WHERE id = ?", (number,))
    return done


def _apply(
    db: sqlite3.Connection, draft: Draft, now: datetime, is_leased: Callable[[int, int], bool]
) -> int | None:
    """Queue one chat's edit, or replace what is queued; None: it is just being sent."""
    story = draft.story or draft.article_id
    told = db.execute(
        "SELECT message_id FROM told WHERE story = ? AND chat_id = ?", (story, draft.chat_id)
    ).fetchone()
    if told is None:
        return 0
    is_edit = draft.kind is DeliveryKind.EDIT
    query = _QUEUED_EDIT if is_edit else _QUEUED_FIRST
    queued = db.execute(query, (draft.chat_id, story)).fetchone()
    if queued is None:
        if not is_edit:
            return 0 if told[0] is None else None
        if told[0] is None:
            return 0
        add(db, [draft], now, take_numbers(db, "delivery", 1))
        return 1
    if is_leased(draft.chat_id, queued[0]):
        return None
    db.execute(
        "UPDATE outbox SET method = ?, payload = ? WHERE id = ?",
        (draft.message.method, storable(draft.message.payload), queued[0]),
    )
    if is_edit:
        expires_at = to_ms_or_none(draft.expires_at)
        db.execute("UPDATE outbox SET expires_at = ? WHERE id = ?", (expires_at, queued[0]))
    return 1
