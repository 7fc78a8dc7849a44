"""What keeps updates from coming: told once for each kind, and how long to let it be."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.refusals import Kind, Outcome

if TYPE_CHECKING:
    from bot.telegram import Telegram

PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
CONFLICT_S = 3.0
REVOKED_S = 30.0

_REVOKED = (
    "Telegram refuses the token, the next try is in 30 s: ask @BotFather for the token (/token) "
    "and set BOT_TOKEN"
)
_SECOND_POLLER = (
    "another process asks for this bot's updates: stop it, or give it a token of its own"
)
FOREIGN_WEBHOOK = (
    "another process changed this bot's webhook, so no updates come here: stop it and restart "
    "this one, or give it a token of its own"
)


class Trouble:
    """The trouble of one way of intake with Telegram."""

    def __init__(self, telegram: Telegram, log: Any) -> None:  # noqa: ANN401 - duck-typed
        self._telegram = telegram
        self._log = log
        self._kind: Kind | None = None

    def over(self) -> None:
        """Note a call that went through."""
        if self._kind is not None:
            self._log.info("updates come in again")
            self._kind = None

    def pause_s(self, outcome: Outcome, tries: int) -> float:
        """Give how long to wait after a failure, and tell of it.

        A revoked token is told each time, a conflict when it begins: a person has to act.
        """
        kind, self._kind = self._kind, outcome.kind
        match outcome.kind:
            case Kind.REVOKED:
                if self._telegram.revoked_notice.due(asyncio.get_running_loop().time()):
                    self._log.error(_REVOKED, reason=outcome.reason)
                return REVOKED_S
            case Kind.CONFLICT:
                advice = FOREIGN_WEBHOOK if "webhook" in outcome.reason.lower() else _SECOND_POLLER
                if kind is not Kind.CONFLICT:
                    self._log.error(advice, reason=outcome.reason)
                return CONFLICT_S
            case Kind.FLOOD:
                return float(outcome.retry_after_s)
        if kind is None:
            self._log.warning("no updates from Telegram; trying on", reason=outcome.reason)
        return PAUSES_S[min(tries, len(PAUSES_S) - 1)]
