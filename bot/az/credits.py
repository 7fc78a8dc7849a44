"""The outlet that an article credits, found in its text. Pure.

Flow: a line of its own (``Mənbə: X``) -> a name before ``istinadən``, ``xəbərinə görə``,
``yazır`` -> an agency's lead -> a tail (``/publika.az``) -> a name before ``xəbər verir``,
``məlumatına görə``, which offices and companies do as well, so that only known outlets count
-> a known outlet that is told of as telling, or told. An outlet that names itself on its own
site is no credit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.az.credit_places import (
    DOMAIN,
    LABEL,
    LEADS,
    NAME_WORD,
    is_agency,
    labelled,
    places,
    tail,
)
from bot.az.entries import words
from bot.az.letters import fold
from bot.az.outlets import Own, is_no_outlet, is_outlet
from bot.models import Credit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_TEXT = 10_000
_STRONG = re.compile(
    r"\b(?:istinadən|istinadla|istinad\s+ed(?:ərək|ib)|xəbər(?:lər)?inə\s+(?:görə|əsasən)|"
    r"xəbərində\s+deyilir|yazır(?:lar)?|yazdığına\s+(?:görə|əsasən)|yazısına\s+görə)\b"
)
_WEAK = re.compile(
    r"\b(?:xəbər\s+ver(?:ir|ib)|(?:xəbər\s+)?yay(?:ıb|ır)|"
    r"məlumat\s+(?:yayıb|verib|verir|yayır)|bildirir|bildirib|yazıb|iddia\s+edir|"
    r"(?<=[”»\"])n?[əa]\s+görə|(?<=\w-)n?[əa]\s+görə|mənbə(?:lər)?inə\s+(?:görə|əsasən)|"
    r"(?:(?:canlı\s+)?(?:efir|yayım)|yazıs|məqaləs|xəbər|material|sayt)[ıi]nd[aə]\s+(?:\w+\s+)?"
    r"(?:deyilir|olunur|edilir|bildiril(?:ir|ib)|vurğulanır|yazılıb)|"
    r"məlumat(?:lar)?ına\s+(?:görə|əsasən|istinadən)|"
    r"(?:verdiyi|yaydığı|paylaşdığı|dərc\s+etdiyi|əldə\s+etdiyi)\s+(?:xəbər|məlumat|sənədlər)[aə]\s+"
    r"(?:görə|əsasən)|bildirdiyinə\s+(?:görə|əsasən)|"
    r"(?:bildirdiyi|yazdığı|xəbər\s+verdiyi)\s+kimi)\b"
)
# Where a known outlet, at the beginning of a sentence, tells: Report DSK-ya istinadən xəbər verir.
_TELLS = re.compile(
    r"\b(?:xəbər\s+ver(?:ir|ib)|yazır|bildirir|bildirib|yazıb|iddia\s+edir|"
    r"yazmışdı|açıqlayıb|(?:xəbər|məlumat)\s+yayıb|məlumat\s+(?:verib|verir)|verilən\s+məlumata\s+görə)\b"
)
_OPENS = re.compile(
    r"^(?:(?:Bu|Həmin)\s+(?:barədə|haqda|haqqında|xəbəri)\s+|(?:Məlumatı|Xəbəri|Bunu)\s+|"
    r"[A-ZƏÖÜĞÇŞİ][\w-]+[ıiuü]n\s+)?"
)
# What may stand between the two, so that it is the outlet that tells.
_TELLING = re.compile(
    r"$|(?:bu|öz|bunu)\b|.*\bistinad|(?:\w+\s+){0,2}(?:nəşri|qəzeti|portalı|saytı|agentliyi|jurnalı|"
    r"telekanalı|radiosu|jurnalisti|müxbiri|redaktoru|köşə|analitiki)\b"
)
_PAPER = re.compile(  # İspaniyanın “Sport” qəzeti … yazıb
    r"[“\"«](?P<name>[A-ZƏÖÜĞÇŞİ0-9][^”\"»]{1,40})[”\"»]\s+(?:\w+\s+)?(?:nəşri|qəzeti|jurnalı|telekanalı|"
    r"radiosu|(?:xəbər|informasiya)\s+(?:agentliyi|portalı|saytı)|(?:Telegram|teleqram)[\s-]kanalı)"
    r"\b(?!\s+(?:ilə|və|üçün|haqqında|barədə))"
)
_PRESS_NAMED = re.compile(  # Katalon nəşri “Sport” bildirir
    r"\b(?:nəşri|qəzeti|jurnalı|telekanalı|portalı|agentliyi)\s[“\"«][^“”\"«»]*[”\"»]$"
)
_NEWSROOM = ("müxbir", "sualın", "büro", "redaksiya", "əməkdaş")
_GENITIVE = re.compile(r"(?:[-–’'”\"»]n?|(?<=[a-zəıöüğçş])n?)[ıiuü]n$")
# Who was told: nazirlikdən Report-a bildirilib.
_TOLD = re.compile(
    r"\b(?:açıqlama(?:sında|da|\s+ver\w+)|bildiril?ib|(?:verilən|daxil\s+olan|göndərilən)\s+"
    r"(?:məlumat|xəbər)\w*|məlumat\s+ver(?:il)?ib|deyib|danışıb)\b"
)
_DATIVE = re.compile(r"(?:[-–’'”\"»](?:n?[aə]|y[aə])|(?<=[a-zəıöüğçş])y?[aə])$")
_LOOSE = re.compile(
    r"(?:yazi|meqale|media|kiv|metbuat|menbe|melumatli|qaynaq|oz|sosial|sebeke)[a-z]*"
)
_CLAUSE = re.compile(r"[\n;]|[.!?…]\s(?=[A-ZƏÖÜĞÇŞİ“])")
_NOUNS = re.compile(
    r"(?:informasiya|xeber|nesr|agentliy|agentlik|qezet|portal|sayt|jurnal(?!ist)|telekanal|kanal|resurs|"
    r"radio|televiziya|dergi|heftelik|gundelik|elektron|melumat|internet|tv|bas|redaksiya|onlayn|xeberine|mexsus|"
    r"material|program|proqram|verilis)[a-z]*"
)
_PRESS = re.compile(
    r"(?:nesr|qezet|jurnal(?!ist)|telekanal|kanal|radio|televiziya|dergi|verilis|xeber|informasiya)[a-z]*"
)
_CHANNEL = re.compile(r"(?:telegram|teleqram|youtube)(?:-kanal[a-z]*)?")  # Baza Telegram kanalı
_OFFICE = re.compile(r"(?:Agentliy|Agentlik)\w*")  # of the state: a newsroom's is “APA agentliyi”
_OURS = re.compile(r"(?:d[ıiuü][ğy][ıiuü]\w*|[ıiuü]m[ıiuü]z\w*)$")  # yaydığımız, xəbərimiz
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]{2,60})[”\"»](?:['’-]?[^\W\d_]{1,5})?$")
_DETACHED = re.compile(r"(.+?)[-–’'´`](?:[nyds]?[aəiıuüoö]\w{0,4}|[a-zəıöü]{1,4})$", re.IGNORECASE)
_GLUED = tuple(
    re.compile(rf"(.{{2,}}){ending}$") for ending in ("[aə]", "[iıuü]n", "[ny][aə]", "n[iıuü]n")
)
_NEWS_WORD = re.compile(
    r"(?i)news|times|post|journal|daily|press|today|tv|haber|media|tech|herald|weekly|online"
)
# Azerbaijani respells foreign people but not foreign outlets: Mash yazır.
_ALIEN = re.compile(r"[A-Z][A-Za-z0-9]*(?:w|sh|ch|ck|th|ph|oo|ee|\d)[A-Za-z0-9]*")
_IN_IT = re.compile(r"(?:[ıiuü]nd|[nd])[aə](?:ki)?$")  # jurnalında


def find_credit(text: str, *, source: str, site_hosts: Iterable[str] = ()) -> Credit | None:
    """Give the outlet that a text credits, as it writes it, or None.

    ``source`` and ``site_hosts`` are the outlet's own names: naming itself is no credit.
    """
    own = Own((source, *site_hosts))
    if len(text) > 2 * _MAX_TEXT:
        text = f"{text[:_MAX_TEXT]}\n\n{text[-_MAX_TEXT:]}"  # credits stand at either end
    for name, url in _named(text):
        if name and name not in own:
            return Credit(name, url)
    return None


def strip_credit_lines(text: str) -> tuple[str, Credit | None]:
    """Give the text without its ``Mənbə: X`` line or ``/x.az`` tail, and what they name."""
    credit = None
    paragraphs = []
    for paragraph in text.split("\n\n"):
        label = LABEL.search(paragraph)
        if label and (named := labelled(label)):
            credit = credit or Credit(*named)
            kept = paragraph[: label.start()].rstrip() + paragraph[label.end() :]
            paragraph = kept.strip("\n")  # noqa: PLW2901
        paragraphs.append(paragraph)
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph.strip())
    found = tail(text)
    if found:
        credit = credit or Credit(found[0])
        text = (text[: found[1]].rstrip() + text[found[2] :]).rstrip()
    return text, credit


def _named(text: str) -> Iterator[tuple[str, str | None]]:
    """Give the names of outlets, the surest forms first."""
    for label in reversed(places(LABEL, text)):
        if named := labelled(label):
            yield named
    yield from ((name, None) for name in _reported(text) if name)


def _reported(text: str) -> Iterator[str | None]:
    for found in places(_STRONG, text):
        yield _before(text, found, known_only=found[0].startswith("yaz"))
    for lead in (pattern.match(text) for pattern in LEADS):
        yield lead["name"] if lead and is_agency(lead) else None
    last = tail(text)
    yield last and last[0]
    for found in places(_WEAK, text):
        yield _before(text, found, known_only=True)
    for pattern, name_of in ((_TELLS, _subject), (_TOLD, _told)):
        for found in places(pattern, text):
            yield name_of(text, found)


def _before(text: str, found: re.Match[str], *, known_only: bool) -> str | None:
    """Give the name that stands right before the words of reporting."""
    start = max(0, found.start() - 90)
    clause = _CLAUSE.split(text[start : found.start()])[-1]
    tokens = clause.rstrip(" ,:–-").split()
    whole = _ending_with_noun(tokens)
    if whole:
        return whole
    kinds = _kinds(tokens)
    if kinds is None or not tokens:
        return None
    weak = found.re is _WEAK
    noun = "noun" in kinds
    sure = "press" in kinds if weak and "xəbər" not in found[0] else noun
    sure = (sure or not known_only) and "loose" not in kinds
    quoted = _QUOTED.search(" ".join(tokens))
    if quoted:
        name = quoted[1].strip()
        paper = _PRESS_NAMED.search(" ".join(tokens))
        told = paper or found[0] == "yazır" or "xəbər" in found[0] or bool(DOMAIN.fullmatch(name))
        return name if is_outlet(name) or ((sure or told) and not is_no_outlet(name)) else None
    spelt = not weak or "xəbər" in found[0]
    return _unquoted(tokens, noun=noun and (sure or not weak), sure=sure, spelt=spelt)


def _kinds(tokens: list[str]) -> set[str] | None:
    """Take off what a name is called, ``nəşrinə``, and tell of what kind that is."""
    kinds: set[str] = set()
    while tokens and not is_outlet(tokens[-1]):
        folded = fold(tokens[-1])
        plain = re.sub(r"[-’']\w+$", "", folded)
        if plain.startswith("resmi") or (_OFFICE.match(tokens[-1]) and _is_office(tokens)):
            return None  # the site of a club or a ministry
        if plain.startswith(("melumatin", "melumatlarin")) or _LOOSE.fullmatch(plain):
            kinds.add("loose")  # “xarici mediaya istinadən” names nobody, and companies give data
        elif _NOUNS.fullmatch(plain) or (_CHANNEL.fullmatch(folded) and (kinds or "-" in folded)):
            kinds.add("noun")
            if _PRESS.fullmatch(plain) or _CHANNEL.fullmatch(folded):
                kinds.add("press")
            owned = plain.startswith("sayt") and len(tokens) > 1 and _GENITIVE.search(tokens[-2])
            if owned and not _NOUNS.fullmatch(fold(tokens[-2])):
                kinds.add("loose")  # everybody has a site: Kremlin saytına
            if re.search(r"[ıiuü]nd[aə]$", tokens[-1]):
                kinds.add("loose")  # whoever writes in a channel need not be one
        elif not tokens[-1].startswith("("):
            break
        tokens.pop()
    if tokens and re.fullmatch(r"\(.*\)", tokens[-1]):
        tokens.pop()
    return kinds


def _is_office(tokens: list[str]) -> bool:
    """Tell whether an agency is the state's: ``Dövlət Turizm Agentliyi``."""
    before = tokens[-2] if len(tokens) > 1 else ""
    quoted = before.endswith(("”", '"', "»"))
    return not (quoted or is_outlet(before) or _PRESS.fullmatch(fold(before)))


def _ending_with_noun(tokens: list[str]) -> str | None:
    """Give an outlet whose name ends with what it is: ``Anadolu Agentliyinə``."""
    if len(tokens) < 2 or not NAME_WORD.match(tokens[-1]):  # noqa: PLR2004 - name and noun
        return None
    last = re.sub(r"(?:(?<=[ıiuü])|(?<=TV)-)n(?:[ıiuü]n|[aə])$", "", tokens[-1].rstrip('”"»'))
    for width in range(min(4, len(tokens)), 1, -1):
        name = " ".join([*tokens[-width:-1], last]).strip('“”"«»,')
        if is_outlet(name) and last != tokens[-1] and re.match(r"[A-ZƏÖÜĞÇŞİ][^”\"»]*$", name):
            return name
    return None


def _unquoted(tokens: list[str], *, noun: bool, sure: bool, spelt: bool) -> str | None:
    last = tokens[-1]
    detached = _DETACHED.fullmatch(last)
    bases = _bases(last)
    listed = _listed(tokens, bases)
    if listed:
        return listed
    base = bases[0]
    if is_no_outlet(base) or DOMAIN.fullmatch(base):
        return None if is_no_outlet(base) else base
    if not sure:
        return _spelt(tokens, base) if spelt else None
    return _foreign(tokens, base, noun=noun) if detached or noun else None


def _spelt(tokens: list[str], base: str) -> str | None:
    """Give a name that is spelt as those of outlets are: ``The Keyword``, ``GizmoBlog``."""
    the = re.search(r"\bThe(?: [A-Z]\w*)?$", " ".join(tokens[:-1]))
    if the and NAME_WORD.match(base):
        return f"{the[0]} {base}"
    alone = len(tokens) == 1 or tokens[-2].endswith(",")
    return base if _looks_like_outlet(base) or (alone and _ALIEN.fullmatch(base)) else None


def _foreign(tokens: list[str], base: str, *, noun: bool) -> str | None:
    """Give an unlisted name with the words before it, unless it is a person's."""
    before = _capitals_before(tokens)
    if not noun and not _NEWS_WORD.search(base) and (before or _is_second_name(tokens)):
        return None  # Ming-Chi Kuo-ya istinadən
    name = " ".join([*before, base])
    return None if not NAME_WORD.match(base) or is_no_outlet(name) or _OURS.search(name) else name


def _bases(last: str) -> list[str]:
    """Give what a word may be without its case ending, the likeliest first."""
    detached = _DETACHED.fullmatch(last)
    written = detached and (NAME_WORD.match(last) or DOMAIN.fullmatch(detached[1]))
    bases = [detached[1]] if detached and written else []
    bases += [last] if not detached or is_outlet(last) else []
    if not detached:
        bases += [glued[1] for pattern in _GLUED if (glued := pattern.fullmatch(last))]
    return bases or [last]


def _listed(tokens: list[str], bases: list[str]) -> str | None:
    """Give the longest name of the list of outlets that ends with one of the bases."""
    for base in bases:
        for width in range(min(4, len(tokens)), 0, -1):
            name = " ".join([*tokens[len(tokens) - width : -1], base]).strip('“”"«»,')
            if is_outlet(name) and NAME_WORD.match(name):
                return f"The {name}" if tokens[:-width][-1:] == ["The"] else name
    return None


def _subject(text: str, found: re.Match[str]) -> str | None:
    """Give the known outlet that begins the sentence in which something is told."""
    start = max(0, found.start() - 160)
    clause = _CLAUSE.split(text[start : found.start()])[-1].strip()
    opened = _OPENS.sub("", clause, count=1)
    paper = _PAPER.match(opened)
    if paper and not is_no_outlet(paper["name"]):
        return paper["name"]
    tokens = opened.split()
    for width in range(min(4, len(tokens)), 0, -1):
        phrase = " ".join(tokens[:width])
        after = tokens[width] if width < len(tokens) else ""
        name = re.sub(r"(?<=\w)-[dt][aə]n$", "", phrase).strip('“”"«»')
        if is_outlet(name) and NAME_WORD.match(name) and phrase[-1] not in ",:":
            opens = name in words("sentence_openers") or _IN_IT.search(after)
            tells = phrase.endswith(("dən", "dan")) or _TELLING.match(" ".join(tokens[width:]))
            return name if tells and not opens else None
    return _newsroom(clause.split())


def _newsroom(tokens: list[str]) -> str | None:
    """Give the known outlet whose own people tell: ``APA-nın bölgə müxbiri xəbər verir``."""
    at = next((i for i, token in enumerate(tokens) if token.startswith(_NEWSROOM)), 0)
    for end in range(at, max(0, at - 4), -1):
        ending = _GENITIVE.search(tokens[end - 1])
        name = ending and _listed(tokens[:end], [tokens[end - 1][: ending.start()]])
        if name:
            return name
    return None


def _told(text: str, found: re.Match[str]) -> str | None:
    """Give the known outlet that somebody told: ``nazirlikdən Report-a bildirilib``."""
    start = max(0, found.start() - 90)
    tokens = _CLAUSE.split(text[start : found.start()])[-1].split()
    if any(token.startswith("müsahibə") for token in tokens):
        return None
    for end in range(len(tokens), 0, -1):
        ending = _DATIVE.search(tokens[end - 1])
        if not ending:
            continue
        told = tokens[end - 1][: ending.start()]
        name = _listed(tokens[:end], [told])
        if name:
            return name
        if DOMAIN.fullmatch(told.strip('“"«”»')) and not is_no_outlet(told):
            return told.strip('“"«”»')
    return None


def _is_second_name(tokens: list[str]) -> bool:
    """Tell whether the last word follows a capitalised one that is no outlet: a person's name."""
    if len(tokens) == 1:
        return False
    before = tokens[-2]
    opens = before in words("sentence_openers") or before.startswith(("“", '"', "«"))
    genitive = re.search(r"[ıiuü]n$", before)
    known = is_outlet(before) or DOMAIN.fullmatch(before)
    return bool(NAME_WORD.match(before)) and not (opens or genitive or known)


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
