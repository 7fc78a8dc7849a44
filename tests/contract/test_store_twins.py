"""Two stores told the same answer the same: random steps of delivery on SQLite and on Redis."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Chat, ChatKind, Claim, DeliveryKind, Doubt
from tests.contract.stage import KINDS, NOW, alert, archive, at, new, sent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.models import Delivery, Draft, Told
    from bot.store.protocol import Store

CHATS = (1, 2, -3)
SUPERGROUP = -1003
UNMERGED = {DeliveryKind.REPLY, DeliveryKind.EDIT}
TOPICS = ("ai", "süni zəka", None)

SECONDS = st.sampled_from([0, 1, 3, 20])
PICK = st.integers(0, 9)
DRAFT = st.tuples(
    st.sampled_from(CHATS),
    st.sampled_from([*DeliveryKind, DeliveryKind.ALERT, DeliveryKind.ALERT]),
    st.one_of(st.none(), st.integers(1, 4)),  # article
    st.sampled_from(TOPICS),
    st.sampled_from([0, 0, 0, 4, 30]),  # not before
    st.sampled_from([False, False, False, True]),  # held
    st.sampled_from([None, None, 1, 2]),  # story
)
STORY = st.integers(1, 4)
STEPS = st.one_of(
    st.tuples(st.just("queue"), st.lists(DRAFT, min_size=1, max_size=4)),
    st.tuples(st.just("queue"), st.lists(DRAFT, min_size=1, max_size=2)),
    st.tuples(st.just("claim"), st.just(9)),
    st.tuples(st.just("claim"), st.just(9)),
    st.tuples(st.just("send"), PICK, SECONDS),
    st.tuples(st.just("send"), PICK, SECONDS),
    st.tuples(st.just("put_back"), PICK, SECONDS, st.booleans(), st.booleans()),
    st.tuples(st.just("sending"), PICK),
    st.tuples(st.just("set_aside"), PICK),
    st.tuples(st.just("time"), st.sampled_from([0.001, 1, 5, 16])),
    st.tuples(st.just("merge"), st.sampled_from(CHATS), PICK, DRAFT),
    st.tuples(st.just("release"), st.sampled_from(CHATS), PICK),
    st.tuples(st.just("drop"), st.sampled_from(CHATS), PICK),
    st.tuples(st.just("retry"), PICK),
    st.tuples(st.just("forget"), PICK),
    st.tuples(st.just("disable"), st.sampled_from(CHATS)),
    st.tuples(st.just("meet"), st.sampled_from(CHATS), st.sampled_from(list(Doubt))),
    st.tuples(st.just("migrate")),
    st.tuples(st.just("edit"), STORY, st.booleans()),
    st.tuples(st.just("edit"), STORY, st.booleans()),
    st.tuples(st.just("spread"), PICK, st.sampled_from([0, 2, 20])),
    st.tuples(st.just("spread"), PICK, st.sampled_from([0, 2, 20])),
    st.tuples(st.just("place"), STORY, STORY),
    st.tuples(st.just("revise"), STORY, st.integers(0, 2), st.booleans()),
)


@dataclass
class Twins:
    """Stores that are told the same; what one gives, all must give."""

    stores: list[Store]
    now_s: float = 0
    claims: list[Claim] = field(default_factory=list)

    @classmethod
    async def opened(cls, stack: AsyncExitStack) -> Self:
        stores = []
        for kind in KINDS.values():
            store = (await stack.enter_async_context(kind()))()
            await store.open()
            stack.push_async_callback(store.close)
            stores.append(store)
        return cls(stores)

    async def ask(self, step: Callable[[Store], Awaitable[Any]]) -> Any:
        first, *others = [await step(store) for store in self.stores]
        for other in others:
            assert other == first
        return first

    async def look(self) -> None:
        """Compare all that can be seen from outside."""
        now = at(self.now_s)
        await self.ask(lambda store: store.next_due(now))
        await self.ask(lambda store: store.chats_with_held())
        await self.ask(_outbox)
        await self.ask(lambda store: store.dead_letters(None, 99))
        chats = [*CHATS, SUPERGROUP]
        await self.ask(lambda store: store.alerted_since(chats, at(self.now_s - 10)))
        for story in range(1, 5):
            await self.ask(lambda store: _sent_to(store, story, ()))  # noqa: B023 - awaited here
            await self.ask(lambda store: store.members(story))  # noqa: B023
        await self.ask(lambda store: store.marks(range(5)))
        await self.ask(lambda store: store.log_after(0, 99))
        for chat in chats:
            await self.look_at(chat)

    async def look_at(self, chat: int) -> None:
        await self.ask(lambda store: store.waiting(chat, 99))
        await self.ask(lambda store: store.posted_since(chat, at(self.now_s - 10)))
        await self.ask(lambda store: store.told(chat, range(5)))
        await self.ask(lambda store: store.chat(chat))

    async def play(self, name: str, *values: Any) -> None:
        await getattr(self, name)(*values)

    async def queue(self, drafts: list[tuple[Any, ...]]) -> None:
        made = [self.draft(*values) for values in drafts]
        await self.ask(lambda store: store.enqueue(made, at(self.now_s)))

    def draft(
        self,
        chat: int,
        kind: DeliveryKind,
        article: int | None,
        topic: str | None,
        later_s: float,
        held: bool,  # noqa: FBT001 - drawn
        story: int | None,
    ) -> Draft:
        return alert(
            chat,
            f"{kind} {article} ə",
            kind=kind,
            article=article,
            topic=topic,
            not_before=at(self.now_s + later_s) if later_s else None,
            held=held,
            story=None if article is None else story,
        )

    async def edit(self, story: int, whole: bool) -> None:  # noqa: FBT001 - drawn
        await self.ask(lambda store: store.queue_edit(story, None if whole else story, NOW))

    async def spread(self, pick: int, expires_s: float) -> None:
        """Bring the next edit to those who were told, as a publisher does."""
        now = at(self.now_s)
        job = await self.ask(lambda store: store.next_fan_out(now, "publisher", 5))
        if job is None:
            return
        told = await self.ask(lambda store: _sent_to(store, job.article.story, job.only))
        drafts = [
            alert(
                item.chat_id,
                f"edit {pick}",
                kind=item.kind if item.message_id is None else DeliveryKind.EDIT,
                article=item.article_id,
                story=job.article.story,
                expires_at=at(self.now_s + expires_s) if expires_s else None,
            )
            for item in told
        ]
        await self.ask(lambda store: store.expand(job.id, drafts, None, now))

    async def place(self, article: int, story: int) -> None:
        await self.ask(lambda store: store.place(article, story, NOW))

    async def revise(self, number: int, pick: int, again: bool) -> None:  # noqa: FBT001 - drawn
        article = replace(new(f"a{number}").article, title=f"title {pick}")
        by = at(self.now_s + 60) if again else None
        await self.ask(lambda store: store.revise(number, article, f"m{pick}", NOW, by))

    async def claim(self, limit: int) -> None:
        # Chats of which several messages have their hour may come in another order.
        def step(store: Store) -> Awaitable[list[Claim]]:
            return _claims(store, self.now_s, limit)

        self.claims += await self.ask(step)

    def take(self, pick: int) -> Claim | None:
        return self.claims.pop(pick % len(self.claims)) if self.claims else None

    async def send(self, pick: int, gap_s: float) -> None:
        if claim := self.take(pick):
            done = [sent(claim, at(self.now_s), gap_s)]
            await self.ask(lambda store: store.acknowledge(done))

    async def put_back(self, pick: int, wait_s: float, failed: bool, flood: bool) -> None:  # noqa: FBT001 - drawn
        if claim := self.take(pick):
            free_at = at(self.now_s + wait_s)
            await self.ask(lambda s: s.put_back(claim, free_at, failed=failed, flood=flood))

    async def sending(self, pick: int) -> None:
        if self.claims:
            claim = self.claims[pick % len(self.claims)]
            await self.ask(lambda store: store.mark_sending(claim))

    async def set_aside(self, pick: int) -> None:
        if claim := self.take(pick):
            await self.ask(lambda store: store.set_aside(claim, "rədd", at(self.now_s)))

    async def time(self, seconds: float) -> None:
        self.now_s += seconds

    async def queued(self, chat: int) -> list[Delivery]:
        return list(await self.stores[0].waiting(chat, 99))

    async def merge(self, chat: int, pick: int, draft: tuple[Any, ...]) -> None:
        lanes = [item.kind in UNMERGED for item in await self.queued(chat)]
        ids = [item.id for item in await self.queued(chat)]
        chosen = [number for number, reply in zip(ids, lanes, strict=True) if not reply][
            pick // 3 :
        ]
        made = self.draft(chat, DeliveryKind.ALERT, None, None, *draft[4:])
        await self.ask(lambda store: store.merge(chat, chosen, made, at(self.now_s)))

    async def release(self, chat: int, pick: int) -> None:
        held = [item.id for item in await self.queued(chat) if item.held or pick > 6]
        await self.ask(lambda store: store.release(held[::-1][: pick + 1], at(self.now_s)))

    async def drop(self, chat: int, pick: int) -> None:
        ids = [item.id for item in await self.queued(chat)][pick::3]
        await self.ask(lambda store: store.drop(ids))

    async def letters(self, pick: int) -> list[int]:
        return [item.delivery.id for item in await self.stores[0].dead_letters(None, 99)][
            pick % 2 :
        ]

    async def retry(self, pick: int) -> None:
        ids = await self.letters(pick)
        await self.ask(lambda store: store.retry_dead(ids, at(self.now_s)))

    async def forget(self, pick: int) -> None:
        ids = (await self.letters(pick))[:1]
        await self.ask(lambda store: store.drop_dead(ids))

    async def disable(self, chat: int) -> None:
        await self.ask(lambda store: store.disable_chat(chat, "blocked", at(self.now_s)))

    async def meet(self, chat: int, doubt: Doubt) -> None:
        kind = ChatKind.PRIVATE if chat > 0 else ChatKind.GROUP
        met = await self.ask(lambda store: store.meet(Chat(chat, kind)))
        await self.ask(lambda store: store.save_chat(replace(met, on_doubt=doubt)))

    async def migrate(self) -> None:
        old = CHATS[-1]
        await self.ask(lambda store: store.migrate_chat(old, SUPERGROUP))
        # A late word about the old chat may leave SQLite a time that has nothing to it.
        self.claims = [claim for claim in self.claims if claim.chat_id != old]


async def _claims(store: Store, now_s: float, limit: int) -> list[Claim]:
    claims = await store.claim(at(now_s), "worker", limit, 15)
    return sorted(claims, key=lambda claim: claim.chat_id)


async def _sent_to(store: Store, story: int, only: tuple[int, ...]) -> list[Told]:
    told, cursor = await store.sent_to(story, None, 99, only)
    assert cursor is None
    return told


async def _outbox(store: Store) -> int:
    # The time of the oldest is exact on Redis only.
    return (await store.outbox())[0]


@given(steps=st.lists(STEPS, max_size=40))
@settings(max_examples=25, deadline=None)
def test_twins_told_the_same_answer_the_same(steps: list[tuple[Any, ...]]) -> None:
    async def live() -> None:
        async with AsyncExitStack() as stack:
            twins = await Twins.opened(stack)
            seen = [new(f"a{number}", deliver=False) for number in range(1, 4)]
            await twins.ask(lambda store: archive(store, *seen))
            for number, step in enumerate(steps):
                await twins.play(*step)
                if number % 4 == 0:  # a look costs more than many steps
                    await twins.look()
            await twins.look()

    asyncio.run(live())
