"""What a test may make go wrong, and the flood limits: decided before a call is carried out."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from bot.demo.refusals import Json, RefusalError, flood

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Telegram's limits on sends, copies and edits; 0: none.

    ``burst``: messages that a private chat or channel takes at once before
    ``per_chat_per_second`` holds.
    """

    per_second: int = 30
    per_chat_per_second: float = 1.0
    burst: int = 5
    per_group_per_minute: int = 20


class Meter:
    """Sliding windows of what was accepted; a refused call does not count."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = defaultdict(deque)

    def admit(self, chat_id: int | None, *, group: bool, now: float) -> None:
        """Count a message (inline ones have no chat); RefusalError 429 when it is too early."""
        limits = self.limits
        chat = self._chats[chat_id] if chat_id is not None else deque()
        waits = [_wait(self._all, limits.per_second, 1.0, now)]
        if chat_id is None:
            pass
        elif group:
            waits.append(_wait(chat, limits.per_group_per_minute, _MINUTE_S, now))
        elif limits.per_chat_per_second:
            window_s = limits.burst / limits.per_chat_per_second
            waits.append(_wait(chat, limits.burst, window_s, now))
        if max(waits) > 0:
            raise flood(max(1, math.ceil(max(waits))))
        self._all.append(now)
        chat.append(now)


def _wait(window: deque[float], most: int, length_s: float, now: float) -> float:
    """Seconds until ``window`` takes one more."""
    if not most:
        return 0.0
    while window and window[0] <= now - length_s:
        window.popleft()
    return window[0] + length_s - now if len(window) >= most else 0.0


@dataclass(slots=True)
class Fault:
    """One scripted failure; ``remaining`` counts down to 0, when it is over.

    ``accept``: the call is carried out and the failure comes after it; ``cut``: the connection
    is closed without an answer; ``hang``: no answer until the server stops; ``delay_s``: an
    answer that late, failed if ``error_code`` is set. A 5xx comes as a page of HTML, as from the
    proxy before Telegram.
    """

    method: str
    chat_id: int | None = None
    remaining: int = 1
    error_code: int = 0
    description: str = ""
    parameters: Json = field(default_factory=dict)
    accept: bool = False
    cut: bool = False
    hang: bool = False
    delay_s: float = 0.0

    def matches(self, method: str, chat_id: int | None) -> bool:
        """Tell whether this call is to fail."""
        return (
            self.remaining != 0
            and self.method.lower() in {"*", method.lower()}
            and self.chat_id in {None, chat_id}
        )

    def refusal(self) -> RefusalError:
        """Give the scripted answer."""
        description = self.description or _DEFAULTS.get(self.error_code, "Bad Request: scripted")
        parameters = dict(self.parameters)
        if self.error_code == 429:  # noqa: PLR2004
            retry_after = parameters.setdefault("retry_after", 1)
            description = self.description or f"Too Many Requests: retry after {retry_after}"
        return RefusalError(self.error_code, description, parameters)


_DEFAULTS = {
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class Faults:
    """The scripted failures, first come first served."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Add one; ``remaining`` below 0 lasts for ever."""
        self._faults.append(fault)
        return fault

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """Take the failure that this call meets, if any."""
        for fault in self._faults:
            if fault.matches(method, chat_id):
                fault.remaining -= 1
                if fault.remaining == 0:
                    self._faults.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Forget all."""
        self._faults.clear()


@dataclass(slots=True)
class Call:
    """A call that arrived: when, what, and how it was answered (0: not yet, or cut)."""

    at: float
    method: str
    params: dict[str, Any]
    chat_id: int | None = None
    ok: bool = False
    error_code: int = 0
    description: str = ""
    message_id: int | None = None
