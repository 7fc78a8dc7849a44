"""Sentences of Azerbaijani news text. Pure.

Flow: lines -> blocks (paragraphs, list items) -> stops that may end a sentence -> a decision
about each from the word before it and the one after it. A wrong split tears a fact apart,
a missing one only makes a sentence long: in doubt the text stays together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.az.entries import words
from bot.az.letters import lower

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_LIST_ITEM = re.compile(r"\s*(?:[•·*▪●◦‣✓✔✅➤►→]|[-–—](?=\s|[^\W\d_])|\d{1,2}[.)]\s|\w\)\s)")
_DASH = re.compile(r"\s*[-–—]\s*")
_PAIR = re.compile(r"\s*[^\W_][^:.!?]{0,34}:\s\S[^.!?]{0,79}$")
_LINE_END = re.compile(r"[.!?…:;][\"'”’»)\]]*\s*$")
# A stop, what closes after it, and then a blank, the end, or a sentence glued to it.
_STOP = re.compile(r"[.!?…。]+(?:[\"'”’»)\]\u200b\u200e\u200f\u2060\ufeff]|\[\d{1,3}\])*")
_MORE = re.compile(r"\d{1,3}\s+(?:min|mln|milyon)\b")  # 2 mln. 500 min
_AND_OTHERS = re.compile(r"və\s+s$|v\.s$")
_OPENING = "\"'“„«‘(["
_QUOTES = "\"'”’»"
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.[- ]?)*[^\W\d_]{1,2}$")
_ROMAN = re.compile(r"[IVXLC]+$")
_BRAND = re.compile(
    r"[a-zəığöüşç]{1,8}[A-Z]|[a-z]\d{2,3}(?=[\s-])|[a-z0-9][a-z0-9-]*\.(?:az|com|ru|org|net|tr|io|ai|tv)\b"
)
_ACRONYM = re.compile(r"[^\W\d_]{2,5}(?![^\W_])")
_DATE_PART = re.compile(r"\d{1,2}\.|\d{4}\b")
_DAY = re.compile(
    r"\d{1,2}\s+(?:yanvar|fevral|mart|aprel|may|iyun|iyul|avqust|sentyabr|oktyabr|noyabr|dekabr)"
    r"(?:\s+\d{4}(?:-c[iıuü]\s+il)?)?\s*\.?"
)
_PARENTHESES = re.compile(r"\([^()]{1,300}\)")
_STOPS_IN_PARENTHESES = (".)", "!)", "?)", "…)")
_WINDOW = 100  # characters looked at on each side of a stop: more says nothing more
_DATELINE_CHARS = 60
_SHORT = 2  # letters or digits: no word that ends a sentence
_AGENCY = re.compile(r"[“\"«]?[^\W\d_][\w.]*(?:\s[^\W\d_][\w.]*)?[”\"»]?\s*:\s")
_NAMED_BY_LETTER = re.compile(
    r"(?:model|seri(?:es|ya|yası)|plan|vitamin|class|sinif|qrup|tip|type|variant|hepatit|"
    r"versiya|klass|kateqoriya|kategoriya|hərf|generation|core|xbox|şəbəkəsi|platforması)$",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Give the sentences in order: every character but white space kept, none of them empty.

    A blank line always ends a sentence; a single line break does after a stop and around
    list items. White space inside a sentence stays as it is.
    """
    found = []
    for block in _blocks(text):
        start = 0
        for end in _ends(block):
            found.append(block[start:end].strip())
            start = end
        found.append(block[start:].strip())
    return [sentence for sentence in found if sentence]


def _blocks(text: str) -> list[str]:
    """Give the stretches of text whose lines belong together, as they stand in it."""
    blocks: list[str] = []
    start = end = 0
    previous = ""
    for first, last in _line_spans(text):
        line = text[first:last]
        if not line.strip() or _parted(previous, line):
            blocks.append(text[start:end])
            start = first
        previous = line if line.strip() else ""
        end = last
    blocks.append(text[start:end])
    return [block for block in blocks if block.strip()]


def _line_spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line_break in _LINE.finditer(text):
        yield start, line_break.start()
        start = line_break.end()
    yield start, len(text)


def _parted(previous: str, line: str) -> bool:
    """Tell whether a single line break is also the end of a sentence."""
    if not previous:
        return False
    before = previous.rstrip()
    dash = _DASH.match(line)
    if dash and before.endswith((",", *_QUOTES)) and line[dash.end() : dash.end() + 1].islower():
        return False  # “...”,
    #                   - deyə X bildirib.
    if _LINE_END.search(previous) or _LIST_ITEM.match(line) or _LIST_ITEM.match(previous):
        return True
    return bool(_PAIR.match(previous) and _PAIR.match(line))


def _ends(block: str) -> list[int]:
    """Give the places in a block where a sentence ends and another begins."""
    ends = []
    start = 0
    inside = _parentheses(block)
    for stop in _STOP.finditer(block):
        end = stop.end()
        if stop.start() in inside:
            continue
        rest = block[end : end + _WINDOW]
        following = rest.lstrip()
        if not following:
            continue
        before = block[max(start, stop.start() - _WINDOW) : stop.start()]
        glued = len(following) == len(rest)
        if _glued(before, following) if glued else _is_end(before, stop[0], following):
            ends.append(end)
            start = end
    return ends


def _parentheses(block: str) -> frozenset[int]:
    """Give the places of stops in short parentheses, where no sentence ends."""
    return frozenset(
        span.start() + stop.start()
        for span in _PARENTHESES.finditer(block)
        if not span[0].endswith(_STOPS_IN_PARENTHESES)
        for stop in _STOP.finditer(span[0])
    )


def _last_word(before: str) -> str:
    """Give the word that ends a stretch of text; empty after a blank."""
    return "" if not before or before[-1].isspace() else before.rsplit(None, 1)[-1]


def _glued(before: str, following: str) -> bool:
    """Tell whether a blank is only missing: ``dedi.Sonra``, but not ``Booking.com``."""
    word_before = _last_word(before).strip(_OPENING + "”»")
    head = following.lstrip(_OPENING)
    word = re.match(r"[^\W\d_]+", head)
    if not word or not word[0][0].isupper() or not word[0][1:].islower():
        return False
    if re.match(r"\.[a-z]", head[word.end() :]) or re.search(r"[/@]|www", word_before):
        return False
    whole = re.fullmatch(r"[^\W\d_]{3,}(?:[-'’”][^\W\d_]+)?", word_before)
    return bool(whole) and (word_before[0].islower() or before.endswith(("”", "»", '"')))


def _is_end(before: str, stop: str, following: str) -> bool:
    """Decide about a stop that white space follows."""
    if re.match(r"[-–—]", following):
        after_dash = following.lstrip("-–— ")
        quoted = any(quote in stop for quote in _QUOTES) or before.rstrip().endswith(tuple(_QUOTES))
        return not quoted and after_dash[:1].isupper()
    head = following.lstrip(_OPENING)
    quoted = len(head) != len(following)
    word_before = _last_word(before).lstrip(_OPENING)
    if not _may_begin(head, quoted=quoted and len(word_before) > _SHORT):
        return False
    if stop[0] != "." or stop.startswith(".."):
        return not (stop == "!" and word_before == "Yahoo" and head[:1].isupper())
    opener = re.split(r"\W", head, maxsplit=1)[0] in words("sentence_openers")
    if len(stop.rstrip(_QUOTES + ")]")) < len(stop):
        return True
    return _ends_after(word_before, before, head, opener=opener)


def _may_begin(head: str, *, quoted: bool) -> bool:
    """Tell whether a sentence can begin like this."""
    if not head:
        return False
    first = head[0]
    if first.islower():
        return quoted or bool(_BRAND.match(head))
    return first not in ",.;:!?…)]}”’»%/"


def _ends_after(word_before: str, before: str, head: str, *, opener: bool) -> bool:
    """Decide about a full stop after an abbreviation, an initial, a number or a word."""
    if _INITIALS.fullmatch(word_before) and word_before[0].isupper() and head[0].isalpha():
        named = _NAMED_BY_LETTER.search(_last_word(before[-26 : -len(word_before)].rstrip()))
        acronym = len(word_before) > 1 and "." not in word_before and word_before.isupper()
        return opener or bool(named) or acronym
    small = lower(word_before)
    if small in words("abbreviations_open") or word_before.lower() in words("abbreviations_open"):
        return opener
    if small in words("abbreviations_end"):
        return opener or not _belongs(small, before, head)
    if word_before.isdigit():
        return _ends_after_number(word_before, before, head, opener=opener)
    return not _in_dateline(before, head)


def _belongs(small: str, before: str, head: str) -> bool:
    """Tell whether an abbreviation that may end a sentence goes on: 5 mln. AZN, s. 12."""
    if small == "s":
        return head[0].isdigit() and not _AND_OTHERS.search(before)
    if small.endswith("ə"):
        return bool(head[0].isdigit() or _ROMAN.match(re.split(r"\W", head, maxsplit=1)[0]))
    acronym = _ACRONYM.match(head)
    return bool(_MORE.match(head) or (acronym and acronym[0].isupper()))


def _ends_after_number(word_before: str, before: str, head: str, *, opener: bool) -> bool:
    if before.strip() == word_before:
        return False  # 1. Apple
    if len(word_before) <= _SHORT and _DATE_PART.match(head):
        return False
    return opener or not _in_dateline(before, head)


def _in_dateline(before: str, head: str) -> bool:
    """Tell whether this is the stop in ``Bakı. 19 noyabr. Trend:``, at the start of a text."""
    lead = before.strip()
    if len(lead) > _DATELINE_CHARS:
        return False
    parts = re.split(r"\.\s+", lead)
    if not re.fullmatch(
        r"[“\"«]?[^\W\d_][\w-]+(?:[ -][^\W\d_][\w-]+)?(?:,\s*\d{1,2}\s+\w+)?", parts[0]
    ):
        return False
    if len(parts) == 1:
        return bool(_DAY.match(head) or _AGENCY.match(head)) and parts[0][0].isupper()
    return all(_DAY.fullmatch(part) for part in parts[1:])
