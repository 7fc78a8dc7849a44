"""What operators are told of a source: a day of failures, a stop, and that it answers again.

Once each: the mark is kept with the source's state, by whichever run polls it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.cards import Card
from bot.models import DeliveryKind, Draft
from bot.texts import DEFAULT, Html, load_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.models import SourceState
    from bot.store.protocol import Store
    from bot.texts import Texts

PATIENCE = timedelta(hours=24)


class News(StrEnum):
    """What is new of a source for operators."""

    FAILING = "failing"
    STOPPED = "stopped"
    ANSWERS = "answers"


def news(state: SourceState, now: datetime) -> News | None:
    """Give what operators have to hear of a source that was just polled, and have not yet."""
    if not state.failures:
        return News.ANSWERS if state.told_at else None
    if state.stopped:  # it is not polled again, so this is said once
        return News.STOPPED
    since = state.failing_since
    if state.told_at is None and since is not None and since + PATIENCE <= now:
        return News.FAILING
    return None


class Operators:
    """The people who run the bot, in their private chats."""

    def __init__(
        self,
        store: Store,
        admins: Sequence[int],
        zone: ZoneInfo,
        *,
        clock: Callable[[], datetime],
        queued: Callable[[], None],
    ) -> None:
        self._store = store
        self._admins = tuple(dict.fromkeys(admins))
        self._zone = zone
        self._clock = clock
        self._queued = queued

    async def hear(self, state: SourceState) -> SourceState:
        """Tell what is new of a source; gives its state with the mark that this was told."""
        now = self._clock()
        told = news(state, now)
        if told is None:
            return state
        if self._admins:
            # Queued before the mark is kept: killed in between, they hear it twice, not never.
            text = words(told, state, load_texts().of(DEFAULT), self._zone)
            drafts = [
                Draft(admin, DeliveryKind.NOTICE, Card(text).message(admin))
                for admin in self._admins
            ]
            await self._store.enqueue(drafts, now)
            self._queued()
        elif told is not News.ANSWERS:
            return state  # for the admins that there may be one day
        return replace(state, told_at=None if told is News.ANSWERS else now)


def words(told: News, state: SourceState, t: Texts, zone: ZoneInfo) -> Html:
    """Give the message for operators."""
    if told is News.ANSWERS:
        return t.html("operator-answers", source=state.name)
    if told is News.STOPPED:
        return t.html("operator-stopped", source=state.name, url=state.url)
    since = state.failing_since.astimezone(zone) if state.failing_since else None
    return t.html(
        "operator-failing",
        source=state.name,
        day=f"{since:%d.%m.%Y}" if since else "",
        clock=f"{since:%H:%M}" if since else "",
        reason=state.error or "",
    )
