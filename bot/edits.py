"""What changes of a message that was sent: (who was told of a story, who tells it now) -> drafts.

Another source joined a story: its name goes under every message about the story. An article was
revised: the messages that show it are written anew. What is still queued is rewritten before it
goes out. Chats are edited for 48 hours, and not where an edit had to wait too long; channels
always.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot import cards
from bot.buttons import ref
from bot.models import DeliveryKind, Draft, Mode
from bot.planner import BUSY, BUSY_ALERTS
from bot.store.protocol import BATCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.digest.formatter import Outlet
    from bot.models import FanOut, Message, StoredArticle, Subscription, Told
    from bot.planner import ChannelRule
    from bot.store.protocol import Store
    from bot.texts import Catalogue

EDITED_FOR = timedelta(hours=48)
EDITED_WITHIN = timedelta(minutes=30)  # of reading what it tells, in chats
_NEXT = timedelta(milliseconds=1)


class Edits:
    """Makes the drafts of edits, page by page."""

    def __init__(
        self,
        store: Store,
        texts: Catalogue,
        rules: Mapping[int, ChannelRule],
        language: str,
        bot_username: str,
    ) -> None:
        self._store = store
        self._texts = texts
        self._rules = rules
        self._language = language
        self._bot_username = bot_username

    async def page(self, edit: FanOut, now: datetime) -> tuple[list[Draft], int | None]:
        """Give the next drafts of an edit, and the cursor behind them (None: it is finished)."""
        story = edit.article.story
        told, cursor = await self._store.sent_to(story, edit.cursor, BATCH, edit.only)
        members = await self._store.members(story)
        shown = {member.id: member for member in members}
        # Whoever was told by the member that joined last was told of all others then.
        newest = max(members, key=lambda member: member.seq, default=edit.article).id
        complete = newest if newest != story else None
        read = now if edit.revised else max((m.first_seen for m in members), default=now)
        until = read + EDITED_WITHIN
        wanted = [
            one
            for one in told
            if one.article_id in shown
            and (one.article_id == edit.article.id if edit.revised else one.article_id != complete)
        ]
        offered = await self._offered([one for one in wanted if one.kind is DeliveryKind.ALERT])
        drafts: list[Draft] = []
        for one in wanted:
            article = shown[one.article_id]
            others = cards.outlets(members, article)
            if one.kind is DeliveryKind.POST:
                draft = self._post(one, article, others)
            elif one.message_id is None:
                draft = await self._queued_alert(one, article, others, now, one.chat_id in offered)
            elif until > now and one.at is not None and now - one.at <= EDITED_FOR:
                draft = await self._sent_alert(one, article, others, until, one.chat_id in offered)
            else:
                continue
            if draft is not None:
                drafts.append(draft)
        return drafts, cursor

    def _post(self, told: Told, article: StoredArticle, others: tuple[Outlet, ...]) -> Draft | None:
        """Change a channel's post; one that is configured no more is left alone."""
        rule = self._rules.get(told.chat_id)
        if rule is None:
            return None
        t, username = self._texts.of(self._language), self._bot_username
        if told.message_id is None:
            message = cards.post(article, rule.address, t, username, others=others)
            return _draft(told, DeliveryKind.POST, message, article)
        place = (rule.address, told.message_id)
        message = cards.post_again(article, place, t, username, others)
        return _draft(told, DeliveryKind.EDIT, message, article)

    async def _queued_alert(
        self,
        told: Told,
        article: StoredArticle,
        others: tuple[Outlet, ...],
        now: datetime,
        to_digest: bool,  # noqa: FBT001 - as the alert had it
    ) -> Draft | None:
        """Write an alert anew that waits to be sent."""
        subscription = await self._subscription(told)
        if told.chat is None or subscription is None:
            return None
        t = self._texts.of(told.chat.language)
        message = cards.alert(
            article, told.chat, subscription, t, now, to_digest=to_digest, others=others
        )
        return _draft(told, DeliveryKind.ALERT, message, article)

    async def _sent_alert(
        self,
        told: Told,
        article: StoredArticle,
        others: tuple[Outlet, ...],
        until: datetime,
        to_digest: bool,  # noqa: FBT001 - as the alert had it
    ) -> Draft | None:
        """Change an alert that was sent; its buttons are those that it would have today."""
        if told.chat is None or told.message_id is None:
            return None
        t = self._texts.of(told.chat.language)
        place = (told.chat_id, told.message_id)
        subscription = await self._subscription(told)
        if subscription is None:
            title = await self._store.phrase(ref(told.topic)) if told.topic else None
            message = cards.story_again(article, place, title, t, others)
        else:
            to_digest = to_digest and subscription.mode is Mode.INSTANT
            message = cards.alert_again(
                article, place, subscription, t, to_digest=to_digest, others=others
            )
        return _draft(told, DeliveryKind.EDIT, message, article, until)

    async def _subscription(self, told: Told) -> Subscription | None:
        followed = await self._store.subscriptions(told.chat_id) if told.topic else ()
        return next((one for one in followed if one.topic == told.topic), None)

    async def _offered(self, told: Sequence[Told]) -> set[int]:
        """Give the chats whose alert offered the daily digest: the third of its topic within
        an hour."""
        by_time: dict[datetime, list[Told]] = {}
        for one in told:
            if one.at is not None:
                by_time.setdefault(one.at, []).append(one)
        offered: set[int] = set()
        for at, then in by_time.items():
            chats = [one.chat_id for one in then]
            before = await self._store.alerted_since(chats, at - BUSY)
            after = await self._store.alerted_since(chats, at + _NEXT)
            for one in then:
                key = (one.chat_id, one.topic or "")
                if before.get(key, 0) - after.get(key, 0) >= BUSY_ALERTS:
                    offered.add(one.chat_id)
        return offered


def _draft(
    told: Told,
    kind: DeliveryKind,
    message: Message,
    article: StoredArticle,
    until: datetime | None = None,
) -> Draft:
    return Draft(
        told.chat_id,
        kind,
        message,
        article_id=article.id,
        topic=told.topic,
        story=article.story,
        expires_at=until,
    )
