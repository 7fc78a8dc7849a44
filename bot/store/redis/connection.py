"""A Redis: its connections, its scripts, its errors in words.

A call that fails on the way (connection refused or cut, no answer in time, server still
loading or just demoted) is made again with the same arguments until ``patience_s`` is over.
A call whose reply was lost may therefore run twice: each script must bear that.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import redis.exceptions as failures
import structlog
from redis.asyncio import Connection as TcpConnection
from redis.asyncio import (
    ConnectionPool,
    Redis,
    Sentinel,
    SentinelConnectionPool,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bot.errors import StoreAwayError, StoreError
from bot.store.redis.scripts import script
from bot.store.redis.troubles import advice, is_passing, told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from redis.asyncio.connection import AbstractConnection

    from bot.store.addresses import RedisAddress

Value: TypeAlias = str | int | float | bytes
Reply: TypeAlias = Any  # what a server answers: texts, numbers, None, lists of these

log = structlog.get_logger("xeberci.store")

_CONNECTIONS = 16
_ANSWER_S = 3.0  # no script takes more than 10 ms; a server that forks can stand for a second
_CONNECT_S = 2.0
_CHECK_S = 30
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5
PATIENCE_S = 5.0
_PATIENCE_AT_OPENING_S = 1.0
_OLDEST = (7, 0)  # flags of scripts
_STARTED = "xeberci:server"  # the start of the server whose log was written anew last
_FILES = {"ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile"}


class RedisConnection:
    """The way to one Redis: opened, called, closed."""

    def __init__(self, address: RedisAddress, *, patience_s: float = PATIENCE_S) -> None:
        self.address = address
        self._patience_s = patience_s
        self._client: Redis | None = None
        self._sentinels: list[Redis] = []
        self._is_new = False
        # Bounds the connections for Sentinel's pool as well, which refuses instead of waiting.
        self._places = asyncio.Semaphore(_CONNECTIONS)

    async def open(self) -> None:
        """Connect; raises ``StoreError`` where there is no usable Redis."""
        if self._client is None:
            self._client = self._connect()
        try:
            await self._retried(_ping, min(self._patience_s, self._opening_s))
            await self._look_at_server()
            await self._write_log_anew()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of all connections; may be called twice."""
        client, self._client = self._client, None
        sentinels, self._sentinels = self._sentinels, []
        for each in [client, *sentinels]:
            if each is not None:
                await each.aclose(close_connection_pool=True)

    async def command(self, *words: Value) -> Reply:
        """Give what one command answers; it must be one that may run twice."""
        return await self._retried(lambda client: _execute(client, *words))

    async def commands(self, lines: Sequence[Sequence[Value]]) -> list[Reply]:
        """Give what several commands answer, in one round trip; they are not one step."""

        async def run(client: Redis) -> list[Reply]:
            async with client.pipeline(transaction=False) as pipeline:
                for words in lines:
                    pipeline.execute_command(*words)
                return list(await pipeline.execute())

        return await self._retried(run) if lines else []

    async def run(self, name: str, *values: Value) -> Reply:
        """Give what the script ``lua/NAME.lua`` returns for these values (its ``ARGV``)."""
        step = script(name)

        async def run(client: Redis) -> Reply:
            try:
                return await _execute(client, "EVALSHA", step.sha, 0, *values)
            except failures.NoScriptError:
                # A server that was restarted, or took over, has not seen it yet.
                return await _execute(client, "EVAL", step.text, 0, *values)

        return await self._retried(run)

    @property
    def _opening_s(self) -> float:
        # Without Sentinel there is nothing to wait for but a server that is being started.
        return self._patience_s if self.address.service else _PATIENCE_AT_OPENING_S

    async def _retried(
        self, call: Callable[[Redis], Awaitable[Reply]], patience_s: float | None = None
    ) -> Reply:
        deadline = time.monotonic() + (self._patience_s if patience_s is None else patience_s)
        pause_s = _FIRST_PAUSE_S
        task = asyncio.current_task()
        cancelled = task.cancelling() if task else 0
        while True:
            client = self._client
            if client is None:
                raise StoreError(f"the store {self.address} is closed")
            try:
                await self._take_place(deadline)
                try:
                    reply = await call(client)
                finally:
                    self._places.release()
            except (failures.RedisError, OSError) as raised:
                _heed(task, cancelled)
                error = told(raised)
                if not is_passing(error) or time.monotonic() + pause_s > deadline:
                    # The library's words may hold the password: of a failed Sentinel it shows
                    # all that it was made with.
                    shown = None if self._secret_in(error) else error
                    raise self._explained(error) from shown
                if isinstance(error, failures.ReadOnlyError):
                    # A demoted master: what its name or the Sentinels say now is asked anew.
                    await client.connection_pool.disconnect(inuse_connections=False)
            else:
                _heed(task, cancelled)
                if self._is_new:
                    async with self._places:
                        await self._write_log_anew()
                return reply
            await asyncio.sleep(pause_s * random.uniform(0.5, 1))  # noqa: S311 - spreads workers
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _take_place(self, deadline: float) -> None:
        """Wait for one of the connections, but not behind all whom a dead server keeps waiting."""
        if not self._places.locked():
            await self._places.acquire()  # at once
            return
        async with asyncio.timeout(max(0, deadline - time.monotonic())):
            await self._places.acquire()

    def _connect(self) -> Redis:
        address = self.address
        # Repeating is done here, with one deadline for the whole call: the library repeats
        # ten times by default, each with its own time-outs.
        common: dict[str, Any] = {
            "decode_responses": True,
            "protocol": 2,  # the same in all versions of the library
            "socket_timeout": _ANSWER_S,
            "socket_connect_timeout": _CONNECT_S,
            "health_check_interval": _CHECK_S,
            "retry": Retry(NoBackoff(), 0),
        }
        entry: dict[str, Any] = {
            **common,
            "db": address.db,
            "username": address.username,
            "password": address.password,
            # A server that was started anew is met without an error: a connection of before is
            # found closed and is made again.
            "redis_connect_func": self._connected,
        }
        if address.socket:
            entry["path"] = address.socket
            return _client(ConnectionPool(UnixDomainSocketConnection, **entry))
        more: dict[str, Any] = {"socket_keepalive": True, **_tls(address)}
        entry |= more
        if not address.service:
            entry["host"], entry["port"] = address.hosts[0]
            kind = SSLConnection if address.tls else TcpConnection
            return _client(ConnectionPool(kind, **entry))
        options = dict(address.options)
        watchers: dict[str, Any] = {
            **common,
            **more,
            "ssl": address.tls,
            "username": options.get("sentinel_username"),
            "password": options.get("sentinel_password"),
        }
        make_sentinel: Callable[..., Sentinel] = Sentinel
        sentinel = make_sentinel(address.hosts, sentinel_kwargs=watchers)
        self._sentinels = list(sentinel.sentinels)
        make_pool: Callable[..., ConnectionPool] = SentinelConnectionPool
        return _client(make_pool(address.service, sentinel, ssl=address.tls, **entry))

    async def _connected(self, connection: AbstractConnection) -> None:
        await connection.on_connect()
        self._is_new = True

    async def _look_at_server(self) -> None:
        """Refuse a server that cannot do the work; warn of one that may forget it."""
        server, memory, persistence = await self.commands(
            [("INFO", "server"), ("INFO", "memory"), ("INFO", "persistence")]
        )
        version = str(server.get("redis_version", ""))
        mode = server.get("redis_mode")
        if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < _OLDEST:
            raise StoreError(
                f"the store {self.address} is Redis {version}: it must be 7.0 or newer"
            )
        if mode == "sentinel":
            raise StoreError(
                f"the store {self.address} is a Sentinel: write redis+sentinel://host:port/service"
            )
        if mode == "cluster":
            raise StoreError(
                f"the store {self.address} is part of a Redis Cluster: name a server of its own"
            )
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            log.warning(
                f"the store {self.address} may throw messages away when its memory is full: set "
                f"its maxmemory-policy to noeviction (it is {policy})"
            )
        if not persistence.get("aof_enabled", 1):
            log.warning(
                f"the store {self.address} forgets its last minutes when it is killed: set its "
                "appendonly to yes"
            )

    async def _write_log_anew(self) -> None:
        """Let a server that was started anew write its log anew, once.

        A server killed in the middle of a write drops the half command at its start, but (7.0)
        leaves the beginning of its transaction in the log: at the next kill that would become a
        part of the step that was written behind it, and half a step would be there.
        """
        client = self._client
        if client is None:
            return
        self._is_new = False
        try:
            server = await _execute(client, "INFO", "server")
            persistence = await _execute(client, "INFO", "persistence")
            if not persistence.get("aof_enabled"):
                return
            start = str(server.get("run_id", ""))
            if await _execute(client, "SET", _STARTED, start, "GET") != start:
                await _execute(client, "BGREWRITEAOF")
        except failures.ResponseError:
            return  # it may not be asked so: a hosted one has its own care for its log
        except (failures.RedisError, OSError):
            self._is_new = True  # a connection of before, or away again: with the next call

    def _explained(self, error: Exception) -> StoreError:
        kind = StoreAwayError if is_passing(error) else StoreError
        return kind(f"the store {self.address} {advice(error, hidden=self._secret_in(error))}")

    def _secret_in(self, error: Exception) -> bool:
        words = str(error)
        return any(secret in words for secret in self._secrets())

    def _secrets(self) -> list[str]:
        options = dict(self.address.options)
        names = ("sentinel_password", "ssl_keyfile_password")
        found = [self.address.password, *(options.get(name) for name in names)]
        return [secret for secret in found if secret]


def _client(pool: ConnectionPool) -> Redis:
    return Redis.from_pool(pool)


async def _execute(client: Redis, *words: Value) -> Reply:
    execute: Callable[..., Awaitable[Reply]] = client.execute_command
    return await execute(*words)


def _heed(task: asyncio.Task[Any] | None, cancelled: int) -> None:
    """End a task that was cancelled during a call: the library at times swallows that (1 in 20
    where a call is always under way), and a stop would wait for ever."""
    if task is not None and task.cancelling() > cancelled:
        raise asyncio.CancelledError


async def _ping(client: Redis) -> Reply:
    return await _execute(client, "PING")


def _tls(address: RedisAddress) -> dict[str, Any]:
    if not address.tls:
        return {}
    options: dict[str, Any] = {
        name: value for name, value in address.options if name.startswith("ssl_")
    }
    for name in _FILES & options.keys():
        if not Path(options[name]).exists():
            raise StoreError(f"store.url: {name}: there is no {options[name]}")
    checked = options.get("ssl_cert_reqs", "required") == "required"
    wanted = options.get("ssl_check_hostname", "true").lower()
    options["ssl_check_hostname"] = checked and wanted in {"1", "true", "yes", "on"}
    return options
