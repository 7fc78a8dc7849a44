"""One deadline for each of many short calls, and one timer for all of them.

A timer a call, as ``asyncio.timeout`` and aiohttp set it, is a fifth of what a call to the
Bot API costs (20 of 95 µs): nearly all of them are called off again. Here each call has equally
long, so the oldest is the first that can be late, and only that is watched.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Deadlines:
    """Gives each call the same time: ``with deadlines.call(): ...`` raises ``TimeoutError``."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._open: dict[_Call, float] = {}  # in the order of their deadlines
        self._timer: asyncio.TimerHandle | None = None

    def call(self) -> _Call:
        """Give a context that ends in time. It cancels the task that it is in, as
        ``asyncio.timeout`` does, and leaves others' cancellations alone."""
        return _Call(self)

    def _begin(self, call: _Call) -> None:
        loop = asyncio.get_running_loop()
        self._open[call] = due = loop.time() + self._timeout_s
        if self._timer is None:
            self._timer = loop.call_at(due, self._look)

    def _end(self, call: _Call) -> None:
        self._open.pop(call, None)

    def _look(self) -> None:
        """Cut off who is late, and watch the next one."""
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for call, due in list(self._open.items()):
            if due > now:
                self._timer = loop.call_at(due, self._look)
                break
            del self._open[call]
            call.cut()


class _Call:
    """A call's deadline."""

    __slots__ = ("_all", "_cancelled_before", "_late", "_task")

    _task: asyncio.Task[object]

    def __init__(self, deadlines: Deadlines) -> None:
        self._all = deadlines
        self._late = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is for a task")
        self._task = task
        self._cancelled_before = task.cancelling()
        self._all._begin(self)  # noqa: SLF001 - two halves of one thing

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._all._end(self)  # noqa: SLF001
        if (
            self._late
            and self._task.uncancel() <= self._cancelled_before
            and kind is asyncio.CancelledError
        ):
            raise TimeoutError from error

    def cut(self) -> None:
        """End the call: it is late."""
        self._late = True
        self._task.cancel()
