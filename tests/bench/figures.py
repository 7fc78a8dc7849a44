"""Figures and how they are told: what was measured, what is asked, and the baseline."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

MIB = 1024  # kB, as the kernel tells memory


@dataclass(frozen=True, slots=True)
class Figure:
    """What a run took."""

    count: int
    wall_s: float
    cpu_s: float

    @property
    def rate(self) -> float:
        return self.count / self.wall_s

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.count * 1e6

    def __str__(self) -> str:
        return f"{self.rate:,.0f}/s, {self.cpu_us:,.0f} µs CPU each"


async def timed(count: int, run: Awaitable[object]) -> Figure:
    """Run something that counts for so many."""
    wall, cpu = time.perf_counter(), time.process_time()
    await run
    return Figure(count, time.perf_counter() - wall, time.process_time() - cpu)


def say(what: str, measured: object, asked: str = "", beside: object = "") -> None:
    """Print a line: a figure, what is asked of it, and its baseline."""
    parts = [f"{what:<44} {measured!s:<30}"]
    parts += [f" asked {asked}"] if asked else []
    parts += [f" beside {beside}"] if beside else []
    print(";".join(parts).rstrip(), flush=True)


def quantile(taken: list[float], part: float) -> float:
    """Give a quantile: .5 is the middle."""
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * part))]


def family(pid: int) -> Iterator[int]:
    """Give a process and all that descend from it (Linux)."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        yield from family(int(child))


def pss_mib(pid: int) -> float:
    """Give the memory of a process, what is shared divided among those that share it."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / MIB
