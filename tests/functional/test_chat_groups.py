"""Groups: who may change what, when the bot speaks, and where it answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.people import Person
from bot.demo.places import Room
from tests.functional.chat_fixtures import Scene, article, running

REFUSAL = "Bunu yalnız qrupun adminləri dəyişə bilər."


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with running(tmp_path) as alive:
        yield alive


@pytest.fixture
def owner(scene: Scene) -> Person:
    return scene.server.person("Aysel")


@pytest.fixture
def room(scene: Scene, owner: Person) -> Room:
    return scene.server.supergroup("Redaksiya", owner=owner, forum=True)


async def topics(scene: Scene, chat_id: int) -> list[str]:
    return [one.title for one in await scene.app.store.subscriptions(chat_id)]


async def silence(scene: Scene, person: Person, room: Room, text: str, **how: object) -> None:
    """Check that the bot says nothing to a text: a later command is the next it answers."""
    sent = await person.send(text, room, **how)  # type: ignore[arg-type]
    asked = await scene.ask(person, "/komek", room)
    answers = [
        m for m in scene.server.timeline(room.id) if m.from_bot and m.message_id > sent.message_id
    ]
    assert [m.message_id for m in answers] == [asked.message_id]


async def test_administrators_follow_for_the_group_others_are_refused(
    scene: Scene, owner: Person, room: Room
) -> None:
    orxan = scene.server.person("Orxan")
    room.join(orxan)
    for command in ("/abune Tesla", "/legv Tesla", "/icmal 09:00", "/sessiz off", "/abune"):
        refused = await scene.ask(orxan, command, room)
        assert refused.text == REFUSAL
        assert refused.reply_to is not None
    assert await topics(scene, room.id) == []
    told = await scene.ask(owner, "/abune Tesla", room)
    assert "abunə oldunuz" in told.text
    for label in ("İcmala keçir", "Abunəni ləğv et"):
        note = await orxan.press(told, label, chat=room)
        assert note.text == REFUSAL
    assert not scene.current(told).edited
    await owner.press(told, "Abunəni ləğv et", chat=room)
    assert await topics(scene, room.id) == []


async def test_an_anonymous_administrator_is_one(scene: Scene, room: Room) -> None:
    leyla = scene.server.person("Leyla")
    room.join(leyla, "administrator", anonymous=True)
    told = await scene.ask(leyla, "/abune Tesla", room)
    assert "abunə oldunuz" in told.text
    await leyla.press(told, "Abunəni ləğv et", chat=room)
    assert await topics(scene, room.id) == []


async def test_everybody_may_ask_and_is_answered_as_a_reply_in_the_same_topic(
    scene: Scene, room: Room
) -> None:
    orxan = scene.server.person("Orxan")
    room.join(orxan)
    thread = room.topic("Xəbərlər")
    sent = await orxan.send("/axtar DeepSeek", room, thread=thread)
    answer = await scene.server.wait_for(room.id, lambda _: True, after=sent.message_id)
    assert (answer.thread_id, answer.reply_to) == (thread, sent.message_id)
    await orxan.press(answer, "Növbəti ›", chat=room)
    assert "6–7" in scene.current(answer).text
    note = await orxan.press(scene.current(answer), "Abunə ol", chat=room)
    assert note.text == REFUSAL


async def test_a_mention_is_a_query_wherever_it_stands(scene: Scene, room: Room) -> None:
    orxan = scene.server.person("Orxan")
    room.join(orxan)
    for text in ("@xeberci_bot DeepSeek", "DeepSeek, @Xeberci_Bot", "@xeberci_bot: DeepSeek"):
        answer = await scene.ask(orxan, text, room)
        assert answer.text.startswith("“DeepSeek” üzrə 7 xəbər")
    alone = await scene.ask(orxan, "@xeberci_bot", room)
    assert "@xeberci_bot DeepSeek" in alone.text


async def test_a_reply_to_a_question_or_an_answer_is_a_query(scene: Scene, room: Room) -> None:
    orxan = scene.server.person("Orxan")
    room.join(orxan)
    question = await scene.ask(orxan, "/axtar", room)
    answer = await scene.ask(orxan, "kvant", room, reply_to=question)
    assert "“Kvant” üzrə" in answer.text or "“kvant” üzrə" in answer.text
    again = await scene.ask(orxan, "DeepSeek", room, reply_to=answer)
    assert "“DeepSeek” üzrə" in again.text


async def test_people_talk_under_alerts_and_to_other_bots_undisturbed(
    scene: Scene, owner: Person, room: Room
) -> None:
    await scene.ask(owner, "/abune Tesla", room)
    await scene.publish(
        [article("tesla", "Tesla yeni zavod açıb", "Tesla yeni zavod açıb. Zavod böyükdür.")]
    )
    alert = await scene.server.wait_for(room.id, lambda m: "Mövzu:" in m.text)
    await silence(scene, owner, room, "əla xəbərdir", reply_to=alert)
    await owner.press(alert, "Mövzunu idarə et", chat=room)
    await silence(scene, owner, room, "doğrudan da", reply_to=scene.current(alert))
    await silence(scene, owner, room, "/start@otherbot")
    await silence(scene, owner, room, "/filan")
    await silence(scene, owner, room, "DeepSeek")


async def test_alerts_go_to_the_topic_in_which_the_group_last_followed(
    scene: Scene, owner: Person, room: Room
) -> None:
    first, second = room.topic("Birinci"), room.topic("İkinci")
    await owner.send("/abune Tesla", room, thread=first)
    await owner.send("/abune Apple", room, thread=second)
    await scene.server.wait_for(room.id, lambda m: "Apple" in m.text)
    await scene.publish(
        [article("tesla", "Tesla yeni zavod açıb", "Tesla yeni zavod açıb. Zavod böyükdür.")]
    )
    alert = await scene.server.wait_for(room.id, lambda m: "Mövzu:" in m.text)
    assert alert.thread_id == second


async def test_a_group_is_greeted_left_alone_and_found_again(scene: Scene, owner: Person) -> None:
    room = scene.server.group("Dostlar", owner=owner)
    await room.remove_bot(owner)
    await room.add_bot(owner)
    greeting = await scene.server.wait_for(room.id, lambda _: True)
    assert "@xeberci_bot DeepSeek" in greeting.text
    await scene.ask(owner, "/abune Tesla", room)
    moved = await room.migrate()
    told = await scene.ask(owner, "/abuneliklerim", moved)
    assert told.labels == [["Tesla"]]
    await moved.remove_bot(owner)
    await scene.ask(owner, "/komek")
    chat = await scene.app.store.chat(moved.id)
    assert chat is not None
    assert chat.disabled == "removed"


async def test_who_blocks_the_bot_is_left_alone_until_they_return(
    scene: Scene, owner: Person
) -> None:
    await scene.ask(owner, "/abune Tesla")
    await owner.block()
    orxan = scene.server.person("Orxan")
    await scene.ask(orxan, "/komek")
    chat = await scene.app.store.chat(owner.id)
    assert chat is not None
    assert chat.disabled == "blocked"
    await owner.unblock()
    told = await scene.ask(owner, "/list")
    assert told.labels == [["Tesla"]]
    chat = await scene.app.store.chat(owner.id)
    assert chat is not None
    assert chat.disabled is None
