"""``sources test``: what the bot would read of a source, as readers would see it."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.az.language import Language, is_kept, language_of
from bot.commands import verified
from bot.commands.source_kit import address_of, age, local, name_of, opened
from bot.digest import make_digest
from bot.digest.formatter import digest_text
from bot.errors import FetchError, ParseError, XeberciError
from bot.pages import combine
from bot.sources import catalogue, finder
from bot.sources.finder import Way
from bot.sources.reading import Kind, is_whole

if TYPE_CHECKING:
    from bot.commands.source_kit import Kit
    from bot.config import Settings, SourceSettings
    from bot.models import Article
    from bot.sources.reading import Item, ReadContext, Reading
    from bot.sources.scout import Asked

DIGESTS = 3
MAX_ITEMS = 50
_MISSING = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be tested: its name, address, and what its line would say."""

    name: str
    url: str
    kind: str = ""
    profile: str = ""
    language: str = ""
    max_age_s: float = 48 * 3600.0


def target_of(settings: Settings, text: str) -> Target:
    """Give what a name or an address means: a configured source, one of the catalogue, a site."""
    wanted = text.strip()
    for source in settings.sources:
        if wanted.casefold() == source.name.casefold() or wanted == source.url:
            return _configured(source)
    entry = catalogue.find(wanted)
    if entry is None:
        entry = next((known for known in catalogue.load() if known.url == wanted), None)
    if entry is not None:
        return Target(entry.name, entry.url, entry.kind, entry.profile, entry.language)
    if "://" not in wanted and "." not in wanted:
        raise XeberciError(
            f"no source is named {wanted!r}: xeberci sources list shows them; or give an address"
        )
    url = address_of(wanted)
    return Target(name_of(url), url)


def _configured(source: SourceSettings) -> Target:
    return Target(
        source.name, source.url, source.kind, source.profile, source.language, source.max_age
    )


async def test(settings: Settings, text: str) -> int:
    """Print what would be read; raises XeberciError where nothing would."""
    target = target_of(settings, text)
    async with opened(settings) as kit:
        context = kit.context(source=target.name, profile=target.profile or None)
        asked = await _asked(kit, target, context)
        reading = asked.reading
        if reading is None:
            raise XeberciError(f"{target.url}: {asked.problem or 'no source was found'}")
        for line in _summary(target, asked, reading, context):
            print(line)
        print(flush=True)
        newest = _newest_first(reading, target.language)
        for item in newest[:MAX_ITEMS]:
            print(_line(item, context))
        if len(newest) > MAX_ITEMS:
            print(f"... and {len(newest) - MAX_ITEMS} more")
        for item in newest[:DIGESTS]:
            article = await _completed(kit, item, context)
            if article.title:
                print(f"\n{digest_text(make_digest(article, source_name=target.name))}", flush=True)
    _remember(settings, target, reading, context)
    return 0


async def _asked(kit: Kit, target: Target, context: ReadContext) -> Asked:
    """Give what polling would read: the address, or what finding out leads to."""
    page: Asked | None = None
    try:
        page = await kit.scout.given(target.url, _expecting(target, context))
    except FetchError as error:
        if target.kind or error.status not in _MISSING:
            raise
        _tell(f"{error}; finding out where it is now")
    except ParseError as error:
        if target.kind:
            raise XeberciError(f"{target.url}: {error}") from None
        _tell(f"{target.url}: {error}; finding out where its news is")
    if page is not None and page.reading is not None:
        kind = "sitemap" if page.index else page.reading.kind.value
        if target.kind:
            if kind != target.kind:
                raise XeberciError(
                    f"{target.url}: is a {kind}, not the {target.kind} that its kind says"
                )
            return page
        if not finder.is_html(page.reading):
            return page
    found = await kit.scout.settle(target.url, page, context, listing=True)
    if found is None:
        raise XeberciError(
            f"{target.url}: no feed, sitemap or list of articles was found; "
            f"xeberci sources find {target.url} shows what is tried"
        )
    return found


def _expecting(target: Target, context: ReadContext) -> ReadContext:
    if not target.kind:
        return context
    return replace(context, expect=Kind(target.kind), seek=False)


def _summary(target: Target, asked: Asked, reading: Reading, context: ReadContext) -> list[str]:
    items, zone = reading.items, context.zone
    dates = sorted(item.article.published for item in items if item.article.published)
    whole = sum(item.whole for item in items)
    lines = [f"source: {target.name}", f"address: {asked.candidate.url}"]
    if asked.response is not None and asked.response.url != asked.candidate.url:
        lines.append(f"redirected: {asked.response.url}")
    if asked.candidate.way is not Way.GIVEN:
        lines.append(f"found out: {asked.candidate.way}")
    kind = "sitemap index" if asked.index else reading.kind
    lines += [f"kind: {kind}", f"items: {len(items)}"]
    if items:
        lines.append(f"texts: {whole} whole, {len(items) - whole} to be completed by their pages")
    for name, at in (("newest", dates[-1:]), ("oldest", dates[:1])):
        lines += [f"{name}: {local(when, zone)} ({age(when, context.now)})" for when in at]
    undated = len(items) - len(dates)
    if undated:
        lines.append(f"undated: {undated}, shown with the time when they were first seen")
    old = sum((context.now - at).total_seconds() > target.max_age_s for at in dates)
    if old:
        lines.append(f"old: {old}, archived only (max_age)")
    lines.append(f"zone: {zone.key}")
    if named := _credits(reading):
        lines.append(f"credits: {named}")
    languages = Counter(_language(item) for item in items)
    if languages:
        counts = ", ".join(
            f"{language or 'unknown'} {count}" for language, count in languages.most_common()
        )
        lines.append(f"languages: {counts}")
    if target.language:
        left_out = sum(not is_kept(_language(item), target.language) for item in items)
        lines.append(f"left out: {left_out}, not in {target.language!r} (language)")
    return lines + [f"problem: {problem}" for problem in reading.problems]


def _language(item: Item) -> Language:
    return language_of(item.article.title, item.article.text or item.article.summary or "")


def _credits(reading: Reading) -> str:
    named = Counter(item.article.credit.name for item in reading.items if item.article.credit)
    return ", ".join(f"{name} {count}" for name, count in named.most_common())


def _newest_first(reading: Reading, wanted: str) -> list[Item]:
    """Give what would be taken, the newest first."""
    earliest = datetime.min.replace(tzinfo=UTC)
    kept = [item for item in reading.items if is_kept(_language(item), wanted)]
    return sorted(kept, key=lambda item: item.article.published or earliest, reverse=True)


def _line(item: Item, context: ReadContext) -> str:
    article = item.article
    when = local(article.published, context.zone) if article.published else "-"
    fields = (when, "whole" if item.whole else "cut", article.url, article.title or "-")
    return "\t".join(" ".join(field.split()) for field in fields)


async def _completed(kit: Kit, item: Item, context: ReadContext) -> Article:
    """Give an article as readers would get it: with its page, where it was cut."""
    article = item.article
    if item.whole or is_whole(article.text):
        return article
    try:
        if not await kit.robots.allowed(article.url):
            _tell(f"{article.url}: robots.txt forbids the page; the feed's text is used")
            return article
        response = await kit.fetcher.fetch(article.url)
        reading = await kit.sandbox.read(
            response.body,
            url=response.url,
            content_type=response.content_type,
            context=replace(context, expect=Kind.PAGE),
        )
    except FetchError as error:
        _tell(f"{error}; the feed's text is used")
        return article
    except ParseError as error:
        _tell(f"{article.url}: {error}; the feed's text is used")
        return article
    if not reading.articles:
        return article
    page = reading.articles[0]
    whole = combine(article, page, context.zone, context.now)
    return whole if whole.title else replace(whole, title=page.title)


def _remember(settings: Settings, target: Target, reading: Reading, context: ReadContext) -> None:
    """Note that a source of the catalogue was read, if it is the one that was meant."""
    entry = catalogue.find(target.name)
    if entry is None or entry.url != target.url or not reading.items:
        return
    verified.note(settings.data_dir, entry.name, context.now)
    print(f"\nkataloq\t{entry.name}\tverified")


def _tell(line: str) -> None:
    print(f"xeberci: {line}", file=sys.stderr, flush=True)
