"""What handlers answer people with, over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.models import Chat, ChatKind
from bot.telegram import CallError
from tests.functional.delivery_stage import FREE, delivery, draft, until

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_answer_is_sent_as_it_should_look(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        person = stage.server.person("Aygün")
        question = await person.start()
        sent = await stage.replies.send(
            person.id,
            "<b>Salam</b>, dünya",
            keyboard=[[{"text": "Oxu", "url": "https://technote.az/"}]],
            reply_to=question.message_id,
            preview={"is_disabled": True},
            silent=True,
        )
        seen = stage.server.timeline(person.id)[-1]
        assert (seen.message_id, seen.text, seen.labels) == (sent, "Salam, dünya", [["Oxu"]])
        assert seen.silent
        assert seen.reply_to == question.message_id


async def test_an_answer_to_a_deleted_question_is_sent_all_the_same(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        assert await stage.replies.send(1, "Cavab", reply_to=999)
        assert stage.texts(1) == ["Cavab"]


async def test_an_edit_that_changes_nothing_is_fine(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        message_id = await stage.replies.send(1, "Bir")
        assert message_id
        assert await stage.replies.edit(1, message_id, "İki")
        assert await stage.replies.edit(1, message_id, "İki")
        assert stage.texts(1) == ["İki"]


async def test_an_edit_of_a_message_that_is_no_more_is_told(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        assert not await stage.replies.edit(1, 999, "İki")
        assert not stage.told("error", "")


async def test_a_short_flood_wait_is_waited_for(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", error_code=429, parameters={"retry_after": 1})
        assert await stage.replies.send(1, "Cavab")
        assert (await stage.store.outbox())[0] == 0


async def test_a_long_flood_wait_leaves_the_answer_to_the_outbox(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", error_code=429, parameters={"retry_after": 60})
        assert await stage.replies.send(1, "Cavab") is None
        assert await stage.replies.send(1, "İkinci cavab") is None
        assert len(stage.sends(1)) == 1
        waiting = await stage.store.waiting(1, 10)
        assert ["İkinci" in item.message.payload for item in waiting] == [False, True]


async def test_answers_that_the_network_holds_up_arrive_in_order_once_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.replies._TRIES_S", (0.01, 0.01))
    monkeypatch.setattr("bot.replies.PATIENCE_S", 0.1)
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", times=4, error_code=502)
        assert await stage.replies.send(1, "Bir") is None
        assert await stage.replies.send(1, "İki") is None
        await stage.empty()
        assert stage.texts(1) == ["Bir", "İki"]


async def test_an_answer_that_may_have_arrived_is_not_repeated_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.replies._UNCERTAIN_S", 6)
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", accept=True, cut=True)
        assert await stage.replies.send(1, "Cavab") is None
        assert (await stage.store.outbox())[0] == 1
        assert stage.texts(1) == ["Cavab"]


async def test_somebody_who_blocked_the_bot_is_left_alone(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", times=-1, error_code=403)
        assert await stage.replies.send(1, "Cavab") is None
        await stage.queue(draft(1, "xəbər"))
        await stage.empty()
        assert len(stage.sends(1)) == 1


async def test_an_answer_follows_a_group_that_migrates(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        group = stage.server.group("Redaksiya", id=-77)
        await stage.store.meet(Chat(-77, ChatKind.GROUP))
        new = await group.migrate()
        assert await stage.replies.send(-77, "Cavab")
        assert stage.texts(new.id) == ["Cavab"]
        assert await stage.store.chat(new.id)


async def test_a_press_that_is_too_old_is_let_be(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.replies.answer("12345", "Gec")
        assert not stage.told("error", "")
        assert stage.told("debug", "dropped")


async def test_an_inline_query_gets_its_articles(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        person = stage.server.person("Aygün")
        asked = asyncio.create_task(person.inline("DeepSeek"))
        await until(lambda: stage.server.stage.inlines)
        (inline_id,) = stage.server.stage.inlines
        article: dict[str, object] = {
            "type": "article",
            "id": "1",
            "title": "DeepSeek",
            "input_message_content": {"message_text": "<b>DeepSeek</b>", "parse_mode": "HTML"},
        }
        await stage.replies.answer_inline(inline_id, [article], next_offset="5", cache_s=9)
        answer = await asked
        assert [result["id"] for result in answer.results] == ["1"]
        assert (answer.next_offset, answer.cache_time) == ("5", 9)


async def test_a_document_arrives_with_its_name_and_bytes(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        data = '{"ad": "Aygün"}'.encode()
        await stage.replies.document(1, "melumatlarim.json", data, caption="Məlumatlarınız")
        seen = stage.server.timeline(1)[-1]
        assert (seen.document, seen.file, seen.text) == (
            "melumatlarim.json",
            data,
            "Məlumatlarınız",
        )


async def test_a_document_that_is_refused_says_so(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        stage.server.fail("sendDocument", error_code=403)
        with pytest.raises(CallError):
            await stage.replies.document(1, "x.json", b"{}")


async def test_typing_that_fails_is_of_no_matter(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendChatAction", error_code=502)
        await stage.replies.typing(1)
        await stage.replies.typing(1)
        assert stage.server.stage.actions == [(1, "typing")]


async def test_replies_and_bulk_together_keep_the_rate(tmp_path: Path) -> None:
    settings = replace(FREE, messages_per_second=40)
    async with delivery(tmp_path, settings) as stage:
        for chat in range(1, 41):
            await stage.reader(chat)
        await stage.queue(*(draft(chat, "x") for chat in range(1, 41)))
        await asyncio.gather(*(stage.replies.send(chat, "cavab") for chat in range(1, 21)))
        await stage.empty()
        times = sorted(call.at for call in stage.sends())
        assert len(times) == 60
        assert max(sum(start <= t < start + 1 for t in times) for start in times) <= 40
        bulk = [call.at for call in stage.sends() if call.params["text"] == "x"]
        replies = [call.at for call in stage.sends() if call.params["text"] == "cavab"]
        assert sorted(bulk)[10] > max(replies)
