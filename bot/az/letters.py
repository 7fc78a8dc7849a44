"""Letters of Azerbaijani: folding for matching, case for display. Pure.

Folding and lower-casing are two different functions: folding forgets what readers leave out
when they type (``SÜNİ ZƏKA`` -> ``suni zeka``), while :func:`lower` and :func:`upper` keep
every letter and know that I belongs to ı and İ to i.
"""

from __future__ import annotations

import re
import unicodedata

from bot.az.transliteration import to_latin

_APOSTROPHES = "'`´‘’‚‛‹›ʹʻʼʽˈˊˋʾʿ′‵՚׳᾽᾿΄❛❜ꞌ＇｀"
_QUOTES = '"“”„‟«»″‶〝〞〟❝❞״ˮ＂'
# Letters that have a stroke, a hook or a shape of their own and so no decomposition.
_LETTERS = {
    "ə": "e", "ǝ": "e", "ɘ": "e", "ı": "i", "ø": "o", "ɵ": "o", "ł": "l", "đ": "d", "ð": "d",
    "ħ": "h", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe", "ŋ": "n", "ĸ": "k", "ƶ": "z", "ɣ": "g",
    "ƣ": "g", "ꝑ": "p", "ƀ": "b", "ƙ": "k", "ɨ": "i",
}  # fmt: skip
_PLAIN = _LETTERS | dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_QUOTES, '"')
_ZERO_WIDTH = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
_MARK = "\u0301"  # stands for every mark until it is known whether there is a letter under it
_MARKS_ON_LETTERS = re.compile(rf"(?<=\S){_MARK}+")
_SIGNS = {"ъ", "ь"}


class _Folding(dict[int, str]):
    """What each character folds to, found when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _step(character: str) -> str:
    """Fold a character once, marks included."""
    character = character.casefold()
    if character in _PLAIN:
        return _PLAIN[character]
    latin = to_latin(character)
    if latin != character:
        return latin
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(part for part in decomposed if unicodedata.category(part) not in {"Mn", "Me"})


def _fold_character(character: str) -> str:
    """Fold a character until it is at rest, unless that changed where words begin and end.

    NFKC writes ½ as 1⁄2, ™ as TM and ﷺ as four words: such characters stay as they are.
    """
    if character in _APOSTROPHES or character in _QUOTES:
        return _PLAIN[character]
    if unicodedata.category(character) in {"Mn", "Me"}:
        return _MARK
    folded = character
    while (further := "".join(map(_step, unicodedata.normalize("NFC", folded)))) != folded:
        folded = further
    if folded in _SIGNS:
        return _MARK
    if character.isspace():
        return " " if folded == " " else character
    kept = bool(folded) and all(
        _is_word(part) == _is_word(character) and not part.isspace() for part in folded
    )
    return folded if kept else character


_FOLDING = _Folding()


# Nearly every word has only these letters, and folding them needs no more than a table.
_COMMON = {code: chr(code).lower() for code in range(128)} | {
    ord(letter): _fold_character(letter) for letter in "`əƏıİöÖüÜşŞçÇğĞ“”„‘’«»"
}


def fold(text: str) -> str:
    """Give the text in plain small letters, as readers type it: ``Sün'i ZƏKA`` -> ``sun'i zeka``.

    Case, diacritics, ə and ı, Cyrillic, quotes, apostrophes, zero-width characters. Words and
    blanks stay what they are and where they are; folding again changes nothing.
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    common = text.translate(_COMMON)
    if common.isascii():
        return common
    text = unicodedata.normalize("NFC", _ZERO_WIDTH.sub("", text))
    folded = to_latin(text).translate(_FOLDING)
    return unicodedata.normalize("NFC", _MARKS_ON_LETTERS.sub("", folded))


def lower(text: str) -> str:
    """Give the text in small letters as CLDR's az-Lower does: ``IŞIQ İLİ`` -> ``ışıq ili``."""
    text = text.replace("İ", "i")
    if "\u0307" in text:
        text = _DOTTED_I.sub(r"i\1", text)
    return text.replace("I", "ı").lower()


def upper(text: str) -> str:
    """Give the text in capitals as CLDR's az-Upper does: ``ışıq ili`` -> ``IŞIQ İLİ``."""
    return text.replace("i", "İ").upper()


# Between I and its dot only marks that do not stand above the letter (CLDR: ccc not 0 or 230).
_DOTTED_I = re.compile(
    "I(["
    + "".join(
        chr(code)
        for code in range(0x300, 0x370)
        if unicodedata.combining(chr(code)) not in {0, 230}
    )
    + "]*)\u0307"
)
