"""``search``, ``import``, ``export``: the archive from the command line, beside a running bot."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import jsonl, links
from bot.archive import Archive
from bot.az.dates import spoken
from bot.errors import IndexBusyError, XeberciError
from bot.models import NewArticle
from bot.search.folders import folder_to_read, open_folder
from bot.search.index import SearchIndex
from bot.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.config import Settings
    from bot.models import Found
    from bot.store.protocol import Store

IMPORTED_AT_ONCE = 200  # DESIGN: other processes write at most so many rows a transaction
EXPORTED_AT_ONCE = 500
PROJECTION_WAIT_S = 10.0


def search(settings: Settings, query: str, *, limit: int, as_json: bool) -> int:
    """Print what answers the query; ``-`` answers each line of stdin with a JSON line."""
    return asyncio.run(_search(settings, query, limit, as_json=as_json))


async def _search(settings: Settings, query: str, limit: int, *, as_json: bool) -> int:
    async with _store(settings) as store:
        # Only read: a question must not keep a bot from starting.
        folder = await folder_to_read(settings.data_dir, store)
        index = SearchIndex(folder, read_only=True)
        index.open()
        try:
            archive = Archive(store, index, _now)
            reach = Reach(store, index, folder)
            if query == "-":
                for line in sys.stdin or ():  # None: a closed one
                    await reach.all_archived()
                    found = await archive.search(line.rstrip("\r\n"), limit)
                    print(_found_json(found, settings), flush=True)
                return 0
            await reach.all_archived()
            found = await archive.search(query, limit)
            print(_found_json(found, settings) if as_json else _found_text(found, settings))
            return 0
        finally:
            index.close()


class Reach:
    """Makes what is archived searchable: a running bot does it, or nobody, and then we do."""

    def __init__(self, store: Store, index: SearchIndex, folder: Path) -> None:
        self._store = store
        self._index = index
        self._folder = folder
        self._given_up = 0  # a log that the bot did not get to within the wait

    async def all_archived(self) -> None:
        """Wait until everything archived by now is in the index, ten seconds at most."""
        last = await self._store.last_seq()
        self._index.reload()
        for _ in range(int(PROJECTION_WAIT_S * 10)):
            if self._index.checkpoint >= last or self._given_up >= last:
                return
            if not await self._catch_up():
                await asyncio.sleep(0.1)
            self._index.reload()
        self._given_up = last

    async def _catch_up(self) -> bool:
        try:
            writer = await open_folder(self._folder, self._store)
        except IndexBusyError:  # a running bot, or another question that came first
            return False
        try:
            await Archive(self._store, writer, _now).catch_up()
        finally:
            writer.close()
        return True


def load(settings: Settings, file: Path) -> int:
    """Put articles into the archive, never delivered; prints ``N new, M known, K skipped``."""
    return asyncio.run(_load(settings, file))


async def _load(settings: Settings, file: Path) -> int:
    new = known = skipped = 0
    async with _store(settings) as store:
        batch: list[NewArticle] = []

        async def commit() -> None:
            nonlocal new, known
            stored = await store.commit(batch, None, _now())
            new += len(stored)
            known += len(batch) - len(stored)
            batch.clear()

        try:
            with file.open("rb") as stream:
                for line in jsonl.read_lines(stream, now=_now(), zone=settings.zone):
                    if isinstance(line, jsonl.LineError):
                        print(f"xeberci: {file}: {line}", file=sys.stderr)
                        skipped += 1
                        continue
                    batch.append(NewArticle(line, (links.identity(line.url),), deliver=False))
                    if len(batch) == IMPORTED_AT_ONCE:
                        await commit()
        except OSError as error:
            raise XeberciError(f"{file}: cannot be read: {error.strerror or error}") from None
        await commit()
    print(f"{new} new, {known} known, {skipped} skipped")
    return 0 if new or known or not skipped else 1


def export(settings: Settings, file: Path | None) -> int:
    """Print the archive, oldest first, in the format of import, or write it to a file."""
    return asyncio.run(_export(settings, file))


async def _export(settings: Settings, file: Path | None) -> int:
    async with _store(settings) as store:
        if file is None:
            async for line in _lines(store):
                print(line)
            return 0
        part = file.with_name(f"{file.name}.{os.getpid()}.part")
        try:
            # A reader of the file never sees half of it.
            with part.open("w", encoding="utf-8") as stream:
                async for line in _lines(store):
                    stream.write(f"{line}\n")
            part.replace(file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise XeberciError(f"{file}: cannot be written: {error.strerror or error}") from None
    return 0


async def _lines(store: Store) -> AsyncIterator[str]:
    after = None
    while page := await store.oldest(EXPORTED_AT_ONCE, after):
        for stored in page:
            yield jsonl.write_article(stored.article)
        after = page[-1]


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Store]:
    store = open_store(settings.store.url, settings.data_dir)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _found_json(found: Found, settings: Settings) -> str:
    hits = [
        {
            "url": hit.article.article.url,
            "title": hit.article.article.title,
            "published": hit.article.when.astimezone(settings.zone).isoformat(),
            "score": round(hit.score, 4),
        }
        for hit in found.hits
    ]
    return json.dumps(
        {"query": found.query, "hits": hits, "suggestion": found.suggestion}, ensure_ascii=False
    )


def _found_text(found: Found, settings: Settings) -> str:
    now = _now()
    lines = []
    if found.suggestion:
        lines.append(f"→ {found.suggestion}")
    for number, hit in enumerate(found.hits, start=1):
        when = spoken(hit.article.when, now=now, zone=settings.zone)
        lines += [
            f"{number}. {hit.article.article.title} ({when})",
            f"   {hit.article.article.url}",
        ]
    if not found.hits:
        lines.append(f"no news about “{found.query}”")
        if found.spellings:
            lines.append("near: " + ", ".join(found.spellings))
    return "\n".join(lines)


def _now() -> datetime:
    return datetime.now(UTC)
