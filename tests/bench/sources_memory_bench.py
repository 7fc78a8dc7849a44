"""Memory over thousands of polls: how much it grows once everything was warmed up.

5,000 polls, with ``SOAK=1`` 100,000; one in ten brings a feed with a new item. The baseline is
what the run had after the first fifth.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from pathlib import Path

import structlog

from tests.bench.figures import pss_mib, say
from tests.bench.loopback import served
from tests.bench.polling import feeds, polls

POLLS = 100_000 if os.environ.get("SOAK") else 5_000
WARM_UP = POLLS // 5
STEPS = 8


async def _memory(port: int, folder: Path) -> list[tuple[float, float]]:
    """Give the memory of this process and of its workers, after the warm-up and each step."""
    found = []
    async with polls(port, folder) as running:
        await running.run(WARM_UP)
        found.append((pss_mib(os.getpid()), sum(map(pss_mib, running.workers))))
        for _ in range(STEPS):
            await running.run((POLLS - WARM_UP) // STEPS)
            found.append((pss_mib(os.getpid()), sum(map(pss_mib, running.workers))))
    return found


def main() -> None:
    """Print the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with served(feeds) as server, tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(_memory(int(server.url), Path(folder)))
    for place, name in enumerate(("the bot", "its worker")):
        before, after = found[0][place], found[-1][place]
        highest = max(sample[place] for sample in found)
        growth = f"{after:.1f} MiB, {(after / before - 1) * 100:+.1f} %, at most {highest:.1f}"
        say(f"{name} after {POLLS:,} polls", growth, "growth < 5 %", f"{before:.1f} after a fifth")
    before, after = sum(found[0]), sum(found[-1])
    say("both", f"{(after / before - 1) * 100:+.1f} %", "growth < 5 %")
