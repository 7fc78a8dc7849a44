"""The bot is blocked, added, removed; a group becomes a supergroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ChatMember
from telegram.ext import ChatMemberHandler, MessageHandler, filters

from bot.models import ChatKind

if TYPE_CHECKING:
    from telegram import Update

    from bot.context import XApplication, XContext

_AWAY = frozenset({ChatMember.LEFT, ChatMember.BANNED})


def register(application: XApplication) -> None:
    """Notice where the bot may write."""
    application.add_handler(ChatMemberHandler(on_member, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, on_migrate))


async def on_member(update: Update, context: XContext) -> None:
    """Leave a chat that does not want the bot alone; greet a group that lets it in."""
    change = update.my_chat_member
    if change is None:
        return
    services = context.services
    if change.chat.type == ChatKind.CHANNEL:
        if change.new_chat_member.status not in _AWAY:
            await services.subscriptions.welcome_back(change.chat.id, change.chat.username)
        return
    kind = ChatKind(change.chat.type)
    if change.new_chat_member.status in _AWAY:
        reason = "blocked" if kind is ChatKind.PRIVATE else "removed"
        await services.subscriptions.leave(change.chat.id, reason)
        return
    title = "" if kind is ChatKind.PRIVATE else change.chat.title or ""
    chat = await services.subscriptions.meet(change.chat.id, kind, title)
    if kind is not ChatKind.PRIVATE and change.old_chat_member.status in _AWAY:
        t = services.texts.of(chat.language)
        await services.replies.send(chat.id, t.html("group-welcome", bot=services.bot_username))


async def on_migrate(update: Update, context: XContext) -> None:
    """Follow a group to the supergroup that it became; both chats tell of it, once counts."""
    message = update.effective_message
    if message is None:
        return
    if message.migrate_to_chat_id is not None:
        await context.services.subscriptions.migrate(message.chat.id, message.migrate_to_chat_id)
    elif message.migrate_from_chat_id is not None:
        await context.services.subscriptions.migrate(message.migrate_from_chat_id, message.chat.id)
