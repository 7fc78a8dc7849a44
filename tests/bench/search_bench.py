"""Search and matching at 10,000 articles, beside SQLite FTS5 on the same tokens."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.az.lexicon import lexicon
from bot.az.tokens import known, tokens
from bot.models import Article, StoredArticle, Topic
from bot.search.analyser import topic_key
from bot.search.index import SearchIndex
from bot.search.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ARTICLES, WORDS, BATCH = 10_000, 300, 1_000
QUERIES, TOPICS = 300, 50_000
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SYLLABLES = ["ba", "ke", "lo", "mi", "ra", "tə", "şu", "qa", "ni", "dər", "man", "zo", "vi", "hə"]
ENDINGS = ["", "", "ın", "dan", "lar", "ları", "larından", "da"]


class Texts:
    """Articles and queries with the word frequencies of a language: few common, many rare."""

    def __init__(self) -> None:
        """Start from a fixed seed: every run asks the same."""
        self._random = random.Random(7)
        self._titles = [entry.title for entry in lexicon().entries.values()]
        made = (
            "".join(self._random.choices(SYLLABLES, k=self._random.randint(2, 5)))
            for _ in range(60_000)
        )
        self._words = [*sorted(set(known().values())), *made]

    def word(self) -> str:
        """Give a word, a common one more often than not, with an ending now and then."""
        place = int(len(self._words) * self._random.random() ** 9)
        return self._words[place] + self._random.choice(ENDINGS)

    def title(self) -> str:
        """Give a topic of the lexicon."""
        return self._random.choice(self._titles)

    def article(self, number: int) -> StoredArticle:
        """Give an article of 300 words that names a few topics."""
        text = " ".join(self.word() if at % 60 else self.title() for at in range(WORDS))
        title = f"{self.title()} {' '.join(self.word() for _ in range(7))}"
        published = NOW - timedelta(minutes=number)
        article = Article(f"https://x.az/{number}", title, text, published)
        return StoredArticle(number, number, article, NOW)

    def query(self, kind: int) -> str:
        """Give a query: a topic, a word, both, two words, or a word with a letter missing."""
        word = self.word()
        return [
            self.title(),
            word,
            f"{self.title()} {word}",
            f"{word} {self.word()}",
            word[:2] + word[3:],
        ][kind % 5]


def spread(name: str, times_s: Sequence[float]) -> None:
    """Print the median and the 99th percentile of times."""
    ordered = sorted(times_s)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    print(f"{name:<42} p50 {p50 * 1000:6.2f} ms   p99 {p99 * 1000:6.2f} ms")


def timed(call: Callable[[], object]) -> float:
    """Give how many seconds a call took."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _fts5(articles: Sequence[StoredArticle]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE a USING fts5(title, body)")
    rows = (
        (" ".join(tokens(stored.article.title)), " ".join(tokens(stored.article.text)))
        for stored in articles
    )
    database.executemany("INSERT INTO a VALUES (?, ?)", rows)
    return database


def _ask_fts5(database: sqlite3.Connection, query: str) -> list[object]:
    asked = " ".join(f'"{token}"' for token in tokens(query))
    if not asked:
        return []
    statement = "SELECT rowid FROM a WHERE a MATCH ? ORDER BY rank LIMIT 10"
    return database.execute(statement, (asked,)).fetchall()


def main() -> None:
    """Print indexing, queries, related stories and matching, each beside its baseline."""
    texts = Texts()
    articles = [texts.article(number) for number in range(1, ARTICLES + 1)]
    queries = [texts.query(kind) for kind in range(QUERIES)]
    with tempfile.TemporaryDirectory() as folder:
        index = SearchIndex(Path(folder) / "index")
        index.open()
        batches = [articles[at : at + BATCH] for at in range(0, ARTICLES, BATCH)]
        took_s = sum(timed(partial(index.add, batch)) for batch in batches)
        print(f"{'articles analysed and indexed a second':<42} {ARTICLES / took_s:10,.0f}")
        spread("related stories", [timed(partial(index.related, a)) for a in articles[:100]])
        spread("query", [timed(partial(index.search, q, now=NOW)) for q in queries])
        index.close()
        again = SearchIndex(Path(folder) / "index")
        print(f"{'opening':<42} {timed(again.open) * 1000:10.1f} ms")
        again.close()
    database = _fts5(articles)
    spread("  the same on SQLite FTS5", [timed(partial(_ask_fts5, database, q)) for q in queries])
    titles = (f"{texts.title()} {texts.word()} {number}" for number in range(TOPICS))
    matcher = Matcher(Topic(topic_key(title), title) for title in titles)
    match = [timed(partial(matcher.match, a.article)) for a in articles[:300]]
    spread(f"article against {len(matcher):,} topics", match)
