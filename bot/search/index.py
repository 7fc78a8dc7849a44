"""The archive's index: articles of the store's log in, ids of the best answers out.

StoredArticle -> tokens and concepts (``bot.az``) -> tantivy, committed batch by batch
query -> clauses -> all of them, else relaxed -> tiers (title, lead, passing mention) -> ids

A projection: what it holds can be had again from the log, so a damaged or outdated index is
thrown away and ``checkpoint`` says from where to feed it. One process writes; any number read.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from bot.errors import XeberciError
from bot.search.corrector import correct, joined, widened
from bot.search.documents import article_fields, index_version, schema, word_fields
from bot.search.lock import WriterLock
from bot.search.memory import MappedPages
from bot.search.query import Clause, narrower, parse, relaxed, spelled_out
from bot.search.relatives import Relatives
from bot.search.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    import tantivy
    from tantivy import Occur

    from bot.models import StoredArticle

_HEAP_BYTES = 20_000_000  # tantivy wants 15 MB a thread at least
_WINDOW = 200  # answers that are put in order by tier and date; what follows keeps its order
_COUNTED = 100_000  # more articles with each of the words are not counted
_MAX_NOTED = 200_000  # some 20 MiB
# Where so many articles have it all, the newest are looked for in the last month first: in a
# million articles .3 to 2 ms instead of 20 for a word that stands in nearly every title.
_MANY = 50_000
_MONTH_S = 30 * 86400
# What a match is worth, beside BM25 of title and text, which is weighted to about 2 to 6.
_BM25 = 0.4
_TITLE, _LEAD, _NARROWER, _PHRASE = 50.0, 22.0, 12.0, 6.0
_FRESH, _FRESH_S = 2.0, 7 * 86400  # today's article before last month's, if all else is equal
_NEAR_TIE = 3.0  # scores that differ by less are equals: the newest first


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query: a page of article ids out of ``total``, best first.

    ``suggestion`` is the reading of an unknown word that was used; ``spellings`` are near
    words to offer where nothing was found.
    """

    query: str
    ids: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    total: int = 0
    suggestion: str | None = None
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tier:
    """A question, what its answers are worth, and the field that orders them, if not BM25."""

    query: tantivy.Query
    worth: float
    order: str | None


class SearchIndex:
    """A search index in a folder. Calls are synchronous and take milliseconds."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Name the folder; nothing is read before :meth:`open`."""
        self._folder = folder
        self._read_only = read_only
        self._index: tantivy.Index | None = None
        self._schema: tantivy.Schema | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._searcher: tantivy.Searcher | None = None
        self._stamp = 0
        self._checkpoint = 0
        self._noted: set[str] = set()  # words as written that the index holds already
        self._lock = WriterLock(folder)
        self._pages = MappedPages(folder)

    # -- opening and closing -------------------------------------------------------------

    def open(self) -> None:
        """Open the index; a damaged or outdated one is thrown away and starts empty.

        Raises ``IndexBusyError`` where another process has it open for writing.
        """
        if self._read_only:
            self._refresh()
            return
        try:
            # Before anything is read: what looks damaged may be half of another's commit.
            self._lock.take()
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            if (self._folder / "version").exists() and self._version() == index_version():
                self._load()
        except Exception:  # noqa: BLE001 - tantivy names damage by many errors; all are one here
            self._index = None
        if self._index is None:
            self._create()

    def close(self) -> None:
        """Let go of the folder. Merges under way are finished."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
        self._writer = self._searcher = self._index = None
        self._lock.release()

    def reload(self) -> None:
        """Look at what the writer has committed since; a search does so by itself."""
        if self._read_only:
            self._refresh()

    @property
    def checkpoint(self) -> int:
        """The highest log ``seq`` that is searchable, 0 for an empty index."""
        return self._checkpoint

    def _version(self) -> str:
        return (self._folder / "version").read_text(encoding="utf-8")

    def _create(self) -> None:
        import tantivy  # noqa: PLC0415 - 20 MiB that only an open index needs

        try:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            self._schema = schema()
            self._index = tantivy.Index(self._schema, str(self._folder))
            self._index.config_reader("manual")
            (self._folder / "version").write_text(index_version(), encoding="utf-8")
        except (OSError, ValueError) as error:
            self._lock.release()
            raise self._unwritable(error) from error
        self._searcher = self._index.searcher()
        self._checkpoint = 0
        self._noted.clear()

    def _unwritable(self, error: Exception) -> XeberciError:
        return XeberciError(
            f"search index {self._folder}: cannot be written ({error}): check the folder's owner "
            "and free space"
        )

    def _load(self) -> None:
        import tantivy  # noqa: PLC0415

        index = tantivy.Index.open(str(self._folder))
        index.config_reader("manual")
        index.reload()
        self._schema = index.schema
        self._searcher = index.searcher()
        self._checkpoint = self._highest_seq()
        self._index = index

    def _refresh(self) -> None:
        """Look at what the writer has committed since (another process, read only)."""
        meta = self._folder / "meta.json"
        try:
            stamp = meta.stat().st_mtime_ns
            if stamp == self._stamp:
                return
            if self._version() != index_version():
                self._searcher, self._checkpoint = None, 0
                return
            self._load()
            self._stamp = stamp
        except Exception:  # noqa: BLE001 - no index, or one that is being made anew: empty
            self._searcher = None
            self._stamp = self._checkpoint = 0

    def _highest_seq(self) -> int:
        query = self._make().range_query(self._need_schema(), "seq", _integer(), 0, None)
        hits = self._need_searcher().search(query, 1, count=False, order_by_field="seq").hits
        return int(hits[0][0]) if hits else 0

    @staticmethod
    def _make() -> type[tantivy.Query]:
        from tantivy import Query  # noqa: PLC0415

        return Query

    def _need_schema(self) -> tantivy.Schema:
        if self._schema is None:
            raise XeberciError(f"search index {self._folder}: not open")
        return self._schema

    def _need_searcher(self) -> tantivy.Searcher:
        if self._searcher is None:
            raise XeberciError(f"search index {self._folder}: not open")
        return self._searcher

    # -- writing -------------------------------------------------------------------------

    def add(self, articles: Sequence[StoredArticle]) -> None:
        """Make articles searchable, in one commit; one that is there already is replaced."""
        if not articles:
            return
        if self._index is None or self._read_only:
            raise XeberciError(f"search index {self._folder}: open it for writing first")
        import tantivy  # noqa: PLC0415

        if self._writer is None:
            try:
                self._writer = self._index.writer(_HEAP_BYTES, 1)
            except ValueError as error:
                raise XeberciError(
                    f"search index {self._folder}: another process writes to it ({error})"
                ) from error
        made_of = self._need_schema()
        seen: dict[str, str] = {}
        if len(self._noted) > _MAX_NOTED:
            self._noted.clear()
        for stored in articles:
            self._writer.delete_documents_by_term("id", stored.id)
            fields = article_fields(stored, seen, self._noted)
            self._writer.add_document(tantivy.Document.from_dict(fields, made_of))
        searcher = self._need_searcher()
        for term, shown in seen.items():
            if not searcher.doc_freq("word", term):
                fields = word_fields(term, shown)
                self._writer.add_document(tantivy.Document.from_dict(fields, made_of))
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._checkpoint = max(self._checkpoint, *(stored.seq for stored in articles))

    # -- asking --------------------------------------------------------------------------

    def search(
        self, query: str, *, limit: int = 10, offset: int = 0, now: datetime | None = None
    ) -> Answer:
        """Give the articles that answer a query: relevance first, the newest among equals."""
        if self._read_only:
            self._refresh()
        self._pages.look()
        clauses = parse(query)
        if not clauses or self._searcher is None:
            return Answer(query)
        vocabulary = Vocabulary(self._need_schema(), self._searcher)
        if not all(map(vocabulary.articles, (term for c in clauses for term in c.terms))):
            clauses = parse(joined(query, vocabulary)) or clauses
        clauses, suggestion, spellings = correct(query, clauses, vocabulary)
        ids, scores, total = self._ranked(clauses, limit, offset, now)
        if not total:
            counts = {c: min(map(vocabulary.articles, c.terms)) for c in clauses}
            wider = widened(clauses, vocabulary)
            whole = parse(joined(query, vocabulary, known_too=True))
            for others in (whole, wider, spelled_out(query), relaxed(clauses, counts)):
                if others and not total:
                    ids, scores, total = self._ranked(others, limit, offset, now)
        if not total:
            return Answer(query, spellings=spellings)
        return Answer(query, ids, scores, total, suggestion)

    def _ranked(
        self, clauses: tuple[Clause, ...], limit: int, offset: int, now: datetime | None
    ) -> tuple[tuple[int, ...], tuple[float, ...], int]:
        """Give a page, asking the lower tiers only when the higher ones do not fill it.

        A common word stands in every second text and in few titles, so most questions end
        with the titles: 1 ms instead of 15 at 100,000 articles.
        """
        searcher = self._need_searcher()
        wanted = max(_WINDOW, offset + limit)
        now_s = None if now is None else now.timestamp()
        rows: list[tuple[float, int, int]] = []
        for tier in self._tiers(clauses):
            if len(rows) >= wanted:
                break
            hits = (
                self._newest(tier, clauses, wanted - len(rows), now_s)
                or searcher.search(
                    tier.query, wanted - len(rows), count=False, order_by_field=tier.order
                ).hits
            )
            addresses = [address for _score, address in hits]
            if not addresses:
                continue
            ids = searcher.fast_field_values("id", addresses)
            times = searcher.fast_field_values("at", addresses)
            for (score, _address), number, at in zip(hits, ids, times, strict=True):
                relevance = 0.0 if tier.order else float(score)
                fresh = _freshness(now_s, int(at or 0))
                rows.append((tier.worth + relevance + fresh, int(at or 0), int(number or 0)))
        rows.sort(key=lambda row: (-round(row[0] / _NEAR_TIE), -row[1], -row[2]))
        page = rows[offset : offset + limit]
        total = len(rows) if len(rows) < wanted else max(len(rows), self._count(clauses))
        scores = [round(score, 3) for score, _at, _number in page]
        for place in range(len(scores) - 1, 0, -1):  # among equals the order is the date's
            scores[place - 1] = max(scores[place - 1], scores[place])
        return tuple(number for _score, _at, number in page), tuple(scores), total

    def _newest(
        self, tier: _Tier, clauses: tuple[Clause, ...], wanted: int, now_s: float | None
    ) -> list[tuple[Any, tantivy.DocAddress]]:
        """Give the newest answers of a tier if the last month has as many as are wanted."""
        if tier.order is None or now_s is None:
            return []
        searcher, make = self._need_searcher(), self._make()
        if (
            any(clause.others for clause in clauses)
            or min(searcher.doc_freq("title", term) for clause in clauses for term in clause.terms)
            < _MANY
        ):
            return []
        from tantivy import Occur  # noqa: PLC0415

        since = make.range_query(self._need_schema(), "at", _integer(), int(now_s) - _MONTH_S, None)
        query = make.boolean_query([(Occur.Must, tier.query), (Occur.Must, since)])
        hits = searcher.search(query, wanted, count=False, order_by_field=tier.order).hits
        return list(hits) if len(hits) == wanted else []

    def _count(self, clauses: tuple[Clause, ...]) -> int:
        """Give how many articles have it all; of words that are everywhere, about how many.

        To count those exactly costs 20 ms and more in a million articles, and nobody minds.
        """
        searcher = self._need_searcher()
        if len(clauses) == 1 and not clauses[0].is_phrase:
            return searcher.doc_freq("body", clauses[0].terms[0])
        counts = [min(searcher.doc_freq("body", term) for term in c.terms) for c in clauses]
        if min(counts) > _COUNTED and not any(clause.others for clause in clauses):
            articles = max(searcher.num_docs, 1)
            return round(articles * prod(count / articles for count in counts))
        found = searcher.search(self._every("body", clauses), 1)
        return int(getattr(found, "count", 0))  # an attribute that its stubs omit

    def _every(self, field: str, clauses: tuple[Clause, ...]) -> tantivy.Query:
        from tantivy import Occur  # noqa: PLC0415

        parts = [(Occur.Must, self._clause(field, clause)) for clause in clauses]
        return self._make().boolean_query(parts)

    def _tiers(self, clauses: tuple[Clause, ...]) -> Iterator[_Tier]:
        """Give the questions in order: all in the title, all at the beginning, all anywhere.

        Whatever has the topic in its title is about it, a long title and a long text no less
        than short ones: there the newest come first. Below that it matters how much is said.
        """
        from tantivy import Occur  # noqa: PLC0415

        make = self._make()
        row = [term for clause in clauses for term in clause.terms]
        title = self._every("title", clauses)
        above: list[tuple[Occur, tantivy.Query]] = []
        if len(clauses) > 1:
            phrase = make.phrase_query(self._need_schema(), "title", list(row), slop=1)
            yield _Tier(phrase, _TITLE + _PHRASE, "at")
            above.append((Occur.MustNot, phrase))
        yield _Tier(make.boolean_query([(Occur.Must, title), *above]), _TITLE, "at")
        above = [(Occur.MustNot, title)]
        yield self._mentions("lead", _LEAD, clauses, above)
        above.append((Occur.MustNot, self._every("lead", clauses)))
        belongs = [(Occur.Should, self._clause("title", clause)) for clause in narrower(clauses)]
        anywhere = self._every("body", clauses)
        if belongs and self._need_searcher().search(anywhere, 1, count=False).hits:
            below = make.boolean_query(belongs)
            yield _Tier(make.boolean_query([(Occur.Must, below), *above]), _NARROWER, "at")
            above.append((Occur.MustNot, below))
        yield self._mentions("body", 0.0, clauses, above)

    def _mentions(
        self,
        field: str,
        worth: float,
        clauses: tuple[Clause, ...],
        above: Sequence[tuple[Occur, tantivy.Query]],
    ) -> _Tier:
        """Give the question for what says it in a field, those first that say more of it."""
        from tantivy import Occur  # noqa: PLC0415

        make = self._make()
        every = make.boost_query(self._every(field, clauses), _BM25)
        parts = [(Occur.Must, every), *above]
        if field != "body":
            parts += [
                (Occur.Should, make.boost_query(self._clause("body", clause), _BM25))
                for clause in clauses
            ]
        if len(clauses) > 1:
            row = [term for clause in clauses for term in clause.terms]
            phrase = make.phrase_query(self._need_schema(), field, list(row), slop=1)
            parts.append((Occur.Should, make.const_score_query(phrase, _PHRASE)))
        return _Tier(make.boolean_query(parts), worth, None)

    def _clause(self, field: str, clause: Clause) -> tantivy.Query:
        make, schema = self._make(), self._need_schema()
        if clause.is_phrase:
            return make.phrase_query(schema, field, list(clause.terms))
        if clause.others:
            from tantivy import Occur  # noqa: PLC0415

            terms = (*clause.terms, *clause.others)
            return make.boolean_query(
                [(Occur.Should, make.term_query(schema, field, term)) for term in terms]
            )
        return make.term_query(schema, field, clause.terms[0])

    def related(self, article: StoredArticle, *, limit: int = 5) -> list[int]:
        """Give the ids of the nearest articles by content, never the same story again."""
        if self._read_only:
            self._refresh()
        if self._searcher is None:
            return []
        return Relatives(self._need_schema(), self._searcher).find(article, limit)


def _integer() -> tantivy.FieldType:
    from tantivy import FieldType  # noqa: PLC0415

    return FieldType.Integer


def _freshness(now_s: float | None, at: int) -> float:
    if now_s is None:
        return 0.0
    return float(_FRESH * 2.0 ** (-max(now_s - at, 0.0) / _FRESH_S))
