"""The people of the stand-in Telegram over HTTP, for tests whose bot runs in another process.

``POST /_control/NAME`` with a JSON object of NAME's arguments; people and rooms go by their ids.
An answer is JSON too; what went wrong is 400 with ``{"error": ...}``, a wait in vain 408.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.demo.people import Answer, InlineAnswer, Person
from bot.demo.places import Room
from bot.demo.timeline import Seen

if TYPE_CHECKING:
    from bot.demo.botapi import BotApi

Args = dict[str, Any]
Command = Callable[["BotApi", Args], Awaitable[object]]


async def serve(server: "BotApi", request: web.BaseRequest, name: str) -> web.Response:
    """Carry out one command."""
    command = COMMANDS.get(name)
    if command is None:
        return _json({"error": f"no command {name}", "commands": sorted(COMMANDS)}, 404)
    try:
        raw = await request.read()
        return _json(await command(server, json.loads(raw) if raw else {}))
    except TimeoutError as error:
        return _json({"error": str(error) or "time-out"}, 408)
    except (LookupError, TypeError, ValueError) as error:
        return _json({"error": f"{type(error).__name__}: {error}"}, 400)


def _json(body: object, status: int = 200) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, default=_plain)
    return web.Response(status=status, text=text, content_type="application/json")


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


def _person(server: "BotApi", args: Args, key: str = "person") -> Person:
    user_id = args.pop(key)
    return Person(server, server.stage.world.users[user_id], server.stage.world.chats[user_id])


def _room(server: "BotApi", args: Args, key: str = "chat") -> Room | None:
    chat_id = args.pop(key, None)
    return server.room(chat_id) if chat_id is not None else None


def _given_room(server: "BotApi", args: Args) -> Room:
    return server.room(args.pop("chat"))


async def _add_person(server: "BotApi", args: Args) -> dict[str, int]:
    return {"id": server.person(**args).id}


async def _crowd(server: "BotApi", args: Args) -> list[int]:
    return [person.id for person in server.crowd(args["count"])]


async def _add_room(server: "BotApi", args: Args) -> dict[str, int]:
    if "owner" in args:
        args["owner"] = _person(server, args, "owner")
    makers: dict[str, Callable[..., Room]] = {
        "group": server.group,
        "supergroup": server.supergroup,
        "channel": server.channel,
    }
    return {"id": makers[args.pop("type")](**args).id}


async def _start(server: "BotApi", args: Args) -> Seen:
    return await _person(server, args).start(**args)


async def _send(server: "BotApi", args: Args) -> Seen:
    person, room = _person(server, args), _room(server, args)
    return await person.send(args.pop("text"), room, **args)


async def _press(server: "BotApi", args: Args) -> Answer:
    person, room = _person(server, args), _room(server, args)
    return await person.press(args.pop("message_id"), args.pop("label"), chat=room, **args)


async def _inline(server: "BotApi", args: Args) -> InlineAnswer:
    return await _person(server, args).inline(args.pop("query"), **args)


async def _choose(server: "BotApi", args: Args) -> Seen:
    person, room = _person(server, args), _room(server, args)
    answer = InlineAnswer(**args.pop("answer"))
    return await person.choose(answer, args.get("result", 0), room)


async def _block(server: "BotApi", args: Args) -> bool:
    await _person(server, args).block()
    return True


async def _unblock(server: "BotApi", args: Args) -> bool:
    await _person(server, args).unblock()
    return True


async def _deactivate(server: "BotApi", args: Args) -> bool:
    _person(server, args).deactivate()
    return True


async def _topic(server: "BotApi", args: Args) -> dict[str, int]:
    return {"thread_id": _given_room(server, args).topic(args["name"])}


async def _close_topic(server: "BotApi", args: Args) -> bool:
    _given_room(server, args).close_topic(args["thread_id"], closed=args.get("closed", True))
    return True


async def _join(server: "BotApi", args: Args) -> bool:
    _given_room(server, args).join(_person(server, args), **args)
    return True


async def _add_bot(server: "BotApi", args: Args) -> bool:
    room, by = _given_room(server, args), _person(server, args, "by")
    await room.add_bot(by, args.get("status", "member"), **args.get("rights", {}))
    return True


async def _set_bot(server: "BotApi", args: Args) -> bool:
    room, by = _given_room(server, args), _person(server, args, "by")
    await room.set_bot(by, args["status"], **args.get("rights", {}))
    return True


async def _migrate(server: "BotApi", args: Args) -> dict[str, int]:
    return {"id": (await _given_room(server, args).migrate()).id}


async def _timeline(server: "BotApi", args: Args) -> list[Seen]:
    return server.timeline(args["chat_id"], deleted=args.get("deleted", False))


async def _timeline_text(server: "BotApi", args: Args) -> dict[str, str]:
    return {"text": server.timeline_text(args["chat_id"])}


async def _wait(server: "BotApi", args: Args) -> Seen:
    part = args.pop("text", "")
    return await server.wait_for(args.pop("chat_id"), lambda seen: part in seen.text, **args)


async def _calls(server: "BotApi", args: Args) -> list[object]:
    wanted = args.get("method", "")
    calls = server.calls[args.get("since", 0) :]
    return [call for call in calls if wanted in {"", call.method}]


async def _rejected(server: "BotApi", _args: Args) -> list[object]:
    return list(server.rejected)


async def _warnings(server: "BotApi", _args: Args) -> list[str]:
    return server.warnings


async def _fail(server: "BotApi", args: Args) -> bool:
    server.fail(args.pop("method"), **args)
    return True


async def _clear_faults(server: "BotApi", _args: Args) -> bool:
    server.faults.clear()
    return True


async def _token(server: "BotApi", args: Args) -> bool:
    if args["revoked"]:
        server.revoke_token()
    else:
        server.restore_token()
    return True


async def _botfather(server: "BotApi", args: Args) -> bool:
    stage = server.stage
    stage.inline_mode = args.get("inline_mode", stage.inline_mode)
    stage.inline_feedback = args.get("inline_feedback", stage.inline_feedback)
    stage.privacy = args.get("privacy", stage.privacy)
    return True


async def _follow(server: "BotApi", args: Args) -> Seen:
    return await _person(server, args).follow(args["link"])


async def _pending(server: "BotApi", _args: Args) -> int:
    return server.stage.updates.pending()


COMMANDS: dict[str, Command] = {
    "person": _add_person,
    "crowd": _crowd,
    "room": _add_room,
    "start": _start,
    "follow": _follow,
    "send": _send,
    "press": _press,
    "inline": _inline,
    "choose": _choose,
    "block": _block,
    "unblock": _unblock,
    "deactivate": _deactivate,
    "topic": _topic,
    "close_topic": _close_topic,
    "join": _join,
    "add_bot": _add_bot,
    "set_bot": _set_bot,
    "migrate": _migrate,
    "timeline": _timeline,
    "timeline_text": _timeline_text,
    "wait": _wait,
    "calls": _calls,
    "rejected": _rejected,
    "warnings": _warnings,
    "fail": _fail,
    "clear_faults": _clear_faults,
    "token": _token,
    "botfather": _botfather,
    "pending": _pending,
}
