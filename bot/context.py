"""What a handler may use: ``Services``, and the typed context that carries them."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that handlers work with. ``bot_username`` and ``bot_id`` are from getMe.

    ``zone`` is what times are shown in where no chat is asked (inline results).
    """

    archive: Archive
    subscriptions: Subscriptions
    replies: Replies
    texts: Catalogue
    clock: Callable[[], datetime]
    bot_username: str
    bot_id: int
    zone: str = "Asia/Baku"
    admins: frozenset[int] = frozenset()


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
