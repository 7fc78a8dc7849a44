"""The sentences of an article, and which of them could stand in a digest. Pure.

Flow: text -> without credit, share and promotion lines -> sentences, each once -> what is known
of each: whether it is whole, what it says, whether it points back.
"""

from __future__ import annotations

import re
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

_MAX_TEXT = 60_000  # characters looked at: what comes later is never the news
_MIN_WORDS = 4

_FINAL = re.compile(r"(?<!\.)[.!?][\"'”’»)\]]*$")
_CUT = re.compile(r"(?:\.\.|…)[\"'”’»)\]]*[.!?]?[\"'”’»)\]]*$")
_LISTED = re.compile(r"^\s*(?:[•·*▪●◦‣✓✔✅➤►→|]|[-–—]|\d{1,2}[.)]\s|\w\)\s)")
_TABLE = re.compile(r"\t|\s\|\s|(?:[→|].*){2}|(?:\s-[^\W\d_]\S*){3}|(?:[^\s:]+:\s*\d[^:]*){4}")
_LINE_BREAK = re.compile(r"\s*[\n\r]\s*")
_WORD = re.compile(r"[^\W_]+")
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
_DATED = re.compile(r"\W*bu (?:il|gun|ay|hefte|seher|axsam|gece|yay|qis|yaz|payiz)\w*\b")
# The third of what is counted by a calendar or a history points to nothing.
_COUNTED = re.compile(
    r"\W*(?:ikinci|ucuncu) (?:rub|yarim|kvartal|dunya|defe|qarabag|ay|il|hefte|gun)\w*\b"
)
_THAT_IS = re.compile(r"\W*[Yy]əni\b")  # folded it would be “new”
_RECALLS = re.compile(r"\W*(?:xatirlad\w+|yada sal\w+)\b")
_QUOTE = re.compile(r"^[“\"«„][^“”\"«»„]*[”\"»][.!?]?$|^[“\"«„][^“”\"«»„]*[.!?][”\"»]$")
_SAYS_WHO = re.compile(
    r"\w\s+(?:[A-ZƏÖÜĞÇŞİ]\w+\s+){1,3}[^,;:]{0,120}\b(?:deyib|bildirib|söyləyib|açıqlayıb|"
    r"vurğulayıb|qeyd edib|məlumat verib)\.$"
)
_DISPUTES = re.compile(r"\W*(?:lakin|amma|ancaq|halbuki|feqet)\b")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence and what is known of it.

    ``place`` counts every sentence, ``rank`` those that can be told. ``follows``: it points to
    the one right before it. ``background``: it, or one before it in its paragraph, tells what
    was known (``Qeyd edək ki``). ``recalls``: it begins so itself, or follows ``Xatırladaq ki``
    in its paragraph. ``disputed``: the next one begins with ``Lakin``, and without it this one
    would tell half of the matter. ``dated``: it is the first and ``Bu il`` or ``Bu gün``, with
    which it begins, points to nothing. ``quote``: words of somebody that it does not name.
    ``says_who``: it only tells whose words the one before it are.
    """

    place: int
    rank: int
    text: str
    words: frozenset[str]
    fits: bool
    follows: bool
    background: bool
    dated: bool
    disputed: bool = False
    recalls: bool = False
    quote: bool = False
    says_who: bool = False


def read_candidates(article: Article, max_chars: int) -> list[Candidate]:
    """Give the article's sentences, each once; what stands around an article is left out."""
    text, _ = strip_credit_lines((article.text or article.summary or "")[:_MAX_TEXT])
    found: list[Candidate] = []
    known: set[str] = set()
    same_title = fold(article.title).strip(" .!?")
    broken = parted = False
    rank = 0
    for paragraph in strip_boilerplate(re.split(r"\n\s*\n", text)):
        end = 0
        background = recalled = False
        for sentence in sentences(paragraph):
            start = paragraph.index(sentence, end)
            end = start + len(sentence)
            plain = fold(" ".join(sentence.split()))
            if plain in known or is_boilerplate(sentence):
                parted = True
                continue
            known.add(plain)
            follows = _follows(plain) or bool(_THAT_IS.match(sentence))
            fits = (
                not broken
                and not (parted and follows)
                and len(sentence) <= max_chars
                and plain.strip(" .!?") != same_title
                and not _quoted_before(paragraph[:start])
                and _stands(sentence, plain)
            )
            parted = False
            broken = sentence.endswith((",", "-", "–"))
            opens_background = bool(_openers("background_openers").match(plain))
            background = background or opens_background
            recalled = recalled or bool(_RECALLS.match(plain))
            if found and _DISPUTES.match(plain):
                found[-1] = replace(found[-1], disputed=True)
            found.append(
                Candidate(
                    place=len(found),
                    rank=rank,
                    text=_LINE_BREAK.sub(" ", sentence),
                    words=content_words(sentence),
                    fits=fits,
                    follows=follows,
                    background=background,
                    dated=not found and bool(_DATED.match(plain)),
                    recalls=recalled or opens_background,
                    quote=bool(_QUOTE.match(sentence)),
                    says_who=follows and _attributes(plain) and bool(_SAYS_WHO.search(sentence)),
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
    if sentence[0].islower() and not re.match(r"\S*[A-Z.]\w|[a-z]\d{2,3}[\s-]", sentence):
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
    if _COUNTED.match(news):
        return False
    return bool(opener.match(plain) or (opener.match(news) and not _DATED.match(news)))


@cache
def _stopwords() -> frozenset[str]:
    return frozenset(fold(word) for word in lines("plain_words.txt"))


def content_words(text: str) -> frozenset[str]:
    """Give the words that carry content, without most of their endings."""
    return frozenset(
        word[:6] for word in _WORD.findall(fold(text)) if word not in _stopwords() and len(word) > 1
    )
