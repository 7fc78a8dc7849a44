"""``/komek``: what the bot can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.commands import on_command
from handlers.talk import hear

if TYPE_CHECKING:
    from telegram import Update

    from bot.context import XApplication, XContext


def register(application: XApplication) -> None:
    """Help on ``/komek``."""
    application.add_handler(on_command("komek", "help", call=on_help))


async def on_help(update: Update, context: XContext) -> None:
    """Answer ``/komek``."""
    talk = await hear(update, context)
    if talk is not None:
        await talk.tell(talk.t.html("help", bot=talk.services.bot_username))
