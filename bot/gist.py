"""What an article is recognised by when another source tells the same: its gist. Pure.

article -> title and lead -> words, the names and numbers among them, days, places, the way it went
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from bot.az.credits import find_credit
from bot.az.entries import words as entries
from bot.az.language import Language, language_of
from bot.az.letters import fold
from bot.az.numbers import days, numbers
from bot.az.sentences import sentences
from bot.az.tokens import brands, terms_of, words
from bot.az.topics import is_idle, read
from bot.search.analyser import own_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.models import StoredArticle

_LEAD_WORDS, _TEXT_WORDS = 60, 200
_LANGUAGE_CHARS, _SCHWA_SHARE = 600, 0.04
_IMAGE = re.compile(r"[^/?#]*\d[^/?#]{11,}\.(?:jpe?g|png|webp|gif|jfif)", re.IGNORECASE)
_QUOTED = re.compile(r"[“„«\"]\s*([^\W\d_][\w-]*)")
_UP = re.compile(r"\b(?:bahalas|artir|artib|artdi|artan|artaraq|qaldir|yuksel)")
_DOWN = re.compile(r"\b(?:ucuzlas|azal|endir|enib|enmis|dusub|dusdu|salib)")
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_COUNTER = re.compile(
    r"[0-9]+(?:-?(?:ci|cu))?|(?:bir|iki|uc|dord|bes|alti|yeddi|sekkiz|doqquz|on)(?:i?nci|uncu)"
)
_SMALL_DIGITS = 2  # days, months, hours and counts on fingers

Terms: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True)
class Gist:
    """What an article is recognised by. ``terms`` are of the title and the lead, ``all_terms`` of
    more of the text; numbers stand as ``=1600000000``, so that they are terms too."""

    id: int
    source: str
    at: datetime
    language: Language
    title: Terms
    terms: Terms
    all_terms: Terms
    names: Terms
    heads: Terms  # names of the title that are known ones: of companies, products, places
    places: Terms
    days: Terms
    way: int  # 1: something rose, -1: fell, 0: neither or both
    numbers: Terms
    title_numbers: Terms
    shape: str  # the title without its numbers and ordinals, which are ``counters``
    counters: tuple[str, ...]
    all_numbers: Terms
    image: str = ""


def gist(stored: StoredArticle) -> Gist:
    """Give what an article is recognised by."""
    article = stored.article
    title = article.title
    own = own_text(article)
    lead, text = [title], [title]
    length = 0
    for sentence in sentences(own):
        if length < _LEAD_WORDS:
            lead.append(sentence)
        text.append(sentence)
        length += len(sentence.split())
        if length >= _TEXT_WORDS:
            break
    image = _IMAGE.search((article.image or "").rpartition("/")[2])
    terms = _terms(lead)
    in_title = _terms([title])
    names = _names(lead, _outlets(stored))
    rest = text[len(lead) :]
    lead_numbers = _numbers(lead)
    folded = fold(title)
    return Gist(
        id=stored.id,
        source=article.source,
        at=stored.when,
        language=_language(title, own),
        title=in_title,
        terms=terms,
        all_terms=terms | _terms(rest),
        names=names,
        heads=in_title & names & (frozenset(brands().names) | _places()),
        places=terms & _places(),
        days=frozenset(day for part in lead for day in days(part)),
        way=_way(lead),
        numbers=lead_numbers,
        title_numbers=_numbers([title]),
        shape=_COUNTER.sub("#", folded),
        counters=tuple(_COUNTER.findall(folded)),
        all_numbers=lead_numbers | _numbers(rest),
        image=image[0].casefold() if image else "",
    )


def _language(title: str, text: str) -> Language:
    beginning = text[:_LANGUAGE_CHARS]
    if beginning.count("ə") > len(beginning) * _SCHWA_SHARE > 1:
        return Language.AZERBAIJANI  # most are, and a closer look costs more than all else
    return language_of(title, beginning)


def is_telling(number: str) -> bool:
    """Whether a number is none that stands everywhere: ``3.5``, ``17:48``, ``21450``; no year."""
    digits = number.removeprefix("=")
    if not digits.isdigit():
        return True
    return len(digits) > _SMALL_DIGITS and not _YEAR.fullmatch(digits)


def _terms(parts: Iterable[str]) -> Terms:
    found: set[str] = set()
    for part in parts:
        reading = read(part)
        found.update(reading.tokens)
        found.update(concept for _start, _end, concept in reading.concepts)
        found.update(term for word in words(part) for term in terms_of(word))
    return frozenset(term for term in found if not is_idle(term) and not term.isdigit())


def _names(parts: Iterable[str], outlets: Terms) -> Terms:
    """Give the terms that are written as names: capitals that no beginning explains, brands."""
    found: set[str] = set()
    first: set[str] = set()
    for part in parts:
        written = words(part)
        for place, word in enumerate(written):
            if word[0].isupper() and not (word.isupper() and len(word) == 1):
                follows = place + 1 < len(written) and written[place + 1][0].isupper()
                (found if place or follows else first).update(terms_of(word))
        for word in _QUOTED.findall(part):
            if word[0].isupper():
                found.update(terms_of(word))
    names = brands().names | _places()
    found.update(term for term in first if term in names)
    return frozenset(term for term in found - outlets if not term.isdigit() and not is_idle(term))


def _outlets(stored: StoredArticle) -> Terms:
    """Give the names of those who tell it: they say nothing about what is told."""
    article = stored.article
    names = [article.source, article.source.partition(".")[0]]
    found = article.credit or find_credit(article.text, source=article.source)
    if found is not None:
        names.append(found.name)
    return _terms(names)


def _numbers(parts: Iterable[str]) -> Terms:
    return frozenset(f"={number}" for part in parts for number in numbers(part))


def _way(parts: Iterable[str]) -> int:
    folded = fold(" ".join(parts))
    return bool(_UP.search(folded)) - bool(_DOWN.search(folded))


@cache
def _places() -> Terms:
    return frozenset(
        term for line in entries("places") for place in line.split() for term in terms_of(place)
    )
