"""Queries at 100,000 and 1,000,000 articles, beside SQLite FTS5: ``python -m tests.bench.large``.

A million articles are made from 10,000 analysed texts, each body under the titles of others:
the rows of every word are as long as they would be, and the bench ends within minutes. The
questions are asked by a process of its own, so that its memory is what the bot's would be.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import tantivy

from bot.az.tokens import tokens
from bot.search.documents import article_fields, index_version, schema, word_fields
from bot.search.index import SearchIndex
from tests.bench.search_bench import NOW, Texts, spread, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SIZES = (100_000, 1_000_000)
TEXTS, QUERIES, FTS5_QUERIES = 10_000, 500, 100  # FTS5 takes up to seconds each
HEAP_BYTES = 100_000_000
SHIFT = 7  # titles move on by so many texts with every round
MIB = 1024


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print the figures of each size."""
    started = time.perf_counter()
    texts, seen, noted = Texts(), dict[str, str](), set[str]()
    fields = [article_fields(texts.article(n), seen, noted) for n in range(1, TEXTS + 1)]
    words = [word_fields(term, shown) for term, shown in seen.items()]
    print(f"{TEXTS:,} texts made and analysed in {time.perf_counter() - started:.0f} s")
    for size in sizes:
        print(f"\n-- {size:,} articles", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            print(f"{'index written':<42} {timed(partial(fill, home, fields, words, size)):6.0f} s")
            ask(home, "index")
            print(f"{'FTS5 written':<42} {timed(partial(fill_fts5, home, fields, size)):6.0f} s")
            ask(home, "fts5")


def rows(fields: list[dict[str, Any]], size: int) -> Iterator[dict[str, Any]]:
    """Give so many articles, the newest last."""
    for number in range(size):
        turn, at = divmod(number, len(fields))
        title = fields[(at + turn * SHIFT) % len(fields)]["title"]
        when = int(NOW.timestamp()) - (size - number) * 60
        yield fields[at] | {"id": number + 1, "seq": number + 1, "title": title, "at": when}


def fill(home: Path, fields: list[dict[str, Any]], words: list[dict[str, Any]], size: int) -> None:
    """Write an index as the bot has it."""
    folder = home / "index"
    folder.mkdir()
    made_of = schema()
    index = tantivy.Index(made_of, str(folder))
    writer = index.writer(HEAP_BYTES, 1)
    for row in words:
        writer.add_document(tantivy.Document.from_dict(row, made_of))
    for row in rows(fields, size):
        writer.add_document(tantivy.Document.from_dict(row, made_of))
    writer.commit()
    writer.wait_merging_threads()
    (folder / "version").write_text(index_version(), encoding="utf-8")


def fill_fts5(home: Path, fields: list[dict[str, Any]], size: int) -> None:
    """Write the same tokens into SQLite."""
    database = sqlite3.connect(home / "fts5.db")
    database.execute("CREATE VIRTUAL TABLE a USING fts5(title, body, content='')")
    database.executemany(
        "INSERT INTO a (rowid, title, body) VALUES (?, ?, ?)",
        ((row["id"], row["title"], row["body"]) for row in rows(fields, size)),
    )
    database.commit()
    database.close()


def ask(home: Path, what: str) -> None:
    """Ask in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.large", what, str(home)]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])


def ask_index(home: Path) -> None:
    """Print the times of queries and the memory they took."""
    texts = Texts()
    queries = [texts.query(kind) for kind in range(QUERIES)]
    index = SearchIndex(home / "index", read_only=True)
    print(f"{'opening':<42} {timed(index.open) * 1000:10.1f} ms")
    spread("query", [timed(partial(index.search, query, now=NOW)) for query in queries])
    print(
        f"{'memory: own, with mapped files':<42} {memory('RssAnon'):.0f}, {memory('VmRSS'):.0f} MiB"
    )


def ask_fts5(home: Path) -> None:
    """Print the times of the same queries on SQLite FTS5."""
    texts = Texts()
    queries = [texts.query(kind) for kind in range(FTS5_QUERIES)]
    database = sqlite3.connect(home / "fts5.db")
    statement = "SELECT rowid FROM a WHERE a MATCH ? ORDER BY rank LIMIT 10"

    def search(query: str) -> list[object]:
        asked = " ".join(f'"{token}"' for token in tokens(query))
        return database.execute(statement, (asked,)).fetchall() if asked else []

    spread("  the same on SQLite FTS5", [timed(partial(search, query)) for query in queries])


def memory(name: str) -> float:
    """Give a figure of the process's memory in MiB (Linux; elsewhere 0)."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / MIB for line in lines if line.startswith(name)), 0.0)


if __name__ == "__main__":
    asked = sys.argv[1:]
    if asked[:1] == ["index"]:
        ask_index(Path(asked[1]))
    elif asked[:1] == ["fts5"]:
        ask_fts5(Path(asked[1]))
    else:
        main(tuple(map(int, asked)) or SIZES)
