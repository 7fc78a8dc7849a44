"""What reaches the bot: long polling, the webhook, presses, inline queries."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from bot.demo import schema
from bot.demo.people import Answer
from tests.functional.botapi_fixtures import Client, Clock, Reply, running, until

Update = dict[str, Any]


async def updates(client: Client, **params: object) -> list[Update]:
    result: list[Update] = (await client("getUpdates", **params)).result
    for update in result:
        assert schema.conformity("Update", update) == []
    return result


async def next_update(client: Client, after: int = 0) -> Update:
    return (await updates(client, offset=after + 1, timeout=5))[0]


async def test_an_update_stays_until_an_offset_confirms_it() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        await aysel.send("DeepSeek")
        first, second = await updates(client)
        assert [u["message"]["text"] for u in (first, second)] == ["/start", "DeepSeek"]
        assert first["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
        assert await updates(client, limit=1) == [first]
        assert await updates(client, offset=second["update_id"]) == [second]
        assert await updates(client, offset=second["update_id"] + 1) == []
        await aysel.send("a")
        await aysel.send("b")
        last = await updates(client, offset=-1)
        assert [u["message"]["text"] for u in last] == ["b"]
        assert await updates(client) == last


async def test_a_poll_waits_for_what_comes() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        waiting = asyncio.create_task(updates(client, timeout=5))
        await until(lambda: server.calls)
        await aysel.send("DeepSeek")
        assert (await waiting)[0]["message"]["text"] == "DeepSeek"


async def test_a_second_poller_ends_the_first() -> None:
    async with running() as (server, client):
        first = asyncio.create_task(client("getUpdates", timeout=5))
        await until(lambda: server.calls)
        second = asyncio.create_task(client("getUpdates", timeout=5))
        refused = await first
        assert refused.status == 409
        assert refused.error == (
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        await server.person("Aysel").send("x")
        assert len((await second).result) == 1


async def test_allowed_updates_are_remembered() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await updates(client, allowed_updates=["callback_query"])
        await aysel.start()
        assert await updates(client) == []
        await updates(client, allowed_updates=[])
        await aysel.start()
        assert len(await updates(client)) == 1


async def test_updates_expire() -> None:
    clock = Clock()
    async with running(now=clock) as (server, client):
        aysel = server.person("Aysel")
        await aysel.send("a")
        asking = asyncio.create_task(aysel.inline("x"))
        await asyncio.sleep(0)
        clock.forward(31)
        assert [list(u)[1] for u in await updates(client)] == ["message"]
        clock.forward(86400)
        assert await updates(client) == []
        asking.cancel()


async def answer_press(client: Client, update: Update, **params: object) -> Reply:
    return await client(
        "answerCallbackQuery", callback_query_id=update["callback_query"]["id"], **params
    )


async def test_a_press_waits_for_its_answer() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        start = await aysel.start()
        seen_update = (await updates(client))[0]["update_id"]
        button = {"text": "Abunə ol: DeepSeek", "callback_data": "f:1"}
        link = {"text": "Oxu", "url": "https://a.az/x"}
        copy = {"text": "Linki kopyala", "copy_text": {"text": "https://a.az/x"}}
        keyboard = {"inline_keyboard": [[link, copy], [button]]}
        await client("sendMessage", chat_id=aysel.id, text="x", reply_markup=keyboard)
        message = await server.wait_for(aysel.id, lambda m: m.text == "x", after=start.message_id)
        assert await aysel.press(message, "Oxu") == Answer(opened="https://a.az/x")
        assert await aysel.press(message, "Linki") == Answer(copied="https://a.az/x")
        assert await updates(client, offset=seen_update + 1) == []
        with pytest.raises(LookupError, match="no button"):
            await aysel.press(message, "Sil")

        pressing = asyncio.create_task(aysel.press(message, "Abunə ol"))
        update = await next_update(client, seen_update)
        assert update["callback_query"]["data"] == "f:1"
        assert update["callback_query"]["message"]["date"] > 0
        long = await answer_press(client, update, text="ə" * 201)
        assert long.status == 400
        assert (await answer_press(client, update, text="Oldu", show_alert=True)).result is True
        assert await pressing == Answer(text="Oldu", alert=True)
        again = await answer_press(client, update)
        assert again.error == (
            "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )


async def test_a_press_on_a_deleted_message_brings_an_inaccessible_one() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}
        sent = await client("sendMessage", chat_id=aysel.id, text="x", reply_markup=keyboard)
        old = server.timeline(aysel.id)[-1]
        await client("deleteMessage", chat_id=aysel.id, message_id=sent.result["message_id"])
        pressing = asyncio.create_task(aysel.press(old, "x"))
        await asyncio.sleep(0)
        update = (await updates(client))[-1]
        assert update["callback_query"]["message"]["date"] == 0
        await answer_press(client, update)
        assert (await pressing).text == ""


async def test_an_old_press_cannot_be_answered() -> None:
    clock = Clock()
    async with running(now=clock) as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}
        await client("sendMessage", chat_id=aysel.id, text="x", reply_markup=keyboard)
        pressing = asyncio.create_task(aysel.press(server.timeline(aysel.id)[-1], "x"))
        await asyncio.sleep(0)
        update = (await updates(client))[-1]
        clock.forward(151)
        assert (await answer_press(client, update)).status == 400
        pressing.cancel()


def article(number: int = 0, **fields: object) -> dict[str, object]:
    content = {"message_text": f"<b>{number}</b>", "parse_mode": "HTML"}
    return {
        "type": "article",
        "id": f"a{number}",
        "title": f"Xəbər {number}",
        "input_message_content": content,
        **fields,
    }


async def test_an_inline_query_is_answered_chosen_and_cached() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        server.stage.inline_feedback = True
        asking = asyncio.create_task(aysel.inline("DeepSeek"))
        await asyncio.sleep(0)
        update = (await updates(client))[-1]
        assert update["inline_query"]["query"] == "DeepSeek"
        keyboard = {"inline_keyboard": [[{"text": "Oxu", "callback_data": "x"}]]}
        answered = await client(
            "answerInlineQuery",
            inline_query_id=update["inline_query"]["id"],
            results=[article(0), article(1, reply_markup=keyboard)],
            next_offset="2",
            cache_time=60,
            button={"text": "Abunə ol", "start_parameter": "t-deepseek"},
        )
        assert answered.result is True
        answer = await asking
        assert [result["id"] for result in answer.results] == ["a0", "a1"]
        assert (answer.next_offset, answer.asked) == ("2", True)
        assert not (await aysel.inline("DeepSeek")).asked
        chosen = await aysel.choose(answer, 1)
        assert (chosen.text, chosen.labels, chosen.via_bot) == ("1", [["Oxu"]], True)
        feedback, message = (await updates(client, offset=update["update_id"] + 1))[:2]
        assert feedback["chosen_inline_result"]["result_id"] == "a1"
        assert message["message"]["via_bot"]["username"] == "xeberci_bot"
        inline_id = feedback["chosen_inline_result"]["inline_message_id"]
        edited = await client("editMessageText", inline_message_id=inline_id, text="yeni")
        assert edited.result is True
        assert server.timeline(aysel.id)[-1].text == "yeni"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"results": [article(n) for n in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(1), article(1)]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article(id="ə" * 33)]}, "RESULT_ID_INVALID"),
        ({"results": [article(id="")]}, "RESULT_ID_INVALID"),
        ({"results": [article(title=1)]}, 'field "title" must be of type String'),
        (
            {"results": [article(input_message_content={"message_text": ""})]},
            "message text is empty",
        ),
        (
            {"results": [article(reply_markup={"inline_keyboard": [[{"text": "x"}]]})]},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"results": [], "next_offset": "1" * 65}, "NEXT_OFFSET_INVALID"),
        (
            {"results": [], "button": {"text": "x", "start_parameter": "süni zəka"}},
            "START_PARAM_INVALID",
        ),
        (
            {"results": [], "button": {"text": "x"}},
            "can't parse inline query results button: exactly one kind must be given",
        ),
        (
            {"results": [{"type": "article", "id": "1", "title": "x"}]},
            "can't parse InlineQueryResultArticle: Can't find field \"input_message_content\"",
        ),
    ],
)
async def test_an_inline_answer_is_checked_as_if_it_were_sent(
    answer: dict[str, object], error: str
) -> None:
    async with running() as (server, client):
        asking = asyncio.create_task(server.person("Aysel").inline("x"))
        await asyncio.sleep(0)
        query_id = (await updates(client))[-1]["inline_query"]["id"]
        refused = await client("answerInlineQuery", inline_query_id=query_id, **answer)
        assert refused.error == f"Bad Request: {error}"
        assert (await client("answerInlineQuery", inline_query_id=query_id, results=[])).result
        assert (await asking).results == []


class Webhook:
    """A bot's endpoint that fails as often as it is told."""

    def __init__(self) -> None:
        self.failures = 0
        self.received: list[Update] = []
        self.secrets: list[str | None] = []
        self.arrived = asyncio.Event()

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        if self.failures:
            self.failures -= 1
            return web.Response(status=500)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.received.append(await request.json())
        self.arrived.set()
        return web.Response()


async def test_a_webhook_gets_updates_until_it_takes_them() -> None:
    hook = Webhook()
    hook.failures = 1
    runner = web.ServerRunner(web.Server(hook))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    async with running() as (server, client):
        await server.person("Aysel").send("before")
        assert (await client("setWebhook", url=url, secret_token="s")).result is True
        async with asyncio.timeout(5):
            await hook.arrived.wait()
        assert [u["message"]["text"] for u in hook.received] == ["before"]
        assert hook.secrets == ["s"]
        refused = await client("getUpdates")
        assert refused.error == (
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
        info = (await client("getWebhookInfo")).result
        assert info["url"] == url
        assert info["last_error_message"].startswith("Wrong response from the webhook: 500")
        assert schema.conformity("WebhookInfo", info) == []
        assert (await client("deleteWebhook")).result is True
        await server.person("Leyla").send("after")
        assert [u["message"]["text"] for u in await updates(client)] == ["after"]
    await runner.cleanup()


async def test_a_webhook_that_is_slow_with_one_update_gets_the_others() -> None:
    release, received = asyncio.Event(), []

    async def hook(request: web.BaseRequest) -> web.Response:
        text = (await request.json())["message"]["text"]
        if text == "slow":
            await release.wait()
        received.append(text)
        return web.Response()

    runner = web.ServerRunner(web.Server(hook))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await client("setWebhook", url=f"http://127.0.0.1:{runner.addresses[0][1]}/")
        await aysel.send("slow")
        await aysel.send("behind it")
        await server.person("Babək").send("quick")
        await until(lambda: received)
        release.set()
        await until(lambda: server.stage.updates.pending() == 0)
        assert received == ["quick", "slow", "behind it"]
    await runner.cleanup()


async def test_a_webhook_that_sends_elsewhere_has_not_taken_the_update() -> None:
    statuses, came = [302, 204], []

    async def hook(request: web.BaseRequest) -> web.Response:
        came.append(request.path)
        return web.Response(status=statuses[len(came) - 1], headers={"Location": "/there"})

    runner = web.ServerRunner(web.Server(hook))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with running() as (server, client):
        await client("setWebhook", url=f"http://127.0.0.1:{runner.addresses[0][1]}/here")
        await server.person("Aysel").send("salam")
        await until(lambda: server.stage.updates.pending() == 0)
        assert [status for _, status in server.stage.updates.posted] == statuses
    assert came == ["/here", "/here"]
    await runner.cleanup()


async def test_a_webhook_must_be_https() -> None:
    async with running() as (_server, client):
        refused = await client("setWebhook", url="http://a.az/hook")
        assert refused.error == (
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
        )
        refused = await client("setWebhook", url="https://a.az/hook", secret_token="ə")
        assert refused.error == "Bad Request: secret token contains unallowed characters"
