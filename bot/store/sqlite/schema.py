"""The tables of the SQLite store, as forward-only migrations. Times are milliseconds UTC.

``PRAGMA user_version`` counts the migrations that a file has seen. A released migration
is never edited: a change is a further one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import StoreError

if TYPE_CHECKING:
    import sqlite3

_FIRST = (
    # Numbers that only grow: "seq" (the article log), "delivery" (ids and places of the
    # outbox, never used twice, so that a late acknowledgement cannot hit another message)
    # and "topics" (the version of the list of followed topics).
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT INTO counters VALUES ('seq', 0), ('delivery', 0), ('topics', 0)",
    "CREATE TABLE sources (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID",
    # shown: the time that readers see. page_by: its page is still to be fetched. body: the
    # article as JSON.
    """CREATE TABLE articles (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        seq INTEGER NOT NULL,
        shown INTEGER NOT NULL,
        first_seen INTEGER NOT NULL,
        imported INTEGER NOT NULL,
        page_by INTEGER,
        body TEXT NOT NULL
    )""",
    "CREATE UNIQUE INDEX articles_log ON articles (seq)",
    "CREATE INDEX articles_shown ON articles (shown, id)",
    "CREATE INDEX articles_first_seen ON articles (first_seen, id) WHERE imported = 0",
    "CREATE INDEX articles_pages ON articles (shown, id) WHERE page_by IS NOT NULL",
    "CREATE TABLE article_keys (key TEXT PRIMARY KEY, article_id INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE fan_outs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        article_id INTEGER NOT NULL,
        shown INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        cursor INTEGER,
        owner TEXT,
        lease_ms INTEGER NOT NULL DEFAULT 0,
        lease_until INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX fan_outs_order ON fan_outs (shown, id)",
    "CREATE INDEX fan_outs_article ON fan_outs (article_id)",
    """CREATE TABLE chats (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        language TEXT NOT NULL,
        zone TEXT NOT NULL,
        digest_at TEXT,
        quiet TEXT,
        thread_id INTEGER,
        disabled TEXT,
        last_digest_at INTEGER,
        next_digest_at INTEGER
    )""",
    """CREATE INDEX chats_due ON chats (next_digest_at)
        WHERE next_digest_at IS NOT NULL AND disabled IS NULL""",
    # id: the order of following.
    """CREATE TABLE subscriptions (
        id INTEGER PRIMARY KEY,
        chat_id INTEGER NOT NULL,
        topic TEXT NOT NULL,
        title TEXT NOT NULL,
        mode TEXT NOT NULL,
        paused_until INTEGER
    )""",
    "CREATE UNIQUE INDEX subscriptions_topic ON subscriptions (topic, chat_id)",
    "CREATE INDEX subscriptions_chat ON subscriptions (chat_id, id)",
    "CREATE TABLE topics (key TEXT PRIMARY KEY, title TEXT NOT NULL) WITHOUT ROWID",
    # lane 0 holds replies, 1 everything else; place is the order within it. A not_before
    # of 0 means at once.
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        chat_id INTEGER NOT NULL,
        lane INTEGER NOT NULL,
        place INTEGER NOT NULL,
        held INTEGER NOT NULL,
        kind TEXT NOT NULL,
        not_before INTEGER NOT NULL,
        queued_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        article_id INTEGER,
        topic TEXT,
        method TEXT NOT NULL,
        payload TEXT NOT NULL
    )""",
    # Covers the choice of the next delivery and the count of waiting alerts: neither has
    # to touch the rows, whose payloads are a kilobyte each.
    "CREATE INDEX outbox_queue ON outbox (chat_id, lane, place, held, kind, not_before)",
    "CREATE INDEX outbox_age ON outbox (queued_at)",
    "CREATE INDEX outbox_held ON outbox (chat_id) WHERE held = 1",
    # One row a chat that has or had something queued: see bot.store.sqlite.lanes.
    """CREATE TABLE lanes (
        chat_id INTEGER PRIMARY KEY,
        free_at INTEGER NOT NULL DEFAULT 0,
        hold_until INTEGER NOT NULL DEFAULT 0,
        lease_until INTEGER NOT NULL DEFAULT 0,
        owner TEXT,
        leased INTEGER,
        reply_head INTEGER,
        reply_at INTEGER,
        bulk_head INTEGER,
        bulk_at INTEGER
    )""",
    "CREATE INDEX lanes_replies ON lanes (reply_at) WHERE reply_at IS NOT NULL",
    "CREATE INDEX lanes_ready ON lanes (bulk_head) WHERE bulk_at = 0",
    "CREATE INDEX lanes_later ON lanes (bulk_at) WHERE bulk_at > 0",
    "CREATE INDEX lanes_leased ON lanes (leased) WHERE leased IS NOT NULL",
    # Which chat was ever given which article; at: since when it may go out, NULL while it
    # is held. By article first: a fan-out then appends to one place of the tree.
    """CREATE TABLE told (
        article_id INTEGER NOT NULL,
        chat_id INTEGER NOT NULL,
        at INTEGER,
        PRIMARY KEY (article_id, chat_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX told_chat ON told (chat_id, at)",
    """CREATE TABLE dead (
        id INTEGER PRIMARY KEY,
        chat_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        method TEXT NOT NULL,
        payload TEXT NOT NULL,
        article_id INTEGER,
        topic TEXT,
        queued_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL
    )""",
    "CREATE INDEX dead_chat ON dead (chat_id)",
    # What a step with an update id gave, so that it gives the same again. at is stamped by
    # the first housekeeping that sees the mark: most of these steps are not told the time.
    """CREATE TABLE update_marks (
        update_id INTEGER NOT NULL,
        step TEXT NOT NULL,
        result TEXT NOT NULL,
        at INTEGER,
        PRIMARY KEY (update_id, step)
    ) WITHOUT ROWID""",
    "CREATE INDEX update_marks_age ON update_marks (at)",
    """CREATE TABLE phrases (
        key TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX phrases_age ON phrases (at)",
)

# For which topic an alert was: a busy topic offers the daily digest.
_TOLD_TOPIC = ("ALTER TABLE told ADD COLUMN topic TEXT",)

# What becomes of a message that may have arrived; outbox.sending: it was handed to Telegram, and
# what became of it is not known (noted only for chats that want to know).
_DOUBT = (
    "ALTER TABLE chats ADD COLUMN on_doubt TEXT NOT NULL DEFAULT 'repeat'",
    "ALTER TABLE outbox ADD COLUMN sending INTEGER NOT NULL DEFAULT 0",
    # behind: the lowest chat id that a chat was given while this fan-out was past it: when it
    # has come to its end, it goes on from there once more.
    "ALTER TABLE fan_outs ADD COLUMN behind INTEGER",
    # Pieces of work that a worker has, and the updates that were handled.
    """CREATE TABLE leases (
        name TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        until INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE TABLE updates (id INTEGER PRIMARY KEY, at INTEGER NOT NULL)",
    "CREATE INDEX updates_age ON updates (at)",
    # What is being sent is in memory now (bot.store.sqlite.leases).
    """UPDATE lanes SET reply_at = iif(reply_at IS NULL, NULL, hold_until),
                        bulk_at = iif(bulk_at IS NULL, NULL, max(free_at, hold_until))
        WHERE leased IS NOT NULL""",
    "DROP INDEX lanes_leased",
    "ALTER TABLE lanes DROP COLUMN lease_until",
    "ALTER TABLE lanes DROP COLUMN owner",
    "ALTER TABLE lanes DROP COLUMN leased",
    # The oldest has the lowest id, or was merged (then its place is that of an older one): an
    # index less for each message.
    "DROP INDEX outbox_age",
    "CREATE INDEX outbox_merged ON outbox (queued_at) WHERE place < id",
    # Messages with an hour of their own are few: without any, what is first goes first.
    "CREATE INDEX outbox_timed ON outbox (chat_id) WHERE not_before > 0",
)

# identity: the id of what is stored, which moves with it; filling: records of another store are
# being put in, and not all are there yet.
_FACTS = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "INSERT INTO facts VALUES ('identity', lower(hex(randomblob(16))))",
)

# Articles of several sources tell one story, and change; what was sent of them is edited.
_STORIES = (
    # story: the id of its story's first article; NULL: not placed yet.
    "ALTER TABLE articles ADD COLUMN story INTEGER",
    "CREATE INDEX articles_story ON articles (story) WHERE story <> id",
    # What documents said last of an article, and how often that was something else.
    """CREATE TABLE article_marks (
        article_id INTEGER PRIMARY KEY,
        mark TEXT NOT NULL,
        revisions INTEGER NOT NULL DEFAULT 0
    )""",
    # A chat is told a story once. article_id NULL: the first of the story. message_id: what shows
    # it; kind: what it was sent as, NULL before this version.
    "ALTER TABLE told RENAME COLUMN article_id TO story",
    "ALTER TABLE told ADD COLUMN article_id INTEGER",
    "ALTER TABLE told ADD COLUMN kind TEXT",
    "ALTER TABLE told ADD COLUMN message_id INTEGER",
    "CREATE INDEX told_posts ON told (story, chat_id) WHERE kind = 'post'",
    # story NULL: its article is one of its own. Lane 2 holds edits, which no row of lanes knows
    # of: they wait until nothing else is ready.
    "ALTER TABLE outbox ADD COLUMN story INTEGER",
    "ALTER TABLE outbox ADD COLUMN expires_at INTEGER",
    "CREATE INDEX outbox_edits ON outbox (lane, place, chat_id) WHERE lane = 2",
    "CREATE INDEX outbox_expiring ON outbox (expires_at) WHERE expires_at IS NOT NULL",
    "ALTER TABLE dead ADD COLUMN story INTEGER",
    # Changes on their way to those who were told; ids are below zero, those of fan_outs above.
    # article_id NULL: all messages of the story change. chosen: the chats left (JSON), NULL: all;
    # again: those that the next round is for.
    "INSERT INTO counters VALUES ('edit', 0)",
    """CREATE TABLE edit_jobs (
        id INTEGER PRIMARY KEY,
        story INTEGER NOT NULL,
        article_id INTEGER,
        not_before INTEGER NOT NULL DEFAULT 0,
        cursor TEXT,
        chosen TEXT,
        again TEXT,
        owner TEXT,
        lease_ms INTEGER NOT NULL DEFAULT 0,
        lease_until INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX edit_jobs_story ON edit_jobs (story)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _TOLD_TOPIC, _DOUBT, _FACTS, _STORIES)
VERSION = len(MIGRATIONS)


def version_of(db: sqlite3.Connection) -> int:
    """Give how many migrations the file has seen."""
    row: tuple[int] = db.execute("PRAGMA user_version").fetchone()
    return row[0]


def migrate(db: sqlite3.Connection) -> None:
    """Bring the file to this version's tables; within the caller's transaction.

    Raises ``StoreError`` for a file that a newer version wrote.
    """
    found = version_of(db)
    if found > VERSION:
        raise StoreError(
            f"the store was written by a newer version of xeberci (tables {found}, this version "
            f"knows {VERSION}): install that version, or name another data_dir"
        )
    for statements in MIGRATIONS[found:]:
        for statement in statements:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")
