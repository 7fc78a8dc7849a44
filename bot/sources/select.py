"""CSS selectors with alternatives. No I/O here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cssselect import SelectorError
from lxml.cssselect import CSSSelector  # type: ignore[import-untyped]

from bot.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sources.markup import Element


@lru_cache(maxsize=1024)
def _compiled(selector: str) -> CSSSelector:
    try:
        return CSSSelector(selector, translator="html")
    except SelectorError as error:
        raise ParseError(f"a site profile has a bad selector: {selector} ({error})") from None


def select(
    root: Element, selectors: Iterable[str], *, all_of_first: bool = False
) -> Iterator[Element]:
    """Give the elements that the selectors find, in the order of the alternatives.

    With ``all_of_first`` only those of the first alternative that finds any.
    """
    for selector in selectors:
        found: list[Element] = _compiled(selector)(root)
        yield from found
        if found and all_of_first:
            return
