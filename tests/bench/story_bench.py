"""How well stories are told apart, on the set in ``quality/stories.jsonl``, and how fast.

``lead`` was there when the rules were made, ``seen`` was written before its author knew them and
then tuned on, ``held`` was only counted. Pairs of articles are judged as they would be within one
window; then the articles are placed one after another, in several orders, and every article that
landed in another's story is counted. ``-v`` names what the parts but ``held`` get wrong.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import time
import tracemalloc
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from bot.az import fold
from bot.gist import gist
from bot.models import Article, StoredArticle
from bot.stories import Stories

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SET = Path(__file__).parent / "quality" / "stories.jsonl"
PARTS = ("lead", "seen", "held")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORDERS = 8
MANY = 2_000
JACCARD = (0.2, 0.25, 0.3, 0.35, 0.4)


@dataclass(frozen=True, slots=True)
class Told:
    """An article of the set and the story that it tells."""

    story: str
    stored: StoredArticle


def load(part: str) -> list[Told]:
    """Give the articles of a part, a minute apart."""
    lines = SET.read_text(encoding="utf-8").splitlines()
    items = [item for item in map(json.loads, lines) if item["part"] == part]
    return [
        Told(item["story"], stored(number, item["source"], item["title"], item["text"]))
        for number, item in enumerate(items, start=1)
    ]


def stored(number: int, source: str, title: str, text: str) -> StoredArticle:
    """Give an article of the log."""
    at = NOW + timedelta(minutes=number % 1_000)
    address = f"https://{source}/{number}"
    return StoredArticle(
        number,
        number,
        Article(url=address, title=title, text=text, published=at, source=source),
        at,
    )


def main() -> None:
    """Print the figures of every part beside the baselines, then what placing costs."""
    verbose = "-v" in sys.argv[1:]
    print(f"{'stories':<28}" + "".join(f"{part:>32}" for part in PARTS))
    print(f"{'':<28}" + f"{'right wrong missed    F1':>32}" * len(PARTS))
    parts = [load(part) for part in PARTS]
    print_row("ours, pairs", [score(part, by_likeness(part)) for part in parts])
    print_row("ours, placed in order", [score(part, by_place(part)) for part in parts])
    for least in JACCARD:
        name = f"5-letter stems, idf >= {least}"
        print_row(name, [score(part, by_stems(part, least)) for part in parts])
    print_row("the same title", [score(part, by_title) for part in parts])
    for name, part in zip(PARTS, parts, strict=True):
        wrong = [wrong_members(part, order) for order in range(ORDERS)]
        print(f"{name}: {len(part)} articles; wrong members in {ORDERS} other orders: {wrong}")
        if verbose and name != "held":
            explain(part)
    cost(parts)


def print_row(name: str, figures: Sequence[tuple[int, int, int]]) -> None:
    """Print pairs found rightly, found wrongly and missed of each part, with F1."""
    cells = [
        f"{right:>14}{wrong:>6}{missed:>7}{2 * right / (2 * right + wrong + missed or 1):>5.2f}"
        for right, wrong, missed in figures
    ]
    print(f"{name:<28}" + "".join(cells))


def score(part: Sequence[Told], same: Callable[[Told, Told], bool]) -> tuple[int, int, int]:
    """Count pairs of one story that are found, pairs found wrongly and pairs missed."""
    counts = Counter((one.story == other.story, same(one, other)) for one, other in pairs(part))
    return counts[True, True], counts[False, True], counts[True, False]


def pairs(part: Sequence[Told]) -> list[tuple[Told, Told]]:
    """Give all pairs of articles of two sources."""
    return [
        (one, other)
        for one, other in combinations(part, 2)
        if one.stored.article.source != other.stored.article.source
    ]


def by_likeness(part: Sequence[Told]) -> Callable[[Told, Told], bool]:
    """Judge a pair as the bot would, all others being in the window."""
    window = Stories()
    for told in part:
        window.place(told.stored)
    gists = {told.stored.id: gist(told.stored) for told in part}
    return lambda one, other: window.likeness(gists[one.stored.id], gists[other.stored.id]) > 0


def by_place(fed: Sequence[Told]) -> Callable[[Told, Told], bool]:
    """Judge a pair by the stories in which the articles landed, fed in that order."""
    window = Stories()
    placed = {told.stored.id: window.place(told.stored) for told in fed}
    return lambda one, other: placed[one.stored.id] == placed[other.stored.id]


def by_stems(part: Sequence[Told], least: float) -> Callable[[Told, Told], bool]:
    """Judge a pair by the share of folded five-letter stems, weighed by how rare they are."""
    stems = {
        told.stored.id: {
            word[:5] for word in re.findall(r"\w+", fold(text_of(told))) if len(word) > 1
        }
        for told in part
    }
    found = Counter(stem for held in stems.values() for stem in held)

    def weigh(held: set[str]) -> float:
        return sum(math.log(len(part) / found[stem]) for stem in held)

    def same(one: Told, other: Told) -> bool:
        first, second = stems[one.stored.id], stems[other.stored.id]
        return weigh(first & second) >= least * weigh(first | second)

    return same


def by_title(one: Told, other: Told) -> bool:
    """Judge a pair by its titles being the same."""
    return fold(one.stored.article.title) == fold(other.stored.article.title)


def text_of(told: Told) -> str:
    """Give title and text as one."""
    return f"{told.stored.article.title}\n{told.stored.article.text}"


def wrong_members(part: Sequence[Told], seed: int) -> int:
    """Count articles that land in a story of something else, fed in another order."""
    order = list(part)
    random.Random(seed).shuffle(order)
    fed = [
        replace(told, stored=replace(told.stored, id=number, seq=number))
        for number, told in enumerate(order, start=1)
    ]
    window = Stories()
    placed = [window.place(told.stored) for told in fed]
    return sum(told.story != fed[story - 1].story for told, story in zip(fed, placed, strict=True))


def explain(part: Sequence[Told]) -> None:
    """Name the pairs that are judged wrongly."""
    same = by_likeness(part)
    for one, other in pairs(part):
        truth = one.story == other.story
        if truth != same(one, other):
            verdict = "missed" if truth else "WRONG"
            titles = f"{one.stored.article.title} | {other.stored.article.title}"
            print(f"  {verdict} {one.story} {other.story}: {titles}")


def cost(parts: Sequence[Sequence[Told]]) -> None:
    """Print how long many articles take to place, and what the window holds."""
    crowd = many([told.stored.article for part in parts for told in part])
    began = time.perf_counter()
    gists = [gist(one) for one in crowd]
    read = time.perf_counter() - began
    del gists
    tracemalloc.start()
    window = Stories()
    for one in crowd:
        window.place(one)
    held, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    began = time.perf_counter()
    window = Stories()
    for one in crowd:
        window.place(one)
    whole = time.perf_counter() - began
    print(
        f"{MANY} articles placed in {whole:.2f} s, of which reading {read:.2f} s;"
        f" the window holds {held / 2**20:.1f} MiB"
    )


def many(articles: Sequence[Article]) -> list[StoredArticle]:
    """Give articles of words as frequent as in the set; every fifth tells one before it again."""
    drawn = random.Random(1)
    spoken = [word for article in articles for word in f"{article.title} {article.text}".split()]
    crowd: list[StoredArticle] = []
    for number in range(1, MANY + 1):
        fresh = [*drawn.choices(spoken, k=60), f"{drawn.randrange(10**6)}"]
        if number % 5 == 0:
            again = crowd[-drawn.randrange(1, 5)].article
            fresh[10:] = [word for word in again.text.split() if drawn.random() < 0.8]
        title, text = " ".join(fresh[:8]), " ".join(fresh[8:])
        crowd.append(stored(number, f"s{number % 17}.az", title, f"{text}."))
    return crowd


if __name__ == "__main__":
    main()
