"""Buttons: what stands under a message, and what a press brings back. Pure.

A press carries at most 64 bytes: an action, then arguments between colons. Articles are
named by id, texts by a short hash (``ref``) whose text the store keeps, lists by ``q.REF``
(a query), ``n`` (the newest) or ``r.ID`` (related to an article). Nothing in a press names a
chat: it always acts on the chat in which it was pressed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.az import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.texts import Texts

Button: TypeAlias = dict[str, object]
Keyboard: TypeAlias = list[list[Button]]

MAX_DATA_BYTES: Final = 64
MAX_COPY_CHARS: Final = 256
MAX_URL_BYTES: Final = 2048  # a keyboard has room for about 8 kB
MAX_LABEL_CHARS: Final = 40
MAX_START_CHARS: Final = 64
REF_CHARS: Final = 10
NEWEST: Final = "n"
OFF: Final = "off"
MAX_NUMBER_DIGITS: Final = 15  # ids and offsets that a store can look for
MAX_OFFSET: Final = 10_000  # nobody pages further; an index would make room for what is asked
HITS_PER_PAGE: Final = 5
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


class Act(StrEnum):
    """What a press asks for."""

    LIST = "l"  # a page of a list: LIST, OFFSET
    OPEN = "o"  # an article in a list's place: LIST, OFFSET, ID
    STORY = "s"  # an article as a message of its own: ID
    RELATED = "r"  # related stories as a message of their own: ID
    FOLLOW = "f"  # REF of a text
    MANAGE = "m"  # an alert's topic: REF of a topic, ID
    ALERT = "b"  # back to the alert: REF of a topic, ID
    DIGEST = "d"  # REF of a topic, PLACE, ID; so are the next four
    INSTANT = "i"
    PAUSE = "p"
    RESUME = "e"
    UNFOLLOW = "u"
    RESTORE = "z"  # REF of a topic, mode, PLACE
    TOPICS = "w"  # the list of topics: OFFSET, or the page with a topic: 0, REF of it
    TOPIC = "t"  # a topic's screen: REF of a topic
    HOUR = "h"  # the daily digest's hour: HHMM, or OFF
    QUIET = "k"  # quiet hours: HHMM-HHMM, or OFF
    DOUBT = "y"  # what becomes of a message that may have arrived: a ``Doubt``


class Place(StrEnum):
    """Where a button stands, which decides what becomes of its message."""

    CONFIRMATION = "c"
    SCREEN = "w"
    ALERT = "a"


@dataclass(frozen=True, slots=True)
class Press:
    """A press as it was written: its action and arguments."""

    act: Act
    arguments: tuple[str, ...]

    def text(self, position: int) -> str:
        """Give an argument; an absent one is empty."""
        return self.arguments[position] if position < len(self.arguments) else ""

    def number(self, position: int) -> int:
        """Give an argument as a number; what is none that was ever written counts as 0."""
        return number_of(self.text(position))


def number_of(text: str) -> int:
    """Read a number that came back from outside; what is none, or far too large, is 0."""
    digits = text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_DIGITS
    return int(text) if digits else 0


def ref(text: str) -> str:
    """Give the short name of a text: ten letters of its SHA-256, fit for a press."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest)[:REF_CHARS].decode("ascii")


def data(act: Act, *arguments: str | int) -> str:
    """Give a press's data; raises ``ValueError`` past 64 bytes."""
    text = ":".join([act, *map(str, arguments)])
    if len(text.encode()) > MAX_DATA_BYTES:
        raise ValueError(f"{text!r} is longer than {MAX_DATA_BYTES} bytes")
    return text


def parse(text: str) -> Press | None:
    """Read a press's data; ``None`` for what this bot never wrote."""
    act, *arguments = text.split(":")
    try:
        return Press(Act(act), tuple(arguments))
    except ValueError:
        return None


def press(label: str, act: Act, *arguments: str | int) -> Button:
    """Give a button that comes back to the bot."""
    return {"text": label, "callback_data": data(act, *arguments)}


def link(label: str, url: str) -> Button:
    """Give a button that opens an address."""
    return {"text": label, "url": url}


def short(text: str, max_chars: int = MAX_LABEL_CHARS) -> str:
    """Give a text on one line and no longer than a label may be."""
    line = " ".join(text.split())
    return line if len(line) <= max_chars else line[: max_chars - 1].rstrip() + "…"


def deep_link(username: str, start: str) -> str:
    """Give the address that opens the private chat with the bot."""
    return f"https://t.me/{username}?start={start}"


def topic_start(title: str) -> str | None:
    """Give the start parameter that follows a topic, or ``None`` where none can say it."""
    slug = _NO_SLUG.sub("-", fold(title)).strip("-")
    start = f"t-{slug}"
    return start if slug and len(start) <= MAX_START_CHARS else None


def article_rows(t: Texts, url: str, related: Button) -> Keyboard:
    """Give the buttons of every digest: `Oxu`, `Linki kopyala` where it fits, `Oxşar xəbərlər`."""
    first: list[Button] = []
    if len(url.encode()) <= MAX_URL_BYTES:
        first.append(link(t.plain("button-read"), url))
    if len(url) <= MAX_COPY_CHARS:
        first.append({"text": t.plain("button-copy-link"), "copy_text": {"text": url}})
    return [first, [related]] if first else [[related]]


def related_here(t: Texts, article_id: int) -> Button:
    """`Oxşar xəbərlər` in a chat that the bot can answer in."""
    return press(t.plain("button-related"), Act.RELATED, article_id)


def related_elsewhere(t: Texts, username: str, article_id: int) -> Button:
    """`Oxşar xəbərlər` as a way into the private chat (channels, inline messages)."""
    return link(t.plain("button-related"), deep_link(username, f"r-{article_id}"))


def page_rows(t: Texts, place: str, article_ids: list[int], *, offset: int, total: int) -> Keyboard:
    """Give the numbers of a page's hits and the ways to its neighbours."""
    rows: Keyboard = []
    if article_ids:
        rows.append(
            [
                press(str(number), Act.OPEN, place, offset, article_id)
                for number, article_id in enumerate(article_ids, start=1)
            ]
        )
    ways: list[Button] = []
    if offset > 0:
        earlier = max(0, offset - HITS_PER_PAGE)
        ways.append(press(t.plain("button-previous"), Act.LIST, place, earlier))
    if offset + HITS_PER_PAGE < total:
        ways.append(press(t.plain("button-next"), Act.LIST, place, offset + HITS_PER_PAGE))
    return [*rows, ways] if ways else rows


def follow(t: Texts, title: str) -> Button:
    """`Abunə ol: X`; the store must keep the title behind ``ref(title)``."""
    return press(t.plain("button-follow", topic=short(title)), Act.FOLLOW, ref(title))


def story_numbers(article_ids: list[int], per_row: int = 5) -> Keyboard:
    """Give numbers that send the stories of a merged message one by one."""
    numbers = [press(str(n), Act.STORY, id_) for n, id_ in enumerate(article_ids, start=1)]
    return [numbers[start : start + per_row] for start in range(0, len(numbers), per_row)]


def confirmation_rows(t: Texts, topic: str) -> Keyboard:
    """Give what can be done right after following."""
    name = ref(topic)
    return [
        [
            press(t.plain("button-to-digest"), Act.DIGEST, name, Place.CONFIRMATION),
            press(t.plain("button-unfollow"), Act.UNFOLLOW, name, Place.CONFIRMATION),
        ]
    ]


def manage_rows(t: Texts, topic: str, article_id: int) -> Keyboard:
    """Give what `Mövzunu idarə et` offers under an alert."""
    name = ref(topic)
    return [
        [
            press(t.plain("button-to-digest"), Act.DIGEST, name, Place.ALERT, article_id),
            press(t.plain("button-pause"), Act.PAUSE, name, Place.ALERT, article_id),
        ],
        [press(t.plain("button-unfollow"), Act.UNFOLLOW, name, Place.ALERT, article_id)],
        [press(t.plain("button-back"), Act.ALERT, name, article_id)],
    ]


def alert_rows(t: Texts, url: str, topic: str, article_id: int, *, to_digest: bool) -> Keyboard:
    """Give the buttons of an alert; ``to_digest`` offers the daily digest at once."""
    name = ref(topic)
    rows = article_rows(t, url, related_here(t, article_id))
    rows[-1].append(press(t.plain("button-manage"), Act.MANAGE, name, article_id))
    if to_digest:
        label = t.plain("button-to-digest")
        rows.append([press(label, Act.DIGEST, name, Place.ALERT, article_id)])
    return rows


def hour_rows(hours: Iterable[str]) -> Keyboard:
    """Give hours of the daily digest to choose from."""
    return [[press(hour, Act.HOUR, hour.replace(":", "")) for hour in hours]]


def quiet_rows(spans: Iterable[str]) -> Keyboard:
    """Give quiet hours to choose from."""
    return [[press(span, Act.QUIET, span.replace(":", "")) for span in spans]]
