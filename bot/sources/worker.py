"""A worker process: documents in at stdin, readings out at stdout, one at a time.

Started by ``bot.sources.sandbox`` as a program of its own, so that it imports the parsers and
nothing else of the bot. It ends with its parent (end of input, and a signal on Linux), at too
much CPU time (SIGPROF) and at too much memory (MemoryError, told and then ended).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import resource
import signal
import struct
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bot.sources.budget import Budget

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sources.reading import Reading

    Read = Callable[..., Reading]

HEADER = struct.Struct(">Q")
REQUEST = struct.Struct(">QQ")  # of what is asked about a document, and of the document itself
_ITEMS_SHARE = 0.7  # of the computing time: items that follow are left out
_TOO_MUCH = ("fatal", "the document needs too much memory")
_MIB = 1 << 20
_PR_SET_PDEATHSIG = 1
_PAGE = resource.getpagesize()
_RETIRE_MIB = 48  # grown by so much, a worker is replaced: malloc keeps what it once had


def write_frame(stream: BinaryIO, value: object) -> None:
    """Write one value with its length before it."""
    try:
        data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        data = pickle.dumps((*_TOO_MUCH, True), protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(HEADER.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_request(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Read what is asked about a document and the document, or ``None`` at the end of input."""
    header = stream.read(REQUEST.size)
    if len(header) < REQUEST.size:
        return None
    sizes = REQUEST.unpack(header)
    question, data = (stream.read(size) for size in sizes)
    return (question, data) if len(question) + len(data) == sum(sizes) else None


def _die_with_parent(parent: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(0)


def _pages(index: int) -> int:
    """Give a size from /proc in pages: 0 is virtual, 1 resident; 0 where there is no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[index])
    except OSError:
        return 0


def _limit_memory(memory_mb: int) -> None:
    """Limit what this process may map beyond what it has mapped with its parsers loaded."""
    mapped = _pages(0) * _PAGE
    if mapped:
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory_mb * _MIB, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(
    read: Read, question: bytes, data: bytes, *, cpu_s: float, error: type[Exception]
) -> tuple[str, Reading | str]:
    try:
        url, content_type, context = pickle.loads(question)  # noqa: S301 - from our parent
        limited = replace(context, budget=Budget(cpu_s * _ITEMS_SHARE))
        reading = read(data, url=url, content_type=content_type, context=limited)
    except error as problem:
        return "error", str(problem)
    except (MemoryError, RecursionError):
        return _TOO_MUCH
    except Exception as problem:  # noqa: BLE001 - whatever a parser raises, one line goes out
        return "error", f"the document cannot be read ({type(problem).__name__})"
    return "ok", reading


def main() -> None:
    """Serve until the input ends."""
    memory_mb, cpu_s, parent = sys.argv[1:4]
    _die_with_parent(int(parent))
    for ended_by_parent in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group
        signal.signal(ended_by_parent, signal.SIG_IGN)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a parser that prints must not end up in an answer

    from bot.errors import ParseError  # noqa: PLC0415 - after the parent was checked
    from bot.sources import document  # noqa: PLC0415 - the parsers

    _limit_memory(int(memory_mb))
    resident = _pages(1)
    write_frame(sink, ("ready", "", False))
    while (request := read_request(source)) is not None:
        signal.setitimer(signal.ITIMER_PROF, float(cpu_s))  # SIGPROF ends the process
        answer = _answer(document.read, *request, cpu_s=float(cpu_s), error=ParseError)
        signal.setitimer(signal.ITIMER_PROF, 0)
        del request
        grown_mb = (_pages(1) - resident) * _PAGE / _MIB
        retire = answer[0] == "fatal" or grown_mb > _RETIRE_MIB
        write_frame(sink, (*answer, retire))
        if retire:
            return


if __name__ == "__main__":
    main()
