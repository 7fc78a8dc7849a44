"""Real processes, really killed: what was acknowledged is there, and nothing half."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.models import Article, Chat, NewArticle
from bot.store import FILE_NAME, open_store
from tests.contract.stage import NOW, SOURCE, alert, at
from tests.faults.places import SOAK
from tests.faults.store_writer import AFTERWARDS, TEXT

if TYPE_CHECKING:
    from bot.store.protocol import Store
    from tests.faults.conftest import Note

ROOT = Path(__file__).parents[2]
KILLS = 30 if SOAK else 4
Said = dict[str, set[int]]


def python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def writer(folder: Path, run: int, *more: str) -> subprocess.Popen[str]:
    return python("-m", "tests.faults.store_writer", str(folder), str(run), *more)


def heard(output: IO[str], lines: int = sys.maxsize) -> list[str]:
    said = []
    for line in output:
        said.append(line.rstrip("\n"))
        if len(said) >= lines:
            break
    return said


def keep(said: Said, lines: list[str]) -> None:
    for line in lines:
        word, _, number = line.partition(" ")
        if number.isdigit():
            said[word].add(int(number))


async def look(store: Store, folder: Path, said: Said, lives: int) -> None:
    """Look whether all that was told is there, and whole."""
    with sqlite3.connect(folder / FILE_NAME) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        keys = dict(db.execute("SELECT key, article_id FROM article_keys"))
        fan_outs = {number for (number,) in db.execute("SELECT article_id FROM fan_outs")}
        queued = defaultdict(set)
        for chat_id, number in db.execute("SELECT chat_id, id FROM outbox"):
            queued[chat_id].add(number)
    db.close()
    # An article comes with both of its names, its fan-out and its source, or not at all.
    assert await store.count() == len(fan_outs) == len(keys) / 2
    for number in said["article"]:
        assert keys[f"link {number}"] == keys[f"guid {number}"]
    for number in said["follow"]:
        assert len(await store.subscriptions(number)) == 1
    # Three messages were queued in one step and one of them sent in another: in the
    # killed life's last chat both may be done and unsaid.
    unsent = set().union(*queued.values())
    assert not unsent & said["sent"]
    for number in said["queue"]:
        assert len(queued[number]) in (2, 3)
    assert all(len(ids) in (2, 3) for ids in queued.values())
    # Each killed life may have taken one message out of the queue and died before it said so.
    assert len(unsent) + len(said["sent"]) >= 3 * len(said["queue"]) - lives


async def test_a_killed_process_loses_nothing_that_was_acknowledged(
    tmp_path: Path, note: Note
) -> None:
    chance = random.Random(7)
    said: Said = defaultdict(set)
    for run in range(KILLS):
        process = writer(tmp_path, run)
        assert process.stdout is not None
        lines = heard(process.stdout, chance.randint(2, 120))
        process.send_signal(signal.SIGKILL)
        lines += heard(process.stdout)
        process.communicate()
        keep(said, lines)

        # The lock of the dead is free at once.
        store = open_store("", tmp_path)
        await store.open(exclusive=True)
        await look(store, tmp_path, said, run + 1)
        await store.close()
    note(rounds=KILLS, messages=sum(map(len, said.values())))
    assert len(said["article"]) > KILLS
    assert said["sent"]


async def test_a_full_disk_leaves_nothing_half_and_is_got_over(tmp_path: Path) -> None:
    process = writer(tmp_path, 0, str(1_000_000))
    output, _ = process.communicate()
    lines = output.splitlines()

    [full] = [line for line in lines if line.startswith("full")]
    assert str(tmp_path / FILE_NAME) in full
    assert "disk" in full
    assert lines[-1] == "closed"
    assert sum(line.startswith("queue") for line in lines[lines.index(full) :]) == AFTERWARDS
    said: Said = defaultdict(set)
    keep(said, lines)
    store = open_store("", tmp_path)
    await store.open(exclusive=True)
    with_half = said["article"] - said["queue"]
    assert len(with_half) <= 1
    await look(store, tmp_path, said, 0)
    await store.close()


async def test_a_file_that_cannot_grow_refuses_whole_steps_and_resumes(tmp_path: Path) -> None:
    store = open_store("", tmp_path)
    await store.open()
    connection: sqlite3.Connection = store._db._connection  # type: ignore[attr-defined]
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    batch = [
        NewArticle(Article(url=f"u{number}", title="t", text=TEXT), (f"k{number}",), deliver=True)
        for number in range(100)
    ]

    with pytest.raises(StoreError, match="make room"):
        await store.commit(batch, SOURCE, NOW)

    assert await store.count() == 0
    assert await store.known(["k0"]) == {}
    assert await store.sources() == {}
    assert await store.next_fan_out(NOW, "w", 15) is None
    await store.enqueue([alert(1, "a reply still fits")], NOW)
    connection.execute("PRAGMA max_page_count = 1000000")
    assert len(await store.commit(batch, SOURCE, at(1))) == 100
    await store.close()


async def test_a_forked_worker_does_not_keep_the_lock_of_its_dead_parent(
    tmp_path: Path,
) -> None:
    program = f"""
import asyncio, os, pathlib, signal, sys
from bot.store import open_store
store = open_store("", pathlib.Path({str(tmp_path)!r}))
asyncio.run(store.open(exclusive=True))
began, begin = os.pipe()
if os.fork() == 0:
    os.write(begin, b"x")
    sys.stdin.read()
    os._exit(0)
os.read(began, 1)
print("forked", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    process = python("-c", program)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "forked\n"
    assert process.wait() == -signal.SIGKILL

    store = open_store("", tmp_path)
    await store.open(exclusive=True)
    assert await store.meet(Chat(1)) == Chat(1)
    await store.close()

    process.stdin.close()
    process.stdout.close()
