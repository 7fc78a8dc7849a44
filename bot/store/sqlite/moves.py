"""What happens to a whole chat: it goes away, or becomes another."""

# ruff: noqa: S608 - only names of columns and tables are put in; values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Chat, ChatKind
from bot.store.records import readdress, united
from bot.store.sqlite.chats import find_chat, put_chat
from bot.store.sqlite.lanes import settle
from bot.store.sqlite.room import Room

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


class MoveRoom(Room):
    """The steps on a chat as a whole."""

    async def disable_chat(self, chat_id: int, reason: str, now: datetime) -> None:  # noqa: ARG002
        """Send nothing more to a chat: its queue is dropped, its settings are kept."""
        await self._db.write(lambda db: _disable(db, chat_id, reason))
        self._leases.end(chat_id)

    async def migrate_chat(self, old: int, new: int) -> None:
        """Give everything of a group to the supergroup that it became."""
        if old != new:
            await self._db.write(lambda db: _migrate(db, old, new))
            self._leases.end(old)


def _disable(db: sqlite3.Connection, chat_id: int, reason: str) -> None:
    if find_chat(db, chat_id) is None:
        # Never met, yet written to: what comes for it later has to be passed over too.
        kind = ChatKind.PRIVATE if chat_id > 0 else ChatKind.CHANNEL
        put_chat(db, Chat(chat_id, kind=kind))
    db.execute("UPDATE chats SET disabled = ? WHERE id = ?", (reason, chat_id))
    db.execute("DELETE FROM outbox WHERE chat_id = ?", (chat_id,))
    db.execute("DELETE FROM lanes WHERE chat_id = ?", (chat_id,))


def _migrate(db: sqlite3.Connection, old: int, new: int) -> None:
    group = find_chat(db, old)
    if group is not None:
        put_chat(db, united(group, find_chat(db, new), new))
        db.execute("DELETE FROM chats WHERE id = ?", (old,))
    # Both may have been queued the same story; one of them is enough. What the group got cannot
    # be edited in the supergroup.
    db.execute(
        """DELETE FROM outbox WHERE chat_id = ?1 AND (lane = 2 OR coalesce(story, article_id) IN (
               SELECT story FROM told WHERE chat_id = ?2))""",
        (old, new),
    )
    db.execute("UPDATE told SET message_id = NULL WHERE chat_id = ?", (old,))
    # A fan-out that is past the new id and was not yet at the old one would miss the chat.
    db.execute(
        """UPDATE fan_outs SET behind = min(coalesce(behind, ?2), ?2)
           WHERE cursor < ?1 AND cursor >= ?2""",
        (old, new),
    )
    for table in ("subscriptions", "told"):
        # What the new chat has already is kept as it has it.
        db.execute(f"UPDATE OR IGNORE {table} SET chat_id = ? WHERE chat_id = ?", (new, old))
        db.execute(f"DELETE FROM {table} WHERE chat_id = ?", (old,))
    for table in ("outbox", "dead"):
        rows = db.execute(
            f"SELECT id, payload FROM {table} WHERE chat_id = ?",
            (old,),
        ).fetchall()
        db.executemany(
            f"UPDATE {table} SET chat_id = ?, payload = ? WHERE id = ?",
            [(new, readdress(payload, old, new), number) for number, payload in rows],
        )
    # What was on its way to the group when it moved did not arrive.
    db.execute("UPDATE outbox SET sending = 0 WHERE chat_id = ? AND sending = 1", (new,))
    db.execute(
        """INSERT OR IGNORE INTO lanes (chat_id, free_at, hold_until)
           SELECT ?, free_at, hold_until FROM lanes WHERE chat_id = ?""",
        (new, old),
    )
    db.execute("DELETE FROM lanes WHERE chat_id = ?", (old,))
    settle(db, new)
