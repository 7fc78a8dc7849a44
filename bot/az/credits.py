"""The outlet that an article credits, found in its text. Pure.

Flow: a line of its own (``Mənbə: X``) -> a name before ``istinadən``, ``xəbərinə görə``,
``yazır`` -> an agency's lead -> a tail (``/publika.az``) -> a name before ``xəbər verir``,
``məlumatına görə``, which offices and companies do as well, so that only known outlets count.
An outlet that names itself on its own site is no credit.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from bot.az.entries import words
from bot.az.letters import fold
from bot.az.wordlists import lines
from bot.models import Credit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_NAME = 60
_MAX_TEXT = 10_000
_LABEL = re.compile(
    r"(?:^|(?<=[.!?…”»\"]\s))[ \t]*[(\[]?(?:Mənbə|Menbe|Mənbələr|İstinad|Источник|Source|Kaynak)"
    r"\s*[:–—-]\s*(?P<name>\S[^\n]{0,300})$",
    re.IGNORECASE | re.MULTILINE,
)
_URL = re.compile(r"https?://(?:www\.)?([^\s/)\]]+)[^\s)\]]*")
_DOMAIN = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:^|\s)(?:/{1,2}\s?(?P<slash>[^\s/][^/\n]{1,40}?)/?|\((?P<round>[^()\n]{2,30})\))\s*$"
)
_LEAD = re.compile(
    r"^\W{0,2}[^\W\d_][\w-]+(?: [^\W\d_][\w-]+)?"
    r"(?:[.,]\s*\d{1,2}\s+[^\W\d_]+(?:\s+\d{4}[^.,:]{0,8})?)?"
    r"[.,/]\s*[“\"«]?(?P<name>[^\W\d_][\w.’'-]*?(?: [^\W\d_][\w’'-]*){0,2})[”\"»]?"
    r"\s*(?P<end>:\s|/|\.\s|$)"
)
_STRONG = re.compile(
    r"\b(?:istinadən|istinadla|istinad\s+ed(?:ərək|ib)|xəbərinə\s+(?:görə|əsasən)|"
    r"xəbərində\s+deyilir|yazır|yazdığına\s+görə|yazısına\s+görə)\b"
)
_WEAK = re.compile(
    r"\b(?:xəbər\s+ver(?:ir|ib)|yayıb|məlumat\s+(?:yayıb|verib|verir|yayır)|bildirir|bildirib|yazıb|"
    r"məlumatına\s+(?:görə|əsasən|istinadən))\b"
)
_LOOSE = re.compile(r"(?:media|kiv|metbuat|menbe|melumatli|qaynaq|oz|sosial|sebeke)[a-z]*")
_CLAUSE = re.compile(r"[\n;]|[.!?…]\s(?=[A-ZƏÖÜĞÇŞİ“])")
_NOUNS = re.compile(
    r"(?:informasiya|xeber|nesr|agentliy|agentlik|qezet|portal|sayt|jurnal|telekanal|kanal|resurs|"
    r"radio|televiziya|dergi|elektron|melumat|internet|tv|bas|redaksiya|onlayn|xeberine|mexsus|"
    r"material)[a-z]*"
)
_CLAUSE = re.compile(r"[\n;]|[.!?…]\s(?=[A-ZƏÖÜĞÇŞİ“])")
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]{2,60})[”\"»](?:['’-]?[^\W\d_]{1,5})?$")
_DETACHED = re.compile(r"(.+?)[-–’'´`](?:[nyds]?[aəiıuüoö]\w{0,4}|[a-zəıöü]{1,4})$", re.IGNORECASE)
_GLUED = re.compile(r"(.{2,}?)(?:n[iıuü]n|[iıuü]n|y[aə]|[aə])$")
_NEWS_WORD = re.compile(
    r"(?i)news|times|post|journal|daily|press|today|tv|haber|media|tech|herald|weekly|online"
)
_NAME_WORD = re.compile(r"[A-ZƏÖÜĞÇŞİА-Я0-9]")


def find_credit(text: str, *, source: str, site_hosts: Iterable[str] = ()) -> Credit | None:
    """Give the outlet that a text credits, as it writes it, or None.

    ``source`` and ``site_hosts`` are the outlet's own names: naming itself is no credit.
    """
    own = {_key(name) for name in (source, *site_hosts)} - {""}
    if len(text) > 2 * _MAX_TEXT:
        text = f"{text[:_MAX_TEXT]}\n\n{text[-_MAX_TEXT:]}"  # credits stand at either end
    for name, url in _named(text):
        if name and _key(name) not in own:
            return Credit(name, url)
    return None


def strip_credit_lines(text: str) -> tuple[str, Credit | None]:
    """Give the text without its ``Mənbə: X`` line or ``/x.az`` tail, and what they name."""
    credit = None
    paragraphs = []
    for paragraph in text.split("\n\n"):
        label = _LABEL.search(paragraph)
        if label and (named := _labelled(label["name"])):
            credit = credit or Credit(*named)
            kept = paragraph[: label.start()].rstrip() + paragraph[label.end() :]
            paragraph = kept.strip("\n")  # noqa: PLW2901
        paragraphs.append(paragraph)
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph.strip())
    tail = _tail(text)
    if tail:
        credit = credit or Credit(tail[0])
        text = text[: tail[1]].rstrip()
    return text, credit


def _named(text: str) -> Iterator[tuple[str, str | None]]:
    """Give the names of outlets, the surest forms first."""
    for label in reversed(list(_LABEL.finditer(text))):
        if named := _labelled(label["name"]):
            yield named
    for found in _STRONG.finditer(text):
        name = _before(text, found, known_only=found[0].startswith("yaz"))
        if name:
            yield name, None
    lead = _LEAD.match(text)
    if lead and not _is_office(lead["name"]):
        name = lead["name"]
        if is_outlet(name) or (name.isupper() and lead["end"].startswith(":")):
            yield name, None
    tail = _tail(text)
    if tail:
        yield tail[0], None
    for found in _WEAK.finditer(text):
        name = _before(text, found, known_only=True)
        if name and (is_outlet(name) or "xəbər" in found[0]):
            yield name, None


def is_outlet(name: str) -> bool:
    """Tell whether a name is in the list of outlets, with or without its domain."""
    return _key(name) in _outlets()


def _labelled(value: str) -> tuple[str, str | None] | None:
    """Read what stands after ``Mənbə:``."""
    url = _URL.search(value)
    name = _URL.sub("", value).strip(' \t.,;()[]“”"«»-–—') if url else value.strip()
    name = re.sub(r"^[“\"«](.*?)[”\"»]$", r"\1", name.rstrip(" .;)]")) or (url[1] if url else "")
    if not name or len(name) > _MAX_NAME or len(name.split()) > 6:  # noqa: PLR2004 - a sentence
        return None
    return name, url[0] if url else None


def _tail(text: str) -> tuple[str, int] | None:
    """Find ``/publika.az`` or ``(APA)`` at the end: the name and where it begins."""
    start = max(0, len(text) - 60)
    found = _TAIL.search(text, start)
    if not found:
        return None
    name = (found["slash"] or found["round"]).strip()
    domain = found["slash"] and _DOMAIN.fullmatch(name)
    return (name, found.start()) if domain or is_outlet(name) else None


def _before(text: str, found: re.Match[str], *, known_only: bool) -> str | None:
    """Give the name that stands right before the words of reporting."""
    start = max(0, found.start() - 90)
    tokens = _CLAUSE.split(text[start : found.start()])[-1].rstrip(" ,:–-").split()
    noun = False
    while tokens and not is_outlet(tokens[-1]):
        plain = re.sub(r"[-’']\w+$", "", fold(tokens[-1]))
        if _NOUNS.fullmatch(plain):
            noun = True
        elif _LOOSE.fullmatch(plain):
            known_only = True  # “xarici mediaya istinadən” names nobody
        elif not tokens[-1].startswith("("):
            break
        tokens.pop()
    if tokens and re.fullmatch(r"\(.*\)", tokens[-1]):
        tokens.pop()
    if not tokens:
        return None
    quoted = _QUOTED.search(" ".join(tokens))
    if quoted:
        name = quoted[1].strip()
        sure = noun or not known_only or found[0] == "yazır" or bool(_DOMAIN.fullmatch(name))
        return name if is_outlet(name) or (sure and not _is_office(name)) else None
    return _unquoted(tokens, noun=noun, known_only=known_only)


def _unquoted(tokens: list[str], *, noun: bool, known_only: bool) -> str | None:
    last = tokens[-1]
    detached = _DETACHED.fullmatch(last)
    bases = [detached[1]] if detached and _NAME_WORD.match(last) else [last]
    if not detached and (glued := _GLUED.fullmatch(last)):
        bases.append(glued[1])
    for base in bases:
        for width in range(min(4, len(tokens)), 0, -1):
            name = " ".join([*tokens[len(tokens) - width : -1], base]).strip('“”"«»,')
            if is_outlet(name) and _NAME_WORD.match(name):
                return name
    base = bases[0]
    if _DOMAIN.fullmatch(base):
        return base
    if known_only and not noun:
        return base if _looks_like_outlet(base) and not _is_office(base) else None
    if not detached and not noun:
        return None
    before = _capitals_before(tokens)
    if not noun and not _NEWS_WORD.search(base) and (before or _is_second_name(tokens)):
        return None  # Ming-Chi Kuo-ya istinadən
    name = " ".join([*before, base])
    return name if _NAME_WORD.match(name) and not _is_office(name) else None


def _is_second_name(tokens: list[str]) -> bool:
    """Tell whether the last word follows a capitalised one that is no outlet: a person's name."""
    if len(tokens) == 1:
        return False
    before = tokens[-2]
    opens = before in words("sentence_openers") or before.startswith(("“", '"', "«"))
    genitive = re.search(r"[ıiuü]n$", before)
    known = is_outlet(before) or _DOMAIN.fullmatch(before)
    return bool(_NAME_WORD.match(before)) and not (opens or genitive or known)


def _capitals_before(tokens: list[str]) -> list[str]:
    """Give the capitalised words before the last one that belong to the same name."""
    kept: list[str] = []
    for token in reversed(tokens[-4:-1]):
        foreign = re.fullmatch(r"[A-Z][\w.&']*|The", token) and "." not in token
        if (
            not foreign
            or token in words("sentence_openers") - {"The"}
            or re.search(r"[ıiuü]n$", token)
        ):
            break
        kept.insert(0, token)
    return kept


def _looks_like_outlet(name: str) -> bool:
    """Tell whether an unknown name is spelt as outlets are: 9to5Toys, GizmoBlog, WABetaInfo."""
    return bool(re.fullmatch(r"[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*", name))


@cache
def _outlets() -> frozenset[str]:
    return frozenset(_key(name) for name in lines("outlets.txt"))


@cache
def _offices() -> tuple[frozenset[str], tuple[str, ...]]:
    entries = words("not_outlets")
    whole = frozenset(fold(entry) for entry in entries if not entry.endswith("*"))
    return whole, tuple(entry[:-1] for entry in entries if entry.endswith("*"))


def _is_office(name: str) -> bool:
    whole, beginnings = _offices()
    folded = fold(name)
    return folded in whole or any(
        word.startswith(beginnings) or word in {"asc", "qsc", "mmc"} for word in folded.split()
    )


def _key(name: str) -> str:
    """Give a name as it is compared: folded, without www, domain and punctuation."""
    plain = re.sub(r"^(?:https?://)?(?:www\.)?", "", fold(name).strip(" “”\"'«»"))
    plain = re.sub(r"\.(?:az|com|org|net|info|ru|ws|tv|news|media)(?:/.*)?$", "", plain)
    return re.sub(r"[\W_]+", "", plain)
