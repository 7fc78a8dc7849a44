"""Groups, channels and people who leave: whom the bot can write to, and what it hears."""

from typing import Any

import pytest

from bot.demo import schema
from bot.demo.people import Person
from tests.functional.botapi_fixtures import Client, Reply, running


async def heard(client: Client, after: int = 0) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = (await client("getUpdates", offset=after)).result
    for update in result:
        assert schema.conformity("Update", update) == []
    return result


async def texts(client: Client) -> list[str]:
    updates = await heard(client)
    return [u.get("message", {}).get("text", "") for u in updates if "message" in u]


async def say(client: Client, chat_id: object, **params: object) -> Reply:
    return await client("sendMessage", chat_id=chat_id, text="x", **params)


async def test_a_person_must_have_written_first() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        refused = await say(client, aysel.id)
        assert refused.status == 403
        assert refused.error == "Forbidden: bot can't initiate conversation with a user"
        assert (await say(client, str(aysel.id))).status == 403
        assert (await say(client, 42)).error == "Bad Request: chat not found"
        assert (await say(client, "@yoxdur")).error == "Bad Request: chat not found"
        assert (await say(client, "aysel")).error == "Bad Request: chat not found"


async def test_a_block_is_told_and_lifted_by_start() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        await aysel.start()
        await aysel.block()
        refused = await say(client, aysel.id)
        assert (refused.status, refused.error) == (
            403,
            "Forbidden: bot was blocked by the user",
        )
        change = (await heard(client))[-1]["my_chat_member"]
        assert change["new_chat_member"]["status"] == "kicked"
        await aysel.start("t-deepseek")
        assert (await say(client, aysel.id)).status == 200
        change, start = (await heard(client))[-2:]
        assert change["my_chat_member"]["new_chat_member"]["status"] == "member"
        assert start["message"]["text"] == "/start t-deepseek"
        with pytest.raises(ValueError, match="no deep link"):
            await aysel.start("süni zəka")
        followed = await aysel.follow("https://t.me/Xeberci_Bot?start=r-7")
        assert followed.text == "/start r-7"
        aysel.deactivate()
        assert (await say(client, aysel.id)).error == "Forbidden: user is deactivated"


async def test_privacy_mode_keeps_talk_from_the_bot() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        group = server.supergroup("Texnologiya", owner=aysel)
        await aysel.send("söhbət", group)
        await aysel.send("/axtar@basqa_bot x", group)
        await aysel.send("/axtar DeepSeek", group)
        await aysel.send("/son@xeberci_bot", group)
        await aysel.send("@xeberci_bot DeepSeek", group)
        sent = await say(client, group.id)
        await aysel.send("cavab", group, reply_to=sent.result["message_id"])
        assert await texts(client) == [
            "/axtar DeepSeek",
            "/son@xeberci_bot",
            "@xeberci_bot DeepSeek",
            "cavab",
        ]
        await group.set_bot(aysel, "administrator")
        await aysel.send("söhbət", group)
        assert (await texts(client))[-1] == "söhbət"
        await group.set_bot(aysel, "member")
        server.stage.privacy = False
        await aysel.send("yenə söhbət", group)
        assert (await texts(client))[-1] == "yenə söhbət"


async def test_an_anonymous_administrator_writes_as_the_group() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        group = server.supergroup("Texnologiya")
        group.join(aysel, "administrator", anonymous=True)
        await aysel.send("/abune x", group)
        message = (await heard(client))[-1]["message"]
        assert message["from"]["id"] == 1087968824
        assert message["sender_chat"]["id"] == group.id
        admins = (await client("getChatAdministrators", chat_id=group.id)).result
        assert [a["user"]["first_name"] for a in admins] == ["Texnologiya sahibi", "Aysel"]
        for admin in admins:
            assert schema.conformity("ChatMember", admin) == []


async def test_a_member_is_told_from_a_stranger() -> None:
    async with running() as (server, client):
        aysel, leyla = server.person("Aysel"), server.person("Leyla")
        channel = server.channel("Xəbərlər", owner=aysel, username="texnologiya_xeberleri")

        async def status(person: Person) -> str:
            chat = "@Texnologiya_xeberleri"
            answer = await client("getChatMember", chat_id=chat, user_id=person.id)
            assert schema.conformity("ChatMember", answer.result) == []
            found: str = answer.result["status"]
            return found

        assert [await status(aysel), await status(leyla)] == ["creator", "left"]
        channel.join(leyla, "administrator")
        assert await status(leyla) == "administrator"
        chat = (await client("getChat", chat_id=channel.id)).result
        assert schema.conformity("ChatFullInfo", chat) == []
        assert (await client("getChatMemberCount", chat_id=channel.id)).result == 3


@pytest.mark.parametrize(
    ("kind", "status", "code", "error"),
    [
        ("supergroup", "kicked", 403, "Forbidden: bot was kicked from the supergroup chat"),
        ("group", "kicked", 403, "Forbidden: bot was kicked from the group chat"),
        ("supergroup", "left", 403, "Forbidden: bot is not a member of the supergroup chat"),
        ("channel", "left", 403, "Forbidden: bot is not a member of the channel chat"),
        ("channel", "kicked", 403, "Forbidden: bot was kicked from the channel chat"),
        (
            "channel",
            "member",
            400,
            "Bad Request: need administrator rights in the channel chat",
        ),
        (
            "supergroup",
            "restricted",
            400,
            "Bad Request: not enough rights to send text messages to the chat",
        ),
    ],
)
async def test_a_room_says_why_the_bot_cannot_write(
    kind: str, status: str, code: int, error: str
) -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        makers = {
            "group": server.group,
            "supergroup": server.supergroup,
            "channel": server.channel,
        }
        room = makers[kind]("Otaq", owner=aysel)
        assert (await say(client, room.id)).status == 200
        await room.set_bot(aysel, status)
        refused = await say(client, room.id)
        assert (refused.status, refused.error) == (code, error)
        change = (await heard(client))[-1]["my_chat_member"]
        assert change["from"]["id"] == aysel.id
        assert change["new_chat_member"]["status"] == status


async def test_a_channel_post_needs_the_right_to_post() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        channel = server.channel("Xəbərlər", owner=aysel, bot="left")
        await channel.add_bot(aysel, can_post_messages=False)
        refused = await say(client, channel.id)
        assert refused.error == "Bad Request: need administrator rights in the channel chat"
        await channel.set_bot(aysel, "administrator")
        sent = (await say(client, channel.id)).result
        assert schema.conformity("Message", sent) == []
        assert "from" not in sent
        assert sent["message_id"] == 1
        await aysel.send("yazı", channel)
        assert (await heard(client))[-1]["channel_post"]["text"] == "yazı"
        assert server.timeline(channel.id)[-1].sender == "Xəbərlər"


async def test_a_migrated_group_points_to_its_new_id() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        group = server.group("Qrup", owner=aysel)
        new = await group.migrate()
        refused = await say(client, group.id)
        assert refused.error == "Bad Request: group chat was upgraded to a supergroup chat"
        assert refused.body["parameters"] == {"migrate_to_chat_id": new.id}
        to, origin = (u["message"] for u in (await heard(client))[-2:])
        assert (to["chat"]["id"], to["migrate_to_chat_id"]) == (group.id, new.id)
        assert (origin["chat"]["id"], origin["migrate_from_chat_id"]) == (new.id, group.id)
        assert (await say(client, new.id)).status == 200


async def test_forum_topics_are_kept_apart() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        forum = server.supergroup("Forum", owner=aysel, forum=True)
        topic = forum.topic("Süni zəka")
        asked = await aysel.send("/abune AI", forum, thread=topic)
        message = (await heard(client))[-1]["message"]
        assert (message["message_thread_id"], message["is_topic_message"]) == (topic, True)
        assert message["chat"]["is_forum"] is True
        answered = await say(client, forum.id, reply_parameters={"message_id": asked.message_id})
        assert answered.result["message_thread_id"] == topic
        assert (await say(client, forum.id, message_thread_id=topic)).status == 200
        assert (await say(client, forum.id, message_thread_id=1)).status == 400
        lost = await say(client, forum.id, message_thread_id=999)
        assert lost.error == "Bad Request: message thread not found"
        forum.close_topic(topic)
        closed = await say(client, forum.id, message_thread_id=topic)
        assert closed.error == "Bad Request: TOPIC_CLOSED"
        forum.delete_topic(topic)
        lost = await say(client, forum.id, message_thread_id=topic)
        assert lost.error == "Bad Request: message thread not found"


async def test_a_long_message_of_a_person_goes_in_parts() -> None:
    async with running() as (server, client):
        await server.person("Aysel").send("x" * 5000)
        assert [len(text) for text in await texts(client)] == [4096, 904]


async def test_an_edited_message_is_told() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        sent = await aysel.send("DipSek")
        edited = await aysel.edit(sent, "DeepSeek")
        update = (await heard(client))[-1]
        assert update["edited_message"]["text"] == edited.text == "DeepSeek"
        assert edited.edited


async def test_a_wait_in_vain_shows_the_chat() -> None:
    async with running() as (server, _client):
        aysel = server.person("Aysel")
        await aysel.send("DeepSeek")
        with pytest.raises(TimeoutError, match="#1 Aysel\n  DeepSeek"):
            await server.wait_for(aysel.id, lambda _: True, 0.01)


async def test_leaving_ends_membership() -> None:
    async with running() as (server, client):
        group = server.group("Qrup")
        assert (await client("leaveChat", chat_id=group.id)).result is True
        assert (await say(client, group.id)).status == 403


async def test_a_watcher_sees_what_comes_and_what_changes() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        watching = server.watch(aysel.id)
        await aysel.start()
        assert (await anext(watching)).text == "/start"
        sent = (await say(client, aysel.id)).result["message_id"]
        assert (await anext(watching)).text == "x"
        await client("editMessageText", chat_id=aysel.id, message_id=sent, text="y")
        assert (await anext(watching)).text == "y"
        await client("deleteMessage", chat_id=aysel.id, message_id=sent)
        assert (await anext(watching)).deleted


async def test_adding_and_removing_the_bot_is_told() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        group = server.group("Qrup", owner=aysel)
        await group.remove_bot(aysel)
        await aysel.send("/son", group)
        await group.add_bot(aysel)
        removed, added, service = await heard(client)
        assert removed["my_chat_member"]["old_chat_member"]["status"] == "member"
        assert added["my_chat_member"]["old_chat_member"]["status"] == "kicked"
        assert service["message"]["new_chat_members"][0]["username"] == "xeberci_bot"


async def test_a_muted_group_takes_nothing_from_members() -> None:
    async with running() as (server, client):
        group = server.group("Qrup")
        group.mute()
        refused = await say(client, group.id)
        assert refused.error == "Bad Request: not enough rights to send text messages to the chat"
        group.mute(muted=False)
        assert (await say(client, group.id)).status == 200


async def test_the_bot_types_reacts_and_cleans_up() -> None:
    async with running() as (server, client):
        aysel = server.person("Aysel")
        start = await aysel.start()
        typing = await client("sendChatAction", chat_id=aysel.id, action="typing")
        assert typing.result is True
        assert server.stage.actions == [(aysel.id, "typing")]
        assert (await client("sendChatAction", chat_id=aysel.id, action="x")).status == 400
        place = {"chat_id": aysel.id, "message_id": start.message_id}
        like = [{"type": "emoji", "emoji": "👍"}]
        assert (await client("setMessageReaction", **place, reaction=like)).result is True
        assert (await client("setMessageReaction", **place, reaction=like * 2)).status == 400
        ids = [(await say(client, aysel.id)).result["message_id"] for _ in range(2)]
        deleted = await client("deleteMessages", chat_id=aysel.id, message_ids=[*ids, 99])
        assert deleted.result is True
        assert [m.text for m in server.timeline(aysel.id)] == ["/start"]
