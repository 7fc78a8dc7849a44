"""Messages of the bot: what the stand-in takes, refuses and shows."""

import aiohttp
import pytest

from tests.functional.botapi_fixtures import Clock, running

KEYBOARD = {
    "inline_keyboard": [
        [{"text": "Oxu", "url": "https://technote.az/x"}],
        [{"text": "Oxşar xəbərlər", "callback_data": "r:1"}],
    ]
}


async def test_a_message_is_seen_as_it_was_sent() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        sent = await client(
            "sendMessage",
            chat_id=aysel.id,
            text="<b>Başlıq</b>\n\n<a href='https://technote.az/x'>technote.az</a>",
            parse_mode="HTML",
            reply_markup=KEYBOARD,
            disable_notification=True,
            link_preview_options={"url": "https://technote.az/x", "prefer_small_media": True},
        )
        seen = server.timeline(aysel.id)[-1]
        assert sent.result["message_id"] == seen.message_id
        assert seen.text == "Başlıq\n\ntechnote.az"
        assert seen.labels == [["Oxu"], ["Oxşar xəbərlər"]]
        assert seen.silent
        assert seen.links == ["https://technote.az/x"]
        assert seen.link_preview == {"url": "https://technote.az/x", "prefer_small_media": True}
        assert server.warnings == []


async def test_json_forms_multipart_and_queries_are_the_same_call() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        markup = '{"inline_keyboard": [[{"text": "Oxu", "url": "https://a.az"}]]}'
        await client.form("sendMessage", chat_id=str(aysel.id), text="1", reply_markup=markup)
        form = aiohttp.FormData({"chat_id": str(aysel.id), "text": "2", "reply_markup": markup})
        form.add_field("unused", b"x", filename="x")
        await client.upload("sendMessage", form)
        url = f"{server.url}/bot{server.token}/sendmessage"
        async with client.session.get(
            url, params={"chat_id": aysel.id, "text": "3", "reply_markup": markup}
        ) as answer:
            assert answer.status == 200
        assert [(m.text, m.labels) for m in server.timeline(aysel.id)[1:]] == [
            (text, [["Oxu"]]) for text in "123"
        ]
        assert [call.params["chat_id"] for call in server.calls] == [aysel.id] * 3


async def test_a_wrong_token_and_an_unknown_method_are_refused() -> None:
    async with running() as (server, client):
        assert (await client("getMi")).body == {
            "ok": False,
            "error_code": 404,
            "description": "Not Found",
        }
        server.revoke_token()
        refused = await client("getMe")
        assert (refused.status, refused.error) == (401, "Unauthorized")
        server.restore_token()
        assert (await client("getMe")).result["username"] == "xeberci_bot"
        async with client.session.get(f"{server.url}/bot1:x/getMe") as answer:
            assert answer.status == 401


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": "", "text": "x"}, "chat_id is empty"),
        ({"chat_id": 1}, "message text is empty"),
        ({"chat_id": 1, "text": 5}, 'field "text" must be of type String'),
        ({"chat_id": 1, "text": None}, 'field "text" must be of type String'),
        (
            {"chat_id": 1, "text": "x", "disable_notification": "yes"},
            'field "disable_notification" must be of type Boolean',
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": {}}},
            'field "inline_keyboard" must be of type Array',
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"url": "u"}]]}},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"chat_id": 1, "text": "x", "link_preview_options": {"is_disabled": 1}},
            'field "is_disabled" must be of type Boolean',
        ),
        (
            {"chat_id": 1, "text": "x", "reply_parameters": {}},
            'can\'t find field "message_id"',
        ),
    ],
)
async def test_a_missing_or_mistyped_parameter_is_refused(
    params: dict[str, object], error: str
) -> None:
    async with running() as (server, client):
        refused = await client("sendMessage", **params)
        assert refused.status == 400
        assert refused.error == f"Bad Request: {error}"
        assert server.rejected[-1].description == refused.error


async def test_a_preview_needs_an_address_that_can_be_opened() -> None:
    async with running() as (server, client):
        aysel = server.crowd(1)[0]
        refused = await client(
            "sendMessage", chat_id=aysel.id, text="x", link_preview_options={"url": "xəbər"}
        )
        assert refused.error == "Bad Request: WEBPAGE_URL_INVALID"


async def test_an_unknown_parameter_is_a_warning() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        preview = {"is_disabled": True, "x": 1}
        answer = await client(
            "sendMessage",
            chat_id=aysel.id,
            text="a",
            disable_preview=1,
            link_preview_options=preview,
        )
        assert answer.status == 200
        assert server.warnings == [
            "sendMessage: unknown parameter disable_preview",
            "sendMessage: unknown parameter LinkPreviewOptions.x",
        ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "message text is empty"),
        (" \n ", "text must be non-empty"),
        ("<b></b>", "text must be non-empty"),
        ("<b>" + "ə" * 4096 + "</b>", ""),
        ("🎉" * 4096, ""),
        ("<b>" + "ə" * 4097 + "</b>", "message is too long"),
        ("&lt;" * 4096, ""),
        ("&amp;" * 7000, "message is too long"),
    ],
)
async def test_a_text_has_one_to_4096_characters_after_parsing(text: str, error: str) -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        answer = await client("sendMessage", chat_id=aysel.id, text=text, parse_mode="HTML")
        assert answer.body.get("description", "") == (f"Bad Request: {error}" if error else "")


@pytest.mark.parametrize(
    ("button", "error"),
    [
        ({"text": "x", "callback_data": "a" * 64}, ""),
        ({"text": "x", "callback_data": "ə" * 33}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "x", "copy_text": {"text": "ə" * 256}}, ""),
        ({"text": "x", "copy_text": {"text": "a" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": " ", "callback_data": "a"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "callback_data": "a", "url": "https://a.az"},
            "can't parse inline keyboard button: exactly one kind must be given",
        ),
        ({"text": "x", "url": "tg://user?id=1"}, ""),
        ({"text": "x", "url": "https://a.az/ə?b=c"}, ""),
        ({"text": "x", "url": "http://127.0.0.1:8080/x"}, ""),
        ({"text": "x", "url": ""}, "BUTTON_URL_INVALID"),
        (
            {"text": "x", "url": "ftp://a.az"},
            "inline keyboard button URL 'ftp://a.az' is invalid: Unsupported URL protocol",
        ),
        (
            {"text": "x", "url": "xəbər"},
            "inline keyboard button URL 'xəbər' is invalid: Wrong HTTP URL",
        ),
        ({"text": "x", "switch_inline_query_current_chat": ""}, ""),
    ],
)
async def test_a_button_is_checked_as_telegram_does(button: dict[str, object], error: str) -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        markup = {"inline_keyboard": [[button]]}
        answer = await client("sendMessage", chat_id=aysel.id, text="x", reply_markup=markup)
        assert answer.body.get("description", "") == (f"Bad Request: {error}" if error else "")


@pytest.mark.parametrize(
    ("rows", "columns", "taken"), [(12, 8, True), (13, 8, False), (1, 9, False)]
)
async def test_a_keyboard_has_a_hundred_buttons(rows: int, columns: int, *, taken: bool) -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        button = {"text": "x", "callback_data": "x"}
        markup = {"inline_keyboard": [[button] * columns] * rows}
        answer = await client("sendMessage", chat_id=aysel.id, text="x", reply_markup=markup)
        assert answer.body["ok"] is taken
        if not taken:
            assert answer.error == "Bad Request: reply markup is too long"


async def test_an_edit_changes_what_is_seen_and_takes_the_keyboard_off() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        sent = await client("sendMessage", chat_id=aysel.id, text="a", reply_markup=KEYBOARD)
        place = {"chat_id": aysel.id, "message_id": sent.result["message_id"]}
        same = await client("editMessageText", **place, text=" a", reply_markup=KEYBOARD)
        assert same.error == (
            "Bad Request: message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message"
        )
        edited = await client("editMessageText", **place, text="a")
        assert "edit_date" in edited.result
        seen = server.timeline(aysel.id)[-1]
        assert (seen.text, seen.labels, seen.edited, seen.versions) == ("a", [], True, ("a",))
        assert (
            await client("editMessageReplyMarkup", **place, reply_markup=KEYBOARD)
        ).status == 200
        assert server.timeline(aysel.id)[-1].labels == [["Oxu"], ["Oxşar xəbərlər"]]
        caption = await client("editMessageCaption", **place, caption="x")
        assert caption.error == "Bad Request: there is no caption in the message to edit"


async def test_only_own_messages_that_are_there_are_edited_and_deleted() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        theirs = await aysel.start()
        place = {"chat_id": aysel.id, "message_id": theirs.message_id}
        refused = await client("editMessageText", **place, text="x")
        assert refused.error == "Bad Request: message can't be edited"
        gone = await client("editMessageText", chat_id=aysel.id, message_id=99, text="x")
        assert gone.error == "Bad Request: message to edit not found"
        own = (await client("sendMessage", chat_id=aysel.id, text="x")).result["message_id"]
        assert (await client("deleteMessage", chat_id=aysel.id, message_id=own)).result is True
        again = await client("deleteMessage", chat_id=aysel.id, message_id=own)
        assert again.error == "Bad Request: message to delete not found"
        edit = await client("editMessageText", chat_id=aysel.id, message_id=own, text="y")
        assert edit.error == "Bad Request: message to edit not found"
        assert [m.message_id for m in server.timeline(aysel.id)] == [theirs.message_id]
        assert server.timeline(aysel.id, deleted=True)[-1].deleted


async def test_an_answer_needs_the_message_that_it_answers() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        asked = await aysel.send("DeepSeek")
        reply: dict[str, object] = {"message_id": asked.message_id}
        sent = await client("sendMessage", chat_id=aysel.id, text="a", reply_parameters=reply)
        assert sent.result["reply_to_message"]["text"] == "DeepSeek"
        assert server.timeline(aysel.id)[-1].reply_to == asked.message_id
        reply["message_id"] = 999
        lost = await client("sendMessage", chat_id=aysel.id, text="a", reply_parameters=reply)
        assert lost.error == "Bad Request: message to be replied not found"
        reply["allow_sending_without_reply"] = True
        sent = await client("sendMessage", chat_id=aysel.id, text="a", reply_parameters=reply)
        assert sent.status == 200


async def test_a_document_is_uploaded_and_comes_back() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        form = aiohttp.FormData({"chat_id": str(aysel.id), "caption": "<i>məlumat</i>"})
        form.add_field("parse_mode", "HTML")
        form.add_field("document", b'{"a": 1}', filename="melumat.json")
        sent = await client.upload("sendDocument", form)
        seen = server.timeline(aysel.id)[-1]
        assert (seen.document, seen.file, seen.text) == ("melumat.json", b'{"a": 1}', "məlumat")
        file = await client("getFile", file_id=sent.result["document"]["file_id"])
        url = f"{server.url}/file/bot{server.token}/{file.result['file_path']}"
        async with client.session.get(url) as answer:
            assert await answer.read() == b'{"a": 1}'
        long = await client(
            "sendPhoto", chat_id=aysel.id, photo="https://a.az/x.jpg", caption="ə" * 1025
        )
        assert long.error == "Bad Request: message caption is too long"


async def test_a_copy_has_neither_sender_nor_keyboard() -> None:
    async with running() as (server, client):
        aysel, leyla = server.person("Aysel"), server.person("Leyla")
        await aysel.start()
        await leyla.start()
        sent = await client("sendMessage", chat_id=aysel.id, text="x", reply_markup=KEYBOARD)
        place = {"from_chat_id": aysel.id, "message_id": sent.result["message_id"]}
        copied = await client("copyMessage", chat_id=leyla.id, **place)
        assert list(copied.result) == ["message_id"]
        seen = server.timeline(leyla.id)[-1]
        assert (seen.text, seen.labels) == ("x", [])


async def test_a_post_of_48_hours_ago_cannot_be_deleted() -> None:
    clock = Clock()
    async with running(now=clock) as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        sent = (await client("sendMessage", chat_id=aysel.id, text="x")).result["message_id"]
        clock.forward(48 * 3600 + 1)
        refused = await client("deleteMessage", chat_id=aysel.id, message_id=sent)
        assert refused.error == "Bad Request: message can't be deleted for everyone"


async def test_commands_and_descriptions_are_kept() -> None:
    async with running() as (_server, call):
        commands = [{"command": "komek", "description": "Kömək"}]
        assert (await call("setMyCommands", commands=commands, language_code="az")).result is True
        assert (await call("getMyCommands", language_code="az")).result == commands
        assert (await call("getMyCommands")).result == []
        bad = await call("setMyCommands", commands=[{"command": "Kömək", "description": "x"}])
        assert bad.error == "Bad Request: BOT_COMMAND_INVALID"
        assert (await call("setMyDescription", description="ə" * 513)).status == 400
        assert (await call("setMyShortDescription", short_description="x")).result is True
        assert (await call("getMyShortDescription")).result == {"short_description": "x"}
        scope = {"type": "all_private_chats"}
        assert (await call("setMyCommands", commands=commands, scope=scope)).result is True
        assert (await call("setMyCommands", commands=commands, scope={"type": "x"})).status == 400


async def test_a_method_without_behaviour_is_checked_and_named() -> None:
    async with running() as (server, client):
        assert (await client("sendDice", emoji="🎲")).error == "Bad Request: chat_id is empty"
        assert (await client("banChatMember", chat_id=1, user_id=2)).result is True
        assert server.warnings == ["banChatMember: checked, but not carried out"]
