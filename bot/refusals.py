"""What a refusal of the Bot API means for the message, the chat and the bot. No I/O here.

An answer's status, description and parameters -> an ``Outcome``. Telegram documents
few of its descriptions, so the table below is what bots have met; it is matched in
lower case, anywhere in the description, first row first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT_WAIT_S = 5  # for a 429 that names no wait
_RETRY_AFTER = re.compile(r"retry after (\d+)|flood_wait_(\d+)", re.IGNORECASE)


class Kind(StrEnum):
    """What to do about a call that brought no result."""

    PERMANENT = "permanent"  # this message will never go: set it aside
    GONE = "gone"  # this chat gets nothing any more: disable it
    MIGRATED = "migrated"  # the group has a new id
    FLOOD = "flood"  # wait, then the same again
    TRANSIENT = "transient"  # not delivered, through no fault of the message: again later
    UNCERTAIN = "uncertain"  # written, not answered: perhaps delivered
    REVOKED = "revoked"  # the token is wrong
    CONFLICT = "conflict"  # another process polls
    UNCHANGED = "unchanged"  # an edit that is already there
    STALE = "stale"  # what should be edited or answered is no more
    MALFORMED = "malformed"  # it names a thing that is gone and can do without
    UNKNOWN = "unknown"  # something else: again a few times, then set aside


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call's failure, sorted. ``reason`` is fit for a log: it never holds the token.

    ``without`` names the parameter that a MALFORMED call may leave out to go through.
    """

    kind: Kind
    reason: str
    status: int = 0
    retry_after_s: int = 0
    new_chat_id: int | None = None
    without: str | None = None


# A chat is disabled also where the bot lost its rights: Telegram tells of rights given
# back (my_chat_member), and any command in the chat enables it again.
_GONE = (
    "chat not found",
    "bot was blocked by the user",
    "user is deactivated",
    "bot was kicked from",
    "bot is not a member of",
    "bot can't initiate conversation with a user",
    "can't send messages to bots",
    "need administrator rights in the channel chat",
    "not enough rights to send",
    "have no rights to send",
    "group chat was deactivated",
    "group is deactivated",
    "group chat was deleted",
    "user not found",
    "chat_write_forbidden",
    "chat_send_plain_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "channel_private",
    "channel_invalid",
    "peer_id_invalid",
    "user_is_blocked",
    "user_deactivated",
)
_STALE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "query is too old",
    "query id is invalid",
    "query_id_invalid",
)
_MALFORMED = (
    ("message thread not found", "message_thread_id"),
    ("topic_deleted", "message_thread_id"),
    ("topic_id_invalid", "message_thread_id"),
    ("message to be replied not found", "reply_parameters"),
    ("message to reply not found", "reply_parameters"),
    ("replied message not found", "reply_parameters"),
    ("reply message not found", "reply_parameters"),
)
_PERMANENT = (
    "can't parse entities",
    "message is too long",
    "message_too_long",
    "message caption is too long",
    "media_caption_too_long",
    "message text is empty",
    "text must be non-empty",
    "reply markup is too long",
    "reply_markup_too_long",
    "can't parse inline keyboard button",
    "inline keyboard button",
    "button_",
    "topic_closed",
    "entity_bounds_invalid",
    "entities_too_long",
    "wrong http url specified",
)

TABLE: tuple[tuple[str, Kind, str | None], ...] = (
    ("message is not modified", Kind.UNCHANGED, None),
    *((text, Kind.GONE, None) for text in _GONE),
    *((text, Kind.STALE, None) for text in _STALE),
    *((text, Kind.MALFORMED, parameter) for text, parameter in _MALFORMED),
    *((text, Kind.PERMANENT, None) for text in _PERMANENT),
)
"""Known descriptions of 400 and 403: text, what it means, the parameter to do without."""

_BY_STATUS = {
    401: Kind.REVOKED,
    404: Kind.REVOKED,  # what a malformed token gets; the methods that we call exist
    408: Kind.TRANSIENT,
    409: Kind.CONFLICT,
    413: Kind.PERMANENT,
}


def sort_refusal(
    status: int, description: str, parameters: Mapping[str, object] | None = None
) -> Outcome:
    """Sort an answer that is not ok.

    An unlisted 400 or 403 is PERMANENT: Telegram has read the call and will say the same
    the next time. 5xx never counts against a message.
    """
    parameters = parameters or {}
    reason = " ".join(description.split())[:300] or f"HTTP {status}"
    new_chat_id = parameters.get("migrate_to_chat_id")
    if isinstance(new_chat_id, int):
        return Outcome(Kind.MIGRATED, reason, status, new_chat_id=new_chat_id)
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return Outcome(Kind.FLOOD, reason, status, retry_after_s=_wait_s(reason, parameters))
    if status in (400, 403):
        folded = reason.lower()
        for text, kind, without in TABLE:
            if text in folded:
                return Outcome(kind, reason, status, without=without)
        return Outcome(Kind.PERMANENT, reason, status)
    if status >= 500:  # noqa: PLR2004 - the server's own failures
        return Outcome(Kind.TRANSIENT, reason, status)
    return Outcome(_BY_STATUS.get(status, Kind.UNKNOWN), reason, status)


def _wait_s(reason: str, parameters: Mapping[str, object]) -> int:
    """Give how long a 429 asks to wait, in seconds."""
    wait = parameters.get("retry_after")
    if isinstance(wait, int) and wait > 0:
        return wait
    if named := _RETRY_AFTER.search(reason):
        return max(1, int(named[1] or named[2]))
    return _DEFAULT_WAIT_S
