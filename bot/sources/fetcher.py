"""Polite, guarded HTTP: one address in, one response out.

Each hop: guard -> wait for the host's turn -> conditional GET -> body up to the limit. The
guard judges the address that a socket is opened to, redirects included.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from bot import links
from bot.errors import FetchError, ForbiddenAddressError
from bot.sources.guard import Guard, literal, normalise_host
from bot.sources.inflate import ACCEPTED, Body
from bot.sources.meter import Meter, MeteredSocket
from bot.sources.refresh import refresh_target
from bot.sources.response import Response, max_age_s, seconds_until

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Iterable
    from types import TracebackType

# Some servers (azertag.az) answer 400 to whatever does not begin as browsers do; "compatible" is
# how robots say so and still name themselves.
USER_AGENT = "Mozilla/5.0 (compatible; Xeberci/0.1; +https://t.me/xeberci_bot)"
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.9, */*;q=0.5"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_MAX_REDIRECTS = 8
_MAX_HOSTS = 2_000
_CONNECT_S = 10.0
_HEADER_BYTES = 16_384
_BESIDE_BODY = 256 << 10  # headers, interim answers, a TLS handshake
_OK = 200
_NOT_MODIFIED = 304


@dataclass(slots=True)
class _Attempt:
    """The request that a socket is opened for: its host as written, and what the guard said."""

    host: str
    meter: Meter
    refused: str | None = None


_attempt: ContextVar[_Attempt] = ContextVar("_attempt")


@dataclass(slots=True)
class _Turn:
    """One host's turn: one request at a time, some time between two."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    meter: Meter = field(default_factory=Meter)  # of the connection, which may be used again
    free_at: float = 0.0


def _now() -> datetime:
    return datetime.now(UTC)


class Fetcher:
    """Fetches documents; opened by its first request, ended by ``close``.

    ``timeout_s`` is for one address with its redirects, waiting for a host's turn excluded.
    ``spacing_s`` lies between two requests to one host; hosts of ``allow_private`` are the
    operator's own and get ``private_spacing_s``.
    """

    def __init__(
        self,
        *,
        user_agent: str = USER_AGENT,
        timeout_s: float = 20.0,
        max_bytes: int = 8 << 20,
        allow_private: Iterable[str] = (),
        spacing_s: float = 1.0,
        private_spacing_s: float = 0.05,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._user_agent = user_agent
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._guard = Guard(allow_private)
        self._spacing_s = spacing_s
        self._private_spacing_s = private_spacing_s
        self._clock = clock
        self._turns: dict[str, _Turn] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str | None = None,
    ) -> Response:
        """Give the document at an address: 200, or 304 where validators were given.

        Raises FetchError with a line for a person (its ``status`` and ``retry_after_s`` where
        a server answered), ForbiddenAddressError where the guard refuses.
        """
        headers = {"Accept": accept or ACCEPT}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        address = url.partition("#")[0]
        seen: set[str] = set()
        permanent_to: str | None = None
        only_permanent = True
        left_s = self._timeout_s
        for _ in range(_MAX_REDIRECTS + 1):
            if address in seen:
                raise FetchError(f"{url}: redirects in a circle")
            seen.add(address)
            response, target, left_s = await self._hop(address, headers, left_s)
            if target is None:
                if response.status == _NOT_MODIFIED and not (etag or last_modified):
                    raise FetchError(f"{address}: status 304 without being asked", status=304)
                return _with_permanent(response, permanent_to)
            only_permanent = only_permanent and response.status in _PERMANENT
            permanent_to = target if only_permanent else permanent_to
            address = target
        raise FetchError(f"{url}: more than {_MAX_REDIRECTS} redirects")

    async def _hop(
        self, address: str, headers: dict[str, str], left_s: float
    ) -> tuple[Response, str | None, float]:
        """Ask one address; give the answer, where it redirects to, and the time that is left."""
        try:
            self._guard.check_url(address)
        except ForbiddenAddressError as error:
            raise ForbiddenAddressError(f"{address}: {error}") from None
        host = urlsplit(address).hostname or ""
        loop = asyncio.get_running_loop()
        async with self._turn(address, host) as meter:
            attempt = _Attempt(host, meter)
            token = _attempt.set(attempt)
            meter.fill(self._max_bytes + self._max_bytes // 64 + _BESIDE_BODY)
            start = loop.time()
            try:
                async with asyncio.timeout(max(left_s, 0.0)):
                    response, target = await self._get(address, headers)
            except (TimeoutError, aiohttp.ServerTimeoutError):
                raise FetchError(f"{address}: no answer within {self._timeout_s:g} s") from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                if attempt.refused is not None:
                    raise ForbiddenAddressError(f"{address}: {attempt.refused}") from None
                raise FetchError(f"{address}: {_why(error, meter)}") from None
            finally:
                _attempt.reset(token)
            return response, target, left_s - (loop.time() - start)

    async def _get(self, address: str, headers: dict[str, str]) -> tuple[Response, str | None]:
        session = self._opened()
        async with session.get(
            _request_url(address), headers=headers, allow_redirects=False
        ) as answer:
            status = answer.status
            if status in _REDIRECTS and answer.headers.get("Location"):
                target = _target(address, answer.headers["Location"])
                return Response(status, address), target
            retry_after_s = seconds_until(answer.headers.get("Retry-After"), now=self._clock())
            if status not in {_OK, 203, _NOT_MODIFIED}:
                raise FetchError(
                    f"{address}: status {status}", status=status, retry_after_s=retry_after_s
                )
            body = b""
            onward: str | None = None
            content_type = _sendable(answer.headers.get("Content-Type"))
            if status != _NOT_MODIFIED:
                body = await self._body(address, answer)
                onward = refresh_target(body, url=address, content_type=content_type)
            return (
                Response(
                    status=_OK if status != _NOT_MODIFIED else status,
                    url=address,
                    body=body,
                    content_type=content_type,
                    etag=_sendable(answer.headers.get("ETag")),
                    last_modified=_sendable(answer.headers.get("Last-Modified")),
                    max_age_s=max_age_s(answer.headers.get("Cache-Control")),
                    expires_s=self._expires_s(answer),
                    retry_after_s=retry_after_s,
                ),
                onward,
            )

    def _expires_s(self, answer: aiohttp.ClientResponse) -> float | None:
        """Give what Expires asks for; Cache-Control's max-age outranks it (RFC 9111, 5.3)."""
        if max_age_s(answer.headers.get("Cache-Control")) is not None:
            return None
        text = answer.headers.get("Expires")
        return seconds_until(text, now=self._clock()) if text and not text.isdigit() else None

    async def _body(self, address: str, answer: aiohttp.ClientResponse) -> bytes:
        try:
            encoding = answer.headers.get("Content-Encoding") or ""
            body = Body(encoding.encode(errors="replace").decode(), self._max_bytes)
            async for piece in answer.content.iter_chunked(65_536):
                body.feed(piece)
        except FetchError as error:
            raise FetchError(f"{address}: {error}") from None
        return body.value()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=64, limit_per_host=1, socket_factory=self._socket, ttl_dns_cache=60
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers={"User-Agent": self._user_agent, "Accept-Encoding": ACCEPTED},
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=min(_CONNECT_S, self._timeout_s)
                ),
                max_line_size=_HEADER_BYTES,
                max_field_size=_HEADER_BYTES,
            )
        return self._session

    def _socket(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """Open a socket to an address that the guard allows for the host that was asked."""
        family, kind, protocol, _, address = info
        attempt = _attempt.get()
        try:
            self._guard.check_address(str(address[0]), attempt.host)
        except ForbiddenAddressError as error:
            attempt.refused = str(error)
            raise OSError(str(error)) from None
        opened = MeteredSocket(family, kind, protocol)
        opened.meter = attempt.meter
        return opened

    @asynccontextmanager
    async def _turn(self, address: str, host: str) -> AsyncIterator[Meter]:
        """Wait until the host and port of an address may be asked."""
        parts = urlsplit(address)
        key = f"{normalise_host(host)}:{parts.port or links.DEFAULT_PORTS.get(parts.scheme)}"
        if key not in self._turns and len(self._turns) >= _MAX_HOSTS:
            self._turns = {name: turn for name, turn in self._turns.items() if turn.lock.locked()}
        turn = self._turns.setdefault(key, _Turn())
        private = self._guard.allows_host(host)
        loop = asyncio.get_running_loop()
        async with turn.lock:
            await asyncio.sleep(max(0.0, turn.free_at - loop.time()))
            try:
                yield turn.meter
            finally:
                spacing_s = self._private_spacing_s if private else self._spacing_s
                turn.free_at = loop.time() + spacing_s


_REASONS: tuple[tuple[type[aiohttp.ClientError], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the host has no address (DNS)"),
    (aiohttp.ClientConnectorCertificateError, "the certificate is not valid (TLS)"),
    (aiohttp.ClientSSLError, "no secure connection (TLS)"),
    (aiohttp.ServerDisconnectedError, "the server cut the connection"),
    (aiohttp.ClientPayloadError, "the server cut the connection"),
    (aiohttp.InvalidURL, "no valid address"),
)


def _with_permanent(response: Response, permanent_to: str | None) -> Response:
    if permanent_to is None:
        return response
    return Response(
        **{name: getattr(response, name) for name in Response.__slots__ if name != "permanent_to"},
        permanent_to=permanent_to,
    )


def _sendable(header: str | None) -> str | None:
    """Give a header unless it is of bytes that are no text: neither stored nor sent again."""
    try:
        return header.encode().decode() if header is not None else None
    except UnicodeError:
        return None


def _request_url(address: str) -> URL:
    """Give the address for the request: byte for byte, an IP literal in its usual spelling."""
    parts = urlsplit(address)
    found = literal(parts.hostname or "")
    if found is not None:
        shown = f"[{found}]" if found.version == 6 else str(found)  # noqa: PLR2004
        port = f":{parts.port}" if parts.port is not None else ""
        address = urlunsplit((parts.scheme, shown + port, parts.path, parts.query, ""))
    return URL(address, encoded=address.isascii())


def _target(address: str, location: str) -> str:
    """Give where a redirect leads; servers write raw UTF-8 or Latin-1 into the header."""
    raw = location.encode("utf-8", errors="surrogateescape")
    target = links.absolute(quote(raw, safe="".join(map(chr, range(33, 127)))), address)
    if target is None:
        raise FetchError(f"{address}: redirects to what is no http(s) address")
    return target.partition("#")[0]


def _why(error: Exception, meter: Meter) -> str:
    """Give why a request failed, in words for a person."""
    if meter.refused:
        return "more than a document may have ([fetch] max_bytes)"
    return _reason(error) if isinstance(error, aiohttp.ClientError) else _os_reason(error)


def _reason(error: aiohttp.ClientError) -> str:
    """Give what went wrong in words for a person."""
    for kind, words in _REASONS:
        if isinstance(error, kind):
            return words
    if isinstance(error, aiohttp.ClientConnectorError):
        return _os_reason(error.os_error)
    return f"no valid answer ({type(error).__name__})"


def _os_reason(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, ssl.SSLError):
        return "no secure connection (TLS)"
    if isinstance(error, OSError):
        return f"no connection ({error.strerror or type(error).__name__})"
    return "no valid address"
