"""A source that is found elsewhere: what is kept of it, and what there only seems new. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.config import SourceSettings
    from bot.models import NewArticle, SourceState
    from bot.sources.asker import Answer
    from bot.sources.reading import Item

MOVED_SLACK_S = 1800.0  # what may come late into a feed


def settled(state: SourceState, answer: Answer) -> SourceState:
    """Give the state with what its source turned out to be, and where."""
    elsewhere = answer.url if answer.url != state.url else None
    if elsewhere != state.found_url:  # redirects are counted anew
        state = replace(state, found_url=elsewhere, redirect=None, redirects=0)
    return replace(state, found_kind=answer.kind)


def after_move(
    new: Sequence[NewArticle],
    source: SourceSettings,
    before: SourceState,
    answer: Answer,
    items: Sequence[Item],
    known: Mapping[str, int],
    now: datetime,
) -> list[NewArticle]:
    """Give the articles, of a source that was found elsewhere without those that only seem new.

    Another document reaches further back: what was published before the last poll that was
    answered is archived. Without a date only the place, above all that is known, says that
    something is new.
    """
    if before.polled_at is None or answer.url == (before.found_url or source.url):
        return list(new)
    since = before.polled_at - timedelta(seconds=MOVED_SLACK_S)
    seen = [any(key in known for key in item.keys) for item in items]
    above = {item.keys[0] for item in items[: seen.index(True) if True in seen else 0]}

    def is_new(one: NewArticle) -> bool:
        published = one.article.published
        return one.keys[0] in above if published is None else published >= since

    def archived(one: NewArticle) -> NewArticle:
        return replace(one, deliver=False, page_by=now if one.page_by else None)

    return [one if is_new(one) else archived(one) for one in new]


def since_last(source: SourceSettings, before: SourceState, now: datetime) -> SourceSettings:
    """Give the source as one of which nothing older than the last poll is delivered."""
    if before.polled_at is None:
        return source
    since_s = (now - before.polled_at).total_seconds() + MOVED_SLACK_S
    return source.model_copy(update={"max_age": min(source.max_age, since_s)})
