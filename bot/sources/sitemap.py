"""Sitemaps and their indexes to addresses, those of news to articles. No I/O here.

https://www.sitemaps.org/protocol.html, with Google's extensions for news and images. What an
entry means is told by namespace or prefix, since many sites forget to declare one of both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from lxml import etree  # type: ignore[import-untyped]

from bot import links
from bot.errors import ParseError
from bot.sources import markup, mending
from bot.sources.entry import Entry, Site, cut_off, left_out, make_item, unique
from bot.sources.reading import Item, Kind, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sources.reading import ReadContext

Node: TypeAlias = Any  # lxml.etree._Element; lxml has no types

MAX_ENTRIES = 2_000
MAX_CHILDREN = 5_000
_ROOT = re.compile(r"<(?:[\w.-]+:)?(urlset|sitemapindex)\b", re.IGNORECASE)
_EMPTY = re.compile(r"/>|</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>", re.IGNORECASE)
_HEAD_CHARS = 65_536
_PREFIX = re.compile(r"[{:}]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBERS = re.compile(r"\d+")
# What plugins call the children that hold no articles.
_ASIDE = re.compile(
    r"categor|tag|author|user|image|video|page|taxonom|product|attachment|media|static|archive"
    r"|section|topic|kateqoriya|muellif",
    re.IGNORECASE,
)
_NEWS = re.compile(r"news|xeber|xəbər|novosti", re.IGNORECASE)
_POSTS = re.compile(r"post|article|meqale|material|story|stories", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Place:
    """A ``url`` or ``sitemap`` element: where it leads, and when that last changed."""

    node: Node
    address: str
    changed: str


def looks_like_sitemap(text: str) -> bool:
    """Tell whether a text is a sitemap or an index of them, by its first element."""
    return _ROOT.search(text[:_HEAD_CHARS]) is not None


def looks_like_list(text: str) -> bool:
    """Tell whether a text is a sitemap of the plainest kind: an address a line."""
    lines = text[:_HEAD_CHARS].split()
    lines = lines[:-1] if len(text) > _HEAD_CHARS else lines
    return bool(lines) and all(map(links.is_absolute, lines))


def read_list(text: str, *, context: ReadContext) -> Reading:
    """Give the addresses of a sitemap that is plain text, without titles."""
    site = Site()
    entries = [
        Entry(address=links.clean(line))
        for line in _outermost(text.split())
        if links.is_absolute(line) and not links.is_front(line)
    ]
    items = unique(
        make_item(entry, site=site, context=context) for entry in context.budget.within(entries)
    )
    return Reading(kind=Kind.SITEMAP, items=items)


def read_sitemap(text: str, *, url: str | None, context: ReadContext) -> Reading:
    """Give the articles of a sitemap in its order, or the children of an index.

    An entry of news has a title; the others are items without one. Of more than
    ``MAX_ENTRIES`` those that changed last are given.
    """
    begin = _ROOT.search(text)
    whole, cut = mending.whole_part(
        text[begin.start() :] if begin else "", root="urlset|sitemapindex", part="url|sitemap"
    )
    root = _parse(whole)
    if begin is None or root is None or not (len(root) or _EMPTY.search(whole)):
        raise ParseError("a damaged sitemap: nothing could be read from it")
    if begin[1].lower() == "sitemapindex":
        places, homeless = _places(root, "sitemap", url)
        ordered = sorted(places[-MAX_CHILDREN:], key=_promise, reverse=True)
        children = tuple(dict.fromkeys(place.address for place in ordered))
        return Reading(kind=Kind.INDEX, children=children, problems=left_out(homeless))
    places, homeless = _places(root, "url", url)
    items = (_item(place, context) for place in context.budget.within(_newest(places)))
    problems = (*left_out(homeless), *cut_off(cut=cut))
    return Reading(kind=Kind.SITEMAP, items=unique(items), problems=problems)


def _parse(text: str) -> Node | None:
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(mending.known_references(text).encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        if "alloc" in str(error):
            raise MemoryError from None
        return None


def _local(node: Node) -> str:
    """Give an element's name without its namespace or prefix."""
    return _PREFIX.split(node.tag)[-1].lower() if isinstance(node.tag, str) else ""


def _belongs(node: Node, extension: str) -> bool:
    """Tell whether an element is of an extension (``news``, ``image``), however declared."""
    tag = str(node.tag)
    space, _, local = tag.rpartition("}")
    named = (node.prefix or local.rpartition(":")[0]).lower()
    return named == extension or f"sitemap-{extension}/" in f"{space.lower()}/"


def _text(node: Node) -> str:
    return "".join(node.itertext("*")).strip() if len(node) else (node.text or "").strip()


def _places(root: Node, name: str, url: str | None) -> tuple[list[_Place], int]:
    """Give the elements of a name with their addresses, and how many have none."""
    found: list[_Place] = []
    homeless = 0
    for node in root.iter("*"):
        if _local(node) != name or _belongs(node, "image") or _belongs(node, "video"):
            continue
        said: dict[str, str] = {}
        for child in node.iterchildren("*"):
            if not _belongs(child, "image") and not _belongs(child, "video"):
                said.setdefault(_local(child), _text(child))
        address = links.clean(mending.plain_address(said.get("loc", "")), url)
        if not links.is_absolute(address):
            homeless += 1
        elif not links.is_front(address) or node.find("{*}news") is not None:
            found.append(_Place(node, address, said.get("lastmod", "")))
    return found, homeless


def _newest(places: list[_Place]) -> list[_Place]:
    """Give those that changed last in their order, if there are more than can be read.

    Without dates the newest stand at one of both ends.
    """
    if len(places) <= MAX_ENTRIES:
        return places
    if not any(_DAY.match(place.changed) for place in places):
        return _outermost(places)
    order = sorted(range(len(places)), key=lambda at: places[at].changed, reverse=True)
    return [places[at] for at in sorted(order[:MAX_ENTRIES])]


def _outermost(found: list[Any]) -> list[Any]:
    half = MAX_ENTRIES // 2
    return found if len(found) <= MAX_ENTRIES else [*found[:half], *found[-half:]]


def _item(place: _Place, context: ReadContext) -> Item:
    news = _extension(place.node, "news")
    images = [
        _text(node)
        for node in place.node.iterdescendants("*")
        if _local(node) == "loc" and _belongs(node, "image")
    ]
    site = Site(title=markup.plain(news.get("name", "")))
    entry = Entry(
        address=place.address,
        title=news.get("title", ""),
        dates=(news.get("publication_date", ""), place.changed),
        images=tuple(images),
    )
    return make_item(entry, site=site, context=context)


def _extension(node: Node, name: str) -> dict[str, str]:
    """Give what an entry says in an extension, the first of each element."""
    said: dict[str, str] = {}
    for inner in node.iterdescendants("*"):
        if _belongs(inner, name):
            said.setdefault(_local(inner), _text(inner))
    return said


def _promise(place: _Place) -> tuple[bool, bool, bool, str, tuple[int, ...]]:
    """Say how likely a child holds the newest articles; its name counts, then its date."""
    name = place.address.rpartition("//")[2].partition("/")[2]
    bare = re.sub(r"sitemaps?", "", name.partition("?")[0], flags=re.IGNORECASE)
    posts, news = bool(_POSTS.search(bare)), bool(_NEWS.search(bare))
    aside = bool(_ASIDE.search(bare)) and not posts and not news
    day = _DAY.match(place.changed)
    numbers: Iterable[str] = _NUMBERS.findall(name)
    return (not aside, news, posts, place.changed if day else "", tuple(map(int, _few(numbers))))


def _few(numbers: Iterable[str]) -> Iterator[str]:
    """Give numbers that are short enough to be a date or a count."""
    return (number for number in numbers if len(number) <= 18)  # noqa: PLR2004 - an int64
