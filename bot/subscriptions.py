"""What a chat follows and how it wants its news: follow, unfollow, modes, hours. Over the store.

Every change is an absolute state marked with the update that asked for it, so a redelivered
update changes nothing. The clock is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.buttons import ref
from bot.models import Chat, Doubt, Mode, Subscription
from bot.planner import channel_key, next_digest
from bot.search.analyser import topic_key, topic_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from bot.models import ChatKind, Followed
    from bot.store.protocol import Store

DEFAULT_DIGEST_AT: Final = "09:00"
PAUSE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Defaults:
    """Settings of a chat that was never met."""

    language: str = "az"
    zone: str = "Asia/Baku"


class Subscriptions:
    """Follow, unfollow, list; a chat's digest hour and quiet hours."""

    def __init__(self, store: Store, defaults: Defaults, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._defaults = defaults
        self._clock = clock

    # -- chats ----------------------------------------------------------------------------

    async def chat(self, chat_id: int, kind: ChatKind, title: str = "") -> Chat:
        """Give a chat's settings; one never met is not stored by being looked at."""
        known = await self._store.chat(chat_id)
        if known is None:
            return self._stranger(chat_id, kind, title)
        if known.disabled is not None or (known.kind, known.title) != (kind, title):
            return await self._store.meet(replace(known, kind=kind, title=title))
        return known

    async def language(self, chat_id: int) -> str:
        """Give the language of a chat, met or not."""
        known = await self._store.chat(chat_id)
        return known.language if known is not None else self._defaults.language

    async def meet(self, chat_id: int, kind: ChatKind, title: str = "") -> Chat:
        """Store a chat that the bot is in from now on, or enable it again."""
        return await self._store.meet(self._stranger(chat_id, kind, title))

    async def welcome_back(self, chat_id: int, username: str | None) -> None:
        """Enable a configured channel again that gave the bot its rights back."""
        for key in (chat_id, channel_key(f"@{username}") if username else None):
            known = None if key is None else await self._store.chat(key)
            if known is not None and known.disabled is not None:
                await self._store.meet(known)

    async def leave(self, chat_id: int, reason: str) -> None:
        """Send nothing more to a chat that blocked or removed the bot."""
        if await self._store.chat(chat_id) is not None:
            await self._store.disable_chat(chat_id, reason, self._clock())

    async def migrate(self, old: int, new: int) -> None:
        """Follow a group that became a supergroup."""
        await self._store.migrate_chat(old, new)

    # -- topics ---------------------------------------------------------------------------

    async def follow(
        self,
        chat: Chat,
        text: str,
        update_id: int,
        *,
        mode: Mode | None = None,
        thread_id: int | None = None,
    ) -> Followed:
        """Follow a topic; a group's alerts go from now on to the thread given.

        Without a ``mode`` a topic already followed keeps its own and its pause, a new one
        comes at once.
        """
        met = await self._store.meet(chat)
        if met.thread_id != thread_id:
            await self._store.save_chat(replace(met, thread_id=thread_id), update_id)
        wanted = Subscription(chat.id, topic_key(text), topic_title(text), mode or Mode.INSTANT)
        if mode is None:
            followed = await self._store.subscriptions(chat.id)
            wanted = next((one for one in followed if one.topic == wanted.topic), wanted)
        return await self._store.follow(wanted, update_id)

    async def unfollow(self, chat_id: int, text: str, update_id: int) -> Subscription | None:
        """Stop following the topic that a text names; gives what was followed, or ``None``.

        Its title is kept for a while, so that `Geri qaytar` can bring it back.
        """
        return await self._end(chat_id, topic_key(text), update_id)

    async def unfollow_ref(self, chat_id: int, name: str, update_id: int) -> Subscription | None:
        """Stop following the topic that a button names, as ``unfollow`` does.

        The name outlives the subscription, so that a redelivered press gets its answer again.
        """
        followed = await self.by_ref(chat_id, name)
        if followed is not None:
            return await self._end(chat_id, followed.topic, update_id)
        title = await self.recall(name)
        return await self.unfollow(chat_id, title, update_id) if title is not None else None

    async def restore(self, chat: Chat, title: str, mode: Mode, update_id: int) -> Subscription:
        """Follow again what was just removed, as it was."""
        met = await self._store.meet(chat)
        wanted = Subscription(met.id, topic_key(title), title, mode)
        return (await self._store.follow(wanted, update_id)).subscription

    async def all(self, chat_id: int) -> list[Subscription]:
        """Give what a chat follows, oldest first."""
        return await self._store.subscriptions(chat_id)

    async def by_ref(self, chat_id: int, name: str) -> Subscription | None:
        """Give the chat's subscription that a button names, or ``None`` when it is gone."""
        followed = await self._store.subscriptions(chat_id)
        return next((one for one in followed if ref(one.topic) == name), None)

    async def to_digest(
        self, chat: Chat, topic: str, update_id: int
    ) -> tuple[Subscription, Chat] | None:
        """Let a topic come with the daily digest; a chat without an hour gets 09:00.

        Gives both as they are now, or ``None`` where the topic is not followed.
        """
        if chat.digest_at is None:
            chat = await self.set_digest(chat, DEFAULT_DIGEST_AT, None, update_id)
        changed = await self._store.change(
            chat.id, topic, mode=Mode.DIGEST, paused_until=None, update_id=update_id
        )
        return (changed, chat) if changed is not None else None

    async def at_once(self, chat_id: int, topic: str, update_id: int) -> Subscription | None:
        """Let a topic come as it happens; a pause ends."""
        return await self._store.change(
            chat_id, topic, mode=Mode.INSTANT, paused_until=None, update_id=update_id
        )

    async def pause(self, chat_id: int, topic: str, update_id: int) -> Subscription | None:
        """Let a topic rest for a day."""
        until = self._clock() + PAUSE
        return await self._store.change(chat_id, topic, paused_until=until, update_id=update_id)

    async def resume(self, chat_id: int, topic: str, update_id: int) -> Subscription | None:
        """End a topic's rest."""
        return await self._store.change(chat_id, topic, paused_until=None, update_id=update_id)

    # -- hours ----------------------------------------------------------------------------

    async def set_digest(
        self, chat: Chat, digest_at: str | None, zone: str | None, update_id: int
    ) -> Chat:
        """Set the daily digest's hour, and the chat's zone where one is given; None: no digest."""
        met = await self._store.meet(chat)
        zone = zone or met.zone
        following = None
        if digest_at is not None:
            following = next_digest(digest_at, zone, self._clock(), met.last_digest_at)
        wanted = replace(met, digest_at=digest_at, zone=zone, next_digest_at=following)
        return await self._store.save_chat(wanted, update_id)

    async def set_quiet(self, chat: Chat, quiet: str | None, update_id: int) -> Chat:
        """Set the hours in which alerts wait; ``None``: none."""
        met = await self._store.meet(chat)
        return await self._store.save_chat(replace(met, quiet=quiet), update_id)

    # -- doubt ----------------------------------------------------------------------------

    async def set_doubt(self, chat: Chat, on_doubt: Doubt, update_id: int) -> Chat:
        """Set what becomes of a message that may have arrived."""
        met = await self._store.meet(chat)
        return await self._store.save_chat(replace(met, on_doubt=on_doubt), update_id)

    # -- texts behind buttons -------------------------------------------------------------

    async def keep(self, texts: Iterable[str]) -> None:
        """Remember texts that buttons name by ``ref``."""
        now = self._clock()
        for text in texts:
            await self._store.keep_phrase(ref(text), text, now)

    async def keep_link(self, start: str, title: str) -> None:
        """Remember how a topic was written that a link can only say folded."""
        await self._store.keep_phrase(start, title, self._clock())

    async def recall(self, name: str) -> str | None:
        """Give the text that a button names, or ``None`` when it is too old."""
        return await self._store.phrase(name)

    def _stranger(self, chat_id: int, kind: ChatKind, title: str) -> Chat:
        language, zone = self._defaults.language, self._defaults.zone
        return Chat(chat_id, kind, title, language, zone)

    async def _end(self, chat_id: int, topic: str, update_id: int) -> Subscription | None:
        followed = await self._store.subscriptions(chat_id)
        for one in followed:
            if one.topic == topic:
                await self._store.keep_phrase(ref(topic), one.title, self._clock())
        return await self._store.unfollow(chat_id, topic, update_id)
