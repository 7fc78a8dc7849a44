"""The vocabulary of Xəbərçi: what travels between modules. Frozen values, no I/O.

Times are aware datetimes in UTC unless a field says otherwise. A chat's local times
(``"09:00"``) are strings with the chat's zone beside them: only ``bot.planner`` turns
them into instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - dataclass fields are resolved at run time
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Credit:
    """The news outlet that an article names as its own source."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """A story that a page itself calls similar."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article as a source published it (CONTRACT, "JSON": article).

    ``text`` holds plain paragraphs separated by a blank line. ``published`` is aware, or
    ``None`` where the document has no date; a date without a time is 00:00 local.
    """

    url: str
    title: str
    text: str = ""
    published: datetime | None = None
    source: str = ""
    category: str | None = None
    author: str | None = None
    credit: Credit | None = None
    image: str | None = None
    summary: str | None = None
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article in the archive.

    ``id`` never changes and is what buttons carry; ``seq`` is its place in the log, which
    grows with every new or changed article and is what projections read from. ``placed`` is
    the story that it was found to tell (``Store.place``); None: nobody looked yet.
    """

    id: int
    seq: int
    article: Article
    first_seen: datetime
    placed: int | None = None

    @property
    def story(self) -> int:
        """The story that it tells, by the id of that story's first article."""
        return self.id if self.placed is None else self.placed

    @property
    def when(self) -> datetime:
        """The time that readers see: published, or first seen where no date was given."""
        return self.article.published or self.first_seen


class ChatKind(StrEnum):
    """What Telegram calls the chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Doubt(StrEnum):
    """What a chat wants of a message that may have arrived: twice rather than never, or not."""

    REPEAT = "repeat"
    SKIP = "skip"


class Mode(StrEnum):
    """How a followed topic arrives."""

    INSTANT = "instant"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat and its settings. ``digest_at`` and ``quiet`` are local to ``zone``.

    ``thread_id`` is the forum topic that alerts go to. ``disabled`` says why a chat gets
    nothing (blocked, vanished), or is ``None``. ``on_doubt`` says what becomes of a message that
    Telegram may or may not have taken.
    """

    id: int
    kind: ChatKind = ChatKind.PRIVATE
    title: str = ""
    language: str = "az"
    zone: str = "Asia/Baku"
    digest_at: str | None = None
    quiet: str | None = None
    thread_id: int | None = None
    disabled: str | None = None
    last_digest_at: datetime | None = None
    next_digest_at: datetime | None = None
    on_doubt: Doubt = Doubt.REPEAT


@dataclass(frozen=True, slots=True)
class Topic:
    """What can be followed: ``key`` is its identity, ``title`` how a person writes it.

    Two spellings of one topic (``süni zəka``, ``suni intellekt``) have the same key; the
    key comes from ``bot.search.analyser.topic_key``.
    """

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """That a chat follows a topic. ``title`` is the topic as this chat first wrote it."""

    chat_id: int
    topic: str
    title: str
    mode: Mode = Mode.INSTANT
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Follower:
    """A chat that may get an article, with those of its subscriptions that match."""

    chat: Chat
    subscriptions: tuple[Subscription, ...]


class DeliveryKind(StrEnum):
    """Why a message is sent."""

    REPLY = "reply"  # an answer to a person that could not be sent at once; never behind bulk
    ALERT = "alert"  # an article to a subscriber
    POST = "post"  # an article to a channel
    DIGEST = "digest"  # a chat's daily digest
    NOTICE = "notice"  # something the bot has to tell (operators, editors)
    EDIT = "edit"  # a change of what was sent; behind everything else


@dataclass(frozen=True, slots=True)
class Message:
    """A Bot API call made ready: the method and its JSON parameters, ``chat_id`` included."""

    method: str
    payload: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A delivery before it is queued. ``held`` waits for the publisher (quiet hours, caps).

    ``story`` is what a chat gets once (None: the article is its own). An edit goes out before
    ``expires_at`` or never (None: whenever it can).
    """

    chat_id: int
    kind: DeliveryKind
    message: Message
    article_id: int | None = None
    topic: str | None = None
    not_before: datetime | None = None
    held: bool = False
    story: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A queued message. ``attempts`` counts failures for unknown reasons only."""

    id: int
    chat_id: int
    kind: DeliveryKind
    message: Message
    article_id: int | None
    topic: str | None
    queued_at: datetime
    attempts: int = 0
    held: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a chat stands with answers: until when Telegram wants it left alone, whether an earlier
    answer waits in the outbox."""

    held_until: datetime | None = None
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A chat leased to this worker with its next due delivery.

    ``waiting`` counts the chat's due alerts, where this is one of them, so that the sender
    can see that they should become one message. ``in_doubt``: a worker that died may have sent it
    (only known, and only asked, of chats whose ``on_doubt`` is SKIP).
    """

    chat_id: int
    delivery: Delivery
    chat_kind: ChatKind
    waiting: int
    lease_until: datetime
    on_doubt: Doubt = Doubt.REPEAT
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram's answer to a delivery. ``free_at``: when the chat may get its next bulk message."""

    delivery_id: int
    chat_id: int
    message_id: int | None
    sent_at: datetime
    free_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a chat got of a story: which article, as what, and the message that shows it.

    ``message_id`` is None while it is queued, and where no message is its own: it went out in a
    list, was dropped, or went to a group that is another chat now. ``at``: since when it may go
    out (None: held, or not known any more). ``chat`` is None where the bot never met it.
    """

    chat_id: int
    article_id: int
    kind: DeliveryKind
    message_id: int | None = None
    at: datetime | None = None
    topic: str | None = None
    chat: Chat | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was set aside: what it was, why, and when."""

    delivery: Delivery
    reason: str
    at: datetime


class Turn(StrEnum):
    """What to do with an update that came in."""

    HANDLE = "handle"  # it is this worker's now, and so is its chat
    DONE = "done"  # handled before, by this worker or another
    WAIT = "wait"  # another worker handles an update of the same chat


@dataclass(frozen=True, slots=True)
class Places:
    """Places in the rate that several workers share, in microseconds of the store's clock.

    The first is at ``first_us``, the next ones an interval apart each. ``now_us`` is the clock
    when they were given; bulk is held until ``bulk_until_us`` (0: it is not).
    """

    now_us: int
    first_us: int
    bulk_until_us: int = 0


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the bot remembers of a source between polls. Validators are kept byte for byte."""

    name: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    next_poll_at: datetime | None = None
    polled_at: datetime | None = None  # the last poll that was answered; None: never yet
    failures: int = 0
    error: str | None = None
    failing_since: datetime | None = None
    told_at: datetime | None = None  # when operators were told that it fails
    found_url: str | None = None  # where finding out, or a permanent redirect, led
    found_kind: str | None = None  # what is read at its address; HTML in a feed's place is none
    redirect: str | None = None
    redirects: int = 0
    stopped: bool = False  # 410 Gone
    items_per_hour: float = 0.0
    # What its document asks for, which a 304 does not repeat.
    ttl_s: float | None = None
    update_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article for the archive: ``keys`` are its identities (normalised links, guids).

    ``deliver`` says whether it is fanned out; what is old at first sight is only archived.
    ``page_by``: its page is still to be fetched, and its fan-out waits for that until then.
    ``mark`` stands for what the document says of it, by which a change is noticed.
    """

    article: Article
    keys: tuple[str, ...]
    deliver: bool
    page_by: datetime | None = None
    mark: str = ""


class FanOutKind(StrEnum):
    """What is brought to many chats."""

    ARTICLE = "article"  # a new article, to those who follow what it is about
    EDIT = "edit"  # a change, to those who were told of its story


@dataclass(frozen=True, slots=True)
class FanOut:
    """An article on its way to followers: ``cursor`` is the last chat id that was expanded.

    Of an edit, ``cursor`` is what ``Store.sent_to`` goes on from, and ``only`` names the chats
    that are left (none: all). ``revised``: what changed is this very article, and only messages
    that show it change; else it is the first of its story, and all do.
    """

    id: int
    article: StoredArticle
    cursor: int | None
    kind: FanOutKind = FanOutKind.ARTICLE
    revised: bool = False
    only: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Followed:
    """The outcome of following: the subscription as it is now, and whether this made it."""

    subscription: Subscription
    created: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that answers a query; a higher ``score`` is better."""

    article: StoredArticle
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query: a page of ``hits`` out of ``total``.

    ``suggestion`` is the reading of an unknown word that was used (with hits), and
    ``spellings`` are near spellings to offer where nothing was found.
    """

    query: str
    hits: tuple[Hit, ...] = ()
    total: int = 0
    suggestion: str | None = None
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """A short text about an article (CONTRACT, "JSON": digest), ready for any layout."""

    url: str
    title: str
    sentences: tuple[str, ...]
    credit: Credit
    source: str
    category: str | None = None
    image: str | None = None
    when: datetime | None = None

    @property
    def chars(self) -> int:
        """The length of the sentences joined by one blank."""
        return len(" ".join(self.sentences))
