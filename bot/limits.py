"""How fast the bot may call: an integer GCRA, the gate before every send, flood waits.

No I/O here, time is passed in; ``bot.gate`` makes callers wait.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from bot.models import ChatKind

SECOND_US = 1_000_000
# N + 1 calls must not fall into one second at the server even where the network squeezes
# them: the spacing is 1.5 % wider, which gives 15 ms; 5 of them are lent to timers that
# fire late, so that the average rate holds. A float GCRA measured 29 of 30.
MARGIN_PER_MILLE = 15
TOLERANCE_US = 5_000
# A busy machine squeezes harder: calls 34 ms apart arrived .6 ms apart. ``Window`` makes up
# for that (with some slack: what it knows of the fastest call is a guess), but for no more
# than this a call: most of the time that Telegram takes for an answer is its own, after
# the call has arrived.
SLACK_US = 8_000
MOST_LATE_US = 50_000

GROUPS = frozenset({ChatKind.GROUP, ChatKind.SUPERGROUP})
_COUNTED = ("send", "copy", "forward", "edit")
_UNCOUNTED = ("sendChatAction",)


@dataclass(frozen=True, slots=True)
class DeliveryLimits:
    """The section [delivery] of the configuration, in seconds and messages; 0 is no limit."""

    messages_per_second: float = 30.0
    chat_interval_s: float = 1.0
    group_per_minute: float = 20.0
    merge_after: int = 5
    in_flight: int = 8
    lease_s: float = 15.0

    def gap_s(self, kind: ChatKind) -> float:
        """Give the seconds between two bulk messages to one chat."""
        if kind in GROUPS:
            return 60.0 / self.group_per_minute if self.group_per_minute > 0 else 0.0
        return max(0.0, self.chat_interval_s)


def counts(method: str) -> bool:
    """Tell whether a method counts towards the whole bot's rate: sends, copies and edits."""
    return method.startswith(_COUNTED) and method not in _UNCOUNTED


def spacing_us(rate: float, margin_per_mille: int) -> int:
    """Give the microseconds between two calls of so many a second, a margin added."""
    return math.ceil(SECOND_US * (1000 + margin_per_mille) / (1000 * rate))


@dataclass(slots=True)
class Gcra:
    """A rate as an even spacing in whole microseconds (generic cell rate algorithm).

    ``next_us`` is when the next call is due. A caller up to ``TOLERANCE_US`` late does not
    push the schedule back, one that is later does, so no burst ever follows a pause.
    """

    interval_us: int
    next_us: int = 0

    @classmethod
    def per_second(cls, rate: float) -> Gcra:
        """Make the spacing for so many calls a second; 0 is no limit."""
        return cls(spacing_us(rate, MARGIN_PER_MILLE) if rate > 0 else 0)

    def wait_us(self, now_us: int) -> int:
        """Give how long the next call has to wait; 0: it may go now."""
        return max(0, self.next_us - now_us) if self.interval_us else 0

    def take(self, now_us: int) -> None:
        """Note a call that goes now."""
        self.next_us = max(self.next_us, now_us - TOLERANCE_US) + self.interval_us


@dataclass(slots=True)
class Place:
    """A call that was let through: when, and how long it took to be answered."""

    at_us: int = 0
    took_us: int | None = None


@dataclass(slots=True)
class Window:
    """Never more than ``size`` calls in a second where they arrive, not only where they leave.

    A call that took longer than the fastest ones may have arrived that much later; the
    call ``size`` places behind it waits as much longer. One not yet answered counts as late.
    """

    size: int
    _places: deque[Place] = field(default_factory=deque)
    _fastest_us: int = SECOND_US

    def wait_us(self, now_us: int) -> int:
        """Give how long the next call has to wait; 0: it may go now."""
        if not self.size or len(self._places) < self.size:
            return 0
        first = self._places[0]
        late_us = MOST_LATE_US
        if first.took_us is not None:
            late_us = min(max(0, first.took_us - self._fastest_us), MOST_LATE_US)
        return max(0, first.at_us + SECOND_US + SLACK_US + late_us - now_us)

    def take(self, now_us: int) -> Place:
        """Note a call that goes now."""
        place = Place(now_us)
        if self.size:
            self._places.append(place)
            if len(self._places) > self.size:
                self._places.popleft()
        return place

    def answered(self, place: Place, now_us: int) -> None:
        """Note that a call was answered, or given up."""
        place.took_us = now_us - place.at_us
        # The network may change: the fastest is forgotten by and by.
        self._fastest_us = min(place.took_us, self._fastest_us + self._fastest_us // 256 + 1)


@dataclass(slots=True)
class FloodWatch:
    """Flood waits, in seconds of one monotonic clock: each holds its chat, and three within a
    second hold bulk for the shortest of them (CONTRACT §3, Limits)."""

    bulk_until: float = 0.0
    _chats: dict[int, float] = field(default_factory=dict)
    _recent: deque[tuple[float, int, float]] = field(default_factory=deque)

    MANY = 3
    WITHIN_S = 1.0

    def note(self, chat_id: int, wait_s: float, now: float, *, group: bool) -> bool:
        """Note a 429; True if bulk is held from now on. A group's says nothing about the bot:
        groups have a limit of their own."""
        if len(self._chats) > 10_000:  # noqa: PLR2004 - forget what has passed, now and then
            self._chats = {chat: until for chat, until in self._chats.items() if until > now}
        self._chats[chat_id] = max(self._chats.get(chat_id, 0.0), now + wait_s)
        if group:
            return False
        while self._recent and self._recent[0][0] <= now - self.WITHIN_S:
            self._recent.popleft()
        self._recent.append((now, chat_id, wait_s))
        waits: dict[int, float] = {}
        for _, chat, wait in self._recent:
            waits[chat] = min(wait, waits.get(chat, wait))
        if len(waits) < self.MANY:
            return False
        held_before = self.bulk_until > now
        self.bulk_until = max(self.bulk_until, now + min(waits.values()))
        return not held_before

    def chat_wait_s(self, chat_id: int, now: float) -> float:
        """Give how long a chat still has to be left alone."""
        until = self._chats.get(chat_id)
        return max(0.0, until - now) if until is not None else 0.0

    def bulk_wait_s(self, now: float) -> float:
        """Give how long bulk still has to wait."""
        return max(0.0, self.bulk_until - now)
