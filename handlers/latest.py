"""``/son``: the newest stories, shaped as a query's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import answers, buttons
from handlers.commands import on_command
from handlers.talk import hear

if TYPE_CHECKING:
    from telegram import Update

    from bot.context import XApplication, XContext


def register(application: XApplication) -> None:
    """Show the newest stories on ``/son``."""
    application.add_handler(on_command("son", "sonxeberler", "latest", call=on_latest))


async def on_latest(update: Update, context: XContext) -> None:
    """Answer ``/son``."""
    talk = await hear(update, context)
    if talk is not None:
        found = await talk.services.archive.newest(buttons.HITS_PER_PAGE, 0)
        await talk.say(answers.newest_page(found, 0, talk.look))
