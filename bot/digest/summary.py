"""Which sentences of an article stand for it. Pure.

Flow: text -> sentences -> those that can stand in a digest -> the lead -> the best further one
by what it adds, its figures and its place. A sentence is told word for word or not at all.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from bot.az.boilerplate import is_boilerplate, strip_boilerplate
from bot.az.credits import strip_credit_lines
from bot.az.letters import fold
from bot.az.sentences import sentences
from bot.az.wordlists import lines

if TYPE_CHECKING:
    from bot.models import Article

MAX_CHARS = 400
MAX_SENTENCES = 3
_MAX_TEXT = 60_000  # characters looked at: what comes later is never the news
_MIN_WORDS = 4
_ROOMY = 250  # a digest shorter than this may have a third sentence
_WORTH = (0.0, 0.42, 0.53)  # what the second and the third sentence must score to be told
_NEAR_TITLE = 0.75

_FINAL = re.compile(r"(?<!\.)[.!?][\"'”’»)\]]*$")
_CUT = re.compile(r"(?:\.\.|…)[\"'”’»)\]]*[.!?]?[\"'”’»)\]]*$")
_LISTED = re.compile(r"^\s*(?:[•·*▪●◦‣✓✔✅➤►→|]|[-–—]|\d{1,2}[.)]\s|\w\)\s)")
_TABLE = re.compile(r"\t|(?:[→|].*){2}|(?:\s-[^\W\d_]\S*){3}|(?:[^\s:]+:\s*\d[^:]*){4}")
_LINE_BREAK = re.compile(r"\s*[\n\r]\s*")
_WORD = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"\d+(?:[.,\s\u00a0\u2009\u202f]\d+)*")
_REPORTING = re.compile(
    r"\b(?:bildirib|bildirir|bildirilir|bildirilib|bildirdi|deyib|deyir|dedi|soyleyib|yazib|yazir|"
    r"qeyd (?:edib|olunub|edilib|edir|olunur)|melumat (?:yayib|verib|verir|verilib|yayilib|yayir)|"
    r"xeber (?:verir|verib|verilir)|aciqlayib|aciqlama verib|vurgulayib|elan edib|"
    r"elave edib|paylasib|danisib|istinadla|istinaden|aparib)\W*$"
)
_ATTRIBUTES = re.compile(
    r"^\W*(?:bu barede|bu haqda|bunu|bununla (?:bagli|elaqedar)|melumati|xeberi|bu sozleri|"
    r"bu fikirleri|hadise ile bagli)\b"
)
_ONLY_REPORTS = re.compile(r"^(?:\S+\s+){1,7}(?:xeber ver\w+|melumat (?:yay|ver)\w+|yazir)\W*$")
# What stands before the news itself: “X” APA-ya istinadən xəbər verir ki, ...
_REPORTED = re.compile(
    r"^.{0,120}?\b(?:xeber ver\w+|melumat ver\w+|bildiri\w+|deyil\w+|yazir|(?:qeyd|vurgu)\w* \w+)"
    r" ki,?\s+|^.{0,60}?\b(?:xeberine|melumatina|sozlerine|yazdigina) (?:gore|esasen),?\s+"
)
_NAMES_OUTLET = re.compile(r"\b(?:istinad(?:ən|la)|xəbər verir|xəbərinə görə|yazır)\b")
_TELLS_OF_TELLING = re.compile(
    r"\b(?:barədə|haqqında|haqda)\b.{0,40}\bməlumat (?:ver\w+|yay\w+|alıb|təqdim)[^,]{0,20}$"
)
_DATED = re.compile(r"\W*bu (?:il|gun|ay|hefte|seher|axsam|gece|yay|qis|yaz|payiz)\w*\b")
_DISPUTES = re.compile(r"\W*(?:lakin|amma|ancaq|halbuki|fəqət)\b")
_CONTRASTS = re.compile(r"(?:\S+\s+){1,3}isə\b")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence and what is known of it.

    ``place`` counts every sentence, ``rank`` those that can be told. ``follows``: it points to
    the one right before it. ``background``: it, or one before it in its paragraph, tells what
    was known (``Xatırladaq ki``). ``disputed``: the next one begins with ``Lakin``, and without
    it this one would tell half of the matter.
    """

    place: int
    rank: int
    text: str
    words: frozenset[str]
    fits: bool
    follows: bool
    background: bool
    disputed: bool = False


def summarise(article: Article, *, max_chars: int = MAX_CHARS) -> tuple[str, ...]:
    """Give one to three sentences of the article, word for word and in its order.

    Joined by one blank they have at most ``max_chars`` characters. None that is cut off, only
    attributes, promotes or repeats the title; none that points back without what it points to.
    Empty where nothing fits.
    """
    title = _words(article.title)
    found = _read(article, max_chars)
    lead = _lead(found, title)
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


def _length(chosen: list[_Sentence]) -> int:
    return sum(len(sentence.text) + 1 for sentence in chosen) - 1


@cache
def _stopwords() -> frozenset[str]:
    return frozenset(fold(word) for word in lines("plain_words.txt"))


def _words(text: str) -> frozenset[str]:
    """Give the words that carry content, without most of their endings."""
    return frozenset(
        word[:6] for word in _WORD.findall(fold(text)) if word not in _stopwords() and len(word) > 1
    )


def _read(article: Article, max_chars: int) -> list[_Sentence]:
    """Give the article's sentences, each once; what stands around an article is left out."""
    text, _ = strip_credit_lines((article.text or article.summary or "")[:_MAX_TEXT])
    found: list[_Sentence] = []
    known: set[str] = set()
    same_title = fold(article.title).strip(" .!?")
    broken = False
    rank = 0
    for paragraph in strip_boilerplate(re.split(r"\n\s*\n", text)):
        end = 0
        background = False
        for sentence in sentences(paragraph):
            start = paragraph.index(sentence, end)
            end = start + len(sentence)
            plain = fold(" ".join(sentence.split()))
            if plain in known or is_boilerplate(sentence):
                continue
            known.add(plain)
            fits = (
                not broken
                and len(sentence) <= max_chars
                and plain.strip(" .!?") != same_title
                and not _quoted_before(paragraph[:start])
                and _stands(sentence, plain)
            )
            broken = sentence.endswith((",", "-", "–"))
            background = background or bool(_openers("background_openers").match(plain))
            if found and _DISPUTES.match(plain):
                found[-1] = replace(found[-1], disputed=True)
            found.append(
                _Sentence(
                    place=len(found),
                    rank=rank,
                    text=_LINE_BREAK.sub(" ", sentence),
                    words=_words(sentence),
                    fits=fits,
                    follows=_follows(plain),
                    background=background,
                )
            )
            rank += fits
    return found


def _stands(sentence: str, plain: str) -> bool:
    """Tell whether a sentence can be told at all: whole, a sentence, and more than who said it."""
    if not _FINAL.search(sentence) or _CUT.search(sentence):
        return False
    if _LISTED.match(sentence) or _TABLE.search(sentence) or len(sentence.split()) < _MIN_WORDS:
        return False
    if sentence[0].islower() and not re.match(r"\S*[A-Z.]\w", sentence):
        return False  # the end of something; xAI and technote.az do begin sentences
    if not (sentence[0].isalnum() or sentence[0] in "\"“„«‘'("):
        return False
    return _balanced(sentence) and not _attributes(plain)


def _balanced(sentence: str) -> bool:
    """Tell whether every quote and bracket that opens here also closes here."""
    count = sentence.count
    closed = count("”") + (count("“") if "„" in sentence else 0)
    opened = count("„") if "„" in sentence else count("“")
    return (
        opened == closed
        and count("«") == count("»")
        and count("(") == count(")")
        and not _odd(sentence)
    )


def _quoted_before(before: str) -> bool:
    """Tell whether a quote is still open after this much of a paragraph."""
    opened = max(before.rfind("“"), before.rfind("„"), before.rfind("«"))
    closed = max(before.rfind("”"), before.rfind("»"))
    return opened > closed or _odd(before)


def _odd(text: str) -> bool:
    """Tell whether a straight quote has no other; one after a figure may be an inch: 6,1"."""
    return text.count('"') % 2 == 1 and not re.search(r'\d"', text)


def _attributes(plain: str) -> bool:
    """Tell whether a sentence only says who said it, as ``Bu barədə APA məlumat yayıb`` does."""
    plain = _REPORTED.sub("", plain)
    if re.search(r"\bki\b", plain):
        return False
    return bool(
        (_ATTRIBUTES.match(plain) and _REPORTING.search(plain)) or _ONLY_REPORTS.match(plain)
    )


@cache
def _openers(name: str) -> re.Pattern[str]:
    entries = [re.escape(entry).replace(r"\*", r"\w*") for entry in lines(f"{name}.txt")]
    return re.compile(rf"\W*(?:{'|'.join(entries)})(?!\w)")


def _follows(plain: str) -> bool:
    """Tell whether a sentence points back: ``Bu``, ``Həmin``, ``Onun``, ``Bundan əlavə``."""
    opener = _openers("dependent_openers")
    news = _REPORTED.sub("", plain)
    return bool(opener.match(plain) or (opener.match(news) and not _DATED.match(news)))


def _lead(found: list[_Sentence], title: frozenset[str]) -> list[_Sentence]:
    """Give the first sentence that can stand alone and says more than the title."""
    able = [
        sentence
        for sentence in found
        if sentence.fits and (not sentence.follows or _this_year(sentence))
    ]
    able.sort(key=lambda sentence: sentence.background or _asks(sentence))
    for sentence in able:
        if len(sentence.words - title) > (1 - _NEAR_TITLE) * len(sentence.words):
            return [sentence]
    return able[:1]


def _asks(sentence: _Sentence) -> bool:
    return sentence.text.rstrip('”"»)').endswith("?")


def _this_year(sentence: _Sentence) -> bool:
    """Tell whether the first words of a text only date it: ``Bu il``, ``Bu gün``."""
    return sentence.place == 0 and bool(_DATED.match(fold(sentence.text)))


def _best(
    found: list[_Sentence],
    chosen: list[_Sentence],
    title: frozenset[str],
    weights: Counter[str],
    room: int,
) -> list[_Sentence]:
    """Give the sentence, or the two that go together, that add most within ``room``."""
    best: list[_Sentence] = []
    best_score = _WORTH[len(chosen)]
    told = frozenset().union(*(sentence.words for sentence in chosen))
    places = {sentence.place for sentence in chosen}
    for sentence in found:
        if not sentence.fits or sentence.place in places:
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


def _tells_facts(sentence: _Sentence, told: frozenset[str], title: frozenset[str]) -> bool:
    return bool(_FIGURE.search(sentence.text) or (sentence.words - told) & title)


def _score(
    sentence: _Sentence,
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
    if sentence.background:
        score *= 0.6
    if sentence.disputed:
        score *= 0.85
    if _TELLS_OF_TELLING.search(sentence.text):
        score *= 0.6
    if _NAMES_OUTLET.search(sentence.text):
        score *= 0.75
    if _CONTRASTS.match(sentence.text):
        score *= 0.8
    if _asks(sentence):
        score *= 0.4
    if novelty < 0.35:  # noqa: PLR2004 - mostly said already
        score *= 0.5
    return score
