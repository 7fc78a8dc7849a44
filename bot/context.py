"""What a handler may use: ``Services``, and the typed context that carries them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from telegram.ext import Application, CallbackContext, ContextTypes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from telegram.ext import ExtBot  # noqa: F401 - named in the types below

    from bot.archive import Archive
    from bot.replies import Replies
    from bot.subscriptions import Subscriptions
    from bot.texts import Catalogue

SERVICES: Final = "services"
_REMEMBERED: Final = 1000
_DOUBLE_PRESS: Final = timedelta(seconds=5)


class Shown:
    """What was put in place of messages lately, so that a double press edits only once.

    Telegram refuses an edit that changes nothing, and the second of two quick presses still
    carries the message as it was before the first.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[int, int], tuple[int, datetime]] = OrderedDict()

    def just_now(self, chat_id: int, message_id: int, look: int, now: datetime) -> bool:
        """Tell whether the message was given this look (a hash) in the last seconds; note it."""
        before = self._seen.pop((chat_id, message_id), None)
        self._seen[chat_id, message_id] = (look, now)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return before is not None and before[0] == look and now - before[1] < _DOUBLE_PRESS

    def forget(self, chat_id: int, message_id: int) -> None:
        """Take back a note: the edit did not happen."""
        self._seen.pop((chat_id, message_id), None)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that handlers work with. ``bot_username`` and ``bot_id`` are from getMe.

    ``zone`` is what times are shown in where no chat is asked (inline results).
    ``unstored`` takes the ids of updates whose effect the store refused: they are not
    confirmed, and come again.
    """

    archive: Archive
    subscriptions: Subscriptions
    replies: Replies
    texts: Catalogue
    clock: Callable[[], datetime]
    bot_username: str
    bot_id: int
    zone: str = "Asia/Baku"
    shown: Shown = field(default_factory=Shown)
    unstored: set[int] = field(default_factory=set)


class XContext(CallbackContext["ExtBot[None]", dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """A handler's context: PTB's own, with the services."""

    @property
    def services(self) -> Services:
        """The services that ``serve`` put there."""
        services = self.application.bot_data[SERVICES]
        assert isinstance(services, Services)  # noqa: S101 - narrows what PTB keeps untyped
        return services


XApplication = Application[
    "ExtBot[None]", XContext, dict[Any, Any], dict[Any, Any], dict[Any, Any], Any
]
CONTEXT_TYPES: Final = ContextTypes(context=XContext)


def serve(application: XApplication, services: Services) -> None:
    """Give the application's handlers their services; again replaces them."""
    application.bot_data[SERVICES] = services
