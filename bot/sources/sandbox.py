"""Reading of hostile documents in processes that can be killed.

read -> a free worker (started when first needed) -> the document there, one frame back. A
worker that takes too long, needs too much memory or dies is replaced; the document is a
ParseError. A worker that died of something else than its limits may have been killed from
outside: another one reads the document again, once.

Plain subprocesses instead of a pool of multiprocessing: those import the main module again,
which is the whole bot (72 MiB a worker), and hold three threads each in the parent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import sys
from typing import TYPE_CHECKING, Self, TypeAlias

from bot.errors import ParseError
from bot.sources.profiles import FOLDER_VARIABLE
from bot.sources.worker import HEADER, REQUEST

if TYPE_CHECKING:
    from types import TracebackType

    from bot.sources.reading import ReadContext, Reading

Answer: TypeAlias = "tuple[str, Reading | str, bool]"  # kind, value, whether the worker ends

_ENVIRONMENT = (
    *("PATH", "LANG", "LC_ALL", "TZ", "PYTHONHOME", "LD_LIBRARY_PATH"),
    FOLDER_VARIABLE,
)
_PROGRAM = "from bot.sources.worker import main; main()"
_START_S = 15.0  # importing the parsers on a busy machine; not counted as reading
_MAX_ANSWER = 32 << 20
_PIECE = 1 << 18  # what the transport copies of a document at a time
_OUT_OF_TIME = -signal.SIGPROF


class Sandbox:
    """Reads documents in ``workers`` processes, each limited in time and memory.

    ``timeout_s`` is wall time for one document, of which ``cpu_s`` may be computing;
    ``memory_mb`` is what one document may take. With ``inline`` everything is read in this
    process, without limits: for tests and trusted input.
    """

    def __init__(
        self,
        workers: int = 1,
        *,
        timeout_s: float = 6.0,
        cpu_s: float = 1.5,
        memory_mb: int = 72,
        inline: bool = False,
    ) -> None:
        self._timeout_s = timeout_s
        self._cpu_s = cpu_s
        self._memory_mb = memory_mb
        self._inline = inline
        self._idle: list[asyncio.subprocess.Process] = []
        self._alive: set[asyncio.subprocess.Process] = set()
        self._slots = asyncio.Semaphore(workers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that are alive, for figures of memory."""
        return tuple(process.pid for process in self._alive if process.returncode is None)

    async def read(
        self, data: bytes, *, url: str | None, content_type: str | None, context: ReadContext
    ) -> Reading:
        """Give the reading of a document; ParseError, with one line, for whatever goes wrong."""
        if self._inline:
            from bot.sources import document  # noqa: PLC0415 - the parsers stay out otherwise

            return document.read(data, url=url, content_type=content_type, context=context)
        question = pickle.dumps((url, content_type, context), protocol=pickle.HIGHEST_PROTOCOL)
        async with self._slots:
            answer = await self._ask(question, data) or await self._ask(question, data)
        if answer is None:
            raise ParseError("reading it ended the process that read it, twice")
        kind, value, _ = answer
        if kind != "ok" or isinstance(value, str):
            raise ParseError(str(value))
        return value

    async def _ask(self, question: bytes, data: bytes) -> Answer | None:
        """Give a worker's answer, or ``None`` where it died and nobody knows of what."""
        process = await self._free()
        answered = False
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await _exchange(process, question, data)
            answered = not answer[2]
        except TimeoutError:
            raise ParseError(
                f"reading took more than {self._timeout_s:g} s and was stopped"
            ) from None
        except _TooLargeError:
            raise ParseError("the document holds more than can be taken") from None
        except (OSError, EOFError, asyncio.IncompleteReadError):
            await self._kill(process)
            if process.returncode == _OUT_OF_TIME:
                raise ParseError("reading took too much time and was stopped") from None
            return None
        finally:
            # Also when the caller was cancelled: an answer that nobody waits for would be
            # taken for the next document's.
            if answered:
                self._idle.append(process)
            else:
                await self._kill(process)
        return answer

    async def _free(self) -> asyncio.subprocess.Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
            self._alive.discard(process)
        process = await self._start()
        self._alive.add(process)
        try:
            async with asyncio.timeout(_START_S):
                await _answered(process)
        except (TimeoutError, OSError, EOFError, asyncio.IncompleteReadError):
            await self._kill(process)
            raise ParseError("no process to read documents in could be started") from None
        except BaseException:
            await self._kill(process)
            raise
        return process

    async def _start(self) -> asyncio.subprocess.Process:
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _PROGRAM,
                str(self._memory_mb),
                str(self._cpu_s),
                str(os.getpid()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=kept | {"PYTHONPATH": path, "MALLOC_ARENA_MAX": "1"},
            )
        except OSError as error:
            raise ParseError(f"no process to read documents in could be started: {error}") from None

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            # Not process.kill(): that reaps a child which has just died, and asyncio's own
            # watcher then warns of an unknown one.
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        await asyncio.shield(process.wait())
        self._alive.discard(process)

    async def close(self) -> None:
        """End all workers."""
        for process in list(self._alive):
            await self._kill(process)
        self._idle.clear()


class _TooLargeError(Exception):
    """An answer that is larger than any document's reading should be."""


async def _exchange(process: asyncio.subprocess.Process, question: bytes, data: bytes) -> Answer:
    """Send a document and give what comes back.

    In pieces: written as a whole, a copy of what the pipe does not take at once would wait.
    """
    writer = process.stdin
    if writer is None:
        raise EOFError
    writer.write(REQUEST.pack(len(question), len(data)) + question)
    view = memoryview(data)
    for start in range(0, len(data), _PIECE):
        writer.write(view[start : start + _PIECE])
        await writer.drain()
    return await _answered(process)


async def _answered(process: asyncio.subprocess.Process) -> Answer:
    reader = process.stdout
    if reader is None:
        raise EOFError
    (size,) = HEADER.unpack(await reader.readexactly(HEADER.size))
    if size > _MAX_ANSWER:
        raise _TooLargeError
    answer: Answer = pickle.loads(await reader.readexactly(size))  # noqa: S301 - our own worker
    return answer
