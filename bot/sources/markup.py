"""HTML to readable paragraphs, and small questions about elements. No I/O here.

Walks are iterative: a hostile page may nest deeper than Python's stack.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import lxml.html  # type: ignore[import-untyped]
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

Element: TypeAlias = Any  # lxml.html.HtmlElement; lxml has no types

BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "caption",
    }
)
_CODE = frozenset({"script", "style"})
_NO_WORDS: frozenset[str] = frozenset()
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
SILENT = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "canvas",
        "button",
        "select",
        "option",
        "textarea",
        "input",
        "form",
        "nav",
        "head",
        "title",
        "figcaption",
        "caption",
        "dialog",
        "map",
    }
)
_SILENT_TOKENS = frozenset(
    {"caption", "sharedaddy", "addtoany", "relatedposts", "yarpp", "adsbygoogle"}
)
_EMBEDS = frozenset(  # what somebody said elsewhere, as their sites have it embedded
    {
        "twitter-tweet",
        "twitter-video",
        "instagram-media",
        "tiktok-embed",
        "fb-post",
        "fb-video",
        "telegram-post",
        "bluesky-embed",
        "reddit-embed-bq",
        "text-post-media",
        "wp-embedded-content",
    }
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLANKS = re.compile("[^\\S\u2009\u202f]+")  # thin spaces stay: they hold numbers together
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_LINE_ENDS = tuple(".!?…:;»”\"'’)")
_ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_LONG_CHARS = 100_000
_CDATA = re.compile(r"(?:<|&lt;)!\[CDATA\[|\]\](?:>|&gt;)")
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]+);", re.IGNORECASE)


def parse(text: str) -> Element | None:
    """Give the root of an HTML document or fragment, or ``None`` where nothing is in it."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        opened = _ENDS.sub("", text)  # libxml2 drops what follows them, browsers do not
        root = lxml.html.document_fromstring(opened.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        # Without memory libxml2 gives an empty document or says so, as the mood takes it.
        if "alloc" in str(error) or len(text) > _LONG_CHARS:
            raise MemoryError from None
        return None
    return root


def squeeze(text: str) -> str:
    """Give a text on one line: single blanks, nothing invisible, composed letters."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return _BLANKS.sub(" ", visible).strip()


def plain(value: str) -> str:
    """Give one line of plain text from a value that may hold tags and entities, even doubly."""
    text = _CDATA.sub("", value)
    for _ in range(2):
        if "<" in text and _TAG.search(text):
            root = parse(text)
            text = inner_text(root) if root is not None else ""
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return squeeze(text)


def inner_text(element: Element) -> str:
    """Give all text of an element on one line, blocks and line breaks as blanks."""
    if not len(element):  # most have nothing inside, and walking costs more than reading
        silent = element.tag in _CODE or not isinstance(element.tag, str)
        return "" if silent or not element.text else squeeze(element.text)
    pieces: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        tag = node.tag
        if event == "start":
            if tag in BLOCKS or tag == "br":
                pieces.append(" ")
            if tag not in _CODE and node.text:
                pieces.append(node.text)
        else:
            if tag in BLOCKS:
                pieces.append(" ")
            if node is not element and node.tail:
                pieces.append(node.tail)
    return squeeze("".join(pieces))


def short_text(element: Element, limit: int) -> str:
    """Give an element's text on one line if it is at most ``limit`` characters, else nothing."""
    if not len(element):
        short = len((element.text or "").strip()) <= limit
        text = inner_text(element) if short else ""
        return text if len(text) <= limit else ""
    pieces: list[str] = []
    size = 0
    for piece in element.itertext("*"):
        text = piece.strip()
        size += len(text)
        if size > limit:
            return ""
        if text:
            pieces.append(piece)
    text = inner_text(element) if pieces else ""
    return text if len(text) <= limit else ""


def html_paragraphs(value: str) -> list[str]:
    """Give the paragraphs of an HTML fragment, or of plain text with line breaks.

    Escaped CDATA marks, doubly escaped markup and entities are undone.
    """
    text = _CDATA.sub("", value).strip()
    if not _TAG.search(text):
        unescaped = html.unescape(text)
        if not _TAG.search(unescaped):
            return plain_paragraphs(unescaped)
        text = unescaped
    elif "&lt;" in text and not re.search(r"<(?:p|div|br|li|code|pre)\b", text, re.IGNORECASE):
        text = html.unescape(text)
    root = parse(text)
    return paragraphs(root) if root is not None else []


def plain_paragraphs(text: str) -> list[str]:
    """Give the paragraphs of plain text: a blank line or a line that ends a sentence ends one."""
    return _join_lines(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _join_lines(lines: list[str]) -> list[str]:
    """Join lines that a break cut inside a sentence; the other breaks are paragraphs."""
    found: list[str] = []
    fresh = True
    for line in lines:
        text = squeeze(line)
        if not text:
            fresh = True
            continue
        if fresh or found[-1].endswith(_LINE_ENDS) or not text[0].islower():
            found.append(text)
        else:
            found[-1] = f"{found[-1]} {text}"
        fresh = False
    return found


class _Writer:
    """Collects running text into paragraphs; a block's edge closes what is open."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.open: list[str] = []
        self.prefix = ""

    def close(self) -> None:
        lines = [line.removesuffix(" |") for line in _join_lines("".join(self.open).split("\x0b"))]
        self.open.clear()
        if lines and self.prefix:
            lines[0] = self.prefix + lines[0]
        if lines:
            self.prefix = ""
        self.done.extend(lines)


def paragraphs(root: Element, *, skip: frozenset[Element] = frozenset()) -> list[str]:
    """Give the readable paragraphs under an element.

    A list item is a paragraph that begins with ``• ``, a table row one with `` | `` between
    its cells. Scripts, forms, buttons, captions and the elements of ``skip`` are silent.
    """
    writer = _Writer()
    pre = 0
    for event, node in _walk(root, skip):
        tag = node.tag
        if event == "start":
            if tag in BLOCKS:
                writer.close()
                writer.prefix = "• " if tag == "li" else writer.prefix
            elif tag == "br":
                writer.open.append("\x0b")
            elif tag in {"td", "th"} and any(map(str.strip, writer.open)):
                writer.open.append(" | ")
            pre += tag == "pre"
            writer.open.append(_inline(node.text, pre=pre > 0))
            continue
        pre -= event == "end" and tag == "pre"
        if tag in BLOCKS:
            writer.close()
            writer.prefix = "" if tag == "li" else writer.prefix
        if node is not root:
            writer.open.append(_inline(node.tail, pre=pre > 0))
    writer.close()
    return writer.done


def _inline(text: str | None, *, pre: bool) -> str:
    if not text:
        return ""
    return text.replace("\n", "\x0b" if pre else " ").replace("\r", " ")


def _walk(root: Element, skip: frozenset[Element]) -> Iterator[tuple[str, Element]]:
    """Walk over what speaks: ``start`` and ``end``; of what is silent there is an ``over``."""
    walker = etree.iterwalk(root, events=("start", "end"))
    silent: Element | None = None
    for event, node in walker:
        if event == "start" and node is not root and (node in skip or is_silent(node)):
            walker.skip_subtree()
            silent = node
        elif node is silent:
            yield "over", node
        else:
            yield event, node


def is_silent(node: Element) -> bool:
    """Tell whether an element says nothing to a reader of the article."""
    return (
        node.tag in SILENT
        or node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
        or not _SILENT_TOKENS.isdisjoint(tokens(node))
        or is_embed(node)
        or "display:none" in (node.get("style") or "").replace(" ", "").lower()
    )


def is_embed(node: Element) -> bool:
    """Tell whether an element holds a post of another site, not the article's own words."""
    return not _EMBEDS.isdisjoint((node.get("class") or "").split())


def tokens(node: Element) -> frozenset[str]:
    """Give the words in an element's class and id (``post-date`` is post and date)."""
    names, own = node.get("class"), node.get("id")
    if not own:
        return _words(names) if names else _NO_WORDS
    return _words(f"{names or ''} {own}")


@lru_cache(maxsize=1_024)  # the elements of a page have few classes, and are asked several times
def _words(names: str) -> frozenset[str]:
    return frozenset(_BETWEEN_WORDS.split(names.lower())) - {""}


def serialise(root: Element) -> str:
    """Give an element as HTML again."""
    return str(lxml.html.tostring(root, encoding="unicode"))
