"""The web port: the webhook, and probes for whoever watches over the process.

``/healthz`` says that the loop runs, ``/readyz`` that the bot can do its work. Both need no token
and tell nothing but what is missing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aiohttp import web
from yarl import URL

from bot.errors import XeberciError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.readiness import Readiness

    Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]

MAX_BODY = 1024 * 1024
_KEEP_ALIVE_S = 75.0  # longer than a proxy's, so that it is the proxy that closes
_LINGER_S = 2.0  # for the rest of a body that was refused
_SHUTDOWN_S = 2.0
_AGAIN = {"Retry-After": "1"}


class WebPort:
    """The listening side. ``hook_path`` answers 503 until ``updates`` is set."""

    def __init__(self, listen: str, readiness: Readiness, *, hook: str = "") -> None:
        self.updates: Answer | None = None
        self.port = 0
        self._listen = listen
        self._readiness = readiness
        # One byte more: whether a body of just this size is too large differs between aiohttp's
        # versions, so ``Webhook`` looks itself.
        app = web.Application(client_max_size=MAX_BODY + 1)
        app.router.add_get("/healthz", _healthz)
        app.router.add_get("/readyz", self._readyz)
        # Not a route: the router has its own ideas of braces and percent signs.
        self._path = URL(hook).raw_path if hook else None
        app.router.add_route("*", "/{path:.*}", self._hook)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=_KEEP_ALIVE_S,
            lingering_time=_LINGER_S,
            shutdown_timeout=_SHUTDOWN_S,
        )
        self._site: web.TCPSite | None = None

    async def open(self, place: tuple[str | None, int], *, shared: bool) -> None:
        """Listen; ``shared`` lets other workers of this machine listen at the same port.

        Without it a port that is in use is told: two bots must not share one by mistake.
        """
        host, port = place
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, host, port, reuse_port=shared or None)
        try:
            await self._site.start()
        except (OSError, OverflowError) as error:
            await self.close()
            number = getattr(error, "errno", None)
            why = os.strerror(number) if isinstance(number, int) and number > 0 else str(error)
            raise XeberciError(
                f"web.listen: {self._listen} cannot be used: {why}: end what listens there, or "
                "name another port"
            ) from None
        self.port = self._runner.addresses[0][1]

    async def stop_listening(self) -> None:
        """Take no new connection; what came on the others is still answered."""
        site, self._site = self._site, None
        if site is not None:
            await site.stop()

    async def close(self) -> None:
        """Close everything; may be called twice."""
        self._site = None
        await self._runner.cleanup()

    async def _readyz(self, _: web.Request) -> web.Response:
        reasons = await self._readiness.reasons()
        if reasons:
            return web.json_response({"ready": False, "reason": "; ".join(reasons)}, status=503)
        return web.json_response({"ready": True})

    async def _hook(self, request: web.Request) -> web.Response:
        if request.rel_url.raw_path != self._path:
            return web.Response(status=404)
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        return busy() if self.updates is None else await self.updates(request)


def busy() -> web.Response:
    """Give the answer that makes Telegram send an update again."""
    return web.Response(status=503, headers=_AGAIN)


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")
