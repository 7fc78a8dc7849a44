"""The numbers that a text names, whatever way they are written. Pure.

``1,6 milyard``, ``1.600.000.000`` and ``1 600 000 000`` are one number, and so are ``III``,
``3-cü``, ``üçüncü`` and ``üç``. Clock times, scores and whole dates stay what they are:
``17:48``, ``2:0``, ``19.11.2025``.
"""

from __future__ import annotations

import re

from bot.az.entries import pairs
from bot.az.letters import fold

_NUMBER = re.compile(
    r"(?<![\w.,:])(?:"
    r"(?P<date>\d{1,2}\.\d{1,2}\.(?:19|20)\d\d)"
    r"|(?P<pair>\d{1,3}:\d{1,2})(?![\d:])"
    r"|(?P<grouped>\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:,\d+)?|\d{1,3}(?:\.\d{3}){2,})"
    r"|(?P<plain>\d{1,15}(?:[.,]\d{1,6})?)"
    r")(?!\d)"
)
_TIMES = {
    "min": 10**3, "mln": 10**6, "milyon": 10**6, "mlrd": 10**9, "milyard": 10**9,
    "trln": 10**12, "trilyon": 10**12,
}  # fmt: skip
_NEXT_WORD = re.compile(r"[ \u00a0\u2009\u202f]*([^\W\d_]+)")
_ROMAN = re.compile(r"(?<![\w-])(X{0,3}(?:IX|IV|V?I{0,3}))(?![\w])")
_NO_NUMERALS = ("", "X")  # the network of that name
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_SPOKEN = {
    "birinci": 1, "ikinci": 2, "ucuncu": 3, "dorduncu": 4, "besinci": 5, "altinci": 6,
    "yeddinci": 7, "sekkizinci": 8, "doqquzuncu": 9, "onuncu": 10, "on birinci": 11,
    "on ikinci": 12, "iyirminci": 20, "otuzuncu": 30, "qirxinci": 40, "ellinci": 50,
    "yuzuncu": 100,
}  # fmt: skip
_ONES = {
    "bir": 1, "iki": 2, "uc": 3, "dord": 4, "bes": 5, "alti": 6, "yeddi": 7, "sekkiz": 8,
    "doqquz": 9,
}  # fmt: skip
_TENS = {
    "on": 10, "iyirmi": 20, "otuz": 30, "qirx": 40, "elli": 50, "altmis": 60, "yetmis": 70,
    "seksen": 80, "doxsan": 90,
}  # fmt: skip
_WORDS = _SPOKEN | _TENS | _ONES | {"yuz": 100}
del _WORDS["bir"]  # an article as often as a number
_SPOKEN_NUMBER = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)}) (?P<ones>{'|'.join(_ONES)})"
    rf"|(?P<whole>{'|'.join(sorted(_WORDS, key=len, reverse=True))}))\b"
)
_DAY_FIRST = re.compile(r"(?<![\d.,:-])(\d{1,2})[ \u00a0]([a-z]{3,11})\b")
_MONTH_FIRST = re.compile(r"\b([a-z]{3,11})[ \u00a0](\d{1,2})(?![\d:.,]|\s?%)")
_LAST_DAY = 31
_WRITTEN_DATE = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(?:19|20)\d\d(?!\d)")
_MONTH_ENDING = 3


def numbers(text: str) -> frozenset[str]:
    """Give the numbers of a text, each in one form: ``1600000000``, ``3.5``, ``17:48``."""
    found: set[str] = set()
    for match in _NUMBER.finditer(text):
        if match["date"]:
            day, month, year = match["date"].split(".")
            found.update((f"{int(day)}.{int(month)}.{year}", str(int(day))))
        elif match["pair"]:
            found.add(match["pair"])
        else:
            found.add(_value(match, text))
    found.update(
        str(_roman(match[1])) for match in _ROMAN.finditer(text) if match[1] not in _NO_NUMERALS
    )
    found.update(_spoken(fold(text)))
    return frozenset(found)


def days(text: str) -> frozenset[str]:
    """Give the days that a text names, ``24.11``: ``noyabrın 24-də``, ``24 noyabr``, dotted."""
    found = {f"{int(day)}.{int(month)}" for day, month in _WRITTEN_DATE.findall(text)}
    folded = fold(text)
    named = [(day, word) for word, day in _MONTH_FIRST.findall(folded)]
    for day, word in named + _DAY_FIRST.findall(folded):
        month = _month(word)
        if month and 1 <= int(day) <= _LAST_DAY:
            found.add(f"{int(day)}.{month}")
    return frozenset(found)


def _month(word: str) -> str:
    for ending in range(_MONTH_ENDING + 1):
        month = pairs("months").get(word[: len(word) - ending])
        if month:
            return month
    return ""


def _spoken(folded: str) -> set[str]:
    found = set()
    for match in _SPOKEN_NUMBER.finditer(folded):
        if match["tens"]:
            value = _TENS[match["tens"]] + _ONES[match["ones"]]
        else:
            value = _WORDS[match["whole"]]
        scale = _NEXT_WORD.match(folded, match.end())
        found.add(str(value * (_TIMES.get(scale[1], 1) if scale else 1)))
    return found


def _value(match: re.Match[str], text: str) -> str:
    written = re.sub(r"[ \u00a0\u2009\u202f]", "", match[0])
    if match["grouped"] and "," not in written:
        written = written.replace(".", "")
    value = float(written.replace(",", "."))
    following = _NEXT_WORD.match(text, match.end())
    value *= _TIMES.get(fold(following[1]), 1) if following else 1
    return f"{round(value, 6):.15g}"


def _roman(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(
        -value if value < max(values[place:]) else value for place, value in enumerate(values)
    )
