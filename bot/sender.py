"""The outbox to Telegram: claim -> gate -> send -> acknowledge, or what ``DeliveryTable`` says.

Nothing is lost: a delivery leaves the queue only when Telegram has taken it, refused it
for good, or the chat is gone. A worker killed hard leaves at most ``in_flight`` sends that
it made and did not acknowledge; their leases end and they are sent again. An orderly stop
(``drain``) leaves none.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.acks import Acks
from bot.claims import ClaimsInHand
from bot.delivery_table import DeliveryTable, is_edit
from bot.errors import StoreError
from bot.limits import DeliveryLimits, Place, counts
from bot.models import ChatKind, Claim, DeliveryKind, Doubt, Message
from bot.telegram import CallError, Telegram

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable

    from bot.gate import RateGate
    from bot.store.protocol import Store

_IDLE_S = 1.0  # other processes queue as well (`xeberci dead retry`), and cannot wake us
_HELD_S = 0.5
_SEND_TIMEOUT_S = 10.0


class Sender:
    """Sends what is queued, within the limits. One task of the application runs ``run``.

    ``merge`` is asked when more alerts wait for a chat than ``merge_after``: it makes them
    one queued message and says True, or False where there is nothing to merge.
    """

    def __init__(
        self,
        store: Store,
        telegram: Telegram,
        gate: RateGate,
        settings: DeliveryLimits,
        *,
        owner: str,
        clock: Callable[[], datetime],
        log: Any,  # noqa: ANN401 - structlog's loggers are duck-typed
        merge: Callable[[Claim], Awaitable[bool]] | None = None,
    ) -> None:
        self._store = store
        self._telegram = telegram
        self._gate = gate
        self._settings = settings
        self._owner = owner
        self._clock = clock
        self._log = log
        self._merge = merge
        self._workers = max(1, settings.in_flight)
        self._acks = Acks(store, batch=self._workers * 3 // 4, log=log)
        self._table = DeliveryTable(
            store, gate, settings, self._acks, telegram.revoked_notice, clock=clock, log=log
        )
        self._outage = self._table.outage
        self._ready = ClaimsInHand()
        self._runs = 1
        self._count_at = datetime.min.replace(tzinfo=UTC)
        self._ahead = 0  # claimed, not yet sent
        self._busy: set[int] = set()
        self._next: dict[int, Claim] = {}  # of busy chats
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def outcomes(self) -> Counter[str]:
        """Count how calls ended: "sent", a ``Kind``, or "skipped": not repeated when in doubt."""
        return self._table.outcomes

    @property
    def flood_waits(self) -> Counter[str]:
        """Count flood waits by what they hold: "chat", "group", "bot"."""
        return self._table.flood_waits

    # -- life ---------------------------------------------------------------------------

    def wake(self) -> None:
        """Say that something was queued."""
        self._wake.set()

    async def run(self) -> None:
        """Send until ``drain`` is called."""
        try:
            async with asyncio.TaskGroup() as group:
                acks = group.create_task(self._acks.run())
                self._tasks = [group.create_task(self._work()) for _ in range(self._workers)]
                await self._claim_until_stopped()
                self._ready.end()
                await asyncio.wait(self._tasks)
                acks.cancel()
            await self._acks.finish()
        finally:
            self._stopped.set()

    async def drain(self, timeout_s: float) -> None:
        """Claim nothing more, give back what is not yet sent, finish what is in the air.

        What Telegram has not answered by then is cut off: it is sent again after the restart.
        """
        self._stopping.set()
        self._gate.close()
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._stopped.wait()
        for task in self._tasks:
            task.cancel()

    # -- claiming -----------------------------------------------------------------------

    async def _claim_until_stopped(self) -> None:
        away = False
        while not self._stopping.is_set():
            self._wake.clear()
            if pause_s := self._outage.pause_s(self._gate.now()):
                await self._rest(pause_s, wakeable=False)
                continue
            room = self._room()
            if room <= 0:
                await self._rest(_IDLE_S)
                continue
            try:
                wait_s = await self._claim(room)
            except StoreError as error:
                if not away:
                    self._log.warning("the store gives no deliveries", error=str(error))
                away = True
                await self._rest(_IDLE_S, wakeable=False)
                continue
            if away:
                self._log.info("the store gives deliveries again")
                away = False
            if self._gate.floods.bulk_wait_s(self._gate.now()):
                await self._rest(_HELD_S, wakeable=False)  # replies only: claims put bulk back
            elif wait_s:
                await self._rest(wait_s)

    def _room(self) -> int:
        """Give how many chats to claim now: enough to keep all workers busy, few enough that
        each is sent well within its lease."""
        if self._outage.down:
            return 1 - self._ahead
        most = 4 * self._workers
        if rate := self._settings.messages_per_second:  # replies are claimed with the next round
            share = rate * self._settings.lease_s / 4 / self._runs
            most = min(2 * self._workers, max(1, int(share)))
        return most - self._ahead if self._ahead <= most // 2 else 0

    async def _claim(self, room: int) -> float:
        """Claim chats; give how long to rest before the next time (0: do not)."""
        now = self._clock()
        await self._count_runs(now)
        claims = await self._store.claim(now, self._owner, room, self._settings.lease_s)
        for claim in claims:
            self._ahead += 1
            # The store may give a chat's next message while the worker that acknowledged the
            # last one has not got the word, or again after our own lease was outlived: it
            # waits for that worker, for dropped it would stay claimed until its lease ends.
            if claim.chat_id in self._busy:
                self._next[claim.chat_id] = claim
            else:
                self._busy.add(claim.chat_id)
                self._ready.put(claim)
        if len(claims) == room:
            return _IDLE_S  # a worker wakes us when there is room again
        due = await self._store.next_due(now)
        if due is None:
            return _IDLE_S
        return min(_IDLE_S, max(0.005, (due - self._clock()).total_seconds()))

    async def _count_runs(self, now: datetime) -> None:
        """See, once a lease, among how many runs the rate is shared."""
        if self._store.shared_rate is not None and now >= self._count_at:
            self._runs = max(1, len(await self._store.leases("worker:", now)))
            self._count_at = now + timedelta(seconds=self._settings.lease_s)

    async def _rest(self, seconds: float, *, wakeable: bool = True) -> None:
        event = self._wake if wakeable else self._stopping
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()

    # -- sending ------------------------------------------------------------------------

    async def _work(self) -> None:
        while (claim := await self._ready.take()) is not None:
            ahead = _Ahead(self)
            try:
                await self._deliver(claim, ahead)
            except StoreError as error:  # the lease ends by itself, and all is tried again
                self._log.warning(
                    "a delivery stays claimed", id=claim.delivery.id, error=str(error)
                )
            except Exception:  # noqa: BLE001 - one poisoned delivery must not stop the others
                self._log.exception("a delivery failed", id=claim.delivery.id)
                with contextlib.suppress(StoreError):
                    await self._table.failed(claim, "an error in the bot")
            finally:
                ahead.leave()
                if (following := self._next.pop(claim.chat_id, None)) is not None:
                    self._ready.put(following)
                else:
                    self._busy.discard(claim.chat_id)
                if self._room() > 0:
                    self._wake.set()

    async def _deliver(self, claim: Claim, ahead: _Ahead) -> None:
        delivery = claim.delivery
        if sent := self._acks.sent_before(delivery):
            self._log.info("a delivery came again after it was sent", id=delivery.id)
            await self._acks.add(delivery, sent)
            return
        if claim.in_doubt:
            await self._table.skipped(claim)
            return
        if await self._merged(claim):
            return
        message = delivery.message
        while (place := await self._place(claim, message)) is not None:
            ahead.leave()
            left_s = self._time_left_s(claim)
            if left_s <= 0:  # it waited too long: another worker may have it by now
                self._gate.unused(place)
                await self._table.give_back(claim, 0.0)
                return
            doubtful = claim.on_doubt is Doubt.SKIP and not is_edit(claim)
            if doubtful and not await self._store.mark_sending(claim):
                self._gate.unused(place)
                return  # another worker has it by now
            try:
                sent_id = await self._telegram.send(
                    message.method, message.payload, timeout_s=left_s
                )
            except CallError as error:
                self._gate.answered(place)
                outcome = error.outcome
                shorter = _without(message, outcome.without) if outcome.without else None
                if shorter is not None:
                    message = shorter
                    continue
                await self._table.refused(claim, outcome)
            else:
                self._gate.answered(place)
                await self._table.sent(claim, sent_id)
            return

    async def _merged(self, claim: Claim) -> bool:
        if self._merge is None or not should_merge(claim, self._settings.merge_after):
            return False
        try:
            return await self._merge(claim)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - then they go out one by one
            self._log.exception("alerts could not be merged", chat=claim.chat_id)
            return False

    async def _place(self, claim: Claim, message: Message) -> Place | None:
        """Wait for the gate. None: the claim has been given back."""
        now, floods = self._gate.now(), self._gate.floods
        if self._stopping.is_set():
            await self._table.give_back(claim, 0.0)
        elif pause_s := self._outage.pause_s(now):
            await self._table.give_back(claim, pause_s)
        elif wait_s := floods.chat_wait_s(claim.chat_id, now):
            await self._table.give_back(claim, wait_s, flood=True)
        elif not counts(message.method):
            return Place()
        else:
            urgent = claim.delivery.kind is DeliveryKind.REPLY
            place = await self._gate.wait(urgent=urgent)
            # While it waited Telegram may have stopped answering, or refused the token.
            pause_s = self._outage.pause_s(self._gate.now())
            if place is not None and not pause_s:
                return place
            self._gate.unused(place)
            wait_s = max(pause_s, floods.bulk_wait_s(self._gate.now()))
            await self._table.give_back(claim, wait_s)
        return None

    def _time_left_s(self, claim: Claim) -> float:
        """Give how long a send may take: it has to end before its lease does."""
        left_s = (claim.lease_until - self._clock()).total_seconds()
        return min(_SEND_TIMEOUT_S, left_s - self._settings.lease_s / 10)


class _Ahead:
    """A claim's place among those not yet sent; left once."""

    __slots__ = ("_sender",)

    def __init__(self, sender: Sender) -> None:
        self._sender: Sender | None = sender

    def leave(self) -> None:
        if self._sender is not None:
            self._sender._ahead -= 1  # noqa: SLF001 - its own counter
            self._sender = None


def should_merge(claim: Claim, merge_after: int) -> bool:
    """Tell whether a chat's alerts should become one message; channels never merge."""
    return (
        0 < merge_after < claim.waiting
        and claim.delivery.kind is DeliveryKind.ALERT
        and claim.chat_kind is not ChatKind.CHANNEL
    )


def _without(message: Message, parameter: str) -> Message | None:
    """Give the message without a parameter; None where it has none such."""
    payload = json.loads(message.payload)
    if payload.pop(parameter, None) is None:
        return None
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return replace(message, payload=text)
