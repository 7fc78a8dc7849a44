"""The Store protocol: the atomic steps that every store gives. No I/O here.

Each method is one atomic step: it happens wholly or not at all, also across a kill -9,
and once it returned it survives one. Steps that carry an ``update_id`` are marked with it in
the same step: called again with the same id they change nothing and return what they
returned the first time, so a redelivered Telegram update is harmless. Steps without an
id are absolute (calling them again with the same values changes nothing more).

``now`` is always given, never read, so that tests and replays own the clock; several workers
on one store go by ``Store.time``. A batch is at most ``BATCH`` rows: callers split, stores may
rely on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.models import (
        Article,
        Chat,
        Claim,
        DeadLetter,
        Delivery,
        Draft,
        FanOut,
        Followed,
        Follower,
        Mode,
        NewArticle,
        Places,
        Sent,
        SourceState,
        Standing,
        StoredArticle,
        Subscription,
        Told,
        Topic,
        Turn,
    )
    from bot.store.records import Row

BATCH = 500
REVISIONS = 5  # of one article: a document that says this and that in turn is believed no more
AGAIN_S = 3.0  # after which an edit looks again at what was just being sent


class SharedRate(Protocol):
    """The whole bot's rate where several workers share it (``bot.limits`` decides)."""

    async def reserve(self, interval_us: int, count: int) -> Places:
        """Take the next ``count`` places, ``interval_us`` apart; none lies before now."""

    async def note_flood(self, chat_id: int, wait_s: float, *, group: bool) -> Places:
        """Note a 429, of any worker: three chats' within a second hold bulk for the shortest
        wait (CONTRACT §3, Limits). Takes no place."""


class Store(Protocol):
    """Everything that must survive. All methods raise ``StoreError`` where the store fails."""

    # -- life ---------------------------------------------------------------------------

    async def open(self, *, exclusive: bool = False) -> None:
        """Connect, create or migrate what is missing.

        ``exclusive`` is asked by ``run`` and refuses with a clear ``StoreError`` when
        another ``run`` holds the same embedded store; it also ends all leases of dead runs.
        """

    async def close(self) -> None:
        """Let go of everything; may be called twice."""

    async def check(self) -> None:
        """Raise ``StoreError`` unless the store answers and can be written to."""

    async def housekeeping(self, now: datetime) -> None:
        """Forget what no longer matters: old update marks, acknowledged bookkeeping, phrases.

        Where the clock is this machine's own, end waits that only a wrong one can have asked for.
        """

    # -- several workers ----------------------------------------------------------------

    @property
    def shared_rate(self) -> SharedRate | None:
        """The rate that the workers of this store share; None where there is only one worker."""

    async def time(self) -> datetime | None:
        """Give the clock that all workers go by; None: each has its own (there is only one)."""

    async def lease(self, name: str, owner: str, now: datetime, lease_s: float) -> bool:
        """Take a piece of work, or keep it; False while another owner has it.

        Names: ``poll`` (asking Telegram for updates), ``source:NAME``, ``pages:HOST``,
        ``host:HOST`` (one request), ``tick:NAME``, ``worker:OWNER`` (a run that is alive).
        """

    async def leave(self, name: str, owner: str) -> None:
        """Give a piece of work back before its lease ends; another owner's is left alone."""

    async def leases(self, prefix: str, now: datetime) -> dict[str, str]:
        """Give the owners of the leases that hold, by name, of names with this prefix."""

    async def set_back(self, now: datetime, by_s: float) -> None:
        """Let whatever lies ahead come so much earlier: the clock was set back to ``now``.

        Gaps and flood waits of chats, deliveries for later, leases, waiting pages; not what
        people chose by their clock (digests, pauses), and no source (its state says it).
        """

    async def begin_update(
        self, update_id: int, lane: int, owner: str, now: datetime, lease_s: float
    ) -> Turn:
        """Take an update and the chat (``lane``) that it belongs to, unless it was handled
        already or another owner handles one of the same chat. Its own owner may repeat this."""

    async def end_update(self, update_id: int, lane: int, owner: str, now: datetime) -> None:
        """Note that an update was handled, and let go of its chat. Known for 48 hours."""

    async def let_go(self, lane: int, owner: str) -> None:
        """Let go of a chat whose update was not handled after all."""

    # -- sources and articles -----------------------------------------------------------

    async def sources(self) -> dict[str, SourceState]:
        """Give what is remembered of each source, by name."""

    async def save_source(self, state: SourceState) -> None:
        """Remember a poll that brought no articles (304, failure, ...)."""

    async def known(self, keys: Iterable[str]) -> dict[str, int]:
        """Give the article ids of those identity keys that the archive knows."""

    async def commit(
        self, articles: Sequence[NewArticle], state: SourceState | None, now: datetime
    ) -> list[StoredArticle]:
        """Archive articles, mark them seen, log them, queue their fan-out, save the source.

        An article of which any key is known, or came earlier in the batch, is not new: its
        unknown keys become further names of the known article. Gives the new ones, in the
        order given; ``state`` is saved in the same step. Without a ``state`` this is an import,
        which ``archived_between`` never gives. The fan-out of an article with ``page_by``
        starts at that time, or when ``improve`` is called before.
        """

    async def improve(
        self, article_id: int, article: Article | None, *, deliver: bool, now: datetime
    ) -> StoredArticle | None:
        """Put an article's fetched page in place of what the feed had, and log it again.

        Its page is no longer wanted; a fan-out that waited for it starts now, or is dropped
        where ``deliver`` is False (the page says that it is old). ``None`` as the article:
        the page could not be had, what is there stays and goes out.
        Where the page was wanted because of a revision, what it changed is a revision too.
        """

    async def marks(self, article_ids: Sequence[int]) -> dict[int, str]:
        """Give what the documents last said of these articles; one without a mark is left out."""

    async def keep_marks(self, marks: Mapping[int, str]) -> None:
        """Note what documents say of articles, by id, without revising these."""

    async def revise(
        self,
        article_id: int,
        article: Article | None,
        mark: str,
        now: datetime,
        page_by: datetime | None = None,
    ) -> StoredArticle | None:
        """Put what a document says now in place of what it said, and note its mark.

        Replaced, it is logged again, and an edit (``revised``) is queued. With ``page_by`` its
        page is wanted again, also where the article is None (what the document says is cut, and
        stays out). Gives the article as it is now; None where nothing changed, or where it was
        revised ``REVISIONS`` times already (then only the mark is noted).
        """

    # -- stories ------------------------------------------------------------------------

    async def place(self, article_id: int, story: int, now: datetime) -> StoredArticle | None:
        """Note which story an article tells, and log it again where that is not its own (None:
        there is no such article). To place it elsewhere later changes nothing for those who
        were told."""

    async def members(self, story: int) -> list[StoredArticle]:
        """Give the articles of a story by id, its first one first."""

    async def queue_edit(self, story: int, article_id: int | None, now: datetime) -> None:
        """Let what was sent of a story be changed: with an ``article_id`` only what shows that
        article, which was revised. Nothing is added where one waits that does the same."""

    async def sent_to(
        self, story: int, after: int | None, limit: int, only: Collection[int] = ()
    ) -> tuple[list[Told], int | None]:
        """Give what chats (``only`` these, if any are named) were told of a story: channels first,
        page by page; the cursor of the next page is None behind the last.

        A page may hold a few more than asked for, or none, and one may come twice. What chats were
        told is known for 48 hours at least, what was posted in channels for good.
        """

    async def pages_wanted(self, limit: int) -> list[tuple[StoredArticle, datetime]]:
        """Give the articles whose pages are still to be fetched, each with its ``page_by``.

        First those whose fan-out waits, newest first; then what is only archived, newest first.
        """

    async def articles(self, ids: Sequence[int]) -> list[StoredArticle]:
        """Give the articles with these ids, in this order; unknown ids are left out."""

    async def log_after(self, seq: int, limit: int) -> list[StoredArticle]:
        """Give the log's entries after ``seq``, in order (what projections read)."""

    async def last_seq(self) -> int:
        """Give the newest place in the log; 0 for an empty archive."""

    async def newest(self, limit: int, offset: int = 0) -> list[StoredArticle]:
        """Give the articles by the time that readers see, newest first."""

    async def oldest(self, limit: int, after: StoredArticle | None = None) -> list[StoredArticle]:
        """Give the articles by the time that readers see, oldest first, page by page."""

    async def archived_between(
        self, after: datetime, until: datetime, limit: int
    ) -> list[StoredArticle]:
        """Give what was first seen in (after, until], newest first."""

    async def count(self) -> int:
        """Count the articles of the archive."""

    # -- chats and topics ---------------------------------------------------------------

    async def chat(self, chat_id: int) -> Chat | None:
        """Give a chat and its settings."""

    async def meet(self, chat: Chat) -> Chat:
        """Give the chat as stored; store it as given if it is new. Kind and title are kept
        up to date, settings are not touched, and a disabled chat is enabled again."""

    async def save_chat(self, chat: Chat, update_id: int | None = None) -> Chat:
        """Store a chat's settings as given."""

    async def chats(self, after: int | None, limit: int) -> list[Chat]:
        """Give all chats by id, page by page."""

    async def follow(self, subscription: Subscription, update_id: int | None = None) -> Followed:
        """Follow a topic. A topic already followed keeps its title and takes the mode and
        pause given; the chat must have been met."""

    async def unfollow(
        self, chat_id: int, topic: str, update_id: int | None = None
    ) -> Subscription | None:
        """Stop following; gives what was followed, or None."""

    async def change(
        self,
        chat_id: int,
        topic: str,
        *,
        mode: Mode | None = None,
        paused_until: datetime | None = None,
        update_id: int | None = None,
    ) -> Subscription | None:
        """Set a subscription's mode (where given) and its pause (None: not paused)."""

    async def subscriptions(self, chat_id: int) -> list[Subscription]:
        """Give what a chat follows, oldest first."""

    async def topics(self) -> tuple[int, list[Topic]]:
        """Give all followed topics, once each, and the version of that list."""

    async def topics_version(self) -> int:
        """Give the version of the list of followed topics: it changes whenever that does."""

    # -- fan-out ------------------------------------------------------------------------

    async def next_fan_out(self, now: datetime, owner: str, lease_s: float) -> FanOut | None:
        """Lease the oldest unfinished fan-out that nobody works on (order: the article's
        published time, then the log); where there is none, the oldest edit."""

    async def followers(
        self, topics: Sequence[str], after: int | None, limit: int
    ) -> list[Follower]:
        """Give enabled chats that follow any of the topics, by chat id, page by page, each
        with those of its subscriptions that are among the topics."""

    async def expand(
        self, fan_out_id: int, drafts: Sequence[Draft], cursor: int | None, now: datetime
    ) -> int:
        """Queue a batch of a fan-out and move its cursor; a cursor of None finishes it.

        A draft for a (chat, story) that was ever queued, or for a disabled chat, is passed
        over, so a repeated batch adds nothing. Gives how many were queued.

        Of an edit: a draft of kind EDIT is queued where the message was sent, in the place of an
        older edit of the same story, if one waits. Any other draft takes the place of what is
        still queued of its story. Where that was sent meanwhile, or is just being sent, the chat
        is looked at once more: finished, the edit comes again after ``AGAIN_S``, for these chats
        only. Gives how many were queued or replaced.
        """

    # -- outbox -------------------------------------------------------------------------

    async def enqueue(
        self, drafts: Sequence[Draft], now: datetime, update_id: int | None = None
    ) -> int:
        """Queue messages; the rule of ``expand`` for (chat, story) holds here too.

        One update may queue several times: here its mark is the messages themselves.
        """

    async def claim(self, now: datetime, owner: str, limit: int, lease_s: float) -> list[Claim]:
        """Lease up to ``limit`` chats that are free and give each one's next due delivery.

        A chat is free when nobody leases it and its ``free_at`` (gap, flood wait) has come;
        replies do not wait for the gap, only for a flood wait. Replies go first, then
        the chats by the age of their next delivery; within a chat the order of queuing.
        A delivery whose ``not_before`` lies ahead is passed over and holds no other.

        Edits go out where nothing else is ready anywhere, to chats that wait for nothing: first
        those that nothing ends (channels'), then by age; those that have expired are dropped. They
        are never in doubt.
        """

    async def next_due(self, now: datetime) -> datetime | None:
        """Give when ``claim`` will next find something: ``now`` if it would already, None if
        nothing is queued (held deliveries do not count)."""

    async def acknowledge(self, sent: Sequence[Sent]) -> None:
        """Take sent deliveries out of the queue and free their chats at ``free_at``; note what
        message shows their articles. After an edit the chat is free at once."""

    async def put_back(
        self, claim: Claim, free_at: datetime, *, failed: bool, flood: bool = False
    ) -> None:
        """End a claim without success: the delivery stays first in its chat until ``free_at``.

        ``failed`` counts an attempt; ``flood`` makes replies wait as well, and so does a
        reply that is put back: what was asked for later must not overtake it.
        """

    async def set_aside(self, claim: Claim, reason: str, now: datetime) -> None:
        """Move a delivery to the dead letters and free its chat."""

    async def mark_sending(self, claim: Claim) -> bool:
        """Note that a delivery is about to be handed to Telegram; False: it is not ours any more.

        A later claim of it is ``in_doubt``, unless it was put back in between.
        """

    async def dead_letters(self, after: int | None, limit: int) -> list[DeadLetter]:
        """Give what was set aside, by delivery id, page by page."""

    async def retry_dead(self, ids: Sequence[int], now: datetime) -> int:
        """Queue dead letters again, behind what waits, as new deliveries queued now; a letter to
        a disabled chat stays where it is. Gives how many were queued."""

    async def drop_dead(self, ids: Sequence[int]) -> int:
        """Forget dead letters; gives how many there were."""

    async def merge(self, chat_id: int, ids: Sequence[int], draft: Draft, now: datetime) -> bool:
        """Replace queued deliveries of a chat by one that takes the place of the first.

        Nothing happens (False) when one of them is no longer queued. The chat's lease ends if
        what it was claimed for is among them.
        """

    async def waiting(self, chat_id: int, limit: int) -> list[Delivery]:
        """Give a chat's queued deliveries in order, held ones included, edits last."""

    async def standing(self, chat_id: int) -> Standing:
        """Give how a chat stands with answers, whichever worker held it up or queued them."""

    async def hold(self, chat_id: int, until: datetime) -> None:
        """Let a chat wait, with its replies, no shorter than it does already."""

    async def chats_with_held(self) -> list[int]:
        """Give the chats that have held deliveries."""

    async def release(self, ids: Sequence[int], now: datetime) -> None:
        """Let held deliveries go out, in the order given."""

    async def drop(self, ids: Sequence[int]) -> None:
        """Take deliveries out of the queue unsent."""

    async def posted_since(self, chat_id: int, since: datetime) -> list[datetime]:
        """Give when the chat got, or was let have, articles since then (for hourly caps). Of held
        ones that were merged only the first counts: a list is one post."""

    async def alerted_since(
        self, chat_ids: Sequence[int], since: datetime
    ) -> dict[tuple[int, str], int]:
        """Count the alerts that each of these chats got, or was let have, since then, by chat
        and topic; a topic without any is left out."""

    async def told(self, chat_id: int, article_ids: Sequence[int]) -> set[int]:
        """Give which of these articles' stories were ever queued for the chat.

        Forgotten a month after an article was first seen, when nothing fans it out any more.
        """

    async def disable_chat(self, chat_id: int, reason: str, now: datetime) -> None:
        """Send nothing more to a chat: its queue is dropped, its settings are kept."""

    async def migrate_chat(self, old: int, new: int) -> None:
        """Give everything of a group to the supergroup that it became, its queue included
        (``chat_id`` in queued payloads is rewritten).

        Its lease ends, and what was being sent is not in doubt: Telegram refused it. A fan-out
        that was past the new id and not yet at the old one comes back for it; a story that
        both were queued goes out once. Its edits are dropped: what the group got cannot be edited.
        """

    async def outbox(self) -> tuple[int, datetime | None]:
        """Count queued messages (held ones included) and give when the oldest was queued."""

    # -- daily digests ------------------------------------------------------------------

    async def due_digests(self, now: datetime, limit: int) -> list[Chat]:
        """Give enabled chats whose ``next_digest_at`` has come, earliest first."""

    async def commit_digest(
        self, chat: Chat, drafts: Sequence[Draft], next_at: datetime | None, now: datetime
    ) -> bool:
        """Queue a chat's digest, note ``last_digest_at = now`` and set the next one.

        Nothing happens (False) unless the chat's ``next_digest_at`` is still that of
        ``chat``: each is served once, whoever serves it.
        """

    # -- small things -------------------------------------------------------------------

    async def keep_phrase(self, key: str, text: str, now: datetime) -> None:
        """Remember a text behind a short key (queries behind 64-byte callback data)."""

    async def phrase(self, key: str) -> str | None:
        """Give the text behind a key."""

    # -- moving house -------------------------------------------------------------------

    async def hold_still(self) -> None:
        """Refuse (``StoreError``) while a ``run`` uses this store; an embedded one lets none begin
        until it is closed."""

    async def identity(self) -> str:
        """Give the id of what is stored: made with an empty store, moved with what is in it."""

    async def begin_filling(self, identity: str) -> None:
        """Take the identity of another store, whose records come next: no ``run`` uses this one
        (``open`` refuses it) before ``end_filling``, also where the move is cut short."""

    async def end_filling(self) -> None:
        """Note that all records of the other store are there."""

    async def half_filled(self) -> bool:
        """Whether records are still missing."""

    async def counts(self) -> dict[str, int]:
        """Count the records of each section (``bot.store.records.SECTIONS``)."""

    async def dump(
        self, section: str, after: str | None, limit: int
    ) -> tuple[list[Row], str | None]:
        """Give the records of a section as plain values, page by page: the next cursor is None
        behind the last page. Leases are not among them. Nothing else may write meanwhile."""

    async def load(self, section: str, rows: Sequence[Row]) -> None:
        """Put records of ``dump`` in; a record that is there already is replaced."""

    async def clear(self) -> None:
        """Throw away everything that is stored, step by step; the identity stays."""
