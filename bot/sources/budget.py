"""How long a document may be read for: its first items are better than none of them."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_ITEMS = 2_000
T = TypeVar("T")


class Budget:
    """Computing time for one document, counted from here on; without a figure there is no end.

    ``skipped`` is how many items were left when it was spent.
    """

    def __init__(self, cpu_s: float = math.inf) -> None:
        # Asking for the time is a system call; a poll that is answered 304 needs none.
        self._end_s = time.process_time() + cpu_s if cpu_s < math.inf else math.inf
        self.skipped = 0

    @property
    def spent(self) -> bool:
        """Tell whether no time is left."""
        return self._end_s < math.inf and time.process_time() > self._end_s

    def within(self, items: Sequence[T]) -> Iterator[T]:
        """Give items one by one while there is time, at most ``MAX_ITEMS``; the first always."""
        for place, item in enumerate(items):
            if place and (self.spent or place >= MAX_ITEMS):
                self.skipped += len(items) - place
                return
            yield item
