"""Telegram's HTML into text and entities, with Telegram's own errors (after TDLib's parser).

Offsets here are code points; `Entity.as_json` gives UTF-16 units, as the Bot API does.
"""

import re
import sys
from dataclasses import dataclass, replace

from bot.demo.refusals import Json, bad_request

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")
_MARK = re.compile("[<&]")
_SPACES = " \t\r\n\v\f\0"
_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")
_NAME_END = re.compile(r"[\s=>/\"']")
_TAG_END = re.compile(r"[\s>]")
_MAX_REFERENCE = 10
_BARE_HOST = re.compile(r"^(https?://[^/?#]+)(?=[?#]|$)")
_USER_LINK = re.compile(r"tg://user\?id=(\d+)$")
_LINK = re.compile(r"(?:https?://|ftp://|tg://|ton://)?[^\s/?#]+\.[^\s]+$|tg://\S+$", re.IGNORECASE)
GIVEN_KINDS = {*_KINDS.values(), "expandable_blockquote", "text_mention", "date_time"}
RAW_KINDS = {"code", "pre"}
ARGUMENTS = {"text_link": "url", "pre": "language", "custom_emoji": "custom_emoji_id"}


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch of text with a meaning; ``argument``: its address, language or emoji id."""

    kind: str
    start: int
    end: int
    argument: str = ""

    def as_json(self, text: str) -> Json:
        """Give a MessageEntity, in UTF-16 units of ``text``."""
        start = _utf16(text, self.start)
        body: Json = {
            "type": self.kind,
            "offset": start,
            "length": _utf16(text, self.end) - start,
        }
        if self.kind == "text_mention":
            body["user"] = {"id": int(self.argument), "is_bot": False, "first_name": "?"}
        elif (name := ARGUMENTS.get(self.kind)) and self.argument:
            body[name] = self.argument
        return body


def parse_html(html: str) -> tuple[str, list[Entity]]:
    """Give the text and the entities of Telegram's HTML, untrimmed."""
    if not _MARK.search(html):
        return html, []
    return _HtmlParser(html).parse()


class _HtmlParser:
    """One pass over the text; ``at`` is where it reads."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[Entity] = []
        self.done: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        html = self.html
        while self.at < len(html):
            mark = _MARK.search(html, self.at)
            if mark is None:
                self._put(html[self.at :])
                break
            self._put(html[self.at : mark.start()])
            self.at = mark.start()
            if html[self.at] == "&":
                self._put(self._reference() or self._step())
            elif html.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise _unparsable(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1].kind}"'
            )
        return "".join(self.out), self.done

    def _put(self, text: str) -> None:
        self.out.append(text)
        self.length += len(text)

    def _step(self) -> str:
        self.at += 1
        return self.html[self.at - 1]

    def _reference(self) -> str:
        """Give the character of the reference that stands here, or "" if it is plain text."""
        match = _REFERENCE.match(self.html, self.at)
        character = _character(match) if match else ""
        if match and character:
            self.at = match.end()
        return character

    def _peek(self) -> str:
        return self.html[self.at] if self.at < len(self.html) else ""

    def _skip_spaces(self) -> None:
        while self._peek() and self._peek() in _SPACES:
            self.at += 1

    def _until(self, pattern: re.Pattern[str]) -> str:
        match = pattern.search(self.html, self.at)
        start, self.at = self.at, match.start() if match else len(self.html)
        return self.html[start : self.at]

    def _offset(self, begin: int) -> int:
        return len(self.html[:begin].encode())

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._until(_TAG_END).lower()
        if not self._peek():
            raise _unparsable(f"Unclosed start tag at byte offset {self._offset(begin)}")
        if tag not in _KINDS:
            raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {self._offset(begin)}')
        argument = ""
        while True:
            self._skip_spaces()
            if self._peek() == ">":
                break
            argument = _argument(tag, *self._attribute(tag, begin)) or argument
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise _unparsable(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._offset(begin)}'
            )
        self.open.append(Entity(tag, self.length, self.length, argument))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._until(_NAME_END)
        if not name and self._peek():
            raise _unparsable(
                f'Empty attribute name in the tag "{tag}" at byte offset {self._offset(begin)}'
            )
        self._skip_spaces()
        given = self._peek() == "="
        if given:
            self.at += 1
            self._skip_spaces()
        if not self._peek():
            raise _unparsable(f'Unclosed start tag "{tag}" at byte offset {self._offset(begin)}')
        value = self._value() if given else ""
        if not self._peek():
            raise _unparsable(f"Unclosed start tag at byte offset {self._offset(begin)}")
        return name.lower(), value

    def _value(self) -> str:
        quote = self._peek()
        if not quote or quote not in "\"'":
            begin = self.at
            match = _TOKEN.match(self.html, self.at)
            self.at = match.end() if match else self.at
            if not self._peek() or self._peek() not in _SPACES + ">":
                raise _unparsable(
                    f"Unexpected end of name token at byte offset {self._offset(begin)}"
                )
            return self.html[begin : self.at].lower()
        self.at += 1
        end = self.html.find(quote, self.at)
        end = len(self.html) if end < 0 else end
        raw, self.at = self.html[self.at : end], end + 1
        return _REFERENCE.sub(lambda match: _character(match) or match[0], raw)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _unparsable(f"Unexpected end tag at byte offset {self._offset(begin)}")
        self.at += 2
        found = self._until(_TAG_END)
        self._skip_spaces()
        if self._peek() != ">":
            raise _unparsable(f"Unclosed end tag at byte offset {self._offset(begin)}")
        self.at += 1
        opened = self.open.pop()
        if found and found.lower() != opened.kind:
            raise _unparsable(
                f"Unmatched end tag at byte offset {self._offset(begin)}, "
                f'expected "</{opened.kind}>", found "</{found}>"'
            )
        if self.length > opened.start:
            self._close(replace(opened, end=self.length))

    def _close(self, entity: Entity) -> None:
        kind, argument = _KINDS[entity.kind], entity.argument
        if kind == "text_link":
            argument = argument or "".join(self.out)[entity.start : entity.end]
            if user := _USER_LINK.match(argument):
                kind, argument = "text_mention", user[1]
            elif not _LINK.match(argument):
                return  # Telegram shows the text and forgets an address that is none
            elif "://" not in argument:
                argument = f"http://{argument}"
            if kind == "text_link":
                argument = _BARE_HOST.sub(r"\1/", argument)
        elif kind == "blockquote" and argument:
            kind, argument = "expandable_blockquote", ""
        elif kind in RAW_KINDS and self.done:
            # `<pre><code class="language-x">`, either way round, is one entity with a language.
            last = self.done[-1]
            language = last.argument if kind == "pre" else argument
            same = (last.start, last.end) == (entity.start, entity.end)
            if same and language and {kind, last.kind} == RAW_KINDS:
                self.done.pop()
                kind, argument = "pre", language
        self.done.append(Entity(kind, entity.start, entity.end, argument))


def _character(match: re.Match[str]) -> str:
    """Give what a reference stands for, or "" if Telegram shows it as it is."""
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED.get(name, "")
    digits = hexadecimal or decimal
    code = int(digits, 16 if hexadecimal else 10) if len(digits) < _MAX_REFERENCE else 0
    if not 0 < code < sys.maxunicode:
        return ""
    if 0xD800 <= code < 0xE000:  # noqa: PLR2004 - the surrogates
        raise _unparsable(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(code)


def _argument(tag: str, name: str, value: str) -> str:
    if tag == "a" and name == "href":
        return value
    if tag == "code" and name == "class" and value.startswith("language-"):
        return value.removeprefix("language-")
    if tag == "span" and name == "class" and value.startswith("tg-"):
        return value.removeprefix("tg-")
    if tag == "tg-emoji" and name == "emoji-id":
        return value
    if tag == "blockquote" and name == "expandable":
        return "1"
    return ""


def _unparsable(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")


def _utf16(text: str, index: int) -> int:
    if text.isascii():
        return index
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2
