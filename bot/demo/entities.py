"""Telegram's HTML into text and entities, with Telegram's own errors (after TDLib's parser).

Inside, offsets are code points; `formatted` gives UTF-16 units, as the Bot API does.
"""

import re
import sys
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.demo.refusals import Json, bad_request

MAX_BYTES = 32768

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
_USER_LINK = re.compile(r"tg://user\?id=(\d+)$")
_LINK = re.compile(r"(?:https?://|ftp://|tg://|ton://)?[^\s/?#]+\.[^\s]+$|tg://\S+$", re.IGNORECASE)

# Control characters become blanks, carriage returns and bidirectional overrides go.
_CLEAN = dict.fromkeys((*range(10), 11, 12, *range(14, 32)), " ")
_CLEAN_ALL: dict[int, str | None] = {**_CLEAN, 13: None, **dict.fromkeys(range(0x2028, 0x202F))}
_UNCLEAN = re.compile("[\x00-\x09\x0b-\x1f\u2028-\u202e]")

_FOUND = re.compile(
    r"(?P<url>(?<![\w@.])(?:https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}»”]"
    r"|(?:[\w-]+\.)+(?:az|com|net|org|info|io|ru|tr|me|dev|ai)\b(?:/[^\s<>\"]*[^\s<>\".,;:!?)])?))"
    r"|(?P<email>(?<!\w)[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,})"
    r"|(?P<mention>(?<![\w/@])@[A-Za-z]\w{2,31}\b)"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>]))"
    r"|(?P<hashtag>(?<![\w#])#(?=\w*[^\W\d_])\w{1,256})"
    r"|(?P<cashtag>(?<![\w$])\$[A-Z]{1,8}\b)"
)
_FOUND_HINT = re.compile(r"[@/#$.]")
_CLOSED = {"code", "pre", "text_link", "text_mention", "custom_emoji"}
_RAW = {"code", "pre"}


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
        elif (name := _ARGUMENTS.get(self.kind)) and self.argument:
            body[name] = self.argument
        return body


_ARGUMENTS = {"text_link": "url", "pre": "language", "custom_emoji": "custom_emoji_id"}


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as Telegram keeps it: trimmed, with its entities."""

    text: str
    entities: tuple[Json, ...]


def formatted(text: str, parse_mode: str = "", entities: list[Json] | None = None) -> Formatted:
    """Give the text that is shown, with given, parsed and found entities.

    Raises RefusalError as Telegram words it; an empty result is the caller's to refuse.
    """
    if len(text) * 4 > MAX_BYTES and len(text.encode()) > MAX_BYTES:
        raise bad_request("message is too long")
    mode = parse_mode.lower()
    if mode not in {"", "html"}:
        # The bot writes HTML only; a stand-in that half parsed Markdown would hide mistakes.
        raise bad_request("unsupported parse_mode")
    if not mode and entities:
        return _finish(text, _given(text, entities))
    return _formatted(text, html=bool(mode))


# A broadcast brings one text many times.
@lru_cache(maxsize=256)
def _formatted(text: str, *, html: bool) -> Formatted:
    return _finish(*parse_html(text)) if html else _finish(text, [])


def _finish(plain: str, marked: list[Entity]) -> Formatted:
    plain, marked = _trim(plain, marked)
    found = _find(plain, marked) if _FOUND_HINT.search(plain) else marked
    return Formatted(plain, tuple(entity.as_json(plain) for entity in found))


def parse_html(html: str) -> tuple[str, list[Entity]]:
    """Text and entities of Telegram's HTML, untrimmed."""
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
        value = ""
        if self._peek() == "=":
            self.at += 1
            self._skip_spaces()
            value = self._value()
        if not self._peek():
            raise _unparsable(f'Unclosed start tag "{tag}" at byte offset {self._offset(begin)}')
        return name.lower(), value

    def _value(self) -> str:
        quote = self._peek()
        if not quote or quote not in "\"'":
            begin = self.at
            match = _TOKEN.match(self.html, self.at)
            self.at = match.end() if match else self.at
            if self._peek() and self._peek() not in _SPACES + ">":
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
            if kind == "text_link" and re.fullmatch(r"\w+://[^/]+", argument):
                argument += "/"
        elif kind == "blockquote" and argument:
            kind, argument = "expandable_blockquote", ""
        elif kind in _RAW and self.done:
            # `<pre><code class="language-x">`, either way round, is one entity with a language.
            last = self.done[-1]
            language = last.argument if kind == "pre" else argument
            same = (last.start, last.end) == (entity.start, entity.end)
            if same and language and {kind, last.kind} == _RAW:
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


def _given(text: str, entities: list[Json]) -> list[Entity]:
    """Entities of a call, from UTF-16 units."""
    positions = _positions(text)
    given = []
    for entity in entities:
        kind, offset, length = entity["type"], entity["offset"], entity["length"]
        if not isinstance(kind, str) or not isinstance(offset, int) or not isinstance(length, int):
            continue
        start, end = positions.get(offset), positions.get(min(offset + length, len(positions)))
        if start is None or length <= 0:
            continue
        argument = str(entity.get(_ARGUMENTS.get(kind, ""), ""))
        given.append(Entity(kind, start, len(text) if end is None else end, argument))
    return given


def _positions(text: str) -> dict[int, int]:
    positions, units = {}, 0
    for index, character in enumerate(text):
        positions[units] = index
        units += 2 if character > "\uffff" else 1
    positions[units] = len(text)
    return positions


def _utf16(text: str, index: int) -> int:
    if text.isascii():
        return index
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Take off outer white space and control characters; entities stay inside the text."""
    if _UNCLEAN.search(text):
        kept = [0]
        for character in text:
            dropped = _CLEAN_ALL.get(ord(character), "") is None
            kept.append(kept[-1] + (0 if dropped else 1))
        entities = [replace(e, start=kept[e.start], end=kept[e.end]) for e in entities]
        text = text.translate(_CLEAN_ALL)
    text = text.rstrip(" \n")
    # On the left TDLib stops at the first entity: a blank inside bold stays.
    limit = min((entity.start for entity in entities), default=len(text))
    cut = min(len(text) - len(text.lstrip(" \n")), limit)
    text = text[cut:]
    inside = (replace(e, start=e.start - cut, end=min(e.end - cut, len(text))) for e in entities)
    alive = [e for e in inside if e.end > e.start and text[e.start : e.end].strip(" \n")]
    raw = [e for e in alive if e.kind in _RAW]
    if raw:
        alive = [e for e in alive if e in raw or not any(_within(e, r) for r in raw)]
    alive.sort(key=lambda e: (e.start, -e.end))
    return text, alive


def _within(inner: Entity, outer: Entity) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _find(text: str, entities: list[Entity]) -> list[Entity]:
    """``entities`` and what Telegram finds in the text by itself: links, commands, mentions."""
    found = []
    for match in _FOUND.finditer(text):
        start, end = match.span()
        if not any(e.kind in _CLOSED and e.start < end and start < e.end for e in entities):
            found.append(Entity(match.lastgroup or "", start, end))
    return sorted([*entities, *found], key=lambda e: (e.start, -e.end)) if found else entities
