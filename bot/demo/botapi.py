"""A stand-in for api.telegram.org on loopback: as strict, with people who write and press.

A call travels: body -> schema -> scripted faults -> flood limits -> method -> record.
Everything is in memory; `BotApi.calls`, `rejected` and `warnings` tell what arrived.
"""

import argparse
import asyncio
import json
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from bot.demo import control, schema
from bot.demo.faults import Call, Fault, Faults, Limits, Meter
from bot.demo.methods import METERED, METHODS
from bot.demo.refusals import Json, RefusalError
from bot.demo.rooms import User, World
from bot.demo.stage import Stage
from bot.demo.town import Town
from bot.demo.updates import Updates

# Telegram takes documents of 50 MB.
_MAX_BODY = 51 * 1024 * 1024
_UNAUTHORIZED = RefusalError(401, "Unauthorized")
_dump = json.JSONEncoder(ensure_ascii=False).encode
_NOT_FOUND = RefusalError(404, "Not Found")


class BotApi(Town):
    """The server of one bot; use it between `start` and `stop`.

    ``now``: the clock of dates, limits and lifetimes; ``limits``: None for no flood control;
    ``latency_s``: half of it before, half after each call.
    """

    def __init__(
        self,
        token: str = "123456:demo",  # noqa: S107 - of a stand-in
        username: str = "xeberci_bot",
        now: Callable[[], float] = time.time,
        limits: Limits | None = None,
        latency_s: float = 0.0,
    ) -> None:
        self.token = token
        bot = User(int(token.split(":", maxsplit=1)[0]), "Xəbərçi", username, is_bot=True)
        super().__init__(Stage(World(bot, now), Updates(now)))
        self.now = now
        self.latency_s = latency_s
        self.calls: list[Call] = []
        self.rejected: list[Call] = []
        self.warnings: list[str] = []
        self.faults = Faults()
        bot = User(int(token.split(":", maxsplit=1)[0]), "Xəbərçi", username, is_bot=True)
        self.stage = Stage(World(bot, now), Updates(now))
        self.url = ""
        self._meter = Meter(limits) if limits else None
        self._revoked = False
        self._runner: web.ServerRunner | None = None
        self._stopping = asyncio.Event()

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen, also again after a stop; port 0 takes a free one. `url` tells where."""
        self._stopping.clear()
        self.stage.updates.resume()
        server = web.Server(self._handle, request_factory=_request, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening and end what waits."""
        self._stopping.set()
        await self.stage.updates.stop()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def fail(
        self,
        method: str,
        *,
        chat_id: int | None = None,
        times: int = 1,
        error_code: int = 0,
        description: str = "",
        parameters: Json | None = None,
        accept: bool = False,
        cut: bool = False,
        hang: bool = False,
        delay_s: float = 0.0,
    ) -> Fault:
        """Script a failure of the next ``times`` calls (below 0: of all); see `Fault`."""
        return self.faults.add(
            Fault(
                method,
                chat_id,
                times,
                error_code,
                description,
                parameters or {},
                accept=accept,
                cut=cut,
                hang=hang,
                delay_s=delay_s,
            )
        )

    def revoke_token(self) -> None:
        """Answer 401 to everything from now on."""
        self._revoked = True

    def restore_token(self) -> None:
        """Take the token again."""
        self._revoked = False

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            token, _, method = path[4:].partition("/")
            return await self._serve(request, token, method)
        if path.startswith("/_control/"):
            return await control.serve(self, request, path.removeprefix("/_control/"))
        if path.startswith("/file/bot"):
            return self._file(path.removeprefix("/file/bot"))
        return _answer(404, _NOT_FOUND.as_json())

    async def _serve(self, request: web.BaseRequest, token: str, method: str) -> web.StreamResponse:
        at = self.now()
        try:
            if self._revoked or token != self.token:
                raise _UNAUTHORIZED
            name = schema.methods().get(method.lower())
            if name is None:
                raise _NOT_FOUND
            given, form = await _body(request)
        except RefusalError as error:
            self.rejected.append(
                Call(at, method, {}, error_code=error.code, description=error.description)
            )
            return _answer(error.code, error.as_json())
        if self.latency_s:
            await asyncio.sleep(self.latency_s / 2)
        call = Call(at, name, dict(given))
        self.calls.append(call)
        answer = await self._run(request, call, given, form=form)
        if self.latency_s:
            await asyncio.sleep(self.latency_s / 2)
        return answer

    async def _run(
        self, request: web.BaseRequest, call: Call, given: Mapping[str, object], *, form: bool
    ) -> web.StreamResponse:
        try:
            values, unknown = schema.parameters(call.method, given, form=form)
            self.warnings += [f"{call.method}: unknown parameter {name}" for name in unknown]
            values["_files"] = given
            call.params = {key: value for key, value in values.items() if key != "_files"}
            if "chat_id" in values:
                call.chat_id = self.stage.world.chat_number(values["chat_id"])
            fault = self.faults.take(call.method, call.chat_id)
            if fault and (answer := await self._fail(request, call, values, fault)):
                return answer
            result = await self._carry_out(call, values)
        except RefusalError as error:
            return self._refuse(call, error)
        return _answer(200, {"ok": True, "result": result})

    async def _carry_out(self, call: Call, values: dict[str, Any]) -> object:
        if call.method == "getUpdates":
            call.ok = True
            return await self._get_updates(values)
        if self._meter and call.method in METERED:
            group = call.chat_id is not None and self._is_group(call.chat_id)
            self._meter.admit(call.chat_id, group=group, now=self.now())
        method = METHODS.get(call.method)
        if method is None:
            self.warnings.append(f"{call.method}: checked, but not carried out")
            result: object = True
        else:
            result = method(self.stage, values)
        call.ok = True
        if isinstance(result, dict):
            call.message_id = result.get("message_id")
        if call.chat_id is not None:
            self.changed(call.chat_id)
        return result

    async def _get_updates(self, values: dict[str, Any]) -> list[Json]:
        return await self.stage.updates.poll(
            offset=values.get("offset", 0),
            limit=values.get("limit", 100),
            timeout=values.get("timeout", 0),
            allowed_updates=values.get("allowed_updates"),
        )

    async def _fail(
        self, request: web.BaseRequest, call: Call, values: dict[str, Any], fault: Fault
    ) -> web.StreamResponse | None:
        """Play a scripted failure; None when the call only came late."""
        if fault.accept:
            await self._carry_out(call, values)
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.hang:
            await self._stopping.wait()
        if fault.cut or fault.hang:
            if request.transport:
                request.transport.abort()
            return web.Response()
        if not fault.error_code:
            return None
        refusal = fault.refusal()
        answer = self._refuse(call, refusal)
        call.ok = fault.accept
        if refusal.code >= 500:  # noqa: PLR2004
            page = f"<html><body><h1>{refusal.code} {refusal.description}</h1></body></html>"
            return web.Response(status=refusal.code, text=page, content_type="text/html")
        return answer

    def _refuse(self, call: Call, error: RefusalError) -> web.Response:
        call.ok, call.error_code, call.description = False, error.code, error.description
        self.rejected.append(call)
        return _answer(error.code, error.as_json())

    def _is_group(self, chat_id: int) -> bool:
        chat = self.stage.world.chats.get(chat_id)
        return chat is not None and chat.type in {"group", "supergroup"}

    def _file(self, path: str) -> web.Response:
        token, _, name = path.partition("/")
        if self._revoked or token != self.token:
            return _answer(401, _UNAUTHORIZED.as_json())
        data = self.stage.files.get(name.removeprefix("documents/"))
        if data is None:
            return _answer(404, _NOT_FOUND.as_json())
        return web.Response(body=data, content_type="application/octet-stream")


def _request(*parts: Any) -> web.BaseRequest:  # noqa: ANN401 - aiohttp's own, passed on
    """Give a request that takes bodies as large as Telegram's files."""
    message, payload, protocol, writer, task = parts
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=_MAX_BODY
    )


async def _body(request: web.BaseRequest) -> tuple[Mapping[str, object], bool]:
    """Give the parameters as they came, and whether they are a form's."""
    kind = request.content_type
    if kind == "application/json":
        raw = await request.read()
        try:
            given = json.loads(raw) if raw else {}
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise RefusalError(400, "Bad Request: can't parse request JSON object")
        return given, False
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return {**request.query, **await request.post()}, True
    return dict(request.query), True


def _answer(status: int, body: Mapping[str, object]) -> web.Response:
    return web.Response(
        status=status,
        body=_dump(body).encode(),
        content_type="application/json",
    )


async def _serve_alone(port: int, token: str, username: str, limits: Limits | None) -> None:
    server = BotApi(token, username, limits=limits)
    await server.start(port)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    print(server.url, flush=True)
    await stopped.wait()
    await server.stop()


def main() -> None:
    """Serve until SIGINT or SIGTERM; the first line of stdout is the address."""
    parser = argparse.ArgumentParser(prog="python -m bot.demo.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="123456:demo")
    parser.add_argument("--username", default="xeberci_bot")
    parser.add_argument("--limits", action="store_true", help="flood limits as Telegram's")
    args = parser.parse_args()
    limits = Limits() if args.limits else None
    asyncio.run(_serve_alone(args.port, args.token, args.username, limits))


if __name__ == "__main__":
    main()
