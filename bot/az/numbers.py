"""The numbers that a text names, whatever way they are written. Pure.

``1,6 milyard``, ``1.600.000.000`` and ``1 600 000 000`` are one number, and so are ``III``,
``3-cü`` and ``üçüncü``. Clock times, scores and whole dates stay what they are: ``17:48``, ``2:0``,
``19.11.2025``.
"""

from __future__ import annotations

import re

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
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_SPOKEN = {
    "birinci": 1, "ikinci": 2, "ucuncu": 3, "dorduncu": 4, "besinci": 5, "altinci": 6,
    "yeddinci": 7, "sekkizinci": 8, "doqquzuncu": 9, "onuncu": 10, "on birinci": 11,
    "on ikinci": 12, "iyirminci": 20, "otuzuncu": 30, "qirxinci": 40, "ellinci": 50,
    "yuzuncu": 100,
}  # fmt: skip
_ORDINALS = re.compile(rf"\b({'|'.join(sorted(_SPOKEN, key=len, reverse=True))})\b")


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
    found.update(str(_roman(match[1])) for match in _ROMAN.finditer(text) if match[1])
    found.update(str(_SPOKEN[match[1]]) for match in _ORDINALS.finditer(fold(text)))
    return frozenset(found)


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
