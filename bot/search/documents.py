"""What the index holds of an article and of a word: fields and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.az import wordlists
from bot.az.tokens import terms_of, words
from bot.az.topics import reading
from bot.search.analyser import own_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import tantivy

    from bot.models import StoredArticle

_FORMAT = "3"  # to be raised whenever the same article would be indexed otherwise
_LISTS = (
    "suffixes.txt", "words.txt", "brands.txt", "topics.txt", "synonyms.txt", "boilerplate.txt",
)  # fmt: skip
_LEAD_TOKENS = 28  # the first sentence or two: what stands there is what the news is about
_BREAK = "|"  # between title and text: no phrase spans it, and no token is written so


def index_version() -> str:
    """Give a mark of format and word lists: an index with another one is made anew."""
    return f"{_FORMAT} {wordlists.fingerprint(*_LISTS)}"


def schema() -> tantivy.Schema:
    """Give the fields: ``body`` has the title too, so that every question is asked there."""
    import tantivy  # noqa: PLC0415

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_integer_field("seq", indexed=True, fast=True)
    builder.add_integer_field("at", fast=True)
    builder.add_text_field("title", stored=True, tokenizer_name="whitespace")
    builder.add_text_field("lead", tokenizer_name="whitespace")
    builder.add_text_field("body", tokenizer_name="whitespace")
    builder.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("shown", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def article_fields(stored: StoredArticle, seen: dict[str, str], noted: set[str]) -> dict[str, Any]:
    """Give an article's fields, and put its words into ``seen`` with a form to show.

    ``noted`` are words as written that need no second look.
    """
    article = stored.article
    title_words, text_words = words(article.title), words(own_text(article))
    title, body = reading(title_words), reading(text_words)
    fresh = {*title_words, *text_words} - noted
    _show(seen, fresh)
    noted |= fresh
    title_concepts = [concept for _start, _end, concept in title.concepts]
    lead_concepts = [concept for start, _end, concept in body.concepts if start < _LEAD_TOKENS]
    lead_concepts += title_concepts
    concepts = [concept for _start, _end, concept in body.concepts]
    return {
        "id": stored.id,
        "seq": stored.seq,
        "at": int(stored.when.timestamp()),
        "title": " ".join((*title.tokens, *title_concepts)),
        "lead": " ".join(
            (*title.tokens, _BREAK, *body.tokens[:_LEAD_TOKENS], _BREAK, *lead_concepts)
        ),
        "body": " ".join((*title.tokens, _BREAK, *body.tokens, _BREAK, *title_concepts, *concepts)),
    }


def word_fields(term: str, shown: str) -> dict[str, Any]:
    """Give a word's fields: the token, a form to show."""
    return {"word": term, "shown": shown}


def _show(seen: dict[str, str], written: Iterable[str]) -> None:
    """Note a form to show of each word: the shortest, which is the bare one more often than not."""
    for word in written:
        terms = terms_of(word)
        if len(terms) == 1:
            shown = seen.get(terms[0])
            if shown is None or (len(word) <= len(shown) and _bareness(word) < _bareness(shown)):
                seen[terms[0]] = word


def _bareness(word: str) -> tuple[int, bool, str]:
    return len(word), not word.islower(), word
