"""Bodies as servers compress them, undone piece by piece up to a limit. No I/O here.

A bomb is recognised by what comes out, before it is in memory: no piece grows past the
limit by more than a byte.
"""

from __future__ import annotations

import zlib
from typing import Protocol

from bot.errors import FetchError

try:
    import brotli
except ImportError:  # an extra of aiohttp; without it br is not offered
    brotli = None

ACCEPTED = "gzip, deflate" if brotli is None else "gzip, deflate, br"
_PIECE = 1 << 16  # what is left of a piece is copied whenever a limit or a member ends
_MAX_MEMBERS = 1_000  # a gzip file may consist of several, and of nothing but empty ones
_MAX_STEPS = 4
_AUTO = 32 + zlib.MAX_WBITS  # zlib and gzip, told apart by their headers


class Step(Protocol):
    """Undoes one encoding."""

    def feed(self, data: bytes, limit: int) -> bytes:
        """Give what comes out of a piece; at most about ``limit`` bytes, then FetchError."""
        ...


class _Zlib:
    def __init__(self) -> None:
        self._undo = zlib.decompressobj(_AUTO)
        self._started = False
        self._members = 1

    def feed(self, data: bytes, limit: int) -> bytes:
        out = bytearray()
        while data:
            try:
                out += self._undo.decompress(data, limit + 1 - len(out))
            except zlib.error:
                if self._started:
                    raise FetchError("a damaged compressed body") from None
                self._undo = zlib.decompressobj(-zlib.MAX_WBITS)  # deflate without a header
                self._started = True
                continue
            self._started = True
            if len(out) > limit:
                raise FetchError("too large")
            data = self._undo.unconsumed_tail
            if self._undo.eof:
                data = self._undo.unused_data.lstrip(b"\0")
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise FetchError("a damaged compressed body")
                self._undo = zlib.decompressobj(_AUTO)
        return bytes(out)


class _Brotli:
    def __init__(self) -> None:
        self._undo = brotli.Decompressor()

    def feed(self, data: bytes, limit: int) -> bytes:
        out = bytearray()
        try:
            out += self._undo.process(data, output_buffer_limit=limit + 1)
            while not self._undo.can_accept_more_data() and len(out) <= limit:
                out += self._undo.process(b"", output_buffer_limit=limit + 1 - len(out))
        except brotli.error:
            raise FetchError("a damaged compressed body") from None
        if len(out) > limit:
            raise FetchError("too large")
        return bytes(out)


class Body:
    """Collects a body of at most ``max_bytes`` after decompression."""

    def __init__(self, encoding: str | None, max_bytes: int) -> None:
        names = _names(encoding)
        if len(names) > _MAX_STEPS:
            raise FetchError(f"a body that is compressed {len(names)} times")
        self._steps = [_step(name) for name in reversed(names)]
        self._taken = 0
        self._max_bytes = max_bytes
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        """Take a piece as it came; FetchError where the body is too large or damaged.

        What came counts as well: compressed nothing may be without end.
        """
        self._taken += len(data)
        if self._taken > self._max_bytes + (self._max_bytes >> 8):  # what is noise grows a little
            raise self._named(FetchError("too large"))
        for start in range(0, len(data), _PIECE):
            self._feed(data[start : start + _PIECE])

    def _feed(self, data: bytes) -> None:
        room = self._max_bytes - len(self._data)
        for step in self._steps:
            try:
                data = step.feed(data, room)
            except FetchError as error:
                raise self._named(error) from None
        if len(data) > room:
            raise self._named(FetchError("too large"))
        self._data += data

    def _named(self, error: FetchError) -> FetchError:
        if str(error) != "too large":
            return error
        return FetchError(f"the body is larger than {self._max_bytes} bytes ([fetch] max_bytes)")

    def value(self) -> bytes:
        """Give the whole body."""
        return bytes(self._data)


def _names(encoding: str | None) -> list[str]:
    names = [name.strip().lower() for name in (encoding or "").split(",")]
    return [name for name in names if name not in {"", "identity"}]


def _step(name: str) -> Step:
    if name in {"gzip", "x-gzip", "deflate"}:
        return _Zlib()
    if name == "br" and brotli is not None:
        return _Brotli()
    raise FetchError(f"a body in an encoding that was not offered ({name[:20]})")
