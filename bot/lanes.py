"""Updates side by side, those of one chat in order: what both ways of intake share.

An update counts as done when its handler returned, failed in a way that trying again would
not mend, or took too long. A store that fails is no reason to lose an update: it is
tried again until the store is back, or until others pass and this one alone keeps failing.

Each update is handled by one worker: ``begin_update`` takes it and its chat in the store,
``end_update`` notes that it was handled, and only then may it be confirmed.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import StoreError
from bot.models import Turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

Update = dict[str, Any]

DEADLINE_S = 30.0
AT_ONCE = 64
FAREWELL_S = 1.0
_LONGEST_PAUSE_S = 2.0
_ENOUGH = 5
_LOOKS_S = (0.02, 0.25)  # between looks at a chat that another worker has: first, longest
_BITS = 63

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


class Book(Protocol):
    """What is asked of the store: the part of ``Store`` that is about updates."""

    async def begin_update(
        self, update_id: int, lane: int, owner: str, now: datetime, lease_s: float
    ) -> Turn:
        """Take an update and its chat."""

    async def end_update(self, update_id: int, lane: int, owner: str, now: datetime) -> None:
        """Note that an update was handled."""

    async def let_go(self, lane: int, owner: str) -> None:
        """Let go of a chat whose update was not handled after all."""


class Lanes:
    """Hands updates to ``handle``: one lane a chat, at most ``at_once`` handlers running."""

    def __init__(
        self,
        handle: Callable[[Update], Awaitable[None]],
        book: Book,
        *,
        owner: str,
        clock: Callable[[], datetime],
        log: Any,  # noqa: ANN401 - structlog's loggers are duck-typed
        lease_s: float = 15.0,
        deadline_s: float = DEADLINE_S,
        at_once: int = AT_ONCE,
    ) -> None:
        self._handle = handle
        self._book = book
        self._owner = owner
        self._clock = clock
        self._log = log
        self._lease_s = lease_s
        self._deadline_s = deadline_s
        self._places = asyncio.Semaphore(at_once)
        self._tasks: dict[int, asyncio.Task[bool]] = {}  # by update id
        self._tails: dict[int, asyncio.Task[bool]] = {}  # by lane
        self._begun: dict[int, int] = {}  # the update that a lane is leased for
        self._held: set[int] = set()
        self._passed = 0
        self._stopping = False

    def put(self, update: Update) -> asyncio.Task[bool]:
        """Start handling an update behind those of its chat; True in the end: it can be confirmed.

        An update that is being handled already is not started again. False: the bot stops, and
        it has to come again.
        """
        update_id: int = update["update_id"]
        if (task := self._tasks.get(update_id)) is not None:
            return task
        lane = lane_of(update)
        task = asyncio.create_task(self._run(update, lane, self._tails.get(lane)))
        self._tasks[update_id] = self._tails[lane] = task
        task.add_done_callback(lambda done: self._leave(update_id, lane, done))
        return task

    def is_held(self, update_id: int) -> bool:
        """Tell whether an update waits because the store fails."""
        return update_id in self._held

    async def keep(self) -> None:
        """Renew the leases of what is being handled, until cancelled."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            for lane, update_id in list(self._begun.items()):
                if self._begun.get(lane) == update_id:
                    with contextlib.suppress(StoreError):
                        await self._renew(update_id, lane)

    async def drain(self, timeout_s: float) -> None:
        """Begin nothing more, finish what was begun; what takes longer is cancelled."""
        self._stopping = True
        keeping = asyncio.create_task(self.keep())
        try:
            if self._tasks:
                left_s = max(timeout_s - FAREWELL_S, 0.0)
                await asyncio.wait(self._tasks.values(), timeout=left_s)
        finally:
            keeping.cancel()
            await self.cancel()

    async def cancel(self) -> None:
        """End everything now; a store that is away is not waited for to let go of chats."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=FAREWELL_S)

    # -- one update ---------------------------------------------------------------------

    def _leave(self, update_id: int, lane: int, done: asyncio.Task[bool]) -> None:
        del self._tasks[update_id]
        self._held.discard(update_id)
        if self._tails.get(lane) is done:
            del self._tails[lane]

    async def _run(self, update: Update, lane: int, before: asyncio.Task[bool] | None) -> bool:
        if before is not None:
            await asyncio.wait([before])
        try:
            return await self._insist(update, lane)
        finally:
            if self._begun.pop(lane, None) is not None:
                with contextlib.suppress(StoreError):
                    await self._book.let_go(lane, self._owner)

    async def _insist(self, update: Update, lane: int) -> bool:
        """Try until the store has taken it; False where the bot stops before."""
        update_id = update["update_id"]
        tries, failures, passed, handled = 0, 0, self._passed, False
        while not self._stopping:
            try:
                if not handled:
                    turn = await self._turn(update_id, lane)
                    if turn is not Turn.HANDLE:
                        return turn is Turn.DONE
                    await self._handled(update)
                    handled = True
                await self._end(update_id, lane)
            except StoreError as error:
                if not tries:
                    self._held.add(update_id)
                    self._log.warning(
                        "an update waits for the store", id=update_id, error=f"{error}"
                    )
            else:
                self._passed += 1
                return True
            tries += 1
            failures += self._passed > passed  # others pass: it is not the store
            if failures >= _ENOUGH:
                self._log.error("an update is given up", update_id=update_id)
                with contextlib.suppress(StoreError):
                    await self._end(update_id, lane)
                return True
            passed = self._passed
            await asyncio.sleep(min(0.1 * 2.0**tries, _LONGEST_PAUSE_S))
        return False

    async def _turn(self, update_id: int, lane: int) -> Turn:
        """Wait until no other worker handles an update of the chat."""
        look_s, longest_s = _LOOKS_S
        while True:
            turn = await self._book.begin_update(
                update_id, lane, self._owner, self._clock(), self._lease_s
            )
            if turn is Turn.HANDLE:
                self._begun[lane] = update_id
            if turn is not Turn.WAIT or self._stopping:
                return turn
            await asyncio.sleep(look_s)
            look_s = min(look_s * 1.5, longest_s)

    async def _renew(self, update_id: int, lane: int) -> None:
        await self._book.begin_update(update_id, lane, self._owner, self._clock(), self._lease_s)
        if lane not in self._begun:  # it ended meanwhile: the chat must not stay ours
            await self._book.let_go(lane, self._owner)

    async def _end(self, update_id: int, lane: int) -> None:
        await self._book.end_update(update_id, lane, self._owner, self._clock())
        self._begun.pop(lane, None)

    async def _handled(self, update: Update) -> None:
        """Handle an update once; raises ``StoreError`` where it has to be tried again."""
        update_id = update["update_id"]
        async with self._places:
            try:
                async with asyncio.timeout(self._deadline_s):
                    await self._handle(update)
            except StoreError:
                raise
            except TimeoutError:
                self._log.exception("an update took too long", update_id=update_id)
            except Exception:  # noqa: BLE001 - one poisoned update must not block the others
                self._log.exception("an update could not be handled", update_id=update_id)


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
    # Stores take ids of 64 bits.
    return found if isinstance(found, int) and found.bit_length() <= _BITS else 0
