"""Documents are read in processes that can be killed, and that end when nobody needs them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ParseError
from bot.sources.reading import Kind, ReadContext
from bot.sources.sandbox import Sandbox

CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))
FEED = """<rss version="2.0"><channel><title>Misal</title><item>
<title>Yeni telefon təqdim edildi</title><link>https://misal.az/telefon</link>
</item></channel></rss>""".encode()
SLOW = b"<html><body>" + b"<p>Salam, dunya. <b>x</b></p>" * 60_000  # ten seconds and more
URL = "https://misal.az/feed"


async def read(sandbox: Sandbox, data: bytes) -> tuple[Kind, list[str]]:
    reading = await sandbox.read(data, url=URL, content_type=None, context=CONTEXT)
    return reading.kind, [article.title for article in reading.articles]


async def test_a_feed_is_read_in_a_worker() -> None:
    async with Sandbox() as sandbox:
        assert sandbox.pids == ()
        assert await read(sandbox, FEED) == (Kind.FEED, ["Yeni telefon təqdim edildi"])
        assert len(sandbox.pids) == 1


async def test_a_worker_serves_many_documents() -> None:
    async with Sandbox() as sandbox:
        await read(sandbox, FEED)
        pids = sandbox.pids
        await asyncio.gather(*(read(sandbox, FEED) for _ in range(5)))
        assert sandbox.pids == pids


async def test_inline_reading_starts_no_process() -> None:
    async with Sandbox(inline=True) as sandbox:
        assert (await read(sandbox, FEED))[0] is Kind.FEED
        assert sandbox.pids == ()


async def test_what_cannot_be_read_is_told_in_one_line() -> None:
    async with Sandbox() as sandbox:
        with pytest.raises(ParseError) as caught:
            await read(sandbox, b"\x89PNG\r\n\x1a\n")
        assert str(caught.value).count("\n") == 0


async def test_a_document_that_takes_too_long_is_stopped_and_the_next_one_read() -> None:
    async with Sandbox(timeout_s=0.5, cpu_s=60) as sandbox:
        await read(sandbox, FEED)
        first = sandbox.pids
        with pytest.raises(ParseError, match="took more than"):
            await read(sandbox, SLOW)
        assert (await read(sandbox, FEED))[0] is Kind.FEED
        assert sandbox.pids != first


async def test_a_document_that_computes_too_long_is_stopped() -> None:
    async with Sandbox(cpu_s=0.3) as sandbox:
        with pytest.raises(ParseError, match="too much time"):
            await read(sandbox, SLOW)
        assert (await read(sandbox, FEED))[0] is Kind.FEED


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is measured by /proc")
async def test_a_document_that_needs_too_much_memory_is_stopped() -> None:
    async with Sandbox(memory_mb=24, cpu_s=60, timeout_s=30) as sandbox:
        with pytest.raises(ParseError, match="memory"):
            await read(sandbox, b"<html><body>" + b"<p>a</p>" * 120_000)
        assert (await read(sandbox, FEED))[0] is Kind.FEED


async def test_a_worker_that_was_killed_is_replaced() -> None:
    async with Sandbox() as sandbox:
        await read(sandbox, FEED)
        os.kill(sandbox.pids[0], signal.SIGKILL)
        assert (await read(sandbox, FEED))[0] is Kind.FEED


async def test_a_document_whose_worker_is_killed_once_is_read_by_the_next_one() -> None:
    async with Sandbox(cpu_s=60, timeout_s=30) as sandbox:
        await read(sandbox, FEED)
        first = sandbox.pids[0]
        os.kill(first, signal.SIGSTOP)
        task = asyncio.create_task(read(sandbox, FEED))
        await asyncio.sleep(0.05)
        os.kill(first, signal.SIGKILL)
        assert (await task)[0] is Kind.FEED
        assert first not in sandbox.pids


async def test_a_document_that_ends_its_worker_twice_is_at_fault() -> None:
    async with Sandbox(cpu_s=60, timeout_s=30) as sandbox:
        task = asyncio.create_task(read(sandbox, SLOW))
        killed: set[int] = set()
        while not task.done():
            for pid in set(sandbox.pids) - killed:
                if is_reading(pid):
                    os.kill(pid, signal.SIGKILL)
                    killed.add(pid)
            await asyncio.sleep(0.01)
        with pytest.raises(ParseError, match="twice"):
            await task
        assert len(killed) == 2
        assert (await read(sandbox, FEED))[0] is Kind.FEED


def is_reading(pid: int) -> bool:
    """Tell whether a worker is past its start: the last thing there is to limit itself."""
    lines = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    return next(line for line in lines if line.startswith("Max address")).split()[3] != "unlimited"


async def test_a_cancelled_reading_leaves_no_answer_for_the_next_one() -> None:
    async with Sandbox(cpu_s=60, timeout_s=30) as sandbox:
        await read(sandbox, FEED)
        task = asyncio.create_task(read(sandbox, SLOW))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await read(sandbox, FEED) == (Kind.FEED, ["Yeni telefon təqdim edildi"])


async def test_closing_ends_the_workers() -> None:
    sandbox = Sandbox(workers=2)
    await asyncio.gather(read(sandbox, FEED), read(sandbox, FEED))
    pids = sandbox.pids
    await sandbox.close()
    assert pids
    assert not any(is_alive(pid) for pid in pids)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_worker_ends_with_a_parent_that_is_killed() -> None:
    program = """
import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from bot.sources.reading import ReadContext
from bot.sources.sandbox import Sandbox

async def main():
    context = ReadContext(now=datetime.now(UTC), zone=ZoneInfo("UTC"))
    sandbox = Sandbox()
    await sandbox.read(b"<rss></rss>", url=None, content_type=None, context=context)
    print(sandbox.pids[0], flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    parent = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(pid)


def test_the_process_of_the_bot_never_imports_the_parsers() -> None:
    program = """
import sys
import bot.sources.fetcher, bot.sources.sandbox, bot.sources.robots, bot.sources.pace, bot.jsonl
print(sorted({"feedparser", "lxml", "trafilatura"} & set(sys.modules)))
"""
    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert shown.stdout.strip() == "[]"


def environment_of(pid: int) -> bytes:
    path = Path(f"/proc/{pid}/environ")
    return path.read_bytes() if path.exists() else b""


async def test_a_worker_gets_no_secrets() -> None:
    os.environ["BOT_TOKEN"] = "1:secret"
    try:
        async with Sandbox() as sandbox:
            await read(sandbox, FEED)
            assert b"secret" not in environment_of(sandbox.pids[0])
    finally:
        del os.environ["BOT_TOKEN"]


HOSTILE = {
    "attributes": b"<rss><channel><item " + b" ".join(b'a%d=""' % n for n in range(200_000)) + b">",
    "nesting": b"<rss><channel>" + b"<item>" * 200_000,
    "nested html": b"<html><body>" + b"<div>" * 200_000 + b"x",
    "empty items": b"<rss><channel>" + b"<item/>" * 400_000 + b"</channel></rss>",
    "links": b"<html><body>" + b'<a href="/a">Bir iki basliq</a>' * 60_000,
    "a long page": b"<html><body>" + b"<p>Salam, dunya. </p>" * 350_000,
    "entities": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (n, *[n - 1] * 4) for n in range(98, 118))
    + b"]><rss><channel><item><title>&u;</title><link>https://misal.az/a</link></item></channel></rss>",
    "zeros": bytes(1_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_input_costs_little_and_the_next_document_is_read(name: str) -> None:
    async with Sandbox(cpu_s=0.3) as sandbox:
        try:
            await sandbox.read(
                HOSTILE[name], url="https://misal.az/", content_type=None, context=CONTEXT
            )
        except ParseError as error:
            assert "\n" not in str(error)  # noqa: PT017
        assert (await read(sandbox, FEED))[0] is Kind.FEED
