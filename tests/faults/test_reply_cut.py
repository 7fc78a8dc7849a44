"""The contract once more, on a Redis whose every first reply is cut: no step has its effect twice.

Each request is carried out and its reply lost, so that each step of each scenario runs at
least twice; what the scenarios expect stays the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.store import open_store
from tests.contract.redis_fixtures import shared_server

# The scenarios of these modules run here with the fixtures below.
from tests.contract.test_store_articles import *  # noqa: F403
from tests.contract.test_store_chats import *  # noqa: F403
from tests.contract.test_store_claims import *  # noqa: F403
from tests.contract.test_store_dead import *  # noqa: F403
from tests.contract.test_store_doubt import *  # noqa: F403
from tests.contract.test_store_fanout import *  # noqa: F403
from tests.contract.test_store_moves import *  # noqa: F403
from tests.contract.test_store_outbox import *  # noqa: F403
from tests.contract.test_store_workers import *  # noqa: F403
from tests.faults.proxy import Proxy, first_tries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.protocol import Store
    from tests.contract.stage import Opener


@pytest.fixture
async def opener(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opener]:
    monkeypatch.setattr("bot.store.redis.connection._FIRST_PAUSE_S", 0.001)
    server = shared_server()
    server.ask("FLUSHALL")
    async with Proxy(server.socket, first_tries()) as proxy:
        yield lambda: open_store(proxy.url, Path())
        assert proxy.cuts


@pytest.fixture
async def store(opener: Opener) -> AsyncIterator[Store]:
    made = opener()
    await made.open()
    yield made
    await made.close()
