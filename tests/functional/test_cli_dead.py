"""``xeberci dead``: what was set aside, beside a running bot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.models import Chat, DeliveryKind
from bot.store import open_store
from tests.contract.redis_fixtures import shared_server
from tests.contract.stage import NOW, alert, archive, claimed, new, text_of
from tests.functional.program import started, xeberci

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.protocol import Store


@pytest.fixture(params=["sqlite", "redis"])
async def running(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """The store of a bot that runs, with two letters set aside."""
    url = f"sqlite:{tmp_path}/bot.sqlite3"
    if request.param == "redis":
        shared_server().ask("FLUSHALL")
        url = shared_server().url
    (tmp_path / "xeberci.toml").write_text(f'[store]\nurl = "{url}"\n')
    store = open_store(url, Path())
    await store.open(exclusive=True)
    [article] = await archive(store, new("Yeni\ttelefon"))
    await store.enqueue(
        [
            alert(5, "one", article=article.id),
            alert(-100123, "two", kind=DeliveryKind.NOTICE),
        ],
        NOW,
    )
    for claim in await claimed(store):
        await store.set_aside(claim, f"400 Bad Request:\n{text_of(claim)}", NOW)
    yield store
    await store.close()


async def ids(store: Store) -> list[int]:
    return [letter.delivery.id for letter in await store.dead_letters(None, 9)]


async def test_the_list_has_a_line_each_that_is_easy_to_cut(running: Store, tmp_path: Path) -> None:
    ran = await xeberci(tmp_path, "dead", "list")

    first, second = await ids(running)
    when = "2026-11-23 16:00:00+04:00"
    assert ran.status == 0
    assert [line.split("\t") for line in ran.out.splitlines()] == [
        [str(first), when, "5", "alert", "Yeni telefon", "400 Bad Request: one"],
        [str(second), when, "-100123", "notice", "sendMessage", "400 Bad Request: two"],
    ]
    one = await xeberci(tmp_path, "dead", "list", str(second))
    assert one.out.splitlines() == ran.out.splitlines()[1:]


async def test_what_a_store_warns_of_is_beside_the_output(running: Store, tmp_path: Path) -> None:
    ran = await started(tmp_path, "dead", "list")  # a server that may forget is warned of

    assert (ran.status, len(ran.out.splitlines())) == (0, len(await ids(running)))


async def test_one_letter_is_queued_again_and_the_rest_after_it(
    running: Store, tmp_path: Path
) -> None:
    first, second = await ids(running)

    ran = await xeberci(tmp_path, "dead", "retry", str(second))

    assert (ran.status, ran.out) == (0, "1 queued again\n")
    assert await ids(running) == [first]
    assert (await xeberci(tmp_path, "dead", "retry")).out == "1 queued again\n"
    assert await ids(running) == []
    assert (await running.outbox())[0] == 2


async def test_letters_are_dropped_one_or_all(running: Store, tmp_path: Path) -> None:
    first, second = await ids(running)

    assert (await xeberci(tmp_path, "dead", "drop", str(first))).out == "1 dropped\n"
    assert await ids(running) == [second]
    assert (await xeberci(tmp_path, "dead", "drop")).out == "1 dropped\n"
    nothing = await xeberci(tmp_path, "dead", "drop")
    assert (nothing.status, nothing.out) == (0, "0 dropped\n")
    listed = await xeberci(tmp_path, "dead", "list")
    assert (listed.status, listed.out) == (0, "")
    assert "nothing was set aside" in listed.err


@pytest.mark.parametrize("action", ["list", "retry", "drop"])
async def test_a_letter_that_is_not_there_is_named(
    running: Store, tmp_path: Path, action: str
) -> None:
    ran = await xeberci(tmp_path, "dead", action, "99")

    assert (ran.status, ran.out) == (1, "")
    assert "no dead letter 99" in ran.err
    assert len(await ids(running)) == 2
    assert (await xeberci(tmp_path, "dead", action, "x")).status == 2


async def test_a_letter_to_a_chat_that_gets_nothing_stays_and_that_is_said(
    running: Store, tmp_path: Path
) -> None:
    first, _ = await ids(running)
    await running.meet(Chat(5))
    await running.disable_chat(5, "blocked", NOW)

    one = await xeberci(tmp_path, "dead", "retry", str(first))
    every = await xeberci(tmp_path, "dead", "retry")

    assert (one.status, one.out) == (1, "")
    assert f"{first}: the chat gets nothing" in one.err
    assert (every.status, every.out) == (0, "1 queued again\n")
    assert "1 stay" in every.err
    assert await ids(running) == [first]
