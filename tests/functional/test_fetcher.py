"""The fetcher against a loopback server that keeps the score."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli
import pytest
from aiohttp import web

from bot.errors import FetchError, ForbiddenAddressError
from bot.sources.fetcher import USER_AGENT, Fetcher
from bot.sources.robots import Robots

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BODY = "<rss><channel><title>Xəbərlər</title></channel></rss>".encode()
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """A server whose paths are handlers, with the requests it has seen."""

    url: str = ""
    port: int = 0
    paths: dict[str, Handler] = field(default_factory=dict)
    seen: list[web.BaseRequest] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(request)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            handler = self.paths.get(request.path)
            return web.Response(status=404) if handler is None else await handler(request)
        finally:
            self.busy -= 1

    def at(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def answer(_: web.BaseRequest) -> web.Response:
            return web.Response(body=body, status=status, headers=named)

        self.paths[path] = answer
        return self.url + path


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    found = Site()
    runner = web.ServerRunner(web.Server(found.serve), shutdown_timeout=0.1)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    found.port = listener.getsockname()[1]
    found.url = f"http://127.0.0.1:{found.port}"
    await web.SockSite(runner, listener).start()
    yield found
    await runner.cleanup()


def a_fetcher(**changes: object) -> Fetcher:
    settings: dict[str, object] = {
        "allow_private": ["127.0.0.1"],
        "private_spacing_s": 0.0,
        "timeout_s": 5.0,
        "clock": lambda: NOW,
    }
    return Fetcher(**(settings | changes))  # type: ignore[arg-type]


async def test_a_body_comes_with_what_its_headers_say(site: Site) -> None:
    url = site.at(
        "/feed",
        BODY,
        Content_Type="application/rss+xml; charset=utf-8",
        ETag='W/"a  b"',
        Last_Modified="Mon, 23 Nov 2026 10:00:00 GMT",
        Cache_Control="public, max-age=600",
    )
    async with a_fetcher() as fetcher:
        response = await fetcher.fetch(url)
    assert (response.status, response.body, response.url) == (200, BODY, url)
    assert response.content_type == "application/rss+xml; charset=utf-8"
    assert response.etag == 'W/"a  b"'
    assert response.last_modified == "Mon, 23 Nov 2026 10:00:00 GMT"
    assert response.max_age_s == 600


async def test_the_request_names_the_bot_and_nothing_of_the_reader(site: Site) -> None:
    url = site.at("/feed", BODY, Set_Cookie="a=b")
    async with a_fetcher() as fetcher:
        await fetcher.fetch(url)
        await fetcher.fetch(url)
    headers = site.seen[1].headers
    assert headers["User-Agent"] == USER_AGENT
    assert headers["Accept-Encoding"] == "gzip, deflate, br"
    assert not {"Cookie", "Referer", "If-None-Match", "If-Modified-Since"} & set(headers)


async def test_validators_are_echoed_byte_for_byte(site: Site) -> None:
    url = site.at("/feed", status=304)
    async with a_fetcher() as fetcher:
        response = await fetcher.fetch(url, etag='W/"x--gzip"', last_modified="yesterday, 10 GMT")
    assert response.unchanged
    assert site.seen[0].headers["If-None-Match"] == 'W/"x--gzip"'
    assert site.seen[0].headers["If-Modified-Since"] == "yesterday, 10 GMT"


async def test_a_304_that_nobody_asked_for_is_a_failure(site: Site) -> None:
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match="304"):
            await fetcher.fetch(site.at("/feed", status=304))


@pytest.mark.parametrize("address", ["/a%c9%99%2Fb?q=%7e", "/a?b=c+d&e=%20"])
async def test_an_address_is_asked_byte_for_byte(site: Site, address: str) -> None:
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(site.url + address)
    assert site.seen[0].raw_path == address


async def test_letters_in_an_address_are_encoded(site: Site) -> None:
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match="status 404"):
            await fetcher.fetch(site.url + "/xəbər")
    assert site.seen[0].raw_path == "/x%C9%99b%C9%99r"


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
    ],
)
async def test_compressed_bodies_are_undone(
    site: Site, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    url = site.at("/feed", compress(BODY), Content_Encoding=encoding)
    async with a_fetcher() as fetcher:
        assert (await fetcher.fetch(url)).body == BODY


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)],
)
async def test_a_bomb_is_recognised_by_what_comes_out(
    site: Site, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    url = site.at("/bomb", compress(bytes(3_000_000)), Content_Encoding=encoding)
    async with a_fetcher(max_bytes=100_000) as fetcher:
        with pytest.raises(FetchError, match="larger than 100000 bytes"):
            await fetcher.fetch(url)


async def test_a_bomb_within_a_bomb_is_recognised(site: Site) -> None:
    url = site.at("/bomb", gzip.compress(gzip.compress(bytes(3_000_000))),
                  Content_Encoding="gzip, gzip")  # fmt: skip
    async with a_fetcher(max_bytes=100_000) as fetcher:
        with pytest.raises(FetchError, match="larger"):
            await fetcher.fetch(url)


async def test_a_body_of_exactly_the_limit_is_taken(site: Site) -> None:
    url = site.at("/feed", bytes(1000))
    async with a_fetcher(max_bytes=1000) as fetcher:
        assert len((await fetcher.fetch(url)).body) == 1000
    async with a_fetcher(max_bytes=999) as fetcher:
        with pytest.raises(FetchError, match="max_bytes"):
            await fetcher.fetch(url)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_body_that_is_not_what_it_says_is_a_failure(site: Site, encoding: str) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": encoding})
        await response.prepare(request)
        await response.write(b"\xff\xfe no such thing")
        return response

    site.paths["/feed"] = answer
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match=r"damaged|not offered"):
            await fetcher.fetch(site.url + "/feed")


async def test_an_endless_body_ends_at_the_limit(site: Site) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(10_000))

    site.paths["/endless"] = answer
    async with a_fetcher(max_bytes=50_000) as fetcher:
        with pytest.raises(FetchError, match="larger"):
            await fetcher.fetch(site.url + "/endless")


async def test_a_slow_body_ends_at_the_time_limit(site: Site) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    site.paths["/slow"] = answer
    async with a_fetcher(timeout_s=0.2) as fetcher:
        with pytest.raises(FetchError, match="no answer within"):
            await fetcher.fetch(site.url + "/slow")


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503, 204])
async def test_a_status_that_is_no_document_is_told(site: Site, status: int) -> None:
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(site.at("/feed", status=status, Retry_After="120"))
    assert caught.value.status == status
    assert caught.value.retry_after_s == 120
    assert f"status {status}" in str(caught.value)


async def test_retry_after_may_be_a_date(site: Site) -> None:
    at = format_datetime(NOW + timedelta(minutes=10), usegmt=True)
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(site.at("/feed", status=503, Retry_After=at))
    assert caught.value.retry_after_s == 600


async def test_expires_counts_where_max_age_does_not(site: Site) -> None:
    at = format_datetime(NOW + timedelta(minutes=10), usegmt=True)
    async with a_fetcher() as fetcher:
        alone = await fetcher.fetch(site.at("/a", BODY, Expires=at))
        both = await fetcher.fetch(site.at("/b", BODY, Expires=at, Cache_Control="max-age=60"))
        past = await fetcher.fetch(site.at("/c", BODY, Expires="0"))
    assert alone.expires_s == 600
    assert (both.expires_s, both.max_age_s) == (None, 60)
    assert past.expires_s is None


async def test_redirects_are_followed_and_permanent_ones_told(site: Site) -> None:
    site.at("/c", BODY)
    site.at("/b", status=308, Location="c")
    url = site.at("/a", status=301, Location="/b")
    async with a_fetcher() as fetcher:
        response = await fetcher.fetch(url)
    assert response.url == site.url + "/c"
    assert response.permanent_to == site.url + "/c"


async def test_what_follows_a_passing_redirect_is_not_permanent(site: Site) -> None:
    site.at("/d", BODY)
    site.at("/c", status=301, Location="/d")
    site.at("/b", status=302, Location="/c")
    url = site.at("/a", status=301, Location="/b")
    async with a_fetcher() as fetcher:
        response = await fetcher.fetch(url)
        passing = await fetcher.fetch(site.url + "/b")
    assert response.permanent_to == site.url + "/b"
    assert passing.permanent_to is None


async def test_redirects_in_a_circle_end(site: Site) -> None:
    site.at("/b", status=302, Location="/a")
    url = site.at("/a", status=302, Location="/b")
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match="circle"):
            await fetcher.fetch(url)
    assert len(site.seen) == 2


async def test_redirects_without_end_end(site: Site) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=302, headers={"Location": f"/more?{len(site.seen)}"})

    site.paths["/more"] = answer
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match="redirects"):
            await fetcher.fetch(site.url + "/more")
    assert len(site.seen) <= 10


@pytest.mark.parametrize("location", ["ftp://misal.az/a", "javascript:alert(1)", "http://"])
async def test_a_redirect_out_of_the_web_is_a_failure(site: Site, location: str) -> None:
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(site.at("/a", status=302, Location=location))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]", "localhost"]
)
async def test_the_guard_refuses_loopback_however_it_is_spelt(site: Site, host: str) -> None:
    site.at("/", BODY)
    async with Fetcher() as fetcher:
        with pytest.raises(ForbiddenAddressError) as caught:
            await fetcher.fetch(f"http://{host}:{site.port}/")
    assert "[fetch] allow_private" in str(caught.value)
    assert "loopback" in str(caught.value)
    assert host.strip("[]") in str(caught.value)
    assert not site.seen


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_a_listed_address_is_listed_in_every_spelling(site: Site, host: str) -> None:
    site.at("/", BODY)
    async with a_fetcher() as fetcher:
        assert (await fetcher.fetch(f"http://{host}:{site.port}/")).body == BODY


async def test_a_listed_name_does_not_list_its_address(site: Site) -> None:
    site.at("/", BODY)
    async with a_fetcher(allow_private=["localhost"]) as fetcher:
        assert (await fetcher.fetch(f"http://LOCALHOST:{site.port}/")).body == BODY
        with pytest.raises(ForbiddenAddressError):
            await fetcher.fetch(site.url + "/")


async def test_a_page_that_only_sends_on_is_one_more_redirect(site: Site) -> None:
    site.at("/rss.xml", BODY)
    page = b'<meta http-equiv="refresh" content="0; url=/rss.xml">'
    async with a_fetcher() as fetcher:
        response = await fetcher.fetch(site.at("/kohne", page, content_type="text/html"))
    assert response.body == BODY
    assert response.url == f"{site.url}/rss.xml"
    assert response.permanent_to is None


async def test_pages_that_send_on_to_each_other_end(site: Site) -> None:
    site.at("/a", b'<meta http-equiv="refresh" content="0; url=/b">', content_type="text/html")
    site.at("/b", b'<meta http-equiv="refresh" content="0; url=/a">', content_type="text/html")
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match="circle"):
            await fetcher.fetch(f"{site.url}/a")


async def test_a_page_that_sends_on_into_a_private_address_is_refused(site: Site) -> None:
    page = b'<meta http-equiv="refresh" content="0; url=http://10.0.0.1/x">'
    async with a_fetcher() as fetcher:
        with pytest.raises(ForbiddenAddressError, match=r"10\.0\.0\.1"):
            await fetcher.fetch(site.at("/a", page, content_type="text/html"))


async def test_a_redirect_into_a_private_address_is_refused(site: Site) -> None:
    url = site.at("/", status=302, Location="http://169.254.169.254/latest/meta-data")
    async with a_fetcher() as fetcher:
        with pytest.raises(ForbiddenAddressError, match=r"169\.254\.169\.254"):
            await fetcher.fetch(url)


async def test_no_listener_is_a_clear_failure() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match="refused") as caught:
            await fetcher.fetch(f"http://127.0.0.1:{port}/")
    assert not isinstance(caught.value, ForbiddenAddressError)


async def test_plain_http_at_a_tls_address_is_a_clear_failure(site: Site) -> None:
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match="TLS"):
            await fetcher.fetch(f"https://127.0.0.1:{site.port}/")


async def test_a_server_that_speaks_no_http_is_a_clear_failure() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp ready\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(f"http://127.0.0.1:{port}/")
    server.close()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["file:///etc/hosts", "misal.az/feed", "http://", "http://[::1", ""]
)
async def test_what_is_no_web_address_is_not_asked(url: str) -> None:
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(url)


async def test_a_host_gets_one_request_at_a_time(site: Site) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(0.02)
        return web.Response(body=BODY)

    site.paths["/feed"] = answer
    async with a_fetcher() as fetcher:
        await asyncio.gather(*(fetcher.fetch(f"{site.url}/feed?{n}") for n in range(5)))
    assert site.busiest == 1
    assert len(site.seen) == 5


async def test_some_time_lies_between_two_requests_to_a_host(site: Site) -> None:
    url = site.at("/feed", BODY)
    async with a_fetcher(private_spacing_s=60.0) as fetcher:
        await fetcher.fetch(url)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(fetcher.fetch(url), 0.1)
    assert len(site.seen) == 1


async def test_a_waiting_host_holds_no_other(site: Site) -> None:
    other = Site()
    runner = web.ServerRunner(web.Server(other.serve), shutdown_timeout=0.1)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    never = asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.Response:
        await never.wait()
        return web.Response()

    site.paths["/hang"] = hang
    other.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with a_fetcher() as fetcher:
        hanging = asyncio.create_task(fetcher.fetch(site.url + "/hang"))
        assert (await fetcher.fetch(other.at("/feed", BODY))).body == BODY
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
    never.set()
    await runner.cleanup()


async def test_robots_are_asked_once_and_obeyed(site: Site) -> None:
    site.at("/robots.txt", b"User-agent: Xeberci\nDisallow: /admin\n\nUser-agent: *\nDisallow: /\n")
    async with a_fetcher() as fetcher:
        robots = Robots(fetcher, lambda: NOW)
        assert await robots.allowed(site.url + "/suni-zeka/deepseek")
        assert not await robots.allowed(site.url + "/admin/x")
    assert len(site.seen) == 1


@pytest.mark.parametrize("status", [404, 403])
async def test_a_missing_robots_file_allows(site: Site, status: int) -> None:
    site.at("/robots.txt", status=status)
    async with a_fetcher() as fetcher:
        assert await Robots(fetcher, lambda: NOW).allowed(site.url + "/a")


@pytest.mark.parametrize("status", [500, 429])
async def test_a_robots_file_that_cannot_be_had_is_no_rule(site: Site, status: int) -> None:
    site.at("/robots.txt", status=status)
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError, match=rf"/robots\.txt: status {status}"):
            await Robots(fetcher, lambda: NOW).allowed(site.url + "/a")


async def test_a_forbidding_failure_is_forgotten_after_a_while(site: Site) -> None:
    now = [NOW]
    site.at("/robots.txt", status=500)
    async with a_fetcher() as fetcher:
        robots = Robots(fetcher, lambda: now[0])
        with pytest.raises(FetchError):
            await robots.allowed(site.url + "/a")
        site.at("/robots.txt", b"")
        with pytest.raises(FetchError):
            await robots.allowed(site.url + "/b")
        now[0] += timedelta(seconds=9)
        assert await robots.allowed(site.url + "/a")
