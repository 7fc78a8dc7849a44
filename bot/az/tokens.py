"""Words as search sees them. Pure.

text -> words as written -> folded, detached endings dropped -> spellings of brands made one,
endings cut -> parts of a brand joined (``deep seek``) -> tokens.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain

from bot.az import wordlists
from bot.az.letters import fold
from bot.az.stem import endings, stem

_ZERO_WIDTH = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
# Marks that stand on nothing composed: they part no words, and folding drops them.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_LETTERLIKE = re.compile("[ʹʺʻʼʽˈˊˋˮʾʿꞌ]")  # apostrophes that Unicode counts as letters
_UNUSUAL = re.compile("|".join(kind.pattern for kind in (_ZERO_WIDTH, _MARKS, _LETTERLIKE)))
_JOINTS = re.escape("'`´‘’‚‛‹›′‵\"“”„‟«»″‶〝〞〟❛❜❝❞״＂＇｀-‐‑‒–—−")
# A word, and whether something hangs on it: `DeepSeek-in`, `“OpenAI”nin`.
_WORD = re.compile(rf"([^\W_]+)([{_JOINTS}]{{1,2}}(?=[^\W_]))?")
# The model's own letter and number behind a name: galaxys25ultra.
_GLUED = re.compile(r"([a-z]{4,})([a-z]\d{1,3})([a-z]{3,})?")
_MODEL = re.compile(r"([^\W\d_]{3,})(\d{1,4})([^\W\d_]*)")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_MAX_TERMS = 100_000  # some 20 MiB; the rare words go first
_MAX_RAW, _MAX_TOKEN = 80, 40  # longer words are no words; a bound keeps every step linear


class Brands:
    """Names that are kept whole, with their spellings (``data/brands.txt``)."""

    def __init__(self) -> None:
        """Read the list: ``Title = spelling; +name``, the second as right as the title."""
        self.titles: dict[str, str] = {}
        self.spellings: dict[str, str] = {}
        self.accepted: set[str] = set()
        self.joined: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for line in wordlists.lines("brands.txt"):
            title, _, rest = line.partition("=")
            name = fold(title.strip())
            self.titles[name] = title.strip()
            self.spellings[name] = name
            for spelling in filter(None, (part.strip() for part in rest.split(";"))):
                self._add(fold(spelling.removeprefix("+")), name)
                if spelling.startswith("+"):
                    self.accepted.add(fold(spelling.removeprefix("+")))
            parts = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", title.strip())
            if len(parts) > 1 and "".join(parts) == title.strip():
                self._add(fold(" ".join(parts)), name)
        self.names = frozenset(self.titles)

    def _add(self, spelling: str, name: str) -> None:
        words = tuple(re.split(r"[\s-]+", spelling))
        if len(words) == 1:
            self.spellings.setdefault(spelling, name)
        else:
            self.joined.setdefault(words[0], []).append((words, name))


@cache
def brands() -> Brands:
    """Give the brands, read once."""
    return Brands()


@cache
def known() -> dict[str, str]:
    """Give every word that is not cut: ``data/words.txt`` (irregular forms too) and brands."""
    words: dict[str, str] = {}
    for line in wordlists.lines("words.txt"):
        for entry in line.split():
            forms = [fold(form) for form in entry.split("=")]
            words.update(dict.fromkeys(forms, forms[0]))
    for parts in (part for row in brands().joined.values() for part, _name in row):
        words.update({part: part for part in parts if part not in words})
    words.update(brands().spellings)
    return words


@cache
def written() -> dict[str, str]:
    """Give how each listed common word is written: ``zeka`` -> ``zəka``."""
    forms = (entry.split("=")[0] for line in wordlists.lines("words.txt") for entry in line.split())
    return {fold(form): form for form in forms}


@lru_cache(maxsize=_MAX_TERMS)
def terms_of(raw: str) -> tuple[str, ...]:
    """Give the tokens of one word as written; ``iPhone17`` has two."""
    word = fold(raw)[:_MAX_TOKEN]
    if not word.isascii():
        word = _MARKS.sub("", word)  # a lone ь folds to a mark
    if not word:
        return ()
    listed = known()
    if word in listed:
        return (listed[word],)
    names = brands().names
    if word.isalpha():
        return (stem(word, listed, names),)
    glued = _GLUED.fullmatch(word)
    if glued and glued[1] in names:
        return tuple(term for part in glued.groups() if part for term in terms_of(part))
    model = _MODEL.fullmatch(word)
    if model:
        name, number, tail = model.groups()
        rest = () if not tail or tail in endings("detached") else terms_of(tail)
        return (*terms_of(name), number, *rest)
    return (word if word[0].isdigit() else stem(word, listed, names),)


def respelled(raw: str) -> str | None:
    """Give the title of a brand that a word writes as it sounds or wrongly: ``DipSek``.

    ``None`` where the word is right, whatever its endings, case and script.
    """
    terms = terms_of(raw)
    if not terms or terms[0] not in brands().names or _CYRILLIC.search(raw):
        return None
    word = fold(raw)
    right = {
        terms[0],
        *(name for name in brands().accepted if brands().spellings[name] == terms[0]),
    }
    if any(word.startswith(name) for name in right):
        return None
    return brands().titles[terms[0]]


def _hangs(base: str, ending: str) -> bool:
    """Say whether a word after a hyphen, an apostrophe or a quote is only an ending."""
    folded = fold(ending)
    if folded in endings("ordinal"):
        return base[-1].isdigit()
    if folded not in endings("detached"):
        return False
    return ending[0].islower() or (len(ending) > 1 and base.isupper() and ending.isupper())


def words(text: str) -> list[str]:
    """Give the words of a text as written, without the endings that hang on them."""
    found: list[str] = []
    for chunk in _composed(text).split():
        if chunk.isalnum() and len(chunk) < _MAX_RAW:  # most are, and a pattern costs ten times it
            found.append(chunk)
            continue
        hung = ""
        for word, joint in _WORD.findall(chunk):
            if not (hung and _belongs(found, word)):
                found.append(word[:_MAX_RAW])
            hung = joint
    return found


def _composed(text: str) -> str:
    """Give a text in one form: letters with their marks, apostrophes that are none of the word."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    if not _UNUSUAL.search(composed):
        return composed
    composed = unicodedata.normalize("NFC", _ZERO_WIDTH.sub("", text))
    return _LETTERLIKE.sub("'", _MARKS.sub("", composed))


def _belongs(found: list[str], word: str) -> bool:
    """Say whether a word after a joint is no word of its own, and put it where it belongs."""
    whole = found[-1] + word
    if len(whole) < _MAX_RAW and fold(whole) in known() and fold(word) not in known():
        found[-1] = whole  # mə'lumat, as it was written once
        return True
    return _hangs(found[-1], word)


def join(terms: list[str]) -> list[str]:
    """Make the parts of a brand one token: ``deep seek`` is ``deepseek``."""
    joined = brands().joined
    if joined.keys().isdisjoint(terms):
        return terms
    result: list[str] = []
    done = 0
    for place in [place for place, term in enumerate(terms) if term in joined]:
        if place < done:
            continue
        for parts, name in joined[terms[place]]:
            if tuple(terms[place : place + len(parts)]) == parts:
                result += terms[done:place]
                result.append(name)
                done = place + len(parts)
                break
    return result + terms[done:]


def tokens(text: str) -> list[str]:
    """Give the words of a text as search sees them: ``“OpenAI”nin modeli`` -> openai, model.

    White space, quotes, NFC or NFD and what HTML or query syntax there is make no difference.
    """
    return join(list(chain.from_iterable(map(terms_of, words(text)))))
