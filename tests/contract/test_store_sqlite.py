"""What only the embedded store has: a file, a lock, versions, indexes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.models import Chat, DeliveryKind
from bot.store import open_store
from bot.store.sqlite.schema import MIGRATIONS
from tests.contract.stage import NOW, alert, archive, at, claimed, deliver_all, new, reader, sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.protocol import Store


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store("", tmp_path)
    await store.open()
    yield store
    await store.close()


def test_an_address_of_no_known_store_is_refused_without_its_password() -> None:
    with pytest.raises(StoreError, match="mysql") as refused:
        open_store("mysql://:hunter2@host/0", Path())

    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_an_address_may_name_the_file(tmp_path: Path) -> None:
    store = open_store(f"sqlite:{tmp_path}/deep/own.db", tmp_path)
    await store.open()
    await store.close()

    assert (tmp_path / "deep/own.db").stat().st_mode & 0o777 == 0o600


async def test_a_second_run_on_one_folder_is_refused_in_one_clear_line(tmp_path: Path) -> None:
    first, second = open_store("", tmp_path), open_store("", tmp_path)
    await first.open(exclusive=True)

    with pytest.raises(StoreError) as refused:
        await second.open(exclusive=True)
    assert str(tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)

    await second.open()
    await second.close()
    await first.close()
    await second.open(exclusive=True)
    await second.close()


async def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "xeberci.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(StoreError, match="newer version"):
        await open_store("", tmp_path).open(exclusive=True)

    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    db.close()


async def test_a_file_of_an_older_version_is_brought_up_to_date_with_all_it_has(
    tmp_path: Path,
) -> None:
    with sqlite3.connect(tmp_path / "xeberci.sqlite3") as db:
        for statement in (statement for step in MIGRATIONS[:2] for statement in step):
            db.execute(statement)
        db.execute("PRAGMA user_version = 2")
        db.execute(
            """INSERT INTO chats (id, kind, title, language, zone)
               VALUES (1, 'private', 'Ayan', 'az', 'Asia/Baku')"""
        )
        row = "1, 1, 0, 'alert', 0, 0, 0, NULL, NULL, 'sendMessage', '{\"text\": \"x\"}'"
        for chat in (1, 2):  # to the one it is being sent, the other waits
            db.execute(f"INSERT INTO outbox VALUES ({chat}, {chat}, {row})")  # noqa: S608 - ours
        db.execute("INSERT INTO told VALUES (5, 2, 1, 'ai')")
        db.execute(
            """INSERT INTO lanes (chat_id, lease_until, owner, leased, bulk_head, bulk_at)
               VALUES (1, 99e12, 'dead', 1, 1, 99e12), (2, 0, NULL, NULL, 2, 0)"""
        )
    db.close()
    store = open_store("", tmp_path)
    await store.open(exclusive=True)

    assert await store.chat(1) == Chat(1, title="Ayan")
    assert await store.told(2, [4, 5]) == {5}
    assert await store.enqueue([alert(2, article=5)], NOW) == 0
    [told], _ = await store.sent_to(5, None, 9)
    assert (told.chat_id, told.article_id, told.message_id, told.topic) == (2, 5, None, "ai")
    assert sorted(await deliver_all(store)) == ["x", "x"]
    await store.close()


async def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xeberci.sqlite3").write_text("not a database, but long enough to be read" * 50)

    with pytest.raises(StoreError, match="no SQLite file"):
        await open_store("", tmp_path).open()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="file/data"):
        await open_store("", tmp_path / "file/data").open()


async def test_another_process_that_keeps_the_file_is_waited_for(
    tmp_path: Path, embedded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.sqlite.database._DEADLINE_S", 0.1)
    other = sqlite3.connect(tmp_path / "xeberci.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="busy"):
        await embedded.meet(Chat(1))
    assert await embedded.chat(1) is None
    other.execute("ROLLBACK")

    assert await embedded.meet(Chat(1)) == Chat(1)
    other.close()


async def test_hot_paths_never_scan(tmp_path: Path, embedded: Store) -> None:
    await archive(embedded, new("a"))
    await reader(embedded, 1, "ai")
    statements: list[str] = []
    watched = open_store("", tmp_path)
    await watched.open()
    connection: sqlite3.Connection = watched._db._connection  # type: ignore[attr-defined]
    connection.set_trace_callback(statements.append)

    await watched.known(["a"])
    await watched.enqueue([alert(1, article=5), alert(1)], NOW)
    claims = await claimed(watched)
    await watched.acknowledge([sent(claim) for claim in claims])
    [claim] = await claimed(watched)
    await watched.put_back(claim, at(1), failed=True)
    await watched.next_due(NOW)
    await watched.followers(["ai"], None, 5)
    await watched.due_digests(NOW, 5)
    await watched.subscriptions(1)
    await watched.told(1, [1])
    await watched.posted_since(1, NOW)
    await watched.alerted_since([1, 2], NOW)
    await watched.newest(5)
    await watched.archived_between(NOW, at(1), 5)
    await watched.outbox()
    await watched.queue_edit(1, None, NOW)
    job = await watched.next_fan_out(NOW, "worker", 5)
    job = await watched.next_fan_out(NOW, "worker", 5)
    assert job is not None
    await watched.expand(job.id, [alert(1, kind=DeliveryKind.EDIT, article=1)], None, NOW)
    await watched.sent_to(1, None, 5)
    await watched.members(1)
    await watched.marks([1])
    await watched.revise(1, None, "mark", NOW)
    await watched.place(1, 2, NOW)
    connection.set_trace_callback(None)

    plans = {
        statement: [
            row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        ]
        for statement in statements
        if statement.split()[0] in {"SELECT", "UPDATE", "DELETE", "INSERT"}
    }
    await watched.close()
    assert any("JOIN chats" in statement for statement in plans)
    for statement, plan in plans.items():
        if "count(*) FROM outbox" in statement and "WHERE" not in statement:
            continue  # counting all is asked for once a scrape, from the smallest index
        for line in plan:
            if "json_each" in line or line in {"SCAN CONSTANT ROW", "SCAN l"}:
                continue  # a list that was given; values without a table; the chats to claim
            assert not line.startswith("SCAN") or "USING" in line, (statement, plan)
            assert (
                "TEMP B-TREE" not in line
                or "max(not_before" in statement
                or ("reply_at <=" in statement)
            ), (statement, plan)
