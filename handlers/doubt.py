"""``/tekrar``: what becomes of a message that may have arrived: again, or rather never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.az import fold
from bot.buttons import Act, press, short
from bot.cards import Card
from bot.hours import is_off
from bot.models import Doubt
from handlers.commands import argument, on_command
from handlers.talk import hear

if TYPE_CHECKING:
    from telegram import Update

    from bot.buttons import Keyboard, Press
    from bot.context import XApplication, XContext
    from handlers.talk import Talk

_ON = frozenset({"on", "ac", "yandir", "beli", "he"})


def register(application: XApplication) -> None:
    """Set it on ``/tekrar``."""
    application.add_handler(on_command("tekrar", "repeat", call=on_doubt))


async def on_doubt(update: Update, context: XContext) -> None:
    """Answer ``/tekrar on`` and ``/tekrar off``; without a word say what holds."""
    talk = await hear(update, context)
    if talk is None or not await talk.may_command():
        return
    text = argument(talk)
    if not text:
        await talk.say(_present(talk))
    elif is_off(text):
        await talk.say(await _set(talk, Doubt.SKIP))
    elif fold(text).strip() in _ON:
        await talk.say(await _set(talk, Doubt.REPEAT))
    else:
        await talk.tell(talk.t.html("doubt-wrong", typed=short(text)))


async def press_doubt(talk: Talk, press: Press) -> str | None:
    """Set what a button names."""
    if press.text(0) not in set(Doubt):
        return talk.t.plain("press-old")
    await talk.show(await _set(talk, Doubt(press.text(0))))
    return None


FOR_ADMINS = {Act.DOUBT: press_doubt}


def _present(talk: Talk) -> Card:
    """Say what holds now, and offer both."""
    t = talk.t
    rows: Keyboard = [
        [
            press(t.plain("button-repeat"), Act.DOUBT, Doubt.REPEAT),
            press(t.plain("button-skip"), Act.DOUBT, Doubt.SKIP),
        ]
    ]
    if talk.chat.on_doubt is Doubt.SKIP:
        return Card(t.html("doubt-now-skip"), rows)
    return Card(t.html("doubt-now-repeat"), rows)


async def _set(talk: Talk, on_doubt: Doubt) -> Card:
    """Set it and say so."""
    chat = await talk.services.subscriptions.set_doubt(talk.chat, on_doubt, talk.update_id)
    if chat.on_doubt is Doubt.SKIP:
        return Card(talk.t.html("doubt-skip"))
    return Card(talk.t.html("doubt-repeat"))
