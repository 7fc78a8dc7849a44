"""One source at a time: fetch -> read -> plan -> commit. A failure is a value, never a stop.

What a poll finds new is committed at once: seen-marks, archive and fan-out in one step. An item
that needs its page is committed too, its fan-out waiting for the page (``pages.py``).

Several runs on one store poll a source by turns: whoever has its lease looks up what is
remembered of it, and asks only if nobody did meanwhile.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot import links
from bot.az.language import Language, is_kept, language_of
from bot.errors import FetchError, ParseError, StoreError
from bot.models import NewArticle, SourceState
from bot.planner import Seen, deliverable, oldest_first
from bot.relocation import after_move, settled, since_last
from bot.revisions import document, known_items, mark_of, revise
from bot.sources import pace
from bot.sources.asker import Asker
from bot.sources.backfill import Backfill, is_short
from bot.sources.reading import Hints, Kind, ReadContext
from bot.sources.unnamed import Unnamed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.config import SourceSettings
    from bot.leases import Leases, PoliteFetcher
    from bot.models import Article
    from bot.operators import Operators
    from bot.patience import Patience
    from bot.sources.asker import Answer
    from bot.sources.pace import Pace
    from bot.sources.reading import Item, Reading
    from bot.sources.response import Response
    from bot.sources.robots import Robots
    from bot.sources.sandbox import Sandbox
    from bot.store.protocol import Store

PAGE_WAIT_S = 60.0
OVERDUE_SPREAD_S = 60.0
REDIRECTS_TO_FOLLOW = 3
GONE = 410
NOT_MODIFIED = 304
COMMIT_AT_ONCE = 200
LOOK_AGAIN_S = 1.0  # at what another run polls just now
STORE_AGAIN_S = 5.0

log = structlog.get_logger("xeberci.poller")


@dataclass(frozen=True, slots=True)
class PollerSettings:
    """What the poller needs of the configuration."""

    sources: tuple[SourceSettings, ...]
    zone: ZoneInfo
    pace: Pace


class Poller:
    """Polls sources as they become due and commits what is new."""

    def __init__(
        self,
        store: Store,
        fetcher: PoliteFetcher,
        sandbox: Sandbox,
        robots: Robots,
        settings: PollerSettings,
        *,
        leases: Leases,
        patience: Patience,
        clock: Callable[[], datetime],
        committed: Callable[[], None],
        operators: Operators | None = None,
    ) -> None:
        self._store = store
        self._leases = leases
        self._patience = patience
        self._operators = operators
        self._asker = Asker(fetcher, sandbox, robots)
        self._backfill = Backfill(fetcher, sandbox, robots)
        self._unnamed = Unnamed(fetcher, sandbox, robots)
        self._settings = settings
        self._clock = clock
        self._committed = committed
        self._states: dict[str, SourceState] = {}
        self._busy: set[str] = set()
        self._not_before: dict[str, datetime] = {}  # of what another run, or no store, holds up
        self._by_host = source_names(settings.sources)
        self.first_poll = asyncio.Event()
        if not settings.sources:
            self.first_poll.set()

    async def open(self) -> None:
        """Load what is remembered; overdue sources are spread, new ones are due at once."""
        remembered = await self._store.sources()
        now = self._clock()
        overdue = 0
        for source in self._settings.sources:
            state = _of_line(source, remembered)
            if state.next_poll_at is not None and state.next_poll_at <= now:
                span_s = min(source.every, OVERDUE_SPREAD_S)
                wait_s = span_s * overdue / max(1, len(self._settings.sources))
                state = replace(state, next_poll_at=now + timedelta(seconds=wait_s))
                overdue += 1
            if state.stopped:
                log.warning(f"{source.name}: stopped: its server said 410 Gone; change its line")
            self._states[source.name] = state

    def take_due(self) -> list[SourceSettings]:
        """Give the sources whose time has come; each is this caller's until it was polled."""
        now = self._clock()
        due = [
            source
            for source in self._settings.sources
            if source.name not in self._busy
            and is_due(self._states[source.name], now)
            and (not self._not_before or self._not_before.get(source.name, now) <= now)
        ]
        self._busy.update(source.name for source in due)
        return due

    async def poll(self, source: SourceSettings) -> None:
        """Poll a source once; whatever fails is logged once and remembered."""
        name = source.name
        self._not_before.pop(name, None)
        try:
            async with self._leases.hold(f"source:{name}") as ours:
                if not ours:
                    self._wait(name, LOOK_AGAIN_S)
                elif not self._leases.shared or await self._still_due(source):
                    await self._poll(source)
            self._patience.done("sources")
        except StoreError as error:
            # What was read is read again: nothing of it is remembered.
            self._patience.failed("sources", error)
            self._wait(name, max(source.every, STORE_AGAIN_S))
        except Exception:
            log.exception(f"{name}: a poll failed; the next one tries again")
            self._wait(name, max(source.every, STORE_AGAIN_S))
        finally:
            self._busy.discard(name)
        self.first_poll.set()

    def stepped(self, by_s: float) -> None:
        """Follow a clock that was set back; the store did so already."""
        self._not_before.clear()
        by = timedelta(seconds=min(by_s, 0.0))
        for name, state in self._states.items():
            self._states[name] = moved(state, by)

    def _wait(self, name: str, seconds: float) -> None:
        self._not_before[name] = self._clock() + timedelta(seconds=seconds)

    async def _still_due(self, source: SourceSettings) -> bool:
        """Look up what other runs know of a source; gives whether it is to be asked now."""
        state = _of_line(source, await self._store.sources())
        self._states[source.name] = state
        return is_due(state, self._clock())

    async def _poll(self, source: SourceSettings) -> None:
        state = self._states[source.name]
        now = self._clock()
        try:
            answer = await self._asker.ask(source, state, self._context(source))
            reading = answer.reading
            if reading is None:
                await self._unchanged(source, state, answer.response)
                return
            if source.kind and not _is_of_kind(answer.kind, source.kind):
                kind = answer.kind
                raise ParseError(f"is a {kind}, not the {source.kind} that its kind says")
            await self._commit(source, state, answer, reading)
        except (FetchError, ParseError) as error:
            await self._failed(source, state, error, now)

    def _context(self, source: SourceSettings) -> ReadContext:
        return ReadContext(
            now=self._clock(),
            zone=self._settings.zone,
            source=source.name,
            sources=self._by_host,
            profile=source.profile or None,
        )

    async def _unchanged(
        self, source: SourceSettings, state: SourceState, response: Response
    ) -> None:
        state = await self._heard(self._answered(source, state, response, None, fresh=0))
        self._states[source.name] = state
        await self._store.save_source(state)

    async def _heard(self, state: SourceState) -> SourceState:
        return await self._operators.hear(state) if self._operators else state

    async def _commit(
        self, source: SourceSettings, state: SourceState, answer: Answer, reading: Reading
    ) -> None:
        now = self._clock()
        before, state = state, settled(state, answer)
        if answer.found is not None:
            log.info(f"{source.name}: found out: reads the {answer.kind} at {answer.url}")
        for problem in reading.problems:
            log.warning(f"{source.name}: {problem}")
        items = in_language(reading.items, source.language)
        if len(items) < len(reading.items):
            others = len(reading.items) - len(items)
            log.debug(f"{source.name}: {others} items in other languages", others=others)
        known = await self._store.known({key for item in items for key in item.keys})
        fresh = [item for item in items if not any(key in known for key in item.keys)]
        named_again = [item for item in items if item.article.title and gained_name(item, known)]
        said_by = document(source.name, answer.kind, answer.url)
        # Before the validators are kept: killed in between, the next poll sees the change again.
        told = known_items(items, known)
        revised = await revise(self._store, source.name, said_by, told, now)
        young = source
        if any(not item.article.title for item in fresh):
            young = since_last(source, before, now)
            fresh, answer = await self._named(source, fresh, answer)
        missed = await self._missed(source, before, answer, reading, known)
        fresh = [*fresh, *missed]
        new = plan(fresh, young, first_poll=state.polled_at is None, now=now, said_by=said_by)
        new = after_move(new, source, before, answer, items, known, now)
        from_list = {item.keys for item in missed}  # the feed may say it in other words one day
        new = [replace(one, mark="") if one.keys in from_list else one for one in new]
        # Without a date they are older than all that the feed still has.
        new.sort(key=lambda one: one.keys not in from_list or one.article.published is not None)
        new += [NewArticle(item.article, item.keys, deliver=False) for item in named_again]
        answered = self._answered(source, state, answer.response, reading, fresh=len(fresh))
        answered = await self._heard(answered)
        stored = []
        for start in range(0, len(new), COMMIT_AT_ONCE):
            part = new[start : start + COMMIT_AT_ONCE]
            # The state (with it the validators) is saved with the last part only: after a kill
            # in between, the next poll sees the whole document again.
            last = start + COMMIT_AT_ONCE >= len(new)
            stored += await self._store.commit(part, answered if last else before, now)
        if not new:
            await self._store.save_source(answered)
        self._states[source.name] = answered
        if stored:
            log.info(f"{source.name}: {len(stored)} new articles", articles=len(stored))
        if stored or revised:
            self._committed()

    async def _missed(
        self,
        source: SourceSettings,
        before: SourceState,
        answer: Answer,
        reading: Reading,
        known: Mapping[str, int],
    ) -> Sequence[Item]:
        """Give what the source no longer holds of the time since the last poll."""
        since, zone = before.polled_at, self._settings.zone
        if since is None or answer.url != (before.found_url or source.url):
            return ()
        if not is_short(reading.items, known, since, zone):
            return ()
        since = max(since, self._clock() - timedelta(seconds=source.max_age))
        try:
            found = await self._backfill.missed(
                answer.url, reading, self._context(source), self._store.known, since
            )
        except StoreError:
            raise
        except Exception:
            log.exception(f"{source.name}: its listing pages could not be read")
            return ()
        missed = in_language(found, source.language)
        if missed:
            count = len(missed)
            told = f"{count} article{'s' * (count != 1)} from its listing pages"
            log.info(f"{source.name}: {told}, which its feed no longer holds", articles=count)
        return missed

    async def _named(
        self, source: SourceSettings, items: Sequence[Item], answer: Answer
    ) -> tuple[list[Item], Answer]:
        """Give items without a title with what their pages say, as many as are asked at once."""
        named, left = await self._unnamed.named(
            items, self._context(source), max_age_s=source.max_age
        )
        if left:  # a 304 would hide the rest
            response = replace(answer.response, etag=None, last_modified=None)
            answer = replace(answer, response=response)
        return named, answer

    def _answered(
        self,
        source: SourceSettings,
        state: SourceState,
        response: Response,
        reading: Reading | None,
        *,
        fresh: int,
    ) -> SourceState:
        """Give the state after a poll that was answered."""
        now = self._clock()
        if state.failures:
            log.info(f"{source.name}: answers again", failures=state.failures)
        rate = items_per_hour(state, source.every, fresh, now)
        redirected = follow_redirect(state, response.permanent_to)
        if redirected.found_url != state.found_url:
            log.info(f"{source.name}: has moved for good to {redirected.found_url}")
        unchanged = response.status == NOT_MODIFIED
        hints = reading.hints if reading else hints_of(state)
        wanted = pace.next_poll(
            now,
            every_s=source.every,
            response=response,
            hints=hints,
            items_per_hour=rate,
            failures=0,
            pace=self._settings.pace,
        )
        return replace(
            redirected,
            etag=(response.etag or state.etag) if unchanged else response.etag,
            last_modified=(response.last_modified or state.last_modified)
            if unchanged
            else response.last_modified,
            polled_at=now,
            failures=0,
            error=None,
            failing_since=None,
            items_per_hour=rate,
            next_poll_at=on_the_beat(wanted, now, state.next_poll_at, source.every),
            ttl_s=hints.ttl_s,
            update_s=hints.update_s,
            skip_hours=tuple(sorted(hints.skip_hours)),
            skip_days=tuple(sorted(hints.skip_days)),
        )

    async def _failed(
        self,
        source: SourceSettings,
        state: SourceState,
        error: FetchError | ParseError,
        now: datetime,
    ) -> None:
        status = error.status if isinstance(error, FetchError) else None
        retry_after_s = error.retry_after_s if isinstance(error, FetchError) else None
        reason = str(error)
        stopped = status == GONE and state.polled_at is not None
        if stopped:
            log.error(f"{source.name}: 410 Gone: it is not asked again until its line changes")
        elif not state.failures:
            log.warning(f"{source.name}: {reason}")
        elif reason != state.error:
            log.info(f"{source.name}: still fails, now: {reason}", failures=state.failures + 1)
        state = replace(
            state,
            failures=state.failures + 1,
            error=reason,
            failing_since=state.failing_since or now,
            stopped=stopped,
            redirect=None,  # three in a row, each of which answered
            redirects=0,
            next_poll_at=pace.next_poll(
                self._clock(),
                every_s=source.every,
                response=None,
                hints=hints_of(state),
                items_per_hour=state.items_per_hour,
                failures=state.failures + 1,
                pace=self._settings.pace,
                retry_after_s=retry_after_s,
            ),
        )
        state = await self._heard(state)
        self._states[source.name] = state
        await self._store.save_source(state)


def _of_line(source: SourceSettings, remembered: Mapping[str, SourceState]) -> SourceState:
    """Give what is remembered of a source, or a new state where its line is new or has changed."""
    state = remembered.get(source.name)
    if state is not None and state.url == source.url:
        return state
    if state is None:
        return SourceState(source.name, source.url)
    return SourceState(source.name, source.url, polled_at=state.polled_at, told_at=state.told_at)


def hints_of(state: SourceState) -> Hints:
    """Give what the document that was read last asks for."""
    return Hints(
        state.ttl_s, state.update_s, frozenset(state.skip_hours), frozenset(state.skip_days)
    )


def is_due(state: SourceState, now: datetime) -> bool:
    """Whether a source is to be asked."""
    return not state.stopped and (state.next_poll_at is None or state.next_poll_at <= now)


def moved(state: SourceState, by: timedelta) -> SourceState:
    """Give the state with its times moved along with the clock."""
    return replace(
        state,
        next_poll_at=state.next_poll_at + by if state.next_poll_at else None,
        polled_at=state.polled_at + by if state.polled_at else None,
        failing_since=state.failing_since + by if state.failing_since else None,
        told_at=state.told_at + by if state.told_at else None,
    )


def plan(
    fresh: Sequence[Item],
    source: SourceSettings,
    *,
    first_poll: bool,
    now: datetime,
    said_by: str = "",
) -> list[NewArticle]:
    """Give the articles to commit, in the order in which they go out: oldest first.

    ``said_by`` names the document that has them (``bot.revisions``).
    """
    seen = [Seen(item.keys, item.article.published) for item in fresh]
    deliver = deliverable(
        seen, first_poll=first_poll, backlog=source.backlog, max_age_s=source.max_age, now=now
    )
    waits_until = now + timedelta(seconds=PAGE_WAIT_S)
    order = oldest_first(((i, item.article.published) for i, item in enumerate(fresh)), now)
    return [
        NewArticle(
            fresh[i].article,
            fresh[i].keys,
            deliver=deliver[i],
            page_by=None if fresh[i].whole else waits_until if deliver[i] else now,
            mark=mark_of(fresh[i], said_by),
        )
        for i in order
    ]


def in_language(items: Sequence[Item], wanted: str) -> Sequence[Item]:
    """Give the items that a source limited to a language keeps, those too short to tell too."""
    if not wanted:
        return items
    return [item for item in items if is_kept(_language(item.article), wanted)]


def _language(article: Article) -> Language:
    return language_of(article.title, article.text or article.summary or "")


def gained_name(item: Item, known: Mapping[str, int]) -> bool:
    """Whether a known item came with a key that the archive does not have yet."""
    return any(key in known for key in item.keys) and any(key not in known for key in item.keys)


def items_per_hour(state: SourceState, every_s: float, fresh: int, now: datetime) -> float:
    """Give the running mean of a source's new items an hour.

    Nothing is known of a new source: it is taken for one that deserves a poll at each
    ``every_s``, and slows down within a day if it does not.
    """
    if state.polled_at is None:
        return pace.deserving(every_s)
    return pace.observed_rate(
        state.items_per_hour, fresh, (now - state.polled_at).total_seconds() / 3600
    )


def on_the_beat(at: datetime, now: datetime, due: datetime | None, every_s: float) -> datetime:
    """Give the next poll on the beat of ``every_s`` where nothing asks for a longer wait.

    Counted from the last due time, not from the answer, so that ticks and slow answers do not
    add up. ``at``: what the pace wants, counted from ``now``.
    """
    if due is None or (at - now).total_seconds() > every_s:
        return at
    next_due = due + timedelta(seconds=every_s)
    return next_due if now <= next_due < at else at


def _is_of_kind(kind: str, wanted: str) -> bool:
    return kind == wanted or (kind == Kind.INDEX and wanted == Kind.SITEMAP)


def follow_redirect(state: SourceState, permanent_to: str | None) -> SourceState:
    """Count permanent redirects; the third in a row to one address makes it the one asked."""
    if permanent_to is None:
        return replace(state, redirect=None, redirects=0)
    count = state.redirects + 1 if permanent_to == state.redirect else 1
    if count >= REDIRECTS_TO_FOLLOW:
        return replace(state, found_url=permanent_to, redirect=None, redirects=0)
    return replace(state, redirect=permanent_to, redirects=count)


def source_names(sources: Sequence[SourceSettings]) -> dict[str, str]:
    """Give the configured name of each source by its host, for articles' ``source``."""
    return {links.host(source.url): source.name for source in reversed(sources)}
