"""One entry of a feed of any format -> an item: texts, title, credit, identities. No I/O here.

The formats (``feed``, ``jsonfeed``, ``wordpress``, ``sitemap``) find what an entry says; what
becomes of it is decided here, once for all of them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot import links
from bot.az import boilerplate, titles
from bot.az import credits as outlets
from bot.models import Article, Credit
from bot.sources import markup, mending
from bot.sources.facts import foreign, linked_outlet
from bot.sources.metadata import is_nobody
from bot.sources.reading import Item, is_cut, is_whole
from bot.sources.times import read_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.sources.reading import ReadContext

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
    r"\[caption\b[^][\n]*+\].{0,4000}?\[/caption\]|\[/?(?:embed|gallery|audio|video)\b[^][\n]*+\]",
    re.DOTALL | re.IGNORECASE,
)
_IMG = re.compile(r"<img\b[^<>]*+>", re.IGNORECASE)
_IMG_ADDRESS = re.compile(r"""\s(?:data-src|src)\s*=\s*["']([^"']+)""", re.IGNORECASE)
_PIXEL = re.compile(r"""\s(?:width|height)\s*=\s*["']?[01](?:px)?["'\s/>]""", re.IGNORECASE)
_MAILED = re.compile(r"^\S+@\S+\s*\((.+)\)$")
_OTHER_MEDIA = re.compile(r"\.(?:mp[34]|m4[av]|webm|ogg|pdf)(?:$|\?)", re.IGNORECASE)
_SUMMARY_CHARS = 500
_TITLE_CHARS = 4_000  # with tags and entities in it
_TEXT_CHARS = 400_000  # a book; with images written into it
_NAME_CHARS = 2_000
_PARAGRAPHS = 5_000
_VALUES = 50
_CLEARLY_LONGER = 1.5


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry says. ``address`` is whole and clean; ``base`` is for what is relative.

    ``contents`` and ``summary`` are HTML, ``paragraphs`` a text without markup. ``dates`` and
    ``images`` are candidates, the best first; the first that can be read counts.
    """

    address: str
    base: str | None = None
    title: str = ""
    contents: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    summary: str = ""
    dates: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    guids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a whole document: its title, and how often it names each guid."""

    title: str = ""
    guids: Counter[str] = field(default_factory=Counter)


def make_item(entry: Entry, *, site: Site, context: ReadContext) -> Item:
    """Give the item of an entry; its title is empty where nothing in it says one."""
    entry = _bounded(entry)
    address = entry.address
    source = context.source_of(address)
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
        credit = Credit(credit.name, _outlet_link(entry, credit.name))
    site_names = tuple(name for name in (source, site.title) if name)
    title = titles.clean_title(markup.plain(entry.title), site_names=site_names)
    text = _without_title(text, title)
    article = Article(
        url=address,
        title=title or titles.fallback_title(text or summary or ""),
        text=text,
        published=next(
            (
                at
                for value in entry.dates
                if (at := read_time(value, now=context.now, zone=context.zone)) is not None
            ),
            None,
        ),
        source=source,
        category=next((name for text in entry.categories if (name := markup.plain(text))), None),
        author=_author(entry.authors),
        credit=foreign(credit, source=source, url=address),
        image=_image(entry),
        summary=summary,
    )
    return Item(article, _keys(entry, site.guids), is_whole(text) and not cut)


def _bounded(entry: Entry) -> Entry:
    """Give an entry without what is too long to be what it should be."""
    return replace(
        entry,
        title=entry.title[:_TITLE_CHARS],
        contents=tuple(text[:_TEXT_CHARS] for text in entry.contents[:_VALUES]),
        paragraphs=tuple(text[:_TEXT_CHARS] for text in entry.paragraphs[:_PARAGRAPHS]),
        summary=entry.summary[:_TEXT_CHARS],
        dates=entry.dates[:_VALUES],
        categories=tuple(text[:_NAME_CHARS] for text in entry.categories[:_VALUES]),
        authors=tuple(text[:_NAME_CHARS] for text in entry.authors[:_VALUES]),
        images=tuple(text for text in entry.images[:_VALUES] if len(text) <= _NAME_CHARS),
        guids=tuple(text for text in entry.guids if len(text) <= _NAME_CHARS),
    )


def unique(items: Iterable[Item]) -> tuple[Item, ...]:
    """Give the items without those that stand twice, as they do in some documents."""
    found: dict[tuple[str, str], Item] = {}
    for item in items:
        found.setdefault((item.keys[0], item.article.title), item)
    return tuple(found.values())


def left_out(count: int) -> tuple[str, ...]:
    """Give the line that tells of entries without an address, or none."""
    if not count:
        return ()
    items = (
        "1 item without an address was" if count == 1 else f"{count} items without an address were"
    )
    return (f"{items} left out",)


def cut_off(*, cut: bool) -> tuple[str, ...]:
    """Give the line that tells of a document that ends inside an item, or none."""
    return ("the document is cut off: its last item was left out",) if cut else ()


def is_image(kind: str, address: str) -> bool:
    """Tell whether a medium is an image, by its declared type, else by its address."""
    if kind:
        return kind.strip().lower().startswith("image")
    return not _OTHER_MEDIA.search(address)


def _keys(entry: Entry, guids: Counter[str]) -> tuple[str, ...]:
    """Give the identities: the link, and the guids that name this item alone.

    A guid that is the beginning of the link (the same on every item of some feeds) would
    join different articles as soon as a feed holds one item only; so would the site's front
    page, with another scheme or ``www.`` too.
    """
    keys = [links.identity(entry.address)]
    for guid in entry.guids:
        key = f"guid:{links.site(entry.address)}:{guid}"
        alone = guids[guid] <= 1 and not entry.address.startswith(guid) and not links.is_front(guid)
        if alone and key not in keys:
            keys.append(key)
    return tuple(keys)


def _texts(entry: Entry) -> tuple[list[str], str | None]:
    """Give the paragraphs of the longest text an entry has, and its description as a line."""
    read = [_tidy(markup.html_paragraphs(_SHORTCODE.sub("", value))) for value in entry.contents]
    read.append(list(entry.paragraphs))
    described = _tidy(markup.html_paragraphs(_SHORTCODE.sub("", entry.summary)))
    body = max(read, key=_size)
    if _size(described) > _CLEARLY_LONGER * _size(body):
        body = described
    summary = _READ_ON.sub("", " ".join(described))
    return body, summary if 0 < len(summary) <= _SUMMARY_CHARS else None


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


def _outlet_link(entry: Entry, name: str) -> str | None:
    """Give the address under which an entry's text links the outlet that it credits."""
    for value in (*entry.contents, entry.summary):
        root = markup.parse(value) if "<a" in value else None
        if root is None:
            continue
        found = linked_outlet(root.iter("a"), name, base=entry.address, url=entry.address)
        if found:
            return found
    return None


def _author(authors: tuple[str, ...]) -> str | None:
    names: list[str] = []
    for author in authors:
        name = _MAILED.sub(r"\1", markup.plain(author))
        if name and "@" not in name and name not in names and not is_nobody(name):
            names.append(name)
    return ", ".join(names) or None


def _image(entry: Entry) -> str | None:
    """Give an entry's image: the first of those it names, else the first in its text."""
    found = list(entry.images)
    for value in (*entry.contents, entry.summary):
        for image in _IMG.findall(value):
            match = None if _PIXEL.search(image) else _IMG_ADDRESS.search(image)
            if match:
                found.append(match[1])
    for candidate in found:
        address = links.absolute(mending.plain_address(candidate), entry.base or entry.address)
        if address:
            return address
    return None
