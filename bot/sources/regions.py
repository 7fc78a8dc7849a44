"""Where on a page the article is, and where it is not. No I/O here.

A page's own title is the anchor: what lies in a box of its own under a heading such as
``Oxşar xəbərlər`` is never the article, whatever its class is called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import links
from bot.az.titles import clean_title
from bot.models import Related
from bot.sources import markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sources.markup import Element

_THINGS = r"(?:xəbər|məqalə|yazı|mövzu|material|post|story|stories|news|article|posts|новост|стат)"
_SIMILAR = re.compile(
    rf"""^(?:(?:oxşar|bənzər|əlaqəli|əlaqədar|maraqlı)(?:\s+{_THINGS}\w*)?
    |mövzuya\s+(?:aid|dair)(?:\s+{_THINGS}\w*)?
    |(?:bunu|bunları|həmçinin|bunlar(?:ı)?\s+da)\s+(?:da\s+)?oxu\w*|oxumağa\s+dəyər
    |(?:related|similar)(?:\s+{_THINGS}\w*)?|read\s+(?:also|more)|you\s+may\s+also\s+like
    |похожие(?:\s+{_THINGS}\w*)?|по\s+теме|читайте\s+также)\s*[:»›>]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_OTHER = re.compile(
    rf"""^(?:(?:digər|son|ən\s+son|ən\s+yeni|ən\s+çox\s+oxunan\w*|çox\s+oxunan\w*|populyar
    |seçilmiş|günün|gündəm|xəbər\s+lenti|lent|rəylər|şərhlər|latest|popular|trending|most\s+read
    |последние|популярное|комментарии)(?:\s+{_THINGS}\w*)?)\s*[:»›>]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_SIMILAR_TOKENS = frozenset(
    {"related", "similar", "oxsar", "benzer", "elaqeli", "recommended", "recommendations"}
)
_JUNK_TOKENS = frozenset(
    {
        "share",
        "sharing",
        "shares",
        "social",
        "socials",
        "sharedaddy",
        "sharethis",
        "addtoany",
        "tags",
        "taglist",
        "tagcloud",
        "hashtags",
        "breadcrumb",
        "breadcrumbs",
        "ads",
        "adv",
        "advert",
        "rec",
        "reklam",
        "advertisement",
        "adsbygoogle",
        "banner",
        "banners",
        "promo",
        "newsletter",
        "subscribe",
        "comments",
        "disqus",
        "caption",
        "popup",
        "modal",
        "cookie",
        "cookies",
        "pagination",
        "sidebar",
        "yandex",
        "rating",
        "paywall",
        "toc",
        "paylas",
        "paylash",
        "teqler",
        "tegler",
        "etiketler",
        "sozler",
        "serhler",
    }
)
_BIOGRAPHY_TOKENS = frozenset({"about", "box", "bio", "biography", "card", "info"})
_JUNK_TAGS = frozenset({"nav", "footer", "aside", "form"})
_DATED = re.compile(r"^[\d.:/|, -]{4,}|[\d.:/|, -]{6,}$")
_ROOTS = frozenset({"html", "body", "main", "article"})
_HEADING_CHARS = 60
_TITLE_CHARS = 12
_LONGEST_TITLE = 300
_NOT_A_TITLE = _JUNK_TAGS | {"a", "head", "li"}
_RELATED_MAX = 50
_OWN_CHARS = 400
_PARAGRAPH_CHARS = 80
_SIGNATURE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Regions:
    """A page divided: ``title`` is its heading, ``outside`` what is not the article."""

    title: Element | None
    outside: frozenset[Element]
    related: tuple[Related, ...]


def divide(
    root: Element, *, titles: Iterable[str], title: Element | None, url: str | None
) -> Regions:
    """Give a page's regions; ``titles`` are what its head calls it, ``title`` a known heading."""
    heading = title if title is not None else find_title(root, titles)
    above = frozenset(heading.iterancestors()) if heading is not None else frozenset()
    similar: list[Element] = []
    outside: set[Element] = set()
    for node in _labels(root):
        if node is heading or node in above:
            continue
        text = markup.short_text(node, _HEADING_CHARS)
        is_similar = _SIMILAR.match(text) is not None
        if is_similar or _OTHER.match(text):
            zone = _zone(node, above)
            outside.update(zone)
            if is_similar:
                similar.extend(zone)
    size = len(markup.inner_text(root))
    for node in root.iter("*"):
        if node in above or node.tag in _ROOTS or node is heading:
            continue
        words = markup.tokens(node)
        if words & _SIMILAR_TOKENS and _link_share(node) > 0.5:  # noqa: PLR2004
            similar.append(node)
            outside.add(node)
        elif (node.tag in _JUNK_TAGS and not _is_signature(node)) or (
            (words & _JUNK_TOKENS or _is_biography(node, words))
            and len(markup.inner_text(node)) * 2 < size
        ):
            outside.add(node)
    related = _related(similar, url=url)
    return Regions(heading, frozenset(outside), related)


def _is_biography(node: Element, words: frozenset[str]) -> bool:
    """Tell a box about the author from the line that names them."""
    named = "author" in words and not words.isdisjoint(_BIOGRAPHY_TOKENS)
    return named and not markup.short_text(node, _SIGNATURE_CHARS)


def _is_signature(node: Element) -> bool:
    """Tell an article's own short footer (``Mənbə: X``, a name) from a page's."""
    within = any(parent.tag == "article" for parent in node.iterancestors())
    return node.tag == "footer" and within and bool(markup.short_text(node, _SIGNATURE_CHARS))


def find_title(root: Element, titles: Iterable[str]) -> Element | None:
    """Give the heading that is the page's title: as the head calls it, else the only likely one."""
    wanted = [_comparable(text) for text in titles if len(text) >= _TITLE_CHARS]
    headings = [node for tag in ("h1", "h2", "h3") for node in root.iter(tag)]
    headings = [node for node in headings if not _in(node, _JUNK_TAGS)]
    for node in headings:
        shown = markup.inner_text(node)
        for text in {_comparable(shown), _comparable(clean_title(shown))}:
            if len(text) >= _TITLE_CHARS and any(title.startswith(text) for title in wanted):
                return node
    for node in root.iter("div", "p", "span", "strong", "b", "td", "font"):
        text = markup.short_text(node, _LONGEST_TITLE) if not len(node) else ""
        if text and _comparable(text) in wanted and not _in(node, _NOT_A_TITLE):
            return node
    for node in headings:
        if node.tag == "h1" and len(markup.inner_text(node)) >= _TITLE_CHARS:
            return node
    return None


def _comparable(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _labels(root: Element) -> Iterator[Element]:
    """Give the elements that may head a box: short, with text, not within a long one."""
    for tag in (*markup.HEADINGS, "div", "span", "p", "strong", "b", "a", "header", "dt", "legend"):
        for node in root.iter(tag):
            if len(node) <= 3 and markup.short_text(node, _HEADING_CHARS):  # noqa: PLR2004
                yield node


def _zone(label: Element, above: frozenset[Element]) -> list[Element]:
    """Give the box that a label heads: its highest parent without the article, or what follows."""
    node = label
    while True:
        parent = node.getparent()
        if parent is None or parent in above or parent.tag in _ROOTS or _own_chars(parent):
            break
        if _follows_text(node):
            break
        node = parent
    inline = _follows_text(node)
    if next(node.iter("a"), None) is not None and (node is not label or label.tag != "a"):
        return [node]
    following: list[Element] = [node]
    for sibling in node.itersiblings():
        if not isinstance(sibling.tag, str):
            continue
        if _own_chars(sibling) or (sibling.tag in markup.HEADINGS and following[1:]):
            break
        if inline and _is_paragraph(sibling):
            break  # the box stands amid the text, which goes on
        following.append(sibling)
    return following


def _follows_text(node: Element) -> bool:
    """Tell whether paragraphs stand before an element in its parent: then that is no box of it."""
    return any(_is_paragraph(sibling) for sibling in node.itersiblings(preceding=True))


def _is_paragraph(node: Element) -> bool:
    """Tell a paragraph of running text from a card, which is a link or holds one."""
    if not isinstance(node.tag, str) or node.tag in markup.HEADINGS or node.tag == "a":
        return False
    linked = sum(len(markup.inner_text(link)) for link in node.iter("a"))
    total = len(markup.inner_text(node))
    return total - linked >= _PARAGRAPH_CHARS and linked * 2 < total and not _holds_card(node)


def _holds_card(node: Element) -> bool:
    return any(
        next(link.iter(*markup.HEADINGS, "img"), None) is not None
        or any(parent.tag in markup.HEADINGS for parent in link.iterancestors())
        for link in node.iter("a")
    )


def _own_chars(node: Element) -> bool:
    """Tell whether much text stands in an element outside its links."""
    total = len(markup.inner_text(node))
    linked = sum(len(markup.inner_text(link)) for link in node.iter("a"))
    return total - linked > _OWN_CHARS


def _link_share(node: Element) -> float:
    total = len(markup.inner_text(node))
    linked = sum(len(markup.inner_text(link)) for link in node.iter("a"))
    return linked / total if total else 0.0


def _in(node: Element, tags: frozenset[str]) -> bool:
    return any(parent.tag in tags for parent in node.iterancestors())


def _related(zones: Iterable[Element], *, url: str | None) -> tuple[Related, ...]:
    found: dict[str, Related] = {}
    own = links.identity(url) if url else ""
    for zone in zones:
        for link in zone.iter("a"):
            related = related_of(link, url)
            if related is not None and links.identity(related.url) != own:
                found.setdefault(links.identity(related.url), related)
    return tuple(found.values())[:_RELATED_MAX]


def related_of(link: Element, url: str | None) -> Related | None:
    """Give the story that a link names, by the heading in it, else its text or title."""
    address = links.clean(link.get("href") or "", url)
    if not links.is_absolute(address) or (url and not links.same_site(address, url)):
        return None
    title = link_title(link)
    return Related(title, address) if len(title) >= _TITLE_CHARS else None


def link_title(link: Element) -> str:
    """Give the title of the story that a link names.

    That is the heading in it, else the longest of its parts (beside it stand dates, counts
    and categories), else its own text without a date at either end.
    """
    heading = next((node for node in link.iter(*markup.HEADINGS)), None)
    if heading is not None and (text := markup.inner_text(heading)):
        return text
    parts = [markup.inner_text(node) for node in link.iterdescendants("*") if not len(node)]
    if not (link.text or "").strip() and any(parts):
        return max(parts, key=len)
    return _DATED.sub("", markup.inner_text(link)).strip() or markup.squeeze(
        link.get("title") or ""
    )
