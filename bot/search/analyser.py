"""The identity and the name of a topic, and what the lexicon offers. Pure."""

from __future__ import annotations

from bot.az.letters import fold
from bot.az.topics import lexicon, pattern

_FEW = 8


def topic_key(text: str) -> str:
    """Give the identity of a topic: two spellings of one topic have the same; ``""``: no word."""
    return pattern(text).key


def topic_title(text: str) -> str:
    """Give a topic as the lexicon writes it, else as the person did, white space collapsed."""
    tidy = " ".join(text.split())
    return lexicon().spelled.get(fold(tidy), tidy)


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
