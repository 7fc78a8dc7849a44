"""Updates in, by long polling: handle, then confirm.

An update is confirmed (by the offset of the next getUpdates) only when it and all before it are
done, so a kill at any moment loses none; what comes again is told by its id within a
run, and by the marks of the store across runs. An update that takes long does not hold up the
others: they are fetched, handled and remembered past it.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from bot.lanes import DEADLINE_S, Lanes, Update
from bot.refusals import Kind, Outcome
from bot.telegram import CallError, Telegram

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

LIMIT = 100  # updates that Telegram gives at once
_POLL_S = 45  # Telegram waits at most 50
_SLACK_S = 10.0
_GLANCE_S = (0.05, 0.1, 0.25, 0.5)  # between looks for news past an update that takes long
_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_CONFLICT_S = 3.0
_REVOKED_S = 30.0


class Intake:
    """The polling loop. One task of the application runs ``run``."""

    def __init__(
        self,
        telegram: Telegram,
        handle: Callable[[Update], Awaitable[None]],
        *,
        allowed_updates: Sequence[str],
        log: Any,  # noqa: ANN401 - structlog's loggers are duck-typed
        deadline_s: float = DEADLINE_S,
        poll_s: int = _POLL_S,
    ) -> None:
        self._telegram = telegram
        self._allowed = list(allowed_updates)
        self._log = log
        self._poll_s = poll_s
        self._lanes = Lanes(handle, log=log, deadline_s=deadline_s)
        self._tasks: dict[int, asyncio.Task[None]] = {}  # handled or being handled, by id
        self._offset: int | None = None
        self._asked: int | None = None  # the offset that Telegram was told last
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self._trouble: Kind | None = None

    # -- life ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Poll until ``drain`` is called."""
        try:
            await self._until_stopped(self._poll())
        finally:
            self._stopped.set()
            if not self._stopping.is_set():  # cancelled: nobody will wait for these
                for task in self._tasks.values():
                    task.cancel()

    async def drain(self, timeout_s: float) -> None:
        """Fetch nothing more, finish what is being handled, confirm it."""
        self._stopping.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._stopped.wait()
                if self._tasks:
                    await asyncio.wait(self._tasks.values())
        self._advance()
        # Without need it would only meet the end of our own long poll: a 409 at every stop.
        if self._offset != self._asked:
            with contextlib.suppress(CallError):
                params = {"offset": self._offset, "limit": 1, "timeout": 0}
                await self._telegram.call("getUpdates", params, timeout_s=2.0)
        for task in self._tasks.values():
            task.cancel()

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
        """Move the offset past what is done; True if something is still being handled."""
        for update_id in sorted(self._tasks):
            if not self._tasks[update_id].done():
                return True
            del self._tasks[update_id]
            self._offset = update_id + 1
        return False

    async def _insist(self, method: str, params: dict[str, object]) -> Any:  # noqa: ANN401
        """Make a call until it goes through; each kind of trouble is told once (a revoked
        token and a second poller each time, for a person has to act)."""
        wait = params.get("timeout")
        timeout_s = _SLACK_S + (wait if isinstance(wait, int) else 0)
        tries = 0
        while True:
            try:
                result = await self._telegram.call(method, params, timeout_s=timeout_s)
            except CallError as error:
                await asyncio.sleep(self._pause_s(error.outcome, tries))
                tries += 1
            else:
                if self._trouble is not None:
                    self._log.info("updates come in again")
                    self._trouble = None
                return result

    def _pause_s(self, outcome: Outcome, tries: int) -> float:
        """Give how long to wait after a failure, and tell of it."""
        trouble, self._trouble = self._trouble, outcome.kind
        match outcome.kind:
            case Kind.REVOKED:
                if self._telegram.revoked_notice.due(asyncio.get_running_loop().time()):
                    self._log.error(
                        "Telegram refuses the token, the next try is in 30 s: ask @BotFather for "
                        "the token (/token) and set BOT_TOKEN",
                        reason=outcome.reason,
                    )
                return _REVOKED_S
            case Kind.CONFLICT:
                if trouble is not Kind.CONFLICT:
                    self._log.error(
                        "another process asks for this bot's updates: stop it, or give it a "
                        "token of its own",
                        reason=outcome.reason,
                    )
                return _CONFLICT_S
            case Kind.FLOOD:
                return float(outcome.retry_after_s)
        if trouble is None:
            self._log.warning("no updates from Telegram; trying on", reason=outcome.reason)
        return _PAUSES_S[min(tries, len(_PAUSES_S) - 1)]
