"""Documents made to cost a reader time or memory, or to make it read what is not theirs.

Each is made when it is asked for, since together they are hundreds of megabytes.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1 << 20
FULL = 8 * MIB - 1024  # as much as [fetch] max_bytes lets through
PAGE = "https://misal.az/xeberler/bir-xeber"


@dataclass(frozen=True, slots=True)
class Document:
    """A document with the address it came from; ``secret`` must never come out of it."""

    name: str
    make: Callable[[], bytes]
    url: str = "https://misal.az/feed"
    content_type: str | None = None
    secret: str = ""


def filled(unit: bytes, *, before: bytes = b"", after: bytes = b"", size: int = FULL) -> bytes:
    """Repeat a unit until a document is full."""
    return before + unit * ((size - len(before) - len(after)) // len(unit)) + after


def _rss(inner: bytes) -> bytes:
    return b'<?xml version="1.0"?><rss version="2.0"><channel><title>M</title>' + inner + _END


_END = b"</channel></rss>"
_HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>M</title>'
_HTML = (
    b"<!DOCTYPE html><html><head><title>Bir xeber oldu</title></head><body><h1>Bir xeber oldu</h1>"
)
_ITEM = b"<item><title>%s</title><link>https://misal.az/a</link></item>"


def _attributes(count: int) -> bytes:
    return b" ".join(b'a%d="b"' % number for number in range(count))


def _laughs(levels: int, width: int, shown: bytes) -> bytes:
    declared = b'<!ENTITY l0 "lol">' + b"".join(
        b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * width)
        for level in range(1, levels)
    )
    return b"<?xml version='1.0'?><!DOCTYPE rss [" + declared + b"]>" + shown % (levels - 1)


def _quadratic() -> bytes:
    declared = b'<!DOCTYPE rss [<!ENTITY a "' + b"a" * 100_000 + b'">]>'
    return declared + _rss(_ITEM % (b"&a;" * 100_000))


def _external(address: bytes) -> bytes:
    declared = (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "%s">'
        b'<!ENTITY %% p SYSTEM "%s"> %%p;]>' % (address, address)
    )
    item = _ITEM % b"&x; sirr" + b"<item><description>&x;</description><link>/b</link></item>"
    return declared + b'<rss version="2.0"><channel><title>&x;</title>' + item + _END


def _json_feed(items: list[object]) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def _post(number: int) -> dict[str, object]:
    link = f"https://misal.az/{number}"
    return {"id": number, "link": link, "title": {"rendered": "Bir xəbər oldu"},
            "content": {"rendered": "<p>Salam.</p>"}, "date_gmt": "2026-11-20T10:00:00"}  # fmt: skip  # noqa: E501


def _titled(words: bytes) -> bytes:
    return _rss(_ITEM % words)


def _gzipped(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = gzip.compress(data, 6)
    return data


def _zeros_gzipped(size: int) -> bytes:
    undo = zlib.compressobj(1, zlib.DEFLATED, 31)
    made = b"".join(undo.compress(bytes(MIB)) for _ in range(size // MIB))
    return made + undo.flush()


def feeds() -> Iterator[Document]:
    """Give feeds that are too much of something."""
    yield Document("attributes on one item",
                   lambda: _rss(b"<item " + _attributes(200_000) + b"></item>"))  # fmt: skip
    yield Document("attributes, cut", lambda: _HEAD + b"<item " + _attributes(200_000))
    yield Document("attributes, damaged",
                   lambda: _HEAD + b"<item " + _attributes(200_000) + b"><b></item>")  # fmt: skip
    yield Document("attributes everywhere",
                   lambda: filled(b'<a b="" c="" d="" e="" f="">', before=_HEAD))  # fmt: skip
    yield Document("namespaces", lambda: _HEAD + b"".join(
        b'<a:b xmlns:a="urn:%d"/>' % number for number in range(200_000)) + _END)  # fmt: skip
    yield Document("namespaces on one element", lambda: _rss(b"<item " + b" ".join(
        b'xmlns:n%d="urn:%d"' % (number, number) for number in range(100_000)) + b"/>"))  # fmt: skip  # noqa: E501
    yield Document("nested items", lambda: filled(b"<item>", before=_HEAD, size=2 * MIB))
    yield Document("nested items, full", lambda: filled(b"<item>", before=_HEAD))
    yield Document("nested elements", lambda: filled(b"<a>", before=_HEAD))
    yield Document("nested and closed", lambda: _rss(b"<a>" * 500_000 + b"</a>" * 500_000))
    yield Document("nested in atom", lambda: filled(
        b"<entry>", before=b'<feed xmlns="http://www.w3.org/2005/Atom">'))  # fmt: skip
    yield Document("nested xhtml in atom", lambda: filled(
        b"<div>", before=b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">',
    ))  # fmt: skip
    yield Document("a million empty items", lambda: _rss(b"<item/>" * 1_000_000))
    yield Document("empty items, opened and closed", lambda: filled(
        b"<item></item>", before=_HEAD, after=_END))  # fmt: skip
    yield Document("empty items, damaged", lambda: filled(b"<item/>", before=_HEAD))
    yield Document("items with the same link", lambda: filled(
        _ITEM % b"Salam", before=_HEAD, after=_END))  # fmt: skip
    yield Document("items with their own links", lambda: _rss(b"".join(
        b"<item><title>Yeni xeber %d</title><link>https://misal.az/%d</link></item>" % (n, n)
        for n in range(100_000))))  # fmt: skip
    yield Document("categories", lambda: _rss(
        b"<item><link>https://misal.az/a</link>" + b"<category>a</category>" * 300_000
        + b"</item>"))  # fmt: skip
    yield Document("links in one item", lambda: _rss(
        b"<item>" + b'<link href="https://misal.az/a"/>' * 200_000 + b"</item>"))  # fmt: skip
    yield Document("enclosures", lambda: _rss(
        b"<item><link>https://misal.az/a</link>" + b'<enclosure url="a" type="b"/>' * 200_000
        + b"</item>"))  # fmt: skip
    yield Document("authors", lambda: _rss(
        b"<item><link>https://misal.az/a</link>" + b"".join(
            b"<author>Ad Soyad %d</author>" % n for n in range(200_000)) + b"</item>"))  # fmt: skip
    yield Document("open CDATA", lambda: filled(
        b"<![CDATA[", before=_HEAD + b"<item><title>"))  # fmt: skip
    yield Document("blanks in CDATA", lambda: filled(
        b" ", before=_HEAD + b"<item><title><![CDATA[", size=2 * MIB))  # fmt: skip
    yield Document("CDATA and blanks", lambda: filled(
        b"<![CDATA[" + b" " * 5000, before=_HEAD + b"<item><title>"))  # fmt: skip
    yield Document("CDATA ends and blanks", lambda: filled(
        b"]]>" + b" " * 5000, before=_HEAD + b"<item><title>"))  # fmt: skip
    yield Document("open comments", lambda: filled(b"<!--", before=_HEAD))
    yield Document("open declarations", lambda: filled(b"<!", before=_HEAD))
    yield Document("open instructions", lambda: filled(b"<?", before=_HEAD))
    yield Document("brackets", lambda: filled(b"<", before=_HEAD))
    yield Document("ampersands", lambda: filled(b"&", before=_HEAD + b"<item><title>"))
    yield Document("references", lambda: filled(b"&#1234;", before=_HEAD + b"<item><title>"))
    yield Document("damaged references", lambda: filled(b"&#9999999999;", before=_HEAD + b"<item>"))
    yield Document("unknown entities", lambda: filled(
        b"&nbsp;", before=_HEAD + b"<item><title>", after=b"</title></item>" + _END))  # fmt: skip
    yield Document("quotes", lambda: filled(b'"', before=_HEAD + b"<item a="))
    yield Document("an open doctype", lambda: filled(b"<!DOCTYPE rss [", after=b"<rss>"))
    yield Document("blanks before the root", lambda: filled(b" ", after=_rss(_ITEM % b"Salam")))
    yield Document("noise before the root", lambda: filled(b"a ", after=_rss(_ITEM % b"Salam")))
    yield Document("roots", lambda: filled(b"<rss>"))
    yield Document("prefixes", lambda: filled(b"<a:item>", before=b"<a:rss><a:channel>"))
    yield Document("hours", lambda: filled(b"<hour>1", before=_HEAD))
    yield Document("blanks in hours", lambda: filled(b"<hour>" + b" " * 9000, before=_HEAD))
    yield Document("blanks in isPermaLink", lambda: filled(
        b"\n" * 9000 + b"isPermaLink" + b" " * 9000, before=_HEAD))  # fmt: skip


def texts() -> Iterator[Document]:
    """Give feeds of one item whose words are without end or without shape."""
    yield Document("a title on one line", lambda: _titled(b"salam " * (FULL // 6 - 50)))
    yield Document("a title of one word", lambda: _titled(b"a" * (FULL - 200)))
    yield Document("a title of one capital", lambda: _titled(b"A" * MIB))
    yield Document("a title of blanks", lambda: _titled(b"a" + b" " * (FULL - 200) + b"b"))
    yield Document("a title of dashes", lambda: _titled(b"a - " * (FULL // 4 - 50)))
    yield Document("a title of tails", lambda: _titled(b"- FOTO " * (FULL // 7 - 50)))
    yield Document("a title of bars", lambda: _titled(b"| " * (FULL // 2 - 200)))
    yield Document("a title of quotes", lambda: _titled("“a” ".encode() * (MIB // 4)))
    yield Document("a title of brackets", lambda: _titled(b"(" * MIB))
    yield Document("a title of tags", lambda: _titled(b"&lt;b&gt;" * (FULL // 9 - 50)))
    yield Document("a title of open tags", lambda: _titled(b"&lt;" * (FULL // 4 - 50)))
    yield Document("a title of open tags with names", lambda: _titled(b"&lt;a " * (MIB // 6)))
    yield Document("a title of entities", lambda: _titled(b"&amp;amp;" * (FULL // 9 - 50)))
    yield Document("a title of combining marks", lambda: _titled(
        b"a" + "\u0301\u0323".encode() * MIB))  # fmt: skip
    for name, said in {
        "digits": b"1" * (2 * MIB),
        "digits and stops": b"1." * MIB,
        "digits and blanks": b"1 " * MIB,
        "digits and colons": b"1:" * MIB,
        "months": b"noyabr " * (MIB // 7),
        "weekdays": b"Mon, " * (MIB // 5),
        "zones": b"2026-11-23T10:00:00" + b"+04:00" * (MIB // 6),
        "blanks": b"1" + b" " * MIB + b"noyabr",
        "a billion years": b"9" * 100_000 + b"-11-23",
    }.items():
        yield Document(f"a date of {name}", lambda said=said: _rss(  # type: ignore[misc]
            b"<item><title>Salam</title><link>https://misal.az/a</link><pubDate>" + said
            + b"</pubDate></item>"))  # fmt: skip
    for name, said in {
        "letters": b"a" * (FULL - 500),
        "slashes": b"/" * (FULL - 500),
        "parameters": b"?" + b"a=b&amp;" * (FULL // 8 - 100),
        "percents": b"%41" * (FULL // 3 - 200),
        "dots": b"." * (FULL - 500),
        "steps up": b"../" * (FULL // 3 - 200),
    }.items():
        yield Document(
            f"an address of {name}",
            lambda said=said: _rss(  # type: ignore[misc]
                b"<item><title>Salam</title><link>https://misal.az/" + said + b"</link></item>"
            ),
        )
    yield Document("a host of letters", lambda: _rss(
        b"<item><title>Salam</title><link>https://" + b"a" * MIB + b"</link></item>"))  # fmt: skip
    yield Document("a host of labels", lambda: _rss(
        b"<item><title>Salam</title><link>https://" + "ə.".encode() * (MIB // 3)
        + b"az</link></item>"))  # fmt: skip
    for name, said in {
        "paragraphs": b"&lt;p&gt;Salam, dunya. &lt;/p&gt;" * (FULL // 32 - 50),
        "one word": b"a" * (FULL - 300),
        "words": b"salam " * (FULL // 6 - 50),
        "capitals": b"Salam " * (FULL // 6 - 50),
        "full stops": b"." * (FULL - 300),
        "initials": b"A. " * (FULL // 3 - 100),
        "sources": "Mənbə: ".encode() * (MIB // 9),
        "credits": "APA-ya istinadən ".encode() * (FULL // 18 - 50),
        "writers": "X yazır ".encode() * (FULL // 9 - 50),
        "datelines": "Bakı. X: ".encode() * (FULL // 10 - 50),
        "slashes": b"/x.az" * (MIB // 5),
        "quotes": "“".encode() * MIB,
        "line breaks": b"\n" * (FULL - 300),
        "broken lines": b"a\n" * (FULL // 2 - 200),
        "shortcodes": b"[" * (2 * MIB),
        "shortcodes with names": b"[caption " * (MIB // 9),
        "images": b"&lt;img " * (MIB // 8),
        "images with names": b'&lt;img src="a"&gt;' * (FULL // 18 - 50),
        "links": b'&lt;a href="/x"&gt;Salam&lt;/a&gt;' * (FULL // 34 - 50),
        "lists": b"&lt;ul&gt;&lt;li&gt;" * (FULL // 17 - 50),
        "dots and quotes": "a. »".encode() * (FULL // 5 - 100),
        "reading on": "Ardını oxu ".encode() * (MIB // 12),
        "the post appeared": b"The post " * (MIB // 9),
        "at signs": b"a@" * MIB,
    }.items():
        yield Document(f"a text of {name}", lambda said=said: _rss(  # type: ignore[misc]
            b"<item><title>Salam</title><link>https://misal.az/a</link><description>" + said
            + b"</description></item>"))  # fmt: skip
    yield Document("an author of letters", lambda: _rss(
        b"<item><title>S</title><link>https://misal.az/a</link><author>" + b"a" * MIB + b"@"
        + b"b " * MIB + b"</author></item>"))  # fmt: skip


def entities() -> Iterator[Document]:
    """Give documents with entities: bombs, and what lies outside them."""
    shown = b'<rss version="2.0"><channel><item><title>&l%d;</title><link>https://misal.az/a</link></item></channel></rss>'
    yield Document("billion laughs", lambda: _laughs(12, 10, shown))
    yield Document("billion laughs in an attribute", lambda: _laughs(
        12, 10, b'<rss version="&l%d;"><channel></channel></rss>'))  # fmt: skip
    yield Document("quadratic entities", _quadratic)
    yield Document("billion laughs in a sitemap", lambda: _laughs(
        12, 10, b"<urlset><url><loc>https://misal.az/&l%d;</loc></url></urlset>"),
        url="https://misal.az/sitemap.xml")  # fmt: skip
    yield Document("billion laughs in a page", lambda: _laughs(
        12, 10, b"<html><body><p>&l%d;</p></body></html>"), url=PAGE)  # fmt: skip
    yield Document("entities that name each other", lambda: (
        b'<!DOCTYPE rss [<!ENTITY a "&b;&b;"><!ENTITY b "&a;&a;">]>' + _titled(b"&a;")))  # fmt: skip  # noqa: E501
    for address in ("file:///etc/passwd", "file:///proc/self/environ", "/etc/passwd"):
        yield Document(f"an entity from {address}",
                       lambda address=address: _external(address.encode()),  # type: ignore[misc]
                       secret="root:")  # fmt: skip
    yield Document("an included file", lambda: _rss(
        b'<item xmlns:xi="http://www.w3.org/2001/XInclude"><title><xi:include parse="text"'
        b' href="file:///etc/passwd"/></title><link>https://misal.az/a</link></item>'),
        secret="root:")  # fmt: skip
    yield Document("an external DTD", lambda: (
        b'<!DOCTYPE rss SYSTEM "file:///etc/passwd">' + _titled(b"Salam")), secret="root:")  # fmt: skip  # noqa: E501


def pages() -> Iterator[Document]:
    """Give HTML that is too much of something."""
    made: dict[str, Callable[[], bytes]] = {
        "nested divs": lambda: filled(b"<div>", before=_HTML),
        "nested spans with text": lambda: filled(b"<span>a", before=_HTML),
        "nested links": lambda: filled(b'<a href="/x">Bir iki uc dord bes', before=_HTML),
        "nested tables": lambda: filled(b"<table><tr><td>", before=_HTML),
        "nested lists": lambda: filled(b"<ul><li>", before=_HTML),
        "nested to the limit": lambda: _HTML + b"<div>" * 250 + b"<p>Salam</p>" * 300_000,
        "deep boxes with links": lambda: filled(
            b"<div>" * 200 + b'<a href="/x/1">Bir iki uc dord bes</a>' * 20 + b"</div>" * 200,
            before=_HTML, size=4 * MIB),
        "attributes": lambda: _HTML + b"<p " + _attributes(200_000) + b">a</p>",
        "attributes of the same name": lambda: _HTML + b"<p " + b"a=b " * 1_000_000 + b">a</p>",
        "classes": lambda: _HTML + b'<p class="' + b"entry-content " * 500_000 + b'">a</p>',
        "different classes": lambda: filled(
            b'<p class="date related share">a</p>', before=_HTML),
        "links": lambda: _HTML + b"".join(
            b'<a href="/xeber/%d">Bir iki uc dord %d</a>' % (n, n) for n in range(150_000)),
        "the same link": lambda: filled(
            b'<a href="/xeber/1">Bir iki uc dord bes</a>', before=_HTML),
        "links in cards": lambda: _HTML + b"".join(
            b'<div class="card"><h3><a href="/xeber/%d">Bir iki uc dord %d</a></h3>'
            b"<time>20.11.2026 10:%02d</time><p>Salam</p></div>" % (n, n, n % 60)
            for n in range(60_000)),
        "headings": lambda: filled(b"<h2>Bir xeber oldu dunen</h2>", before=_HTML),
        "titles": lambda: filled(b"<h1>Bir xeber oldu</h1>", before=_HTML),
        "labels": lambda: filled("<div>Oxşar xəbərlər</div>".encode(), before=_HTML),
        "labels in boxes": lambda: filled(
            "<div><h3>Oxşar xəbərlər</h3><a href=/x/1>Bir iki uc dord</a></div>".encode(),
            before=_HTML),
        "empty paragraphs": lambda: filled(b"<p>", before=_HTML),
        "paragraphs": lambda: filled(b"<p>Salam, dunya. </p>", before=_HTML),
        "long paragraphs": lambda: filled(
            b"<p>" + b"Bu gun Bakida bir hadise bas verib. " * 20 + b"</p>", before=_HTML),
        "paragraphs in an article": lambda: filled(
            b"<p>Bu gun Bakida bir hadise bas verib, deye melumat verilir.</p>",
            before=_HTML + b'<article><div class="entry-content">'),
        "line breaks": lambda: filled(b"<br>", before=_HTML),
        "line breaks with words": lambda: filled(b"salam<br>", before=_HTML),
        "one word": lambda: filled(b"a", before=_HTML),
        "open tags": lambda: filled(b"<a ", before=_HTML),
        "open comments": lambda: filled(b"<!-- ", before=_HTML),
        "open scripts": lambda: filled(b"<script>", before=_HTML),
        "closing tags": lambda: filled(b"</p>", before=_HTML),
        "closed bodies": lambda: filled(b"</body >" + b" " * 20, before=_HTML),
        "blanks in closing tags": lambda: filled(b"</body" + b" " * 9000, before=_HTML),
        "formatting": lambda: filled(b"<b><i>", before=_HTML),
        "formatting in paragraphs": lambda: filled(b"<p><b><i>a", before=_HTML),
        "entities": lambda: filled(b"&amp;", before=_HTML + b"<p>"),
        "references": lambda: filled(b"&#x110000;", before=_HTML + b"<p>"),
        "dates": lambda: filled(b"<span>20.11.2026</span>", before=_HTML),
        "times": lambda: filled(b"<time datetime=x>Dunen</time>", before=_HTML),
        "images": lambda: filled(b'<img src="/a.jpg">', before=_HTML),
        "metas": lambda: filled(
            b'<meta property="og:title" content="&lt;b&gt;Salam">', before=b"<html><head>"),
        "canonical links": lambda: filled(
            b'<link rel="canonical" href="/a">', before=b"<html><head>"),
        "linked data": lambda: filled(
            b'<script type="application/ld+json">{"@type":"NewsArticle"}</script>',
            before=b"<html><head>"),
        "linked data, nested": lambda: b'<html><head><script type="application/ld+json">'
            + b'{"@graph":[' * 100_000 + b"</script></head><body><p>Salam</p></body>",
        "linked data, wide": lambda: b'<html><head><script type="application/ld+json">['
            + b'{"@type":"NewsArticle","headline":"a"},' * 100_000
            + b"{}]</script></head><body><p>Salam</p></body>",
        "linked data, commas": lambda: b'<html><head><script type="application/ld+json">{"a":1'
            + b"," * 50_000 + b" " * 400_000 + b"</script></head><body><p>Salam</p></body>",
        "linked data, digits": lambda: b'<html><head><script type="application/ld+json">'
             b'{"datePublished":' + b"9" * 500_000 + b"}</script></head><body><p>a</p></body>",
        "sources": lambda: filled("<p>Mənbə: X</p>".encode(), before=_HTML),
        "tables": lambda: filled(b"<tr><td>a</td><td>b</td></tr>", before=_HTML + b"<table>"),
        "boxes of paragraphs": lambda: filled(
            b"<section><div><p>" + b"Bu gun Bakida bir hadise bas verib. " * 3
            + b"</p></div></section>", before=_HTML),
        "forms": lambda: filled(b"<form><input><button>a</button>", before=_HTML),
        "svg": lambda: filled(b"<svg><g>", before=_HTML),
        "templates": lambda: filled(b"<template>", before=_HTML),
        "selects": lambda: filled(b"<select><option>", before=_HTML),
        "plain text": lambda: filled(b"Salam dunya ", before=b"<html><body><plaintext>"),
        "a title without end": lambda: filled(b"salam ", before=b"<html><head><title>"),
        "a heading without end": lambda: filled(b"salam ", before=b"<html><body><h1>"),
    }  # fmt: skip
    for name, make in made.items():
        yield Document(f"a page of {name}", make, url=PAGE, content_type="text/html")
    for name in ("links", "links in cards", "nested links", "deep boxes with links"):
        yield Document(f"a front of {name}", made[name], url="https://misal.az/")


def others() -> Iterator[Document]:
    """Give JSON, sitemaps, compressed bodies, and what is nothing at all."""
    yield Document("JSON of brackets", lambda: filled(b"["))
    yield Document("JSON of tables", lambda: filled(b'{"items":'))
    yield Document("JSON of digits", lambda: b'{"version":"https://jsonfeed.org/version/1","items":'
                   + b"9" * (FULL - 100) + b"}")  # fmt: skip
    yield Document("JSON of empty items", lambda: _json_feed([{}] * 1_000_000))
    yield Document("JSON of empty lists", lambda: b"[" + b"[]," * (FULL // 3 - 10) + b"[]]")
    yield Document(
        "JSON of items",
        lambda: _json_feed(
            [{"id": n, "url": f"https://misal.az/{n}", "title": "Bir iki"} for n in range(90_000)]
        ),
    )
    yield Document(
        "JSON of authors",
        lambda: _json_feed(
            [{"id": "1", "url": "https://misal.az/1", "title": "Bir", "authors": ["Ad"] * 900_000}]
        ),
    )
    yield Document(
        "JSON of tags",
        lambda: _json_feed(
            [{"id": "1", "url": "https://misal.az/1", "title": "B", "tags": list(range(900_000))}]
        ),
    )
    yield Document("JSON of keys", lambda: (
        b'{"items":[],' + b",".join(b'"%d":0' % n for n in range(700_000)) + b"}"))  # fmt: skip
    yield Document("JSON of blanks", lambda: filled(b" \n", before=b'{"items":['))
    yield Document("posts", lambda: json.dumps([_post(n) for n in range(40_000)]).encode())
    yield Document("JSON of complaints", lambda: filled(b"<b>Warning</b>: a<br />\n[ "))
    sitemap = "https://misal.az/sitemap.xml"
    yield Document("a sitemap of empty places", lambda: filled(
        b"<url/>", before=b"<urlset>", after=b"</urlset>"), url=sitemap)  # fmt: skip
    yield Document("a sitemap of places", lambda: b"<urlset>" + b"".join(
        b"<url><loc>https://misal.az/%d</loc><lastmod>2026-11-20</lastmod></url>" % n
        for n in range(100_000)) + b"</urlset>", url=sitemap)  # fmt: skip
    yield Document("a sitemap of images", lambda: (
        b'<urlset xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>'
        b"<loc>https://misal.az/1</loc>"
        + b"<image:image><image:loc>/a.jpg</image:loc></image:image>" * 120_000
        + b"</url></urlset>"), url=sitemap)  # fmt: skip
    yield Document("a nested sitemap", lambda: filled(b"<url>", before=b"<urlset>"), url=sitemap)
    yield Document("an index of sitemaps", lambda: b"<sitemapindex>" + b"".join(
        b"<sitemap><loc>https://misal.az/%d.xml</loc></sitemap>" % n for n in range(120_000))
        + b"</sitemapindex>", url=sitemap)  # fmt: skip
    yield Document("a list of addresses", lambda: filled(b"https://misal.az/a\n"), url=sitemap)
    yield Document("digits in an index", lambda: (
        b"<sitemapindex><sitemap><loc>https://misal.az/" + b"9" * 4_000_000
        + b".xml</loc></sitemap></sitemapindex>"), url=sitemap)  # fmt: skip
    packed = "https://misal.az/sitemap.xml.gz"
    yield Document("a gzip bomb", lambda: _zeros_gzipped(256 * MIB), url=packed)
    yield Document("a gzip bomb in a gzip bomb", lambda: _gzipped(
        _zeros_gzipped(128 * MIB)), url=packed)  # fmt: skip
    yield Document("gzip, forty times", lambda: _gzipped(_rss(_ITEM % b"a"), 40), url=packed)
    yield Document("gzip, a million members", lambda: gzip.compress(b"") * 400_000, url=packed)
    yield Document("gzip, cut", lambda: _gzipped(_rss(_ITEM % b"a" * 500))[:-20], url=packed)
    yield Document("gzip of noise", lambda: b"\x1f\x8b\x08\0" + os.urandom(MIB), url=packed)
    yield Document("noise", lambda: os.urandom(FULL))
    yield Document("noise in a feed", lambda: _HEAD + os.urandom(FULL - 200))
    yield Document("noise in a page", lambda: _HTML + os.urandom(FULL - 200), url=PAGE)
    yield Document("zeros", lambda: bytes(FULL))
    yield Document("zeros in a feed", lambda: _HEAD + bytes(FULL - 200))
    yield Document("zeros between", lambda: _rss(_ITEM % b"Salam").replace(b"", b"\0"))
    yield Document("UTF-16 of emptiness", lambda: b"\xff\xfe" + b"\0\xd8" * (FULL // 2 - 10))
    yield Document("UTF-32 of noise", lambda: b"\xff\xfe\0\0" + os.urandom(FULL - 8))
    yield Document("continuation bytes", lambda: filled(b"\x80", before=_HEAD))
    yield Document("cut sequences", lambda: filled(b"\xc3", before=_HEAD + b"<item><title>"))
    yield Document("half of windows-1254", lambda: filled(b"\xfe\xfd\xc9\x99 ", before=_HEAD))
    yield Document("a charset without end", lambda: filled(
        b"charset=" + b"a" * 1000, before=b"\xfe"))  # fmt: skip
    yield Document("an unusual charset", lambda: (
        b'<?xml version="1.0" encoding="unicode_escape"?>' + b"\xfe" + b"\\u0041" * MIB))  # fmt: skip  # noqa: E501
    yield Document("a charset of HZ", lambda: (
        b'<?xml version="1.0" encoding="hz"?><rss>' + b"~{" * MIB + b"\xfe"))  # fmt: skip


def documents() -> tuple[Document, ...]:
    """Give them all."""
    return (*feeds(), *texts(), *entities(), *pages(), *others())
