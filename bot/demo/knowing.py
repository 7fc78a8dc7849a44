"""Methods that ask about chats and keep the bot's settings."""

import json
import re
from typing import Any

from bot.demo.refusals import Json, bad_request
from bot.demo.rooms import Chat, Member
from bot.demo.stage import Stage

Params = dict[str, Any]
_COMMAND = re.compile(r"/?[a-z0-9_]{1,32}")
_MAX_COMMANDS = 100
_MAX_COMMAND_TEXT = 256
_MAX_DESCRIPTION = 512
_MAX_SHORT_DESCRIPTION = 120
_MAX_NAME = 64


def get_me(stage: Stage, _params: Params) -> Json:
    """Carry out getMe."""
    return stage.world.bot.as_json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not stage.privacy,
        "supports_inline_queries": stage.inline_mode,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_guest_queries": False,
        "supports_join_request_queries": False,
    }


def get_chat(stage: Stage, params: Params) -> Json:
    """Carry out getChat."""
    chat = _visible(stage, params)
    full = chat.as_json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.type in {"group", "supergroup"}:
        full["permissions"] = {"can_send_messages": not chat.muted}
    return full


def get_member(stage: Stage, params: Params) -> Json:
    """Carry out getChatMember."""
    chat = _visible(stage, params)
    member = chat.members.get(params["user_id"])
    if member is None:
        user = stage.world.users.get(params["user_id"])
        if user is None:
            raise bad_request("PARTICIPANT_ID_INVALID")
        in_private = chat.type == "private" and params["user_id"] in {chat.id, stage.world.bot.id}
        member = Member(user, "member" if in_private else "left")
    return member.as_json(chat.type)


def get_administrators(stage: Stage, params: Params) -> list[Json]:
    """Carry out getChatAdministrators: other bots are left out."""
    chat = _visible(stage, params)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        member.as_json(chat.type)
        for member in chat.members.values()
        if member.status in {"creator", "administrator"}
        and (not member.user.is_bot or member.user is stage.world.bot)
    ]


def count_members(stage: Stage, params: Params) -> int:
    """Carry out getChatMemberCount."""
    chat = _visible(stage, params)
    if chat.type == "private":
        return 2
    return sum(not stage.world.absent(member) for member in chat.members.values())


def send_action(stage: Stage, params: Params) -> bool:
    """Carry out sendChatAction."""
    chat = stage.world.writable(params["chat_id"], params.get("message_thread_id"))
    if params["action"] not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    stage.actions.append((chat.id, params["action"]))
    return True


def leave_chat(stage: Stage, params: Params) -> bool:
    """Carry out leaveChat."""
    chat = stage.world.reachable(params["chat_id"])
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    old = stage.world.bot_in(chat)
    chat.members[stage.world.bot.id] = Member(stage.world.bot, "left")
    stage.updates.push("my_chat_member", member_change(stage, chat, old, old.user.id))
    return True


def member_change(stage: Stage, chat: Chat, old: Member, by: int) -> Json:
    """Give the ChatMemberUpdated of the bot in ``chat``, done by the user ``by``."""
    return {
        "chat": chat.as_json(),
        "from": stage.world.users[by].as_json(),
        "date": int(stage.world.now()),
        "old_chat_member": old.as_json(chat.type),
        "new_chat_member": stage.world.bot_in(chat).as_json(chat.type),
    }


def set_commands(stage: Stage, params: Params) -> bool:
    """Carry out setMyCommands."""
    if len(params["commands"]) > _MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in params["commands"]:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= _MAX_COMMAND_TEXT:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    stage.settings[_scope("commands", params)] = params["commands"]
    return True


def get_commands(stage: Stage, params: Params) -> list[Json]:
    """Carry out getMyCommands."""
    commands: list[Json] = stage.settings.get(_scope("commands", params), [])
    return commands


def delete_commands(stage: Stage, params: Params) -> bool:
    """Carry out deleteMyCommands."""
    stage.settings.pop(_scope("commands", params), None)
    return True


def set_description(stage: Stage, params: Params) -> bool:
    """Carry out setMyDescription."""
    return _set_text(stage, params, "description", _MAX_DESCRIPTION)


def get_description(stage: Stage, params: Params) -> Json:
    """Carry out getMyDescription."""
    return {"description": stage.settings.get(_scope("description", params), "")}


def set_short_description(stage: Stage, params: Params) -> bool:
    """Carry out setMyShortDescription."""
    return _set_text(stage, params, "short_description", _MAX_SHORT_DESCRIPTION)


def get_short_description(stage: Stage, params: Params) -> Json:
    """Carry out getMyShortDescription."""
    return {"short_description": stage.settings.get(_scope("short_description", params), "")}


def set_name(stage: Stage, params: Params) -> bool:
    """Carry out setMyName."""
    return _set_text(stage, params, "name", _MAX_NAME)


def get_name(stage: Stage, params: Params) -> Json:
    """Carry out getMyName."""
    return {"name": stage.settings.get(_scope("name", params), stage.world.bot.first_name)}


def set_menu_button(stage: Stage, params: Params) -> bool:
    """Carry out setChatMenuButton."""
    stage.settings[f"menu_button {params.get('chat_id', 0)}"] = params.get("menu_button")
    return True


def get_menu_button(stage: Stage, params: Params) -> Json:
    """Carry out getChatMenuButton."""
    button = stage.settings.get(f"menu_button {params.get('chat_id', 0)}")
    return button or {"type": "default"}


def set_default_rights(stage: Stage, params: Params) -> bool:
    """Carry out setMyDefaultAdministratorRights."""
    stage.settings[f"rights {params.get('for_channels', False)}"] = params.get("rights", {})
    return True


def get_file(stage: Stage, params: Params) -> Json:
    """Carry out getFile."""
    data = stage.files.get(params["file_id"])
    if data is None:
        raise bad_request("invalid file_id")
    name = params["file_id"]
    return {
        "file_id": name,
        "file_unique_id": f"u{name}",
        "file_size": len(data),
        "file_path": f"documents/{name}",
    }


def _visible(stage: Stage, params: Params) -> Chat:
    """Give a chat that the bot may ask about: a public one is open to it without membership."""
    chat = stage.world.chat(params["chat_id"])
    if chat.type == "private" and not chat.started:
        raise bad_request("chat not found")
    if chat.type == "private" or chat.username:
        return chat
    return stage.world.reachable(params["chat_id"])


def _set_text(stage: Stage, params: Params, what: str, most: int) -> bool:
    text = params.get(what, "")
    if len(text) > most:
        raise bad_request(f"bot {what.replace('_', ' ')} is too long")
    stage.settings[_scope(what, params)] = text
    return True


def _scope(what: str, params: Params) -> str:
    scope = params.get("scope") or {"type": "default"}
    return f"{what} {params.get('language_code', '')} {json.dumps(scope, sort_keys=True)}"


_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
