"""A broadcast over a network that cuts every first reply of Redis: no step has its effect twice.

The proxy carries each request to the server and throws its reply away the first time, so that
each step runs twice. The contract does the same for each step alone.
"""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.faults.broadcast import broadcast
from tests.faults.places import SOAK, own_redis
from tests.faults.proxy import Proxy, first_tries

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Note

MESSAGES = 50 if SOAK else 5


async def test_a_broadcast_whose_every_reply_is_cut_comes_once_and_in_order(
    tmp_path: Path, note: Note
) -> None:
    async with (
        own_redis(tmp_path) as (server, home),
        Proxy(server.socket, first_tries()) as proxy,
        broadcast(replace(home, url=proxy.url), MESSAGES) as cast,
    ):
        await cast.start("one")
        await cast.start("two")
        await cast.finish()
        for name in ("one", "two"):
            assert await cast.end(signal.SIGTERM, name) == 0
        note(
            rounds=proxy.cuts,
            messages=cast.total,
            lost=cast.lost(),
            duplicated=cast.duplicates(),
            out_of_order=cast.out_of_order(),
        )
        assert proxy.cuts > cast.messages
        assert cast.lost() == 0
        assert cast.duplicates() == 0
        assert cast.out_of_order() == 0


async def test_a_redis_that_is_away_for_a_while_is_waited_for(tmp_path: Path, note: Note) -> None:
    async with (
        own_redis(tmp_path) as (server, home),
        Proxy(server.socket) as proxy,
        broadcast(replace(home, url=proxy.url), MESSAGES) as cast,
    ):
        await cast.start()
        await cast.until_sent(cast.total // 3)
        await proxy.stop()
        await proxy.start()
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
        assert cast.duplicates() == 0
        assert cast.out_of_order() == 0
