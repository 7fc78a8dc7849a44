"""The methods that behave as Telegram's do, by name; the others are only checked and recorded."""

from collections.abc import Callable
from typing import Any

from bot.demo import asking, editing, knowing, sending
from bot.demo.stage import Stage

Method = Callable[[Stage, dict[str, Any]], object]


def _true(_stage: Stage, _params: dict[str, Any]) -> bool:
    return True


def _set_webhook(stage: Stage, params: dict[str, Any]) -> bool:
    stage.updates.set_webhook(params)
    return True


def _delete_webhook(stage: Stage, params: dict[str, Any]) -> bool:
    stage.updates.set_webhook(
        {"url": "", "drop_pending_updates": params.get("drop_pending_updates", False)}
    )
    return True


def _webhook_info(stage: Stage, _params: dict[str, Any]) -> object:
    return stage.updates.webhook_info()


METHODS: dict[str, Method] = {
    "getMe": knowing.get_me,
    "logOut": _true,
    "close": _true,
    "setWebhook": _set_webhook,
    "deleteWebhook": _delete_webhook,
    "getWebhookInfo": _webhook_info,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "copyMessage": sending.copy_message,
    "forwardMessage": sending.forward_message,
    "editMessageText": editing.edit_text,
    "editMessageCaption": editing.edit_caption,
    "editMessageReplyMarkup": editing.edit_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "setMessageReaction": editing.set_reaction,
    "answerCallbackQuery": asking.answer_callback,
    "answerInlineQuery": asking.answer_inline,
    "sendChatAction": knowing.send_action,
    "getChat": knowing.get_chat,
    "getChatMember": knowing.get_member,
    "getChatAdministrators": knowing.get_administrators,
    "getChatMemberCount": knowing.count_members,
    "leaveChat": knowing.leave_chat,
    "setMyCommands": knowing.set_commands,
    "getMyCommands": knowing.get_commands,
    "deleteMyCommands": knowing.delete_commands,
    "setMyDescription": knowing.set_description,
    "getMyDescription": knowing.get_description,
    "setMyShortDescription": knowing.set_short_description,
    "getMyShortDescription": knowing.get_short_description,
    "setMyName": knowing.set_name,
    "getMyName": knowing.get_name,
    "setChatMenuButton": knowing.set_menu_button,
    "getChatMenuButton": knowing.get_menu_button,
    "setMyDefaultAdministratorRights": knowing.set_default_rights,
    "getFile": knowing.get_file,
}
# Counted by the flood limits.
METERED = {"sendMessage", "sendPhoto", "sendDocument", "copyMessage", "forwardMessage"} | {
    name for name in METHODS if name.startswith("editMessage")
}
