"""A Redis that Sentinel watches: its master is killed, or replaced, and the store goes on."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.store import open_store
from bot.store.addresses import redis_address
from bot.store.redis.store import RedisStore
from tests.contract.redis_fixtures import RedisServer, free_port
from tests.contract.stage import NOW, archive, deliver_all, new, reader, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.models import StoredArticle
    from bot.store.protocol import Store

_DEADLINE_S = 20.0


class Watched:
    """A master, its replica, and the Sentinel that watches them."""

    def __init__(self, stack: ExitStack) -> None:
        fast = {"repl_diskless_sync_delay": "0", "repl_ping_replica_period": "1"}
        self.master = stack.enter_context(RedisServer(tcp=True, **fast))
        self.replica = stack.enter_context(
            RedisServer(tcp=True, replicaof=f"127.0.0.1 {self.master.port}", **fast)
        )
        self.sentinel = stack.enter_context(
            RedisServer(
                tcp=True,
                kind="redis-sentinel",
                **{
                    "sentinel monitor": f"mymaster 127.0.0.1 {self.master.port} 1",
                    "sentinel down_after_milliseconds": "mymaster 200",
                    "sentinel failover_timeout": "mymaster 2000",
                },
            )
        )

    @property
    def url(self) -> str:
        """The address, of a Sentinel that is gone and of the one that is there."""
        return f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{self.sentinel.port}/mymaster"

    async def ready(self) -> None:
        """Wait until the replica follows and the Sentinel knows it."""
        await _until(lambda: b"master_link_status:up" in self.replica.ask("INFO", "replication"))
        await _until(lambda: b"slaves=1" in self.sentinel.ask("INFO", "sentinel"))
        await _until(lambda: b"slave_repl_offset:0" not in self.replica.ask("INFO", "replication"))

    async def copied(self) -> None:
        """Wait until the replica has what the master has."""
        await _until(lambda: self.master.ask("WAIT", "1", "100") == b":1\r\n")


@pytest.fixture
def watched() -> Iterator[Watched]:
    with ExitStack() as stack:
        yield Watched(stack)


async def test_a_killed_master_is_replaced_and_nothing_is_lost(
    watched: Watched, tmp_path: Path
) -> None:
    await watched.ready()
    store = open_store(watched.url, tmp_path)
    await store.open()
    [before] = await archive(store, new("before"))
    await reader(store, 1, "ai")
    await store.enqueue([reply(1, "x")], NOW)
    await watched.copied()

    watched.master.kill()
    [after] = await _as_the_bot_does(store, "after")

    assert await store.articles([before.id, after.id]) == [before, after]
    assert await deliver_all(store) == ["x"]
    assert b"role:master" in watched.replica.ask("INFO", "replication")
    await store.close()


async def test_a_master_that_was_demoted_is_left_for_the_new_one(
    watched: Watched, tmp_path: Path
) -> None:
    await watched.ready()
    store = open_store(watched.url, tmp_path)
    await store.open()
    await archive(store, new("before"))
    await watched.copied()

    # By hand, so that the connections to the old master live on and it refuses to be written.
    watched.replica.ask("REPLICAOF", "NO", "ONE")
    watched.master.ask("REPLICAOF", "127.0.0.1", str(watched.replica.port))
    watched.sentinel.ask("SENTINEL", "REMOVE", "mymaster")
    watched.sentinel.ask(
        "SENTINEL", "MONITOR", "mymaster", "127.0.0.1", str(watched.replica.port), "1"
    )
    [after] = await _as_the_bot_does(store, "after")

    assert await store.count() == 2
    assert b"role:slave" in watched.master.ask("INFO", "replication")
    assert after.id == 2
    await store.close()


async def test_a_service_that_no_sentinel_knows_is_said(watched: Watched) -> None:
    address = redis_address(watched.url.replace("mymaster", "other"))
    store = RedisStore(address, patience_s=0.1)

    with pytest.raises(StoreError, match="no master"):
        await store.open()


async def _as_the_bot_does(store: Store, name: str) -> list[StoredArticle]:
    """Archive, and try again where the store says that it cannot."""
    for _ in range(5):
        try:
            return await archive(store, new(name))
        except StoreError:
            await asyncio.sleep(0.1)
    return await archive(store, new(name))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(_DEADLINE_S):
        while not holds():
            await asyncio.sleep(0.02)
