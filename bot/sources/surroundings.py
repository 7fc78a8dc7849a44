"""What stands where round an article's title. No I/O here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import links
from bot.sources import markup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources.markup import Element
    from bot.sources.profiles import PageRules

SHORT_CHARS = 60
_LONG_CHARS = 150
_CARD_CHARS = 400
_CARD_TITLE_CHARS = 25


class Surroundings:
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
        self.root = root
        self.title = title
        self.outside = outside
        self.rules = rules
        self.base = base
        self.taken: set[Element] = {title} if title is not None else set()
        self.lines: set[str] = set()

    @property
    def elements(self) -> frozenset[Element]:
        """The elements that hold facts and no text of the article."""
        return frozenset(self.taken)

    def inside(self, node: Element) -> bool:
        """Tell whether a node is the article's: not outside it, not a part of another's card."""
        for parent in (node, *node.iterancestors()):
            if parent in self.outside or parent.tag in {"nav", "aside"}:
                return False
        if self.title is not None and self.title in node.iterdescendants():
            return False
        return not any(
            parent.tag == "a" and next(parent.iter(*markup.HEADINGS, "img"), None) is not None
            for parent in node.iterancestors()
        )

    def take(self, node: Element) -> str:
        """Give a node's text; a short one is a fact from now on and no text of the article."""
        text = markup.inner_text(node)
        if len(text) <= SHORT_CHARS:
            self.taken.add(node)
            self.lines.add(text)
        return text

    def named(self, words: frozenset[str], *, inner: bool = True) -> Iterator[Element]:
        """Give the short elements whose class or id has one of the words."""
        for node in self.root.iter("*"):
            if words & markup.tokens(node) and (not inner or markup.short_text(node, SHORT_CHARS)):
                yield node

    def in_other_card(self, node: Element) -> bool:
        """Tell whether a node stands in a small box that links another story by its title."""
        for parent in list(node.iterancestors())[:3]:
            if self.title is not None and self.title in parent.iterdescendants():
                return False
            if not markup.short_text(parent, _CARD_CHARS):
                return False
            for link in parent.iter("a"):
                address = links.absolute(link.get("href") or "", self.base)
                title = markup.inner_text(link)
                if (
                    address
                    and len(title) >= _CARD_TITLE_CHARS
                    and title.count(" ") > 1
                    and links.same_site(address, self.base)
                    and links.identity(address) != links.identity(self.base)
                ):
                    return True
        return False

    def near(self) -> list[Element]:
        """Give the short elements that follow the title, up to the first paragraph."""
        found: list[Element] = []
        if self.title is None:
            return found
        for node in self.title.xpath("following::*")[:60]:
            text = markup.short_text(node, _LONG_CHARS) if isinstance(node.tag, str) else ""
            if not text and markup.inner_text(node) and not len(node):
                break
            if text and len(text) <= SHORT_CHARS and self.inside(node):
                found.append(node)
        return found

    def is_outside(self, node: Element) -> bool:
        """Tell whether a node lies in a region that is not the article."""
        return any(parent in self.outside for parent in (node, *node.iterancestors()))
