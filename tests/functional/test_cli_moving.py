"""``xeberci migrate-store``: there, back, again, cut short, and refused."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import HalfFilledError
from bot.models import Chat
from bot.store import open_store
from tests.contract.redis_fixtures import RedisServer, shared_server
from tests.contract.stage import NOW, alert, archive, new, reader
from tests.functional.program import xeberci

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.protocol import Store

HERE = "sqlite:old.sqlite3"
KILLED = """
import itertools, os, signal, sys
from bot import cli, progress
steps = itertools.count()
progress.Progress.show = lambda *_: next(steps) < 5 or os.kill(os.getpid(), signal.SIGKILL)
cli.main(sys.argv[1:])
"""  # killed when a part is there


@pytest.fixture
def server() -> RedisServer:
    shared = shared_server()
    shared.ask("FLUSHALL")
    return shared


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[Store]:
    """A store in a file, with something in it, that nobody runs."""
    store = open_store(f"sqlite:{tmp_path}/old.sqlite3", Path())
    await store.open()
    await archive(store, new("a"), new("b"))
    await reader(store, 1, "ai")
    await store.enqueue([alert(1, "x")], NOW)
    yield store
    await store.close()


def counted(out: str) -> dict[str, int]:
    pairs = (line.split(": ") for line in out.splitlines())
    return {name: int(count) for name, count in pairs}


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def refused(folder: Path, origin: str, goal: str, *words: str) -> None:
    ran = await xeberci(folder, "migrate-store", origin, goal)
    assert ran.status == 1
    assert ran.out == ""
    [line] = [line for line in ran.err.splitlines() if line.startswith("xeberci: ")]
    for word in words:
        assert word in line


async def test_a_store_moves_to_redis_and_back_and_counts_the_same_each_time(
    tmp_path: Path, old: Store, server: RedisServer
) -> None:
    expected = await old.counts()
    first = await xeberci(tmp_path, "migrate-store", HERE, server.url)
    again = await xeberci(tmp_path, "migrate-store", HERE, server.url)
    back = await xeberci(tmp_path, "migrate-store", server.url, "sqlite:new/new.sqlite3")

    assert [ran.status for ran in (first, again, back)] == [0, 0, 0], first.err
    assert counted(first.out) == counted(again.out) == counted(back.out) == expected
    assert expected["articles"] == 2
    assert "moved" in first.err
    home = await xeberci(
        tmp_path, "export", XEBERCI_STORE__URL=f"sqlite:{tmp_path}/new/new.sqlite3"
    )
    assert len(home.json) == 2


async def test_a_store_that_is_not_there_is_named_and_nothing_is_made(
    tmp_path: Path, server: RedisServer
) -> None:
    await refused(tmp_path, "sqlite:none/none.sqlite3", server.url, "FROM", "none.sqlite3")
    await refused(tmp_path, server.url, "sqlite:made.sqlite3", "FROM", "holds nothing")
    await refused(tmp_path, f"unix://{tmp_path}/none.sock", "sqlite:made.sqlite3", "FROM")
    await refused(tmp_path, "mysql://user:hunter2@host/", "sqlite:made.sqlite3", "FROM", "mysql")

    assert names_in(tmp_path) == []


@pytest.mark.usefixtures("old")
async def test_one_store_is_never_moved_into_itself(tmp_path: Path, server: RedisServer) -> None:
    (tmp_path / "link.sqlite3").symlink_to("old.sqlite3")
    assert (await xeberci(tmp_path, "migrate-store", HERE, server.url)).status == 0

    await refused(tmp_path, HERE, HERE, "same")
    await refused(tmp_path, HERE, "sqlite:./old.sqlite3", "same")
    await refused(tmp_path, HERE, "sqlite:link.sqlite3", "same")
    await refused(tmp_path, server.url, server.url, "same")
    await refused(tmp_path, server.url, f"{server.url}?db=0", "same")

    ran = await xeberci(tmp_path, "migrate-store", server.url, "sqlite:new.sqlite3")
    assert counted(ran.out)["articles"] == 2


async def test_a_store_that_a_bot_runs_on_stays_where_it_is(
    tmp_path: Path, old: Store, server: RedisServer
) -> None:
    await old.open(exclusive=True)
    await refused(tmp_path, HERE, server.url, "FROM", "another xeberci run", "stop")
    await old.close()
    assert (await xeberci(tmp_path, "migrate-store", HERE, server.url)).status == 0

    worker = open_store(server.url, Path())
    await worker.open()
    now = await worker.time() or datetime.now(UTC)
    await worker.lease("worker:one", "one", now, 15)
    await refused(tmp_path, HERE, server.url, "TO", "stop")
    await refused(tmp_path, server.url, "sqlite:new.sqlite3", "FROM", "stop")
    await worker.leave("worker:one", "one")
    await worker.close()

    assert (await xeberci(tmp_path, "migrate-store", HERE, server.url)).status == 0


async def test_what_is_newer_or_anothers_is_not_overwritten(
    tmp_path: Path, old: Store, server: RedisServer
) -> None:
    assert (await xeberci(tmp_path, "migrate-store", HERE, server.url)).status == 0
    other = open_store(f"sqlite:{tmp_path}/other.sqlite3", Path())
    await other.open()
    await other.meet(Chat(5))
    await other.close()
    away = open_store(server.url, Path())
    await away.open()
    await archive(away, new("later"))
    await away.close()

    await refused(tmp_path, HERE, "sqlite:other.sqlite3", "another bot")
    await refused(tmp_path, HERE, server.url, "newer")

    back = await xeberci(tmp_path, "migrate-store", server.url, HERE)
    assert counted(back.out)["articles"] == 3
    assert await old.count() == 3


@pytest.mark.parametrize("kind", ["redis", "sqlite"])
async def test_a_move_that_was_killed_is_finished_by_repeating_it(
    tmp_path: Path, old: Store, server: RedisServer, kind: str
) -> None:
    goal = server.url if kind == "redis" else "sqlite:new.sqlite3"
    moving = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, "migrate-store", HERE, goal),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert await moving.wait() == -signal.SIGKILL

    after = open_store(server.url if kind == "redis" else f"sqlite:{tmp_path}/new.sqlite3", Path())
    await after.open()
    assert await after.half_filled()
    await after.close()
    with pytest.raises(HalfFilledError, match="repeat"):
        await after.open(exclusive=True)
    await refused(tmp_path, goal, "sqlite:third.sqlite3", "FROM", "a part")

    again = await xeberci(tmp_path, "migrate-store", HERE, goal)
    assert (again.status, counted(again.out)) == (0, await old.counts())
    await after.open(exclusive=True)
    await after.close()
