"""What goes wrong in a handler: the traceback to the log, an apology to the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from telegram import Update

from bot.models import ChatKind
from handlers.talk import feel, hear

if TYPE_CHECKING:
    from bot.context import XApplication, XContext

_log = structlog.get_logger(__name__)


def register(application: XApplication) -> None:
    """Catch what the flows let through."""
    application.add_error_handler(on_error)


async def on_error(update: object, context: XContext) -> None:
    """Log an error and apologise where somebody waits for an answer."""
    update_id = update.update_id if isinstance(update, Update) else None
    _log.error("an update could not be handled", update=update_id, exc_info=context.error)
    if isinstance(update, Update):
        try:
            await _apologise(update, context)
        except Exception:  # noqa: BLE001 - the last place that could stop it
            _log.exception("nor could anybody be told", update=update_id)


async def _apologise(update: Update, context: XContext) -> None:
    if update.callback_query is not None:
        talk = await feel(update, context)
        t = talk.t if talk is not None else context.services.texts.of("")
        await context.services.replies.answer(update.callback_query.id, t.plain("error"))
    elif update.message is not None and update.message.chat.type != ChatKind.CHANNEL:
        talk = await hear(update, context)
        if talk is not None:
            await talk.tell(talk.t.html("error"))
