"""The places of an article where nothing but a credit stands: a line, a lead, a tail. Pure."""

from __future__ import annotations

import re

from bot.az.letters import upper
from bot.az.outlets import is_no_outlet, is_outlet

_MAX_NAME = 60
_MAX_WORDS = 6  # of a name: more is a sentence
_MAX_FOUND = 200  # places looked at for one form: a text that has more is no article
NAME_WORD = re.compile(r"[A-ZƏÖÜĞÇŞİА-Я0-9]")
LABEL = re.compile(
    r"(?:^|(?<=[.!?…”»\"]\s))[ \t]*[(\[]?"
    r"(?:(?:Xəbər(?:in)?|Məqalə(?:nin)?)[ \t]+)?"
    r"(?:Mənbə(?:yi|lər)?|MƏNBƏ(?:LƏR)?|Menbe|İstinad|Qaynaq|Источник|Source|Kaynak)"
    r"(?:\s*[:–—-]\s*(?P<name>\S[^\n]{0,300})|[ \t]+(?P<bare>[^\s:]\S*(?: \S+){0,3}))$",
    re.IGNORECASE | re.MULTILINE,
)
_URL = re.compile(r"https?://(?:www\.)?([^\s/)\]]+)[^\s)\]]*")
DOMAIN = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:(?:^|\s|(?<=[.!?…\"”»]))(?:/{1,2}\s?(?P<slash>[^\s/][^/\n]{1,40}?)\s?/{0,2}"
    r"|[(\[](?P<round>[^()\[\]\n]{2,30})[)\]])"
    r"|\s[-–—]{1,2}\s?(?P<dash>[^\s\n][^\n–—]{1,30}?)|\n(?P<line>[^\s\n][^\n]{1,40}?))[.]?\s*$"
)
_LEGEND = re.compile(r"\n+(?:Foto|Fotolar|Video|Müəllif|Hazırladı):[^\n]*$")  # may follow it
_PLACE = r"^\W{0,2}[^\W\d_][\w-]+(?: [^\W\d_][\w-]+)?"
_NAMED = r"[“\"«]?(?P<name>[^\W\d_][\w.’'-]*?(?: [^\W\d_][\w’'-]*){0,2})[”\"»]?"
LEADS = (
    re.compile(
        _PLACE + r"(?:[.,]\s*\d{1,2}\s+[^\W\d_]+(?:\s+\d{4}[^.,:]{0,8})?)?"
        r"[.,/]\s*(?:[^\W\d_]\w+\s[^\W\d_]\w+\s*[-–—/,.]\s*)?/?"
        + _NAMED
        + r"\s*(?P<end>:\s|/|\.\s|[-–—]\s|\n|$|,\s(?=[^\W\d_]\w+\s[^\W\d_]\w+\.))"
    ),
    re.compile(_PLACE + r"\s*\((?P<name>[^()\n]{2,30})\)\s*(?P<end>[-–—:])"),
    re.compile(r"^\W{0,2}" + _NAMED + r"\s*(?P<end>:\s|[-–—]\s)"),
)


def places(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Find the places of a form, so many as an article may have."""
    return [found for found, _ in zip(pattern.finditer(text), range(_MAX_FOUND), strict=False)]


def labelled(label: re.Match[str]) -> tuple[str, str | None] | None:
    """Read what stands after ``Mənbə:``, or after the bare word if that is an outlet."""
    value = label["name"] or label["bare"]
    url = _URL.search(value)
    name = _URL.sub("", value).strip(' \t.,;()[]“”"«»-–—') if url else value.strip()
    name = re.sub(r"^[“\"«]([^”\"»]+)[”\"»](?:$|\s*[/(|,–—-].*)", r"\1", name.strip(" .;()[]"))
    name = re.sub(r"(?:\s+[/|]|\s*\().*$|^www\.", "", name) or (url[1] if url else "")
    if not name or len(name) > _MAX_NAME or len(name.split()) > _MAX_WORDS:
        return None
    if label["bare"] and not (is_outlet(name) or DOMAIN.fullmatch(name)):
        return None
    return name, url[0] if url else None


def is_agency(lead: re.Match[str]) -> bool:
    """Tell whether what stands where agencies do, ``Bakı. X:``, is one."""
    name = lead["name"]
    if is_outlet(name) and bool(NAME_WORD.match(name)):
        return True
    if lead.re is LEADS[0] and lead.string[lead.start("name") - 1] in '“"«':
        return lead["end"].startswith(":") and not is_no_outlet(name)
    shouted = name == upper(name) and lead["end"].startswith(":")
    return shouted and lead.re is LEADS[0] and not is_no_outlet(name)


def tail(text: str) -> tuple[str, int, int] | None:
    """Find ``/publika.az`` or ``(APA)`` at the end: the name, where it begins and ends."""
    legend = _LEGEND.search(text, max(0, len(text) - 80))
    last = legend.start() if legend else len(text)
    found = _TAIL.search(text, max(0, last - 60), last)
    if not found or (not found.start() and not found["slash"]):
        return None
    name = (found["slash"] or found["round"] or found["dash"] or found["line"]).strip(' “”"«».')
    closed = text[: found.start()].rstrip().endswith((".", "!", "?", "”", '"', "»"))
    domain = (found["slash"] or (found["round"] and closed)) and DOMAIN.fullmatch(name)
    signed = found["line"] and re.fullmatch(r"[A-ZƏÖÜĞÇŞİ]\w+ [A-ZƏÖÜĞÇŞİ]\w+, (.+)", name)
    if signed:
        name = signed[1].strip('“"«')
    named = (domain and not is_no_outlet(name)) or _is_written_outlet(name)
    return (name, found.start(), last) if named else None


def _is_written_outlet(name: str) -> bool:
    return is_outlet(name) and bool(NAME_WORD.match(name) or "." in name)
