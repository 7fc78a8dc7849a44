"""Which followed topics an article is about. Pure.

Each topic waits under its rarest unit, so an article looks only at topics that it may name:
.3 ms among 50,000 topics, where asking every topic takes over 60.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.az.topics import Pattern, names, pattern, places, read
from bot.search.analyser import own_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.models import Article, Topic

_GAP = 1000  # between title and text: no phrase spans it


class Matcher:
    """The followed topics, ready to be asked about articles."""

    def __init__(self, topics: Iterable[Topic] = ()) -> None:
        """Take the topics that are followed now."""
        self._patterns: dict[str, Pattern] = {}
        self._waiting: dict[str, set[str]] = {}
        for topic in topics:
            self.add(topic)

    def __len__(self) -> int:
        """Give the number of topics."""
        return len(self._patterns)

    def add(self, topic: Topic) -> None:
        """Take one more topic; one that is known already changes nothing."""
        asked = pattern(topic.title)
        if asked.key != topic.key:
            asked = pattern(topic.key)
        if topic.key in self._patterns or not asked.units:
            return
        self._patterns[topic.key] = asked
        rarest = min(asked.units, key=lambda unit: len(self._waiting.get(unit, ())))
        self._waiting.setdefault(rarest, set()).add(topic.key)

    def discard(self, key: str) -> None:
        """Forget a topic that nobody follows any more; an unknown one is no mistake."""
        asked = self._patterns.pop(key, None)
        for unit in asked.units if asked else ():
            waiting = self._waiting.get(unit, set())
            waiting.discard(key)
            if not waiting:
                self._waiting.pop(unit, None)

    def match(self, article: Article) -> list[str]:
        """Give the keys of the topics that the article names, in alphabetical order."""
        where = places(read(article.title))
        for unit, spots in places(read(own_text(article))).items():
            moved = [(start + _GAP, end + _GAP) for start, end in spots]
            where[unit] = where.get(unit, []) + moved
        found = [
            key
            for unit in where.keys() & self._waiting.keys()
            for key in self._waiting[unit]
            if names(where, self._patterns[key])
        ]
        return sorted(found)
