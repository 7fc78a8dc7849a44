"""A text as Telegram keeps it: trimmed, its markup read, its links and commands found."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from bot.demo.entities import ARGUMENTS, GIVEN_KINDS, RAW_KINDS, Entity, parse_html
from bot.demo.markup import url_fault
from bot.demo.refusals import Json, bad_request

MAX_BYTES = 32768

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
_FOUND_KINDS = {*_FOUND.groupindex, "phone_number"}
_CLOSED = {"code", "pre", "text_link", "text_mention", "custom_emoji"}


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as Telegram keeps it: trimmed, with its entities."""

    text: str
    entities: tuple[Json, ...]


def formatted(
    text: str, parse_mode: str = "", entities: list[dict[str, Any]] | None = None
) -> Formatted:
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


def _given(text: str, entities: list[dict[str, Any]]) -> list[Entity]:
    """Read the entities of a call, which are in UTF-16 units."""
    positions = _positions(text)
    given = []
    for entity in entities:
        kind, offset, length = entity["type"], entity["offset"], entity["length"]
        if kind not in GIVEN_KINDS | _FOUND_KINDS:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        if offset < 0:
            raise bad_request(f"receive an entity with incorrect offset {offset}")
        if offset > max(positions):
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
        if offset + length > max(positions):
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text "
                f"at UTF-16 offset {offset + length}"
            )
        if offset not in positions or offset + length not in positions:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol "
                f"at byte offset {offset + length}"
            )
        # What Telegram finds by itself it finds again, whatever a call says.
        if kind in GIVEN_KINDS and length > 0:
            argument = _argument(entity)
            given.append(Entity(kind, positions[offset], positions[offset + length], argument))
    return given


def _argument(entity: dict[str, Any]) -> str:
    name = "user" if entity["type"] == "text_mention" else ARGUMENTS.get(entity["type"])
    if name in {"url", "custom_emoji_id", "user"} and name not in entity:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if name == "user":
        return str(entity["user"]["id"])
    if name == "url" and (fault := url_fault(entity["url"])):
        raise bad_request(f"entity URL '{entity['url']}' is invalid: {fault}")
    return str(entity[name]) if name in entity else ""


def _positions(text: str) -> dict[int, int]:
    positions, units = {}, 0
    for index, character in enumerate(text):
        positions[units] = index
        units += 2 if character > "\uffff" else 1
    positions[units] = len(text)
    return positions


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
    raw = [e for e in alive if e.kind in RAW_KINDS]
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
