"""What a run makes of leases: a store in memory, its clock, and time that a test lets pass."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from bot.errors import StoreError
from bot.leases import Leases, host_of

if TYPE_CHECKING:
    from bot.store.protocol import Store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Book:
    """The steps of a store that leases take."""

    held: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    asked: int = 0
    away: bool = False

    async def lease(self, name: str, owner: str, now: datetime, lease_s: float) -> bool:
        self.asked += 1
        if self.away:
            raise StoreError("away")
        holder, until = self.held.get(name, (owner, now))
        if holder != owner and until > now:
            return False
        self.held[name] = owner, now + timedelta(seconds=lease_s)
        return True

    async def leave(self, name: str, owner: str) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise StoreError("away")
        if self.held.get(name, ("", NOON))[0] == owner:
            del self.held[name]


def leases(book: Book, owner: str, now: datetime = NOON, *, shared: bool = True) -> Leases:
    store = cast("Store", book)
    return Leases(store, owner, clock=lambda: now, lease_s=15, shared=shared)


async def test_what_one_has_the_other_has_not() -> None:
    book = Book()
    one, two = leases(book, "one"), leases(book, "two")
    assert await one.take("tick:held")
    assert not await two.take("tick:held")
    await one.leave("tick:held")
    assert await two.take("tick:held")


async def test_what_a_dead_run_had_is_free_when_its_lease_is_over() -> None:
    book = Book()
    assert await leases(book, "dead").take("source:a")
    assert not await leases(book, "two", NOON + timedelta(seconds=14)).take("source:a")
    assert await leases(book, "two", NOON + timedelta(seconds=15)).take("source:a")


async def test_what_is_held_is_not_asked_for_each_time() -> None:
    book = Book()
    one = leases(book, "one")
    for _ in range(100):
        assert await one.take("tick:held")
    assert book.asked == 1
    one.doubt()
    assert await one.take("tick:held")
    assert book.asked == 2


async def test_what_was_lost_is_noticed_when_it_is_renewed() -> None:
    book = Book()
    one = leases(book, "one")
    assert await one.take("tick:held")
    book.held["tick:held"] = "two", NOON + timedelta(seconds=5)
    await one.renew()
    assert not await one.take("tick:held")


async def test_a_run_that_stops_leaves_everything_and_waits_for_no_store() -> None:
    book = Book()
    one = leases(book, "one")
    for name in ("a", "b", "c"):
        assert await one.take(name)
    await one.close()
    assert book.held == {}
    assert await one.take("a")
    book.away = True
    await one.close()


async def test_turns_are_one_at_a_time_among_tasks_and_among_runs() -> None:
    book = Book()
    runs = [leases(book, name) for name in ("one", "two")]
    at_once = most = 0

    async def ask(mine: Leases) -> None:
        nonlocal at_once, most
        async with mine.turn("host:a"):
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0)
            at_once -= 1

    await asyncio.gather(*(ask(mine) for mine in runs for _ in range(10)))
    assert most == 1
    assert book.held == {}
    assert runs[0]._turns == {}


async def test_a_turn_that_fails_is_over() -> None:
    book = Book()
    one = leases(book, "one")
    with pytest.raises(ValueError, match="oops"):
        async with one.turn("host:a"):
            raise ValueError("oops")
    assert book.held == {}


async def test_on_a_store_of_its_own_nothing_is_asked() -> None:
    book = Book(away=True)
    alone = leases(book, "one", shared=False)
    assert await alone.take("tick:held")
    async with alone.hold("source:a") as ours, alone.turn("host:a"):
        assert ours
    await alone.close()
    assert book.asked == 0


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://sayt.az/feed", "sayt.az:443"),
        ("https://ad:parol@Sayt.az:8443/feed", "sayt.az:8443"),
        ("http://[::1]/", "::1:80"),
        ("http://[::1", ""),
        ("http://a:b/", ""),
    ],
)
def test_a_host_is_named_without_what_opens_it(url: str, host: str) -> None:
    assert host_of(url) == host
