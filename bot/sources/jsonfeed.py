"""JSON Feed, versions 1.0 and 1.1, to articles (https://www.jsonfeed.org). No I/O here.

Read as it is written in the wild: numbers for ids, authors as text, no version.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bot import links
from bot.errors import ParseError
from bot.sources import markup
from bot.sources.entry import Entry, Site, is_image, left_out, make_item, unique
from bot.sources.json_values import as_list, as_text, first_text
from bot.sources.reading import Kind, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources.reading import Item, ReadContext

_SAID = frozenset({"content_html", "content_text", "title", "summary"})


def looks_like_json_feed(value: object) -> bool:
    """Tell whether a JSON document is a feed: by its version, else by its items."""
    if not isinstance(value, dict):
        return False
    items = value.get("items")
    if "jsonfeed" in str(value.get("version") or "").lower():
        return True
    return isinstance(items, list) and (
        any(
            isinstance(item, dict) and _SAID & item.keys() and {"id", "url"} & item.keys()
            for item in items
        )
        or (not items and bool({"home_page_url", "feed_url"} & value.keys()))
    )


def read_json_feed(feed: dict[str, Any], *, url: str | None, context: ReadContext) -> Reading:
    """Give the articles of a feed in its order; a feed without items is an empty reading."""
    if not isinstance(feed.get("items", []), list):
        raise ParseError("a damaged JSON Feed: its items are no list")
    found = [item for item in as_list(feed.get("items")) if isinstance(item, dict)]
    own = [as_text(feed.get(name)) for name in ("feed_url", "home_page_url")]
    base = url or next((address for address in own if links.is_absolute(address)), None)
    site = Site(
        title=markup.plain(as_text(feed.get("title"))),
        guids=Counter(as_text(item.get("id")) for item in found),
    )
    # A feed's author speaks for its items unless that is the site's own name.
    everyones = tuple(name for name in _authors(feed) if markup.plain(name) != site.title)
    items = [
        _item(item, base=base, site=site, everyones=everyones, context=context)
        for item in context.budget.within(found)
    ]
    return Reading(
        kind=Kind.FEED,
        items=unique(item for item in items if item is not None),
        problems=left_out(items.count(None)),
        title=site.title,
        next_url=links.absolute(as_text(feed.get("next_url")), base),
        home=links.absolute(as_text(feed.get("home_page_url")), base),
    )


def _item(
    item: dict[str, Any],
    *,
    base: str | None,
    site: Site,
    everyones: tuple[str, ...],
    context: ReadContext,
) -> Item | None:
    guid = as_text(item.get("id"))
    address = _address(item, guid, base)
    if address is None:
        return None
    html, text = as_text(item.get("content_html")), as_text(item.get("content_text"))
    entry = Entry(
        address=address,
        base=base or address,
        title=as_text(item.get("title")),
        contents=(html,) if html else (),
        paragraphs=tuple(markup.plain_paragraphs(text)),
        summary=as_text(item.get("summary")),
        dates=(as_text(item.get("date_published")), as_text(item.get("date_modified"))),
        categories=tuple(as_text(tag) for tag in as_list(item.get("tags"))),
        authors=tuple(_authors(item)) or everyones,
        images=tuple(_images(item)),
        guids=(guid,) if guid else (),
    )
    return make_item(entry, site=site, context=context)


def _address(item: dict[str, Any], guid: str, base: str | None) -> str | None:
    """Give the item's address, else an id that is one, else the page elsewhere that it names."""
    for text in (as_text(item.get("url")), guid, as_text(item.get("external_url"))):
        address = links.clean(text, None if text == guid else base) if text else ""
        if links.is_absolute(address):
            return address
    return None


def _authors(said: dict[str, Any]) -> Iterator[str]:
    for author in [*as_list(said.get("authors")), *as_list(said.get("author"))]:
        name = first_text(author, "name") if isinstance(author, dict) else as_text(author)
        if name:
            yield name


def _images(item: dict[str, Any]) -> Iterator[str]:
    yield as_text(item.get("image"))
    yield as_text(item.get("banner_image"))
    for attachment in as_list(item.get("attachments")):
        if isinstance(attachment, dict):
            address = as_text(attachment.get("url"))
            if is_image(as_text(attachment.get("mime_type")), address):
                yield address
