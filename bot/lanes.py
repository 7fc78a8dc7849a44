"""Updates side by side, those of one chat in order: what both ways of intake share.

An update counts as done when its handler returned, failed in a way that trying again would
not mend, or took too long. A store that fails is no reason to lose an update: it is
tried again until the store is back, or until others pass and this one alone keeps failing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Update = dict[str, Any]

DEADLINE_S = 30.0
AT_ONCE = 64
_LONGEST_PAUSE_S = 5.0
_ENOUGH = 5

_WITH_CHAT = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
)


class Lanes:
    """Hands updates to ``handle``: one lane a chat, at most ``at_once`` handlers running."""

    def __init__(
        self,
        handle: Callable[[Update], Awaitable[None]],
        *,
        log: Any,  # noqa: ANN401 - structlog's loggers are duck-typed
        deadline_s: float = DEADLINE_S,
        at_once: int = AT_ONCE,
    ) -> None:
        self._handle = handle
        self._log = log
        self._deadline_s = deadline_s
        self._places = asyncio.Semaphore(at_once)
        self._tails: dict[int, asyncio.Task[None]] = {}
        self._passed = 0

    def put(self, update: Update) -> asyncio.Task[None]:
        """Start handling an update behind those of its chat; the task ends when it is done."""
        lane = lane_of(update)
        task = asyncio.create_task(self._run(update, self._tails.get(lane)))
        self._tails[lane] = task
        task.add_done_callback(lambda done: self._leave(lane, done))
        return task

    def _leave(self, lane: int, done: asyncio.Task[None]) -> None:
        if self._tails.get(lane) is done:
            del self._tails[lane]

    async def _run(self, update: Update, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        failures, passed = 0, self._passed
        while not await self._handled(update):
            failures += self._passed > passed  # others pass: it is not the store
            if failures >= _ENOUGH:
                self._log.error("an update is given up", update_id=update.get("update_id"))
                return
            passed = self._passed
            await asyncio.sleep(min(0.2 * 2.0**failures, _LONGEST_PAUSE_S))
        self._passed += 1

    async def _handled(self, update: Update) -> bool:
        """Handle an update once; False where it has to be tried again."""
        update_id = update.get("update_id")
        async with self._places:
            try:
                async with asyncio.timeout(self._deadline_s):
                    await self._handle(update)
            except StoreError as error:
                self._log.warning("an update waits for the store", id=update_id, error=str(error))
                return False
            except TimeoutError:
                self._log.exception("an update took too long", update_id=update_id)
            except Exception:  # noqa: BLE001 - one poisoned update must not block the others
                self._log.exception("an update could not be handled", update_id=update_id)
        return True


def lane_of(update: Update) -> int:
    """Give the chat of an update, or the person where there is none (a private chat has the
    person's id, so an inline query keeps its place among that person's messages)."""
    for name in _WITH_CHAT:
        if isinstance(part := update.get(name), dict):
            return _id(part.get("chat"))
    if isinstance(press := update.get("callback_query"), dict):
        message = press.get("message")
        return _id(message.get("chat") if isinstance(message, dict) else press.get("from"))
    for part in update.values():
        if isinstance(part, dict):
            return _id(part.get("from") or part.get("user"))
    return 0


def _id(who: object) -> int:
    found = who.get("id") if isinstance(who, dict) else None
    return found if isinstance(found, int) else 0
