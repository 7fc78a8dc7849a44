"""Presses of buttons: data -> the flow that wrote it -> an answer, always exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.ext import CallbackQueryHandler

from bot import buttons
from handlers import digest, doubt, modes, quiet, search, subscriptions
from handlers.talk import GoneError, feel, short_note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import Update

    from bot.buttons import Act, Press
    from bot.context import XApplication, XContext
    from handlers.talk import Talk

    Pressed = Callable[[Talk, Press], Awaitable[str | None]]

_FOR_ADMINS: dict[Act, Pressed] = {
    **subscriptions.FOR_ADMINS,
    **modes.FOR_ADMINS,
    **digest.FOR_ADMINS,
    **quiet.FOR_ADMINS,
    **doubt.FOR_ADMINS,
}
_FOR_ALL: dict[Act, Pressed] = {**search.PRESSES}


def register(application: XApplication) -> None:
    """Take every press."""
    application.add_handler(CallbackQueryHandler(on_press))


async def on_press(update: Update, context: XContext) -> None:
    """Do what a button says; one that is too old or unknown gets a short text."""
    query = update.callback_query
    if query is None:
        return
    talk = await feel(update, context)
    press = buttons.parse(query.data or "")
    if talk is None or press is None:
        language = await context.services.subscriptions.language(query.from_user.id)
        note: str | None = context.services.texts.of(language).plain("press-old")
    else:
        try:
            note = await _pressed(talk, press)
        except GoneError:
            note = talk.t.plain("press-old")
    await context.services.replies.answer(query.id, short_note(note) if note else None)


async def _pressed(talk: Talk, press: Press) -> str | None:
    if press.act in _FOR_ALL:
        return await _FOR_ALL[press.act](talk, press)
    if not await talk.may_change():
        return talk.t.plain("only-admins")
    return await _FOR_ADMINS[press.act](talk, press)
