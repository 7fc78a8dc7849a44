"""``/icmal``: the hour of the daily digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import topics
from bot.buttons import OFF, Act, press, short
from bot.cards import Card
from bot.hours import is_off, parse_hour, parse_zone, shown_zone
from bot.models import Mode
from handlers.commands import argument, on_command
from handlers.talk import hear

if TYPE_CHECKING:
    from telegram import Update

    from bot.buttons import Press
    from bot.context import XApplication, XContext
    from bot.models import Chat
    from handlers.talk import Talk


_MAX_NAMED_CHARS = 500


def register(application: XApplication) -> None:
    """Set the digest's hour on ``/icmal``."""
    application.add_handler(on_command("icmal", "bulleten", "daily", call=on_digest))


async def on_digest(update: Update, context: XContext) -> None:
    """Answer ``/icmal HH:MM [zone]`` and ``/icmal off``; without an hour offer some."""
    talk = await hear(update, context)
    if talk is None or not await talk.may_command():
        return
    text = argument(talk)
    if not text:
        await talk.say(_present(talk, talk.chat))
        return
    if is_off(text):
        await talk.say(await _set(talk, None, None))
        return
    hour = parse_hour(text)
    if hour is None:
        await talk.tell(talk.t.html("digest-wrong-hour", typed=short(text)))
        return
    clock, typed_zone = hour
    zone = parse_zone(typed_zone) if typed_zone is not None else None
    if typed_zone is not None and zone is None:
        await talk.tell(talk.t.html("digest-wrong-zone", typed=short(typed_zone)))
        return
    await talk.say(await _set(talk, clock, zone))


async def press_hour(talk: Talk, press: Press) -> str | None:
    """Set the hour that a button names."""
    if press.text(0) == OFF:
        await talk.show(await _set(talk, None, None))
        return None
    hour = parse_hour(press.text(0))
    if hour is None:
        return talk.t.plain("press-old")
    card = await _set(talk, hour[0], None)
    back = talk.standing_button(f"{Act.TOPICS}:")
    await talk.show(replace(card, keyboard=[[back]] if back else []))
    return None


FOR_ADMINS = {Act.HOUR: press_hour}


def _present(talk: Talk, chat: Chat) -> Card:
    """Say when the digest comes now, and offer hours."""
    t = talk.t
    if chat.digest_at is None:
        return Card(t.html("digest-now-off"), topics.other_hours(t, ""))
    off = press(t.plain("button-off"), Act.HOUR, OFF)
    text = t.html("digest-now-on", hour=chat.digest_at, zone=shown_zone(chat.zone))
    return Card(text, [*topics.other_hours(t, chat.digest_at), [off]])


async def _set(talk: Talk, hour: str | None, zone: str | None) -> Card:
    """Set the hour and say when the next digest comes."""
    t, service = talk.t, talk.services.subscriptions
    chat = await service.set_digest(talk.chat, hour, zone, talk.update_id)
    if chat.digest_at is not None and chat.next_digest_at is not None:
        local = ZoneInfo(chat.zone)
        day = chat.next_digest_at.astimezone(local).date()
        today = talk.look.now.astimezone(local).date()
        named = {today: t.plain("day-today"), today + timedelta(days=1): t.plain("day-tomorrow")}
        return Card(
            t.html(
                "digest-set",
                hour=chat.digest_at,
                zone=shown_zone(chat.zone),
                day=named.get(day, f"{day:%d.%m.%Y}"),
            )
        )
    waiting = [one.title for one in await service.all(chat.id) if one.mode is Mode.DIGEST]
    if waiting:
        return Card(
            t.html("digest-off-with-topics", topics=short(", ".join(waiting), _MAX_NAMED_CHARS))
        )
    return Card(t.html("digest-off"))
