"""What pages put around an article: share lines, tags, headings, photo credits. Pure."""

from __future__ import annotations

import re
from functools import cache

from bot.az.letters import fold
from bot.az.sentences import sentences
from bot.az.wordlists import lines

_MAX_LINE = 240  # a longer line is a paragraph: its sentences are looked at one by one
_RELATED = re.compile(
    r"(?:oxsar|benzer|elaqeli|diger|son|en cox oxunan|movzu uzre)\s+"
    r"(?:xeberler|yazilar|meqaleler|materiallar)\W*"
)
_ENDED = re.compile(r"[.!?…:;][\"'”’»)\]]*$")


def strip_boilerplate(paragraphs: list[str]) -> list[str]:
    """Give the paragraphs that are the article's own.

    Share and promotion lines, tags, counters, photo credits and headings go, and so do the
    titles under ``Oxşar xəbərlər``. An attribution inside a sentence stays.
    """
    kept = []
    related = False
    for paragraph in paragraphs:
        if len(paragraph) <= _MAX_LINE and _RELATED.fullmatch(fold(paragraph).strip()):
            related = True
            continue
        related = related and not _ENDED.search(paragraph.rstrip())
        if related:
            continue
        own = _own_lines(paragraph)
        if own:
            kept.append(own)
    return kept


def is_boilerplate(line: str) -> bool:
    """Tell whether a line or a sentence is none of the article: it asks, offers or labels."""
    plain = " ".join(fold(line[: 2 * _MAX_LINE]).split()).strip("•*-–—►👉📲📌()[]\"' ")
    return not plain or (len(plain) <= _MAX_LINE and bool(_pattern().fullmatch(plain)))


def _own_lines(paragraph: str) -> str:
    own = [_own_sentences(line) for line in paragraph.split("\n") if not is_boilerplate(line)]
    return "\n".join(line for line in own if line)


def _own_sentences(line: str) -> str:
    """Cut promotion off the end of a line of text."""
    parts = sentences(line)
    promoted = False
    while len(parts) > 1 and is_boilerplate(parts[-1]):
        promoted = True
        last = parts.pop()
        line = line[: line.rindex(last)].rstrip()
    return line if promoted else line.strip()


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{entry})" for entry in lines("boilerplate.txt")))
