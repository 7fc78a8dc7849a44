"""Updates in, by long polling: handle, then confirm.

An update is confirmed (by the offset of the next getUpdates) only when it and all before it are
done, so a kill at any moment loses none; what comes again is told by the store, also where another
worker handled it. An update that takes long does not hold up the others: they are fetched,
handled and remembered past it. Of several workers one polls: the one that has the lease.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import StoreError
from bot.lanes import FAREWELL_S
from bot.telegram import CallError, Telegram
from bot.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.lanes import Lanes, Update

LIMIT = 100  # updates that Telegram gives at once
LEASE = "poll"
_POLL_S = 45  # Telegram waits at most 50
_SLACK_S = 10.0
_GLANCE_S = (0.05, 0.1, 0.25, 0.5)  # between looks for news past an update that takes long
_UNKNOWN = 2  # looks without an answer of the store: the lease has ended then
_LOOK_S = 1.0  # between looks whether another worker still polls


class Leases(Protocol):
    """What is asked of ``bot.leases.Leases``."""

    async def take(self, name: str) -> bool:
        """Take a piece of work, or keep it; False while another run has it."""

    async def leave(self, name: str) -> None:
        """Give a piece of work to whoever wants it."""


class Intake:
    """The polling loop. One task of the application runs ``run``."""

    def __init__(
        self,
        telegram: Telegram,
        lanes: Lanes,
        leases: Leases,
        *,
        allowed_updates: Sequence[str],
        log: Any,  # noqa: ANN401 - structlog's loggers are duck-typed
        lease_s: float = 15.0,
        poll_s: int = _POLL_S,
    ) -> None:
        self._telegram = telegram
        self._lanes = lanes
        self._leases = leases
        self._allowed = list(allowed_updates)
        self._log = log
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._tasks: dict[int, asyncio.Task[bool]] = {}  # handled or being handled, by id
        self._offset: int | None = None
        self._asked: int | None = None  # the offset that Telegram was told last
        self._polls = False
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self._trouble = Trouble(telegram, log)

    # -- life ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Poll until ``drain`` is called."""
        try:
            await self._until_stopped(self._work())
        finally:
            self._stopped.set()
            if not self._stopping.is_set():  # cancelled: nobody will wait for these
                await self._lanes.cancel()

    async def drain(self, timeout_s: float) -> None:
        """Fetch nothing more, finish what is being handled, confirm it."""
        until = asyncio.get_running_loop().time() + timeout_s
        self._stopping.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._stopped.wait()
        await self._lanes.drain(until - asyncio.get_running_loop().time())
        self._advance()
        # Without need it would only meet the end of our own long poll: a 409 at every stop.
        if self._polls and self._offset != self._asked:
            with contextlib.suppress(CallError):
                params = {"offset": self._offset, "limit": 1, "timeout": 0}
                await self._telegram.call("getUpdates", params, timeout_s=FAREWELL_S)
        with contextlib.suppress(TimeoutError):  # a store that is away
            async with asyncio.timeout(FAREWELL_S):
                await self._leases.leave(LEASE)

    async def _until_stopped(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        """Run until done or stopping; a stop ends a long poll at once."""
        polling = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if polling.done():
                polling.result()
        finally:
            for task in (polling, stopping):
                task.cancel()
            await asyncio.gather(polling, stopping, return_exceptions=True)

    # -- the lease ----------------------------------------------------------------------

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lanes.keep())
            while True:
                await self._obtain()
                polling = group.create_task(self._poll())
                await self._hold()
                polling.cancel()
                await asyncio.wait([polling])
                # Whoever polls now is told by the store what was handled.
                self._tasks, self._offset, self._asked = {}, None, None

    async def _obtain(self) -> None:
        """Wait until no other worker polls."""
        told = False
        while not (mine := await self._lease()):
            if mine is False and not told:
                self._log.info("another worker asks Telegram for updates; this one stands by")
                told = True
            await asyncio.sleep(min(_LOOK_S, self._lease_s))
        self._polls = True

    async def _hold(self) -> None:
        """Keep the lease; return when it is lost."""
        unknown = 0
        while self._polls:
            await asyncio.sleep(self._lease_s / 3)
            mine = await self._lease()
            unknown = unknown + 1 if mine is None else 0
            self._polls = mine is not False and unknown < _UNKNOWN

    async def _lease(self) -> bool | None:
        """Take or keep the lease; None where the store does not say."""
        try:
            return await self._leases.take(LEASE)
        except StoreError as error:
            self._log.debug("the lease of polling waits for the store", error=str(error))
            return None

    # -- polling ------------------------------------------------------------------------

    async def _poll(self) -> None:
        await self._insist("deleteWebhook", {"drop_pending_updates": False})
        glances = 0
        while True:
            waiting = self._advance()
            self._asked = self._offset
            params: dict[str, object] = {
                "offset": self._offset,
                "limit": LIMIT,
                # Past an unconfirmed update Telegram answers at once with that update.
                "timeout": 0 if waiting else self._poll_s,
                "allowed_updates": self._allowed,
            }
            updates = await self._insist("getUpdates", params)
            new = [update for update in updates if self._start(update)]
            glances = 0 if new else min(glances + 1, len(_GLANCE_S) - 1)
            unfinished = [task for task in self._tasks.values() if not task.done()]
            if unfinished:
                await asyncio.wait(
                    unfinished,
                    timeout=_GLANCE_S[glances],
                    return_when=asyncio.ALL_COMPLETED if new else asyncio.FIRST_COMPLETED,
                )

    def _start(self, update: Update) -> bool:
        """Hand an update over, unless that was done; True if it is new."""
        update_id = update["update_id"]
        if update_id in self._tasks:
            return False
        self._tasks[update_id] = self._lanes.put(update)
        return True

    def _advance(self) -> bool:
        """Move the offset past what is done; True if something is not."""
        for update_id in sorted(self._tasks):
            task = self._tasks[update_id]
            if not task.done() or task.cancelled() or not task.result():
                return True
            del self._tasks[update_id]
            self._offset = update_id + 1
        return False

    async def _insist(self, method: str, params: dict[str, object]) -> Any:  # noqa: ANN401
        """Make a call until it goes through."""
        wait = params.get("timeout")
        timeout_s = _SLACK_S + (wait if isinstance(wait, int) else 0)
        tries = 0
        while True:
            try:
                result = await self._telegram.call(method, params, timeout_s=timeout_s)
            except CallError as error:
                await asyncio.sleep(self._trouble.pause_s(error.outcome, tries))
                tries += 1
            else:
                self._trouble.over()
                return result
