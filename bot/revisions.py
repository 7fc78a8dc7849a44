"""Known items that changed: what a document says now, beside what it said -> revised articles.

A change is noticed by the mark that is kept of each item: of which document it comes, and a hash
of its title and text. Another document (the source moved, a listing fills in for its feed) says
things in other words: its marks are only learnt. So are those of what nobody marked before.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.sources.reading import is_cut
from bot.store.protocol import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.models import Article, StoredArticle
    from bot.sources.reading import Item
    from bot.store.protocol import Store

PAGE_WAIT = timedelta(minutes=1)
_HASH_CHARS = 16

log = structlog.get_logger("xeberci.poller")


def document(source: str, kind: str, url: str) -> str:
    """Give a short name of a document that a source is read from."""
    return _hash(source, kind, url)


def mark_of(item: Item, document_name: str) -> str:
    """Give what a document's words on an article are known by; ``""``: it says none."""
    article = item.article
    if not article.title:
        return ""
    return f"{document_name}.{_hash(*map(_spaced, (article.title, article.text)))}"


async def revise(
    store: Store,
    source: str,
    document_name: str,
    items: Iterable[tuple[int, Item]],
    now: datetime,
) -> list[StoredArticle]:
    """Put what changed in place of what was said before; gives the articles as they are now.

    ``items``: those that the archive knows, by the id of their article there.
    """
    revised: list[StoredArticle] = []
    found = {number: (item, mark_of(item, document_name)) for number, item in items}
    marked = {number: (item, mark) for number, (item, mark) in found.items() if mark}
    for part in _batches(list(marked)):
        marks = await store.marks(part)
        other = [n for n in part if marks.get(n) != marked[n][1]]
        # An article that another source brought is that one's to change.
        own = {a.id: a for a in await store.articles(other) if a.article.source == source}
        learnt: dict[int, str] = {}
        for number, stored in own.items():
            item, mark = marked[number]
            if not marks.get(number, "").startswith(f"{document_name}."):
                learnt[number] = mark
                continue
            now_said, page_by = _changed(stored.article, item, now)
            changed = await store.revise(number, now_said, mark, now, page_by)
            if changed is not None:
                log.info(f"{source}: an article changed", article=number)
                revised.append(changed)
        if learnt:
            await store.keep_marks(learnt)
    return revised


def _changed(article: Article, item: Item, now: datetime) -> tuple[Article | None, datetime | None]:
    """Give an article as its document has it now, and by when its page is wanted.

    When it was published stays, and so does what the document is silent about. Where it only
    has the beginning of the text, the page has to say how it goes on.
    """
    said = item.article
    whole = item.whole or is_cut(article.text)
    changed = replace(
        article,
        title=said.title,
        text=said.text if whole and said.text else article.text,
        category=said.category or article.category,
        author=said.author or article.author,
        credit=(said.credit or article.credit) if whole else article.credit,
        image=said.image or article.image,
        summary=said.summary or article.summary,
    )
    page_by = None if item.whole else now + PAGE_WAIT
    return (changed if changed != article else None), page_by


def known_items(items: Sequence[Item], known: Mapping[str, int]) -> list[tuple[int, Item]]:
    """Give the items that the archive knows, each with its article's id."""
    found = []
    for item in items:
        number = next((known[key] for key in item.keys if key in known), None)
        if number is not None:
            found.append((number, item))
    return found


def _batches(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _hash(*parts: str) -> str:
    told = "\n".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:_HASH_CHARS]
