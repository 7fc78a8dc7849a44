"""A source that is found elsewhere: nothing that only seems new goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.config import SourceSettings
from bot.models import Article, NewArticle, SourceState
from bot.relocation import after_move, settled
from bot.sources.asker import Answer
from bot.sources.reading import Item, Kind
from bot.sources.response import Response

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SOURCE = SourceSettings(name="sayt.az", url="https://sayt.az/")
FOUND = "https://sayt.az/rss"


def answer(url: str = FOUND, kind: str = Kind.FEED) -> Answer:
    return Answer(url, kind, Response(200, url), None)


def state(**changes: object) -> SourceState:
    given = {"polled_at": NOW - timedelta(hours=1), "found_url": "https://sayt.az/old"} | changes
    return SourceState("sayt.az", SOURCE.url, **given)  # type: ignore[arg-type]


def items(**ages: float | None) -> list[Item]:
    return [
        Item(
            Article(
                f"https://sayt.az/{name}",
                name,
                published=None if hours is None else NOW - timedelta(hours=hours),
            ),
            (name,),
            whole=True,
        )
        for name, hours in ages.items()
    ]


def delivered(
    given: list[Item], *, known: tuple[str, ...] = (), before: SourceState, url: str = FOUND
) -> list[str]:
    new = [
        NewArticle(item.article, item.keys, deliver=True)
        for item in given
        if item.keys[0] not in known
    ]
    seen = dict.fromkeys(known, 1)
    moved = after_move(new, SOURCE, before, answer(url), given, seen, NOW)
    return [one.keys[0] for one in moved if one.deliver]


def test_what_was_published_before_the_last_poll_is_archived() -> None:
    given = items(new=0.5, late=1.4, old=5)
    assert delivered(given, before=state()) == ["new", "late"]


def test_without_dates_only_what_stands_above_the_known_is_new() -> None:
    given = items(new=None, known=None, old=None)
    assert delivered(given, known=("known",), before=state()) == ["new"]
    assert delivered(given, before=state()) == []


@pytest.mark.parametrize(
    ("before", "url"), [(state(polled_at=None), FOUND), (state(found_url=FOUND), FOUND)]
)
def test_a_first_poll_and_a_source_that_stayed_are_left_alone(
    before: SourceState, url: str
) -> None:
    assert delivered(items(a=1, b=5, c=None), before=before, url=url) == ["a", "b", "c"]


def test_what_was_found_is_kept_and_redirects_are_counted_anew() -> None:
    found = settled(state(redirect="https://sayt.az/x", redirects=2), answer())
    assert (found.found_url, found.found_kind) == (FOUND, "feed")
    assert (found.redirect, found.redirects) == (None, 0)


def test_the_configured_address_is_no_found_one() -> None:
    home = settled(state(), answer(SOURCE.url, Kind.LISTING))
    assert (home.found_url, home.found_kind) == (None, "listing")


def test_what_stays_keeps_its_count_of_redirects() -> None:
    before = state(found_url=FOUND, redirect="https://sayt.az/x", redirects=2)
    assert settled(before, answer()).redirects == 2
