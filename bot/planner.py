"""Pure decisions: (known, fetched, followers, now) -> articles, deliveries, instants. No I/O."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from bot.models import Chat, Follower, StoredArticle, Subscription

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_NAMED_CHANNELS = -(10**15)  # below every id that Telegram gives, within 2**53
HELD_S = 6 * 3600
HOUR_S = 3600.0
HALF_LIFE_S = 2 * 3600.0
MERGED_WHEN_QUIET_ENDS = 2
LATE_S = 300.0
# The third alert of a topic within an hour offers the daily digest instead.
BUSY = timedelta(hours=1)
BUSY_ALERTS = 3
TOP_STORIES = 10
DIGEST_STORIES = 40


def parse_clock(text: str) -> time:
    """Give the time of day of ``"09:00"``; raises ``ValueError`` with a line for a person."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is no time of day; write it as "09:00"')
    return time(int(match[1]), int(match[2]))


def parse_quiet(text: str) -> tuple[time, time]:
    """Give start and end of ``"23:00-08:00"``; raises ``ValueError`` with a line for a person."""
    start, dash, end = text.replace("–", "-").partition("-")
    if not dash:
        raise ValueError(f'{text!r} is no span of hours; write it as "23:00-08:00"')
    hours = parse_clock(start), parse_clock(end)
    if hours[0] == hours[1]:
        raise ValueError(f"{text!r} begins and ends at the same time")
    return hours


def quiet_until(quiet: str | None, zone: str, now: datetime) -> datetime | None:
    """Give the instant at which the chat's quiet hours end, or ``None`` outside them.

    Computed on the local wall clock, then turned into UTC, so that both changes of
    daylight saving time are right.
    """
    if not quiet:
        return None
    start, end = parse_quiet(quiet)
    tz = ZoneInfo(zone)
    local = now.astimezone(tz)
    clock = local.time()
    if start < end:
        if not start <= clock < end:
            return None
        day = local.date()
    elif clock >= start:
        day = local.date() + timedelta(days=1)
    elif clock < end:
        day = local.date()
    else:
        return None
    # In an hour that comes twice, the end of the pass that the clock is in.
    return datetime.combine(day, end.replace(fold=local.fold), tz).astimezone(UTC)


def next_digest(digest_at: str, zone: str, now: datetime, last: datetime | None) -> datetime:
    """Give the next instant of a chat's daily digest, in UTC.

    A time still ahead today means today, unless the chat had its digest on this local date.
    """
    tz = ZoneInfo(zone)
    clock = parse_clock(digest_at)
    today = now.astimezone(tz).date()
    served: date | None = last.astimezone(tz).date() if last else None
    for days in range(3):
        day = today + timedelta(days=days)
        at = datetime.combine(day, clock, tz).astimezone(UTC)
        if at > now and day != served:
            return at
    raise AssertionError("one of the next three days is free")  # pragma: no cover


def channel_key(chat: int | str) -> int:
    """Give the key of a configured channel: its id, or a stable stand-in for ``@name``."""
    if isinstance(chat, int):
        return chat
    return _NAMED_CHANNELS - zlib.crc32(chat.lower().encode())


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """What a channel posts. ``address`` is what the Bot API is given: an id or ``@name``."""

    key: int
    address: int | str
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    max_per_hour: int = 0
    quiet: str = ""

    def wants(self, article: StoredArticle, matched: frozenset[str]) -> bool:
        """Whether the article is for this channel; ``matched`` are the topics it is about."""
        if self.sources and article.article.source not in self.sources:
            return False
        return not self.topics or not matched.isdisjoint(self.topics)


def alerting(follower: Follower, now: datetime) -> Subscription | None:
    """Give the subscription for which this chat is alerted at once, or ``None``."""
    for subscription in follower.subscriptions:
        paused = subscription.paused_until is not None and subscription.paused_until > now
        if subscription.mode == "instant" and not paused:
            return subscription
    return None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a poll saw: an article, its identity keys and whether the archive knew it."""

    keys: tuple[str, ...]
    published: datetime | None


def deliverable(
    fresh: Sequence[Seen], *, first_poll: bool, backlog: int, max_age_s: float, now: datetime
) -> list[bool]:
    """Say for each new article whether it is delivered, not only archived.

    At the first poll the newest ``backlog`` are; later all that are not too old. An article
    without a date counts as new. The order given is the document's, newest first as a rule,
    which decides between equals.
    """
    if first_poll:
        order = sorted(
            range(len(fresh)),
            key=lambda i: (-(fresh[i].published or now).timestamp(), i),
        )
        chosen = set(order[:backlog])
        return [index in chosen for index in range(len(fresh))]
    oldest = now - timedelta(seconds=max_age_s)
    return [item.published is None or item.published >= oldest for item in fresh]


def oldest_first(articles: Iterable[tuple[int, datetime | None]], now: datetime) -> list[int]:
    """Give positions in the order in which articles go out: oldest first, else as they stood.

    ``articles`` are (position in the document, published); a document lists the newest
    first, so equals go out from its end.
    """
    items = list(articles)
    return [i for i, _ in sorted(items, key=lambda item: (item[1] or now, -item[0]))]


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A channel's post that waits: its delivery, since when, and how many sources carry it."""

    delivery_id: int
    queued_at: datetime
    coverage: int = 1


@dataclass(frozen=True, slots=True)
class ChannelStep:
    """What to do with a channel's held posts: let go, drop, or list in one post."""

    release: tuple[int, ...] = ()
    drop: tuple[int, ...] = ()
    merge: tuple[int, ...] = ()


def channel_step(
    rule: ChannelRule,
    held: Sequence[HeldPost],
    posted: Sequence[datetime],
    zone: str,
    now: datetime,
) -> ChannelStep:
    """Decide what becomes of a channel's held posts (CONTRACT §3, "Held posts of a channel").

    ``posted``: when it posted within the last hour. In quiet hours all wait; at their end
    several become one list. Over the cap the best wait for a free place, six hours at most;
    best is coverage, halved every two hours.
    """
    if quiet_until(rule.quiet, zone, now) is not None or not held:
        return ChannelStep()
    quiet_waiters = _waited_for_quiet(rule, held, zone)
    if len(quiet_waiters) >= MERGED_WHEN_QUIET_ENDS:
        return ChannelStep(merge=tuple(quiet_waiters))
    late = {p.delivery_id for p in held if _waits_s(p, rule, zone, now) > HELD_S}
    fit = [p for p in held if p.delivery_id not in late]
    room = len(fit)
    if rule.max_per_hour:
        # A time ahead of now was noted by a clock that was wrong: it holds up nothing.
        recent = [at for at in posted if 0 <= (now - at).total_seconds() < HOUR_S]
        room = max(0, rule.max_per_hour - len(recent))

    def worth(post: HeldPost) -> tuple[float, int]:
        age_s = (now - post.queued_at).total_seconds()
        return -post.coverage * 0.5 ** (age_s / HALF_LIFE_S), post.delivery_id

    best = sorted(sorted(fit, key=worth)[:room], key=lambda p: p.delivery_id)
    return ChannelStep(release=tuple(p.delivery_id for p in best), drop=tuple(sorted(late)))


def _waits_s(post: HeldPost, rule: ChannelRule, zone: str, now: datetime) -> float:
    """Give how long a post has waited for a place; quiet hours before that do not count."""
    since = quiet_until(rule.quiet, zone, post.queued_at) or post.queued_at
    return (now - since).total_seconds()


def _waited_for_quiet(rule: ChannelRule, held: Sequence[HeldPost], zone: str) -> list[int]:
    return [
        post.delivery_id
        for post in held
        if quiet_until(rule.quiet, zone, post.queued_at) is not None
    ]


@dataclass(frozen=True, slots=True)
class Window:
    """What a daily digest covers; ``late``: it comes later than its minute and says so."""

    start: datetime
    late: bool


def day_window(chat: Chat, now: datetime) -> Window:
    """Give what a chat's digest covers: since the last one, 24 hours at most."""
    day_ago = now - timedelta(days=1)
    start = max(chat.last_digest_at, day_ago) if chat.last_digest_at else day_ago
    due = chat.next_digest_at or now
    return Window(start, late=(now - due).total_seconds() > LATE_S)


def rank_day(
    articles: Sequence[StoredArticle],
    about: Mapping[int, frozenset[str]],
    wanted: frozenset[str] | None,
    told: Collection[int],
    coverage: Mapping[int, int] | None = None,
) -> list[StoredArticle]:
    """Give the stories of a daily digest, best first; those already alerted are left out.

    Best is what is about more of the wanted topics, then the most covered, then the newest.
    ``wanted`` is ``None`` for a chat that follows nothing: it gets the day's top stories.
    ``coverage``: how many articles tell a story, by its id; of each story its first one is given.
    """
    covered = coverage or {}
    stories: dict[int, tuple[int, StoredArticle]] = {}
    for article in sorted(articles, key=lambda a: a.id):
        if article.id in told:
            continue
        weight = 0 if wanted is None else len(about.get(article.id, frozenset()) & wanted)
        if wanted is None or weight:
            best, first = stories.get(article.story, (0, article))
            stories[article.story] = (max(best, weight), first)
    chosen = sorted(
        stories.values(),
        key=lambda story: (story[0], covered.get(story[1].story, 1), story[1].when),
        reverse=True,
    )
    return [first for _, first in chosen[: TOP_STORIES if wanted is None else DIGEST_STORIES]]
