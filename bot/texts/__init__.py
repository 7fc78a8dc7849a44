"""Every sentence that the bot says, by language: Fluent files beside this module.

``load_texts`` reads them once; ``Catalogue.of`` gives a language's :class:`Texts`, which
formats a message in some microseconds. A message may hold Telegram HTML; what is put
into it is escaped unless it is :class:`Html` already.
"""

from __future__ import annotations

import html
from functools import partial
from pathlib import Path
from typing import Any, Final

from fluent.runtime import FluentBundle, FluentResource

from bot.az.grammar import inflect
from bot.errors import XeberciError
from bot.texts.greetings import is_greeting

__all__ = ["DEFAULT", "Catalogue", "Html", "Texts", "is_greeting", "load_texts"]

DEFAULT: Final = "az"
_FOLDER: Final = Path(__file__).parent
_MAX_PLACED_CHARS: Final = 500  # Fluent refuses values over 1,000
_CASES: Final[dict[str, Any]] = {
    case.upper(): partial(inflect, case=case) for case in ("locative", "ablative", "dative")
}


class Html(str):
    """Telegram HTML that is ready: it is put into messages as it is."""

    __slots__ = ()


class Texts:
    """The messages of one language."""

    def __init__(self, language: str, source: str) -> None:
        self.language = language
        # Isolating marks would land in copied text and in button labels; the languages
        # here are all written from left to right.
        self._bundle = FluentBundle([language], _CASES, use_isolating=False)
        self._bundle.add_resource(FluentResource(source))
        self._constant: dict[str, str] = {}

    def html(self, key: str, **values: str | int) -> Html:
        """Give a message as Telegram HTML, with plain values escaped."""
        ready = {name: _escaped(value) for name, value in values.items()}
        return Html(self._format(key, ready))

    def plain(self, key: str, **values: str | int) -> str:
        """Give a message as it is, for buttons and pop-ups, which know no HTML."""
        return self._format(key, dict(values))

    def names(self, key: str) -> tuple[str, ...]:
        """Give a message that is a list of names, one after another with commas."""
        return tuple(name.strip() for name in self._format(key, {}).split(","))

    def _format(self, key: str, values: dict[str, str | int]) -> str:
        if not values and key in self._constant:
            return self._constant[key]
        message = self._bundle.get_message(key)
        if message.value is None:
            raise KeyError(key)
        long = {name: value for name, value in values.items() if _is_long(value)}
        marked = values | {name: _mark(name) for name in long}
        formatted, mistakes = self._bundle.format_pattern(message.value, marked)
        if mistakes:
            raise XeberciError(f"texts/{self.language}.ftl, {key}: {mistakes[0]}")
        text = str(formatted)
        for name, value in long.items():
            text = text.replace(_mark(name), str(value))
        if not values:
            self._constant[key] = text
        return text


class Catalogue:
    """All languages that the bot speaks."""

    def __init__(self, languages: dict[str, Texts]) -> None:
        self._languages = languages

    def of(self, language: str) -> Texts:
        """Give a language's messages; an unknown language reads Azerbaijani."""
        return self._languages.get(language) or self._languages[DEFAULT]


def load_texts() -> Catalogue:
    """Read every language file of this folder."""
    return Catalogue(
        {
            path.stem: Texts(path.stem, path.read_text(encoding="utf-8"))
            for path in sorted(_FOLDER.glob("*.ftl"))
        }
    )


def _is_long(value: str | int) -> bool:
    return isinstance(value, str) and len(value) > _MAX_PLACED_CHARS


def _mark(name: str) -> str:
    """Stand for a long value while Fluent formats: no text from outside holds NULs."""
    return f"\0{name}\0"


def _escaped(value: str | int) -> str | int:
    if isinstance(value, Html):
        return str(value)
    return html.escape(value, quote=False) if isinstance(value, str) else value
