"""Fan-outs and daily digests -> outbox. Decides through ``planner``, writes at once.

An article's fan-out: place it in its story -> match topics -> channels -> followers, page by
page; each page is one atomic step of the store, so a killed publisher resumes where it was.
Edits of what was sent (``bot.edits``) go on a page at a time, whenever no article is left.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot import cards
from bot.edits import Edits
from bot.errors import StoreError
from bot.held import Held
from bot.models import DeliveryKind, Draft, FanOutKind, Topic
from bot.patience import Patience
from bot.placer import Placer
from bot.planner import (
    BUSY,
    BUSY_ALERTS,
    ChannelRule,
    alerting,
    day_window,
    next_digest,
    quiet_until,
    rank_day,
)
from bot.search.matcher import Matcher
from bot.store.protocol import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.digest.formatter import Outlet
    from bot.leases import Leases
    from bot.models import (
        Chat,
        FanOut,
        Follower,
        Message,
        StoredArticle,
        Subscription,
    )
    from bot.store.protocol import Store
    from bot.texts import Catalogue

CHANNELS_FIRST = -(2**62)  # a cursor below every chat: the channels' batches come before chats
LEASE = "tick:publisher"
IDLE_S = 1.0
MAX_ATTEMPTS = 5
DAY_ARTICLES = 2000
DIGESTS_AT_ONCE = 200

log = structlog.get_logger("xeberci.publisher")


@dataclass(frozen=True, slots=True)
class PublisherSettings:
    """What the publisher needs of the configuration, and the bot's name for deep links."""

    channels: tuple[ChannelRule, ...]
    zone: str
    language: str
    bot_username: str
    owner: str
    lease_s: float = 15.0


class Publisher:
    """Turns articles into deliveries."""

    def __init__(
        self,
        store: Store,
        texts: Catalogue,
        settings: PublisherSettings,
        *,
        clock: Callable[[], datetime],
        queued: Callable[[], None],
        patience: Patience | None = None,
        leases: Leases | None = None,
    ) -> None:
        self._store = store
        self._leases = leases
        self._patience = patience or Patience()
        self._texts = texts
        self._settings = settings
        self._clock = clock
        self._queued = queued
        self._wake = asyncio.Event()
        self._channel_topics = Matcher(
            Topic(key, key) for rule in settings.channels for key in rule.topics
        )
        self._topics = Matcher(())
        self._topics_version = -1
        self._failures: Counter[int] = Counter()  # of fan-outs, for reasons of their own
        rules = {rule.key: rule for rule in settings.channels}
        self.held = Held(
            store,
            texts,
            rules,
            zone=settings.zone,
            language=settings.language,
            clock=clock,
            queued=queued,
        )
        self._placer = Placer(store, clock)
        self._edits = Edits(store, texts, rules, settings.language, settings.bot_username)
        self._edits_in_hand: deque[FanOut] = deque()

    def wake(self) -> None:
        """Say that there may be something to fan out."""
        self._wake.set()

    # -- fan-out ------------------------------------------------------------------------

    async def run(self) -> None:
        """Expand fan-outs until cancelled."""
        while True:
            self._wake.clear()
            if not await self._patience.insist("publisher", self._publish):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), IDLE_S)

    async def _publish(self) -> bool:
        """Expand a fan-out; False where there is none. One that cannot be stops no other.

        One run publishes at a time: two that took one article each would mix up their order.
        """
        if self._leases is not None and not await self._leases.take(LEASE):
            self._edits_in_hand.clear()  # another run has them by now
            self._placer.forget()
            return False
        more = await self._placer.catch_up()
        settings = self._settings
        # Shorter than the lease on publishing, which has two thirds of its time left at least:
        # what a killed run had begun is there again before the next one may begin anything.
        lease_s = settings.lease_s / 2
        fan_out = await self._store.next_fan_out(self._clock(), settings.owner, lease_s)
        if fan_out is None and self._edits_in_hand:
            fan_out = self._edits_in_hand.popleft()
        elif fan_out is not None:  # an edit's first page holds the channels: it goes before others
            held = [edit for edit in self._edits_in_hand if edit.id != fan_out.id]
            self._edits_in_hand = deque(held)
        if fan_out is None:
            return more
        try:
            if fan_out.kind is FanOutKind.EDIT:
                await self._edit(fan_out)
            else:
                await self._expand(fan_out)
        except StoreError:
            raise
        except Exception:
            self._failures[fan_out.id] += 1
            given_up = self._failures[fan_out.id] >= MAX_ATTEMPTS
            about = {"article": fan_out.article.id, "given_up": given_up}
            log.exception("an article could not be published", **about)
            if not given_up:
                return True  # again when its lease is over
            await self._store.expand(fan_out.id, [], None, self._clock())
        self._failures.pop(fan_out.id, None)
        return True

    async def _edit(self, edit: FanOut) -> None:
        """Queue a page of an edit; what is left of it goes on when no article waits."""
        now = self._clock()
        drafts, cursor = await self._edits.page(edit, now)
        if await self._store.expand(edit.id, drafts, cursor, now):
            self._queued()
        if cursor is not None:
            self._edits_in_hand.append(replace(edit, cursor=cursor))

    async def _expand(self, fan_out: FanOut) -> None:
        placed = await self._placer.placed(fan_out.article)
        fan_out = replace(fan_out, article=placed)
        others = cards.outlets(await self._store.members(placed.story), placed)
        queued = 0
        cursor = fan_out.cursor
        if cursor is None or cursor < CHANNELS_FIRST // 2:
            queued += await self._expand_channels(fan_out, others)
            cursor = None
        matched = (await self._matcher()).match(fan_out.article.article)
        while True:
            now = self._clock()
            followers = await self._store.followers(matched, cursor, BATCH) if matched else []
            drafts = await self._alerts(fan_out, followers, others, now)
            cursor = followers[-1].chat.id if len(followers) == BATCH else None
            queued += await self._store.expand(fan_out.id, drafts, cursor, now)
            if drafts:
                self._queued()
            if cursor is None:
                break
            await asyncio.sleep(0)  # a broadcast must not keep people waiting
        if queued:
            log.info("queued", article=fan_out.article.id, deliveries=queued)

    async def _expand_channels(self, fan_out: FanOut, others: tuple[Outlet, ...]) -> int:
        article = fan_out.article
        matched = frozenset(self._channel_topics.match(article.article))
        rules = [rule for rule in self._settings.channels if rule.wants(article, matched)]
        queued = 0
        for start in range(0, len(rules), BATCH):
            now = self._clock()
            drafts = [
                self._post(rule, article, others, now) for rule in rules[start : start + BATCH]
            ]
            queued += await self._store.expand(fan_out.id, drafts, CHANNELS_FIRST + start, now)
            self._queued()
            await asyncio.sleep(0)
        return queued

    async def _alerts(
        self,
        fan_out: FanOut,
        followers: Sequence[Follower],
        others: tuple[Outlet, ...],
        now: datetime,
    ) -> list[Draft]:
        alerted = [
            (follower.chat, subscription)
            for follower in followers
            if (subscription := alerting(follower, now)) is not None
        ]
        if not alerted:
            return []
        lately = await self._store.alerted_since([chat.id for chat, _ in alerted], now - BUSY)
        return [
            self._alert(
                fan_out.article,
                chat,
                subscription,
                others,
                now,
                to_digest=lately.get((chat.id, subscription.topic), 0) + 1 >= BUSY_ALERTS,
            )
            for chat, subscription in alerted
        ]

    def _alert(
        self,
        article: StoredArticle,
        chat: Chat,
        subscription: Subscription,
        others: tuple[Outlet, ...],
        now: datetime,
        *,
        to_digest: bool,
    ) -> Draft:
        texts = self._texts.of(chat.language)
        return Draft(
            chat_id=chat.id,
            kind=DeliveryKind.ALERT,
            message=cards.alert(
                article, chat, subscription, texts, now, to_digest=to_digest, others=others
            ),
            article_id=article.id,
            topic=subscription.topic,
            held=quiet_until(chat.quiet, chat.zone, now) is not None,
            story=article.story,
        )

    def _post(
        self, rule: ChannelRule, article: StoredArticle, others: tuple[Outlet, ...], now: datetime
    ) -> Draft:
        quiet = quiet_until(rule.quiet, self._settings.zone, now) is not None
        texts = self._texts.of(self._settings.language)
        return Draft(
            chat_id=rule.key,
            kind=DeliveryKind.POST,
            message=cards.post(
                article, rule.address, texts, self._settings.bot_username, others=others
            ),
            article_id=article.id,
            held=quiet or bool(rule.max_per_hour),
            story=article.story,
        )

    async def _matcher(self) -> Matcher:
        """Give the matcher of all followed topics, as new as the store's list."""
        version = await self._store.topics_version()
        if version != self._topics_version:
            self._topics_version, topics = await self._store.topics()
            self._topics = Matcher(topics)
        return self._topics

    # -- daily digests ------------------------------------------------------------------

    async def send_digests(self) -> None:
        """Queue the daily digests whose time has come."""
        while chats := await self._store.due_digests(self._clock(), DIGESTS_AT_ONCE):
            now = self._clock()
            day = await self._store.archived_between(now - timedelta(days=1), now, DAY_ARTICLES)
            matcher = await self._matcher()
            about = {article.id: frozenset(matcher.match(article.article)) for article in day}
            coverage = Counter(article.story for article in day)
            for chat in chats:
                next_at = None
                if chat.digest_at:
                    next_at = next_digest(chat.digest_at, chat.zone, now, now)
                try:
                    messages = await self._digest(chat, day, about, coverage, now)
                except StoreError:
                    raise
                except Exception:
                    log.exception("a digest could not be made", chat=chat.id)
                    messages = []  # else it would be tried for ever, before all others
                drafts = [Draft(chat.id, DeliveryKind.DIGEST, message) for message in messages]
                if await self._store.commit_digest(chat, drafts, next_at, now) and drafts:
                    self._queued()
                await asyncio.sleep(0)

    async def _digest(
        self,
        chat: Chat,
        day: Sequence[StoredArticle],
        about: dict[int, frozenset[str]],
        coverage: Counter[int],
        now: datetime,
    ) -> list[Message]:
        window = day_window(chat, now)
        followed = await self._store.subscriptions(chat.id)
        fresh = [article for article in day if window.start < article.first_seen]
        told = await self._store.told(chat.id, [article.id for article in fresh])
        chosen = rank_day(fresh, about, wanted(followed, now), told, coverage)
        if not chosen:
            return []
        late = (window.start, now) if window.late else None
        return cards.daily(chosen, chat, self._texts.of(chat.language), late)


def wanted(followed: Sequence[Subscription], now: datetime) -> frozenset[str] | None:
    """Give the topics of a chat's digest; ``None`` where it follows nothing at all."""
    if not followed:
        return None
    return frozenset(s.topic for s in followed if s.paused_until is None or s.paused_until <= now)
