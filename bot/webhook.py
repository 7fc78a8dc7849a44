"""Updates in, by POST from Telegram: handle, then answer 200.

Anything but a 2xx, and no answer within a minute, makes Telegram send the update again, so 200
is said only when the effects are stored and the answer is sent or queued. Nothing is
taken away from Telegram at the start or at the stop: what comes while no bot runs waits there.
Any number of workers may stand behind one address.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.errors import TelegramError
from bot.lanes import AT_ONCE
from bot.outage import Notice
from bot.telegram import CallError, Telegram
from bot.trouble import FOREIGN_WEBHOOK, Trouble
from bot.web import MAX_BODY, busy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.lanes import Lanes, Update

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
# Telegram gives up after a minute, a proxy often sooner; what goes on meanwhile is not lost: when
# the update comes again it is found handled, or its handling is joined.
PATIENCE_S = 25.0
STORE_PATIENCE_S = 2.0  # between looks whether an update waits for a store that fails
WATCH_S = 60.0
_TELL_AGAIN_S = 600.0
_REFUSED_AGAIN_S = 30.0
_BITS = 63


class Webhook:
    """The other side of setWebhook. One task of the application runs ``run``."""

    def __init__(
        self,
        telegram: Telegram,
        lanes: Lanes,
        *,
        url: str,
        secret: str,
        allowed_updates: Sequence[str],
        log: Any,  # noqa: ANN401 - structlog's loggers are duck-typed
    ) -> None:
        self._telegram = telegram
        self._lanes = lanes
        self._url = url
        self._secret = secret
        self._expected = secret.encode()
        self._allowed = list(allowed_updates)
        self._log = log
        self._stopping = asyncio.Event()
        self._trouble = Trouble(telegram, log)
        self._strangers = Notice(_TELL_AGAIN_S)
        self._malformed = Notice(_TELL_AGAIN_S)

    # -- life ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell Telegram where to send updates, then see to their leases until ``drain``.

        Raises ``TelegramError`` where Telegram will never take the address.
        """
        working = asyncio.ensure_future(self._work())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)
            if not self._stopping.is_set():  # cancelled: nobody will wait for these
                await self._lanes.cancel()

    async def drain(self, timeout_s: float) -> None:
        """Take in nothing more, finish what is being handled. Telegram keeps the webhook."""
        self._stopping.set()
        await self._lanes.drain(timeout_s)

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lanes.keep())
            await self._set()
            await self._watch()

    async def _set(self) -> None:
        params = {
            "url": self._url,
            "secret_token": self._secret,
            "allowed_updates": self._allowed,
            "max_connections": AT_ONCE,
        }
        tries = 0
        while True:
            try:
                await self._telegram.call("setWebhook", params)
            except CallError as error:
                outcome = error.outcome
            else:
                self._trouble.over()
                return
            if outcome.status != 400:  # noqa: PLR2004 - Bad Request
                pause_s = self._trouble.pause_s(outcome, tries)
            elif "resolve host" in outcome.reason.lower():  # a name may be known tomorrow
                if not tries:
                    self._log.error(
                        "Telegram does not find the host of telegram.webhook_url, trying on",
                        reason=outcome.reason,
                    )
                pause_s = _REFUSED_AGAIN_S
            else:
                raise TelegramError(
                    f"Telegram refuses telegram.webhook_url: {outcome.reason}: it takes https:// "
                    "on port 443, 80, 88 or 8443, with a certificate that others trust"
                )
            await asyncio.sleep(pause_s)
            tries += 1

    async def _watch(self) -> None:
        """Tell what Telegram knows of the webhook, and nobody here would hear otherwise."""
        known, ours = await self._info(), True
        while True:
            await asyncio.sleep(WATCH_S)
            info = await self._info()
            failed_at = info.get("last_error_date", 0)
            if failed_at > known.get("last_error_date", 0) and info.get("pending_update_count"):
                self._log.warning(
                    "Telegram cannot deliver updates to telegram.webhook_url, and tries on",
                    reason=info.get("last_error_message"),
                    pending=info.get("pending_update_count"),
                )
            was_ours, ours = ours, info.get("url", self._url) == self._url
            if was_ours and not ours:
                self._log.error(FOREIGN_WEBHOOK)  # whose address may hold a secret
            known = info or known

    async def _info(self) -> dict[str, Any]:
        try:
            info: dict[str, Any] = await self._telegram.call("getWebhookInfo", {})
        except CallError as error:
            self._log.debug("no word of the webhook", reason=error.outcome.reason)
            return {}
        return info

    # -- one update ---------------------------------------------------------------------

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Take an update; 200 when it was handled, and 503 where it has to come again."""
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._expected):
            self._tell(self._strangers, "a request without the webhook's secret was refused")
            return web.Response(status=403)
        if self._stopping.is_set():
            return busy()
        if (request.content_length or 0) > MAX_BODY or len(body := await request.read()) > MAX_BODY:
            return web.Response(status=413)
        update = parse(body)
        if update is None:
            self._tell(self._malformed, "something that is no update came to the webhook")
            return web.Response(status=400)
        return web.Response() if await self._done(update) else busy()

    async def _done(self, update: Update) -> bool:
        task = self._lanes.put(update)
        until = asyncio.get_running_loop().time() + PATIENCE_S
        while not task.done():
            await asyncio.wait((task,), timeout=STORE_PATIENCE_S)
            late = asyncio.get_running_loop().time() >= until
            if late or self._lanes.is_held(update["update_id"]):
                break
        return task.done() and not task.cancelled() and task.result()

    def _tell(self, notice: Notice, line: str) -> None:
        if notice.due(asyncio.get_running_loop().time()):
            self._log.warning(line)


def secret_token(configured: str, token: str) -> str:
    """Give the webhook's secret: the configured one, or one that every worker derives alike."""
    if configured:
        return configured
    return hmac.new(token.encode(), b"xeberci webhook", hashlib.sha256).hexdigest()


def parse(body: bytes) -> Update | None:
    """Give the update of a body, or None where it holds none."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    update_id = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(update_id, int) or isinstance(update_id, bool):
        return None
    return update if update_id >= 0 and update_id.bit_length() <= _BITS else None
