"""What a page says about itself: JSON-LD, OpenGraph, microdata, its head. No I/O here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot import links
from bot.sources import markup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources.markup import Element

_ARTICLES = frozenset(
    {
        "Article",
        "NewsArticle",
        "BlogPosting",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "OpinionNewsArticle",
        "TechArticle",
        "LiveBlogPosting",
        "BackgroundNewsArticle",
        "ReviewNewsArticle",
        "Report",
    }
)
_DATE_NAMES = (
    *("pubdate", "publishdate", "publish-date", "publish_date", "date", "dc.date"),
    *("dc.date.issued", "sailthru.date", "cxenseparse:recs:publishtime", "article.published"),
)
_LAST_COMMA = re.compile(r",(?=\s*[}\]])")
_COMMENT = re.compile(
    r"/\*[^*]*\*/|(?:^|(?<=[\s,{}\[\]]))//[^\n]*|<!--|-->|(?:<!\[CDATA\[|\]\]>)", re.DOTALL
)
_NOBODY = frozenset({"admin", "administrator", "redaktor", "editor", "root", "webmaster", "user"})
_NO_PICTURE = re.compile(
    r"(?:^|[/_-])(?:logo|favicon|pixel|avatar|blank|spacer)[\w-]*\.\w+$", re.IGNORECASE
)
_HEADLINE_CHARS = 12
_LD_CHARS = 1_000_000
_LD_NODES = 5_000


@dataclass(frozen=True, slots=True)
class Metadata:
    """A page's own statements, as text; dates are not read yet."""

    title: str = ""
    head_title: str = ""
    site_name: str = ""
    kind: str = ""
    canonical: str | None = None
    published: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    category: str | None = None
    image: str | None = None
    description: str | None = None
    body: str = ""

    @property
    def is_article(self) -> bool:
        """Tell whether the page calls itself an article."""
        return self.kind == "article"


def collect(root: Element, *, url: str | None) -> Metadata:
    """Give what a page states; the first statement of each kind that says something counts."""
    meta = _meta(root)
    head_title = next((markup.inner_text(node) for node in root.iter("title")), "")
    nodes = [node for node in _linked_data(root) if _types(node) & _ARTICLES]
    headings = [markup.inner_text(node) for node in root.iter("h1")]
    data = _own(nodes, (meta.get("og:title", ""), head_title, *headings))
    base = url or _base(root)
    return Metadata(
        title=_first(_text(data.get("headline")), meta.get("og:title"), meta.get("twitter:title")),
        head_title=head_title,
        site_name=_first(meta.get("og:site_name"), meta.get("application-name")),
        kind="article" if data or meta.get("og:type") == "article" else meta.get("og:type", ""),
        canonical=_canonical(root, meta, base),
        published=tuple(
            text
            for text in (
                _text(data.get("datePublished")),
                meta.get("article:published_time", ""),
                meta.get("datepublished", ""),
                meta.get("og:article:published_time", ""),
                meta.get("parsely-pub-date", ""),
                *(meta.get(name, "") for name in _DATE_NAMES),
                _text(data.get("dateCreated")),
            )
            if text
        ),
        authors=_authors(data.get("author"), meta),
        category=_first(_text(data.get("articleSection")), meta.get("article:section")) or None,
        image=_image(data, meta, base),
        description=_first(
            meta.get("og:description"), meta.get("description"), _text(data.get("description"))
        )
        or None,
        body=str(data.get("articleBody") or ""),
    )


def _own(nodes: list[dict[str, Any]], titles: tuple[str, ...]) -> dict[str, Any]:
    """Give the node of the page's own article: of several, the one that the page is called by."""
    if len({str(node.get("headline")) for node in nodes}) == 1:
        return nodes[0]
    called = (
        node
        for node in nodes
        if len(headline := _text(node.get("headline"))) >= _HEADLINE_CHARS
        and any(title.startswith(headline) for title in titles)
    )
    return next(called, {})


def _first(*values: str | None) -> str:
    return next((value for value in values if value), "")


def _meta(root: Element) -> dict[str, str]:
    """Give the page's meta elements by name, property or itemprop; the first of each."""
    found: dict[str, str] = {}
    for node in root.iter("meta"):
        content = markup.plain(node.get("content") or "")
        for attribute in ("property", "name", "itemprop"):
            name = (node.get(attribute) or "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _base(root: Element) -> str | None:
    for node in root.iter("base"):
        href = links.absolute(node.get("href") or "")
        if href:
            return href
    return None


def _canonical(root: Element, meta: dict[str, str], base: str | None) -> str | None:
    """Give the address a page calls its own; a page at an article's place is never the front."""
    candidates = [
        node.get("href") or ""
        for node in root.iter("link")
        if "canonical" in (node.get("rel") or "").lower().split()
    ]
    candidates += [meta.get("og:url", ""), base or ""]
    for candidate in candidates:
        address = links.absolute(candidate, base) if candidate else None
        if address:
            return address
    return None


def _linked_data(root: Element) -> Iterator[dict[str, Any]]:
    """Give every JSON-LD node of a page, the nested ones of a graph or list too."""
    seen = 0
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        data = _json(script.text[:_LD_CHARS].strip().rstrip(";"))
        queue: list[Any] = [data]
        while queue and seen < _LD_NODES:
            seen += 1
            node = queue.pop(0)
            if isinstance(node, list):
                queue.extend(node)
            elif isinstance(node, dict):
                yield node
                queue.extend(node.get(key) for key in ("@graph", "mainEntity") if node.get(key))


def _json(text: str) -> object:
    """Give what a JSON text holds, also one with a comma too many; ``None`` where it is none."""
    mendings = (str, lambda raw: _LAST_COMMA.sub("", raw), _uncommented)
    for mended in mendings:
        try:
            return json.loads(mended(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _uncommented(text: str) -> str:
    return _LAST_COMMA.sub("", _COMMENT.sub("", text)).strip()


def _types(node: dict[str, Any]) -> frozenset[str]:
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(str(name).rpartition("/")[2] for name in names if name)


def _text(value: object) -> str:
    """Give the text of a JSON-LD value: a string, the name of a thing, the first of a list."""
    if isinstance(value, str):
        return markup.plain(value)
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@value"))
    if isinstance(value, list):
        return next((text for text in map(_text, value) if text), "")
    return ""


def _authors(value: object, meta: dict[str, str]) -> tuple[str, ...]:
    people = value if isinstance(value, list) else [value]
    names = [name for person in people if not is_nobody(name := _text(person))]
    if not any(names):
        names = [
            meta.get(key, "")
            for key in ("author", "article:author", "dc.creator", "twitter:creator")
        ][:3]
        names = [next((name for name in names if name), "")]
    unique = dict.fromkeys(name for name in names if name and "://" not in name)
    return tuple(
        name for name in unique if not name.startswith(("@", "www.")) and not is_nobody(name)
    )


def is_nobody(name: str) -> bool:
    """Tell the account of a publishing system (``Admin``) from an author."""
    return name.strip().casefold() in _NOBODY


def _image(data: dict[str, Any], meta: dict[str, str], base: str | None) -> str | None:
    for candidate in (
        meta.get("og:image:secure_url", ""),
        meta.get("og:image", ""),
        meta.get("og:image:url", ""),
        _picture(data.get("image")),
        meta.get("twitter:image", ""),
        meta.get("twitter:image:src", ""),
        meta.get("image", ""),
    ):
        address = links.absolute(candidate, base) if candidate else None
        if address and not _NO_PICTURE.search(address.partition("?")[0]):
            return address
    return None


def _picture(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _picture(value.get("url") or value.get("contentUrl"))
    if isinstance(value, list):
        return next((text for text in map(_picture, value) if text), "")
    return ""
