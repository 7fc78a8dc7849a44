"""What waits in the outbox and becomes one message, or goes out later: lists, caps, quiet hours.

Waiting alerts over ``merge_after`` -> one list. Held alerts and posts -> let go, listed or dropped,
as ``planner`` says.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot import cards
from bot.errors import StoreError
from bot.models import Chat, ChatKind, DeliveryKind, Draft
from bot.planner import ChannelRule, HeldPost, channel_step, quiet_until
from bot.store.protocol import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.models import Claim, Delivery
    from bot.store.protocol import Store
    from bot.texts import Catalogue

MERGE_AT_MOST = 200

log = structlog.get_logger("xeberci.publisher")


class Held:
    """Lets go of what waits, in the form that it has by then."""

    def __init__(
        self,
        store: Store,
        texts: Catalogue,
        rules: Mapping[int, ChannelRule],
        *,
        zone: str,
        language: str,
        clock: Callable[[], datetime],
        queued: Callable[[], None],
    ) -> None:
        self._store = store
        self._texts = texts
        self._rules = rules
        self._zone = zone
        self._language = language
        self._clock = clock
        self._queued = queued

    async def merge(self, claim: Claim) -> bool:
        """Make one message of a chat's waiting alerts; False leaves them as they are.

        A message that was merged before goes out first: what waits behind it is merged then.
        """
        if claim.delivery.article_id is None:
            return False
        waiting = await self._store.waiting(claim.chat_id, MERGE_AT_MOST)
        alerts = [d for d in waiting if d.kind is DeliveryKind.ALERT and not d.held]
        return await self._merge(claim.chat_id, alerts)

    async def release(self) -> None:
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
        step = channel_step(rule, posts, posted, self._zone, now)
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
        chat = await self._store.chat(chat_id) or channel_chat(chat_id, self._language, self._zone)
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


def channel_chat(key: int, language: str, zone: str) -> Chat:
    """Give a configured channel as the chat that the store keeps."""
    return Chat(key, ChatKind.CHANNEL, language=language, zone=zone)
