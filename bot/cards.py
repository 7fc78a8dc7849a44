"""Articles as readers see them: (articles, chat, texts) -> Telegram messages, ready as JSON.

Pure: no I/O, no clock of its own. Publisher and handlers differ in what they put under an
article, never in how it looks.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot import buttons
from bot.az.titles import clean_shown, shortened
from bot.digest import make_digest
from bot.digest.formatter import credit_html, digest_html, others_line
from bot.models import Message, Subscription
from bot.texts import Html

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.buttons import Keyboard
    from bot.digest.formatter import Outlet
    from bot.models import Chat, Digest, StoredArticle
    from bot.texts import Texts

SILENT_FROM: Final = time(23)
SILENT_UNTIL: Final = time(8)
MAX_MESSAGE_CHARS: Final = 4096
MAX_MESSAGE_BYTES: Final = 30_000  # of 32,768, with room for the frame
MAX_TITLE_CHARS: Final = 300
# A message holds at most 100 entities; an entry of a list has up to four.
MAX_ENTRIES: Final = 20
MAX_OTHERS: Final = 5  # outlets that are named under a story which more of them tell
NO_PREVIEW: Final[dict[str, object]] = {"is_disabled": True}
_KEPT: Final = 64  # readings of the articles that are on their way
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Card:
    """What stands in a message: its HTML, its buttons and its link preview."""

    html: str
    keyboard: Keyboard = field(default_factory=list)
    preview: dict[str, object] = field(default_factory=lambda: NO_PREVIEW)

    def message(
        self,
        chat_id: int | str,
        *,
        thread_id: int | None = None,
        silent: bool = False,
    ) -> Message:
        """Give the card as a ``sendMessage`` that only has to be posted."""
        payload: dict[str, object] = {
            "chat_id": chat_id,
            "text": self.html,
            "parse_mode": "HTML",
            "link_preview_options": self.preview,
        }
        if self.keyboard:
            payload["reply_markup"] = {"inline_keyboard": self.keyboard}
        if thread_id is not None:
            payload["message_thread_id"] = thread_id
        if silent:
            payload["disable_notification"] = True
        return Message("sendMessage", json.dumps(payload, ensure_ascii=False))

    def unaddressed(self) -> str:
        """Give what is the same for all chats of ``message``: its JSON behind the chat's id."""
        return self.message(0).payload.removeprefix('{"chat_id": 0').removesuffix("}")


def _addressed(
    unaddressed: str, chat_id: int | str, *, thread_id: int | None = None, silent: bool = False
) -> Message:
    """Give what ``Card.message`` gives for this chat."""
    thread = "" if thread_id is None else f', "message_thread_id": {thread_id}'
    sound = ', "disable_notification": true' if silent else ""
    address = chat_id if isinstance(chat_id, int) else json.dumps(chat_id, ensure_ascii=False)
    return Message("sendMessage", f'{{"chat_id": {address}{unaddressed}{thread}{sound}}}')


def _readdressed(unaddressed: str, chat_id: int | str, message_id: int) -> Message:
    """Give what changes a message of this chat to what is given."""
    address = chat_id if isinstance(chat_id, int) else json.dumps(chat_id, ensure_ascii=False)
    payload = f'{{"chat_id": {address}, "message_id": {message_id}{unaddressed}}}'
    return Message("editMessageText", payload)


def small_preview(url: str) -> dict[str, object]:
    """Show the article's own preview, small below the text: for chats."""
    return {"url": url, "prefer_small_media": True}


def large_preview(url: str) -> dict[str, object]:
    """Show the article's own preview, large above the text: for channels."""
    return {"url": url, "prefer_large_media": True, "show_above_text": True}


def digest_of(stored: StoredArticle) -> Digest:
    """Give an archived article's digest."""
    return make_digest(stored.article)


def title_of(stored: StoredArticle) -> str:
    """Give an archived article's title as a list shows it: clean, and no longer than a line."""
    item = stored.article
    return shortened(clean_shown(item.title) or item.source or item.url, MAX_TITLE_CHARS)


def outlets(members: Iterable[StoredArticle], own: StoredArticle) -> tuple[Outlet, ...]:
    """Give who else tells an article's story, in order, each once."""
    named: dict[str, Outlet] = {}
    for member in members:
        source = member.article.source
        if member.id != own.id and source and source != own.article.source:
            named.setdefault(source, (source, member.article.url))
    return tuple(named.values())


def body(
    stored: StoredArticle, t: Texts, topic: str | None = None, others: Sequence[Outlet] = ()
) -> str:
    """Give the digest as HTML; ``topic`` adds the last line of an alert, ``others`` the outlets
    that tell the story too."""
    line = t.plain("card-topic", topic=topic) if topic is not None else None
    named, rest = others[:MAX_OTHERS], len(others) - MAX_OTHERS
    more = t.plain("card-others-rest", count=rest) if rest > 0 else ""
    return digest_html(
        digest_of(stored),
        source_label=t.plain("card-source"),
        topic_line=line,
        others=others_line(t.plain("card-others"), named, more) if named else None,
    )


def article(stored: StoredArticle, t: Texts, extra: Keyboard | None = None) -> Card:
    """Show an article opened by a person in a chat; ``extra`` rows go below its own buttons."""
    url = stored.article.url
    rows = buttons.article_rows(t, url, buttons.related_here(t, stored.id))
    return Card(body(stored, t), [*rows, *(extra or [])], small_preview(url))


def alert_card(
    stored: StoredArticle,
    subscription: Subscription,
    t: Texts,
    *,
    to_digest: bool = False,
    others: Sequence[Outlet] = (),
) -> Card:
    """Show an article as an alert about a followed topic."""
    url = stored.article.url
    rows = buttons.alert_rows(t, url, subscription.topic, stored.id, to_digest=to_digest)
    return Card(body(stored, t, subscription.title, others), rows, small_preview(url))


def alert(
    stored: StoredArticle,
    chat: Chat,
    subscription: Subscription,
    t: Texts,
    now: datetime,
    *,
    to_digest: bool = False,
    others: tuple[Outlet, ...] = (),
) -> Message:
    """Give an alert ready to send; ``to_digest``: it is the third of its topic within an hour."""
    shared = _shared_alert(stored, subscription.topic, subscription.title, t, to_digest, others)
    return _addressed(shared, chat.id, thread_id=chat.thread_id, silent=is_night(chat, now))


def alert_again(
    stored: StoredArticle,
    place: tuple[int, int],
    subscription: Subscription,
    t: Texts,
    *,
    to_digest: bool = False,
    others: tuple[Outlet, ...] = (),
) -> Message:
    """Give what changes an alert that was sent; ``place``: its chat and message.

    Its buttons come again as they were: an edit without them would take them away.
    """
    shared = _shared_alert(stored, subscription.topic, subscription.title, t, to_digest, others)
    return _readdressed(shared, *place)


def story_again(
    stored: StoredArticle,
    place: tuple[int, int],
    topic: str | None,
    t: Texts,
    others: tuple[Outlet, ...] = (),
) -> Message:
    """Give what changes an alert whose topic is followed no more; ``topic``: how it is written."""
    return _readdressed(_shared_story(stored, topic, t, others), *place)


# An article goes to 100,000 chats in as many readings as there are languages and spellings
# of its topics: its digest costs a thousand times what its address does.
@lru_cache(_KEPT)
def _shared_alert(
    stored: StoredArticle,
    topic: str,
    title: str,
    t: Texts,
    to_digest: bool,  # noqa: FBT001 - a cache's key
    others: tuple[Outlet, ...],
) -> str:
    subscription = Subscription(0, topic, title)
    card = alert_card(stored, subscription, t, to_digest=to_digest, others=others)
    return card.unaddressed()


@lru_cache(_KEPT)
def _shared_story(
    stored: StoredArticle, topic: str | None, t: Texts, others: tuple[Outlet, ...]
) -> str:
    url = stored.article.url
    rows = buttons.article_rows(t, url, buttons.related_here(t, stored.id))
    return Card(body(stored, t, topic, others), rows, small_preview(url)).unaddressed()


def post(
    stored: StoredArticle,
    address: int | str,
    t: Texts,
    bot_username: str,
    *,
    silent: bool = False,
    others: tuple[Outlet, ...] = (),
) -> Message:
    """Give an article as a channel's post; ``address`` is the channel's id or ``@name``."""
    return _addressed(_shared_post(stored, t, bot_username, others), address, silent=silent)


def post_again(
    stored: StoredArticle,
    place: tuple[int | str, int],
    t: Texts,
    bot_username: str,
    others: tuple[Outlet, ...] = (),
) -> Message:
    """Give what changes a channel's post; ``place``: the channel's address and the message."""
    return _readdressed(_shared_post(stored, t, bot_username, others), *place)


@lru_cache(_KEPT)
def _shared_post(
    stored: StoredArticle, t: Texts, bot_username: str, others: tuple[Outlet, ...]
) -> str:
    url = stored.article.url
    related = buttons.related_elsewhere(t, bot_username, stored.id)
    rows = buttons.article_rows(t, url, related)
    return Card(body(stored, t, others=others), rows, large_preview(url)).unaddressed()


def merged(
    items: Sequence[StoredArticle],
    chat: Chat,
    t: Texts,
    now: datetime,
    *,
    topics: Sequence[str] = (),
    address: int | str | None = None,
) -> list[Message]:
    """Alerts or held posts that waited, as one message (several when one is too short).

    ``topics`` are named in the last line. With an ``address`` it is a channel's list,
    without the buttons that answer in the chat.
    """
    heading = t.html("merged-heading", count=len(items))
    named = buttons.short(", ".join(dict.fromkeys(topics)), MAX_TITLE_CHARS)
    ending = t.html("merged-topics", topics=named) if topics else ""
    cards = _listed(items, heading, ending, with_sentence=False)
    if address is not None:
        return [Card(card.html).message(address) for card in cards]
    silent = is_night(chat, now)
    return [card.message(chat.id, thread_id=chat.thread_id, silent=silent) for card in cards]


def daily(
    items: Sequence[StoredArticle],
    chat: Chat,
    t: Texts,
    window: tuple[datetime, datetime] | None = None,
) -> list[Message]:
    """Give a chat's daily digest; ``window`` is what it truly covers, told when it comes late."""
    heading = t.html("daily-heading")
    if window is not None:
        zone = ZoneInfo(chat.zone)
        start, end = (f"{at.astimezone(zone):%d.%m.%Y %H:%M}" for at in window)
        heading = Html(f"{heading}\n{t.html('daily-window', start=start, end=end)}")
    cards = _listed(items, heading, "", with_sentence=True)
    return [card.message(chat.id, thread_id=chat.thread_id) for card in cards]


def is_night(chat: Chat, now: datetime) -> bool:
    """Whether alerts come without sound: between 23:00 and 08:00 of the chat."""
    clock = now.astimezone(ZoneInfo(chat.zone)).time()
    return clock >= SILENT_FROM or clock < SILENT_UNTIL


def visible(text: str) -> str:
    """Give Telegram HTML as people see it, without its tags."""
    return html.unescape(_TAG.sub("", text))


def _entry(stored: StoredArticle, *, with_sentence: bool) -> str:
    """Give one story of a list: its linked title, its first sentence and its outlets."""
    digest = digest_of(stored)
    title = html.escape(title_of(stored), quote=False)
    lines = [f'<b><a href="{html.escape(digest.url)}">{title}</a></b>']
    if with_sentence and digest.sentences:
        lines.append(html.escape(digest.sentences[0], quote=False))
    lines.append(f"<i>{credit_html(digest)}</i>")
    return "\n".join(lines)


def _listed(
    items: Sequence[StoredArticle],
    heading: str,
    ending: str,
    *,
    with_sentence: bool,
) -> Iterator[Card]:
    """Lay out stories one after another, in as many messages as Telegram's limits ask for."""
    entries = [_entry(item, with_sentence=with_sentence) for item in items]
    pages = list(_pages(heading, entries, ending))
    for page in pages:
        parts = [heading, *(f"{n}. {entries[index]}" for n, index in enumerate(page, start=1))]
        if ending and page is pages[-1]:
            parts.append(ending)
        rows = buttons.story_numbers([items[index].id for index in page])
        yield Card("\n\n".join(parts), rows)


def _pages(heading: str, entries: Sequence[str], ending: str) -> Iterator[list[int]]:
    """Share out the entries to messages that Telegram takes, never cutting inside one."""
    frame = len(visible(heading)) + len(visible(ending)) + len("\n\n")
    page: list[int] = []
    chars, size = frame, 0
    for index, entry in enumerate(entries):
        needed, weight = len(visible(entry)) + len("\n\n20. "), len(entry.encode())
        full = chars + needed > MAX_MESSAGE_CHARS or size + weight > MAX_MESSAGE_BYTES
        if page and (len(page) == MAX_ENTRIES or full):
            yield page
            page, chars, size = [], frame, 0
        page.append(index)
        chars, size = chars + needed, size + weight
    if page:
        yield page
