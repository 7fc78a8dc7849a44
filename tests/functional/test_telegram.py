"""The Bot API over our session: as we call it, and as python-telegram-bot does."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.demo.botapi import BotApi
from bot.refusals import Kind
from bot.telegram import CallError, Telegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def api(timeout_s: float = 5.0) -> AsyncIterator[tuple[BotApi, Telegram]]:
    server = BotApi()
    await server.start()
    telegram = Telegram(server.url, server.token, pool=2, timeout_s=timeout_s)
    try:
        yield server, telegram
    finally:
        await telegram.close()
        await server.stop()


@asynccontextmanager
async def ptb(timeout_s: float = 5.0) -> AsyncIterator[tuple[BotApi, Bot]]:
    async with api(timeout_s) as (server, telegram):
        base = f"{server.url}/bot"
        bot = Bot(
            server.token,
            base_url=base,
            request=telegram.request,
            get_updates_request=telegram.request,
        )
        async with bot:
            server.person("Aygün", id=1).chat.started = True
            yield server, bot


async def test_a_call_gives_its_result_and_leaves_out_what_is_none() -> None:
    async with api() as (server, telegram):
        me = await telegram.call("getMe", {"nothing": None})
        assert me["username"] == "xeberci_bot"
        assert server.warnings == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"error_code": 502}, Kind.TRANSIENT),
        ({"error_code": 429, "parameters": {"retry_after": 9}}, Kind.FLOOD),
        ({"error_code": 403}, Kind.GONE),
        ({"cut": True}, Kind.UNCERTAIN),
        ({"accept": True, "cut": True}, Kind.UNCERTAIN),
        ({"hang": True}, Kind.UNCERTAIN),
    ],
)
async def test_what_goes_wrong_is_sorted(fault: dict[str, object], kind: Kind) -> None:
    async with api(timeout_s=0.3) as (server, telegram):
        server.fail("getMe", **fault)  # type: ignore[arg-type]
        with pytest.raises(CallError) as caught:
            await telegram.call("getMe", {})
        assert caught.value.outcome.kind is kind
        assert server.token not in f"{caught.value!r}{caught.value}"
        assert await telegram.call("getMe", {})


async def test_a_server_that_is_not_there_is_no_uncertainty() -> None:
    async with api() as (server, telegram):
        await server.stop()
        with pytest.raises(CallError) as caught:
            await telegram.call("getMe", {})
        assert caught.value.outcome.kind is Kind.TRANSIENT


async def test_a_wrong_token_is_a_revoked_one() -> None:
    async with api() as (server, _):
        for token in ("999:wrong", "no token at all", "a/b?c#d"):
            other = Telegram(server.url, token)
            with pytest.raises(CallError) as caught:
                await other.call("getMe", {})
            await other.close()
            assert caught.value.outcome.kind is Kind.REVOKED


async def test_ptb_sends_with_a_keyboard_and_files_through_it() -> None:
    async with ptb() as (server, bot):
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Oxu", url="https://technote.az/")]])
        sent = await bot.send_message(1, "<b>Salam</b>", parse_mode="HTML", reply_markup=keyboard)
        await bot.send_document(1, InputFile(b"{}", "x.json"), caption="Fayl")
        first, second = server.timeline(1)
        assert (first.message_id, first.text, first.labels) == (
            sent.message_id,
            "Salam",
            [["Oxu"]],
        )
        assert (second.document, second.file) == ("x.json", b"{}")


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_ptb_gets_its_own_errors_from_it() -> None:
    async with ptb(timeout_s=0.3) as (server, bot):
        for fault, error in (
            ({"error_code": 403}, Forbidden),
            ({"error_code": 400}, BadRequest),
            ({"error_code": 429}, RetryAfter),
            ({"error_code": 502}, NetworkError),
            ({"cut": True}, NetworkError),
            ({"hang": True}, TimedOut),
        ):
            server.fail("sendMessage", **fault)
            with pytest.raises(error):
                await bot.send_message(1, "x")
        server.revoke_token()
        with pytest.raises(InvalidToken):
            await bot.send_message(1, "x")


async def test_no_log_holds_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("telegram").setLevel(logging.INFO)  # PTB's own debug lines name addresses
    async with ptb(timeout_s=0.3) as (server, bot):
        await bot.send_message(1, "x")
        for fault in ({"cut": True}, {"error_code": 502}, {"hang": True}):
            server.fail("sendMessage", **fault)
            with pytest.raises(NetworkError):
                await bot.send_message(1, "x")
        await server.stop()
        with pytest.raises(NetworkError):
            await bot.send_message(1, "x")
        assert server.token not in caplog.text
