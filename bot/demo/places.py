"""Groups and channels of the stand-in Telegram, and what their people do to the bot there."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.demo.knowing import member_change
from bot.demo.rooms import Chat, Member, Message, Topic, User
from bot.demo.stage import Stage


class Scene(Protocol):
    """What people need of the server."""

    stage: Stage

    def changed(self, chat_id: int) -> None:
        """Wake those who wait for something in a chat."""


class Resident(Protocol):
    """Somebody who can be in a room: a `Person`."""

    @property
    def user(self) -> User:
        """Give the user."""


@dataclass(frozen=True, slots=True)
class Room:
    """A group, supergroup or channel, and what its people can do to the bot there."""

    scene: Scene = field(repr=False)
    chat: Chat = field(repr=False)

    @property
    def id(self) -> int:
        """Give the chat's id."""
        return self.chat.id

    def join(self, person: Resident, status: str = "member", *, anonymous: bool = False) -> None:
        """Make a person a member, or what ``status`` says."""
        self.chat.members[person.user.id] = Member(person.user, status, anonymous=anonymous)

    def topic(self, name: str) -> int:
        """Open a forum topic; gives its thread id."""
        message = self.scene.stage.world.put(
            Message(
                0,
                self.chat,
                self.scene.stage.world.now(),
                {"forum_topic_created": {"name": name, "icon_color": 7322096}},
                sender_chat=self.chat,
            )
        )
        message.thread_id = message.id
        self.chat.topics[message.id] = Topic(name)
        return message.id

    def close_topic(self, thread_id: int, *, closed: bool = True) -> None:
        """Close a topic, or open it again."""
        self.chat.topics[thread_id].closed = closed

    def delete_topic(self, thread_id: int) -> None:
        """Remove a topic with its messages."""
        del self.chat.topics[thread_id]
        for message in self.chat.messages.values():
            message.deleted = message.deleted or message.thread_id == thread_id

    def mute(self, *, muted: bool = True) -> None:
        """Forbid members, the bot too, to write."""
        self.chat.muted = muted

    async def add_bot(self, by: Resident, status: str = "member", **rights: bool) -> None:
        """Add the bot; a channel takes it as an administrator only."""
        status = "administrator" if self.chat.type == "channel" else status
        await self.set_bot(by, status, **rights)
        if self.chat.type != "channel":
            bot = self.scene.stage.world.bot.as_json()
            _service(self.scene, self.chat, by.user, {"new_chat_members": [bot]})

    async def set_bot(self, by: Resident, status: str, **rights: bool) -> None:
        """Give the bot a status: administrator, member, restricted, left or kicked."""
        stage = self.scene.stage
        old = stage.world.bot_in(self.chat)
        self.chat.members[stage.world.bot.id] = Member(stage.world.bot, status, rights)
        stage.updates.push("my_chat_member", member_change(stage, self.chat, old, by.user.id))

    async def remove_bot(self, by: Resident) -> None:
        """Remove the bot, so that it cannot come back by itself."""
        await self.set_bot(by, "kicked")

    async def migrate(self) -> "Room":
        """Turn a group into a supergroup with another id; the old one only points there."""
        stage = self.scene.stage
        new = Chat(
            id=supergroup_id(stage.world.fresh_id()),
            type="supergroup",
            title=self.chat.title,
            members=dict(self.chat.members),
        )
        stage.world.add_chat(new)
        owner = next(iter(self.chat.members.values())).user
        _service(self.scene, self.chat, owner, {"migrate_to_chat_id": new.id})
        self.chat.migrated_to = new.id
        _service(self.scene, new, owner, {"migrate_from_chat_id": self.chat.id})
        return Room(self.scene, new)


def supergroup_id(number: int) -> int:
    """Give the id of a supergroup or channel: -100 before ten digits."""
    return -1_001_000_000_000 - number


def _service(scene: Scene, chat: Chat, sender: User, content: dict[str, Any]) -> None:
    world = scene.stage.world
    message = world.put(Message(0, chat, world.now(), content, sender=sender))
    scene.stage.updates.push("message", message.as_json())
    scene.changed(chat.id)
