"""Processes that a test may kill, forked from one that has imported the bot already.

A start costs half a second of imports otherwise, and the full count has hundreds of them.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.functional.program import _FORKS

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

_FORKS.set_forkserver_preload(
    [
        "bot.cli",
        "bot.app",
        "bot.config",
        "bot.desk",
        "bot.demo.play",
        "bot.commands.archive",
        "bot.commands.doctor",
        "bot.commands.documents",
        "bot.sources.worker",
        "handlers",
        "redis.asyncio",
        "tests.faults.delivery_worker",
        "tests.faults.intake_worker",
    ]
)
_LOOK_S = 0.003


@dataclass(frozen=True, slots=True)
class Worker:
    """A process of a test."""

    process: ForkServerProcess

    @property
    def runs(self) -> bool:
        return self.process.exitcode is None

    def send(self, sign: signal.Signals) -> None:
        if self.runs and self.process.pid is not None:
            os.kill(self.process.pid, sign)

    async def ended(self, timeout_s: float = 12.0) -> int:
        """Wait for its end; gives the status, below 0 for a signal."""
        async with asyncio.timeout(timeout_s):
            while (status := self.process.exitcode) is None:
                await asyncio.sleep(_LOOK_S)
        return status

    async def end(self, sign: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.send(sign)
        return await self.ended()

    async def kill(self) -> None:
        """Make sure that it is gone."""
        self.process.kill()
        await self.ended()


def fork(work: Callable[..., object], *arguments: object) -> Worker:
    """Run a function in a process of its own, its output thrown away."""
    process = _FORKS.Process(target=_silent, args=(work, arguments), daemon=True)
    process.start()
    return Worker(process)


def fork_bot(folder: Path, environment: Mapping[str, str]) -> Worker:
    """Run ``xeberci run`` with this environment; its log goes to ``folder/log``."""
    return fork(_bot, str(folder), dict(environment))


def _silent(work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    _to("/dev/null")
    work(*arguments)


def _to(path: str) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(opened, 1)
    os.dup2(opened, 2)
    os.close(opened)


def _bot(folder: str, environment: dict[str, str]) -> None:
    from bot.cli import main  # noqa: PLC0415 - the parent must not be the one that imports

    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XEBERCI_", "BOT_"))}
    os.environ.clear()
    os.environ.update(kept | environment)
    os.chdir(folder)
    _to(f"{folder}/log")
    os._exit(main(["run"]))
