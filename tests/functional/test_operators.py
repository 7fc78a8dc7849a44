"""The running bot tells its operators of a source, where they let it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.functional.newsroom import newsroom

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.botapi import BotApi


async def test_an_operator_hears_of_a_source_that_is_gone_and_one_who_never_began_is_no_trouble(
    tmp_path: Path,
) -> None:
    people = []

    def prepare(api: BotApi) -> dict[str, Any]:
        people.append(api.person("Aysel"))
        return {"admins": [people[0].id, people[0].id + 1]}

    async with newsroom(tmp_path, "Birinci xəbər", prepare=prepare) as room:
        aysel = people[0].id
        await people[0].start()
        await room.archived(1)
        room.site.answers["/feed"] = lambda _: web.Response(status=410)
        told = await room.api.wait_for(aysel, lambda seen: "410 Gone" in seen.text)
        async with asyncio.timeout(10):
            while (await room.app.store.outbox())[0]:
                await asyncio.sleep(0.02)
        dead = await room.app.store.dead_letters(None, 10)
    assert "sayt.az" in told.text
    assert dead == []
