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
from bot.az import boilerplate, titles
from bot.az import credits as outlets
from bot.errors import ParseError
from bot.models import Article, Credit
from bot.sources import markup
from bot.sources.facts import foreign, linked_outlet
from bot.sources.reading import Hints, Item, Kind, ReadContext, Reading, is_cut, is_whole
from bot.sources.times import read_time

if TYPE_CHECKING:
    from datetime import datetime

Entry = dict[str, Any]

_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_CDATA_OPEN = re.compile(r"<!\[CDATA\[\s*<!\[CDATA\[")
_CDATA_CLOSE = re.compile(r"\]\]>\s*\]\]>")
_NO_VERDICT = re.compile(r"""\sisPermaLink\s*=\s*(?:""|'')""", re.IGNORECASE)
_REFERENCE = re.compile(r"&#(?:(\d{1,20})|x([0-9a-f]{1,16}));", re.IGNORECASE)
_PREFIXED = re.compile(r"<([A-Za-z][\w.-]*):(?:channel|item|entry)\b")
_FOOTER = re.compile(
    r"^(?:The post .+ (?:appeared first|first appeared) on .+|Запись .+ впервые появилась .+"
    r"|.+ yazısı ilk .+)$",
    re.DOTALL,
)
_READ_ON = re.compile(
    r"\s*(?:Continue reading|Read more|Ardını oxu|Ətraflı|Davamı|Читать далее)[^.!?]{0,60}$",
    re.IGNORECASE,
)
_EXCERPT_MARK = re.compile(r"\s*\[(?:…|\.{3})\]$")
_SHORTCODE = re.compile(
    r"\[caption\b[^\]\n]*\].*?\[/caption\]|\[/?(?:embed|gallery|audio|video)\b[^\]\n]*\]",
    re.DOTALL | re.IGNORECASE,
)
_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_IMG_ADDRESS = re.compile(r"""\s(?:data-src|src)\s*=\s*["']([^"']+)""", re.IGNORECASE)
_PIXEL = re.compile(r"""\s(?:width|height)\s*=\s*["']?[01](?:px)?["'\s/>]""", re.IGNORECASE)
_HEAD_CHARS = 65_536  # a prolog may hold licences and entities
_SUMMARY_CHARS = 500
_CLEARLY_LONGER = 1.5
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
    mended = _mend(text)
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
    entries: list[Entry] = parsed.entries
    if not entries and parsed.bozo and not _is_whole_feed(mended):
        raise ParseError("a damaged feed: nothing could be read from it")
    base = url or _own_address(feed)
    ids = Counter(str(entry.get("id") or "") for entry in entries)
    items: dict[tuple[str, str], Item] = {}  # some feeds hold an item twice
    homeless = 0
    for entry in entries:
        item = _read_entry(entry, base=base, ids=ids, feed=feed, context=context)
        if item is None:
            homeless += 1
        else:
            items.setdefault((item.keys[0], item.article.title), item)
    left_out = (
        "1 item without an address was"
        if homeless == 1
        else (f"{homeless} items without an address were")
    )
    problems = (f"{left_out} left out",) if homeless else ()
    return Reading(
        kind=Kind.FEED,
        items=tuple(items.values()),
        problems=problems,
        hints=_hints(feed, mended),
        title=markup.plain(str(feed.get("title") or "")),
    )


def _mend(text: str) -> str:
    """Undo what keeps feedparser from seeing the items at all."""
    root = _ROOT.search(text)
    mended = text[root.start() :] if root else text.lstrip()
    mended = _CDATA_OPEN.sub("<![CDATA[", mended.replace("]]]]><![CDATA[>", "]]"))
    mended = _CDATA_CLOSE.sub("]]>", mended)
    mended = _REFERENCE.sub(_real_reference, _NO_VERDICT.sub("", mended))
    prefix = _PREFIXED.search(mended)
    if prefix and not re.search(rf"xmlns:{re.escape(prefix[1])}\s*=", mended):
        mended = re.sub(rf"(</?){re.escape(prefix[1])}:", r"\1", mended)
    return mended


def _real_reference(match: re.Match[str]) -> str:
    """Keep a numeric reference that names a character; feedparser fails at the others."""
    code = int(match[1]) if match[1] else int(match[2], 16)
    is_character = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0x110000  # noqa: PLR2004
    return match[0] if is_character else ""


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


def _read_entry(
    entry: Entry, *, base: str | None, ids: Counter[str], feed: Entry, context: ReadContext
) -> Item | None:
    base = str((entry.get("title_detail") or {}).get("base") or "") or base
    address = _address(entry, base)
    if address is None:
        return None
    source = context.source_of(address)
    site_names = tuple(
        name for name in (source, markup.plain(str(feed.get("title") or ""))) if name
    )
    body, summary = _texts(entry)
    cut = bool(body) and is_cut(body[-1])
    if cut and is_cut(body[-1], alone=True):
        body = body[:-1]
    elif cut:
        body = [*body[:-1], _without_mark(body[-1])]
    text, credit = outlets.strip_credit_lines("\n\n".join(boilerplate.strip_boilerplate(body)))
    if credit is None:
        credit = outlets.find_credit(
            "\n\n".join(body), source=source, site_hosts=(links.host(address),)
        )
    if credit is not None and credit.url is None:
        credit = Credit(credit.name, _outlet_link(entry, credit.name, address))
    title = titles.clean_title(markup.plain(str(entry.get("title") or "")), site_names=site_names)
    text = _without_title(text, title)
    article = Article(
        url=address,
        title=title or titles.fallback_title(text or summary or "") or address,
        text=text,
        published=_published(entry, context),
        source=source,
        category=_category(entry),
        author=_author(entry),
        credit=foreign(credit, source=source, url=address),
        image=_image(entry, base or address),
        summary=summary,
    )
    return Item(article, _keys(entry, address, ids), is_whole(text) and not cut)


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
    if not entry.get("guidislink") or links.is_absolute(guid):
        candidates.extend((link, guid if entry.get("guidislink") else ""))
    for candidate in candidates:
        if candidate.strip():
            address = links.clean(candidate.replace("&amp;", "&"), base)
            if links.is_absolute(address):
                return address
    return None


def _keys(entry: Entry, address: str, ids: Counter[str]) -> tuple[str, ...]:
    """Give the identities: the link, and the guid where it names this item alone.

    A guid that is the beginning of the link (the same on every item of some feeds) would
    join different articles as soon as a feed holds one item only.
    """
    keys = [links.identity(address)]
    guid = str(entry.get("id") or "").strip()
    shared = ids[str(entry.get("id") or "")] > 1
    if guid and not shared and not address.startswith(guid):
        keys.append(f"guid:{links.site(address)}:{guid}")
    return tuple(keys)


def _texts(entry: Entry) -> tuple[list[str], str | None]:
    """Give the paragraphs of the longest text an item has, and its description as a line."""
    values = [str(content.get("value") or "") for content in entry.get("content") or []]
    description = str(entry.get("summary") or "")
    read = [
        _tidy(markup.html_paragraphs(_SHORTCODE.sub("", value))) for value in [*values, description]
    ]
    body = max(read[:-1], key=_size, default=[])
    if _size(read[-1]) > _CLEARLY_LONGER * _size(body):
        body = read[-1]
    summary = _READ_ON.sub("", " ".join(read[-1]))
    return body, summary if 0 < len(summary) <= _SUMMARY_CHARS else None


def _outlet_link(entry: Entry, name: str, address: str) -> str | None:
    """Give the address under which an item's text links the outlet that it credits."""
    values = [str(content.get("value") or "") for content in entry.get("content") or []]
    for value in [*values, str(entry.get("summary") or "")]:
        root = markup.parse(value) if "<a" in value else None
        found = (
            linked_outlet(root.iter("a"), name, base=address, url=address)
            if root is not None
            else None
        )
        if found:
            return found
    return None


def _size(paragraphs: list[str]) -> int:
    return sum(map(len, paragraphs))


def _tidy(paragraphs: list[str]) -> list[str]:
    kept = [text for text in paragraphs if not _FOOTER.match(text)]
    if kept:
        kept[-1] = _READ_ON.sub("", kept[-1])
    return [text for text in kept if text]


def _without_mark(text: str) -> str:
    """Write a cut text's ``[…]`` as readers know it: an ellipsis, or nothing after a stop."""
    bare = _EXCERPT_MARK.sub("", text)
    return bare if bare == text or bare.endswith((".", "!", "?", "…")) else f"{bare}…"


def _without_title(text: str, title: str) -> str:
    """Take the title off a text; a first sentence that says the same, with a stop, stays."""
    head, mark, rest = text.partition("\n\n")
    return rest if mark and head == title else text


def _published(entry: Entry, context: ReadContext) -> datetime | None:
    for name in ("published", "created", "updated"):
        text = str(entry[name]) if name in entry else ""  # get() has a fallback of its own
        at = read_time(text, now=context.now, zone=context.zone)
        if at is not None:
            return at
    return None


def _category(entry: Entry) -> str | None:
    for tag in entry.get("tags") or []:
        name = markup.plain(str(tag.get("label") or tag.get("term") or ""))
        if name:
            return name
    return None


def _author(entry: Entry) -> str | None:
    names: list[str] = []
    for author in [*(entry.get("authors") or []), {"name": entry.get("author")}]:
        name = markup.plain(str(author.get("name") or ""))
        name = re.sub(r"^\S+@\S+\s*\((.+)\)$", r"\1", name)
        if name and "@" not in name and name not in names and name not in ", ".join(names):
            names.append(name)
    return ", ".join(names) or None


def _image(entry: Entry, base: str) -> str | None:
    """Give an item's image, of whatever shape: media, enclosure, image, the first in the text."""
    found: list[str] = []
    media: list[Entry] = entry.get("media_content") or []
    found.extend(str(content.get("url") or "") for content in media if _is_image(content))
    found.extend(
        str(link.get("href") or "")
        for link in entry.get("links") or []
        if link.get("rel") == "enclosure" and _is_image(link)
    )
    found.extend(str(thumb.get("url") or "") for thumb in entry.get("media_thumbnail") or [])
    found.append(str((entry.get("image") or {}).get("href") or ""))
    href = str(entry.get("href") or "")
    if re.search(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|\?)", href, re.IGNORECASE):
        found.append(href)
    values = [str(content.get("value") or "") for content in entry.get("content") or []]
    for value in [*values, str(entry.get("summary") or "")]:
        for image in _IMG.findall(value):
            match = None if _PIXEL.search(image) else _IMG_ADDRESS.search(image)
            if match:
                found.append(match[1].replace("&amp;", "&"))
    for candidate in found:
        address = links.absolute(candidate, base) if candidate else None
        if address:
            return address
    return None


def _is_image(media: Entry) -> bool:
    kind = str(media.get("type") or media.get("medium") or "")
    if kind:
        return kind.startswith("image")
    address = str(media.get("url") or media.get("href") or "")
    return not re.search(r"\.(?:mp[34]|m4[av]|webm|ogg|pdf)(?:$|\?)", address, re.IGNORECASE)


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
