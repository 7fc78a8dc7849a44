"""The Bot API over one aiohttp session: ready JSON in, the result or a sorted error out.

``Telegram.post`` is the outbox's fast path (113 µs of CPU a message, where PTB's
``Bot.send_message`` over the same session takes twice that and PTB's default 17 times);
``Telegram.request`` is the same session as python-telegram-bot wants it. The token is part
of every address, so no exception of aiohttp leaves this module: only its sorted meaning.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDict
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.deadlines import Deadlines
from bot.errors import XeberciError
from bot.outage import REVOKED_PAUSE_S, Notice
from bot.refusals import Kind, Outcome, sort_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telegram._utils.types import ODVInput

_CONNECT_S = 8.0
# Below the idle time-out of usual proxies (60 s and more): a POST on a connection that the
# other side is just closing would be an uncertain delivery.
_KEEP_ALIVE_S = 30.0
_JSON = CIMultiDict({"Content-Type": "application/json"})
_OK = 200
_SENT = re.compile(
    rb'\s*\{\s*"ok":\s*true,\s*"result":\s*\{\s*"message_id":\s*([1-9][0-9]{0,17})[,}]'
)


class CallError(XeberciError):
    """A Bot API call that brought no result; ``outcome`` says what it means."""

    def __init__(self, method: str, outcome: Outcome) -> None:
        super().__init__(f"{method}: {outcome.reason}")
        self.method = method
        self.outcome = outcome


class Telegram:
    """The Bot API for one token: a bounded pool of connections, opened when first needed."""

    def __init__(
        self, api_url: str, token: str, *, pool: int = 32, timeout_s: float = 10.0
    ) -> None:
        self._base = f"{api_url.rstrip('/')}/bot{quote(token, safe=':')}/"
        self._token = token
        self._pool = pool
        self._urls: dict[str, URL] = {}
        self._deadlines = Deadlines(timeout_s)
        self._usual = aiohttp.ClientTimeout(total=None, sock_connect=min(_CONNECT_S, timeout_s))
        self._session: aiohttp.ClientSession | None = None
        self.timeout_s = timeout_s
        self.request: BaseRequest = PtbRequest(self)
        # Sender and intake both meet a refused token; one line each 30 s is enough.
        self.revoked_notice = Notice(REVOKED_PAUSE_S - 5.0)

    def __repr__(self) -> str:
        return f"Telegram(pool={self._pool})"

    async def post(
        self, method: str, json_payload: str | bytes, *, timeout_s: float | None = None
    ) -> Any:  # noqa: ANN401 - whatever the method gives
        """Call a method with parameters made ready as JSON; give its result.

        Raises ``CallError``; a call that was written and not answered in time is UNCERTAIN.
        """
        status, answer = await self._exchange(method, json_payload, timeout_s)
        return _result(method, status, answer)

    async def send(
        self, method: str, json_payload: str | bytes, *, timeout_s: float | None = None
    ) -> int | None:
        """Call a method as ``post`` does; give the id of the message, if it gives one.

        Telegram's answer repeats the whole message with its entities and keyboard: nothing of
        it but the id is read where that stands in front, as it always did.
        """
        status, answer = await self._exchange(method, json_payload, timeout_s)
        if status == _OK and (sent := _SENT.match(answer)):
            return int(sent[1])
        result = _result(method, status, answer)
        message_id = result.get("message_id") if isinstance(result, dict) else None
        return message_id if isinstance(message_id, int) else None

    async def call(
        self, method: str, params: Mapping[str, object] | str, *, timeout_s: float | None = None
    ) -> Any:  # noqa: ANN401 - whatever the method gives
        """Call a method; parameters that are None are left out. Raises ``CallError``."""
        return await self.post(method, encode(params), timeout_s=timeout_s)

    async def upload(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        field: str,
        filename: str,
        data: bytes,
        timeout_s: float = 60.0,
    ) -> Any:  # noqa: ANN401 - whatever the method gives
        """Call a method with a file as one of its parameters. Raises ``CallError``."""
        form = aiohttp.FormData()
        for name, value in params.items():
            if value is not None:
                form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        form.add_field(field, data, filename=filename)
        try:
            status, answer = await self.fetch("POST", self._url(method), timeout_s, data=form)
        except (aiohttp.ClientError, OSError) as error:
            raise CallError(method, self._sort(error)) from None
        return _result(method, status, answer)

    async def fetch(
        self,
        verb: str,
        url: URL,
        timeout_s: float | None = None,
        *,
        data: bytes | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Give status and body of an exchange. Raises aiohttp's errors, which may name the
        address: callers must not let them out."""
        if timeout_s is None or timeout_s == self.timeout_s:
            with self._deadlines.call():
                return await self._ask(verb, url, self._usual, data, headers)
        return await self._ask(verb, url, _timeout(timeout_s), data, headers)

    async def close(self) -> None:
        """Close all connections; may be called twice, and a later call opens them anew."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def scrub(self, text: str) -> str:
        """Give the text with the token taken out."""
        return text.replace(self._token, "<token>") if self._token else text

    async def _exchange(
        self, method: str, json_payload: str | bytes, timeout_s: float | None
    ) -> tuple[int, bytes]:
        # A half of a surrogate pair is no reason for a message to fail.
        body = (
            json_payload.encode(errors="replace") if isinstance(json_payload, str) else json_payload
        )
        try:
            url = self._urls.get(method) or self._url(method)
            return await self.fetch("POST", url, timeout_s, data=body, headers=_JSON)
        except (aiohttp.ClientError, OSError) as error:
            raise CallError(method, self._sort(error)) from None

    async def _ask(
        self,
        verb: str,
        url: URL,
        limits: aiohttp.ClientTimeout,
        data: bytes | aiohttp.FormData | None,
        headers: Mapping[str, str] | None,
    ) -> tuple[int, bytes]:
        session = self._session or self._open()
        async with session.request(
            verb, url, data=data, headers=headers, timeout=limits, allow_redirects=False
        ) as response:
            return response.status, await response.read()

    def _sort(self, error: Exception) -> Outcome:
        outcome = sort_error(error)
        return Outcome(outcome.kind, self.scrub(outcome.reason))

    def _url(self, method: str) -> URL:
        try:
            url = URL(self._base + method, encoded=True)
        except ValueError:
            raise aiohttp.InvalidURL("api_url") from None
        return self._urls.setdefault(method, url)

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._pool, keepalive_timeout=_KEEP_ALIVE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session


class PtbRequest(BaseRequest):
    """The session as python-telegram-bot wants it, for requests and for getUpdates alike."""

    __slots__ = ("_telegram",)

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    @property
    def read_timeout(self) -> float | None:
        """The default time-out in seconds."""
        return self._telegram.timeout_s

    async def initialize(self) -> None:
        """Nothing to do: the session opens when first needed."""

    async def shutdown(self) -> None:
        """Nothing to do: the session belongs to ``Telegram``, which others use as well."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Give status and body; raises PTB's ``TimedOut`` and ``NetworkError``."""
        del write_timeout, connect_timeout, pool_timeout  # one deadline covers them
        timeout_s = read_timeout if isinstance(read_timeout, int | float) else None
        data: bytes | aiohttp.FormData | None = None
        headers: Mapping[str, str] | None = None
        if request_data is not None and request_data.contains_files:
            data = _form(request_data)
        elif request_data is not None:
            data, headers = json.dumps(request_data.parameters).encode(), _JSON
        telegram = self._telegram
        try:
            return await telegram.fetch(method, URL(url), timeout_s, data=data, headers=headers)
        except TimeoutError as error:
            raise TimedOut(telegram.scrub(_describe(error))) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NetworkError(telegram.scrub(_describe(error))) from None


def _timeout(total_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total_s, sock_connect=min(_CONNECT_S, total_s))


def encode(params: Mapping[str, object] | str) -> str:
    """Give parameters as the JSON that Telegram wants: None left out."""
    if isinstance(params, str):
        return params
    given = {name: value for name, value in params.items() if value is not None}
    return json.dumps(given, ensure_ascii=False, separators=(",", ":"))


def sort_error(error: BaseException) -> Outcome:  # noqa: C901, PLR0911 - a table, one case a row
    """Sort what a call raised, through ``Telegram`` or through PTB."""
    match error:
        case CallError():
            return error.outcome
        case BadRequest():  # first: PTB makes it a NetworkError
            return sort_refusal(400, error.message)
        case Forbidden():
            return sort_refusal(403, error.message)
        case ChatMigrated():
            return sort_refusal(400, error.message, {"migrate_to_chat_id": error.new_chat_id})
        case RetryAfter():
            wait = error.retry_after
            wait_s = wait if isinstance(wait, int) else round(wait.total_seconds())
            return sort_refusal(429, error.message, {"retry_after": wait_s})
        case InvalidToken():
            return sort_refusal(401, error.message)
        case Conflict():
            return sort_refusal(409, error.message)
        case (
            aiohttp.ConnectionTimeoutError() | aiohttp.ClientConnectorError() | aiohttp.InvalidURL()
        ):
            return Outcome(Kind.TRANSIENT, _describe(error))  # nothing was written
        case TimedOut() | TimeoutError() | aiohttp.ClientError() | OSError():
            return Outcome(Kind.UNCERTAIN, _describe(error))
        case NetworkError():
            return Outcome(Kind.TRANSIENT, _describe(error))
    return Outcome(Kind.UNKNOWN, _describe(error))


def _describe(error: BaseException) -> str:
    """Say what went wrong without an address: aiohttp puts those into some texts."""
    match error:
        case aiohttp.InvalidURL() | ValueError():
            return "no usable address: look at telegram.api_url"
        case TimeoutError():
            return "timed out"
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _form(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in (request_data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form


def _result(method: str, status: int, answer: bytes) -> Any:  # noqa: ANN401
    """Give the result of an answer, or raise what it means."""
    try:
        body = json.loads(answer)
    except ValueError:
        body = None
    if isinstance(body, dict):
        if body.get("ok") is True and "result" in body:
            return body["result"]
        code = body.get("error_code")
        parameters = body.get("parameters")
        raise CallError(
            method,
            sort_refusal(
                code if isinstance(code, int) else status,
                str(body.get("description") or ""),
                parameters if isinstance(parameters, dict) else None,
            ),
        )
    if status < 300:  # noqa: PLR2004 - accepted, but the answer is no Bot API's
        raise CallError(method, Outcome(Kind.UNCERTAIN, "an answer that is no JSON", status))
    # A proxy's page: it says nothing about the message, whatever the status.
    kind = sort_refusal(status, "").kind
    kind = kind if kind in (Kind.FLOOD, Kind.CONFLICT) else Kind.TRANSIENT
    raise CallError(method, Outcome(kind, f"HTTP {status} without JSON", status, retry_after_s=5))
