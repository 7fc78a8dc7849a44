"""``sources find``: a site's address in, the lines of configuration that read its news out.

What is printed can be appended to a configuration as it is: the best source, and the others
behind ``#``. What is asked on the way is told on stderr.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from bot.commands.source_kit import address_of, age, name_of, opened
from bot.errors import FetchError, ForbiddenAddressError, ParseError, XeberciError
from bot.sources import finder
from bot.sources.finder import Worth
from bot.sources.reading import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.commands.source_kit import Kit
    from bot.config import Settings
    from bot.sources.finder import Finding
    from bot.sources.scout import Asked

MAX_SHOWN = 8
_LEFT_ALONE = frozenset({429, 503})


async def find(settings: Settings, text: str) -> int:
    """Print what was found, best first; raises XeberciError where nothing was."""
    url = address_of(text)
    async with opened(settings) as kit:
        try:
            findings = await _findings(kit, url)
        except FetchError as error:
            if "://" in text or error.status is not None:
                raise
            _tell(str(error))  # nobody said https
            url = f"http://{url.removeprefix('https://')}"
            findings = await _findings(kit, url)
    now = kit.context().now
    for number, found in enumerate(finder.best_first(findings, now)[:MAX_SHOWN]):
        print(("\n" if number else "") + shown(found, now, name_of(url), chosen=not number))
    return 0


async def _findings(kit: Kit, url: str) -> list[Finding]:
    context = kit.context()
    tried: list[str] = []

    def told(asked: Asked) -> None:
        tried.append(asked.candidate.url)
        found = asked.finding
        what = described(found, context.now) if found else asked.problem or "no source"
        _tell(f"{asked.candidate.url}: {what}")

    try:
        page: Asked | None = await kit.scout.given(url, context)
    except ForbiddenAddressError:
        raise
    except FetchError as error:
        if error.status is None or error.status in _LEFT_ALONE:
            raise
        _tell(str(error))
        tried.append(url)
        page = None
    except ParseError as error:
        _tell(f"{url}: {error}")
        tried.append(url)
        page = None
    if page is not None and page.reading is not None and not finder.is_html(page.reading):
        told(page)
        asked = [page]
    else:
        asked = await kit.scout.explore(url, page, context, told=told)
    findings = _different(asked)
    if not findings:
        raise XeberciError(
            f"{url}: no source was found; tried {len(tried)} addresses: {', '.join(tried)}"
        )
    return findings


def _different(asked: Sequence[Asked]) -> list[Finding]:
    """Give what was found, each feed once, though sites serve one at several addresses."""
    found: dict[object, Finding] = {}
    for one in asked:
        finding = one.finding
        if finding is None or one.reading is None:
            continue
        if finding.items or finding.kind is Kind.FEED:
            what = (
                finding.kind,
                finding.whole,
                *sorted(item.keys[0] for item in one.reading.items),
            )
            found.setdefault(what, finding)
    return list(found.values())


def shown(found: Finding, now: datetime, name: str, *, chosen: bool) -> str:
    """Give a finding as lines of configuration, behind ``#`` unless it is the chosen one."""
    lines = ["[[sources]]", f"name = {_quoted(name)}", f"url = {_quoted(found.url)}"]
    if found.kind is Kind.LISTING:  # else a feed that the page states would be taken
        lines.append('kind = "listing"')
    mark = "" if chosen else "#"
    return "\n".join([f"# {described(found, now)}", *(mark + line for line in lines)])


def described(found: Finding, now: datetime) -> str:
    """Give what a finding is, in a line."""
    count = "1 item" if found.items == 1 else f"{found.items} items"
    parts = [f"{_KINDS[found.worth] or found.kind}: {count}"]
    if found.newest is not None:
        parts.append(f"the newest {age(found.newest, now)}")
    elif found.items:
        parts.append("without dates")
    if found.kind in {Kind.FEED, Kind.WORDPRESS} and found.items:
        whole = found.whole
        texts = "whole texts" if whole == found.items else f"{whole} with whole texts"
        parts.append(texts if whole else "texts are fetched from the pages")
    return f"{', '.join(parts)} ({found.candidate.way})"


_KINDS = {
    Worth.WHOLE_FEED: "feed",
    Worth.CUT_FEED: "feed",
    Worth.NEWS_SITEMAP: "news sitemap",
    Worth.WORDPRESS: "WordPress",
    Worth.LISTING: "listing",
    Worth.SITEMAP: "sitemap without titles",
    Worth.EMPTY: "",
}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _tell(line: str) -> None:
    print(f"xeberci: {line}", file=sys.stderr, flush=True)
