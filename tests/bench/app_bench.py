"""Figures of the running bot at 10,000 articles: start, memory, a topic query's reply.

Each stands beside a baseline measured in the same run.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot import cards
from bot.archive import Archive
from bot.az import tokens
from bot.demo.botapi import BotApi
from bot.demo.site import load_stories
from bot.models import Article, NewArticle
from bot.search.index import SearchIndex
from bot.store import open_store
from bot.texts import load_texts
from tests.functional.newsroom import TOKEN, NewsSite, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLES = 10_000
QUERIES = ("DeepSeek", "suni zeka", "iPhone 18", "Samsung telefon", "DipSek", "kvant kompüteri")
ROUNDS = 50
BARE = "import aiohttp, telegram.ext"


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(_fill(folder))
        asyncio.run(_query(folder))
        asyncio.run(_start_and_memory(folder))


def synthetic(count: int) -> Iterator[Article]:
    """Give articles made of the demo's sentences, each with words of its own."""
    rng = random.Random(2026)
    stories = load_stories()
    sentences = [s for story in stories for s in story.text.replace("\n", " ").split(". ")]
    now = datetime.now(UTC)
    for number in range(count):
        story = rng.choice(stories)
        body = ". ".join(rng.sample(sentences, 8))
        yield Article(
            f"https://sayt.az/{number}",
            f"{story.title} {number}",
            text=f"{body}. Buraxılış {rng.randrange(10**6)}.",
            published=now - timedelta(minutes=7 * number),
            source="sayt.az",
        )


async def _fill(folder: Path) -> None:
    store = open_store("", folder)
    await store.open()
    batch = [NewArticle(article, (article.url,), deliver=False) for article in synthetic(ARTICLES)]
    began = time.perf_counter()
    for at in range(0, len(batch), 200):
        await store.commit(batch[at : at + 200], None, datetime.now(UTC))
    archived = time.perf_counter() - began
    index = SearchIndex(folder / "search")
    index.open()
    began = time.perf_counter()
    await Archive(store, index, lambda: datetime.now(UTC)).catch_up()
    indexed = time.perf_counter() - began
    index.close()
    await store.close()
    rates = f"{ARTICLES / archived:,.0f} articles/s committed, {ARTICLES / indexed:,.0f} indexed"
    print(f"archive    {rates}")


async def _query(folder: Path) -> None:
    store = open_store("", folder)
    await store.open()
    index = SearchIndex(folder / "search")
    index.open()
    archive = Archive(store, index, lambda: datetime.now(UTC))
    texts = load_texts().of("az")
    taken = []
    for _ in range(ROUNDS):
        for query in QUERIES:
            began = time.perf_counter()
            found = await archive.search(query)
            for hit in found.hits[:1]:
                cards.article(hit.article, texts)
            taken.append(time.perf_counter() - began)
    plain = _fts5()
    print(f"query      {_spread(taken)}   beside FTS5 on the same tokens {_spread(plain)}")
    index.close()
    await store.close()


def _fts5() -> list[float]:
    """Give the times of the same queries on SQLite's own full-text index."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table articles using fts5(body)")
    database.executemany(
        "insert into articles values (?)",
        ((" ".join(tokens(f"{a.title} {a.text}")),) for a in synthetic(ARTICLES)),
    )
    taken = []
    for _ in range(ROUNDS):
        for query in QUERIES:
            began = time.perf_counter()
            words = " ".join(f'"{token}"' for token in tokens(query))
            database.execute(
                "select rowid from articles where articles match ? order by rank limit 5", (words,)
            ).fetchall()
            taken.append(time.perf_counter() - began)
    return taken


async def _start_and_memory(folder: Path) -> None:
    site, api = NewsSite(), BotApi(token=TOKEN)
    await site.start()
    await api.start()
    site.publish(Story("Kəsilmiş xəbər", cut=True))
    first_poll = asyncio.Event()
    feed = site.feed

    def asked() -> str:
        first_poll.set()
        return feed()

    site.feed = asked  # type: ignore[method-assign]
    environment = os.environ | {
        "BOT_TOKEN": TOKEN,
        "XEBERCI_DATA_DIR": str(folder),
        "XEBERCI_TELEGRAM__API_URL": api.url,
        "XEBERCI_FETCH__ALLOW_PRIVATE": '["127.0.0.1"]',
        "XEBERCI_SOURCES": json.dumps(
            [{"name": "sayt.az", "url": f"{site.url}/feed", "backlog": 1, "every": "2s"}]
        ),
    }
    began = time.perf_counter()
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", "run", env=environment, stderr=subprocess.DEVNULL
    )
    try:
        await asyncio.wait_for(first_poll.wait(), 30)
        started = time.perf_counter() - began
        await asyncio.sleep(4)
        used = sum(_pss_mib(pid) for pid in _family(bot.pid))
    finally:
        bot.terminate()
        await bot.wait()
        await api.stop()
        await site.stop()
    bare_start, bare_memory = _bare()
    print(f"baseline   {bare_start:.0f} ms and {bare_memory:.0f} MiB for `{BARE}` alone")
    print(f"start      {started * 1000:.0f} ms to the first poll")
    print(f"memory     {used:.0f} MiB PSS, workers included")


def _bare() -> tuple[float, float]:
    code = f"{BARE}; print(open('/proc/self/smaps_rollup').read())"
    began = time.perf_counter()
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    return (time.perf_counter() - began) * 1000, _pss_of(shown)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        yield from _family(int(child))


def _pss_mib(pid: int) -> float:
    return _pss_of(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))


def _pss_of(rollup: str) -> float:
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def _spread(taken: list[float]) -> str:
    ordered = sorted(taken)
    p99 = ordered[int(len(ordered) * 0.99)]
    return f"p50 {statistics.median(ordered) * 1000:.2f} ms, p99 {p99 * 1000:.2f} ms"


if __name__ == "__main__":
    main()
