"""What goes wrong in a handler: the traceback to the log, an apology to the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from telegram import Update

from bot.errors import StoreError, XeberciError
from bot.models import ChatKind
from bot.texts import DEFAULT

if TYPE_CHECKING:
    from bot.context import XApplication, XContext
    from bot.texts import Texts

_log = structlog.get_logger(__name__)


def register(application: XApplication) -> None:
    """Catch what the flows let through."""
    application.add_error_handler(on_error)


async def on_error(update: object, context: XContext) -> None:
    """Log an error and apologise where somebody waits for an answer."""
    update_id = update.update_id if isinstance(update, Update) else None
    if update_id is not None and isinstance(context.error, StoreError):
        context.services.unstored.add(update_id)  # it is not confirmed, and handled again
        return
    _log.error("an update could not be handled", update=update_id, exc_info=context.error)
    if isinstance(update, Update):
        try:
            await _apologise(update, context)
        except Exception:  # noqa: BLE001 - the last place that could stop it
            _log.exception("nor could anybody be told", update=update_id)


async def _apologise(update: Update, context: XContext) -> None:
    replies, query, message = context.services.replies, update.callback_query, update.message
    if query is not None:
        t = await _texts(context, query.from_user.id)
        await replies.answer(query.id, t.plain("error"))
    elif message is not None:
        t = await _texts(context, message.chat.id)
        thread_id = message.message_thread_id if message.is_topic_message else None
        await replies.send(
            message.chat.id,
            t.html("error"),
            reply_to=message.message_id if message.chat.type != ChatKind.PRIVATE else None,
            thread_id=thread_id,
        )


async def _texts(context: XContext, chat_id: int) -> Texts:
    """Give the reader's texts, or the default ones where the store is what went wrong."""
    services = context.services
    try:
        return services.texts.of(await services.subscriptions.language(chat_id))
    except XeberciError:
        return services.texts.of(DEFAULT)
