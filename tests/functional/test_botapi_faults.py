"""What goes wrong on demand: flood limits, scripted failures, cut connections, other processes."""

import asyncio
import signal
import sys

import aiohttp
import pytest

from bot.demo.faults import Limits
from tests.functional.botapi_fixtures import Client, Clock, Reply, running, until


async def say(client: Client, chat_id: int, text: str = "x") -> Reply:
    return await client("sendMessage", chat_id=chat_id, text=text)


async def test_a_private_chat_takes_a_burst_of_five() -> None:
    clock = Clock()
    async with running(now=clock, limits=Limits()) as (server, client):
        aysel = server.crowd(1)[0]
        assert [(await say(client, aysel.id)).status for _ in range(6)] == [200] * 5 + [429]
        refused = await say(client, aysel.id)
        assert refused.error == "Too Many Requests: retry after 5"
        assert refused.body["parameters"] == {"retry_after": 5}
        clock.forward(5)
        assert (await say(client, aysel.id)).status == 200


async def test_a_group_takes_twenty_a_minute() -> None:
    clock = Clock()
    async with running(now=clock, limits=Limits(per_second=0)) as (server, client):
        group = server.group("Qrup")
        assert {(await say(client, group.id)).status for _ in range(20)} == {200}
        refused = await say(client, group.id)
        assert refused.body["parameters"] == {"retry_after": 60}


async def test_the_whole_bot_sends_thirty_a_second_edits_included() -> None:
    clock = Clock()
    async with running(now=clock, limits=Limits()) as (server, client):
        people = server.crowd(31)
        answers = [await say(client, person.id) for person in people]
        assert [answer.status for answer in answers] == [200] * 30 + [429]
        edit = await client(
            "editMessageText",
            chat_id=people[0].id,
            message_id=answers[0].result["message_id"],
            text="y",
        )
        assert edit.status == 429
        assert (await client("getChat", chat_id=people[0].id)).status == 200
        clock.forward(1)
        assert (await say(client, people[30].id)).status == 200


async def test_calls_are_recorded_with_their_time() -> None:
    clock = Clock()
    async with running(now=clock) as (server, client):
        aysel = server.crowd(1)[0]
        await say(client, aysel.id)
        clock.forward(2)
        await say(client, 42)
        good, bad = server.calls
        assert (good.at + 2, good.ok, good.message_id) == (bad.at, True, 1)
        assert (bad.method, bad.chat_id, bad.ok, bad.error_code) == ("sendMessage", 42, False, 400)
        assert server.rejected == [bad]


async def test_a_scripted_failure_comes_as_often_as_told() -> None:
    async with running() as (server, client):
        aysel, leyla = server.crowd(2)
        server.fail("sendMessage", chat_id=aysel.id, times=2, error_code=429)
        server.fail("*", chat_id=leyla.id, error_code=403)
        flood = await say(client, aysel.id)
        assert flood.body == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
        assert (await say(client, leyla.id)).error == "Forbidden: bot was blocked by the user"
        assert [(await say(client, aysel.id)).status for _ in range(2)] == [429, 200]
        server.fail(
            "sendMessage", error_code=400, description="Bad Request: x", parameters={"a": 1}
        )
        odd = await say(client, aysel.id)
        assert (odd.error, odd.body["parameters"]) == ("Bad Request: x", {"a": 1})


async def test_a_bad_gateway_is_a_page_of_html() -> None:
    async with running() as (server, client):
        server.fail("getMe", error_code=502)
        async with client.session.get(f"{server.url}/bot{server.token}/getMe") as answer:
            assert answer.status == 502
            assert answer.content_type == "text/html"


async def test_an_accepted_call_can_be_cut() -> None:
    async with running() as (server, client):
        aysel = server.crowd(1)[0]
        server.fail("sendMessage", accept=True, cut=True)
        with pytest.raises(aiohttp.ClientError):
            await say(client, aysel.id, "a")
        server.fail("sendMessage", cut=True)
        with pytest.raises(aiohttp.ClientError):
            await say(client, aysel.id, "b")
        server.fail("sendMessage", accept=True, error_code=502)
        with pytest.raises(aiohttp.ContentTypeError):
            await say(client, aysel.id, "c")
        assert [m.text for m in server.timeline(aysel.id)] == ["a", "c"]
        assert [call.ok for call in server.calls] == [True, False, True]


async def test_an_answer_can_be_late_or_never_come() -> None:
    async with running() as (server, client):
        server.fail("getMe", delay_s=0.01)
        assert (await client("getMe")).status == 200
        server.fail("getMe", hang=True)
        hanging = asyncio.create_task(client("getMe"))
        await until(lambda: len(server.calls) == 2)
        await server.stop()
        with pytest.raises(aiohttp.ClientError):
            await hanging


async def test_a_server_that_was_away_comes_back_as_it_was() -> None:
    async with running() as (server, client):
        aysel = server.crowd(1)[0]
        await say(client, aysel.id, "a")
        port = int(server.url.rsplit(":", 1)[1])
        await server.stop()
        with pytest.raises(aiohttp.ClientError):
            await say(client, aysel.id, "b")
        await server.start(port)
        assert (await say(client, aysel.id, "c")).status == 200
        assert [m.text for m in server.timeline(aysel.id)] == ["a", "c"]


async def test_another_process_is_played_over_http() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.demo.botapi",
        "--token",
        "7:x",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session:

        async def control(command: str, /, **args: object) -> object:
            async with session.post(f"{url}/_control/{command}", json=args) as answer:
                return await answer.json()

        async def call(method: str, **params: object) -> object:
            async with session.post(f"{url}/bot7:x/{method}", json=params) as answer:
                return await answer.json()

        aysel = await control("person", name="Aysel", id=77)
        assert aysel == {"id": 77}
        group = await control("room", type="group", title="Qrup", owner=77)
        assert isinstance(group, dict)
        await control("start", person=77)
        await control("send", person=77, chat=group["id"], text="/son")
        keyboard = {"inline_keyboard": [[{"text": "Sil", "callback_data": "x"}]]}
        await call("sendMessage", chat_id=77, text="salam", reply_markup=keyboard)
        seen = await control("wait", chat_id=77, text="salam")
        assert isinstance(seen, dict)
        pressing = asyncio.create_task(
            control("press", person=77, message_id=seen["message_id"], label="Sil")
        )
        updates: list[dict[str, dict[str, object]]] = []
        while len(updates) < 3:
            answer = await call("getUpdates")
            assert isinstance(answer, dict)
            updates = answer["result"]
        await call("answerCallbackQuery", callback_query_id=updates[2]["callback_query"]["id"])
        pressed = await pressing
        assert isinstance(pressed, dict)
        assert pressed["text"] == ""
        calls = await control("calls", method="sendMessage")
        assert isinstance(calls, list)
        assert [entry["chat_id"] for entry in calls] == [77]
        assert await control("timeline_text", chat_id=77) == {
            "text": "#1 Aysel\n  /start\n#3 Xəbərçi\n  salam\n  [Sil]"
        }
        assert await control("press", person=77, message_id=1, label="x") == {
            "error": "LookupError: no button 'x' among []"
        }
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
