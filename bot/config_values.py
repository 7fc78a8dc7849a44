"""The kinds of values that the configuration has: what each looks like, and what is wrong else.

A mistake's text follows its key (``web.listen: '8080' is no place to listen; ...``) and repeats
no value that may be a secret.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr

from bot.errors import ParseError
from bot.planner import parse_quiet
from bot.sources.profiles import profile_for
from bot.store.addresses import is_redis, redis_address

PROBES = ("/healthz", "/readyz")  # the web port's own paths
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_LONGEST_S = 10 * 365 * 86400.0  # beyond this, adding to a date overflows
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_CHANNEL_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")  # what Telegram takes as secret_token
_LISTEN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^:\s/]*):(?P<port>\d{1,5})")
_LAST_PORT = 65_535


def _duration(value: object) -> float:
    """Seconds of ``"2s"``, ``"5m"``, ``"1h"``."""
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'{value!r} is no duration; write it as "30s", "5m" or "48h"')
    return float(match[1]) * _UNIT_S[match[2]]


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be longer than nothing")
    if value > _LONGEST_S:
        raise ValueError("must be shorter than ten years")
    return value


def _web_address(value: str) -> str:
    value = value.strip()
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        usable = usable and not re.search(r"[\s\x00-\x1f]", value)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"{value!r} is no web address; it begins with https:// or http://")
    return value


def _without_slash(value: str) -> str:
    return value.rstrip("/")


def _store_address(value: str) -> str:
    value = value.strip()
    # An address may carry a password: it is not repeated.
    if is_redis(value):
        redis_address(value)
    elif value and not re.fullmatch(r"sqlite:/*[^/].*", value):
        raise ValueError(
            'is no store that there is; write "", "sqlite:PATH" or "redis://host:port/db"'
        )
    return value


def _hook_address(value: str) -> str:
    if not value.strip():
        return ""
    value = _web_address(value)
    parts = urlsplit(value)
    if parts.fragment or parts.username or parts.password:
        raise ValueError("has a part that Telegram does not send: leave out user, password and #")
    if parts.path.rstrip("/") in PROBES:
        raise ValueError(f"the path {parts.path} is taken: give the webhook one of its own")
    return value


def _listen(value: str) -> str:
    value = value.strip()
    match = _LISTEN.fullmatch(value)
    if value and (match is None or int(match["port"]) > _LAST_PORT):
        raise ValueError(f'{value!r} is no place to listen; write it as "127.0.0.1:8080"')
    return value


def secret(value: SecretStr) -> SecretStr:
    """Give a webhook's secret if Telegram takes it; ``ValueError`` otherwise."""
    if not _SECRET.fullmatch(value.get_secret_value()):
        raise ValueError("only A-Z, a-z, 0-9, _ and - are allowed, at most 256 of them")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise ValueError(f'{value!r} is no time zone; write it as "Asia/Baku"') from None
    return value


def _profile(value: str) -> str:
    if value.strip():
        try:
            profile_for(value, None)
        except ParseError as error:
            raise ValueError(str(error)) from None
    return value.strip()


def _quiet(value: str) -> str:
    if value:
        parse_quiet(value)
    return value


def _channel(value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError('must be "@name" or a numeric id')  # noqa: TRY004 - pydantic wants it
    if isinstance(value, int):
        return value
    text = value.strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if not _CHANNEL_NAME.fullmatch(text):
        raise ValueError(f'{value!r} is no channel; write it as "@name" or a numeric id')
    return text


def place(listen: str) -> tuple[str | None, int] | None:
    """Give host (None: every address of this machine) and port of a place to listen, or None."""
    match = _LISTEN.fullmatch(listen)
    return (match["host"].strip("[]") or None, int(match["port"])) if match else None


Duration = Annotated[float, BeforeValidator(_duration), AfterValidator(_positive)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
ApiAddress = Annotated[WebAddress, AfterValidator(_without_slash)]
HookAddress = Annotated[str, AfterValidator(_hook_address)]
HookSecret = Annotated[SecretStr, AfterValidator(secret)]
ListenAt = Annotated[str, AfterValidator(_listen)]
StoreAddress = Annotated[str, AfterValidator(_store_address)]
Zone = Annotated[str, AfterValidator(_zone)]
Profile = Annotated[str, AfterValidator(_profile)]
Quiet = Annotated[str, AfterValidator(_quiet)]
ChannelName = Annotated[int | str, BeforeValidator(_channel)]
