"""``/sessiz``: hours in which alerts wait, to come as one message afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.buttons import OFF, Act, press, quiet_rows, short
from bot.cards import Card
from bot.hours import is_off, parse_span, shown_zone
from handlers.commands import argument, on_command
from handlers.talk import hear

if TYPE_CHECKING:
    from telegram import Update

    from bot.buttons import Press
    from bot.context import XApplication, XContext
    from handlers.talk import Talk


def register(application: XApplication) -> None:
    """Set quiet hours on ``/sessiz``."""
    application.add_handler(on_command("sessiz", "sakit", "quiet", call=on_quiet))


async def on_quiet(update: Update, context: XContext) -> None:
    """Answer ``/sessiz HH:MM-HH:MM`` and ``/sessiz off``; without hours offer some."""
    talk = await hear(update, context)
    if talk is None or not await talk.may_command():
        return
    text = argument(talk)
    if not text:
        await talk.say(_present(talk))
        return
    span = None if is_off(text) else parse_span(text)
    if span is None and not is_off(text):
        await talk.tell(talk.t.html("quiet-wrong", typed=short(text)))
        return
    await talk.say(await _set(talk, span))


async def press_quiet(talk: Talk, press: Press) -> str | None:
    """Set the hours that a button names."""
    span = parse_span(press.text(0))
    if span is None and press.text(0) != OFF:
        return talk.t.plain("press-old")
    await talk.show(await _set(talk, span))
    return None


FOR_ADMINS = {Act.QUIET: press_quiet}


def _present(talk: Talk) -> Card:
    """Say what holds now, and offer hours."""
    t, chat = talk.t, talk.chat
    spans = quiet_rows(span for span in t.names("quiet-spans") if span != chat.quiet)
    if chat.quiet is None:
        return Card(t.html("quiet-now-off"), spans)
    off = press(t.plain("button-off"), Act.QUIET, OFF)
    return Card(
        t.html("quiet-now-on", quiet=chat.quiet, zone=shown_zone(chat.zone)), [*spans, [off]]
    )


async def _set(talk: Talk, span: str | None) -> Card:
    """Set the hours and say so."""
    chat = await talk.services.subscriptions.set_quiet(talk.chat, span, talk.update_id)
    if chat.quiet is None:
        return Card(talk.t.html("quiet-off"))
    return Card(talk.t.html("quiet-set", quiet=chat.quiet, zone=shown_zone(chat.zone)))
