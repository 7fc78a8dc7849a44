"""What stands round an article's title: date, category, author, credit, image. No I/O here.

A profile's selectors come first, then microdata and usual names, then a guess from what
stands between the title and the first paragraph. Nothing within a link to another story or
outside the article counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import links
from bot.az import fold
from bot.models import Credit
from bot.sources import markup
from bot.sources.datelines import apart, with_time
from bot.sources.metadata import is_nobody
from bot.sources.pictures import pictures
from bot.sources.select import select
from bot.sources.surroundings import SHORT_CHARS, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sources.markup import Element

_STATED_DATE = (
    '[itemprop~="datePublished"], [property~="datePublished"], [property~="schema:datePublished"]'
)
_DATE_TOKENS = frozenset({"date", "time", "datetime", "tarix", "published", "posted", "timestamp"})
_CATEGORY_TOKENS = frozenset(
    {"category", "kateqoriya", "rubric", "rubrika", "cat", "section", "bolme"}
)
_CRUMB_TOKENS = frozenset({"breadcrumb", "breadcrumbs", "crumbs", "crumb"})
_TOP = re.compile(
    r"əsas|baş səhifə|xəbərlər|ana səhifə|home|news|главная|новости|[a-z]{2}", re.IGNORECASE
)
_AUTHOR_TOKENS = frozenset({"author", "muellif", "avtor", "byline", "reporter", "writer"})
_AUTHOR_LABEL = re.compile(
    r"^(?:müəllif|yazdı|yazan|hazırladı|author|by|автор)\s*[:\-–]?\s+", re.IGNORECASE
)
_PERSON = re.compile(r"^[A-ZƏÖÜÇŞĞİ][\w'’.-]+(?:\s+[A-ZƏÖÜÇŞĞİ][\w'’.-]*){1,3}$")
_SECTION = re.compile(
    r"^(?!(?:ana səhifə|əsas|paylaş|linki kopyala|foto|video|çap|geri|məqalə|xəbər"
    r"|bu gün|dünən|сегодня|вчера|today|yesterday)\w*$)"
    r"[^\W\d_][^\d.:;!?@#]{1,38}[^\W\d_]$",
    re.IGNORECASE,
)
_CREDIT_LABEL = re.compile(r"^(?:mənbə|qaynaq|source|источник)\b", re.IGNORECASE)
_CREDIT_TAGS = (
    *("p", "div", "span", "li", "strong", "em", "b", "i", "h4", "h5", "h6", "footer"),
    *("dl", "ul", "tr", "section"),
)
_NAME_CHARS = 80


class Facts(Surroundings):
    """Looks at one page for what its readers are told beside the text."""

    def dates(self) -> Iterator[str]:
        """Give the texts that may be the article's date, the likeliest first."""
        for node in self._date_nodes():
            if not self.inside(node) or self.in_other_card(node):
                continue
            for text in (
                node.get("datetime"),
                node.get("content"),
                with_time(node),
                apart(node),
                markup.inner_text(node),
            ):
                if text and re.search(r"\d|gün|dünən|saat", text) and len(text) <= SHORT_CHARS:
                    self.take(node)
                    yield text.strip()
        for node in self.near():
            if self.in_other_card(node):
                continue
            text = markup.short_text(node, SHORT_CHARS) and (
                apart(node) or markup.short_text(node, SHORT_CHARS)
            )
            linked = [markup.inner_text(link) for link in node.iter("a")]
            if re.search(r"\d", text) and text not in linked:
                yield text
                yield from (part for part in re.split(r"[|•·]", text) if part.strip() not in linked)

    def _date_nodes(self) -> Iterator[Element]:
        yield from select(self.root, self.rules.date)
        yield from self.root.cssselect(_STATED_DATE)
        yield from self.root.iter("time")
        yield from self.named(_DATE_TOKENS)

    def category(self, *, url: str, stated: str | None, date_text: str) -> str | None:
        """Give the first category: the profile's, the stated, the named, the address's own.

        ``date_text`` is where the date was read: a category may stand beside it.
        """
        for node in select(self.root, self.rules.category):
            if self.inside(node) and (text := self._category_text(node)):
                return text
        if stated:
            return stated
        for node in [
            *self.root.cssselect('[itemprop~="articleSection"], [rel~="category"]'),
            *self.named(_CATEGORY_TOKENS),
        ]:
            if self.inside(node) and (text := self._category_text(node)):
                return text
        return (
            self._category_by_address(url, inside=True)
            or self._category_beside(date_text)
            or self._category_by_address(url, inside=False)
            or self._category_by_crumbs()
        )

    def _category_by_crumbs(self) -> str | None:
        """Give the last section on the path of links that leads from the front page to the title.

        A path that names nothing but ``Xəbərlər`` says nothing.
        """
        for node in self.root.iter("*"):
            if markup.tokens(node).isdisjoint(_CRUMB_TOKENS):
                continue
            for link in reversed(list(node.iter("a"))):
                address = links.absolute(link.get("href") or "", self.base)
                text = markup.short_text(link, SHORT_CHARS)
                own = self.title is not None and text == markup.inner_text(self.title)
                if address and not links.is_front(address) and _SECTION.match(text) and not own:
                    return text if not _TOP.fullmatch(text) else None
        return None

    def _category_text(self, node: Element) -> str:
        first = next(node.iter("a"), node)
        text = markup.short_text(first, SHORT_CHARS).strip(" #/|•»>")
        if text:
            self.take(node)
        return text

    def _pieces(self) -> list[tuple[Element, str]]:
        """Give what stands between title and text, a line such as ``İKT | Ad Soyad`` in parts."""
        leaves = [node for node in self.near() if not len(node)]
        return [
            (node, piece)
            for node in leaves
            for part in re.split(r"[|•·]|\s/\s", markup.inner_text(node))
            if (piece := part.strip())
        ]

    def _category_beside(self, date_text: str) -> str | None:
        """Give the name that stands right before the date, or else right above the title.

        What looks like a person counts only where another such name is left for the author.
        """
        pieces = self._pieces()
        dated = [
            at
            for at, (_, piece) in enumerate(pieces)
            if date_text and re.search(r"\d", piece) and (date_text in piece or piece in date_text)
        ]
        if not dated or self.title is None:
            return None
        above = self.title.getprevious()
        kicker = [] if above is None or len(above) else [(above, markup.inner_text(above))]
        before = pieces[dated[0] - 1 : dated[0]] if dated[0] else kicker
        for node, text in before:
            others = [piece for _, piece in pieces if piece != text and _PERSON.match(piece)]
            is_name = bool(_PERSON.match(text)) and not others
            person = is_name or is_nobody(text) or _AUTHOR_LABEL.match(text)
            if _SECTION.match(text) and not person:
                self.take(node)
                self.lines.add(text)
                return text
        return None

    def _category_by_address(self, url: str, *, inside: bool) -> str | None:
        """Give the text of a link to the folder that the page is in, by the title or anywhere."""
        folder = urlsplit(url).path.strip("/").rpartition("/")[0]
        name = folder.rpartition("/")[2]
        for link in self.root.iter("a") if folder else ():
            href = (link.get("href") or "").strip()
            path = href.partition("#")[0].partition("?")[0].rstrip("/").replace(" ", "%20")
            if not path.endswith((name, ".")):
                continue  # making each of a page's links absolute takes longer than parsing it
            address = links.absolute(href, self.base)
            if address and urlsplit(address).path.strip("/") == folder:
                text = markup.short_text(link, SHORT_CHARS)
                if inside and not (self.inside(link) and self._beside_title(link)):
                    continue
                if text and links.same_site(address, self.base):
                    return text
        return None

    def _beside_title(self, link: Element) -> bool:
        """Tell whether a link stands in the title's box or right after the title."""
        if self.title is None or link in self.title.iterdescendants():
            return False
        box = self.title.getparent()
        return link in self.near() or (box is not None and box in link.iterancestors())

    def authors(
        self, date_text: str, category: str | None, *, site_names: Iterable[str] = ()
    ) -> list[str]:
        """Give the authors' names, each once; a site is none."""
        sites = {_letters(name) for name in site_names}
        nodes = [
            *select(self.root, self.rules.author, all_of_first=True),
            *self.root.cssselect('[itemprop~="author"], [rel~="author"]'),
            *self.named(_AUTHOR_TOKENS),
        ]
        names: dict[str, None] = {}
        for node in nodes:
            if self.inside(node) and (text := markup.short_text(node, SHORT_CHARS)):
                self.take(node)
                name = _AUTHOR_LABEL.sub("", text).strip(" ,|•/")
                known = not name or is_nobody(name) or _contained(name, names)
                if not known and not re.search(r"\d{2}", name):
                    names[name] = None
        if not names:
            names.update(dict.fromkeys(self._author_beside(date_text, category)))
        return [name for name in names if _letters(name) not in sites]

    def _author_beside(self, date_text: str, category: str | None) -> Iterator[str]:
        """Give the name that stands with the date between the title and the text."""
        near = [(node, markup.short_text(node, SHORT_CHARS)) for node in self.near()]
        near += [(node, piece) for node, piece in self._pieces() if piece not in self.lines]
        if not date_text or not any(
            date_text in text or date_text in apart(node) for node, text in near
        ):
            return
        for node, text in near:
            labelled = _AUTHOR_LABEL.match(text)
            name = _AUTHOR_LABEL.sub("", text)
            plain = node.tag not in {"a", "button"} and not len(node) and text not in self.lines
            if (labelled or plain) and _PERSON.match(name) and name != category:
                self.take(node)
                yield name
                return

    def signature(self, paragraphs: list[str]) -> str | None:
        """Give the author's name where it stands alone under the text."""
        last = paragraphs[-1] if len(paragraphs) > 1 else ""
        return last if _PERSON.match(last) and len(last) <= SHORT_CHARS else None

    def credit(self, pattern: re.Pattern[str]) -> Credit | None:
        """Give the outlet of a ``Mənbə: X`` element, with the address that it links."""
        nodes = [*select(self.root, self.rules.credit)]
        for tag in _CREDIT_TAGS:
            nodes.extend(self.root.iter(tag))
        for node in nodes:
            text = markup.short_text(node, _NAME_CHARS)
            if not text or self.is_outside(node):
                continue
            match = pattern.match(text)
            linked = self._linked(node)
            if match or (linked and _CREDIT_LABEL.match(text)):
                self.taken.add(node)
                name = match["name"].strip(" .,;") if match else ""
                return linked or _named(name)
        return None

    def _linked(self, node: Element) -> Credit | None:
        """Give the outlet that an element links."""
        for link in node.iter("a"):
            address = links.absolute(link.get("href") or "", self.base)
            text = markup.inner_text(link)
            if address and text:
                return _named(text, address)
        return None

    def outlet_link(self, name: str, url: str) -> str | None:
        """Give the address under which the article links an outlet by its name."""
        inside = (link for link in self.root.iter("a") if not self.is_outside(link))
        return linked_outlet(inside, name, base=self.base, url=url)

    def image(self) -> str | None:
        """Give the article's first image."""
        for node in [*select(self.root, self.rules.image), *self.root.iter("img")]:
            if node.tag != "img" or self.is_outside(node) or self._in_card(node):
                continue
            if any(_is_home(parent) for parent in node.iterancestors("a")):
                continue
            for given in pictures(node):
                address = links.absolute(given, self.base)
                if address and not re.search(r"logo|icon|avatar|pixel|\.svg", address):
                    return address
        return None

    def _in_card(self, node: Element) -> bool:
        parents = [parent.tag for parent in node.iterancestors()]
        return "header" in parents and "article" not in parents

    def between(self, content: Element) -> list[Element]:
        """Give the text elements that stand after the title and before the content."""
        if self.title is None:
            return []
        inside = frozenset(content.iterdescendants())
        above = frozenset(content.iterancestors())
        found: list[Element] = []
        if self.title in inside:
            return found
        for node in self.title.xpath("following::*"):
            if node is content:
                return found
            if node in above or node.tag not in {"p", "h2", "h3", "h4", "h5", "div", "strong"}:
                continue
            nested = any(parent in found for parent in node.iterancestors())
            if not nested and self.inside(node) and not markup.short_text(node, SHORT_CHARS):
                found.append(node)
        return []


def _is_home(link: Element) -> bool:
    """Tell a link to a front page: what it shows is the site's banner."""
    return (
        re.fullmatch(r"(?:https?://[^/]+)?/?(?:index\.\w+)?", link.get("href") or "#") is not None
    )


def _named(name: str, url: str | None = None) -> Credit:
    """Give a credit; where only an address stands, its host is the name."""
    address = links.absolute(name)
    return Credit(links.host(address), url or address) if address else Credit(name, url)


def foreign(credit: Credit | None, *, source: str, url: str) -> Credit | None:
    """Give a credit unless it names the site itself: ``Mənbə: Misal`` on misal.az is none."""
    if credit is None:
        return None
    host = links.host(url)
    label = links.site(url).partition(".")[0]
    own = {_letters(name) for name in (source, host, links.site(url), label)}
    return None if _letters(credit.name) in own else credit


def _letters(name: str) -> str:
    return re.sub(r"\W", "", fold(name).removeprefix("www."))


def linked_outlet(found: Iterable[Element], name: str, *, base: str, url: str) -> str | None:
    """Give the address of the first link to another site that an outlet's name stands on."""
    wanted = fold(name)
    for link in found:
        address = links.absolute(link.get("href") or "", base)
        if not address or links.same_site(address, url):
            continue
        text = fold(markup.short_text(link, _NAME_CHARS))
        if text and (text.startswith(wanted) or wanted in links.host(address)):
            return address
    return None


def _contained(name: str, names: Iterable[str]) -> bool:
    return any(name in known for known in names)
