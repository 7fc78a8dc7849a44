"""Which chats are leased: to the sender with a delivery, to a handler with an update.

In memory, for one ``run`` at a time uses the file: what it had leased ends with it, and
to claim a chat then writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class ChatLease:
    """That a chat's delivery is being sent; ``until`` is in milliseconds, as everything here."""

    delivery_id: int
    lane: int
    until: int


class ChatLeases:
    """The chats that the sender has."""

    def __init__(self) -> None:
        self._by_chat: dict[int, ChatLease] = {}

    def take(self, chat_id: int, lease: ChatLease) -> None:
        """Lease a chat, whoever had it before."""
        self._by_chat[chat_id] = lease

    def of(self, chat_id: int, delivery_id: int) -> ChatLease | None:
        """Give a chat's lease if it is for this delivery. One that has run out counts
        until somebody takes the chat."""
        lease = self._by_chat.get(chat_id)
        return lease if lease is not None and lease.delivery_id == delivery_id else None

    def holds(self, chat_id: int, delivery_id: int, now: int) -> bool:
        """Whether a chat is leased now for this delivery."""
        lease = self.of(chat_id, delivery_id)
        return lease is not None and lease.until > now

    def end(self, chat_id: int, deliveries: Iterable[int] | None = None) -> None:
        """End a chat's lease if it is for one of these deliveries (None: for any)."""
        lease = self._by_chat.get(chat_id)
        if lease is not None and (deliveries is None or lease.delivery_id in deliveries):
            del self._by_chat[chat_id]

    def held(self, now: int) -> dict[int, int]:
        """Give the chats that are leased now, and until when."""
        return {
            chat_id: lease.until for chat_id, lease in self._by_chat.items() if lease.until > now
        }

    def set_back(self, by: int) -> None:
        """Move the leases along with a clock that was set back."""
        for chat_id, lease in self._by_chat.items():
            self._by_chat[chat_id] = replace(lease, until=lease.until - by)

    def clear(self) -> None:
        """End all leases."""
        self._by_chat.clear()


class Turns:
    """The chats of which an update is being handled, by lane."""

    def __init__(self) -> None:
        self._by_lane: dict[int, tuple[str, int]] = {}

    def take(self, lane: int, owner: str, now: int, until: int) -> bool:
        """Take a lane, or keep it; False while another owner has it."""
        holder, ends = self._by_lane.get(lane, (owner, 0))
        if holder != owner and ends > now:
            return False
        self._by_lane[lane] = owner, until
        return True

    def end(self, lane: int, owner: str) -> None:
        """Give a lane back, if it is this owner's."""
        if self._by_lane.get(lane, ("", 0))[0] == owner:
            del self._by_lane[lane]

    def set_back(self, by: int) -> None:
        """Move the turns along with a clock that was set back."""
        for lane, (owner, until) in self._by_lane.items():
            self._by_lane[lane] = owner, until - by

    def clear(self) -> None:
        """End all turns."""
        self._by_lane.clear()
