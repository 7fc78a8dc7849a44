"""An article page to an article: profile first, then what the page states, then a guess.

No I/O here. ``bot.sources.regions`` says where the article is; trafilatura, which costs 20
MiB to import, is asked only where neither a profile nor the usual names find the text.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot import links
from bot.az import boilerplate, titles
from bot.az import credits as outlets
from bot.models import Article, Credit, Related
from bot.sources import facts, markup, regions
from bot.sources.profiles import PageRules, Profile
from bot.sources.select import select
from bot.sources.times import has_clock, read_time

if TYPE_CHECKING:
    from bot.sources.markup import Element
    from bot.sources.metadata import Metadata
    from bot.sources.reading import ReadContext

_BODIES = (  # what sites of the country and common systems call the text; - and _ alike
    *("entry-content", "post-content", "td-post-content", "article-content", "article-body"),
    *("article-text", "news-content", "news-text", "news-body", "post-body", "post-text"),
    *("story-body", "story-text", "content-text", "full-text", "fulltext", "full-story-text"),
    *("xeber-metn", "xeber-metni", "metn", "news-detail-text", "detail-text", "body-copy"),
    *("single-content", "the-content", "text-content", "content-body", "post-inner"),
)
_USUAL = (
    '[itemprop~="articleBody"]',
    '[property~="articleBody"], [property~="schema:articleBody"]',
    ".field--name-body, .field-name-body",
    *(", ".join(f".{name.replace('-', mark)}" for mark in ("-", "_", "__")) for name in _BODIES),
    ".fullstory, .full-story, .news-detail, .news_detail",
)
_ENOUGH_CHARS = 200
_LEAD_CHARS = 80
_SHORT_LEAD_CHARS = 60
_SENTENCE = re.compile(r"[.!?][\"'”»)]*$")
_SENTENCE_CHARS = 30
_TITLE_BLANKS = 2
_META_CHARS = 60
_HEAD_PART = re.compile(r"\s[-–—|»•·►:]+\s")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|@[\w.]+")
_CREDIT = re.compile(
    r"^\s*(?:mənbə|qaynaq|istinad|source|источник)\s*[:\-–—]\s*(?P<name>\S.{0,80})$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page gave: the article, whether it is convincing as one, and as titled one.

    ``titled``: the page's head calls it by the title that stands on it, and that is a sentence
    rather than the name of a section. ``dated``: a heading of a sentence's length, a date and a
    few sentences, as short news has them.
    """

    article: Article
    convincing: bool
    titled: bool
    dated: bool


def read_page(
    root: Element,
    *,
    url: str,
    base: str,
    meta: Metadata,
    profile: Profile | None,
    context: ReadContext,
) -> Page:
    """Give the article of a page; ``url`` is its address for readers, ``base`` for its links."""
    rules = profile.page if profile else PageRules()
    source = context.source_of(url)
    names = tuple(name for name in (meta.site_name, source, links.host(url)) if name)
    chosen = next(select(root, rules.title), None)
    divided = regions.divide(
        root, titles=_called(meta, names), title=chosen, url=base,
    )  # fmt: skip
    related = _related(root, rules, base) or divided.related
    outside = divided.outside | frozenset(select(root, rules.drop))
    seen = facts.Facts(root, title=divided.title, outside=outside, rules=rules, base=base)
    title = _title(divided.title if chosen is None else chosen, meta, names)
    published, date_text = _published(seen, meta, profile, context)
    category = seen.category(url=url, stated=meta.category, date_text=date_text)
    author = (
        ", ".join(seen.authors(date_text, category, site_names=names))
        or ", ".join(meta.authors)
        or None
    )
    stated = seen.credit(_CREDIT)
    body, found = _body(root, seen, outside, rules)
    stated_body = markup.html_paragraphs(meta.body) if len(meta.body) >= _ENOUGH_CHARS else []
    if stated_body and sum(map(len, body)) < _ENOUGH_CHARS:  # the page's script would write it
        body, found = stated_body, True
    known = {title, meta.title, category or "", author or "", date_text, *seen.lines, *names}
    known.update(_HEAD_PART.split(meta.head_title))
    body = [text for text in body if not _is_meta(text, known, context)]
    signature = seen.signature(boilerplate.strip_boilerplate(body))
    if signature is not None:
        body, author = [text for text in body if text != signature], author or signature
    credit_line = next(
        (_CREDIT.match(text) for text in reversed(body) if _CREDIT.match(text)), None
    )
    text, credit = outlets.strip_credit_lines("\n\n".join(boilerplate.strip_boilerplate(body)))
    credit = stated or credit
    if credit is None and credit_line is not None:
        credit = Credit(credit_line["name"].strip(" .,;"))
    if credit is None:
        credit = outlets.find_credit(
            "\n\n".join(body), source=source, site_hosts=(links.host(url),)
        )
    article = Article(
        url=url,
        title=title or titles.fallback_title(text),
        text=text,
        published=published,
        source=source,
        category=category,
        author=author,
        credit=facts.foreign(_linked(credit, seen, url), source=source, url=url),
        image=seen.image() if rules.image and not meta.image else meta.image or seen.image(),
        summary=meta.description,
        related=_without(related, url),
    )
    running = [line for line in text.split("\n\n") if len(line) >= _LEAD_CHARS]
    sentence = len(title) >= _SENTENCE_CHARS or (
        title.count(" ") >= _TITLE_BLANKS and len(running) > 1
    )
    titled = divided.title is not None and sentence and title in (
        titles.clean_title(stated, site_names=names) for stated in _called(meta, names)
    )  # fmt: skip
    enough = _LEAD_CHARS if meta.is_article else _ENOUGH_CHARS if titled else None
    return Page(
        article,
        convincing=found or (enough is not None and len(text) >= enough),
        titled=titled,
        dated=divided.title is not None
        and published is not None
        and len(title) >= _SENTENCE_CHARS
        and len(text) >= _LEAD_CHARS,
    )


def _called(meta: Metadata, names: tuple[str, ...]) -> tuple[str, ...]:
    """Give what a page's head calls it: a site's unknown name may stand behind the title."""
    whole = titles.clean_title(meta.head_title, site_names=names)
    part = _HEAD_PART.split(meta.head_title, maxsplit=1)[0]
    return (meta.title, whole, part) if part.count(" ") >= _TITLE_BLANKS else (meta.title, whole)


def _title(heading: Element | None, meta: Metadata, names: tuple[str, ...]) -> str:
    own = markup.inner_text(heading) if heading is not None else ""
    for text in (own, meta.title, meta.head_title):
        title = titles.clean_title(text, site_names=names) if text else ""
        if title:
            return title
    return ""


def _published(
    seen: facts.Facts, meta: Metadata, profile: Profile | None, context: ReadContext
) -> tuple[datetime | None, str]:
    """Give the page's time and the text it was read from."""
    near = list(seen.dates())
    for shape in profile.date_shapes if profile else ():
        for text in near:
            try:
                shaped = datetime.strptime(text, shape)  # noqa: DTZ007 - the zone follows
            except ValueError:
                continue
            return read_time(shaped.isoformat(), now=context.now, zone=context.zone), text
    stated = list(meta.published)
    ordered = near + stated if profile else stated + near
    timed = [text for text in stated if has_clock(text, now=context.now, zone=context.zone)]
    for text in ordered:
        if timed and not has_clock(text, now=context.now, zone=context.zone):
            continue  # a dateline's day says less than a moment that the page states
        at = read_time(text, now=context.now, zone=context.zone)
        if at is not None:
            return at, text
    return None, ""


def _related(root: Element, rules: PageRules, base: str) -> tuple[Related, ...]:
    found: dict[str, Related] = {}
    for node in select(root, rules.related, all_of_first=True):
        for link in [node] if node.tag == "a" else node.iter("a"):
            related = regions.related_of(link, base)
            if related is not None:
                found.setdefault(links.identity(related.url), related)
    return tuple(found.values())


def _without(related: tuple[Related, ...], url: str) -> tuple[Related, ...]:
    own = links.identity(url)
    return tuple(story for story in related if links.identity(story.url) != own)


def _body(
    root: Element, seen: facts.Facts, outside: frozenset[Element], rules: PageRules
) -> tuple[list[str], bool]:
    """Give the paragraphs, and whether they are enough to call the page an article."""
    skip = outside | seen.elements
    for node in select(root, (*rules.content, *_USUAL)):
        if node in outside or any(parent in outside for parent in node.iterancestors()):
            continue
        texts = markup.paragraphs(node, skip=skip)
        if sum(map(len, texts)) >= _ENOUGH_CHARS:
            return _with_lead(seen.between(node), texts), True
    cell = _cell(root, skip)
    texts = _extracted(root, skip) if cell is None else markup.paragraphs(cell, skip=skip)
    first = _element_of(root, texts[0]) if texts else None
    if first is not None:
        texts = _with_lead(seen.between(first), texts)
    return texts, sum(map(len, texts)) >= 2 * _ENOUGH_CHARS


def _cell(root: Element, skip: frozenset[Element]) -> Element | None:
    """Give the cell of a layout table that holds most of the page's running text, if one does.

    What is broken into paragraphs by ``<br>`` there would come out as one.
    """
    sizes = {
        cell: _prose(cell)
        for cell in root.iter("td")
        if cell not in skip and next(cell.iter("br", "p"), None) is not None
    }
    largest = max(sizes.values(), default=0)
    if largest < _ENOUGH_CHARS or largest * 2 < _prose(root):
        return None
    inner = [cell for cell, size in sizes.items() if size * 4 > largest * 3]
    return inner[-1]


def _prose(node: Element) -> int:
    linked = sum(len(markup.inner_text(link)) for link in node.iter("a"))
    return len(markup.inner_text(node)) - linked


def _with_lead(before: list[Element], texts: list[str]) -> list[str]:
    """Put the paragraphs that stand between title and content before the others."""
    leads: list[str] = []
    for node in before:
        for text in markup.paragraphs(node):
            long = len(text) >= (_SHORT_LEAD_CHARS if _SENTENCE.search(text) else _LEAD_CHARS)
            if long and text not in texts and text not in leads:
                leads.append(text)
    return leads + texts


def _extracted(root: Element, skip: frozenset[Element]) -> list[str]:
    """Ask trafilatura for the text, on a copy without what is known not to be the article."""
    import trafilatura  # noqa: PLC0415 - 20 MiB that most pages do not need

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it discards is no news
    for node in root.iter("*"):
        if node in skip or markup.is_embed(node):
            node.set("data-outside", "1")
    copy = markup.parse(markup.serialise(root))
    for node in root.iter("*"):
        if node.get("data-outside"):
            del node.attrib["data-outside"]
    if copy is None:
        return []
    for node in list(copy.iter("*")):
        if node.get("data-outside") and node.getparent() is not None:
            node.drop_tree()
    extracted = trafilatura.extract(
        copy, favor_precision=True, include_comments=False, include_tables=True
    )
    listed = {markup.inner_text(node) for node in root.iter("li")}
    lines = [markup.squeeze(line) for line in (extracted or "").split("\n")]
    return [
        f"• {line[2:]}" if line.startswith("- ") and line[2:] in listed else line.strip("| ")
        for line in lines
        if line
    ]


def _element_of(root: Element, text: str) -> Element | None:
    """Give the innermost element that begins with a text."""
    found: Element | None = None
    for node in root.iter("p", "div", "section", *markup.HEADINGS, "td", "span"):
        if markup.inner_text(node).startswith(text):
            found = node
    return found


def _is_meta(text: str, known: set[str], context: ReadContext) -> bool:
    """Tell a line that repeats what is known of the article (title, date, author) or is a date."""
    text = text.removeprefix("• ")
    if text in known or _ADDRESS.fullmatch(text):
        return True
    if len(text) > _META_CHARS or text.endswith("."):
        return False
    return read_time(text, now=context.now, zone=context.zone) is not None


def _linked(credit: Credit | None, seen: facts.Facts, url: str) -> Credit | None:
    """Give a credit its address where the article links the outlet by name."""
    if credit is None or credit.url:
        return credit
    return Credit(credit.name, seen.outlet_link(credit.name, url))
