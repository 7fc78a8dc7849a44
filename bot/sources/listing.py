"""A listing page to items: cards that link stories of the site. No I/O here.

A profile names the cards; without one they are the largest groups of links that stand in
the same kind of place and have a story's title each.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from bot import links
from bot.az import titles
from bot.models import Article
from bot.sources import markup
from bot.sources.datelines import apart, with_time
from bot.sources.pictures import pictures
from bot.sources.profiles import ListingRules, Profile
from bot.sources.reading import Item
from bot.sources.regions import link_title
from bot.sources.select import select
from bot.sources.times import read_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.sources.markup import Element
    from bot.sources.reading import ReadContext

_TITLE_CHARS = 15
_TITLE_WORDS = 2
_TITLE_MAX = 300
_SHORT_CHARS = 60
_SUMMARY_CHARS = 40
_MIN_GROUP = 2
_PLACEHOLDER = re.compile(r"(?:lazy|loader|loading|placeholder|blank|spacer|pixel)[\w-]*\.\w+$")
_DATED_TAGS = ("span", "div", "p", "small", "i", "em", "li", "td", "dd", "b", "strong", "font")
_OUTSIDE = frozenset({"nav", "header", "footer", "form"})
_OUTSIDE_TOKENS = frozenset(
    {
        *("menu", "menyu", "nav", "navbar", "navigation", "footer", "breadcrumb", "breadcrumbs"),
        *("tags", "tagcloud", "teqler", "pagination", "pager", "cookie", "cookies"),
        *("reklam", "advert", "sponsored", "promo"),
    }
)
_CUT = re.compile(r"\s*(?:\.{2,}|…)$")
_NEXT = re.compile(
    r"\W*(?:növbəti|sonrakı|irəli|daha köhnə|köhnə yazılar|next|older|older posts|далее|следующая)"
    r"(?:\s+(?:səhifə|page|страница))?\W*",
    re.IGNORECASE,
)
_TITLES = ("h1", "h2", "h3", "h4", "h5", "[class*=title]", "[class*=headline]", "[class*=basliq]")
_DATES = ("time", "[class*=date]", "[class*=tarix]", "[class*=time]")
_CATEGORIES = (
    *("[class*=category]", "[class*=kateqoriya]", "[rel~=category]"),
    *("[class*=rubri]", ".cat", "[class*=-cat]"),
)


def read_listing(
    root: Element,
    *,
    base: str,
    profile: Profile | None,
    context: ReadContext,
    whole: bool = False,
) -> tuple[Item, ...]:
    """Give a listing's stories in its order, each once; none where it is no listing.

    With ``whole`` only links that are absolute in the document count.
    """
    if whole:
        for link in list(root.iter("a")):
            if links.absolute(link.get("href") or "") is None:
                link.attrib.pop("href", None)
    rules = profile.listing if profile else ListingRules()
    cards = [
        (card, link)
        for card in select(root, rules.card, all_of_first=True)
        if (link := _link_of(card, rules, base)) is not None
    ]
    if len(cards) < _MIN_GROUP:
        # A wrapper of the whole page may be called a menu: then its class says nothing.
        cards = _guessed(root, base, _OUTSIDE_TOKENS) or _guessed(root, base, frozenset())
    found: dict[str, Item] = {}
    for card, link in context.budget.within(cards):
        item = _read_card(card, link, rules, base, context)
        if item is not None:
            key = item.keys[0]
            known = found.get(key)
            if known is None or _fuller(item, known):
                found[key] = item
    return tuple(found.values())


def next_page(root: Element, *, base: str, profile: Profile | None) -> str | None:
    """Give the address of the listing's next page."""
    rules = profile.listing if profile else ListingRules()
    named = (link for link in root.iter("a") if _NEXT.fullmatch(_label(link)))
    stated = (*rules.next, 'link[rel~="next"]', 'a[rel~="next"]')
    for node in chain(select(root, stated), named):
        address = links.absolute(node.get("href") or "", base)
        if address and links.same_site(address, base) and not _is_here(address, base):
            return links.clean(address)
    return None


def _label(link: Element) -> str:
    return markup.short_text(link, _SHORT_CHARS) or link.get("aria-label") or ""


def _is_here(address: str, base: str) -> bool:
    """Tell a link that stays on its page (``#``, what a script follows)."""
    return address.partition("#")[0] == base.partition("#")[0]


def _fuller(item: Item, known: Item) -> bool:
    return known.article.published is None and item.article.published is not None


def _link_of(card: Element, rules: ListingRules, base: str) -> Element | None:
    candidates = [*select(card, rules.link), *([card] if card.tag == "a" else []), *card.iter("a")]
    best: Element | None = None
    for link in candidates:
        if _address(link, base):
            if best is None:
                best = link
            if len(markup.inner_text(link)) >= _TITLE_CHARS:
                return link
    return best


def _address(link: Element, base: str) -> str | None:
    href = link.get("href") or ""
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:")):
        return None
    address = links.clean(href, base)
    if not links.is_absolute(address) or not links.same_site(address, base):
        return None
    if links.is_front(address) or links.identity(address) == links.identity(base):
        return None
    return address


def _guessed(root: Element, base: str, outside: frozenset[str]) -> list[tuple[Element, Element]]:
    """Give the links that look like stories, with the largest box that holds no other story."""
    groups: dict[tuple[str, ...], list[Element]] = {}
    for link in root.iter("a"):
        if any(_is_outside(parent, outside) for parent in link.iterancestors()):
            continue
        if _address(link, base) and _is_title(_title_of(link, link, ListingRules())):
            groups.setdefault(_place(link), []).append(link)
    chosen = [link for group in groups.values() if len(group) >= _MIN_GROUP for link in group]
    keys = {link: links.identity(_address(link, base) or "") for link in chosen}
    return [(_card_of(link, keys), link) for link in _in_order(root, keys)]


def _is_outside(node: Element, outside: frozenset[str]) -> bool:
    """Tell a menu, a cloud of tags, a page's foot or an advertisement from a place of stories."""
    if node.tag in {"html", "body", "main"}:
        return False
    return node.tag in _OUTSIDE or not outside.isdisjoint(markup.tokens(node))


def _in_order(root: Element, wanted: dict[Element, str]) -> Iterator[Element]:
    return (link for link in root.iter("a") if link in wanted)


def _place(link: Element) -> tuple[str, ...]:
    """Give the kind of place a link stands in: tags and classes of itself and two parents."""
    place = [f"{link.tag}.{link.get('class') or ''}"]
    place.extend(
        f"{parent.tag}.{' '.join(sorted(markup.tokens(parent) - {'first', 'last'}))}"
        for parent in list(link.iterancestors())[:2]
    )
    return tuple(re.sub(r"\d+", "", part) for part in place)


def _card_of(link: Element, keys: dict[Element, str]) -> Element:
    own = keys[link]
    card = link
    for parent in link.iterancestors():
        if parent.tag in {"body", "main", "html"}:
            break
        if any(keys.get(other, own) != own for other in parent.iter("a")):
            break
        card = parent
    return card


def _is_title(text: str) -> bool:
    return _TITLE_CHARS <= len(text) <= _TITLE_MAX and text.count(" ") >= _TITLE_WORDS


def _title_of(card: Element, link: Element, rules: ListingRules) -> str:
    shown = next(
        (
            text
            for node in select(card, (*rules.title, *_TITLES))
            if (text := markup.inner_text(node))
        ),
        "",
    )
    title = shown or link_title(link)
    whole = markup.squeeze(link.get("title") or "")
    begun = _CUT.sub("", title)
    return whole if begun != title and whole.startswith(begun) else title


def _read_card(
    card: Element, link: Element, rules: ListingRules, base: str, context: ReadContext
) -> Item | None:
    address = _address(link, base)
    title = _title_of(card, link, rules)
    source = context.source_of(address or base)
    clean = titles.clean_title(title, site_names=(source,))
    if address is None or not clean:
        return None
    article = Article(
        url=address,
        title=clean,
        published=_published(card, rules, context),
        source=source,
        category=_short(card, (*rules.category, *_CATEGORIES)),
        image=_image(card, base),
        summary=_summary(card, rules, title),
    )
    return Item(article, (links.identity(address),), whole=False)


def _published(card: Element, rules: ListingRules, context: ReadContext) -> datetime | None:
    for node in select(card, (*rules.date, *_DATES)):
        shown = markup.short_text(node, _SHORT_CHARS)
        texts = (node.get("datetime"), with_time(node), shown and apart(node), shown)
        for text in texts:
            at = read_time(text, now=context.now, zone=context.zone)
            if at is not None:
                return at
    for node in card.iter(*_DATED_TAGS):
        text = markup.short_text(node, _SHORT_CHARS) if not len(node) else ""
        at = read_time(text, now=context.now, zone=context.zone) if text else None
        if at is not None:
            return read_time(with_time(node), now=context.now, zone=context.zone) or at
    return None


def _short(card: Element, selectors: tuple[str, ...]) -> str | None:
    for node in select(card, selectors):
        text = markup.short_text(node, _SHORT_CHARS)
        if text:
            return text
    return None


def _image(card: Element, base: str) -> str | None:
    for node in card.iter("img"):
        for given in pictures(node):
            address = links.absolute(given, base)
            if address and not _PLACEHOLDER.search(address):
                return address
    return None


def _summary(card: Element, rules: ListingRules, title: str) -> str | None:
    for node in select(card, (*rules.summary, "p")):
        text = markup.inner_text(node)
        if len(text) >= _SUMMARY_CHARS and text != title:
            return text
    return None
