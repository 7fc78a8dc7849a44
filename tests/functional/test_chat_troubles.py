"""What goes wrong, and many people at once: nobody waits in vain, nothing is mixed up."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.models import Found
from tests.functional.chat_fixtures import Scene, article, running

APOLOGY = "Nəsə alınmadı. Bir azdan yenidən cəhd edin."


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with running(tmp_path) as alive:
        yield alive


async def test_an_error_is_apologised_for_and_the_next_question_is_answered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(query: str, limit: int = 5, offset: int = 0) -> Found:
        raise RuntimeError(query, limit, offset)

    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "DeepSeek")
    with monkeypatch.context() as patch:
        patch.setattr(scene.app.archive, "search", broken)
        assert (await scene.ask(aysel, "Tesla")).text == APOLOGY
        assert (await aysel.press(answer, "Növbəti ›")).text == APOLOGY
    assert "üzrə" in (await scene.ask(aysel, "DeepSeek")).text


async def test_an_update_waits_for_a_store_that_fails_and_is_answered_then(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = asyncio.Event()

    async def broken(chat_id: int) -> None:
        refused.set()
        raise StoreError(str(chat_id))

    aysel = scene.server.person("Aysel")
    with monkeypatch.context() as patch:
        patch.setattr(scene.app.store, "chat", broken)
        await aysel.send("/abune Tesla")
        await refused.wait()
    answer = await scene.server.wait_for(aysel.id, lambda seen: bool(seen.text))
    assert "abunə oldunuz" in answer.text


async def test_a_hundred_people_at_once_each_get_their_own(scene: Scene) -> None:
    async def live(number: int) -> None:
        person = scene.server.person(f"Oxucu {number}")
        topic = f"Mövzu{number}"
        told = await scene.ask(person, f"/abune {topic}")
        assert f"“{topic}”" in told.text
        await person.press(told, "İcmala keçir")
        listed = await scene.ask(person, "/abuneliklerim")
        assert listed.labels == [[topic]]
        assert f"{topic} – gündəlik icmalla" in listed.text

    await asyncio.gather(*(live(number) for number in range(100)))


async def test_two_presses_at_once_do_one_thing_and_edit_once(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "DeepSeek")
    follow = next(button for button in answer.buttons if button.label.startswith("Abunə ol"))
    await asyncio.gather(*(aysel.press(answer, follow.label) for _ in range(3)))
    told = [m for m in scene.server.timeline(aysel.id) if "abunə oldunuz" in m.text]
    assert len(told) == 1
    await asyncio.gather(*(aysel.press(answer, "Növbəti ›") for _ in range(3)))
    await asyncio.gather(*(aysel.press(told[0], "İcmala keçir") for _ in range(3)))
    assert len(scene.current(told[0]).versions) == 1


async def test_a_press_that_nobody_wrote_is_answered_and_does_nothing(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "/abune Tesla")
    row = answer.keyboard[0]
    for data in (
        "", "x", "q:1", "o:n:0:999999", "l:q.aaaaaaaaaa:0", "l:q:99999999999999999999",
        "l:r.999999:0", "l:r.x:0", "s:", "r:-1", "f:unknown", "m:a:b", "u", "z:a:b:c", "h:99", "k:",
        "d:a:zz:1", "t", "w:9999",
    ):  # fmt: skip
        forged = replace(answer, keyboard=((replace(row[0], value=data),),))
        note = await aysel.press(forged, row[0].label)
        if data != "w:9999":
            assert note.text, data
    assert [one.title for one in await scene.app.store.subscriptions(aysel.id)] == ["Tesla"]


async def test_an_article_that_is_gone_is_told_by_a_short_text(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(article_id: int) -> None:
        assert article_id

    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "DeepSeek")
    monkeypatch.setattr(scene.app.archive, "article", gone)
    assert (await aysel.press(answer, "1")).text == "Bu xəbər artıq arxivdə yoxdur."
    assert not scene.current(answer).edited


async def test_merged_alerts_open_one_by_one(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    await scene.ask(aysel, "/sessiz 00:00-23:59")
    told = await scene.ask(aysel, "/abune Tesla")
    await scene.publish(
        [article(f"t{n}", f"Tesla {n} yeni zavod açıb", f"Tesla {n} zavod açıb.") for n in (1, 2)]
    )
    assert scene.last(aysel.id).message_id == told.message_id
    await scene.ask(aysel, "/sessiz off")
    merged = await scene.server.wait_for(aysel.id, lambda m: "yeni xəbər" in m.text, 10)
    assert merged.labels == [["1", "2"]]
    await aysel.press(merged, "2")
    opened = scene.last(aysel.id)
    assert opened.text.startswith("Tesla 2 yeni zavod açıb")
    assert opened.labels == [["Oxu", "Linki kopyala"], ["Oxşar xəbərlər"]]


async def test_a_message_deleted_meanwhile_is_told_by_a_short_text(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "DeepSeek")
    scene.server.stage.world.chats[aysel.id].messages[answer.message_id].deleted = True
    note = await aysel.press(answer, "Növbəti ›")
    assert note.text == "Bu düymə köhnəlib. Mövzunu yenidən yazın."
    assert [call.method for call in scene.server.rejected] == ["editMessageText"]
    scene.server.rejected.clear()


async def test_a_flood_of_topics_stays_readable(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    for number in range(25):
        await scene.ask(aysel, f"/abune {number} {'uzun' * 40}")
    listed = await scene.ask(aysel, "/list")
    assert len(list(listed.buttons)) == 21
    await aysel.press(listed, "Növbəti ›")
    assert len(list(scene.current(listed).buttons)) == 6


async def test_the_bots_own_name_is_no_part_of_a_query(scene: Scene) -> None:
    answer = await scene.ask(scene.server.person("Aysel"), "@xeberci_bot DeepSeek")
    assert answer.text.startswith("“DeepSeek” üzrə 7 xəbər")
