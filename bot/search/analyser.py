"""The identity and the name of a topic, what the lexicon offers, what an article says. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.az.boilerplate import strip_boilerplate
from bot.az.letters import fold, lower
from bot.az.lexicon import lexicon
from bot.az.tokens import brands, known
from bot.az.topics import pattern

if TYPE_CHECKING:
    from bot.models import Article

_FEW = 8
# What every line that asks, offers or labels has somewhere, in small letters. The full check
# costs 2 ms an article, this one .02; a paragraph without such a word is the article's own.
_CUES = (
    "izlə", "izle", "abunə", "abune", "qoşul", "qosul", "bəyənin", "beyenin", "daxil ol", "takip",
    "oxuyun", "paylaş", "paylas", "kopyala", "google news", "teql", "etiket", "#", "©", "foto",
    "reklam", "oxşar x", "oxşar y", "oxşar m", "bənzər ", "digər xəb", "digər yaz", "son xəbər",
    "ən çox oxunan", "oxsar x", "benzer x", "diger xeb",
)  # fmt: skip
_HEADING_CHARS = 40
_QUOTES = "\"“”„‟«»‹›‘’'"


def topic_key(text: str) -> str:
    """Give the identity of a topic: two spellings of one topic have the same; ``""``: no word."""
    return pattern(text).key


def topic_title(text: str) -> str:
    """Give a topic as the lexicon writes it, else as the person did, white space collapsed.

    Quotes around the whole and a hashtag's mark are not the topic: it is shown in quotes anyway.
    """
    tidy = " ".join(text.split())
    tidy = tidy.lstrip("#").strip() or tidy
    if tidy and tidy[0] in _QUOTES and tidy[-1] in _QUOTES:
        tidy = tidy.strip(_QUOTES).strip() or tidy
    if not tidy:
        return ""
    title = lexicon().spelled.get(fold(tidy), tidy)
    return tidy if _is_written_right(tidy, title) else title


def _is_written_right(text: str, title: str) -> bool:
    """Say whether a topic of plain words, no name, has its letters right: ``süni zəka``."""
    plain = not any(letter.isupper() for letter in title[1:])
    words = [fold(word) for word in title.split()]
    plain = plain and (len(words) > 1 or words[0] in known())
    named = any(known().get(word) in brands().names for word in words)
    return plain and not named and not text.isupper() and lower(text) == lower(title)


def suggest_topics(limit: int = _FEW) -> list[str]:
    """Give titles of topics to offer to somebody who follows nothing yet."""
    return [entry.title for entry in lexicon().entries.values() if entry.offered][:limit]


def related_topics(key: str, limit: int = _FEW) -> list[str]:
    """Give titles of topics near the one with this key: those it names, then its section."""
    entries = lexicon().entries
    entry = entries.get(key)
    if entry is None:
        return []
    near = [topic_title(name) for name in entry.related]
    section = [
        other.title
        for other in sorted(entries.values(), key=lambda other: not other.offered)
        if other.section == entry.section and other.key != key
    ]
    return list(dict.fromkeys([*near, *section]))[:limit]


def own_text(article: Article) -> str:
    """Give what an article itself says: “Telegram kanalımızda izləyin” is not about Telegram."""
    text = article.text or article.summary or ""
    if not _is_cued(text):
        return text
    paragraphs = text.split("\n\n")
    cued = [_is_cued(paragraph) for paragraph in paragraphs]
    if any(cue and len(p) < _HEADING_CHARS for cue, p in zip(cued, paragraphs, strict=True)):
        return "\n\n".join(strip_boilerplate(paragraphs))
    own = (
        strip_boilerplate([paragraph]) if cue else [paragraph]
        for cue, paragraph in zip(cued, paragraphs, strict=True)
    )
    return "\n\n".join(part for parts in own for part in parts)


def _is_cued(text: str) -> bool:
    small = text.replace("İ", "i").lower()
    return any(cue in small for cue in _CUES)
