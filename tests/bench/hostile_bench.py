"""What hostile documents cost the worker that reads them: wall, CPU, memory over its idle state.

``HOSTILE=word`` measures only the documents with that word in their names.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.errors import ParseError
from bot.sources.reading import ReadContext
from bot.sources.sandbox import Sandbox
from tests.bench.figures import MIB, say
from tests.faults.hostile_documents import Document, documents

CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))
TICKS = os.sysconf("SC_CLK_TCK")
SMALL = b"<rss><channel><item><title>Salam</title><link>https://misal.az/a</link></item></channel></rss>"
ASKED_S, ASKED_MIB = 2.0, 100.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one document cost, and what came out of it."""

    name: str
    wall_s: float
    cpu_s: float
    grown_mib: float
    outcome: str

    @property
    def over(self) -> bool:
        return self.wall_s > ASKED_S or self.grown_mib > ASKED_MIB

    def __str__(self) -> str:
        figures = f"{self.wall_s:5.2f} s wall, {self.cpu_s:5.2f} s CPU, {self.grown_mib:4.0f} MiB"
        return f"{figures}, {self.outcome}{'  <<<' if self.over else ''}"


def _status(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / MIB
    return 0.0


class _Watch:
    """Looks at a worker every few milliseconds, since a killed one can no longer be asked."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self.peak_mib = self._idle_mib = _status(pid, "VmRSS")
        self.cpu_s = 0.0
        self._cpu_before = self._cpu()
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # peak = now
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    @property
    def grown_mib(self) -> float:
        return self.peak_mib - self._idle_mib

    def _cpu(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        return sum(map(int, fields.split()[11:13])) / TICKS

    def _look(self) -> None:
        over = False
        while not over:
            over = self._over.wait(0.004)
            try:
                self.peak_mib = max(self.peak_mib, _status(self._pid, "VmHWM"))
                self.cpu_s = max(self.cpu_s, self._cpu() - self._cpu_before)
            except OSError:
                return

    def end(self) -> None:
        self._over.set()
        self._thread.join()


async def _cost(sandbox: Sandbox, document: Document) -> Cost:
    data = document.make()
    await sandbox.read(SMALL, url=None, content_type=None, context=CONTEXT)
    watch = _Watch(sandbox.pids[0])
    started = time.monotonic()
    try:
        reading = await sandbox.read(
            data, url=document.url, content_type=document.content_type, context=CONTEXT
        )
        outcome = f"{len(reading.items)} items, {len(reading.problems)} remarks"
        if document.secret and document.secret in repr(reading):
            outcome = "GAVE A SECRET AWAY"
    except ParseError as error:
        outcome = str(error)
    wall_s = time.monotonic() - started
    watch.end()
    return Cost(document.name, wall_s, watch.cpu_s, watch.grown_mib, outcome[:90])


async def _measure() -> None:
    wanted = os.environ.get("HOSTILE", "")
    costs: list[Cost] = []
    for document in documents():
        if wanted not in document.name:
            continue
        async with Sandbox() as sandbox:
            costs.append(await _cost(sandbox, document))
        say(document.name, costs[-1])
    say("the longest", f"{max(cost.wall_s for cost in costs):.2f} s", f"under {ASKED_S:g} s")
    say("the largest", f"{max(cost.grown_mib for cost in costs):.0f} MiB", f"< {ASKED_MIB:g} MiB")
    say("over", sum(cost.over for cost in costs), "0", f"{len(costs)} documents")


def main() -> None:
    """Measure each document in a worker of its own."""
    asyncio.run(_measure())
