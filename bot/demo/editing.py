"""Methods that change or remove what was sent."""

from typing import Any

from bot.demo.markup import check_markup
from bot.demo.refusals import Json, bad_request
from bot.demo.rooms import Message
from bot.demo.sending import caption_content, text_content
from bot.demo.stage import Stage

Params = dict[str, Any]
_LIFE_S = 48 * 3600.0


def edit_text(stage: Stage, params: Params) -> Json | bool:
    """Carry out editMessageText."""
    message = _editable(stage, params, "message to edit not found")
    content = text_content(params)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _edit(stage, params, message, content)


def edit_caption(stage: Stage, params: Params) -> Json | bool:
    """Carry out editMessageCaption."""
    message = _editable(stage, params, "message to edit not found")
    if "text" in message.content:
        raise bad_request("there is no caption in the message to edit")
    kept = {k: v for k, v in message.content.items() if "caption" not in k}
    return _edit(stage, params, message, kept | caption_content(params))


def edit_markup(stage: Stage, params: Params) -> Json | bool:
    """Carry out editMessageReplyMarkup."""
    message = _editable(stage, params, "message to edit not found")
    return _edit(stage, params, message, message.content)


def delete_message(stage: Stage, params: Params) -> bool:
    """Carry out deleteMessage: the bot's own within 48 h, others' with the right to."""
    world = stage.world
    chat = world.reachable(params["chat_id"])
    message = world.message(chat, params["message_id"], "message to delete not found")
    own = _own(stage, message)
    member = world.bot_in(chat)
    may = member.status == "administrator" and member.rights.get("can_delete_messages", True)
    if not may and (chat.type != "private" and not own):
        raise bad_request("message can't be deleted")
    if not may and world.now() - message.at > _LIFE_S:
        raise bad_request("message can't be deleted for everyone")
    message.deleted = True
    return True


def delete_messages(stage: Stage, params: Params) -> bool:
    """Carry out deleteMessages: what is not there is passed over."""
    for message_id in params["message_ids"]:
        chat = stage.world.reachable(params["chat_id"])
        if (message := chat.messages.get(message_id)) and not message.deleted:
            delete_message(stage, {"chat_id": params["chat_id"], "message_id": message_id})
    return True


def set_reaction(stage: Stage, params: Params) -> bool:
    """Carry out setMessageReaction."""
    chat = stage.world.reachable(params["chat_id"])
    message = stage.world.message(chat, params["message_id"], "message to react not found")
    reactions = params.get("reaction", [])
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions = reactions
    return True


def _edit(stage: Stage, params: Params, message: Message, content: dict[str, Any]) -> Json | bool:
    # Without reply_markup an edit removes the keyboard.
    markup = params.get("reply_markup")
    check_markup(markup)
    stage.changed(message, content, markup)
    return True if "inline_message_id" in params else message.as_json()


def _editable(stage: Stage, params: Params, why: str) -> Message:
    if inline_id := params.get("inline_message_id"):
        inline = stage.world.inline_messages.get(inline_id)
        if inline is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return inline
    if "chat_id" not in params:
        raise bad_request("chat_id is empty")
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    # Telegram edits in a closed topic too, and asks for no right to write.
    chat = stage.world.reachable(params["chat_id"])
    message = stage.world.message(chat, params["message_id"], why)
    if not _own(stage, message):
        raise bad_request("message can't be edited")
    return message


def _own(stage: Stage, message: Message) -> bool:
    """Tell whether the bot may edit: its own message, or a post of a channel it edits."""
    if message.by_bot or message.chat.type != "channel":
        return message.by_bot
    member = stage.world.bot_in(message.chat)
    return member.status == "administrator" and member.rights.get("can_edit_messages", True)
