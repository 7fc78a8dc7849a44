"""Telling Azerbaijani items from Russian, English and Turkish ones, beside stop-word counting.

The set is ``quality/languages.jsonl``: titles, some with a text; a third (``held``) is not
looked at while rules are made. ``kept`` is the share of Azerbaijani items that a source limited
to Azerbaijani keeps, ``let in`` that of foreign ones it keeps. ``-v`` names what the seen part
fails.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.az.language import is_kept, language_of

if TYPE_CHECKING:
    from collections.abc import Callable

SET = Path(__file__).parent / "quality" / "languages.jsonl"
PARTS = ("seen", "held")
STOP_WORDS = {
    "az": "və ilə üçün bu bir ki də da olub edib haqqında daha yeni",
    "ru": "и в на с по для о не что из за к",
    "en": "the of and to in is for with on at by from",
    "tr": "ve ile için bu bir ki de da oldu etti hakkında daha yeni",
}


def counted(title: str, text: str) -> str:
    """Give the language with most stop words: the baseline."""
    words = re.findall(r"\w+", f"{title} {text}".lower())
    scores = {
        language: sum(word in stops.split() for word in words)
        for language, stops in STOP_WORDS.items()
    }
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] else ""


def figures(
    rows: list[dict[str, Any]], tell: Callable[[str, str], str]
) -> tuple[float, float, float]:
    """Give the shares told right, kept of Azerbaijani, let in of foreign."""
    told = [(row["language"], tell(row["title"], row.get("text", ""))) for row in rows]
    own = [found for wanted, found in told if wanted == "az"]
    foreign = [found for wanted, found in told if wanted not in {"az", ""}]
    return (
        sum(wanted == found for wanted, found in told) / len(told),
        sum(found in {"az", ""} for found in own) / len(own),
        sum(found in {"az", ""} for found in foreign) / len(foreign),
    )


def main() -> None:
    """Print the figures of both parts beside the baseline; with ``-v`` what seen fails."""
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    print(f"{'language':<16}{'part':<8}{'right':>8}{'kept':>8}{'let in':>8}{'lines':>8}")
    for name, tell in (("ours", language_of), ("stop words", counted)):
        for part in PARTS:
            chosen = [row for row in rows if row["part"] == part]
            right, kept, let_in = figures(chosen, tell)
            print(f"{name:<16}{part:<8}{right:>8.3f}{kept:>8.3f}{let_in:>8.3f}{len(chosen):>8}")
    for row in rows if "-v" in sys.argv[1:] else ():
        found = language_of(row["title"], row.get("text", ""))
        if row["part"] == "seen" and found != row["language"]:
            lost = "" if is_kept(found, row["language"]) else "  LOST"
            print(f"  {row['language'] or '-':<6}{found or '-':<6}{row['title']}{lost}")


if __name__ == "__main__":
    main()
