"""Hostile documents and servers cost little, give nothing away, and hold up no other source."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import ssl
import subprocess
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import brotli
import pytest

from bot.commands.documents import Reader
from bot.config import FetchSettings, Settings
from bot.errors import FetchError, ParseError, XeberciError
from bot.sources.budget import MAX_ITEMS, Budget
from bot.sources.fetcher import Fetcher
from bot.sources.reading import Kind, ReadContext
from bot.sources.sandbox import Sandbox
from tests.faults.hostile_documents import Document, documents

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))
FEED = b"<rss><channel><item><title>Salam</title><link>https://misal.az/a</link></item></channel></rss>"
ALL = {document.name: document for document in documents()}
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

# Refused before a parser sees them: not one of them may need its limits of time or memory.
REFUSED = (
    "attributes on one item",
    "attributes, cut",
    "attributes, damaged",
    "attributes everywhere",
    "namespaces on one element",
    "nested items, full",
    "nested elements",
    "nested and closed",
    "nested in atom",
    "a million empty items",
    "empty items, opened and closed",
    "empty items, damaged",
    "ampersands",
    "brackets",
    "a page of attributes",
    "a page of links",
    "a page of nested divs",
    "a page of empty paragraphs",
    "JSON of brackets",
    "JSON of empty items",
    "JSON of keys",
    "a gzip bomb",
    "a gzip bomb in a gzip bomb",
    "gzip, a million members",
    "zeros",
)
# Read as far as there is something to read in them, or refused.
BORNE = (
    "nested items",
    "items with the same link",
    "items with their own links",
    "billion laughs",
    "billion laughs in an attribute",
    "billion laughs in a sitemap",
    "quadratic entities",
    "entities that name each other",
    "an entity from file:///etc/passwd",
    "an entity from file:///proc/self/environ",
    "an entity from /etc/passwd",
    "an included file",
    "an external DTD",
    "a title of one capital",
    "a title of tags",
    "a date of digits",
    "a date of a billion years",
    "a date of zones",
    "an address of letters",
    "a host of letters",
    "JSON of digits",
    "posts",
    "a sitemap of places",
    "an index of sitemaps",
    "gzip, forty times",
    "gzip, cut",
    "noise",
    "zeros in a feed",
    "continuation bytes",
    "an unusual charset",
)


async def read(sandbox: Sandbox, document: Document) -> str:
    """Give what came out of a document: its reading in full, or the line that refuses it."""
    try:
        reading = await sandbox.read(
            document.make(),
            url=document.url,
            content_type=document.content_type,
            context=CONTEXT,
        )
    except ParseError as error:
        return str(error)
    assert len(reading.items) <= MAX_ITEMS
    return repr(reading)


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as opened:
        yield opened


async def is_well(sandbox: Sandbox) -> bool:
    reading = await sandbox.read(FEED, url=None, content_type=None, context=CONTEXT)
    return [article.title for article in reading.articles] == ["Salam"]


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_too_much_is_refused_before_it_is_parsed(name: str) -> None:
    async with Sandbox() as sandbox:
        said = await read(sandbox, ALL[name])
        assert not said.startswith("Reading(")
        assert "\n" not in said
        assert "stopped" not in said
        assert "memory" not in said
        assert await is_well(sandbox)


@pytest.mark.parametrize("name", BORNE)
async def test_what_cannot_be_refused_gives_nothing_away_and_ends(name: str) -> None:
    document = ALL[name]
    async with Sandbox() as sandbox:
        said = await read(sandbox, document)
        assert not document.secret or document.secret not in said
        assert await is_well(sandbox)


async def test_an_external_entity_is_never_fetched() -> None:
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    async with served(note) as url, Sandbox() as sandbox:
        for declared in (f'<!ENTITY x SYSTEM "{url}">', f'<!ENTITY % x SYSTEM "{url}"> %x;'):
            for root in ("rss", "urlset", "html"):
                text = f"<!DOCTYPE {root} [{declared}]><{root}><channel>&x;</channel></{root}>"
                await read(sandbox, Document("external", text.encode))
    assert asked == []


async def test_items_past_the_time_they_may_take_are_left_out_and_told() -> None:
    async with Sandbox(cpu_s=0.4) as sandbox:
        items = b"".join(
            b"<item><title>Bir xeber %d</title><link>https://misal.az/%d</link><description>"
            b"Bu gun Bakida bir hadise bas verib, deye melumat verilir.</description></item>"
            % (number, number)
            for number in range(MAX_ITEMS)
        )
        data = b"<rss><channel>" + items + b"</channel></rss>"
        with contextlib.suppress(ParseError):  # a slow machine may not come as far as the items
            reading = await sandbox.read(
                data, url="https://misal.az/feed", content_type=None, context=CONTEXT
            )
            assert reading.kind is Kind.FEED
            assert len(reading.items) == MAX_ITEMS or "left out" in reading.problems[-1]


def test_a_budget_gives_the_first_item_always_and_counts_the_others() -> None:
    spent = Budget(cpu_s=-1.0)
    assert list(spent.within(["a", "b", "c"])) == ["a"]
    assert spent.skipped == 2
    endless = Budget()
    assert len(list(endless.within(range(MAX_ITEMS + 5)))) == MAX_ITEMS
    assert endless.skipped == 5


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a server of raw bytes; whatever it still sends ends with it."""
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(one(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def saying(head: bytes, unit: bytes = b"", pause_s: float = 0.0) -> Serve:
    """Serve a beginning and then a unit without end; without a unit, silence."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        while True:
            writer.write(unit)
            await writer.drain()
            await asyncio.sleep(pause_s if unit else 60)

    return serve


def deflated(size_mb: int) -> bytes:
    undo = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(undo.compress(bytes(1 << 20)) for _ in range(size_mb)) + undo.flush()


TOO_MUCH = "larger than|more than"
SERVERS: dict[str, tuple[Serve, str]] = {
    "headers": (saying(OK, b"X-A: b\r\n" * 1000), "no valid answer"),
    "a header line": (saying(OK + b"X: ", b"a" * 65_536), "no valid answer"),
    "a status line": (saying(b"HTTP/1.1 200 ", b"a" * 65_536), "no valid answer"),
    "interim answers": (saying(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500), TOO_MUCH),
    "a body": (saying(OK + b"\r\n", b"a" * 65_536), TOO_MUCH),
    "tiny chunks": (saying(CHUNKED, b"1\r\na\r\n" * 5000), TOO_MUCH),
    "a chunk's extension": (saying(CHUNKED + b"1;", b"a" * 65_536), TOO_MUCH),
    "a chunk": (saying(CHUNKED + b"f" * 16 + b"\r\n", b"a" * 65_536), TOO_MUCH),
    "a gzip bomb": (saying(OK + b"Content-Encoding: gzip\r\n\r\n" + deflated(64)), TOO_MUCH),
    "a br bomb": (
        saying(OK + b"Content-Encoding: br\r\n\r\n" + brotli.compress(bytes(32 << 20))),
        TOO_MUCH,
    ),
    "nothing, deflated": (
        saying(OK + b"Content-Encoding: deflate\r\n\r\n", b"\0\0\0\xff\xff" * 10_000),
        TOO_MUCH,
    ),
    "encodings": (saying(OK + b"Content-Encoding: " + b"gzip," * 50 + b"\r\n\r\n"), "50 times"),
    "an encoding": (saying(OK + b"Content-Encoding: zstd\r\n\r\na"), "not offered"),
    "noise": (saying(bytes(range(128, 256)) * 9, b"\xff" * 999), "no valid answer"),
    "a slow header": (saying(OK, b"X: a\r\n", 0.1), "no answer within"),
    "a slow body": (saying(OK + b"\r\n", b"a", 0.1), "no answer within"),
    "silence": (saying(b""), "no answer within"),
    "a place that is none": (
        saying(b"HTTP/1.1 302 F\r\nLocation: http://\xff[[/\r\n\r\n"),
        "no http",
    ),
    "a place of a file": (
        saying(b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n"),
        "no http",
    ),
}


def a_fetcher(**changes: object) -> Fetcher:
    given: dict[str, object] = {"allow_private": ["127.0.0.1"], "private_spacing_s": 0.0}
    return Fetcher(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SERVERS)
async def test_a_server_without_end_is_left_in_a_line_and_another_one_answers(name: str) -> None:
    serve, expected = SERVERS[name]
    fair = saying(OK + b"Content-Length: 5\r\n\r\nSalam")
    timeout_s = 0.5 if expected == "no answer within" else 20.0
    fetcher = a_fetcher(timeout_s=timeout_s, max_bytes=1 << 20)
    async with served(serve) as hostile, served(fair) as good, fetcher:
        asking = asyncio.create_task(fetcher.fetch(hostile))
        await asyncio.sleep(0)
        assert (await fetcher.fetch(good)).body == b"Salam"
        with pytest.raises(FetchError, match=expected) as caught:
            await asking
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(hostile)


async def test_headers_of_odd_bytes_are_left_out() -> None:
    head = (
        OK + b"Content-Type: \xff; charset=\x80\r\nETag: \xff\xfe\r\nRetry-After: 9999999999999\r\n"
        b"Expires: \xf0\x9f\r\nCache-Control: max-age=99999999999999999\r\n"
        b"Last-Modified: \x80\r\nContent-Length: 2\r\n\r\nab"
    )
    async with served(saying(head)) as url, a_fetcher() as fetcher:
        response = await fetcher.fetch(url)
    assert response.body == b"ab"
    assert (response.etag, response.last_modified, response.content_type) == (None, None, None)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    folder = tmp_path_factory.mktemp("tls")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=misal.az")
    files = ("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"))
    subprocess.run(["openssl", *made, *files], check=True, capture_output=True)  # noqa: S603, S607
    return folder


async def test_a_certificate_that_nobody_signed_is_refused(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    async with served(saying(OK + b"\r\n"), tls) as url, a_fetcher() as fetcher:
        with pytest.raises(FetchError, match=r"certificate is not valid \(TLS\)"):
            await fetcher.fetch(url)


@pytest.mark.parametrize(
    "said", [b"", b"\x16\x03\x01\xff\xff" + b"a" * 99, b"HTTP/1.1 200 OK\r\n\r\n"]
)
async def test_a_handshake_that_is_none_is_told_in_a_line(said: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(said)
        await writer.drain()

    async with served(serve) as url, a_fetcher(timeout_s=5.0) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(url.replace("http:", "https:"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("file:///etc/passwd", "only files"),
        ("ftp://misal.az/a", "only files"),
        ("/dev/zero", "is no file"),
        ("fifo", "is no file"),
        ("large", "larger than"),
        ("empty", "empty"),
        ("absent", "cannot be read"),
        (".", "cannot be read"),
        ("http://127.1/", "allow_private"),
        ("http://１２７.0.0.1:9/", "allow_private"),
    ],
)
async def test_what_a_person_names_and_is_no_document_is_told_at_once(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(bytes(5000))
    async with AsyncExitStack() as stack:
        reader = Reader(Settings(fetch=FetchSettings(max_bytes=4096)), stack)
        with pytest.raises(XeberciError, match=said):
            await reader.read(name, None, lines=False)
