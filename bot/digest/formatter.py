"""Layouts of a digest: Telegram HTML, plain text, JSON. Pure.

Telegram counts 4,096 characters after it has parsed the entities: lengths here are those of the
visible text. Every word from outside is escaped; only http(s) addresses become links.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from bot.az.letters import fold
from bot.az.titles import seen, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.models import Credit, Digest

Outlet: TypeAlias = tuple[str, str | None]
"""Who tells a story: its name, and the address of what it wrote."""


class Line(NamedTuple):
    """A line of HTML, and how long people see it."""

    html: str
    chars: int


MAX_CHARS = 4096
_MAX_NAME = 100
_MAX_TOPIC = 300
_MAX_ADDRESS = 2048
_MAX_OTHERS_BYTES = 4096  # of the links to other outlets: a message's HTML has its limit too
_WEB = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


def digest_html(
    digest: Digest,
    *,
    source_label: str = "Mənbə",
    topic_line: str | None = None,
    others: Line | None = None,
) -> str:
    """Give a digest as Telegram HTML: bold title, sentences, credit and source, linked.

    ``others`` names those who tell it too, ``topic_line`` is a last line in plain text (``Mövzu:
    DeepSeek``). The text that Telegram shows has at most 4,096 characters: a title too long for
    that is cut between words.
    """
    sentences = " ".join(map(_shown, digest.sentences))
    names = _credited(digest)
    topic = shortened(seen(topic_line), _MAX_TOPIC) if topic_line else ""
    credit_chars = len(source_label) + 2 + sum(len(name) + 3 for name, _ in names)
    lines = [line for line in (others, Line(_escape(topic), len(topic))) if line and line.html]
    added = sum(line.chars + 1 for line in lines)
    room = MAX_CHARS - len(sentences) - credit_chars - added - 6
    title = shortened(_title(digest), max(room, _MAX_NAME))
    parts = [f"<b>{_escape(title)}</b>"]
    if sentences:
        parts.append(_escape(sentences))
    linked = " · ".join(_link(name, url) for name, url in names)
    parts.append("\n".join([f"{_escape(source_label)}: {linked}", *(line.html for line in lines)]))
    return "\n\n".join(parts)


def digest_text(digest: Digest, *, source_label: str = "Mənbə") -> str:
    """Give a digest as plain text that ends with the article's address on its own line."""
    sentences = " ".join(map(_shown, digest.sentences))
    names = " · ".join(name for name, _ in _credited(digest))
    last = f"{source_label}: {names}\n{digest.url}"
    return "\n\n".join(part for part in (_title(digest), sentences, last) if part)


def digest_json(digest: Digest) -> dict[str, Any]:
    """Give a digest as the program prints it: url, text, html, sentences, credit, link, chars."""
    return {
        "url": digest.url,
        "text": digest_text(digest),
        "html": digest_html(digest),
        "sentences": list(digest.sentences),
        "credit": {"name": digest.credit.name, "url": digest.credit.url},
        "link": digest.url,
        "chars": digest.chars,
    }


def others_line(label: str, outlets: Sequence[Outlet], rest: str = "") -> Line:
    """Give the outlets that tell a story too, each linked where there is room for the address.

    ``rest`` stands for those that are not named (``və daha 3``).
    """
    named: list[str] = []
    chars, size = len(label) + 2, 0
    for name, url in outlets:
        shown = _name(name)
        linked = _link(shown, url)
        if size + len(linked.encode()) > _MAX_OTHERS_BYTES:
            linked = _escape(shown)
        named.append(linked)
        chars, size = chars + len(shown) + 2, size + len(linked.encode())
    ending = f" {_escape(rest)}" if rest else ""
    return Line(f"{_escape(label)}: {', '.join(named)}{ending}", chars + len(rest))


def credit_html(digest: Digest) -> str:
    """Give the credit line's names alone, linked: what a channel's template calls credit."""
    return " · ".join(_link(name, url) for name, url in _credited(digest))


def _credited(digest: Digest) -> Iterable[tuple[str, str | None]]:
    """Give credit and source with their addresses; a source that is its own credit, once."""
    source = (_name(digest.source) or _name(digest.credit.name), digest.url)
    if not _name(digest.credit.name) or _same(digest.credit, digest):
        return (source,)
    return ((_name(digest.credit.name), digest.credit.url), source)


def _same(credit: Credit, digest: Digest) -> bool:
    return _key(credit.name) == _key(digest.source)


def _key(name: str) -> str:
    plain = re.sub(r"^(?:https?://)?(?:www\.)?", "", fold(seen(name)))
    plain = re.sub(r"\.(?:az|com|org|net|info|ru|ws|tv|news)/?$", "", plain)
    return re.sub(r"[\W_]+", "", plain) or plain


def _name(name: str) -> str:
    return shortened(seen(name), _MAX_NAME)


def _title(digest: Digest) -> str:
    return seen(digest.title) or _name(digest.source) or digest.url


def _shown(sentence: str) -> str:
    """Give a sentence without what is not seen; its thin and no-break spaces stay."""
    kept = "\u00a0\u2009\u202f"
    return re.sub(rf"[^{kept}]+", lambda part: _spaced(part[0]), sentence).strip()


def _spaced(part: str) -> str:
    """Tidy a stretch of text, keeping a blank at either end."""
    inner = seen(part)
    if not inner:
        return " " if part else ""
    return " " * part[0].isspace() + inner + " " * part[-1].isspace()


def _link(text: str, url: str | None) -> str:
    """Give text as a link, or as text where the address is none that a reader can open."""
    if not url or len(url) > _MAX_ADDRESS or not _WEB.fullmatch(url) or seen(url) != url:
        return _escape(text)
    return f'<a href="{escape(url)}">{_escape(text)}</a>'


def _escape(text: str) -> str:
    return escape(text, quote=False)
