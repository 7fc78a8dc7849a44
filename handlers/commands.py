"""Commands as people type them: ``/axtar X``, ``/AXTAR@bot X``, ``/abunə X``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from telegram.ext import MessageHandler, filters

from bot.az import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from telegram import Message, Update

    from bot.context import XContext
    from handlers.talk import Talk

_COMMAND = re.compile(r"/([^\s/@]+)(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)


def parse(text: str, bot_username: str) -> tuple[str, str] | None:
    """Give a command's folded name and its argument; ``None``: none, or for another bot."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None or (match[2] and match[2].lower() != bot_username.lower()):
        return None
    return fold(match[1]), (match[3] or "").strip()


def is_command(text: str) -> bool:
    """Tell whether a text is a command, for whichever bot."""
    return _COMMAND.fullmatch(text.strip()) is not None


class Named(filters.MessageFilter):
    """Lets through messages that are one of these commands, for this bot."""

    def __init__(self, *names: str) -> None:
        super().__init__(name=f"Named{names}")
        self._names = frozenset(names)

    def filter(self, message: Message) -> bool:
        """Tell whether a message is one of the commands."""
        if message.text is None or not message.text.lstrip().startswith("/"):
            return False
        parsed = parse(message.text, message.get_bot().username)
        return parsed is not None and parsed[0] in self._names


def argument(talk: Talk) -> str:
    """Give what stands after the command."""
    parsed = parse(talk.message.text or "", talk.services.bot_username)
    return parsed[1] if parsed else ""


def on_command(
    *names: str, call: Callable[[Update, XContext], Coroutine[Any, Any, None]]
) -> MessageHandler[XContext, Any]:
    """Give the handler of a command and its aliases, in new messages only."""
    return MessageHandler(filters.UpdateType.MESSAGE & Named(*names), call)
