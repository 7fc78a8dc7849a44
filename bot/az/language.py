"""Which language an article is written in, by its own words: what it declares often lies. Pure.

Flow: script -> for Latin, evidence by letters, common words and endings -> the language that
has clearly more than the others. Names of brands stand in titles of every language, so a word
counts for what only one language does: ə or a q before no u, ``-yor``, ``the``.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache

from bot.az.letters import fold, lower
from bot.az.wordlists import lines

MAX_CHARS = 3_000
_QUOTED = re.compile(r"[“„«\"‟][^“”„«»\"‟]{12,}[”»\"“]")
_ADDRESS = re.compile(r"\S*(?:://|@|\w\.(?:com|az|ru|net|org))\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’‘ʻʼ-][^\W\d_]+)*")
_ORDINAL = re.compile(r"\d-(?:c[iıuü]|d[aə]|d[aə]n|[aə]|[iıuü]n?|n[iıuü]n)\b")  # Turkish: 12'nci
_JOINT = re.compile("['’‘ʻʼ-]")
_RUSSIAN_WORD = re.compile(r"\b[а-яё]{3,}")
_CYRILLIC_AZ = frozenset("әҹҝғөүһ")
_CYRILLIC_NOT_AZ = frozenset("қңұіїєґҗўҳӯӣҷљњћђѓќѕџ")
_CYRILLIC_SHARE = 0.03  # of letters; ә alone is a tenth of Azerbaijani
_ACCENTED = frozenset("ıİğĞşŞçÇöÖüÜ")
_ACCENTED_WORDS = 2  # from so many on, a text is written with its diacritics
_QUOTE_WEIGHT = 0.25
_QUOTE_MOST = 0.9  # alone it decides nothing
_NAME_WEIGHT = 0.4  # of endings of a word that is written as a name
_SCHWA = 3.0
_SCHWA_IN_NAME = 1.0  # English sites write Xankəndi and İlham Əliyev too
_NO_SCHWA = 0.3
_ENOUGH = 1.0
_CLEARLY = 1.2


class Language(StrEnum):
    """What a text is written in; unknown where it is too short or says nothing."""

    AZERBAIJANI = "az"
    RUSSIAN = "ru"
    ENGLISH = "en"
    TURKISH = "tr"
    OTHER = "other"
    UNKNOWN = ""


_LATIN = (Language.AZERBAIJANI, Language.TURKISH, Language.ENGLISH, Language.OTHER)
_Scores = dict[Language, float]

# Endings and letters that one language has and the others do not, with what each is worth.
_SIGNS: tuple[tuple[Language, float, re.Pattern[str]], ...] = tuple(
    (language, worth, re.compile(pattern))
    for language, worth, pattern in (
        (
            Language.AZERBAIJANI,
            1.2,
            r"^[^\W\d_].*-(?:c[iıuü]|[ndy]?[iıuü]n?|d[aə]n?|[ay]?[aə]|l[aə])$",
        ),
        (Language.AZERBAIJANI, 1.5, r"^[^w]*q(?!u)[^w]*$"),
        (Language.AZERBAIJANI, 1.5, r"^(?=.*[ıöüşçğ]).*[xq]"),
        (Language.AZERBAIJANI, 1.0, r"^x[aeəiıoöuü]"),
        (Language.AZERBAIJANI, 1.0, r"..(?:[lrnydtşzsxçkvq])[iıuü]b(?:lar|l[əe]r|d[ıiuü]r)?$"),
        (Language.AZERBAIJANI, 1.0, r"..[tçkpxşsq]d[ıiuü]$"),
        (Language.AZERBAIJANI, 0.8, r"(?:m[aə]q|[ıiuü]ğ)(?:da|d[əe]|dan|ın)?$"),
        (Language.TURKISH, 2.5, r"[ıiuü]yor(?:um|sun|uz|lar|du)?$"),
        (Language.TURKISH, 1.2, r"..(?:tt[ıiuü]|[çkpşs]t[ıiuü])$"),
        (Language.TURKISH, 1.0, r"(?:ecek|eceği|eceğiz|meye|mek|lerin|lerde|lerden)$"),
        (Language.TURKISH, 0.8, r"(?:acak|acağı|mak|maya|ması)$"),
        (Language.TURKISH, 0.8, r"^(?=.*[ıöüşçğ])(?!.*[əqx]).*e"),
        (Language.ENGLISH, 0.7, r"^(?!.*[ıəğşçöü]).*(?:w|th|ck|gh|ee|oo)"),
        (Language.ENGLISH, 1.0, r"^[a-z]{2,}(?:ing|tion|tions|ness|ment|ments|ly|ies|ous|ity|ed)$"),
        (Language.ENGLISH, 0.8, r"^[a-z]{2,}['’]s$"),
        (
            Language.ENGLISH,
            0.6,
            r"^[a-z]*(?:[bcdfghjklmnprstvz]y|ll|ss|sh|[aeo]st|[aeiou]ct|[aeo]ther)s?$",
        ),
        (Language.ENGLISH, 0.4, r"^[a-z]*(?:ea[a-z]|ou[a-z]|ai[a-z]|oa|igh|ow)"),
        (Language.OTHER, 1.5, r"[og][’'‘ʻ][a-z]"),
        (Language.OTHER, 1.2, r"[àáâãäåæèéêëìíîïñòóôõøùúûýÿßœ]"),
        (Language.OTHER, 1.5, r"[ąćęłńśźżčěřšťůžđőűțșăāēīūļņķģ]"),
    )
)


def language_of(title: str, text: str = "") -> Language:
    """Give the language of an article by its title and the beginning of its text.

    Azerbaijani in Cyrillic (by its own letters) and without diacritics is Azerbaijani too;
    what stands in quotation marks counts little beside what stands outside.
    """
    whole = unicodedata.normalize("NFC", f"{title}\n{text[:MAX_CHARS]}"[:MAX_CHARS])
    whole = _ADDRESS.sub(" ", whole).replace("ǝ", "ə").replace("Ǝ", "Ə")
    outside = _QUOTED.sub(" ", whole)
    if not _WORD.search(outside):
        outside = whole
    by_script = _by_script(outside)
    if by_script is not None:
        return by_script
    scores = dict.fromkeys(_LATIN, 0.0)
    _weigh(outside, scores)
    if outside != whole:
        quoted = dict.fromkeys(_LATIN, 0.0)
        _weigh(" ".join(_QUOTED.findall(whole)), quoted)
        for language, worth in quoted.items():
            scores[language] += min(_QUOTE_WEIGHT * worth, _QUOTE_MOST)
    found = _clearest(scores)
    if found is Language.UNKNOWN and _RUSSIAN_WORD.search(whole):
        return Language.RUSSIAN  # one verb between names of brands
    return found


def is_kept(language: Language, wanted: str) -> bool:
    """Whether a source limited to ``wanted`` (``""``: to none) keeps an item: unknown passes."""
    return not wanted or language in {Language.UNKNOWN, wanted}


def same_language(first: Language, second: Language) -> bool:
    """Whether two texts may be in one language; an unknown one may be in any."""
    return Language.UNKNOWN in {first, second} or first is second


def _by_script(text: str) -> Language | None:
    """Give the language that the letters alone decide; None where they are Latin."""
    counts = {"latin": 0, "cyrillic": 0, "other": 0}
    own = foreign = 0
    for letter in text.lower():
        if not letter.isalpha():
            continue
        if letter < "\u0250" or letter == "ə" or "\u1e00" <= letter <= "\u1eff":
            counts["latin"] += 1
        elif "\u0400" <= letter <= "\u052f":
            counts["cyrillic"] += 1
            own += letter in _CYRILLIC_AZ
            foreign += letter in _CYRILLIC_NOT_AZ
        else:
            counts["other"] += 1
    total = sum(counts.values())
    if not total:
        return Language.UNKNOWN
    if counts["other"] > total / 2:
        return Language.OTHER
    if counts["cyrillic"] <= counts["latin"]:
        # A Russian title may be half brands; an Azerbaijani one holds hardly a Cyrillic word.
        return Language.RUSSIAN if counts["cyrillic"] > 0.35 * total and not own else None
    least = _CYRILLIC_SHARE * counts["cyrillic"]
    if foreign > least:
        return Language.OTHER
    return Language.AZERBAIJANI if own and own >= least else Language.RUSSIAN


def _weigh(text: str, scores: _Scores) -> None:
    """Add what each word says to the languages' scores."""
    words = _WORD.findall(text)
    scores[Language.AZERBAIJANI] += len(_ORDINAL.findall(text))
    shouted = text == text.upper()
    plain = accented = schwas = 0
    for word in words:
        small = {lower(word), word.lower()}
        named = not shouted and word[0].isupper()
        schwas += any("ə" in form for form in small)
        accented += not _ACCENTED.isdisjoint(word)
        plain += not named
        _weigh_word(small, scores, weight=_NAME_WEIGHT if named else 1.0)
    if accented >= _ACCENTED_WORDS and not schwas:
        # Two thirds of the words of Azerbaijani have an ə where diacritics are written at all.
        scores[Language.TURKISH] += _NO_SCHWA * max(0, plain - 2)


def _weigh_word(forms: set[str], scores: _Scores, *, weight: float) -> None:
    if any("ə" in form for form in forms):
        scores[Language.AZERBAIJANI] += _SCHWA if weight == 1.0 else _SCHWA_IN_NAME
    parts = {_JOINT.split(form)[0] for form in forms if not form.endswith(("'s", "’s"))}
    stems = {part for part in parts if len(part) > 1}
    known = False
    for language in _LATIN:
        if any(form in _common(language) for form in forms | stems):
            scores[language] += 1.0
            known = True
    for language, worth, pattern in _SIGNS:
        if any(pattern.search(form) for form in forms):
            # A common word has spoken for itself; its ending says little more.
            scores[language] += worth * weight * (0.5 if known else 1.0)


def _clearest(scores: _Scores) -> Language:
    ranked = sorted(_LATIN, key=lambda language: -scores[language])
    best, second = ranked[0], ranked[1]
    if scores[best] < _ENOUGH:
        return Language.UNKNOWN
    if scores[best] < _CLEARLY * scores[second]:
        between = {best, second}
        return (
            Language.AZERBAIJANI
            if between == {Language.AZERBAIJANI, Language.TURKISH}
            and scores[best] == scores[second]
            else Language.UNKNOWN
        )
    return best


@cache
def _common(language: Language) -> frozenset[str]:
    """Give a language's common words as written, those of Azerbaijani and Turkish folded too."""
    words = frozenset(" ".join(lines(f"language_{language}.txt")).split())
    if language in {Language.AZERBAIJANI, Language.TURKISH}:
        return words | {fold(word) for word in words} - _MISREAD
    return words


# Folded, these are words of English: iş, on, ay, də, hər ...
_MISREAD = frozenset({"is", "on", "her", "as", "at", "in", "an", "it", "may", "bank", "son"})
