"""Endings of Azerbaijani that follow the sound: numbers, clock times, dates, listed names. Pure.

What a person typed is quoted, never inflected: nobody knows how it is said. For numbers, and for
names in ``data/pronunciations.txt``, it is known.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from bot.az.entries import pairs
from bot.az.letters import fold, lower

Case = Literal["dative", "ablative", "locative", "genitive", "accusative"]

_BACK = "aıou"
_VOWELS = "aıoueəiöü"
_FOUR_WAY = {
    "a": "ı",
    "ı": "ı",
    "e": "i",
    "ə": "i",
    "i": "i",
    "o": "u",
    "u": "u",
    "ö": "ü",
    "ü": "ü",
}
_UNITS = ("sıfır", "bir", "iki", "üç", "dörd", "beş", "altı", "yeddi", "səkkiz", "doqquz")
_TENS = ("", "on", "iyirmi", "otuz", "qırx", "əlli", "altmış", "yetmiş", "səksən", "doxsan")
_POWERS = ("", "min", "milyon", "milyard", "trilyon")
_SIGNS = {"%": "faiz", "$": "dollar", "€": "avro", "₼": "manat", "₽": "rubl", "°": "dərəcə"}
_LETTER_NAMES = {"f": "ef", "l": "el", "m": "em", "n": "en", "r": "er", "s": "es", "k": "ka"}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_NUMBER_END = re.compile(r"(\d+)(\D?)$")
_FOREIGN = re.compile(r"[wW\d.@/_]|[^\W\d_][A-ZƏÖÜĞÇŞİ]")


def inflect(word: str | int, case: Case) -> str:
    """Give a word, number, date, clock time or name in a case: ``DeepSeek-ə``, ``09:00-da``.

    What is written otherwise than it is said takes its ending after a hyphen, an Azerbaijani
    word takes it directly (``Bakıya``, ``uşağa``).
    """
    text = str(word)
    sound, detached = _sound(text)
    ending = _ending(sound, case)
    if detached:
        return f"{text}-{ending}"
    if ending[0] in _VOWELS and sum(letter in _VOWELS for letter in sound) > 1:
        text = re.sub(r"q$", "ğ", re.sub(r"(?<=[əeiöü])k$", "y", text))
    return text + ending


def ordinal(number: int) -> str:
    """Give an ordinal in figures: ``1-ci``, ``3-cü``, ``6-cı``, ``2025-ci``."""
    return f"{number}-c{_FOUR_WAY[_last_vowel(last_spoken(number))]}"


def last_spoken(number: int) -> str:
    """Give the last word of a number as it is said: 2025 -> ``beş``, 100 -> ``yüz``."""
    number = abs(number)
    if number % 10 or number == 0:
        return _UNITS[number % 10]
    if number % 100:
        return _TENS[number % 100 // 10]
    if number % 1000:
        return "yüz"
    power = 0
    while number % 1000 == 0 and power + 1 < len(_POWERS):
        number //= 1000
        power += 1
    return _POWERS[power]


def _sound(text: str) -> tuple[str, bool]:
    """Give what is heard at the end of a text, and whether an ending needs a hyphen."""
    clock = _CLOCK.fullmatch(text)
    if clock:
        hour, minute = int(clock[1]), int(clock[2])
        return last_spoken(minute or hour), True
    listed = _pronunciations().get(fold(text))
    if listed:
        return listed, True
    number = _NUMBER_END.search(text)
    if number:
        return _SIGNS.get(number[2]) or last_spoken(int(number[1][-15:])), True
    letters = re.sub(r"[^\w]|[\d_]", "", text)
    if len(letters) > 1 and letters.isupper() and not set(lower(letters)) & set(_VOWELS):
        last = lower(letters)[-1]
        return _LETTER_NAMES.get(last, last + "e"), True
    tail = re.split(r"[\W\d_]", lower(text.strip()))[-1]
    return tail or "e", bool(_FOREIGN.search(text) or (len(letters) > 1 and letters.isupper()))


def _ending(sound: str, case: Case) -> str:
    vowel = _last_vowel(sound)
    two = "a" if vowel in _BACK else "ə"
    four = _FOUR_WAY[vowel]
    open_end = sound[-1] in _VOWELS
    return {
        "dative": f"y{two}" if open_end else two,
        "ablative": f"d{two}n",
        "locative": f"d{two}",
        "genitive": f"n{four}n" if open_end else f"{four}n",
        "accusative": f"n{four}" if open_end else four,
    }[case]


def _last_vowel(sound: str) -> str:
    return next((letter for letter in reversed(sound) if letter in _VOWELS), "e")


@cache
def _pronunciations() -> dict[str, str]:
    return {fold(name): sound for name, sound in pairs("pronunciations").items()}
