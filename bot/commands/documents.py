"""``parse`` and ``digest``: files and addresses -> articles or digests on stdout."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import jsonl
from bot.digest import make_digest
from bot.digest.formatter import digest_json, digest_text
from bot.errors import ParseError, XeberciError
from bot.poller import source_names
from bot.sources.fetcher import Fetcher
from bot.sources.reading import ReadContext
from bot.sources.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.config import Settings
    from bot.models import Article
    from bot.sources.response import Response

_HANDED_OVER = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
JSON_LINE = b"{"


def parse(settings: Settings, inputs: Sequence[str], url: str | None) -> int:
    """Print the articles of documents as JSON Lines; status 1 if an input was bad."""

    def show(article: Article) -> None:
        print(jsonl.write_article(article), flush=True)

    return asyncio.run(_each(settings, inputs, url, show, lines=False))


def digest(settings: Settings, inputs: Sequence[str], url: str | None, *, as_json: bool) -> int:
    """Print a digest for each article of documents, or of articles as JSON Lines."""
    gap = ""

    def show(article: Article) -> None:
        nonlocal gap
        made = make_digest(article)
        if as_json:
            print(json.dumps(digest_json(made), ensure_ascii=False), flush=True)
        else:
            print(gap + digest_text(made), flush=True)
            gap = "\n"

    return asyncio.run(_each(settings, inputs, url, show, lines=True))


async def _each(
    settings: Settings,
    inputs: Sequence[str],
    url: str | None,
    show: Callable[[Article], None],
    *,
    lines: bool,
) -> int:
    """Show the articles of each input in order; name the bad inputs and carry on."""
    status = 0
    async with AsyncExitStack() as stack:
        reader = Reader(settings, stack)
        for name in inputs:
            try:
                read = await reader.read(name, url, lines=lines)
            except XeberciError as error:
                named = str(error).startswith(f"{name}: ")
                print(f"xeberci: {error if named else f'{name}: {error}'}", file=sys.stderr)
                status = 1
                continue
            for article in read.articles:
                show(article)
            for problem in read.problems:
                print(f"xeberci: {name}: {problem}", file=sys.stderr)
            status = 1 if read.bad else status
    return status


@dataclass(frozen=True, slots=True)
class Read:
    """What an input held; ``bad`` where a part of it could not be read at all."""

    articles: tuple[Article, ...]
    problems: tuple[str, ...] = ()
    bad: bool = False


class Reader:
    """Reads files and addresses in the sandbox, as the poller does."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._stack = stack
        self._names = source_names(settings.sources)
        self._sandbox: Sandbox | None = None
        self._fetcher: Fetcher | None = None

    async def read(self, name: str, url: str | None, *, lines: bool) -> Read:
        """Give the articles of a FILE or URL; raises ``XeberciError`` where it is unreadable."""
        if name.lower().startswith(("http://", "https://")):
            response = await self._fetch(name)
            return await self._document(response.body, response.url, response.content_type)
        data = self._file(name)
        if lines and data.lstrip().startswith(JSON_LINE):
            return _json_lines(data, self._settings)
        return await self._document(data, url, None)

    def _file(self, name: str) -> bytes:
        limit = self._settings.fetch.max_bytes
        if "://" in name:
            raise ParseError("only files and http and https addresses are read")
        try:
            if not _is_readable(name):
                raise ParseError("is no file")
            with Path(name).open("rb") as stream:
                data = stream.read(limit + 1)
        except OSError as error:
            raise ParseError(f"cannot be read: {error.strerror or error}") from None
        if len(data) > limit:
            raise ParseError(f"is larger than {limit} bytes, which is [fetch] max_bytes")
        return data

    async def _fetch(self, url: str) -> Response:
        if self._fetcher is None:
            fetch = self._settings.fetch
            self._fetcher = Fetcher(allow_private=fetch.allow_private, max_bytes=fetch.max_bytes)
            self._stack.push_async_callback(self._fetcher.close)
        return await self._fetcher.fetch(url)

    async def _document(self, data: bytes, url: str | None, content_type: str | None) -> Read:
        if self._sandbox is None:
            self._sandbox = Sandbox()
            self._stack.push_async_callback(self._sandbox.close)
        context = ReadContext(
            now=datetime.now(UTC),
            zone=self._settings.zone,
            sources=self._names,
            max_bytes=self._settings.fetch.max_bytes,
        )
        reading = await self._sandbox.read(
            data, url=url, content_type=content_type, context=context
        )
        return Read(reading.articles, reading.remarks)


def _is_readable(name: str) -> bool:
    """Tell a file from what would be waited for: a FIFO or a device that no shell handed over."""
    mode = Path(name).stat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode) or name.startswith(_HANDED_OVER)


def _json_lines(data: bytes, settings: Settings) -> Read:
    articles: list[Article] = []
    problems: list[str] = []
    now = datetime.now(UTC)
    for line in jsonl.read_lines(data.splitlines(), now=now, zone=settings.zone):
        if isinstance(line, jsonl.LineError):
            problems.append(str(line))
        else:
            articles.append(line)
    return Read(tuple(articles), tuple(problems), bad=bool(problems))
