"""Real redis-servers for tests: on a Unix socket or a free port, in a folder of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from bot.store.redis.connection import RedisConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from redis.asyncio import Redis

    from bot.store.redis.connection import Reply

_START_S = 10.0


def program_path(name: str) -> str:
    """Give the path of a program; without it the test is skipped, but never in CI."""
    found = shutil.which(name)
    if found is None:
        reason = f"there is no {name} here: install the package of that name"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    """Give a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    """A redis-server that can be killed and started again on the same folder.

    ``config`` gives further settings, as on its command line: ``appendonly="yes"``,
    ``maxmemory="64mb"`` (``_`` stands for ``-``). With ``tcp`` it listens on a port of the
    loopback, else on a Unix socket only; with ``tls_cert_file`` it has a ``tls_port`` as well.
    By default it keeps a log (AOF) and never waits for the disk: a kill -9 loses nothing that
    way, only a power loss does.
    """

    def __init__(self, *, tcp: bool = False, kind: str = "redis-server", **config: str) -> None:
        self._program = program_path(kind)
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.socket = self.folder / "redis.sock"
        self.port = free_port() if tcp else 0
        self.tls_port = free_port() if "tls_cert_file" in config else 0
        self.config = {"appendonly": "yes", "appendfsync": "no", "save": ""} | {
            name.replace("_", "-"): value for name, value in config.items()
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The store.url of this server."""
        return f"redis://127.0.0.1:{self.port}/0" if self.port else f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self) -> RedisServer:
        """Start, or start again on what is on the disk; returns when it answers."""
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "unixsocket": str(self.socket),
            "dir": str(self.folder),
            "logfile": str(self.folder / "log"),
            "tls-port": str(self.tls_port),
        } | self.config
        # A file, not arguments: Sentinel wants one, and writes into it.
        file = self.folder / "redis.conf"
        file.write_text(
            "".join(f"{name} {value or chr(34) * 2}\n" for name, value in settings.items())
        )
        self._process = subprocess.Popen([self._program, str(file)])  # noqa: S603 - ours
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = (self.folder / "log").read_text() if (self.folder / "log").exists() else ""
                raise AssertionError(f"redis-server did not start: {log[-1000:]}")
            time.sleep(0.01)
        return self

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End the server, by default as hard as can be, and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            process.wait()

    def restart(self) -> None:
        """Kill it hard and start it on what it wrote."""
        self.kill()
        self.start()

    def ask(self, *words: str) -> bytes:
        """Give the raw answer to a command, without any client library."""
        with self._connected() as link:
            parts = [word.encode() for word in words]
            link.sendall(
                b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)
            )
            return link.recv(65536)

    def remove(self) -> None:
        """End the server and delete its folder; may be called twice."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def _connected(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(5)
        link.connect(str(self.socket))
        return link

    def _answers(self) -> bool:
        try:
            answer = self.ask("PING")
        except OSError:
            return False
        return answer.startswith((b"+PONG", b"-NOAUTH"))


class RepeatingConnection(RedisConnection):
    """A way to Redis on which the first reply to each call is lost, and the call made again."""

    async def _retried(
        self, call: Callable[[Redis], Awaitable[Reply]], patience_s: float | None = None
    ) -> Reply:
        await super()._retried(call, patience_s)
        return await super()._retried(call, patience_s)


@cache
def shared_server() -> RedisServer:
    """Give the server of this test process: started once, ended with it."""
    server = RedisServer()
    atexit.register(server.remove)
    return server.start()
