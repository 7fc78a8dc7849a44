"""What people say to a bot before they ask something: greetings and thanks, folded."""

from __future__ import annotations

import re
from typing import Final

from bot.az import fold

_GREETINGS: Final = """
salam salamlar salamm slm sagol sagolun aleykum aleykumsalam eleykum essalam selam merhaba
necesen necesiz necesiniz netersen neynirsen neyniyirsen kimsen
tesekkur tesekkurler minnetdaram sabahiniz axsaminiz gunortaniz xeyir komek
hello hi hey hallo help thanks thank privet zdravstvuy zdravstvuyte zdraste spasibo
"""
# These greet only beside others: alone they are a query ("test", "bot", "cox").
_BESIDE: Final = """
test bot cox you ol olun sag olsun how are edirem start gununuz xeyirli
"""
_ALONE: Final = frozenset(_GREETINGS.split())
_WORDS: Final = _ALONE | frozenset(_BESIDE.split())
_WORD: Final = re.compile(r"\w+")


def is_greeting(text: str) -> bool:
    """Tell whether a text only greets or thanks, in Azerbaijani, Russian, English or Turkish."""
    words = _WORD.findall(fold(text))
    if not words or not all(word in _WORDS for word in words):
        return False
    return len(words) > 1 or words[0] in _ALONE
