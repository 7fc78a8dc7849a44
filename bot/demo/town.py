"""The stand-in Telegram as its people use it: who is there, what a chat looks like."""

import asyncio
from collections.abc import AsyncIterator, Callable

from bot.demo.people import Person
from bot.demo.places import Room, supergroup_id
from bot.demo.rooms import Chat, Member, User
from bot.demo.stage import Stage
from bot.demo.timeline import Seen, see


class Town:
    """People, rooms and timelines over one `Stage`."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._changes: dict[int, asyncio.Event] = {}

    def person(
        self,
        name: str,
        *,
        id: int = 0,  # noqa: A002 - the Bot API's own name
        username: str = "",
        language: str = "az",
    ) -> Person:
        """Give the person of that id, else a new one; they have not started the bot yet."""
        world = self.stage.world
        if id in world.users:
            return Person(self, world.users[id], world.chats[id])
        user = User(id or 10_000 + world.fresh_id(), name, username, language)
        return Person(self, user, world.add_user(user))

    def crowd(self, count: int) -> list[Person]:
        """Give so many people who have started the bot, without its having been told."""
        people = [self.person(f"Oxucu {number}") for number in range(1, count + 1)]
        for person in people:
            person.chat.started = True
        return people

    def room(self, chat_id: int) -> Room:
        """Give a room that is there; LookupError if none is."""
        return Room(self, self.stage.world.chats[chat_id])

    def group(
        self,
        title: str,
        *,
        owner: Person | None = None,
        id: int = 0,  # noqa: A002
    ) -> Room:
        """Give a new basic group with the bot as a member."""
        number = self.stage.world.fresh_id()
        return self._room(Chat(id or -200 - number, "group", title), owner, "member")

    def supergroup(
        self,
        title: str,
        *,
        owner: Person | None = None,
        id: int = 0,  # noqa: A002
        username: str = "",
        forum: bool = False,
    ) -> Room:
        """Give a new supergroup with the bot as a member."""
        chat_id = id or supergroup_id(self.stage.world.fresh_id())
        chat = Chat(chat_id, "supergroup", title, username, is_forum=forum)
        return self._room(chat, owner, "member")

    def channel(
        self,
        title: str,
        *,
        owner: Person | None = None,
        id: int = 0,  # noqa: A002
        username: str = "",
        bot: str = "administrator",
    ) -> Room:
        """Give a new channel; ``bot``: what the bot is there (``left``: not in it)."""
        chat_id = id or supergroup_id(self.stage.world.fresh_id())
        return self._room(Chat(chat_id, "channel", title, username), owner, bot)

    def _room(self, chat: Chat, owner: Person | None, bot: str) -> Room:
        world = self.stage.world
        world.add_chat(chat)
        owner = owner or self.person(f"{chat.title} sahibi")
        chat.members[owner.id] = Member(owner.user, "creator")
        chat.members[world.bot.id] = Member(world.bot, bot)
        return Room(self, chat)

    def timeline(self, chat_id: int, *, deleted: bool = False) -> list[Seen]:
        """Give the messages of a chat, oldest first."""
        messages = self.stage.world.chats[chat_id].messages.values()
        return [see(message) for message in messages if deleted or not message.deleted]

    def timeline_text(self, chat_id: int) -> str:
        """Give the chat as plain text, for a person who reads a failed test."""
        return "\n".join(seen.render() for seen in self.timeline(chat_id, deleted=True))

    async def wait_for(
        self,
        chat_id: int,
        predicate: Callable[[Seen], bool],
        timeout_s: float = 5.0,
        *,
        after: int = 0,
    ) -> Seen:
        """Give the first message of the bot after message ``after`` that fits, now or when it does.

        Raises TimeoutError that tells what the chat looks like instead.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    changed = self._changes.setdefault(chat_id, asyncio.Event())
                    for message in self.timeline(chat_id):
                        if message.message_id > after and message.from_bot and predicate(message):
                            return message
                    await changed.wait()
        except TimeoutError:
            raise TimeoutError(
                f"nothing fits in chat {chat_id} after {timeout_s} s:\n"
                + self.timeline_text(chat_id)
            ) from None

    async def watch(self, chat_id: int) -> AsyncIterator[Seen]:
        """Give each message of a chat as it comes, and again when it is edited or deleted."""
        shown: dict[int, tuple[int, bool, object]] = {}
        while True:
            changed = self._changes.setdefault(chat_id, asyncio.Event())
            for message in self.timeline(chat_id, deleted=True):
                look = (len(message.versions), message.deleted, message.keyboard)
                if shown.get(message.message_id) != look:
                    shown[message.message_id] = look
                    yield message
            await changed.wait()

    def changed(self, chat_id: int) -> None:
        """Wake those who wait for something in a chat."""
        if event := self._changes.pop(chat_id, None):
            event.set()
