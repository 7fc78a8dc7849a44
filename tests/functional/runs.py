"""``xeberci run`` in processes of its own, one or more on one store, beside a stage."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.functional.newsroom import TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot import config


@dataclass(frozen=True)
class Run:
    """A running program and the file that its log goes to."""

    process: asyncio.subprocess.Process
    log: Path

    def lines(self, *words: str) -> list[str]:
        """Give the lines of its log with one of these words."""
        text = self.log.read_text(encoding="utf-8")
        return [line for line in text.splitlines() if any(word in line for word in words)]

    async def said(self, word: str, within_s: float = 20.0) -> None:
        """Wait for a line of its log."""
        async with asyncio.timeout(within_s):
            while not self.lines(word):
                assert self.process.returncode is None, self.log.read_text(encoding="utf-8")
                await asyncio.sleep(0.02)

    async def stop(self) -> int:
        """Ask it to stop; gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 10)

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def program(
    options: config.Settings, name: str = "bot", env: dict[str, str] | None = None, **sections: Any
) -> AsyncIterator[Run]:
    """Run the program until the block ends; ``sections`` are parts of its configuration."""
    values: dict[str, Any] = {
        "telegram": {"api_url": options.telegram.api_url},
        "store": {"url": options.store.url},
        "fetch": {"pace": "fixed", "allow_private": ["127.0.0.1"]},
        "sources": [
            {"name": s.name, "url": s.url, "every": f"{s.every * 1000:.0f}ms"}
            for s in options.sources
        ],
        "channels": [{"chat": c.chat} for c in options.channels],
        "delivery": {"messages_per_second": 0, "chat_interval": 0, "lease": "3s"},
    } | sections
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XEBERCI_", "BOT_"))}
    environment |= {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "BOT_TOKEN": TOKEN,
        "XEBERCI_DATA_DIR": str(options.data_dir),
    }
    environment |= {f"XEBERCI_{part.upper()}": json.dumps(value) for part, value in values.items()}
    log = options.data_dir / f"{name}.log"
    with log.open("ab") as stream:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", "run"), env=environment | (env or {}), stderr=stream
        )
    try:
        yield Run(process, log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
