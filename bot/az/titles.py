"""Titles as readers should see them: without tags, site names and editors' marks. Pure."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from bot.az.letters import fold, upper
from bot.az.sentences import sentences
from bot.az.wordlists import lines

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FALLBACK = 100
_MAX_TITLE = 1_000  # a longer one is no title, and looking for its tail would take too long
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|!--.*?--|!\[CDATA\[)>?|\]\]>", re.DOTALL)
# Controls, zero-width characters and marks that turn the direction of what follows them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SEPARATOR = re.compile(r"\s+(?:[|»•·]|::|[-–—])\s+")
_SITE = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.az", re.IGNORECASE)
_EDGES = " \t-–—|/:»•·◉➤►▶📷📸🎥🎬🔴\ufe0f"
# Arrows, pointing hands, cameras, alarm: what editors hang on a title to be seen.
_POINTERS = re.compile(
    "[\u2190-\u21ff\u23e9-\u23ff\u25a0-\u25ff\u2b05-\u2b07\u27a1\u27a4\u26a1\u2757\u203c\u2b55"
    "\U0001f446-\U0001f449\U0001f4cc\U0001f4cd\U0001f4e2\U0001f4e3\U0001f4f7\U0001f4f8"
    "\U0001f3a5\U0001f3ac\U0001f4f9\U0001f534\U0001f535\U0001f6a8\U0001f195\ufe0f]"
)


def clean_title(title: str, *, site_names: Iterable[str] = ()) -> str:
    """Give a title from a page or a feed as plain text: no entities, tags, site name, marks.

    ``site_names`` are the names that the site may sign with: ``technote.az``, ``Technote``.
    """
    text = unescape(_TAG.sub(" ", unescape(title)))
    return _without_tails(_without_site(seen(text), site_names))


def clean_shown(title: str) -> str:
    """Give a plain title (of an imported article) without editors' marks; markup is its own."""
    return _without_tails(seen(title))


def fallback_title(text: str) -> str:
    """Give a title for a text without one: its first sentence, at most 100 characters."""
    first = next(iter(sentences(text[: 50 * MAX_FALLBACK])), "")
    return shortened(seen(first), MAX_FALLBACK)


def shortened(text: str, max_chars: int) -> str:
    """Give the text within ``max_chars``, cut between words and marked ``…`` where it was cut."""
    if len(text) <= max_chars:
        return text
    cut = text[: max_chars - 1]
    at_word = cut.rpartition(" ")[0] if text[max_chars - 1] != " " else cut
    return (at_word or cut).rstrip(" ,;:-–—") + "…"


def seen(text: str) -> str:
    """Give what a reader sees of a line of text: no controls, white space as single blanks."""
    return " ".join(_UNSEEN.sub("", text).split())


def _without_site(title: str, site_names: Iterable[str]) -> str:
    """Cut ``| Technote.az`` and whatever a site says after its name."""
    if len(title) > _MAX_TITLE:
        return title
    names = {_key(name) for name in site_names} - {""}
    for separator in _SEPARATOR.finditer(title):
        rest = _SEPARATOR.split(title[separator.end() :], maxsplit=1)[0]
        if separator.start() and (_SITE.fullmatch(rest) or _key(rest) in names):
            return title[: separator.start()]
    first = _SEPARATOR.search(title)
    if first:
        head = title[: first.start()]
        if _SITE.fullmatch(head) or ("." in head and _key(head) in names):
            return title[first.end() :]
    return title


def _key(name: str) -> str:
    name = re.sub(r"^(?:https?://)?(?:www\.)?", "", fold(name).strip())
    return re.sub(r"\.(?:az|com|org|net|info|ru|ws|tv|news)(?:/.*)?$", "", name)


@cache
def _tails() -> tuple[re.Pattern[str], ...]:
    """Give the marks in brackets, after a dash, bare ones, and those also in small letters."""
    entries = lines("title_tails.txt")
    bare_from = entries.index("bare")
    # Each way to read what stands between two marks excludes the others: no backtracking.
    several = r"(?:(?:\s?[/+,&-]\s?|\s(?:və|VƏ)\s|\s?)(?:{0}))*"

    def marks(names: Iterable[str]) -> str:
        one = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
        return (
            rf"(?:\d+\s+)?(?:{one})" + several.format(one) + r"(?:\s*[-–]\s*\d{1,2}|\s+\d\d:\d\d)?"
        )

    every, bare = marks(set(entries) - {"bare"}), marks(entries[bare_from + 1 :])
    return (
        re.compile(rf"\s*[(\[{{/*]\s*{every}\s*[)\]}}/*]"),
        re.compile(
            rf"(?:\s+[-–—|/:»+]+\s*|\s*[-–—|/»]+\s*|\.\s+|(?<=[.!?…])){every}[.!]?$|^{every}\s*[|:»–—-]\s*|^YENİLƏN(?:İB|Dİ)\s+"
        ),
        re.compile(rf"\s+{bare}[.!]?$"),
        re.compile(rf"\s+[-–—|]+\s*{bare}[.!]?$"),
    )


def _without_tails(title: str) -> str:
    if len(title) > _MAX_TITLE:
        return title
    bracketed, dashed, bare, small = _tails()
    shouted = title == upper(title)
    while True:
        title = _unpointed(title)
        capital = upper(title)
        found = (
            _last(bracketed, capital)
            or dashed.search(title)
            or small.search(capital)
            or (None if shouted else bare.search(title))
        )
        if not found or len(capital) != len(title):
            return title
        shorter = (title[: found.start()] + title[found.end() :]).strip(_EDGES)
        if not shorter:
            return title
        title = shorter


def _unpointed(title: str) -> str:
    """Cut arrows and other pointers off both ends, unless the title is nothing else."""
    start, end = 0, len(title)
    while end and (title[end - 1].isspace() or _POINTERS.match(title[end - 1])):
        end -= 1
    while start < end and (title[start].isspace() or _POINTERS.match(title[start])):
        start += 1
    return title[start:end] or title


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Give the match that ends the text, or begins it."""
    for match in pattern.finditer(text):
        if match.end() == len(text) or match.start() == 0:
            return match
    return None
