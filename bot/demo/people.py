"""People in front of the stand-in Telegram: they write, press, ask inline, block and moderate."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from bot.demo.asking import result_content
from bot.demo.formatting import formatted
from bot.demo.knowing import member_change
from bot.demo.places import Room, Scene
from bot.demo.rooms import GROUP_ANONYMOUS_BOT, Chat, Member, Message, User
from bot.demo.stage import CALLBACK_LIFE_S, INLINE_LIFE_S, Query, Stage
from bot.demo.timeline import Seen, see

if TYPE_CHECKING:
    from bot.demo.refusals import Json

_CLIENT_MAX_CHARS = 4096
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
_DEFAULT_CACHE_S = 300
_ANONYMOUS = User(GROUP_ANONYMOUS_BOT, "Group", "GroupAnonymousBot", is_bot=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a press led to: the bot's notice, or what the button itself did."""

    text: str = ""
    alert: bool = False
    url: str = ""
    opened: str = ""
    copied: str = ""
    switched: str | None = None


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What an inline query led to; ``asked``: the bot was asked, not the cache."""

    query: str
    results: list[dict[str, Any]]
    next_offset: str = ""
    button: dict[str, Any] | None = None
    cache_time: int = _DEFAULT_CACHE_S
    is_personal: bool = False
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a private chat with the bot; a chat argument of None means that one."""

    scene: Scene = field(repr=False)
    user: User
    chat: Chat = field(repr=False)

    @property
    def id(self) -> int:
        """Give the user's id, which is that of the private chat too."""
        return self.user.id

    async def start(self, payload: str = "") -> Seen:
        """Press Start, also by a link with a payload; lifts a block."""
        if not _PAYLOAD.fullmatch(payload):
            raise ValueError(f"no deep link carries {payload!r}")
        await self.unblock()
        return await self.send(f"/start {payload}".rstrip())

    async def follow(self, link: str) -> Seen:
        """Open a deep link into the bot, ``https://t.me/NAME?start=PAYLOAD``, and press Start."""
        address, query = urlsplit(link), parse_qs(urlsplit(link).query)
        name = self.scene.stage.world.bot.username.lower()
        if address.hostname != "t.me" or address.path.lower() != f"/{name}":
            raise ValueError(f"not a link into the bot: {link}")
        return await self.start(query.get("start", [""])[0])

    async def send(
        self,
        text: str,
        chat: Room | None = None,
        *,
        thread: int | None = None,
        reply_to: Seen | int | None = None,
    ) -> Seen:
        """Write a message; a long one goes in parts, as clients do. Gives the last part."""
        place = chat.chat if chat else self.chat
        if place is self.chat:
            place.started = True
        parts = [text[at : at + _CLIENT_MAX_CHARS] for at in range(0, len(text), _CLIENT_MAX_CHARS)]
        answered = reply_to.message_id if isinstance(reply_to, Seen) else reply_to
        sent = [self._put(place, part, thread, answered) for part in parts]
        return see(sent[-1])

    async def edit(self, message: Seen, text: str) -> Seen:
        """Edit what this person wrote."""
        world = self.scene.stage.world
        stored = world.chats[message.chat_id].messages[message.message_id]
        self.scene.stage.changed(stored, _content(text), None)
        kind = "edited_channel_post" if stored.chat.type == "channel" else "edited_message"
        self.scene.stage.updates.push(kind, stored.as_json())
        return see(stored)

    async def press(
        self,
        message: Seen | int,
        label: str,
        *,
        chat: Room | None = None,
        timeout_s: float = 10.0,
    ) -> Answer:
        """Press a button, by its label or its beginning, and wait for the bot's answer to it.

        A `Seen` is pressed as it was seen, though the message may have changed or gone since.
        Raises TimeoutError if the bot does not answer.
        """
        place = chat.chat if chat else self.chat
        if isinstance(message, int):
            message = see(place.messages[message])
        button = message.button(label)
        if button.kind == "url":
            return Answer(opened=button.value)
        if button.kind == "copy_text":
            return Answer(copied=button.value)
        if button.kind.startswith("switch_inline"):
            return Answer(switched=button.value)
        return await self._press(message, button.value, timeout_s)

    async def inline(
        self, query: str, offset: str = "", *, chat_type: str = "sender", timeout_s: float = 10.0
    ) -> InlineAnswer:
        """Type ``@bot query``; answered from Telegram's cache while that is fresh."""
        stage, now = self.scene.stage, self.scene.stage.world.now()
        if not stage.inline_mode:
            raise LookupError("the bot has no inline mode")
        for user_id in (0, self.id):
            expires, answer = stage.inline_cache.get((user_id, query, offset), (0.0, {}))
            if expires > now:
                return _inline_answer(query, answer, asked=False)
        waiting = self._query(INLINE_LIFE_S)
        stage.inlines[waiting.id] = waiting
        payload: Json = {
            "id": waiting.id,
            "from": self.user.as_json(),
            "query": query,
            "offset": offset,
            "chat_type": chat_type,
        }
        stage.updates.push("inline_query", payload)
        async with asyncio.timeout(timeout_s):
            params = await waiting.answer
        cached_for = self.id if params.get("is_personal") else 0
        expires = now + params.get("cache_time", _DEFAULT_CACHE_S)
        stage.inline_cache[(cached_for, query, offset)] = (expires, params)
        return _inline_answer(query, params, asked=True)

    async def choose(self, answer: InlineAnswer, result: int = 0, chat: Room | None = None) -> Seen:
        """Send the result of that index into a chat."""
        stage = self.scene.stage
        place = chat.chat if chat else self.chat
        chosen = answer.results[result]
        message = self._message(place, result_content(chosen), None, None)
        message.via_bot = stage.world.bot
        message.markup = chosen.get("reply_markup")
        if message.markup:
            message.inline_id = f"inline{stage.world.fresh_id()}"
            stage.world.inline_messages[message.inline_id] = message
        stage.world.put(message)
        if stage.inline_feedback:
            feedback: Json = {
                "result_id": chosen["id"],
                "from": self.user.as_json(),
                "query": answer.query,
            }
            if message.inline_id:
                feedback["inline_message_id"] = message.inline_id
            stage.updates.push("chosen_inline_result", feedback)
        self._deliver(message)
        return see(message)

    async def block(self) -> None:
        """Block the bot."""
        if not self.chat.blocked:
            self._set_blocked(blocked=True)

    async def unblock(self) -> None:
        """Lift the block."""
        if self.chat.blocked:
            self._set_blocked(blocked=False)

    def deactivate(self) -> None:
        """Delete the account."""
        self.user.deactivated = True

    def _set_blocked(self, *, blocked: bool) -> None:
        stage = self.scene.stage
        bot = stage.world.bot
        old = Member(bot, "kicked" if self.chat.blocked else "member")
        self.chat.blocked = blocked
        self.chat.members[bot.id] = Member(bot, "kicked" if blocked else "member")
        stage.updates.push("my_chat_member", member_change(stage, self.chat, old, self.id))

    async def _press(self, message: Seen, data: str, timeout_s: float) -> Answer:
        stage = self.scene.stage
        stored = stage.world.chats[message.chat_id].messages[message.message_id]
        waiting = self._query(CALLBACK_LIFE_S)
        stage.callbacks[waiting.id] = waiting
        payload: Json = {
            "id": waiting.id,
            "from": self.user.as_json(),
            "chat_instance": str(message.chat_id),
            "data": data,
        }
        if stored.inline_id:
            payload["inline_message_id"] = stored.inline_id
        else:
            payload["message"] = stored.accessible_json()
        stage.updates.push("callback_query", payload)
        async with asyncio.timeout(timeout_s):
            params = await waiting.answer
        return Answer(
            text=params.get("text", ""),
            alert=params.get("show_alert", False),
            url=params.get("url", ""),
        )

    def _query(self, life_s: float) -> Query:
        world = self.scene.stage.world
        return Query(
            id=str(7_000_000_000_000_000 + world.fresh_id()),
            user=self.user,
            expires=world.now() + life_s,
            answer=asyncio.get_running_loop().create_future(),
        )

    def _put(self, chat: Chat, text: str, thread_id: int | None, reply_to: int | None) -> Message:
        message = self._message(chat, _content(text), thread_id, reply_to)
        self.scene.stage.world.put(message)
        self._deliver(message)
        return message

    def _message(
        self, chat: Chat, content: dict[str, Any], thread_id: int | None, reply_to: int | None
    ) -> Message:
        member = chat.members.get(self.id)
        hidden = chat.type == "channel" or bool(member and member.anonymous)
        sender = None if chat.type == "channel" else _ANONYMOUS if hidden else self.user
        if reply_to and not thread_id and (answered := chat.messages.get(reply_to)):
            thread_id = answered.thread_id
        return Message(
            id=0,
            chat=chat,
            at=self.scene.stage.world.now(),
            content=content,
            sender=sender,
            sender_chat=chat if hidden else None,
            thread_id=thread_id,
            reply_to=reply_to,
        )

    def _deliver(self, message: Message) -> None:
        stage = self.scene.stage
        if _reaches_bot(stage, message):
            kind = "channel_post" if message.chat.type == "channel" else "message"
            stage.updates.push(kind, message.as_json())
        self.scene.changed(message.chat.id)


def _reaches_bot(stage: Stage, message: Message) -> bool:
    """Tell whether the bot gets a message: in groups, privacy mode keeps most from it."""
    chat, bot = message.chat, stage.world.bot
    if chat.type == "private":
        return not chat.blocked
    member = stage.world.bot_in(chat)
    if stage.world.absent(member):
        return False
    everything = chat.type == "channel" or member.status == "administrator"
    if everything or not stage.privacy or message.via_bot is bot:
        return True
    answered = chat.messages.get(message.reply_to or 0)
    return (answered is not None and answered.sender is bot) or _means(
        message.content.get("text", "").lower(), f"@{bot.username}".lower()
    )


def _means(text: str, name: str) -> bool:
    """Tell whether a text is a command for the bot, or mentions it."""
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0]
        return "@" not in command or command.endswith(name)
    return name in text


def _content(text: str) -> dict[str, Any]:
    shown = formatted(text)
    content: dict[str, Any] = {"text": shown.text}
    if shown.entities:
        content["entities"] = list(shown.entities)
    return content


def _inline_answer(query: str, params: dict[str, Any], *, asked: bool) -> InlineAnswer:
    return InlineAnswer(
        query=query,
        results=params["results"],
        next_offset=params.get("next_offset", ""),
        button=params.get("button"),
        cache_time=params.get("cache_time", _DEFAULT_CACHE_S),
        is_personal=params.get("is_personal", False),
        asked=asked,
    )
