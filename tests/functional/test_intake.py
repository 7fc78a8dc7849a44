"""Updates from the server to a handler: handled, then confirmed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import CapturingLogger

from bot.demo.botapi import BotApi
from bot.errors import StoreError
from bot.intake import Intake
from bot.lanes import Lanes, lane_of
from bot.leases import Leases
from bot.models import Turn
from bot.store import open_store
from bot.telegram import Telegram
from tests.faults.places import place
from tests.functional.delivery_stage import now, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.lanes import Update
    from bot.store.protocol import Store

ALLOWED = ("message", "callback_query", "inline_query", "my_chat_member")


@asynccontextmanager
async def intake(
    server: BotApi,
    store: Store,
    handle: Callable[[Update], Awaitable[None]],
    *,
    owner: str = "a",
    lease_s: float = 15.0,
    deadline_s: float = 30.0,
) -> AsyncIterator[tuple[Intake, CapturingLogger]]:
    log = CapturingLogger()
    telegram = Telegram(server.url, server.token)
    lanes = Lanes(
        handle, store, owner=owner, clock=now, lease_s=lease_s, deadline_s=deadline_s, log=log
    )
    leases = Leases(store, owner, clock=now, lease_s=lease_s, shared=True)
    taking = Intake(
        telegram, lanes, leases, allowed_updates=ALLOWED, log=log, poll_s=5, lease_s=lease_s
    )
    running = asyncio.create_task(taking.run())
    try:
        yield taking, log
    finally:
        await taking.drain(2.0)
        await running
        await telegram.close()


@pytest.fixture
async def server() -> AsyncIterator[BotApi]:
    api = BotApi()
    await api.start()
    yield api
    await api.stop()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store("", tmp_path)
    await opened.open(exclusive=True)
    yield opened
    await opened.close()


def lines(log: CapturingLogger, level: str) -> list[str]:
    return [str(call.args[0]) for call in log.calls if call.method_name == level]


def polls(server: BotApi) -> list[Any]:
    return [call for call in server.calls if call.method == "getUpdates"]


async def pending(server: BotApi) -> list[str]:
    """The texts of what Telegram still keeps."""
    telegram = Telegram(server.url, server.token)
    try:
        updates = await telegram.call("getUpdates", {"timeout": 0})
    finally:
        await telegram.close()
    return [update["message"]["text"] for update in updates]


@pytest.fixture(params=["sqlite", "redis"])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of each kind, for what it has to say."""
    async with place(request.param, tmp_path) as home, home.opened() as opened:
        yield opened


class Taken:
    """A handler that notes what it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def __call__(self, update: Update) -> None:
        self.texts.append(update["message"]["text"])


async def test_updates_are_handled_in_order_and_then_confirmed(
    server: BotApi, store: Store
) -> None:
    taken = Taken()
    person = server.person("Aygün")
    for number in range(5):
        await person.send(f"{number}")
    async with intake(server, store, taken):
        await until(lambda: len(taken.texts) == 5)
        await person.send("5")
        await until(lambda: len(taken.texts) == 6)
    assert taken.texts == [f"{number}" for number in range(6)]
    assert await pending(server) == []


async def test_a_webhook_is_taken_away_and_what_is_pending_is_kept(
    server: BotApi, store: Store
) -> None:
    taken = Taken()
    await server.person("Aygün").send("gözləyən")
    async with intake(server, store, taken):
        await until(lambda: taken.texts)
    first = server.calls[0]
    assert first.method == "deleteWebhook"
    assert not first.params.get("drop_pending_updates")


async def test_an_update_is_not_confirmed_before_it_is_handled(
    server: BotApi, store: Store
) -> None:
    go = asyncio.Event()

    async def wait(_: Update) -> None:
        await go.wait()

    await server.person("Aygün").send("uzun")
    async with intake(server, store, wait) as (taking, _):
        await until(lambda: polls(server))
        await asyncio.sleep(0.1)
        assert await pending(server) == ["uzun"]
        go.set()
        await taking.drain(2)
        assert await pending(server) == []


async def test_a_slow_update_holds_up_its_own_chat_only_and_nothing_runs_twice(
    server: BotApi, store: Store
) -> None:
    go, order = asyncio.Event(), []

    async def handle(update: Update) -> None:
        text = update["message"]["text"]
        if text == "a1":
            await go.wait()
        order.append(text)

    first, second = server.person("Aygün"), server.person("Babək")
    async with intake(server, store, handle):
        await first.send("a1")
        await first.send("a2")
        await second.send("b1")
        await until(lambda: order == ["b1"])
        await second.send("b2")
        await until(lambda: order == ["b1", "b2"])
        asked = len(polls(server))
        await asyncio.sleep(0.6)
        assert len(polls(server)) - asked <= 8  # it glances, it does not spin
        go.set()
        await until(lambda: len(order) == 4)
    assert order == ["b1", "b2", "a1", "a2"]
    assert await pending(server) == []


async def test_a_handler_that_raises_or_hangs_blocks_nobody(server: BotApi, store: Store) -> None:
    taken = Taken()

    async def handle(update: Update) -> None:
        text = update["message"]["text"]
        if text == "xəta":
            raise ValueError(text)
        if text == "ilişdi":
            await asyncio.sleep(60)
        await taken(update)

    person = server.person("Aygün")
    for text in ("xəta", "ilişdi", "salam"):
        await person.send(text)
    async with intake(server, store, handle, deadline_s=0.1) as (_, log):
        await until(lambda: taken.texts == ["salam"])
        assert len(lines(log, "exception")) == 2
    assert await pending(server) == []


async def test_an_update_waits_for_a_store_that_fails(server: BotApi, store: Store) -> None:
    failures = [StoreError("disk full")] * 2
    taken = Taken()

    async def handle(update: Update) -> None:
        if failures:
            raise failures.pop()
        await taken(update)

    await server.person("Aygün").send("salam")
    async with intake(server, store, handle) as (_, log):
        await until(lambda: taken.texts == ["salam"])
        assert len(lines(log, "warning")) == 1
    assert await pending(server) == []


async def test_an_update_that_alone_meets_a_failing_store_is_given_up(
    server: BotApi, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lanes._LONGEST_PAUSE_S", 0.01)
    taken = Taken()

    async def handle(update: Update) -> None:
        if update["message"]["text"] == "zəhər":
            raise StoreError("cannot be stored")
        await taken(update)

    first, second = server.person("Aygün"), server.person("Babək")
    await first.send("zəhər")
    async with intake(server, store, handle) as (_, log):
        await until(lambda: lines(log, "warning"))
        await asyncio.sleep(0.1)
        assert lines(log, "error") == []  # nothing else passes: it is the store
        for number in range(8):
            await second.send(f"{number}")
            await until(lambda: len(taken.texts) > number)  # noqa: B023 - awaited here
            await asyncio.sleep(0.03)
        await until(lambda: lines(log, "error"))
    assert lines(log, "error") == ["an update is given up"]
    assert await pending(server) == []


async def test_a_second_poller_is_told_of_and_outlasted(
    server: BotApi, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trouble.CONFLICT_S", 0.02)
    server.fail(
        "getUpdates",
        times=3,
        error_code=409,
        description="Conflict: terminated by other getUpdates request",
    )
    taken = Taken()
    await server.person("Aygün").send("salam")
    async with intake(server, store, taken) as (_, log):
        await until(lambda: taken.texts == ["salam"])
        assert len(lines(log, "error")) == 1
        assert "another process" in lines(log, "error")[0]
        assert lines(log, "info") == ["updates come in again"]


async def test_a_revoked_token_is_told_with_botfathers_name_each_time(
    server: BotApi, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trouble.REVOKED_S", 0.05)
    monkeypatch.setattr("bot.outage.Notice.due", lambda *_: True)
    taken = Taken()
    await server.person("Aygün").send("salam")
    server.revoke_token()
    async with intake(server, store, taken) as (_, log):
        await until(lambda: len(lines(log, "error")) == 3)
        assert all("@BotFather" in line for line in lines(log, "error"))
        server.restore_token()
        await until(lambda: taken.texts == ["salam"])


async def test_a_network_that_is_away_is_told_once(
    server: BotApi, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trouble.PAUSES_S", (0.02,))
    server.fail("getUpdates", times=4, error_code=502)
    taken = Taken()
    await server.person("Aygün").send("salam")
    async with intake(server, store, taken) as (_, log):
        await until(lambda: taken.texts == ["salam"])
        assert len(lines(log, "warning")) == 1
        assert lines(log, "info") == ["updates come in again"]


async def test_a_stop_ends_a_long_poll_at_once(server: BotApi, store: Store) -> None:
    async with intake(server, store, Taken()) as (taking, _):
        await until(lambda: polls(server))
        async with asyncio.timeout(1):
            await taking.drain(5)


async def test_a_stop_asks_for_no_updates_where_all_are_confirmed(
    server: BotApi, store: Store
) -> None:
    aysel, taken = server.person("Aysel"), Taken()
    async with intake(server, store, taken) as (taking, _):
        await aysel.send("salam")
        await until(lambda: taken.texts == ["salam"] and server.calls[-1].params.get("offset"))
        asked = len(polls(server))
        await taking.drain(5)
        assert len(polls(server)) == asked
    assert server.rejected == []
    assert await pending(server) == []


# -- once, whoever handles it -------------------------------------------------------------


async def test_what_was_handled_is_confirmed_and_not_handled_again(
    server: BotApi, shared: Store
) -> None:
    taken = Taken()
    person = server.person("Aygün")
    await person.send("köhnə")
    telegram = Telegram(server.url, server.token)
    (update,) = await telegram.call("getUpdates", {"timeout": 0})
    await telegram.close()
    await shared.end_update(update["update_id"], person.id, "somebody", now())
    await person.send("təzə")
    async with intake(server, shared, taken):
        await until(lambda: taken.texts)
    assert taken.texts == ["təzə"]
    assert await pending(server) == []


async def test_a_chat_that_another_worker_handles_waits_and_the_others_do_not(
    server: BotApi, shared: Store
) -> None:
    taken = Taken()
    first, second = server.person("Aygün"), server.person("Babək")
    await shared.begin_update(1, first.id, "another", now(), 60)
    async with intake(server, shared, taken):
        await first.send("a1")
        await second.send("b1")
        await until(lambda: taken.texts == ["b1"])
        await asyncio.sleep(0.05)
        assert taken.texts == ["b1"]
        await shared.let_go(first.id, "another")
        await until(lambda: taken.texts == ["b1", "a1"])
    assert await pending(server) == []


async def test_a_chat_of_a_worker_that_died_is_free_after_its_lease(
    server: BotApi, shared: Store
) -> None:
    taken = Taken()
    person = server.person("Aygün")
    await shared.begin_update(1, person.id, "dead", now(), 0.2)
    await person.send("salam")
    async with intake(server, shared, taken):
        await until(lambda: taken.texts == ["salam"])


async def test_a_handler_that_takes_longer_than_the_lease_keeps_its_chat(
    server: BotApi, shared: Store
) -> None:
    go = asyncio.Event()

    async def wait(_: Update) -> None:
        await go.wait()

    person = server.person("Aygün")
    async with intake(server, shared, wait, lease_s=0.15):
        await person.send("uzun")
        await until(lambda: len(polls(server)) > 1)
        await asyncio.sleep(0.4)
        assert await shared.begin_update(1, person.id, "another", now(), 1) is Turn.WAIT
        go.set()
    assert await shared.begin_update(1, person.id, "another", now(), 1) is Turn.HANDLE


async def test_an_update_that_a_stop_finds_waiting_is_neither_confirmed_nor_kept_from_others(
    server: BotApi, shared: Store
) -> None:
    person = server.person("Aygün")
    await shared.begin_update(1, person.id, "another", now(), 60)
    async with intake(server, shared, Taken()) as (taking, _):
        await person.send("salam")
        await until(lambda: len(polls(server)) > 1)
        await taking.drain(2)
    assert await pending(server) == ["salam"]
    await shared.let_go(person.id, "another")
    assert await shared.begin_update(2, person.id, "third", now(), 1) is Turn.HANDLE


async def test_one_of_two_workers_polls_and_the_other_goes_on_when_it_stops(
    server: BotApi, shared: Store
) -> None:
    one, two = Taken(), Taken()
    person = server.person("Aygün")
    async with intake(server, shared, two, owner="b", lease_s=0.3) as (_, log):
        async with intake(server, shared, one, owner="a"):
            await until(lambda: polls(server))
            await person.send("1")
            await until(lambda: len(one.texts) + len(two.texts) == 1)
            assert [call for call in polls(server) if call.error_code] == []
        await person.send("2")
        await until(lambda: len(one.texts) + len(two.texts) == 2)
        await person.send("3")
        await until(lambda: "3" in two.texts or "3" in one.texts)
        assert lines(log, "error") == []
    assert sorted(one.texts + two.texts) == ["1", "2", "3"]
    assert server.rejected == []


async def test_a_worker_that_lost_the_lease_stops_polling_and_finishes_what_it_handles(
    server: BotApi, shared: Store
) -> None:
    go, taken = asyncio.Event(), Taken()

    async def handle(update: Update) -> None:
        await go.wait()
        await taken(update)

    await server.person("Aygün").send("salam")
    async with intake(server, shared, handle, lease_s=0.15):
        await until(lambda: len(polls(server)) > 1)
        await shared.leave("poll", "a")
        assert await shared.lease("poll", "another", now(), 60)
        await asyncio.sleep(0.2)
        asked = len(polls(server))
        await asyncio.sleep(0.2)
        assert len(polls(server)) == asked
        go.set()
        await until(lambda: taken.texts == ["salam"])
    assert await pending(server) == ["salam"]


async def test_a_webhook_of_another_process_is_told_of_by_its_name(
    server: BotApi, shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trouble.CONFLICT_S", 0.02)
    async with intake(server, shared, Taken()) as (_, log):
        await until(lambda: polls(server))
        telegram = Telegram(server.url, server.token)
        await telegram.call("setWebhook", {"url": "https://elsewhere.az/tg"})
        await until(lambda: lines(log, "error"))
        await telegram.call("deleteWebhook", {})
        await telegram.close()
        assert "webhook" in lines(log, "error")[0]


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        ({"update_id": 1, "message": {"chat": {"id": -5}, "from": {"id": 7}}}, -5),
        ({"update_id": 1, "channel_post": {"chat": {"id": -6}}}, -6),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -7}, "from": {"id": 7}}}, -7),
        ({"callback_query": {"from": {"id": 7}, "message": {"chat": {"id": -8}}}}, -8),
        ({"callback_query": {"from": {"id": 7}, "inline_message_id": "x"}}, 7),
        ({"update_id": 1, "inline_query": {"from": {"id": 9}}}, 9),
        ({"update_id": 1, "poll_answer": {"user": {"id": 10}}}, 10),
        ({"update_id": 1, "poll": {"id": "11"}}, 0),
        ({"update_id": 1, "message": {"chat": {"id": 2**63}}}, 0),
        ({"update_id": 1}, 0),
    ],
)
def test_an_update_belongs_to_its_chat_or_person(update: dict[str, Any], lane: int) -> None:
    assert lane_of(update) == lane
