"""The state that the methods of the Bot API work on: rooms, updates, open queries, settings."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.demo.refusals import Json, bad_request
from bot.demo.rooms import Message, User, World
from bot.demo.updates import Updates

if TYPE_CHECKING:
    import asyncio

# A query that waited longer cannot be answered any more.
CALLBACK_LIFE_S = 150.0
INLINE_LIFE_S = 30.0


@dataclass(slots=True)
class Query:
    """A press or an inline query that waits for its answer."""

    id: str
    user: User
    expires: float
    answer: "asyncio.Future[dict[str, Any]]"


@dataclass(slots=True)
class Stage:
    """Everything that one bot can see or change.

    ``inline_mode``, ``inline_feedback`` and ``privacy`` are what BotFather sets.
    """

    world: World
    updates: Updates
    callbacks: dict[str, Query] = field(default_factory=dict)
    inlines: dict[str, Query] = field(default_factory=dict)
    inline_mode: bool = True
    inline_feedback: bool = False
    privacy: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    actions: list[tuple[int, str]] = field(default_factory=list)
    inline_cache: dict[tuple[int, str, str], tuple[float, dict[str, Any]]] = field(
        default_factory=dict
    )

    def close_query(self, queries: dict[str, Query], query_id: str) -> Query:
        """Take an open query; RefusalError for an unknown, answered or old one."""
        query = queries.pop(query_id, None)
        if query is None or query.expires < self.world.now():
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        return query

    def changed(self, message: Message, content: dict[str, Any], markup: Json | None) -> None:
        """Put new content and keyboard on a message; RefusalError if they are the old ones."""
        if message.content == content and (message.markup or None) == (markup or None):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.versions.append(message.content)
        message.content = content
        message.markup = markup
        message.edited_at = self.world.now()
