"""The stores that the contract runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.stage import KINDS, REPEATED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.protocol import Store
    from tests.contract.stage import Opener


@pytest.fixture(params=[*KINDS, *REPEATED])
async def opener(request: pytest.FixtureRequest) -> AsyncIterator[Opener]:
    async with (KINDS | REPEATED)[request.param]() as made:
        yield made


@pytest.fixture
async def store(opener: Opener) -> AsyncIterator[Store]:
    made = opener()
    await made.open()
    yield made
    await made.close()
