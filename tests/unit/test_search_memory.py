"""What queries leave in memory is given back, and what they find stays the same."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.models import Article, StoredArticle
from bot.search.index import SearchIndex
from bot.search.memory import MappedPages

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and takes back pages")
def test_pages_are_given_back_and_answers_stay(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path / "index")
    index.open()
    index.add([StoredArticle(1, 1, Article("https://x.az/1", "DeepSeek yeniləndi"), NOW)])
    pages = MappedPages(tmp_path / "index", most_bytes=0)
    assert any(pages.look() for _ in range(64))
    assert index.search("DeepSeek").ids == (1,)
    index.close()


def test_little_is_left_where_it_is(tmp_path: Path) -> None:
    pages = MappedPages(tmp_path, most_bytes=2**50)
    assert not any(pages.look() for _ in range(64))
