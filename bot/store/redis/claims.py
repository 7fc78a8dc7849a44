"""Leasing chats with their next delivery, and what may become of a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import ChatKind, Claim, DeliveryKind, Doubt
from bot.store.records import from_ms, to_ms
from bot.store.redis.deliveries import delivery, not_before, record_parts, unique
from bot.store.redis.room import Room, token
from bot.store.redis.stories import NO_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Draft, Sent
    from bot.store.redis.connection import Value

_KINDS = {str(kind): kind for kind in ChatKind}
_DOUBTS = {str(doubt): doubt for doubt in Doubt}
_FIELDS = 8  # of a claim in claim.lua's answer


class ClaimRoom(Room):
    """The sender's steps."""

    async def claim(
        self,
        now: datetime,
        owner: str,  # noqa: ARG002 - a claim is known by its delivery and its end
        limit: int,
        lease_s: float,
    ) -> list[Claim]:
        """Lease up to ``limit`` free chats and give each one's next due delivery."""
        until = to_ms(now) + round(lease_s * 1000)
        flat = await self._redis.run("claim", token(), to_ms(now), limit, until)
        return [
            _claim(until, *flat[place : place + _FIELDS]) for place in range(0, len(flat), _FIELDS)
        ]

    async def next_due(self, now: datetime) -> datetime | None:
        """Give when ``claim`` will next find something; None if nothing is queued."""
        at = await self._redis.run("next_due")
        return None if at < 0 else max(now, from_ms(at))

    async def acknowledge(self, sent: Sequence[Sent]) -> None:
        """Take sent deliveries out of the queue and free their chats at ``free_at``."""
        words: list[Value] = []
        for item in sent:
            words += (item.delivery_id, item.chat_id, to_ms(item.free_at), to_ms(item.sent_at))
            words.append(NO_MESSAGE if item.message_id is None else item.message_id)
        if words:
            await self._redis.run("acknowledge", *words)

    async def put_back(
        self, claim: Claim, free_at: datetime, *, failed: bool, flood: bool = False
    ) -> None:
        """End a claim without success: the delivery stays first until ``free_at``."""
        # A reply that failed holds its chat as a flood does: it must not be tried again
        # at once, and what was asked for later must not overtake it.
        holds = flood or claim.delivery.kind is DeliveryKind.REPLY
        await self._redis.run(
            "put_back", *_known_by(claim), to_ms(free_at), int(failed), int(holds)
        )

    async def mark_sending(self, claim: Claim) -> bool:
        """Note that a delivery is about to be handed to Telegram; False: it is not ours."""
        return bool(await self._redis.run("mark_sending", *_known_by(claim)))

    async def merge(self, chat_id: int, ids: Sequence[int], draft: Draft, now: datetime) -> bool:
        """Replace queued deliveries of a chat by one in the place of the first."""
        if not ids:
            return False
        at = to_ms(now)
        merged: str = await self._redis.run(
            "merge",
            token(),
            chat_id,
            at,
            int(draft.held),
            not_before(draft, at),
            *record_parts(draft, at),
            *unique(ids),
        )
        return merged == "1"


def _known_by(claim: Claim) -> tuple[int, int, int]:
    return claim.chat_id, claim.delivery.id, to_ms(claim.lease_until)


def _claim(
    until: int,
    chat: str,
    number: str,
    attempts: str,
    sending: int,
    waiting: int,
    kind: str,
    doubt: str,
    record: str,
) -> Claim:
    chat_id = int(chat)
    queued = delivery(number, record, attempts)
    return Claim(
        chat_id=chat_id,
        delivery=queued,
        chat_kind=_KINDS[kind] if kind else _guessed(chat_id),
        waiting=waiting,
        lease_until=from_ms(until),
        on_doubt=_DOUBTS.get(doubt, Doubt.REPEAT),
        # To edit twice does no harm.
        in_doubt=bool(sending) and doubt == Doubt.SKIP and queued.kind is not DeliveryKind.EDIT,
    )


def _guessed(chat_id: int) -> ChatKind:
    # A chat nobody met is an address of the configuration: groups are the slower guess.
    return ChatKind.PRIVATE if chat_id > 0 else ChatKind.GROUP
