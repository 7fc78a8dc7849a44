"""Edits on their way out: behind everything else, and done with once Telegram has refused them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.models import Article, Chat, DeliveryKind, Doubt, Draft, Message, NewArticle
from bot.models import SourceState as State
from tests.functional.delivery_stage import FREE, Stage, delivery, draft, now

if TYPE_CHECKING:
    from pathlib import Path


async def told(stage: Stage, *chats: int) -> list[int]:
    """Send an article to chats; gives the messages that show it."""
    article = Article("https://apa.az/1", "Xəbər", published=now(), source="APA")
    new = NewArticle(article, (article.url,), deliver=False)
    await stage.store.commit([new], State("APA", "https://apa.az/feed"), now())
    for chat in chats:
        await stage.reader(chat)
    await stage.queue(*(replace(draft(chat, "Xəbər"), article_id=1) for chat in chats))
    await stage.empty()
    return [stage.server.timeline(chat)[-1].message_id for chat in chats]


def edit(chat_id: int, message_id: int, text: str = "Yeni xəbər") -> Draft:
    payload = json.dumps({"chat_id": chat_id, "message_id": message_id, "text": text})
    return Draft(chat_id, DeliveryKind.EDIT, Message("editMessageText", payload), article_id=1)


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: message is not modified: specified new message content is the same",
        "Bad Request: message to edit not found",
        "Bad Request: message can't be edited",
        "Bad Request: there is no text in the message to edit",
        "Bad Request: SOMETHING_NEW",
    ],
)
async def test_an_edit_that_telegram_refuses_is_no_dead_letter(
    tmp_path: Path, description: str
) -> None:
    async with delivery(tmp_path) as stage:
        (message,) = await told(stage, 1)
        stage.server.fail("editMessageText", error_code=400, description=description)
        await stage.queue(edit(1, message))
        await stage.empty()
        await stage.queue(draft(1, "sonra"))
        await stage.empty()
        assert stage.texts(1) == ["Xəbər", "sonra"]
        assert await stage.store.dead_letters(None, 10) == []
        assert len([c for c in stage.server.calls if c.method == "editMessageText"]) == 1


async def test_an_edit_comes_again_after_a_time_out_also_where_nothing_is_repeated(
    tmp_path: Path,
) -> None:
    async with delivery(tmp_path) as stage:
        (message,) = await told(stage, 1)
        await stage.store.save_chat(Chat(1, on_doubt=Doubt.SKIP))
        stage.server.fail("editMessageText", accept=True, cut=True)
        await stage.queue(edit(1, message))
        await stage.empty()
        assert stage.texts(1) == ["Yeni xəbər"]


async def test_edits_go_out_after_all_that_is_fresh(tmp_path: Path) -> None:
    chats, new = range(1, 6), range(31, 41)
    async with delivery(tmp_path, replace(FREE, in_flight=2)) as stage:
        messages = await told(stage, *chats)
        for chat in new:
            await stage.reader(chat)
        before = len(stage.server.calls)
        edits = (edit(chat, message) for chat, message in zip(chats, messages, strict=True))
        await stage.queue(*edits, *(draft(chat, "Təzə") for chat in new))
        await stage.empty()
        methods = [call.method for call in stage.server.calls[before:]]
        assert methods == ["sendMessage"] * len(new) + ["editMessageText"] * len(chats)
        assert all(stage.texts(chat) == ["Yeni xəbər"] for chat in chats)
