"""A stand-in for api.telegram.org on loopback: as strict, with people who write and press.

A call travels: body -> schema -> scripted faults -> flood limits -> method -> record.
Everything is in memory; `BotApi.calls`, `rejected` and `warnings` tell what arrived.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from bot.demo import schema
from bot.demo.faults import Call, Fault, Faults, Limits, Meter
from bot.demo.methods import METERED, METHODS
from bot.demo.people import Person, Room, supergroup_id
from bot.demo.refusals import Json, RefusalError
from bot.demo.rooms import Chat, Member, User, World
from bot.demo.stage import Stage
from bot.demo.timeline import Seen, see
from bot.demo.updates import Updates

# Telegram takes documents of 50 MB.
_MAX_BODY = 51 * 1024 * 1024
_UNAUTHORIZED = RefusalError(401, "Unauthorized")
_dump = json.JSONEncoder(ensure_ascii=False).encode
_NOT_FOUND = RefusalError(404, "Not Found")


class BotApi:
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
        self._changes: dict[int, asyncio.Event] = {}
        self._runner: web.ServerRunner | None = None
        self._stopping = asyncio.Event()

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes a free one. `url` tells where."""
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

    # People and rooms

    def person(
        self,
        name: str,
        *,
        id: int = 0,  # noqa: A002 - the Bot API's own name
        username: str = "",
        language: str = "az",
    ) -> Person:
        """Give the person of that id, else a new one; they have not started the bot yet."""
        world = self.stage.world
        if id in world.users:
            return Person(self, world.users[id], world.chats[id])
        user = User(id or 10_000 + world.fresh_id(), name, username, language)
        return Person(self, user, world.add_user(user))

    def group(
        self,
        title: str,
        *,
        owner: Person | None = None,
        id: int = 0,  # noqa: A002
    ) -> Room:
        """Give a new basic group with the bot as a member."""
        number = self.stage.world.fresh_id()
        return self._room(Chat(id or -200 - number, "group", title), owner, "member")

    def supergroup(
        self,
        title: str,
        *,
        owner: Person | None = None,
        id: int = 0,  # noqa: A002
        username: str = "",
        forum: bool = False,
    ) -> Room:
        """Give a new supergroup with the bot as a member."""
        chat_id = id or supergroup_id(self.stage.world.fresh_id())
        chat = Chat(chat_id, "supergroup", title, username, is_forum=forum)
        return self._room(chat, owner, "member")

    def channel(
        self,
        title: str,
        *,
        owner: Person | None = None,
        id: int = 0,  # noqa: A002
        username: str = "",
        bot: str = "administrator",
    ) -> Room:
        """Give a new channel; ``bot``: what the bot is there (``left``: not in it)."""
        chat_id = id or supergroup_id(self.stage.world.fresh_id())
        return self._room(Chat(chat_id, "channel", title, username), owner, bot)

    def _room(self, chat: Chat, owner: Person | None, bot: str) -> Room:
        world = self.stage.world
        world.add_chat(chat)
        owner = owner or self.person(f"{chat.title} sahibi")
        chat.members[owner.id] = Member(owner.user, "creator")
        chat.members[world.bot.id] = Member(world.bot, bot)
        return Room(self, chat)

    # What people see

    def timeline(self, chat_id: int, *, deleted: bool = False) -> list[Seen]:
        """Give the messages of a chat, oldest first."""
        messages = self.stage.world.chats[chat_id].messages.values()
        return [see(message) for message in messages if deleted or not message.deleted]

    def timeline_text(self, chat_id: int) -> str:
        """Give the chat as plain text, for a person who reads a failed test."""
        return "\n".join(seen.render() for seen in self.timeline(chat_id, deleted=True))

    async def wait_for(
        self,
        chat_id: int,
        predicate: Callable[[Seen], bool],
        timeout_s: float = 5.0,
        *,
        after: int = 0,
    ) -> Seen:
        """Give the first message of the bot after message ``after`` that fits, now or when it does.

        Raises TimeoutError that tells what the chat looks like instead.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    changed = self._changes.setdefault(chat_id, asyncio.Event())
                    for message in self.timeline(chat_id):
                        if message.message_id > after and message.from_bot and predicate(message):
                            return message
                    await changed.wait()
        except TimeoutError:
            raise TimeoutError(
                f"nothing fits in chat {chat_id} after {timeout_s} s:\n"
                + self.timeline_text(chat_id)
            ) from None

    def changed(self, chat_id: int) -> None:
        """Wake those who wait for something in a chat."""
        if event := self._changes.pop(chat_id, None):
            event.set()

    # Faults

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

    # Calls

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            token, _, method = path[4:].partition("/")
            return await self._serve(request, token, method)
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
            call.chat_id = self._chat_id(values.get("chat_id"))
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

    def _chat_id(self, given: object) -> int | None:
        if isinstance(given, str):
            return self.stage.world.names.get(given.removeprefix("@").lower())
        return given if isinstance(given, int) else None

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
