"""RSS and Atom to articles: feedparser, with our own normalisation round it. No I/O here.

feedparser finds the elements; what is in them (dates, texts, links, identities) is read
here, because it would guess days and months and empties escaped CDATA.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import feedparser

from bot import links
from bot.errors import ParseError
from bot.sources import entry as entries
from bot.sources import markup, mending
from bot.sources.entry import Site, cut_off, is_image, left_out, make_item, unique
from bot.sources.reading import Hints, Kind, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources.reading import Item, ReadContext

Entry = dict[str, Any]

_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_CDATA_OPEN = re.compile(r"<!\[CDATA\[\s*<!\[CDATA\[")
_CDATA_CLOSE = re.compile(r"\]\]>\s*\]\]>")
# Not said, or said in letters that feedparser does not know: the default.
_NO_VERDICT = re.compile(r"""\sisPermaLink\s*=\s*(["'])\s*(?:true\s*)?\1""", re.IGNORECASE)
# With it, even blank, feedparser takes no guid for the address.
_NO_LINK = re.compile(
    r"<link>\s*+(?:<!\[CDATA\[\s*+\]\]>\s*+)?</link\s*>|<link\s*/>", re.IGNORECASE
)
_PREFIXED = re.compile(r"<([A-Za-z][\w.-]*):(?:channel|item|entry)\b")
_IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|\?)", re.IGNORECASE)
_BARE_IMAGE = re.compile(r"<image>(\s*+(?:https?:)?//[^<>]++)</image\s*>", re.IGNORECASE)
_IMAGE_ELEMENTS = ("img", "thumbnail", "thumb", "photo", "picture")  # of no standard
_FULL_TEXTS = ("yandex_full-text", "full-text", "fulltext", "full_text")
_HEAD_CHARS = 65_536  # a prolog may hold licences and entities
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS_S = {
    "hourly": 3600.0,
    "daily": 86400.0,
    "weekly": 604800.0,
    "monthly": 2592000.0,
    "yearly": 31536000.0,
}


def looks_like_feed(text: str) -> bool:
    """Tell whether a text is RSS or Atom, by its first elements."""
    head = text[:_HEAD_CHARS]
    root = _ROOT.search(head)
    page = re.search(r"<(?:!doctype\s+html|html|head|body)\b", head, re.IGNORECASE)
    return root is not None and (page is None or root.start() < page.start())


def read_feed(text: str, *, url: str | None, context: ReadContext) -> Reading:
    """Give the articles of a feed in its order; a feed without items is an empty reading.

    Raises ParseError for what only looks like a feed.
    """
    mended, cut = mending.whole_part(_mend(text), root="rss|feed|rdf", part="item|entry")
    try:
        parsed = feedparser.parse(
            io.BytesIO(mended.encode("utf-8")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - damaged feeds raise many kinds
        raise ParseError(f"a damaged feed ({type(error).__name__})") from None
    feed: Entry = parsed.feed
    found: list[Entry] = parsed.entries
    if not found and parsed.bozo and not _is_whole_feed(mended):
        raise ParseError("a damaged feed: nothing could be read from it")
    base = url or _own_address(feed)
    site = Site(
        title=markup.plain(str(feed.get("title") or "")),
        guids=Counter(str(entry.get("id") or "").strip() for entry in found),
    )
    items = [
        _read_entry(entry, base=base, site=site, context=context)
        for entry in context.budget.within(found)
    ]
    return Reading(
        kind=Kind.FEED,
        items=unique(item for item in items if item is not None),
        problems=(*left_out(items.count(None)), *cut_off(cut=cut)),
        hints=_hints(feed, mended),
        title=site.title,
        home=links.absolute(str(feed.get("link") or ""), base),
    )


def _mend(text: str) -> str:
    """Undo what keeps feedparser from seeing the items at all."""
    root = _ROOT.search(text)
    mended = text[root.start() :] if root else text.lstrip()
    mended = mended.replace("]]]]><![CDATA[>]]>", "]]>").replace("]]]]><![CDATA[>", "]]")
    mended = _CDATA_OPEN.sub("<![CDATA[", mended)
    mended = _CDATA_CLOSE.sub("]]>", mended)
    mended = mending.real_references(_NO_LINK.sub("", _NO_VERDICT.sub("", mended)))
    mended = _BARE_IMAGE.sub(r"<image><url>\1</url></image>", mended)
    prefix = _PREFIXED.search(mended)
    if prefix and not re.search(rf"xmlns:{re.escape(prefix[1])}\s*=", mended):
        mended = re.sub(rf"(</?){re.escape(prefix[1])}:", r"\1", mended)
    return mended


def _is_whole_feed(text: str) -> bool:
    """Tell an empty feed with a small flaw from the beginning of something else."""
    return re.search(r"</(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>\s*$", text, re.IGNORECASE) is not None


def _own_address(feed: Entry) -> str | None:
    """Give the address that a feed names as its own, for what is relative in it."""
    found: list[Entry] = list(feed.get("links") or [])
    ordered = [link for link in found if link.get("rel") == "self"] + found
    for link in ordered:
        href = str(link.get("href") or "")
        if links.is_absolute(href):
            return href
    href = str(feed.get("link") or "")
    return href if links.is_absolute(href) else None


def _read_entry(entry: Entry, *, base: str | None, site: Site, context: ReadContext) -> Item | None:
    base = str((entry.get("title_detail") or {}).get("base") or "") or base
    address = _address(entry, base)
    if address is None:
        return None
    said = entries.Entry(
        address=address,
        base=base,
        title=str(entry.get("title") or ""),
        contents=tuple(_contents(entry)),
        summary=str(entry.get("summary") or ""),
        # get() would put another date in the place of one that is not there
        dates=tuple(
            str(entry[name]) for name in ("published", "created", "updated") if name in entry
        ),
        categories=tuple(
            str(tag.get("label") or tag.get("term") or "") for tag in entry.get("tags") or []
        ),
        authors=tuple(
            str(author.get("name") or "")
            for author in [*(entry.get("authors") or []), {"name": entry.get("author")}]
        ),
        images=tuple(_images(entry)),
        guids=(guid,) if (guid := str(entry.get("id") or "").strip()) else (),
    )
    return make_item(said, site=site, context=context)


def _contents(entry: Entry) -> Iterator[str]:
    """Give an item's texts of whatever name: content, or the full text for other readers."""
    yield from (str(content.get("value") or "") for content in entry.get("content") or [])
    yield from (str(entry.get(name) or "") for name in _FULL_TEXTS)


def _address(entry: Entry, base: str | None) -> str | None:
    """Give the article's address: its link, else its guid where that is a permalink."""
    candidates = [
        str(link.get("href") or "")
        for link in entry.get("links") or []
        if link.get("rel", "alternate") == "alternate"
        and "html" in str(link.get("type") or "text/html")
    ]
    guid = str(entry.get("id") or "").strip()
    link = str(entry.get("link") or "")
    if not entry.get("guidislink") or links.is_absolute(guid) or guid.startswith("/"):
        candidates.extend((link, guid if entry.get("guidislink") else ""))
    for candidate in candidates:
        if candidate.strip():
            address = links.clean(_with_scheme(mending.plain_address(candidate), base), base)
            if links.is_absolute(address):
                return address
    return None


def _with_scheme(address: str, base: str | None) -> str:
    """Give an address that begins with the site's own name as one of that site."""
    name = address.strip().partition("/")[0].lower().removeprefix("www.")
    return f"//{address.strip()}" if base and name and name == links.host(base) else address


def _images(entry: Entry) -> Iterator[str]:
    """Give an item's images of whatever shape: media, enclosure, thumbnail, image."""
    media: list[Entry] = entry.get("media_content") or []
    yield from (str(content.get("url") or "") for content in media if _is_image(content))
    yield from (
        str(link.get("href") or "")
        for link in entry.get("links") or []
        if link.get("rel") == "enclosure" and _is_image(link)
    )
    yield from (str(thumb.get("url") or "") for thumb in entry.get("media_thumbnail") or [])
    yield str((entry.get("image") or {}).get("href") or "")
    yield from (str(entry.get(name) or "") for name in _IMAGE_ELEMENTS)
    href = str(entry.get("href") or "")
    if _IMAGE_NAME.search(href):
        yield href


def _is_image(media: Entry) -> bool:
    return is_image(
        str(media.get("type") or media.get("medium") or ""),
        str(media.get("url") or media.get("href") or ""),
    )


def _hints(feed: Entry, text: str) -> Hints:
    head = re.split(r"<(?:item|entry)\b", text, maxsplit=1, flags=re.IGNORECASE)[0]
    hours = re.findall(r"<hour>\s*(\d{1,2})\s*</hour>", head, re.IGNORECASE)
    days = re.findall(r"<day>\s*(\w+)\s*</day>", head, re.IGNORECASE)
    return Hints(
        ttl_s=_ttl(str(feed.get("ttl") or "")),
        update_s=_update(feed),
        skip_hours=frozenset(int(hour) % 24 for hour in hours),
        skip_days=frozenset(_DAYS.index(day.lower()) for day in days if day.lower() in _DAYS),
    )


def _ttl(text: str) -> float | None:
    return float(text) * 60 if re.fullmatch(r"\d{1,6}", text.strip()) else None


def _update(feed: Entry) -> float | None:
    """Give the seconds between updates that sy:* names; hourly/1 is a default and says nothing."""
    period = _PERIODS_S.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    text = str(feed.get("sy_updatefrequency") or "1").strip()
    frequency = int(text) if re.fullmatch(r"[1-9]\d{0,5}", text) else 1
    if period is None or (period == _PERIODS_S["hourly"] and frequency == 1):
        return None
    return period / frequency
