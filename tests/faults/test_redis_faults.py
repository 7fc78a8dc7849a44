"""A Redis that is killed, loses its last moments, is full, or takes no writes.

``SOAK=1`` takes the full count; the short run has the same shape.
"""

from __future__ import annotations

import asyncio
import random
import re
import signal
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.models import Chat, DeliveryKind, Draft, Message, Subscription
from tests.contract.stage import NOW, alert, archive, at, claimed, new, sent
from tests.faults.broadcast import broadcast, points
from tests.faults.places import SOAK, Place, own_redis

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store.protocol import Store
    from tests.contract.redis_fixtures import RedisServer
    from tests.faults.conftest import Note

MESSAGES = 150 if SOAK else 15
THREE = 3  # messages that one step queues


async def consistent(store: Store) -> None:
    """Look whether what one step wrote is there together."""
    counts = await store.counts()
    queued, _ = await store.outbox()
    waiting, after = 0, None
    while page := await store.chats(after, 500):
        after = page[-1].id
        for chat in page:
            waiting += len(await store.waiting(chat.id, 10_000))
    assert waiting == queued == counts["outbox"]


# -- killed ------------------------------------------------------------------------------------


async def test_a_killed_server_loses_nothing_and_repeats_nothing(
    tmp_path: Path, note: Note
) -> None:
    kills = 20 if SOAK else 3
    chance = random.Random(9)
    async with own_redis(tmp_path) as (server, home), broadcast(home, MESSAGES) as cast:
        await cast.start()
        for point in points(cast, kills, chance):
            await cast.until_sent(point)
            server.kill()
            await asyncio.sleep(chance.random() * 0.1)
            server.start()
        await cast.finish()
        assert await cast.end(signal.SIGTERM) == 0
        note(
            rounds=kills,
            messages=cast.total,
            lost=cast.lost(),
            duplicated=cast.duplicates(),
            out_of_order=cast.out_of_order(),
        )
        assert cast.lost() == 0
        assert cast.out_of_order() == 0
        # The worker lives, and knows for a minute what it has sent.
        assert cast.duplicates() == 0


def cut_log(server: RedisServer, count: int) -> None:
    """Take the last bytes off what a killed server wrote, as a power loss does."""
    log = max((server.folder / "appendonlydir").glob("*.incr.aof"), key=lambda f: f.stat().st_mtime)
    with log.open("r+b") as file:
        file.truncate(max(0, log.stat().st_size - count))


async def log_written_anew(server: RedisServer) -> None:
    """Wait until the bot has let the server write its log anew: what is left of a transaction
    that was cut in two stays in the file otherwise, and runs at the next start."""
    async with asyncio.timeout(20):
        while True:
            told = server.ask("INFO", "server") + server.ask("INFO", "persistence")
            start = server.ask("GET", "xeberci:server").split(b"\r\n")[1]
            if start and start in told and b"aof_rewrite_in_progress:1" not in told:
                return
            await asyncio.sleep(0.01)


async def test_a_log_without_its_end_loses_nothing_that_was_queued_before(
    tmp_path: Path, note: Note
) -> None:
    cuts = 10 if SOAK else 2
    chance = random.Random(10)
    async with (
        own_redis(tmp_path, aof_load_truncated="yes") as (server, home),
        broadcast(home, MESSAGES) as cast,
    ):
        await cast.start()
        for point in points(cast, cuts, chance):
            await cast.until_sent(point)
            server.kill()
            cut_log(server, chance.randint(1, 4000))
            server.start()
            await log_written_anew(server)
        await cast.finish()
        assert await cast.end(signal.SIGTERM) == 0
        note(
            rounds=cuts,
            messages=cast.total,
            lost=cast.lost(),
            duplicated=cast.duplicates(),
            out_of_order=cast.out_of_order(),
        )
        assert cast.lost() == 0
        assert cast.out_of_order() == 0
        assert cast.duplicates() == 0


async def write_for_ever(store: Store, acknowledged: set[int], first: int) -> None:
    """Archive, follow and queue, each chat in three steps; note the chats that are done."""
    number = first
    while True:
        number += 1
        [stored] = await archive(store, new(f"{number}", f"link {number}", f"guid {number}"))
        await store.meet(Chat(number))
        await store.follow(Subscription(number, f"topic {number}", "T"), update_id=number)
        message = Message("sendMessage", f'{{"chat_id": {number}, "text": "söz"}}')
        drafts = [
            Draft(number, DeliveryKind.ALERT, message, article_id=stored.id),
            Draft(number, DeliveryKind.DIGEST, message),
            Draft(number, DeliveryKind.NOTICE, message),
        ]
        await store.enqueue(drafts, NOW)
        acknowledged.add(number)


async def test_what_a_step_wrote_is_there_whole_after_a_kill(tmp_path: Path, note: Note) -> None:
    kills = 20 if SOAK else 3
    chance = random.Random(11)
    acknowledged: set[int] = set()
    async with own_redis(tmp_path) as (server, home), home.opened() as store:
        for kill in range(kills):
            writing = asyncio.create_task(write_for_ever(store, acknowledged, kill * 10_000))
            await asyncio.sleep(0.05 + chance.random() * 0.1)
            server.kill()
            await asyncio.sleep(0)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            server.start()
        await consistent(store)
        lost = 0
        for number in acknowledged:
            keys = await store.known([f"link {number}", f"guid {number}"])
            queued = await store.waiting(number, 10)
            followed = await store.subscriptions(number)
            lost += len(keys) != 2 or len(queued) != THREE or len(followed) != 1
        for chat in await store.chats(None, 500):
            assert len(await store.waiting(chat.id, 10)) in (0, THREE)
        counts = await store.counts()
        note(rounds=kills, messages=len(acknowledged), lost=lost)
        assert len(acknowledged) > kills
        assert lost == 0
        # An article comes with both of its names and its fan-out, or not at all.
        assert counts["fan_outs"] == counts["articles"]
        assert counts["article_keys"] == 2 * counts["articles"]


# -- full --------------------------------------------------------------------------------------


async def full(server: RedisServer) -> None:
    """Leave the server no memory for anything more."""
    server.ask("CONFIG", "SET", "maxmemory", "1")


async def test_a_full_server_refuses_what_is_new_and_lets_the_queue_drain(tmp_path: Path) -> None:
    async with own_redis(tmp_path) as (server, home), home.opened() as store:
        for chat in range(1, 31):
            await store.meet(Chat(chat))
        await store.enqueue([alert(chat, "a") for chat in range(1, 31)], NOW)
        await full(server)
        with pytest.raises(StoreError, match="maxmemory"):
            await store.enqueue([alert(chat, "b") for chat in range(1, 31)], NOW)
        with pytest.raises(StoreError, match="maxmemory"):
            await archive(store, new("article"))
        await consistent(store)
        assert (await store.outbox())[0] == 30
        assert await store.count() == 0

        claims = await claimed(store)
        assert len(claims) == 30
        await store.acknowledge([sent(claim) for claim in claims[:10]])
        for claim in claims[10:20]:
            await store.put_back(claim, at(1), failed=True)
        for claim in claims[20:]:
            await store.set_aside(claim, "refused", NOW)
        assert (await store.outbox())[0] == 10
        again = await claimed(store, at(2))
        assert len(again) == 10
        await store.acknowledge([sent(claim) for claim in again])
        assert (await store.outbox())[0] == 0

        server.ask("CONFIG", "SET", "maxmemory", "0")
        assert await store.enqueue([alert(1, "c")], NOW) == 1
        assert len(await archive(store, new("article"))) == 1


# -- read-only ---------------------------------------------------------------------------------


async def test_a_server_that_takes_no_writes_is_waited_for(tmp_path: Path, note: Note) -> None:
    async with own_redis(tmp_path) as (server, home), broadcast(home, MESSAGES) as cast:
        await cast.start()
        await cast.until_sent(cast.total // 4)
        server.ask("REPLICAOF", "127.0.0.1", "1")  # of nobody: it keeps what it has
        await asyncio.sleep(0.3)
        assert await refused(home)
        server.ask("REPLICAOF", "NO", "ONE")
        await cast.finish()
        assert await cast.end(signal.SIGTERM) == 0
        note(
            rounds=1,
            messages=cast.total,
            lost=cast.lost(),
            duplicated=cast.duplicates(),
            out_of_order=cast.out_of_order(),
        )
        assert cast.lost() == 0
        assert cast.out_of_order() == 0
        assert cast.duplicates() == 0


async def refused(home: Place) -> bool:
    """Whether the server says that it takes no writes."""
    from redis.asyncio import Redis  # noqa: PLC0415 - only here

    client = Redis.from_url(home.url)
    try:
        await client.set("probe", "1")
    except Exception as error:  # noqa: BLE001 - the answer is looked at
        return re.match("READONLY|You can't write", str(error)) is not None
    finally:
        await client.aclose()
    return False


async def test_a_server_that_cannot_save_refuses_whole_steps(tmp_path: Path) -> None:
    async with (
        own_redis(tmp_path, appendonly="no", save="3600 1", enable_protected_configs="yes") as (
            server,
            home,
        ),
        home.opened() as store,
    ):
        await store.meet(Chat(1))
        await store.enqueue([alert(1, "a")], NOW)
        server.ask("CONFIG", "SET", "dir", "/proc")  # where nothing can be written
        server.ask("BGSAVE")
        async with asyncio.timeout(5):
            while b"rdb_last_bgsave_status:err" not in server.ask("INFO", "persistence"):
                await asyncio.sleep(0.02)
        with pytest.raises(StoreError, match="disk"):
            await store.enqueue([alert(1, "b")], NOW)
        await consistent(store)
        assert (await store.outbox())[0] == 1
        server.ask("CONFIG", "SET", "dir", str(server.folder))
        server.ask("BGSAVE")
        async with asyncio.timeout(5):
            while b"rdb_last_bgsave_status:ok" not in server.ask("INFO", "persistence"):
                await asyncio.sleep(0.02)
        assert await store.enqueue([alert(1, "b")], NOW) == 1
