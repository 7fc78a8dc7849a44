"""Which articles tell one story: several sources on the same event within two days. Pure.

article -> Gist (its words, the names and the numbers among them) -> compared with those of the
last 48 hours that share a rare word -> the story it joins, or one of its own

Words say what kind of event it is, names and numbers which one: two quakes of a week share all
their words, so articles whose numbers contradict each other, or whose names do, are never one
story. Two addresses of one source are two stories (CONTRACT §3). Merging what differs is worse
than telling a thing twice: where the signs are weak, it is another story.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from functools import cache, lru_cache
from math import log
from typing import TYPE_CHECKING, TypeAlias

from bot.az.language import same_language
from bot.az.tokens import known
from bot.gist import Gist, Terms, gist, is_telling

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.models import StoredArticle

SPAN = timedelta(hours=48)
# How often a term is expected before anything is known of the news of these days: a small
# window says little about how common a word is.
_EXPECTED = 200
_PRIOR_KNOWN, _PRIOR_RARE = 8.0, 2.0
_COMMON_SHARE = 0.2  # terms in more of the window than this bring no candidates
# Two stories told in the same words differ in numbers or names; see docs/language.md.
_AGREE, _LEAST = 0.4, 0.15
_SOME_KEYS, _KEYS, _ALL_KEYS = 0.55, 0.6, 0.85
_TOLD = 0.38
_LIKE, _MUCH_LIKE = 0.19, 0.3
_SAME_WORDS, _NAMED = 0.5, 0.6
_ALIKE_WORDS, _ALIKE_COUNTED = 0.12, 0.18

Weight: TypeAlias = "Callable[[str], float]"


class Stories:
    """The stories of the last two days. Fed in the order of the log, it always decides alike."""

    def __init__(self) -> None:
        """Start with no story."""
        self._gists: dict[int, Gist] = {}
        self._oldest: datetime | None = None
        self._stories: dict[int, int] = {}  # article id -> id of its story's first article
        self._members: dict[int, list[int]] = defaultdict(list)
        self._found: Counter[str] = Counter()
        self._holding: dict[str, set[int]] = defaultdict(set)

    def place(self, stored: StoredArticle) -> int:
        """Give the story of an article by the id of its first article, and remember it.

        An article that comes again (improved, revised) stays in its story.
        """
        told = gist(stored)
        self._forget(told.at - SPAN)
        story = self._stories.get(told.id)
        if story is None:
            story = self._like(told)
        else:
            self._drop(told.id)
        self._keep(told, story)
        return story

    def remember(self, stored: StoredArticle) -> None:
        """Take an article for what it was found to be (``stored.story``), and decide nothing."""
        if stored.id in self._stories:
            self._drop(stored.id)
        self._keep(gist(stored), stored.story)

    def story(self, article_id: int) -> int | None:
        """Give the story of an article placed within the last two days."""
        return self._stories.get(article_id)

    def members(self, story: int) -> tuple[int, ...]:
        """Give the articles of a story, in the order in which they were placed."""
        return tuple(self._members.get(story, ()))

    def _keep(self, told: Gist, story: int) -> None:
        self._gists[told.id] = told
        self._oldest = told.at if self._oldest is None else min(self._oldest, told.at)
        self._stories[told.id] = story
        self._members[story].append(told.id)
        self._found.update(told.terms | told.numbers)
        for term in told.terms:
            self._holding[term].add(told.id)

    def _like(self, told: Gist) -> int:
        weight = cache(self._weight)  # counts stand still meanwhile
        best, story = 0.0, told.id
        for other in self._candidates(told, weight):
            if other.source == told.source or abs(other.at - told.at) > SPAN:
                continue
            likeness = _likeness(told, other, weight)
            if likeness <= best:
                continue
            own = self._stories[other.id]
            beside = [self._gists[number] for number in self._members[own]]
            if any(told.source == member.source for member in beside):
                continue  # its source told the story already: this is a second address
            if any(_contradict(told, member, weight) for member in beside):
                continue
            best, story = likeness, own
        return story

    def _candidates(self, told: Gist, weight: Weight) -> list[Gist]:
        """Give what shares enough with it that it may be as like as is asked at least."""
        most = max(20.0, _COMMON_SHARE * len(self._gists))
        shared: defaultdict[int, float] = defaultdict(float)
        whole, common = 0.0, set()
        for term in told.terms:
            worth = weight(term)
            whole += worth
            holding = self._holding.get(term, ())
            if len(holding) > most:
                common.add(term)
                continue
            for number in holding:
                shared[number] += worth
        least = _LEAST * whole
        slack = sum(map(weight, common))
        near = (self._gists[number] for number in sorted(shared) if shared[number] + slack >= least)
        return [
            other
            for other in near
            if shared[other.id] + sum(map(weight, common & other.terms)) >= least
        ]

    def likeness(self, one: Gist, other: Gist) -> float:
        """Give how surely two articles tell one story; 0 where it is not sure enough."""
        return _likeness(one, other, self._weight)

    def _weight(self, term: str) -> float:
        articles = len(self._gists) + _EXPECTED
        return log(1 + articles / (self._found[term] + _prior(term)))

    def _forget(self, before: datetime) -> None:
        if self._oldest is None or self._oldest >= before:
            return  # most articles make none too old
        for number in [number for number, gone in self._gists.items() if gone.at < before]:
            self._drop(number)
        self._oldest = min((kept.at for kept in self._gists.values()), default=None)

    def _drop(self, number: int) -> None:
        gone = self._gists.pop(number)
        story = self._stories.pop(number)
        self._members[story].remove(number)
        if not self._members[story]:
            del self._members[story]
        for term in gone.terms | gone.numbers:
            self._found[term] -= 1
            if not self._found[term]:
                del self._found[term]
        for term in gone.terms:
            self._holding[term].discard(number)
            if not self._holding[term]:
                del self._holding[term]


def _likeness(one: Gist, other: Gist, weight: Weight) -> float:
    """Give the share of words in common where names and numbers agree, else 0."""
    like = _shared(one.terms, other.terms, weight)
    if like < _LEAST or _contradict(one, other, weight) or _is_form(one, other, like, weight):
        return 0.0
    least, keys = sorted((_keys(one, other, weight), _keys(other, one, weight)))
    if keys < _SOME_KEYS:
        return 0.0
    both = (one.numbers & other.all_numbers) | (other.numbers & one.all_numbers)
    titles = (_title_keys(one, other, weight), _title_keys(other, one, weight))
    names = one.names | other.names
    alike = _shared(one.terms - names, other.terms - names, weight)
    counted = like >= _LIKE and _is_counted_alike(one, other, both) and alike >= _ALIKE_COUNTED
    if counted or keys < _KEYS:
        return like if counted else 0.0
    telling = sum(map(is_telling, both)) + bool(one.image and one.image == other.image)
    if telling > 1 or (telling and (like >= _MUCH_LIKE or len(both) > 1) and like >= _LIKE):
        return like
    sure = keys >= _ALL_KEYS or (both and like >= _MUCH_LIKE)
    sure = sure and max(titles) >= _ALL_KEYS
    sure = sure or (telling > 0 and min(titles) >= _ALL_KEYS and least >= _KEYS)
    sure = sure and like >= _LIKE and alike >= _ALIKE_WORDS
    if not both:  # a person says several things a day, before the same people
        told = _covered(one.title - names, other.all_terms, weight)
        sure = sure and max(told, _covered(other.title - names, one.all_terms, weight)) >= _TOLD
    titled = like >= _MUCH_LIKE and _shared(one.title, other.title, weight) >= _ALL_KEYS
    return like if sure or titled else 0.0


def _is_form(one: Gist, other: Gist, like: float, weight: Weight) -> bool:
    """Whether a form was filled in twice: the same words under titles on what only one names.

    A reprint under a new title has its title's words in the text, as the other has then too.
    """
    named = (
        _covered(one.title, other.all_terms, weight),
        _covered(other.title, one.all_terms, weight),
    )
    return like >= _SAME_WORDS and max(named) < _NAMED


def _is_counted_alike(one: Gist, other: Gist, both: Terms) -> bool:
    """Whether both count the same at one place or day, be the counts as small as of an accident."""
    if one.places.isdisjoint(other.places) and one.days.isdisjoint(other.days):
        return False
    rest = len(one.numbers - both) + len(other.numbers - both)
    return len(both) > 1 and rest < len(both) - 1


def _contradict(one: Gist, other: Gist, weight: Weight) -> bool:
    """Whether two articles cannot be of one story: another language, day, place, way, number."""
    clocks = (frozenset(n for n in told.numbers if ":" in n) for told in (one, other))
    if (
        one.way * other.way < 0
        or not same_language(one.language, other.language)
        or _differ(one.days, other.days)
        or _differ(one.places, other.places)
        or _part(one.heads - other.all_terms, other.heads - one.all_terms)
        or _part(*clocks)
        or (one.shape == other.shape and one.counters != other.counters)  # parts of a series
    ):
        return True
    if not one.numbers or not other.numbers:
        return False
    agreed = max(
        _covered(one.numbers, other.all_numbers, weight),
        _covered(other.numbers, one.all_numbers, weight),
    )
    return agreed < _AGREE


def _differ(one: Terms, other: Terms) -> bool:
    """Whether both name some, and none that the other does."""
    return bool(one and other) and one.isdisjoint(other)


def _part(one: Terms, other: Terms) -> bool:
    """Whether each names some that the other does not."""
    return bool(one - other and other - one)


def _keys(one: Gist, other: Gist, weight: Weight) -> float:
    """Give how much of one's names and numbers stands in the other."""
    return _covered(one.names | one.numbers, other.all_terms | other.all_numbers, weight)


def _title_keys(one: Gist, other: Gist, weight: Weight) -> float:
    keys = (one.names & one.title) | one.title_numbers
    return _covered(keys, other.all_terms | other.all_numbers, weight) if keys else 1.0


def _covered(terms: Terms, by: Terms, weight: Weight) -> float:
    whole = sum(map(weight, terms))
    return sum(map(weight, terms & by)) / whole if whole else 0.0


def _shared(one: Terms, other: Terms, weight: Weight) -> float:
    whole = sum(map(weight, one | other))
    return sum(map(weight, one & other)) / whole if whole else 0.0


@lru_cache(maxsize=20_000)
def _prior(term: str) -> float:
    if term.startswith("="):
        return _PRIOR_RARE if is_telling(term) else _PRIOR_KNOWN
    return _PRIOR_KNOWN if term in known() else _PRIOR_RARE
