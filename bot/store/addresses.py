"""Addresses of Redis stores, read once. No I/O here.

``redis://[user:password@]host[:port][/db]``, the same with ``rediss://`` for TLS,
``unix:///path/of/socket[?db=1]``, and
``redis+sentinel://[user:password@]host[:port][,host[:port]...]/service[/db]`` (TLS:
``rediss+sentinel://``). The user and the password are those of the Redis servers; where the
Sentinels want some too, they are options. Special characters are %-escaped. Options follow
a ``?``: see ``OPTIONS``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote

PORT = 6379
SENTINEL_PORT = 26379

# Named as redis-py names them, so that an address that works elsewhere works here.
_TLS = {
    "ssl_ca_certs",
    "ssl_ca_path",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_keyfile_password",
    "ssl_cert_reqs",
    "ssl_check_hostname",
}
_SENTINEL = {"sentinel_username", "sentinel_password"}
_EVERYWHERE = {"username", "password", "db"}
OPTIONS = _TLS | _SENTINEL | _EVERYWHERE

_SCHEMES = {"redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel"}
_HOST = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<name>[^\[\]:,/@\s]+))(?::(?P<port>\d+))?")
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where a Redis is and how to enter it. As a string it shows no password."""

    hosts: tuple[tuple[str, int], ...] = ()
    socket: str = ""
    service: str = ""
    db: int = 0
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        if self.socket:
            return f"unix://{self.socket}?db={self.db}"
        places = ",".join(
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts
        )
        scheme = ("rediss" if self.tls else "redis") + ("+sentinel" if self.service else "")
        return f"{scheme}://{places}/" + (f"{self.service}/" if self.service else "") + str(self.db)


def is_redis(url: str) -> bool:
    """Whether an address is one of a Redis."""
    return url.partition(":")[0].lower() in _SCHEMES


def redis_address(url: str) -> RedisAddress:
    """Give what an address says. Raises ``ValueError``, whose words repeat no password."""
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower()
    if scheme not in _SCHEMES or not rest or re.search(r"[\s\x00-\x1f]", url):
        raise ValueError("is no address of a Redis; write redis://host:port/db")
    rest, _, query = rest.partition("?")
    options = _options(query)
    tls = scheme.startswith("rediss")
    sentinel = scheme.endswith("+sentinel")
    for name in options:
        if (name in _TLS and not tls) or (name in _SENTINEL and not sentinel):
            raise ValueError(f"{name} has no meaning with {scheme}://")
    entry, at, place = rest.rpartition("@")
    username, _, password = entry.partition(":") if at else ("", "", "")
    username = options.pop("username", unquote(username))
    password = options.pop("password", unquote(password))
    db = options.pop("db", "")
    entered = RedisAddress(
        tls=tls,
        username=username or None,
        password=password or None,
        options=tuple(sorted(options.items())),
    )
    if scheme == "unix":
        if not place.startswith("/"):
            raise ValueError("names no socket; write unix:///path/of/socket")
        return replace(entered, socket=unquote(place), db=_db(db))
    places, *path = place.split("/")
    service = unquote(path.pop(0)) if sentinel and path else ""
    if sentinel and not service:
        raise ValueError("names no service; write redis+sentinel://host:port,host:port/service")
    if len(path) > 1 and any(path[1:]):
        raise ValueError("has more behind the number of the database")
    hosts = [_host(part, SENTINEL_PORT if sentinel else PORT) for part in places.split(",")]
    if len(hosts) > 1 and not sentinel:
        raise ValueError("names several servers; that is for redis+sentinel://")
    return replace(
        entered,
        hosts=tuple(hosts),
        service=service,
        db=_db(db or (path[0] if path else "")),
    )


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name in options:
        if name not in OPTIONS:
            # Only what looks like a name is repeated: a stray ? may stand in a password.
            shown = name if re.fullmatch(r"[a-z_]{1,30}", name) else "an option"
            raise ValueError(f"{shown} is not known; known are {', '.join(sorted(OPTIONS))}")
    return options


def _host(text: str, port: int) -> tuple[str, int]:
    match = _HOST.fullmatch(text)
    if match is None or not 0 < int(match["port"] or port) <= _LAST_PORT:
        raise ValueError("names no host; write host:port, and %-escape what stands before the @")
    return match["six"] or match["name"], int(match["port"] or port)


def _db(text: str) -> int:
    if not re.fullmatch(r"\d{0,5}", text):
        raise ValueError("the database must be a number, as in redis://host:port/1")
    return int(text or 0)
