"""Messages that may have arrived: again where a chat takes that, never twice where it does not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.models import Chat, Claim, Doubt
from tests.functional.delivery_stage import FREE, Stage, delivery, draft, now, until

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def skips(stage: Stage, chat_id: int) -> None:
    """A reader who wants nothing twice."""
    await stage.reader(chat_id)
    await stage.store.save_chat(Chat(chat_id, on_doubt=Doubt.SKIP))


async def test_what_telegram_took_and_did_not_confirm_is_not_repeated(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await skips(stage, 1)
        stage.server.fail("sendMessage", accept=True, cut=True)
        await stage.queue(draft(1, "a"), draft(1, "b"))
        await stage.empty()
        assert stage.texts(1) == ["a", "b"]
        assert stage.sender.outcomes == {"uncertain": 1, "skipped": 1, "sent": 1}
        assert len(stage.told("warning", "not repeated")) == 1


async def test_what_surely_did_not_arrive_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery_table._LONGEST_BACK_OFF_S", 0.02)
    async with delivery(tmp_path) as stage:
        await skips(stage, 1)
        stage.server.fail("sendMessage", error_code=502)
        await stage.queue(draft(1, "a"))
        await stage.empty()
        assert stage.texts(1) == ["a"]


async def test_what_a_dead_worker_may_have_sent_is_not_sent_again(tmp_path: Path) -> None:
    async with delivery(tmp_path, start=False) as stage:
        await skips(stage, 1)
        await stage.reader(2)
        await stage.queue(draft(1, "a"), draft(2, "x"))
        await stage.queue(draft(1, "b"))
        # The worker took both, was about to send them, and died; its leases are over.
        for claim in await stage.store.claim(now() - timedelta(minutes=1), "dead", 9, 15):
            if claim.on_doubt is Doubt.SKIP:
                assert await stage.store.mark_sending(claim)
        running = asyncio.create_task(stage.sender.run())
        await stage.empty()
        await stage.sender.drain(2)
        await running
        assert stage.texts(1) == ["b"]
        assert stage.texts(2) == ["x"]
        assert stage.sender.outcomes == {"skipped": 1, "sent": 2}


async def test_what_a_worker_that_was_cut_off_may_have_sent_is_not_sent_again(
    tmp_path: Path,
) -> None:
    async with delivery(tmp_path, replace(FREE, lease_s=1.5)) as stage:
        await skips(stage, 1)
        stage.server.fail("sendMessage", accept=True, delay_s=30)
        await stage.queue(draft(1, "a"))
        await until(stage.sends)
        await stage.sender.drain(0.05)
    async with delivery(tmp_path) as again:
        again.server.person("Oxucu", id=1).chat.started = True
        await again.empty()
        assert again.sends(1) == []
        assert again.sender.outcomes == {"skipped": 1}


async def test_only_chats_that_want_to_know_pay_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        await skips(stage, 2)
        mark, marked = stage.store.mark_sending, list[int]()

        async def note(claim: Claim) -> bool:
            marked.append(claim.chat_id)
            return await mark(claim)

        monkeypatch.setattr(stage.store, "mark_sending", note)
        await stage.queue(draft(1, "a"), draft(2, "a"))
        await stage.empty()
        assert marked == [2]


async def test_what_another_worker_took_meanwhile_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with delivery(tmp_path) as stage:
        await skips(stage, 1)
        mark, lost = stage.store.mark_sending, list[Claim]()

        async def lose(claim: Claim) -> bool:
            if lost:
                return await mark(claim)
            lost.append(claim)
            await stage.store.put_back(claim, now(), failed=False)  # as if its lease had ended
            stage.sender.wake()
            return False

        monkeypatch.setattr(stage.store, "mark_sending", lose)
        await stage.queue(draft(1, "a"))
        await stage.empty()
        assert stage.texts(1) == ["a"]


async def test_a_delivery_that_our_own_code_cannot_send_is_set_aside_after_five_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery_table._FAILED_S", 0.01)
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        await stage.reader(2)
        send, tries = stage.telegram.send, list[str]()

        async def choke(
            method: str, json_payload: str | bytes, *, timeout_s: float | None = None
        ) -> int | None:
            if "zəhər" in str(json_payload):
                tries.append(method)
                raise RecursionError("poisoned")
            return await send(method, json_payload, timeout_s=timeout_s)

        monkeypatch.setattr(stage.telegram, "send", choke)
        poisoned = draft(1, "x")
        message = replace(poisoned.message, payload='{"chat_id": 1, "text": "zəhər"}')
        await stage.queue(replace(poisoned, message=message), draft(1, "a"), draft(2, "b"))
        await stage.empty()
        assert len(tries) == 5
        assert (stage.texts(1), stage.texts(2)) == (["a"], ["b"])
        [letter] = await stage.store.dead_letters(None, 10)
        assert letter.reason == "an error in the bot"
