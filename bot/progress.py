"""How far a long piece of work has come: a bar in a terminal, else a line of the log now and then.

Nobody watches the log of a service, and nobody wants a hundred lines of it: one each tenth.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, TextIO

log = structlog.get_logger("xeberci.progress")

_WIDTH = 30
_PARTS = 10


class Progress:
    """Tells how much of ``total`` is done; a context manager, which ends the line of the bar."""

    def __init__(self, what: str, total: int, *, out: TextIO | None = None) -> None:
        """Name the work; ``out`` is where a terminal would be, stderr if nothing is said."""
        self._what = what
        self._total = max(total, 1)
        self._out = sys.stderr if out is None else out
        self._told = 0
        self._is_bar = self._out.isatty()

    def __enter__(self) -> Self:
        """Begin; nothing is shown before the first step."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the line of the bar."""
        if self._is_bar and self._told:
            self._out.write("\n")
            self._out.flush()

    def show(self, done: int) -> None:
        """Show that so much is done; more than ``total`` is all of it."""
        done = min(done, self._total)
        if self._is_bar:
            filled = _WIDTH * done // self._total
            bar = "█" * filled + "░" * (_WIDTH - filled)
            self._out.write(f"\r{self._what} {bar} {done:,} / {self._total:,}")
            self._out.flush()
            self._told = 1
            return
        part = _PARTS * done // self._total
        if part > self._told:
            self._told = part
            log.info(self._what, done=done, total=self._total)
