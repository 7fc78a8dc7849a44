"""Azerbaijani in Cyrillic letters to Latin ones. Pure.

Readers who type Cyrillic use two keyboards: the Azerbaijani one (``Азәрбајҹан``), where г is
q and ҝ is g, and the Russian one (``ДипСик``, ``Гугл``), where г stands for both. So г is
read as q only in a word that has a letter of the Azerbaijani keyboard, or ы, in it.
"""

from __future__ import annotations

import re

_LOWER = {
    # the Azerbaijani alphabet of 1958
    **dict(
        zip(
            "абвгғдеәжзиыјкҝлмноөпрстуүфхһчҹш",
            "abvqğdeəjziıykglmnoöprstuüfxhçcş",
            strict=True,
        )
    ),
    # Russian letters
    "й": "y", "ё": "yo", "ц": "ts", "щ": "ş", "э": "e", "ю": "yu", "я": "ya", "ъ": "", "ь": "",
    # neighbours, met in names
    "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u", "џ": "c", "ђ": "c", "ћ": "ç", "љ": "ly",
    "њ": "ny", "ѓ": "g", "ќ": "k", "ѕ": "dz", "қ": "q", "ң": "n", "ұ": "u", "җ": "c", "ӧ": "ö",
    "ӱ": "ü", "ӓ": "ə",
}  # fmt: skip
_TABLE = {ord(letter): latin for letter, latin in _LOWER.items()} | {
    ord(letter.upper()): "İ" if latin == "i" else latin.capitalize()
    for letter, latin in _LOWER.items()
}
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_WORD = re.compile(r"[\u0400-\u04ff]+")
_AZERBAIJANI = re.compile("[әғҝөүһҹјыӘҒҜӨҮҺҸЈЫ]")
_RUSSIAN = str.maketrans({"г": "g", "Г": "G"})
_DJ = re.compile("дж", re.IGNORECASE)


def to_latin(text: str) -> str:
    """Give the text with its Cyrillic words in Azerbaijani Latin letters.

    The hard and soft signs have no Latin letter; one that stands alone is kept, so that no
    word ever vanishes. Everything that is not Cyrillic is left as it is.
    """
    if not _CYRILLIC.search(text):
        return text
    return _WORD.sub(_word, text)


def _word(match: re.Match[str]) -> str:
    word = match[0]
    source = word
    if not _AZERBAIJANI.search(word):
        # Russian spells the sound of c with two letters: Азербайджан, джип.
        source = _DJ.sub(lambda pair: "Ҹ" if pair[0][0] == "Д" else "ҹ", word).translate(_RUSSIAN)
    return source.translate(_TABLE) or word
