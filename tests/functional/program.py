"""The program in a process of its own, forked from one that has imported it already.

A start costs half a second of imports, and there are dozens of runs: only what tests the start
itself (``started``) pays for it.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE_S = 30
_FORKS = multiprocessing.get_context("forkserver")
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
        "bot.commands.source_find",
        "bot.commands.source_test",
        "bot.commands.sources",
        "handlers",
    ]
)


@dataclass(frozen=True)
class Ran:
    """What a run of the program left."""

    status: int | None
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


async def xeberci(folder: Path, *arguments: str, stdin: str = "", **env: str) -> Ran:
    """Run a command in a folder, with these variables and none of the bot's besides."""
    return _looked_at(await _fork(folder, arguments, stdin, _environment(env)))


async def started(folder: Path, *arguments: str, stdin: str = "", **env: str) -> Ran:
    """Run a command as ``xeberci`` does, from a new interpreter."""
    return _looked_at(await _start(folder, arguments, stdin, _environment(env)))


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("XEBERCI_", "BOT_"))} | more


def _looked_at(ran: Ran) -> Ran:
    assert "Traceback" not in ran.err, ran.err
    return ran


async def _start(folder: Path, arguments: tuple[str, ...], stdin: str, env: dict[str, str]) -> Ran:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", *arguments),
        cwd=folder,
        env=env | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(stdin.encode()), DEADLINE_S)
    return Ran(process.returncode, out.decode(), err.decode())


async def _fork(folder: Path, arguments: tuple[str, ...], stdin: str, env: dict[str, str]) -> Ran:
    pipes = folder.parent / f"{folder.name}-streams"
    pipes.mkdir(exist_ok=True)
    (pipes / "0").write_text(stdin, encoding="utf-8")
    process = _FORKS.Process(target=_child, args=(str(folder), arguments, str(pipes), env))
    process.start()
    await asyncio.to_thread(process.join, DEADLINE_S)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"xeberci {' '.join(arguments)} did not end")
    out, err = ((pipes / name).read_text(encoding="utf-8") for name in "12")
    return Ran(process.exitcode, out, err)


def _child(folder: str, arguments: tuple[str, ...], pipes: str, env: dict[str, str]) -> None:
    from bot.cli import main  # noqa: PLC0415 - the parent must not be the one that imports

    for descriptor, flags in enumerate((0, os.O_TRUNC, os.O_TRUNC)):
        opened = os.open(f"{pipes}/{descriptor}", os.O_RDWR | os.O_CREAT | flags)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - multiprocessing took it away
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    status = main(list(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
