"""Users, chats and messages of the stand-in Telegram, and what keeps a bot from writing to them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from bot.demo.refusals import Json, bad_request, forbidden, migrated
from bot.demo.schema import raw

GROUP_ANONYMOUS_BOT = 1087968824
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_delete_messages")
_GONE = {"left", "kicked"}


@cache
def _flags(kind: str) -> tuple[str, ...]:
    """Give the Boolean fields that a type must have."""
    fields = raw()["types"][kind]
    return tuple(
        name[:-1] for name, kinds in fields.items() if name[-1] == "!" and kinds == "Boolean"
    )


@dataclass(slots=True)
class User:
    """A person or a bot."""

    id: int
    first_name: str
    username: str = ""
    language: str = ""
    is_bot: bool = False
    deactivated: bool = False

    def as_json(self) -> Json:
        """Give a User of the Bot API."""
        body: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            body["username"] = self.username
        if self.language:
            body["language_code"] = self.language
        return body


@dataclass(slots=True)
class Member:
    """What somebody is in a chat; ``rights``: of an administrator, by the API's names."""

    user: User
    status: str = "member"
    rights: dict[str, bool] = field(default_factory=dict)
    anonymous: bool = False

    def as_json(self, chat_type: str) -> Json:
        """Give a ChatMember of the Bot API."""
        body: Json = {"status": self.status, "user": self.user.as_json()}
        if self.status == "creator":
            body["is_anonymous"] = self.anonymous
        elif self.status == "administrator":
            body |= dict.fromkeys(_flags("ChatMemberAdministrator"), False)
            if chat_type == "channel":
                body |= dict.fromkeys(CHANNEL_RIGHTS, True)
            body |= {"can_manage_chat": True, "is_anonymous": self.anonymous}
            body |= self.rights
        elif self.status == "restricted":
            body |= dict.fromkeys(_flags("ChatMemberRestricted"), False)
            body |= self.rights
            body |= {"is_member": True, "until_date": 0}
        elif self.status == "kicked":
            body["until_date"] = 0
        return body


@dataclass(slots=True)
class Topic:
    """A forum topic."""

    name: str
    closed: bool = False


@dataclass(slots=True)
class Chat:
    """A chat of any type with its messages."""

    id: int
    type: str
    title: str = ""
    username: str = ""
    user: User | None = None
    is_forum: bool = False
    topics: dict[int, Topic] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    muted: bool = False
    deleted: bool = False
    migrated_to: int | None = None
    messages: dict[int, "Message"] = field(default_factory=dict)

    def as_json(self) -> Json:
        """Give a Chat of the Bot API."""
        body: Json = {"id": self.id, "type": self.type}
        if self.user:
            body["first_name"] = self.user.first_name
        else:
            body["title"] = self.title
        if username := self.user.username if self.user else self.username:
            body["username"] = username
        if self.is_forum:
            body["is_forum"] = True
        return body

    def kind_name(self) -> str:
        """Name the type as Telegram's error texts do."""
        return f"{self.type} chat"


@dataclass(slots=True, eq=False)
class Message:
    """A message with all that happened to it; ``content`` is its own part of the JSON."""

    id: int
    chat: Chat
    at: float
    content: dict[str, Any]
    sender: User | None = None
    sender_chat: Chat | None = None
    via_bot: User | None = None
    markup: dict[str, Any] | None = None
    thread_id: int | None = None
    reply_to: int | None = None
    silent: bool = False
    by_bot: bool = False
    edited_at: float | None = None
    deleted: bool = False
    inline_id: str = ""
    file: bytes = b""
    versions: list[dict[str, Any]] = field(default_factory=list)
    reactions: list[Json] = field(default_factory=list)

    def as_json(self, *, deep: bool = True) -> Json:
        """Give a Message of the Bot API; ``deep``: with the message that it answers."""
        body: Json = {"message_id": self.id, "date": int(self.at), "chat": self.chat.as_json()}
        if self.sender:
            body["from"] = self.sender.as_json()
        if self.sender_chat:
            body["sender_chat"] = self.sender_chat.as_json()
        if self.thread_id:
            body["message_thread_id"] = self.thread_id
            body["is_topic_message"] = True
        if self.via_bot:
            body["via_bot"] = self.via_bot.as_json()
        if self.edited_at is not None:
            body["edit_date"] = int(self.edited_at)
        if deep and self.reply_to:
            answered = self.chat.messages.get(self.reply_to)
            if answered and not answered.deleted:
                body["reply_to_message"] = answered.as_json(deep=False)
        body |= self.content
        if self.markup and self.markup.get("inline_keyboard"):
            body["reply_markup"] = self.markup
        return body

    def accessible_json(self) -> Json:
        """Give a MaybeInaccessibleMessage: a deleted one has the date 0 and no content."""
        if self.deleted:
            return {"message_id": self.id, "date": 0, "chat": self.chat.as_json()}
        return self.as_json()


class World:
    """All users and chats, and the bot among them."""

    def __init__(self, bot: User, now: Callable[[], float]) -> None:
        self.bot = bot
        self.now = now
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.names: dict[str, int] = {}
        self.inline_messages: dict[str, Message] = {}
        self._messages = count(1)
        self._ids = count(1)

    def fresh_id(self) -> int:
        """Give a number that no chat or user has had."""
        return next(self._ids)

    def add_user(self, user: User) -> Chat:
        """Add a person and the private chat with the bot."""
        self.users[user.id] = user
        return self.add_chat(Chat(user.id, "private", user=user, username=user.username))

    def add_chat(self, chat: Chat) -> Chat:
        """Add a chat; its name becomes known."""
        self.chats[chat.id] = chat
        if chat.username:
            self.names[chat.username.lower()] = chat.id
        return chat

    def put(self, message: Message) -> Message:
        """Store a message under a fresh id: ids count per supergroup and channel, else overall."""
        if not message.id:
            own = message.chat.type in {"supergroup", "channel"}
            # 1 is the creation of a supergroup, and the number of a forum's topic "General".
            first = 2 if message.chat.is_forum else 1
            message.id = first + len(message.chat.messages) if own else next(self._messages)
        message.chat.messages[message.id] = message
        return message

    def chat_number(self, chat_id: int | str) -> int | None:
        """Read a chat_id: a number, also as text, or a known @name."""
        if isinstance(chat_id, int):
            return chat_id
        if chat_id.startswith("@"):
            return self.names.get(chat_id[1:].lower())
        return int(chat_id) if chat_id.lstrip("-").isdecimal() else None

    def chat(self, chat_id: int | str) -> Chat:
        """Find a chat by id or @name; RefusalError if there is none or it moved."""
        if chat_id == "":
            raise bad_request("chat_id is empty")
        known = self.chat_number(chat_id)
        chat = self.chats.get(known) if known is not None else None
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise migrated(chat.migrated_to)
        return chat

    def bot_in(self, chat: Chat) -> Member:
        """Tell what the bot is in a chat."""
        return chat.members.get(self.bot.id) or Member(self.bot, "left")

    def reachable(self, chat_id: int | str) -> Chat:
        """Find a chat that the bot is in; RefusalError with the reason why it is not."""
        chat = self.chat(chat_id)
        if chat.type == "private":
            if chat.user and chat.user.deactivated:
                raise forbidden("user is deactivated")
            if chat.blocked:
                raise forbidden("bot was blocked by the user")
            if not chat.started:
                raise forbidden("bot can't initiate conversation with a user")
            return chat
        if chat.deleted:
            raise forbidden("the group chat was deleted")
        status = self.bot_in(chat).status
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.kind_name()}")
        if status == "left":
            raise forbidden(f"bot is not a member of the {chat.kind_name()}")
        return chat

    def writable(self, chat_id: int | str, thread_id: int | None = None) -> Chat:
        """Find a chat, and topic, that the bot may write to; RefusalError with the reason."""
        chat = self.reachable(chat_id)
        member = self.bot_in(chat)
        admin = member.status in {"administrator", "creator"}
        if chat.type == "channel" and not (admin and member.rights.get("can_post_messages", True)):
            raise bad_request("need administrator rights in the channel chat")
        mute = chat.type != "private" and (member.status == "restricted" or chat.muted)
        if mute and not admin:
            raise bad_request("not enough rights to send text messages to the chat")
        if thread_id:
            topic = chat.topics.get(thread_id)
            if topic is None:
                raise bad_request("message thread not found")
            if topic.closed and not admin:
                raise bad_request("TOPIC_CLOSED")
        return chat

    def message(self, chat: Chat, message_id: int, why: str) -> Message:
        """Find a message that is still there; ``why`` is the refusal's text."""
        message = chat.messages.get(message_id)
        if message is None or message.deleted:
            raise bad_request(why)
        return message

    def absent(self, member: Member | None) -> bool:
        """Tell whether somebody is no member."""
        return member is None or member.status in _GONE
