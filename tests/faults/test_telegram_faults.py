"""Telegram at its worst: floods, its proxy's error pages, late and cut answers, vanished chats."""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.models import Chat, ChatKind
from tests.faults.places import SOAK
from tests.functional.delivery_stage import Stage, delivery, draft

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.faults.conftest import Note

CHATS = range(1, 31)
MESSAGES = 60 if SOAK else 6
FAULTS = 400 if SOAK else 40


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sender._SEND_TIMEOUT_S", 0.15)
    monkeypatch.setattr("bot.outage._LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr("bot.delivery_table._LONGEST_BACK_OFF_S", 0.1)
    monkeypatch.setattr("bot.delivery_table._UNCERTAIN_S", 0.05)


def script(stage: Stage, chance: random.Random) -> int:
    """Script failures of all kinds, over all chats; gives how many may have been delivered."""
    uncertain = 0
    for _ in range(FAULTS):
        chat = chance.choice(CHATS)
        kind = chance.choice(("flood", "bad gateway", "late", "cut before", "cut after"))
        match kind:
            case "flood":
                stage.server.fail(
                    "sendMessage", chat_id=chat, error_code=429, parameters={"retry_after": 1}
                )
            case "bad gateway":
                stage.server.fail("sendMessage", chat_id=chat, error_code=502)
            case "late":
                stage.server.fail("sendMessage", chat_id=chat, accept=True, delay_s=0.4, cut=True)
            case _:
                accept = kind == "cut after"
                stage.server.fail("sendMessage", chat_id=chat, accept=accept, cut=True)
        uncertain += kind in {"late", "cut after"}
    return uncertain


async def test_a_storm_loses_nothing_and_repeats_at_most_what_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: Note
) -> None:
    impatient(monkeypatch)
    async with delivery(tmp_path) as stage:
        for chat in CHATS:
            await stage.reader(chat)
        uncertain = script(stage, random.Random(5))
        for number in range(MESSAGES):
            await stage.queue(*(draft(chat, f"{number}") for chat in CHATS))
        await stage.empty(120)
        arrived = [list(map(int, stage.texts(chat))) for chat in CHATS]
        calls = {chat: stage.sends(chat) for chat in CHATS}
    expected = list(range(MESSAGES))
    lost = sum(len(set(expected) - set(texts)) for texts in arrived)
    repeated = sum(len(texts) - len(set(texts)) for texts in arrived)
    mixed = sum(list(dict.fromkeys(texts)) != expected for texts in arrived)
    note(
        rounds=FAULTS,
        messages=MESSAGES * len(CHATS),
        lost=lost,
        duplicated=repeated,
        at_most=uncertain,
        out_of_order=mixed,
    )
    assert lost == 0
    assert mixed == 0
    assert repeated <= uncertain
    for sends in calls.values():
        for call, following in itertools.pairwise(sends):
            if call.error_code == 429:
                assert following.at - call.at >= 1


async def test_chats_that_are_gone_cost_one_call_each_and_hold_nobody(tmp_path: Path) -> None:
    gone = {
        1: (403, "Forbidden: bot was blocked by the user"),
        2: (400, "Bad Request: chat not found"),
        3: (403, "Forbidden: user is deactivated"),
        -1004: (403, "Forbidden: bot was kicked from the supergroup chat"),
    }
    async with delivery(tmp_path, start=False) as stage:
        group = stage.server.group("Redaksiya", id=-77)
        await stage.store.meet(Chat(-77, ChatKind.GROUP))
        await stage.room(-1004)
        for chat in (1, 2, 3, 9):
            await stage.reader(chat)
        for chat, (code, description) in gone.items():
            stage.server.fail(
                "sendMessage", chat_id=chat, times=-1, error_code=code, description=description
            )
        moved = await group.migrate()
        for number in range(5):
            await stage.queue(*(draft(chat, f"{number}") for chat in (*gone, -77, 9)))
        running = asyncio.create_task(stage.sender.run())
        await stage.empty()
        await stage.queue(*(draft(chat, "yenə") for chat in (*gone, 9)))
        await stage.empty()
        await stage.sender.drain(2)
        await running
        assert {chat: len(stage.sends(chat)) for chat in gone} == dict.fromkeys(gone, 1)
        for chat, (_, description) in gone.items():
            known = await stage.store.chat(chat)
            assert known is not None
            assert known.disabled == description
        assert len(stage.sends(-77)) == 1
        assert stage.texts(moved.id) == ["0", "1", "2", "3", "4"]
        assert stage.texts(9) == ["0", "1", "2", "3", "4", "yenə"]


async def test_a_message_that_always_fails_is_set_aside_after_five_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery_table._FAILED_S", 0.01)
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        await stage.reader(2)
        broken = draft(1, "x")
        await stage.queue(
            replace(broken, message=replace(broken.message, payload="[]")),
            draft(1, "sonra"),
            draft(2, "başqası"),
        )
        await stage.empty()
        assert stage.texts(1) == ["sonra"]
        assert stage.texts(2) == ["başqası"]
        (letter,) = await stage.store.dead_letters(None, 10)
        assert letter.delivery.chat_id == 1
