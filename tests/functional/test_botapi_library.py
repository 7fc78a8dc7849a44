"""The library that the bot uses understands what the stand-in answers."""

import asyncio

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter

from bot.demo import schema
from bot.demo.botapi import BotApi
from tests.functional.botapi_fixtures import running


def library(server: BotApi) -> telegram.Bot:
    return telegram.Bot(
        server.token, base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot"
    )


async def test_a_conversation_goes_through_the_library() -> None:
    async with running() as (server, _client):
        aysel = server.person("Aysel")
        await aysel.start("t-deepseek")
        async with library(server) as bot:
            (start,) = await bot.get_updates()
            assert start.message
            keyboard = InlineKeyboardMarkup(
                [[InlineKeyboardButton("Abunə ol: DeepSeek", callback_data="f:1")]]
            )
            sent = await start.message.reply_html(
                "<b>Salam</b>",
                reply_markup=keyboard,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_parameters=ReplyParameters(start.message.message_id),
            )
            assert sent.text_html == "<b>Salam</b>"
            pressing = asyncio.create_task(aysel.press(server.timeline(aysel.id)[-1], "Abunə ol"))
            (press,) = await bot.get_updates(start.update_id + 1, timeout=5)
            assert press.callback_query
            await press.callback_query.answer("Oldu")
            await press.callback_query.edit_message_text("Abunə oldunuz")
            assert (await pressing).text == "Oldu"
            document = await bot.send_document(aysel.id, b"{}", filename="a.json")
            assert document.document
            file = await document.document.get_file()
            assert bytes(await file.download_as_bytearray()) == b"{}"
        assert server.warnings == []
        assert server.rejected == []


async def test_the_library_knows_the_refusals() -> None:
    async with running() as (server, _client):
        aysel = server.person("Aysel")
        await aysel.start()
        group = server.group("Qrup")
        await group.migrate()
        async with library(server) as bot:
            with pytest.raises(BadRequest):
                await bot.send_message(42, "x")
            await aysel.block()
            with pytest.raises(Forbidden):
                await bot.send_message(aysel.id, "x")
            with pytest.raises(ChatMigrated):
                await bot.send_message(group.id, "x")
            server.fail("sendMessage", error_code=429, parameters={"retry_after": 7})
            with pytest.raises(RetryAfter):
                await bot.send_message(aysel.id, "x")
            await bot.set_webhook("https://a.az/hook")
            with pytest.raises(Conflict):
                await bot.get_updates()
            server.revoke_token()
            with pytest.raises(InvalidToken):
                await bot.get_me()


async def test_what_is_answered_conforms_to_the_schema() -> None:
    async with running() as (server, client):
        me = await client("getMe")
        assert schema.conformity("User", me.result) == []
        aysel = server.person("Aysel", username="aysel")
        await aysel.start()
        message = await client("sendMessage", chat_id=aysel.id, text="x")
        assert schema.conformity("Message", message.result) == []
        chat = await client("getChat", chat_id="@aysel")
        assert schema.conformity("ChatFullInfo", chat.result) == []
        photo = await client("sendPhoto", chat_id=aysel.id, photo="https://a.az/x.jpg")
        assert schema.conformity("Message", photo.result) == []
        forwarded = await client(
            "forwardMessage", chat_id=aysel.id, from_chat_id=aysel.id, message_id=1
        )
        assert schema.conformity("Message", forwarded.result) == []
