"""Fan-outs, held posts and daily digests -> outbox. Decides through ``planner``, writes at once.

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
from bot.models import Chat, ChatKind, DeliveryKind, Draft, FanOutKind, Topic
from bot.patience import Patience
from bot.placer import Placer
from bot.planner import (
    BUSY,
    BUSY_ALERTS,
    ChannelRule,
    HeldPost,
    alerting,
    channel_step,
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
        Claim,
        Delivery,
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
MERGE_AT_MOST = 200
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
        self._rules = {rule.key: rule for rule in settings.channels}
        self._channel_topics = Matcher(
            Topic(key, key) for rule in settings.channels for key in rule.topics
        )
        self._topics = Matcher(())
        self._topics_version = -1
        self._failures: Counter[int] = Counter()  # of fan-outs, for reasons of their own
        self._placer = Placer(store, clock)
        self._edits = Edits(store, texts, self._rules, settings.language, settings.bot_username)
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
            return False
        more = await self._placer.catch_up()
        settings = self._settings
        fan_out = await self._store.next_fan_out(self._clock(), settings.owner, settings.lease_s)
        if fan_out is not None and fan_out.kind is FanOutKind.EDIT:
            # One that comes again (its lease ended) was stored as far as it got.
            held = [edit for edit in self._edits_in_hand if edit.id != fan_out.id]
            self._edits_in_hand = deque([*held, fan_out])
            fan_out = None
        if fan_out is None and self._edits_in_hand:
            fan_out = self._edits_in_hand.popleft()
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

    # -- what waited --------------------------------------------------------------------

    async def merge(self, claim: Claim) -> bool:
        """Make one message of a chat's waiting alerts; False leaves them as they are.

        A message that was merged before goes out first: what waits behind it is merged then.
        """
        if claim.delivery.article_id is None:
            return False
        waiting = await self._store.waiting(claim.chat_id, MERGE_AT_MOST)
        alerts = [d for d in waiting if d.kind is DeliveryKind.ALERT and not d.held]
        return await self._merge(claim.chat_id, alerts)

    async def release_held(self) -> None:
        """Let go what quiet hours and hourly caps held, as far as they now allow."""
        for chat_id in await self._store.chats_with_held():
            held = [d for d in await self._store.waiting(chat_id, BATCH) if d.held]
            try:
                if (rule := self._rules.get(chat_id)) is not None:
                    await self._release_posts(rule, held)
                else:
                    await self._release_alerts(chat_id, held)
            except StoreError:
                raise
            except Exception:
                log.exception("what was held for a chat stays held", chat=chat_id)

    async def _release_posts(self, rule: ChannelRule, held: Sequence[Delivery]) -> None:
        now = self._clock()
        posted = await self._store.posted_since(rule.key, now - timedelta(hours=1))
        coverage = await self._coverage(held) if rule.max_per_hour else {}
        posts = [HeldPost(d.id, d.queued_at, coverage.get(d.id, 1)) for d in held]
        step = channel_step(rule, posts, posted, self._settings.zone, now)
        if step.merge:
            await self._merge(rule.key, [d for d in held if d.id in step.merge], rule)
        if step.drop:
            await self._store.drop(step.drop)
            log.info("dropped posts that waited too long", chat=rule.address, posts=len(step.drop))
        if step.release:
            await self._store.release(step.release, now)
            self._queued()

    async def _coverage(self, held: Sequence[Delivery]) -> dict[int, int]:
        """Give how many sources tell the story of each held post, by delivery."""
        if len(held) < 2:  # noqa: PLR2004 - one competes with none
            return {}
        ids = [d.article_id for d in held if d.article_id is not None]
        stories = {article.id: article.story for article in await self._store.articles(ids)}
        covered = {s: len(await self._store.members(s)) for s in set(stories.values())}
        return {d.id: covered[stories[d.article_id]] for d in held if d.article_id in stories}

    async def _release_alerts(self, chat_id: int, held: Sequence[Delivery]) -> None:
        chat = await self._store.chat(chat_id)
        now = self._clock()
        if chat is None or quiet_until(chat.quiet, chat.zone, now) is not None:
            return
        if len(held) > 1 and await self._merge(chat_id, held):
            return
        await self._store.release([d.id for d in held], now)
        self._queued()

    async def _merge(
        self, chat_id: int, waiting: Sequence[Delivery], rule: ChannelRule | None = None
    ) -> bool:
        by_article = {d.article_id: d for d in waiting if d.article_id is not None}
        articles = await self._store.articles([i for i in by_article if i is not None])
        if len(articles) < 2:  # noqa: PLR2004 - one is no list
            return False
        now = self._clock()
        chat = await self._store.chat(chat_id) or self._channel_chat(chat_id)
        texts = self._texts.of(chat.language)
        titles = {s.topic: s.title for s in await self._store.subscriptions(chat_id)}
        named = [titles[d.topic] for d in waiting if d.topic in titles]
        # A message holds so many stories; those that do not fit stay queued for the next one.
        articles = articles[: cards.MAX_ENTRIES]
        messages = cards.merged(
            articles, chat, texts, now, topics=named, address=rule.address if rule else None
        )
        while len(messages) > 1:
            articles = articles[: len(articles) - 1]
            messages = cards.merged(
                articles, chat, texts, now, topics=named, address=rule.address if rule else None
            )
        taken = [by_article[a.id] for a in articles]
        draft = Draft(chat_id, taken[0].kind, messages[0])
        merged = await self._store.merge(chat_id, [d.id for d in taken], draft, now)
        if merged:
            self._queued()
        return merged

    def _channel_chat(self, key: int) -> Chat:
        return channel_chat(key, self._settings.language, self._settings.zone)

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


def channel_chat(key: int, language: str, zone: str) -> Chat:
    """Give a configured channel as the chat that the store keeps."""
    return Chat(key, ChatKind.CHANNEL, language=language, zone=zone)
