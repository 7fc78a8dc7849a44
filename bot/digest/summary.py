"""Which sentences of an article stand for it. Pure.

Flow: text -> sentences -> those that can stand in a digest -> the lead -> the best further one
by what it adds, its figures and its place. A sentence is told word for word or not at all.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from bot.digest.candidates import Candidate, content_words, read_candidates

if TYPE_CHECKING:
    from bot.models import Article

MAX_CHARS = 400
MAX_SENTENCES = 3
_ROOMY = 250  # a digest shorter than this may have a third sentence
_WORTH = (0.0, 0.42, 0.53)  # what the second and the third sentence must score to be told
_NEAR_TITLE = 0.75

_FIGURE = re.compile(r"\d+(?:[.,\s\u00a0\u2009\u202f]\d+)*")
_TELLS_NEWS = r"(?!.*\b(?:xəbər verir|yazır) ki,? .{40})"
# What makes a sentence worth less, and how much is left.
_LESS = (
    # it tells of telling
    (
        re.compile(
            r"\b(?:barədə|haqqında|haqda)\b.{0,40}"
            r"\bməlumat (?:ver\w+|yay\w+|alıb|təqdim)[^,]{0,20}$"
        ),
        0.6,
    ),
    # it names an outlet, with the news or without
    (re.compile(r"\b(?:istinad(?:ən|la)|xəbər verir|xəbərinə görə|yazır)\b"), 0.9),
    (
        re.compile(
            rf"^{_TELLS_NEWS}.*\b(?:istinad(?:ən|la)|xəbər verir|xəbərinə görə|yazır)\b", re.DOTALL
        ),
        0.83,
    ),
    # it contrasts with what may not be told
    (re.compile(r"^(?:\S+\s+){1,3}isə\b"), 0.8),
    # it advises the reader
    (re.compile(r"\b\w+(?:[aə]rs[ıi]n[ıi]z|[ıi]rs[ıi]n[ıi]z|[uü]rs[uü]n[uü]z)\W*$"), 0.85),
    # somebody, named before, adds something
    (re.compile(r"^\W*(?!O\b)\w+ əlavə ed(?:ib|ir) ki\b"), 0.8),
)


def summarise(article: Article, *, max_chars: int = MAX_CHARS) -> tuple[str, ...]:
    """Give one to three sentences of the article, word for word and in its order.

    Joined by one blank they have at most ``max_chars`` characters. None that is cut off, only
    attributes, promotes or repeats the title; none that points back without what it points to.
    Empty where nothing fits.
    """
    title = content_words(article.title)
    found = read_candidates(article, max_chars)
    lead = _lead(found, title, max_chars)
    if not lead:
        return ()
    chosen = list(lead)
    weights = Counter(word for sentence in found for word in sentence.words)
    while len(chosen) < MAX_SENTENCES:
        length = _length(chosen)
        if len(chosen) > 1 and length > _ROOMY:
            break
        room = max_chars - length - 1
        best = _best(found, chosen, title, weights, room)
        if not best:
            break
        chosen = sorted([*chosen, *best], key=lambda sentence: sentence.place)
    return tuple(sentence.text for sentence in chosen)


def _length(chosen: list[Candidate]) -> int:
    return sum(len(sentence.text) + 1 for sentence in chosen) - 1


def _lead(found: list[Candidate], title: frozenset[str], max_chars: int) -> list[Candidate]:
    """Give the first sentence that can stand alone and says more than the title.

    Words in quotes go with the sentence that says whose they are, or come last; what only
    recalls (``Xatırladaq ki``) is no lead.
    """
    able = [
        sentence
        for sentence in found
        if sentence.fits and not sentence.recalls and (not sentence.follows or sentence.dated)
    ]
    leads = [_with_speaker(sentence, found, max_chars) for sentence in able]
    leads.sort(key=lambda lead: lead[0].background or _asks(lead[0]) or _nobody_says(lead))
    for lead in leads:
        words = lead[0].words
        if len(words - title) > (1 - _NEAR_TITLE) * len(words):
            return lead
    return leads[0] if leads else []


def _with_speaker(sentence: Candidate, found: list[Candidate], max_chars: int) -> list[Candidate]:
    """Give a sentence and, if it is a quote, the next one where that says whose."""
    after = found[sentence.place + 1 : sentence.place + 2]
    if not sentence.quote or not after or not after[0].says_who:
        return [sentence]
    return [sentence, *after] if _length([sentence, *after]) <= max_chars else [sentence]


def _nobody_says(lead: list[Candidate]) -> bool:
    return lead[0].quote and len(lead) == 1


def _asks(sentence: Candidate) -> bool:
    return sentence.text.rstrip('”"»)').endswith("?")


def _best(
    found: list[Candidate],
    chosen: list[Candidate],
    title: frozenset[str],
    weights: Counter[str],
    room: int,
) -> list[Candidate]:
    """Give the sentence, or the two that go together, that add most within ``room``."""
    best: list[Candidate] = []
    best_score = _WORTH[len(chosen)]
    told = frozenset().union(*(sentence.words for sentence in chosen))
    places = {sentence.place for sentence in chosen}
    for sentence in found:
        if not sentence.fits or sentence.quote or sentence.place in places:
            continue
        unit = [sentence]
        if sentence.follows and sentence.place - 1 not in places:
            before = found[sentence.place - 1] if sentence.place else None
            if not before or not before.fits or before.follows:
                continue
            unit = [before, sentence]
        if len(unit) + len(chosen) > MAX_SENTENCES or _length(unit) > room:
            continue
        score = sum(_score(part, told, title, weights) for part in unit) / len(unit)
        if sentence.follows:
            score *= 0.92  # it leans on another one
        if len(chosen) > 1 and not _tells_facts(sentence, told, title):
            score -= 0.1
        if score > best_score:
            best, best_score = unit, score
    return best


def _tells_facts(sentence: Candidate, told: frozenset[str], title: frozenset[str]) -> bool:
    return bool(_FIGURE.search(sentence.text) or (sentence.words - told) & title)


def _score(
    sentence: Candidate,
    told: frozenset[str],
    title: frozenset[str],
    weights: Counter[str],
) -> float:
    """Say how much a sentence adds to what is told: new words, figures, the title's claim."""
    words = sentence.words
    if not words:
        return 0.0
    new = words - told
    novelty = len(new) / len(words)
    claim = len(new & title) / max(1, len(title - told))
    central = sum(min(weights[word] - 1, 4) for word in words) / (4 * len(words))
    figures = min(len(_FIGURE.findall(sentence.text)), 3) / 3
    place = 1 / (1 + (sentence.place + sentence.rank) / 8)
    score = 0.30 * novelty + 0.25 * claim + 0.15 * central + 0.15 * figures + 0.35 * place
    for pattern, factor in _LESS:
        if pattern.search(sentence.text):
            score *= factor
    if sentence.background:
        score *= 0.6
    if sentence.disputed:
        score *= 0.85
    if _asks(sentence):
        score *= 0.4
    if novelty < 0.35:  # noqa: PLR2004 - mostly said already
        score *= 0.5
    return score
