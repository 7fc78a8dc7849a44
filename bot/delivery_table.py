"""What becomes of a claim after its call: acknowledged, put back, set aside, its chat left alone.

Sent -> acknowledged. Flood -> its chat waits as long as Telegram says. Network, 5xx, time-out ->
later, uncounted; a time-out in a chat that wants nothing twice -> acknowledged. Refused token ->
everything waits. Chat gone -> disabled. Group migrated -> again under its new id. Refused
message -> dead letters; a refused edit -> done with, what was sent stays. Anything else -> five
times.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.limits import GROUPS
from bot.models import ChatKind, Claim, DeliveryKind, Doubt, Sent
from bot.outage import Notice, Outage, Turn
from bot.refusals import Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.acks import Acks
    from bot.gate import RateGate
    from bot.limits import DeliveryLimits
    from bot.store.protocol import Store

MAX_ATTEMPTS = 5
_LONGEST_BACK_OFF_S = 60.0
_UNCERTAIN_S = 5.0
_FAILED_S = 1.0


class DeliveryTable:
    """Settles claims, and knows the state of the way to Telegram."""

    def __init__(
        self,
        store: Store,
        gate: RateGate,
        settings: DeliveryLimits,
        acks: Acks,
        revoked_notice: Notice,
        *,
        clock: Callable[[], datetime],
        log: Any,  # noqa: ANN401 - structlog's loggers are duck-typed
    ) -> None:
        self._store = store
        self._gate = gate
        self._gaps = {kind: timedelta(seconds=settings.gap_s(kind)) for kind in ChatKind}
        self._acks = acks
        self._revoked_notice = revoked_notice
        self._clock = clock
        self._log = log
        self._streaks: dict[int, int] = {}  # failures in a row, of chats that have some
        self.outage = Outage()
        self.outcomes: Counter[str] = Counter()
        self.flood_waits: Counter[str] = Counter()

    async def sent(self, claim: Claim, message_id: int | None) -> None:
        """Store that Telegram has taken it; returns when that is stored."""
        self._answered(claim, "sent")
        await self._acknowledge(claim, message_id)

    async def skipped(self, claim: Claim) -> None:
        """Take what may have arrived out of the queue: its chat wants nothing twice."""
        self.outcomes["skipped"] += 1
        self._log.warning(
            "a message that may have arrived is not repeated",
            chat=_address(claim),
            id=claim.delivery.id,
        )
        await self._acknowledge(claim, None)

    async def refused(self, claim: Claim, outcome: Outcome) -> None:
        """Do what a failed call asks for."""
        match outcome.kind:
            case Kind.UNCERTAIN if claim.on_doubt is Doubt.SKIP and not is_edit(claim):
                self._unanswered(outcome)
                await self.skipped(claim)
            case Kind.TRANSIENT | Kind.CONFLICT | Kind.UNCERTAIN:
                await self._try_later(claim, outcome)
            case Kind.REVOKED:
                await self._revoked(claim, outcome)
            case _:
                self._answered(claim, outcome.kind.value)
                await self._settle(claim, outcome)

    async def failed(self, claim: Claim, reason: str) -> None:
        """Count a failure for unknown reasons; the fifth sets the delivery aside."""
        attempts = claim.delivery.attempts + 1
        if attempts >= MAX_ATTEMPTS and is_edit(claim):
            self._log.warning("an edit failed too often and is left", id=claim.delivery.id)
            await self._acknowledge(claim, None)
            return
        if attempts >= MAX_ATTEMPTS:
            self._log.warning("a delivery failed too often and is set aside", id=claim.delivery.id)
            await self._store.set_aside(claim, reason, self._clock())
            return
        free_at = self._clock() + timedelta(seconds=_FAILED_S * 2.0 ** (attempts - 1))
        await self._store.put_back(claim, free_at, failed=True)

    async def give_back(self, claim: Claim, wait_s: float, *, flood: bool = False) -> None:
        """End a claim without having tried, or through no fault of its message."""
        free_at = self._clock() + timedelta(seconds=wait_s)
        await self._store.put_back(claim, free_at, failed=False, flood=flood)

    async def _settle(self, claim: Claim, outcome: Outcome) -> None:
        delivery, now = claim.delivery, self._clock()
        about = {"chat": _address(claim), "id": delivery.id, "reason": outcome.reason}
        match outcome.kind:
            case Kind.FLOOD:
                await self._flooded(claim, outcome)
            case Kind.GONE:
                self._log.warning("a chat takes no messages and is left alone", **about)
                await self._store.disable_chat(claim.chat_id, outcome.reason, now)
            case Kind.MIGRATED if outcome.new_chat_id is not None:
                self._log.info("a group became a supergroup", **about, new=outcome.new_chat_id)
                await self._store.migrate_chat(claim.chat_id, outcome.new_chat_id)
                moved = replace(delivery, chat_id=outcome.new_chat_id)
                claim = replace(claim, chat_id=outcome.new_chat_id, delivery=moved)
                await self.give_back(claim, 0.0)
            case Kind.UNCHANGED | Kind.STALE:
                self._log.debug("an edit has nothing to do", **about)
                await self._acknowledge(claim, None)
            case Kind.UNKNOWN:
                await self.failed(claim, outcome.reason)
            case _ if is_edit(claim):
                self._log.warning("an edit was refused; what was sent stays", **about)
                await self._acknowledge(claim, None)
            case _:
                self._log.warning("a message was refused and is set aside", **about)
                await self._store.set_aside(claim, outcome.reason, now)

    async def _try_later(self, claim: Claim, outcome: Outcome) -> None:
        """Put back what met no answer: such failures never count against a message."""
        self._unanswered(outcome)
        streak = self._streaks.get(claim.chat_id, 0)
        self._streaks[claim.chat_id] = streak + 1
        least_s = _UNCERTAIN_S if outcome.kind is Kind.UNCERTAIN else 1.0
        await self.give_back(claim, min(least_s * 2.0 ** min(streak, 6), _LONGEST_BACK_OFF_S))

    async def _revoked(self, claim: Claim, outcome: Outcome) -> None:
        self.outcomes[outcome.kind.value] += 1
        now = self._gate.now()
        self.outage.revoked(now)
        if self._revoked_notice.due(now):
            self._log.error(
                "Telegram refuses the token; nothing is dropped, the next try is in 30 s: "
                "ask @BotFather for the token (/token) and set BOT_TOKEN",
                reason=outcome.reason,
            )
        await self.give_back(claim, self.outage.pause_s(now))

    async def _flooded(self, claim: Claim, outcome: Outcome) -> None:
        group = claim.chat_kind in GROUPS
        wait_s = float(outcome.retry_after_s)
        self.flood_waits["group" if group else "chat"] += 1
        self._log.info("flood wait", chat=_address(claim), wait_s=wait_s, group=group)
        if await self._gate.flood(claim.chat_id, wait_s, group=group):
            self.flood_waits["bot"] += 1
            held_s = round(self._gate.floods.bulk_wait_s(self._gate.now()), 1)
            self._log.warning("Telegram slows the whole bot down; bulk waits", wait_s=held_s)
        await self.give_back(claim, wait_s, flood=True)

    async def _acknowledge(self, claim: Claim, message_id: int | None) -> None:
        now, delivery = self._clock(), claim.delivery
        free_at = now + self._gaps[claim.chat_kind]
        sent = Sent(delivery.id, claim.chat_id, message_id, sent_at=now, free_at=free_at)
        await self._acks.add(delivery, sent)

    def _answered(self, claim: Claim, outcome: str) -> None:
        self.outcomes[outcome] += 1
        self._streaks.pop(claim.chat_id, None)
        if self.outage.answered() is Turn.BACK:
            self._log.info("Telegram answers again")

    def _unanswered(self, outcome: Outcome) -> None:
        self.outcomes[outcome.kind.value] += 1
        if self.outage.failed(self._gate.now()) is Turn.LOST:
            self._log.warning("Telegram does not answer; deliveries wait", reason=outcome.reason)


def is_edit(claim: Claim) -> bool:
    """Whether a claim changes what was sent: again it does no harm, refused nothing is lost."""
    return claim.delivery.kind is DeliveryKind.EDIT


def _address(claim: Claim) -> object:
    """Give a chat as an operator knows it: a channel that is configured as ``@name`` by that."""
    try:
        return json.loads(claim.delivery.message.payload).get("chat_id", claim.chat_id)
    except (ValueError, AttributeError):  # what cannot be read is refused, and has to be named
        return claim.chat_id
