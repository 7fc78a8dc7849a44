"""A query's answer as a person sees it: (what was found, texts, now) -> card. Pure."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot import buttons, cards
from bot.az.dates import spoken
from bot.cards import Card
from bot.texts import Html

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.buttons import Button, Keyboard
    from bot.models import Found, StoredArticle
    from bot.texts import Texts

MAX_QUERY_CHARS: Final = 256
MAX_QUERY_WORDS: Final = 12
MAX_SHOWN_CHARS: Final = 120
MAX_SPELLINGS: Final = 4


@dataclass(frozen=True, slots=True)
class Look:
    """How a reader sees times and words: texts of a language, a zone, and the moment."""

    t: Texts
    zone: str
    now: datetime

    def when(self, moment: datetime) -> str:
        """Give a moment as people say it."""
        return spoken(moment, now=self.now, zone=ZoneInfo(self.zone), language=self.t.language)


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asked: the text that is searched, and whether it was cut."""

    text: str
    cut: bool = False


def query_of(text: str) -> Query:
    """Read a message as a query: over 256 characters only its first twelve words count."""
    clean = " ".join(text.encode("utf-8", "ignore").decode().replace("\0", " ").split())
    if len(clean) <= MAX_QUERY_CHARS:
        return Query(clean)
    words = " ".join(clean.split(" ", MAX_QUERY_WORDS)[:MAX_QUERY_WORDS])
    return Query(words[:MAX_QUERY_CHARS], cut=True)


def query_place(query: str) -> str:
    """Name the list of a query's hits; the store must keep the query behind its ``ref``."""
    return f"q.{buttons.ref(query)}"


def related_place(article_id: int) -> str:
    """Name the list of an article's related stories."""
    return f"r.{article_id}"


def query_page(found: Found, title: str, offset: int, look: Look, *, cut: bool = False) -> Card:
    """Show a page of hits; ``title`` is the topic as it is shown and followed."""
    t = look.t
    heading = t.html("answer-heading", topic=_shown(title), total=found.total)
    if found.total > buttons.HITS_PER_PAGE:
        first, last = offset + 1, offset + len(found.hits)
        shown = t.html("answer-range", first=first, last=last) if first < last else str(last)
        heading = Html(f"{heading}, {shown}")
    head = [*notes(found, title, look, cut=cut), heading]
    place = query_place(found.query)
    card = _page(head, [hit.article for hit in found.hits], place, offset, found.total, look)
    return Card(card.html, [*card.keyboard, [buttons.follow(t, title)]])


def notes(found: Found, title: str, look: Look, *, cut: bool) -> list[str]:
    """Say what was changed in the query: cut, or read as another word."""
    lines: list[str] = []
    if cut:
        lines.append(look.t.html("answer-cut"))
    if found.suggestion:
        typed = _shown(found.query)
        lines.append(look.t.html("answer-read-as", typed=typed, topic=_shown(title)))
    return lines


def only_hit(found: Found, title: str, look: Look, *, cut: bool = False) -> Card:
    """Show the one story that was found, and keep the offer to follow."""
    card = cards.article(found.hits[0].article, look.t, [[buttons.follow(look.t, title)]])
    text = "\n\n".join([*notes(found, title, look, cut=cut), card.html])
    fits = len(cards.visible(text)) <= cards.MAX_MESSAGE_CHARS
    return Card(text if fits else card.html, card.keyboard, card.preview)


def nothing(found: Found, title: str, look: Look, *, cut: bool = False) -> Card:
    """Say honestly that there is no such news; offer near spellings and following."""
    t = look.t
    spellings = found.spellings[:MAX_SPELLINGS]
    shown = _shown(title)
    if spellings:
        said = t.html("answer-nothing-spellings", topic=shown)
    else:
        said = t.html("answer-nothing", topic=shown)
    head = [t.html("answer-cut")] if cut else []
    text = "\n\n".join([*head, said])
    return Card(text, [*query_rows(spellings, per_row=1), [buttons.follow(t, title)]])


def query_rows(titles: Sequence[str], per_row: int = 2) -> Keyboard:
    """Give a button a query; the store must keep the queries."""
    asked: list[Button] = [
        buttons.press(buttons.short(title), buttons.Act.LIST, query_place(title), 0)
        for title in titles
    ]
    return [asked[at : at + per_row] for at in range(0, len(asked), per_row)]


def newest_page(found: Found, offset: int, look: Look) -> Card:
    """Show a page of the newest stories."""
    heading = look.t.html("answer-newest")
    stories = [hit.article for hit in found.hits]
    if not stories:
        return Card(look.t.html("answer-empty-archive"))
    return _page([heading], stories, buttons.NEWEST, offset, found.total, look)


def related_page(origin: StoredArticle, stories: Sequence[StoredArticle], look: Look) -> Card:
    """Show the stories related to one."""
    title = cards.title_of(origin)
    heading = look.t.html("answer-related", title=_shown(title))
    return _page([heading], stories, related_place(origin.id), 0, len(stories), look)


def opened(
    stored: StoredArticle, place: str, offset: int, follow: Button | None, look: Look
) -> Card:
    """Show an article in its list's place; ``follow`` is carried over from the list."""
    back = buttons.press(look.t.plain("button-back"), buttons.Act.LIST, place, offset)
    rows: Keyboard = [[follow], [back]] if follow else [[back]]
    return cards.article(stored, look.t, rows)


def inline_result(stored: StoredArticle, look: Look, bot_username: str) -> dict[str, object]:
    """Give an article as an inline result: its message is the digest."""
    t, item = look.t, stored.article
    related = buttons.related_elsewhere(t, bot_username, stored.id)
    result: dict[str, object] = {
        "type": "article",
        "id": str(stored.id),
        "title": cards.title_of(stored),
        "description": f"{look.when(stored.when)} · {item.source}",
        "input_message_content": {
            "message_text": cards.body(stored, t),
            "parse_mode": "HTML",
            "link_preview_options": cards.small_preview(item.url),
        },
        "reply_markup": {"inline_keyboard": buttons.article_rows(t, item.url, related)},
    }
    if item.image:
        result["thumbnail_url"] = item.image
    return result


def inline_button(title: str, t: Texts, *, nothing: bool) -> dict[str, object] | None:
    """Give the way from inline results into the private chat; honest where there is no news."""
    start = buttons.topic_start(title)
    topic = buttons.short(title)
    if nothing and start:
        return {"text": t.plain("inline-nothing", topic=topic), "start_parameter": start}
    if nothing:
        return {"text": t.plain("inline-empty"), "start_parameter": "inline"}
    if start:
        return {"text": t.plain("button-follow", topic=topic), "start_parameter": start}
    return None


def _page(
    head: Sequence[str],
    stories: Sequence[StoredArticle],
    place: str,
    offset: int,
    total: int,
    look: Look,
) -> Card:
    lines = [
        f"<b>{number}.</b> {html.escape(cards.title_of(story), quote=False)}\n"
        f"<i>{look.when(story.when)} · {html.escape(story.article.source, quote=False)}</i>"
        for number, story in enumerate(stories, start=1)
    ]
    ids = [story.id for story in stories]
    rows = buttons.page_rows(look.t, place, ids, offset=offset, total=total)
    return Card("\n\n".join([*head, *lines]), rows)


def _shown(text: str) -> str:
    """Give what a person typed no more room than a heading has."""
    return buttons.short(text, MAX_SHOWN_CHARS)
