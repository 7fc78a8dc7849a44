"""Whatever workers do and die of: nothing lost, nothing twice, each chat in its order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Claim, DeliveryKind
from tests.contract.stage import KINDS, alert, at, claimed, reply, sent, text_of

if TYPE_CHECKING:
    from bot.models import Draft
    from bot.store.protocol import Store

CHATS = st.integers(1, 3)
STEPS = st.one_of(
    st.tuples(st.just("queue"), CHATS, st.sampled_from([0, 0, 0, 4])),
    st.tuples(st.just("answer"), CHATS, st.just(0)),
    st.tuples(st.just("claim"), st.integers(1, 3), st.just(0)),
    st.tuples(st.just("send"), st.just(0), st.sampled_from([0, 1, 3])),
    st.tuples(st.just("fail"), st.just(0), st.sampled_from([0, 1, 3])),
    st.tuples(st.just("flood"), st.just(0), st.sampled_from([2, 5])),
    st.tuples(st.just("die"), st.just(0), st.just(0)),
    st.tuples(st.just("time"), st.integers(1, 20), st.just(0)),
)


@dataclass
class Waiting:
    """What the model knows of a queued message."""

    chat_id: int
    kind: DeliveryKind
    text: str
    due_s: int


@dataclass
class World:
    """A store beside the simplest model of it that could be right."""

    store: Store
    now_s: int = 0
    queue: list[Waiting] = field(default_factory=list)
    held: dict[int, tuple[Claim, int]] = field(default_factory=dict)
    leases: dict[int, int] = field(default_factory=dict)
    free_s: dict[int, int] = field(default_factory=dict)
    calm_s: dict[int, int] = field(default_factory=dict)
    queued: int = 0
    delivered: list[str] = field(default_factory=list)

    async def play(self, step: str, number: int, seconds: int) -> None:
        match step:
            case "queue" | "answer":
                await self.add(number, seconds, answer=step == "answer")
            case "claim":
                await self.claim(number)
            case "time":
                self.now_s += number
            case "die":
                if self.held:
                    self.held.pop(min(self.held))
            case _ if self.held:
                chat_id = min(self.held)
                claim, until_s = self.held.pop(chat_id)
                if until_s > self.now_s:
                    await self.end(step, claim, seconds)

    async def add(self, chat_id: int, seconds: int, *, answer: bool) -> None:
        self.queued += 1
        text, due_s = str(self.queued), self.now_s + seconds
        draft: Draft = (
            reply(chat_id, text)
            if answer
            else alert(chat_id, text, not_before=at(due_s) if seconds else None)
        )
        await self.store.enqueue([draft], at(self.now_s))
        self.queue.append(Waiting(chat_id, draft.kind, text, due_s))

    def next_of(self, chat_id: int) -> Waiting | None:
        """Give what the chat may get now, if it may."""
        if max(self.leases.get(chat_id, 0), self.calm_s.get(chat_id, 0)) > self.now_s:
            return None
        due = [item for item in self.queue if item.chat_id == chat_id and item.due_s <= self.now_s]
        answers = [item for item in due if item.kind is DeliveryKind.REPLY]
        if answers:
            return answers[0]
        return due[0] if due and self.free_s.get(chat_id, 0) <= self.now_s else None

    async def claim(self, limit: int) -> None:
        wanted = {item.text: chat_id for chat_id in (1, 2, 3) if (item := self.next_of(chat_id))}
        due = await self.store.next_due(at(self.now_s))
        assert (due == at(self.now_s)) == bool(wanted)
        claims = await claimed(self.store, at(self.now_s), limit)
        assert len(claims) == min(limit, len(wanted))
        for claim in claims:
            assert wanted[text_of(claim)] == claim.chat_id
            self.leases[claim.chat_id] = self.now_s + 15
            self.held[claim.chat_id] = (claim, self.now_s + 15)

    async def end(self, step: str, claim: Claim, seconds: int) -> None:
        chat_id, then_s = claim.chat_id, self.now_s + seconds
        self.leases.pop(chat_id)
        if step == "send":
            await self.store.acknowledge([sent(claim, at(self.now_s), seconds)])
            self.delivered.append(text_of(claim))
            self.queue = [item for item in self.queue if item.text != text_of(claim)]
        else:
            flood = step == "flood"
            await self.store.put_back(claim, at(then_s), failed=not flood, flood=flood)
            if flood or claim.delivery.kind is DeliveryKind.REPLY:
                self.calm_s[chat_id] = max(then_s, self.calm_s.get(chat_id, 0))
        self.free_s[chat_id] = max(then_s, self.free_s.get(chat_id, 0))

    async def finish(self) -> None:
        """Let time pass until nothing waits."""
        self.held.clear()
        while (due := await self.store.next_due(at(self.now_s))) is not None:
            self.now_s = max(self.now_s, round((due - at(0)).total_seconds()))
            await self.claim(3)
            for chat_id in list(self.held):
                claim, _ = self.held.pop(chat_id)
                await self.end("send", claim, 1)


@pytest.mark.parametrize("kind", KINDS)
@given(steps=st.lists(STEPS, max_size=40))
@settings(max_examples=60, deadline=None)
def test_every_message_arrives_once_and_in_its_chats_order(
    kind: str, steps: list[tuple[str, int, int]]
) -> None:
    async def live() -> None:
        async with KINDS[kind]() as opener:
            store = opener()
            await store.open()
            world = World(store)
            for step in steps:
                await world.play(*step)
            await world.finish()
            assert sorted(world.delivered, key=int) == [
                str(number) for number in range(1, world.queued + 1)
            ]
            assert await store.outbox() == (0, None)
            await store.close()

    asyncio.run(live())
