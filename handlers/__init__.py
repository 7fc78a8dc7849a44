"""Telegram updates in, one service call, one reply out. The first fitting flow takes an update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import (
    digest,
    doubt,
    errors,
    help,  # noqa: A004 - the flow's own name
    inline,
    latest,
    membership,
    presses,
    quiet,
    search,
    start,
    subscriptions,
)

if TYPE_CHECKING:
    from bot.context import XApplication


def register(application: XApplication) -> None:
    """List the flows in the order in which they are asked; free text comes last."""
    membership.register(application)
    inline.register(application)
    presses.register(application)
    start.register(application)
    help.register(application)
    subscriptions.register(application)
    latest.register(application)
    digest.register(application)
    quiet.register(application)
    doubt.register(application)
    search.register(application)
    errors.register(application)
