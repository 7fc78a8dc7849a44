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
from bot.sources.metadata import is_nobody
from bot.sources.select import select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sources.markup import Element
    from bot.sources.profiles import PageRules

_STATED_DATE = (
    '[itemprop~="datePublished"], [property~="datePublished"], [property~="schema:datePublished"]'
)
_DATE_TOKENS = frozenset({"date", "time", "datetime", "tarix", "published", "posted", "timestamp"})
_CATEGORY_TOKENS = frozenset({"category", "kateqoriya", "rubric", "rubrika", "cat", "section"})
_AUTHOR_TOKENS = frozenset({"author", "muellif", "avtor", "byline", "reporter", "writer"})
_AUTHOR_LABEL = re.compile(
    r"^(?:müəllif|yazdı|yazan|hazırladı|author|by|автор)\s*[:\-–]?\s+", re.IGNORECASE
)
_PERSON = re.compile(r"^[A-ZƏÖÜÇŞĞİ][\w'’.-]+(?:\s+[A-ZƏÖÜÇŞĞİ][\w'’.-]*){1,3}$")
_SECTION = re.compile(
    r"^(?!(?:ana səhifə|əsas|paylaş|linki kopyala|foto|video|çap|geri|məqalə|xəbər)\w*$)"
    r"[^\W\d_][^\d.:;!?@#]{1,38}[^\W\d_]$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d:\d\d")
_CREDIT_LABEL = re.compile(r"^(?:mənbə|qaynaq|source|источник)\b", re.IGNORECASE)
_CREDIT_TAGS = (
    *("p", "div", "span", "li", "strong", "em", "b", "i", "h4", "h5", "h6", "footer"),
    *("dl", "ul", "tr", "section"),
)
_WIDTH = re.compile(r"(\d+(?:\.\d+)?)[wx]")
_SHORT_CHARS = 60
_NAME_CHARS = 80
_CARD_CHARS = 400
_CARD_TITLE_CHARS = 25


class Facts:
    """Looks at one page; ``elements`` collects what was taken, so that it is not read as text."""

    def __init__(
        self,
        root: Element,
        *,
        title: Element | None,
        outside: frozenset[Element],
        rules: PageRules,
        base: str,
    ) -> None:
        self._root = root
        self._title = title
        self._outside = outside
        self._rules = rules
        self._base = base
        self._taken: set[Element] = {title} if title is not None else set()
        self.lines: set[str] = set()

    @property
    def elements(self) -> frozenset[Element]:
        """The elements that hold facts and no text of the article."""
        return frozenset(self._taken)

    def _inside(self, node: Element) -> bool:
        """Tell whether a node is the article's: not outside it, not a part of another's card."""
        for parent in (node, *node.iterancestors()):
            if parent in self._outside or parent.tag in {"nav", "footer", "aside"}:
                return False
        if self._title is not None and self._title in node.iterdescendants():
            return False
        return not any(
            parent.tag == "a" and next(parent.iter(*markup.HEADINGS, "img"), None) is not None
            for parent in node.iterancestors()
        )

    def _take(self, node: Element) -> str:
        text = markup.inner_text(node)
        if len(text) <= _SHORT_CHARS:
            self._taken.add(node)
            self.lines.add(text)
        return text

    def _named(self, words: frozenset[str], *, inner: bool = True) -> Iterator[Element]:
        for node in self._root.iter("*"):
            if words & markup.tokens(node) and (not inner or markup.short_text(node, _SHORT_CHARS)):
                yield node

    def dates(self) -> Iterator[str]:
        """Give the texts that may be the article's date, the likeliest first."""
        for node in self._date_nodes():
            if not self._inside(node) or self._in_other_card(node):
                continue
            for text in (
                node.get("datetime"),
                node.get("content"),
                with_time(node),
                apart(node),
                markup.inner_text(node),
            ):
                if text and re.search(r"\d|gün|dünən|saat", text) and len(text) <= _SHORT_CHARS:
                    self._take(node)
                    yield text.strip()
        for node in self._near():
            if self._in_other_card(node):
                continue
            text = markup.short_text(node, _SHORT_CHARS) and (
                apart(node) or markup.short_text(node, _SHORT_CHARS)
            )
            linked = [markup.inner_text(link) for link in node.iter("a")]
            if re.search(r"\d", text) and text not in linked:
                yield text
                yield from (part for part in re.split(r"[|•·]", text) if part.strip() not in linked)

    def _in_other_card(self, node: Element) -> bool:
        """Tell whether a node stands in a small box that links another story by its title."""
        for parent in list(node.iterancestors())[:3]:
            if self._title is not None and self._title in parent.iterdescendants():
                return False
            if not markup.short_text(parent, _CARD_CHARS):
                return False
            for link in parent.iter("a"):
                address = links.absolute(link.get("href") or "", self._base)
                title = markup.inner_text(link)
                if (
                    address
                    and len(title) >= _CARD_TITLE_CHARS
                    and title.count(" ") > 1
                    and links.same_site(address, self._base)
                    and links.identity(address) != links.identity(self._base)
                ):
                    return True
        return False

    def _date_nodes(self) -> Iterator[Element]:
        yield from select(self._root, self._rules.date)
        yield from self._root.cssselect(_STATED_DATE)
        yield from self._root.iter("time")
        yield from self._named(_DATE_TOKENS)

    def _near(self) -> list[Element]:
        """Give the short elements that follow the title, up to the first paragraph."""
        found: list[Element] = []
        if self._title is None:
            return found
        for node in self._title.xpath("following::*")[:60]:
            text = markup.short_text(node, _LONG_CHARS) if isinstance(node.tag, str) else ""
            if not text and markup.inner_text(node) and not len(node):
                break
            if text and len(text) <= _SHORT_CHARS and self._inside(node):
                found.append(node)
        return found

    def category(self, *, url: str, stated: str | None, date_text: str) -> str | None:
        """Give the first category: the profile's, the stated, the named, the address's own.

        ``date_text`` is where the date was read: a category may stand beside it.
        """
        for node in select(self._root, self._rules.category):
            if self._inside(node) and (text := self._category_text(node)):
                return text
        if stated:
            return stated
        for node in [
            *self._root.cssselect('[itemprop~="articleSection"], [rel~="category"]'),
            *self._named(_CATEGORY_TOKENS),
        ]:
            if self._inside(node) and (text := self._category_text(node)):
                return text
        return (
            self._category_by_address(url, inside=True)
            or self._category_beside(date_text)
            or self._category_by_address(url, inside=False)
        )

    def _category_text(self, node: Element) -> str:
        first = next(node.iter("a"), node)
        text = markup.short_text(first, _SHORT_CHARS).strip(" #/|•»>")
        if text:
            self._take(node)
        return text

    def _pieces(self) -> list[tuple[Element, str]]:
        """Give what stands between title and text, a line such as ``İKT | Ad Soyad`` in parts."""
        leaves = [node for node in self._near() if not len(node)]
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
        if not dated or self._title is None:
            return None
        above = self._title.getprevious()
        kicker = [] if above is None or len(above) else [(above, markup.inner_text(above))]
        before = pieces[dated[0] - 1 : dated[0]] if dated[0] else kicker
        for node, text in before:
            others = [piece for _, piece in pieces if piece != text and _PERSON.match(piece)]
            is_name = bool(_PERSON.match(text)) and not others
            if _SECTION.match(text) and not is_name and not _AUTHOR_LABEL.match(text):
                self._take(node)
                self.lines.add(text)
                return text
        return None

    def _category_by_address(self, url: str, *, inside: bool) -> str | None:
        """Give the text of a link to the folder that the page is in, by the title or anywhere."""
        folder = urlsplit(url).path.strip("/").rpartition("/")[0]
        for link in self._root.iter("a") if folder else ():
            address = links.absolute(link.get("href") or "", self._base)
            if address and urlsplit(address).path.strip("/") == folder:
                text = markup.short_text(link, _SHORT_CHARS)
                if inside and not (self._inside(link) and self._beside_title(link)):
                    continue
                if text and links.same_site(address, self._base):
                    return text
        return None

    def _beside_title(self, link: Element) -> bool:
        """Tell whether a link stands in the title's box or right after the title."""
        if self._title is None or link in self._title.iterdescendants():
            return False
        box = self._title.getparent()
        return link in self._near() or (box is not None and box in link.iterancestors())

    def authors(self, date_text: str, category: str | None) -> list[str]:
        """Give the authors' names, each once."""
        nodes = [
            *select(self._root, self._rules.author, all_of_first=True),
            *self._root.cssselect('[itemprop~="author"], [rel~="author"]'),
            *self._named(_AUTHOR_TOKENS),
        ]
        names: dict[str, None] = {}
        for node in nodes:
            if self._inside(node) and (text := markup.short_text(node, _SHORT_CHARS)):
                self._take(node)
                name = _AUTHOR_LABEL.sub("", text).strip(" ,|•/")
                known = not name or is_nobody(name) or _contained(name, names)
                if not known and not re.search(r"\d{2}", name):
                    names[name] = None
        if not names:
            names.update(dict.fromkeys(self._author_beside(date_text, category)))
        return list(names)

    def _author_beside(self, date_text: str, category: str | None) -> Iterator[str]:
        """Give the name that stands with the date between the title and the text."""
        near = [(node, markup.short_text(node, _SHORT_CHARS)) for node in self._near()]
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
                self._take(node)
                yield name
                return

    def signature(self, paragraphs: list[str]) -> str | None:
        """Give the author's name where it stands alone under the text."""
        last = paragraphs[-1] if len(paragraphs) > 1 else ""
        return last if _PERSON.match(last) and len(last) <= _SHORT_CHARS else None

    def credit(self, pattern: re.Pattern[str]) -> Credit | None:
        """Give the outlet of a ``Mənbə: X`` element, with the address that it links."""
        nodes = [*select(self._root, self._rules.credit)]
        for tag in _CREDIT_TAGS:
            nodes.extend(self._root.iter(tag))
        for node in nodes:
            text = markup.short_text(node, _NAME_CHARS)
            if not text or self._outside_article(node):
                continue
            match = pattern.match(text)
            linked = self._linked(node)
            if match or (linked and _CREDIT_LABEL.match(text)):
                self._taken.add(node)
                name = match["name"].strip(" .,;") if match else ""
                return linked or _named(name)
        return None

    def _linked(self, node: Element) -> Credit | None:
        """Give the outlet that an element links."""
        for link in node.iter("a"):
            address = links.absolute(link.get("href") or "", self._base)
            text = markup.inner_text(link)
            if address and text:
                return _named(text, address)
        return None

    def _outside_article(self, node: Element) -> bool:
        return any(parent in self._outside for parent in (node, *node.iterancestors()))

    def outlet_link(self, name: str, url: str) -> str | None:
        """Give the address under which the article links an outlet by its name."""
        inside = (link for link in self._root.iter("a") if not self._outside_article(link))
        return linked_outlet(inside, name, base=self._base, url=url)

    def image(self) -> str | None:
        """Give the article's first image."""
        for node in [*select(self._root, self._rules.image), *self._root.iter("img")]:
            if node.tag != "img" or self._outside_article(node) or self._in_card(node):
                continue
            for given in _pictures(node):
                address = links.absolute(given, self._base)
                if address and not re.search(r"logo|icon|avatar|pixel|\.svg", address):
                    return address
        return None

    def _in_card(self, node: Element) -> bool:
        parents = [parent.tag for parent in node.iterancestors()]
        return "header" in parents and "article" not in parents

    def between(self, content: Element) -> list[Element]:
        """Give the text elements that stand after the title and before the content."""
        if self._title is None:
            return []
        inside = frozenset(content.iterdescendants())
        above = frozenset(content.iterancestors())
        found: list[Element] = []
        if self._title in inside:
            return found
        for node in self._title.xpath("following::*"):
            if node is content:
                return found
            if node in above or node.tag not in {"p", "h2", "h3", "h4", "h5", "div", "strong"}:
                continue
            nested = any(parent in found for parent in node.iterancestors())
            if not nested and self._inside(node) and not markup.short_text(node, _SHORT_CHARS):
                found.append(node)
        return []


def _pictures(node: Element) -> Iterator[str]:
    """Give an image's addresses, what a script would load and the largest of a set first."""
    for attribute in ("data-src", "data-lazy-src", "data-original"):
        yield node.get(attribute) or ""
    for attribute in ("data-srcset", "srcset"):
        offered = [part.split() for part in (node.get(attribute) or "").split(", ") if part.split()]
        widths = [(float(m[1]) if (m := _WIDTH.fullmatch(part[-1])) else 0.0) for part in offered]
        if offered:
            yield offered[widths.index(max(widths))][0]
    yield node.get("src") or ""


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


def with_time(node: Element) -> str:
    """Give a date's text together with the time of day that stands beside it, if one does.

    Some sites write ``16 noyabr, 2025`` and ``14:00`` into two elements.
    """
    text = markup.short_text(node, _SHORT_CHARS)
    parent = node.getparent()
    if not text or _CLOCK.search(text) or parent is None or not re.search(r"\d", text):
        return ""
    around = markup.short_text(parent, _SHORT_CHARS)
    following = re.match(r"\W*(\d{1,2}:\d{2})(?![\d:])", around.partition(text)[2])
    return f"{text} {following[1]}" if following else ""


def apart(node: Element) -> str:
    """Give the text of an element of several with blanks between them.

    ``<span>16 noyabr, 2025</span><span>14:00</span>`` stands apart by its style alone.
    """
    pieces = [piece.strip() for piece in node.itertext("*")] if len(node) > 1 else []
    return " ".join(piece for piece in pieces if piece)


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


_LONG_CHARS = 150
