"""Updates on their way to the bot: by long polling, or by POST to its webhook."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from itertools import takewhile
from typing import Any, NamedTuple

import aiohttp

from bot.demo.refusals import Json, bad_request, conflict
from bot.lanes import lane_of

MAX_WAIT_S = 50
_DAY_S = 86400.0
# How long an update waits for the bot.
_LIFE_S = {"callback_query": 150.0, "inline_query": 30.0}
# Kinds that a bot gets only when it asks for them.
_ASKED_ONLY = {"chat_member", "message_reaction", "message_reaction_count"}
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_FIRST_RETRY_S = 0.2
_LAST_RETRY_S = 5.0
_CONNECTIONS = 40
_PATIENCE_S = 60


class _Update(NamedTuple):
    body: Json
    kind: str
    expires: float


class Updates:
    """The queue of one bot."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.allowed: list[str] = []
        self.webhook: dict[str, Any] = {}
        self.last_error: tuple[float, str] | None = None
        self._now = now
        self._queue: dict[int, _Update] = {}
        self._next = 100_000_001
        self._poller: asyncio.Future[str] | None = None
        self._changed = asyncio.Event()
        self._delivery: asyncio.Task[None] | None = None
        self.posted: list[tuple[int, int]] = []  # update id, and what the webhook answered

    def push(self, kind: str, payload: Json) -> int | None:
        """Queue an update; None when the bot does not want its kind."""
        if (self.allowed and kind not in self.allowed) or (
            not self.allowed and kind in _ASKED_ONLY
        ):
            return None
        update_id = self._next
        self._next += 1
        body: Json = {"update_id": update_id, kind: payload}
        expires = self._now() + _LIFE_S.get(kind, _DAY_S)
        self._queue[update_id] = _Update(body, kind, expires)
        self._wake("new")
        return update_id

    def pending(self) -> int:
        """Count what waits for the bot."""
        self._drop_expired()
        return len(self._queue)

    async def poll(
        self,
        *,
        offset: int = 0,
        limit: int = 100,
        timeout: int = 0,  # noqa: ASYNC109 - the API's own parameter
        allowed_updates: list[str] | None = None,
    ) -> list[Json]:
        """Answer getUpdates; an ``offset`` confirms what is before it."""
        if self.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        if not 1 <= limit <= 100:  # noqa: PLR2004
            limit = 100
        if allowed_updates is not None:
            self.allowed = allowed_updates
        self._wake("conflict")
        self._confirm(offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(max(timeout, 0), MAX_WAIT_S)
        while not (batch := self._batch(limit)) and (left := deadline - loop.time()) > 0:
            self._poller = poller = loop.create_future()
            try:
                async with asyncio.timeout(left):
                    why = await poller
            except TimeoutError:
                break
            finally:
                if self._poller is poller:
                    self._poller = None
            if why == "conflict":
                raise conflict(
                    "terminated by other getUpdates request; "
                    "make sure that only one bot instance is running"
                )
            if why == "webhook":
                raise conflict("terminated by setWebhook request")
            if why == "stop":
                break
        return batch

    def set_webhook(self, params: dict[str, Any]) -> None:
        """Set or, with an empty url, remove the webhook."""
        url = params.get("url", "")
        if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            # Telegram takes https only; loopback stands for the proxy before the bot.
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not _SECRET.fullmatch(params.get("secret_token", "")):
            raise bad_request("secret token contains unallowed characters")
        params = params | {
            "max_connections": min(max(params.get("max_connections", _CONNECTIONS), 1), 100)
        }
        if params.get("drop_pending_updates"):
            self._queue.clear()
        if "allowed_updates" in params:
            self.allowed = params["allowed_updates"]
        self.webhook = dict(params) if url else {}
        self.last_error = None
        self._wake("webhook")
        self.resume()

    def webhook_info(self) -> Json:
        """Give a WebhookInfo."""
        info: Json = {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": "certificate" in self.webhook,
            "pending_update_count": self.pending(),
        }
        if self.webhook:
            info["max_connections"] = self.webhook["max_connections"]
        if self.last_error:
            info["last_error_date"] = int(self.last_error[0])
            info["last_error_message"] = self.last_error[1]
        if self.allowed:
            info["allowed_updates"] = self.allowed
        return info

    def resume(self) -> None:
        """Deliver to the webhook, if there is one."""
        if self.webhook and self._delivery is None:
            self._delivery = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        """End what waits."""
        self._wake("stop")
        if self._delivery:
            self._delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._delivery
            self._delivery = None

    def _wake(self, why: str) -> None:
        self._changed.set()
        if self._poller and not self._poller.done():
            self._poller.set_result(why)
            self._poller = None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            for update_id in list(self._queue)[:offset]:
                del self._queue[update_id]
        for update_id in list(takewhile(lambda known: known < offset, self._queue)):
            del self._queue[update_id]

    def _drop_expired(self) -> None:
        now = self._now()
        for update_id in [key for key, update in self._queue.items() if update.expires < now]:
            del self._queue[update_id]

    def _batch(self, limit: int) -> list[Json]:
        now = self._now()
        batch: list[Json] = []
        expired: list[int] = []
        for update_id, update in self._queue.items():
            if update.expires < now:
                expired.append(update_id)
            elif len(batch) < limit:
                batch.append(update.body)
            else:
                break
        for update_id in expired:
            del self._queue[update_id]
        return batch

    async def _deliver(self) -> None:
        """Post updates, many at a time but one of a chat, until each is taken: as Telegram."""
        timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
        under_way: set[int] = set()  # chats
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
            asyncio.TaskGroup() as tasks,
        ):
            while True:
                self._changed.clear()
                free = self.webhook.get("max_connections", _CONNECTIONS) - len(under_way)
                for update_id in self._waiting(under_way, max(free, 0)):
                    lane = lane_of(self._queue[update_id].body)
                    under_way.add(lane)
                    tasks.create_task(self._deliver_one(session, update_id, lane, under_way))
                await self._changed.wait()

    def _waiting(self, under_way: set[int], most: int) -> list[int]:
        """Give the first updates of chats for which none is under way."""
        if not self.webhook or not most:
            return []
        now = self._now()
        first: dict[int, int] = {}
        for known, update in self._queue.items():
            lane = lane_of(update.body)
            if update.expires >= now and lane not in under_way and lane not in first:
                first[lane] = known
                if len(first) == most:
                    break
        return list(first.values())

    async def _deliver_one(
        self, session: aiohttp.ClientSession, update_id: int, lane: int, under_way: set[int]
    ) -> None:
        retry_s = _FIRST_RETRY_S
        while self.webhook and update_id in self._queue:
            if await self._post(session, update_id):
                self._queue.pop(update_id, None)
                break
            await asyncio.sleep(retry_s)
            retry_s = min(retry_s * 2, _LAST_RETRY_S)
        under_way.discard(lane)
        self._changed.set()

    async def _post(self, session: aiohttp.ClientSession, update_id: int) -> bool:
        body = self._queue[update_id].body
        headers = {}
        if secret := self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        try:
            async with session.post(
                self.webhook["url"], json=body, headers=headers, allow_redirects=False
            ) as answer:
                self.posted.append((update_id, answer.status))
                if answer.status // 100 == 2:  # noqa: PLR2004 - of the 200s
                    return True
                why = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            why = f"Connection failed: {type(error).__name__}"
        self.last_error = (self._now(), why)
        return False
