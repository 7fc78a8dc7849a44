"""When to leave Telegram alone for a while, when to try again, what to tell. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Some failures in a row, in different chats, are Telegram's or the network's; fewer may be
# one message's own.
_IN_A_ROW = 3
_LONGEST_PAUSE_S = 10.0
REVOKED_PAUSE_S = 30.0


class Turn(StrEnum):
    """What changed with a call, if anything: what is worth a line in the log."""

    NONE = "none"
    LOST = "lost"
    BACK = "back"


@dataclass(slots=True)
class Notice:
    """A line that several may have to write, and only the first of them writes."""

    every_s: float
    _next: float = 0.0

    def due(self, now: float) -> bool:
        """Tell whether it is time for the line again, and take it that it gets written."""
        if now < self._next:
            return False
        self._next = now + self.every_s
        return True


@dataclass(slots=True)
class Outage:
    """The state of the way to Telegram, in seconds of one monotonic clock.

    While it is down calls pause (1, 2, 4, 8, 10 s), then one at a time probes.
    """

    paused_until: float = 0.0
    down: bool = False
    _failures: int = 0
    _pauses: int = 0

    def failed(self, now: float) -> Turn:
        """Note a call that met no answer, or a 5xx."""
        self._failures += 1
        if self._failures < _IN_A_ROW or now < self.paused_until:
            return Turn.NONE
        self.paused_until = now + min(2.0**self._pauses, _LONGEST_PAUSE_S)
        self._pauses += 1
        was_down, self.down = self.down, True
        return Turn.NONE if was_down else Turn.LOST

    def revoked(self, now: float) -> None:
        """Note a 401: everything waits, whatever the number of failures."""
        if now >= self.paused_until:
            self.paused_until = now + REVOKED_PAUSE_S
        self.down = True

    def answered(self) -> Turn:
        """Note a call that Telegram answered, be it with a refusal."""
        was_down = self.down
        self.down, self._failures, self._pauses, self.paused_until = False, 0, 0, 0.0
        return Turn.BACK if was_down else Turn.NONE

    def pause_s(self, now: float) -> float:
        """Give how long to make no call."""
        return max(0.0, self.paused_until - now)
