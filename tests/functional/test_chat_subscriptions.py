"""Following topics as a person lives it: by command, by button, in the list, from an alert."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo.people import Person
from bot.demo.timeline import Seen
from tests.functional.chat_fixtures import SITE, Scene, article, running


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with running(tmp_path) as alive:
        yield alive


async def alert(scene: Scene, person: Person, slug: str = "tesla-1") -> Seen:
    """Let an article about Tesla come out and give its alert."""
    before = scene.last(person.id).message_id
    fresh = article(
        slug,
        f"Tesla {slug} üçün yeni batareya istehsal edir",
        f"Tesla {slug} zavodunda yeni batareya istehsalına başlayıb. İstehsal bu ay artacaq.",
        hours_ago=0,
    )
    await scene.publish([fresh])
    return await scene.server.wait_for(person.id, lambda m: "Mövzu:" in m.text, after=before)


async def topics(scene: Scene, person: Person) -> list[tuple[str, str]]:
    followed = await scene.app.store.subscriptions(person.id)
    return [(one.title, one.mode) for one in followed]


async def test_two_taps_lead_from_start_to_the_first_topic(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    greeting = await scene.ask(aysel, "/start")
    assert greeting.text.startswith("Salam!")
    await aysel.press(greeting, "DeepSeek")
    told = scene.last(aysel.id)
    assert told.text == ("“DeepSeek” mövzusuna abunə oldunuz. Yeni xəbərlər çıxan kimi gələcək.")
    assert told.labels == [["İcmala keçir", "Abunəni ləğv et"]]


async def test_the_command_follows_at_once_whatever_its_name(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    told = await scene.ask(aysel, "/abune süni zəka")
    assert "“süni zəka” mövzusuna abunə oldunuz" in told.text
    again = await scene.ask(aysel, "/Subscribe@Xeberci_Bot suni intellekt")
    assert "artıq abunəsiniz" in again.text
    await scene.ask(aysel, "/abunə Tesla")
    assert await topics(scene, aysel) == [("süni zəka", "instant"), ("Tesla", "instant")]


async def test_following_nothing_explains_and_offers_topics(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    for text in ("/abune", "/abune 🙂"):
        told = await scene.ask(aysel, text)
        assert "/abune" in told.text
        assert told.labels
    await aysel.press(told, next(iter(told.buttons)).label)
    assert len(await topics(scene, aysel)) == 1


async def test_a_second_press_follows_nothing_twice(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    greeting = await scene.ask(aysel, "/start")
    await aysel.press(greeting, "DeepSeek")
    note = await aysel.press(greeting, "DeepSeek")
    assert "artıq abunəsiniz" in note.text
    assert len(await topics(scene, aysel)) == 1
    assert len([m for m in scene.server.timeline(aysel.id) if m.from_bot]) == 2


async def test_moving_to_the_digest_sets_nine_o_clock_says_so_and_offers_others(
    scene: Scene,
) -> None:
    aysel = scene.server.person("Aysel")
    told = await scene.ask(aysel, "/abune Tesla")
    await aysel.press(told, "İcmala keçir")
    now = scene.current(told)
    assert now.text == (
        "“Tesla” xəbərləri gündəlik icmalla gələcək: hər gün saat 09:00-da.\n\n"
        "Başqa saat da seçə bilərsiniz:"
    )
    assert now.labels == [
        ["07:00", "08:00", "18:00", "21:00"],
        ["Dərhal göndər", "Abunəni ləğv et"],
    ]
    await aysel.press(now, "18:00")
    assert "hər gün saat 18:00-də" in scene.current(told).text
    assert "Növbəti icmal: bu gün saat 18:00-də" in scene.current(told).text
    chat = await scene.app.store.chat(aysel.id)
    assert chat is not None
    assert chat.digest_at == "18:00"
    assert await topics(scene, aysel) == [("Tesla", "digest")]


async def test_a_cancelled_topic_can_be_brought_back(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    told = await scene.ask(aysel, "/abune Tesla")
    await aysel.press(told, "Abunəni ləğv et")
    assert scene.current(told).text == "“Tesla” mövzusuna abunəliyiniz ləğv edildi."
    assert await topics(scene, aysel) == []
    note = await aysel.press(told, "Abunəni ləğv et")
    assert note.text == "Bu mövzuya artıq abunə deyilsiniz."
    await aysel.press(scene.current(told), "Geri qaytar")
    assert "yenidən abunə oldunuz" in scene.current(told).text
    assert await topics(scene, aysel) == [("Tesla", "instant")]


async def test_a_topics_screen_leads_back_to_its_page_of_the_list(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    for number in range(1, 24):
        await scene.ask(aysel, f"/abune mövzu{number}")
    listed = await scene.ask(aysel, "/abuneliklerim")
    await aysel.press(listed, "Növbəti ›")
    await aysel.press(scene.current(listed), "mövzu22")
    await aysel.press(scene.current(listed), "‹ Geri")
    second = [["mövzu21", "mövzu22"], ["mövzu23"], ["‹ Əvvəlki"]]
    assert scene.current(listed).labels == second


async def test_the_list_leads_to_each_topic_and_back(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    await scene.ask(aysel, "/abune Tesla")
    await scene.ask(aysel, "/abune kvant kompüteri")
    listed = await scene.ask(aysel, "/abuneliklerim")
    assert listed.labels == [["Tesla", "kvant kompüteri"]]
    assert "• kvant kompüteri – çıxan kimi" in listed.text
    await aysel.press(listed, "Tesla")
    screen = scene.current(listed)
    assert screen.labels == [["İcmala keçir", "1 gün fasilə"], ["Sil"], ["‹ Geri"]]
    await aysel.press(screen, "1 gün fasilə")
    paused = scene.current(listed)
    assert "Fasilədədir: xəbərlər 25.11.2026 saat 14:00-dən yenidən gələcək" in paused.text
    await aysel.press(paused, "Fasiləni bitir")
    await aysel.press(scene.current(listed), "İcmala keçir")
    in_digest = scene.current(listed)
    assert "hər gün saat 09:00" in in_digest.text
    await aysel.press(in_digest, "08:00")
    assert scene.current(listed).labels == [["‹ Geri"]]
    await aysel.press(scene.current(listed), "‹ Geri")
    await aysel.press(scene.current(listed), "Tesla")
    assert "hər gün saat 08:00" in scene.current(listed).text
    await aysel.press(scene.current(listed), "Dərhal göndər")
    await aysel.press(scene.current(listed), "Sil")
    gone = scene.current(listed)
    assert gone.text == "“Tesla” silindi."
    assert gone.labels == [["Geri qaytar"], ["‹ Geri"]]
    await aysel.press(gone, "Geri qaytar")
    assert scene.current(listed).labels == screen.labels
    await aysel.press(scene.current(listed), "‹ Geri")
    assert scene.current(listed).labels == [["kvant kompüteri", "Tesla"]]


async def test_unsubscribing_by_command(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    none = await scene.ask(aysel, "/legv")
    assert "Hələ heç bir mövzuya abunə deyilsiniz." in none.text
    await scene.ask(aysel, "/abune Tesla")
    listed = await scene.ask(aysel, "/unsubscribe")
    assert listed.labels == [["Tesla"]]
    unknown = await scene.ask(aysel, "/legv Apple")
    assert unknown.text.startswith("“Apple” mövzusuna abunə deyilsiniz.")
    assert unknown.labels == [["Tesla"]]
    gone = await scene.ask(aysel, "/legv tesla-ya")
    assert "“Tesla” mövzusuna abunəliyiniz ləğv edildi" in gone.text


async def test_deep_links_follow_open_and_relate(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    await aysel.start("t-suni-zeka")
    told = await scene.server.wait_for(aysel.id, lambda m: "abunə oldunuz" in m.text)
    assert "“Süni zəka”" in told.text
    first = (await scene.app.archive.search("kvant", 1)).hits[0].article
    opened = await scene.ask(aysel, f"/start a-{first.id}")
    assert first.article.title in opened.text
    assert ["Oxşar xəbərlər"] in opened.labels
    listed = await scene.ask(aysel, f"/start r-{first.id}")
    assert "oxşar xəbərlər" in listed.text
    for odd in ("a-999999", "r-999999"):
        gone = await scene.ask(aysel, f"/start {odd}")
        assert gone.text == "Bu xəbər artıq arxivdə yoxdur."
    for odd in ("t-", "a-", "a-x", "zzz", "a--5"):
        assert (await scene.ask(aysel, f"/start {odd}")).text.startswith("Salam!")


async def test_an_alert_names_its_topic_and_can_be_managed_in_place(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    await scene.ask(aysel, "/abune Tesla")
    came = await alert(scene, aysel)
    assert came.text.endswith("Mövzu: Tesla")
    own = [["Oxu", "Linki kopyala"], ["Oxşar xəbərlər", "Mövzunu idarə et"]]
    assert came.labels == own
    assert (await aysel.press(came, "Oxu")).opened == f"{SITE}/tesla-1"
    await aysel.press(came, "Mövzunu idarə et")
    managed = scene.current(came)
    assert managed.text == came.text
    assert managed.links == came.links
    assert managed.labels == [["İcmala keçir", "1 gün fasilə"], ["Abunəni ləğv et"], ["‹ Geri"]]
    await aysel.press(managed, "‹ Geri")
    assert scene.current(came).labels == own
    await aysel.press(scene.current(came), "Mövzunu idarə et")
    managed = scene.current(came)
    await aysel.press(managed, "İcmala keçir")
    assert scene.current(came).labels == own
    assert scene.current(came).text == came.text
    told = scene.last(aysel.id)
    assert "saat 09:00" in told.text
    assert told.reply_to == came.message_id
    note = await aysel.press(managed, "İcmala keçir")
    assert "artıq gündəlik icmalla gəlir" in note.text
    assert scene.last(aysel.id).message_id == told.message_id


async def test_a_topic_rests_from_an_alert(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    await scene.ask(aysel, "/abune Tesla")
    came = await alert(scene, aysel)
    await aysel.press(came, "Mövzunu idarə et")
    await aysel.press(scene.current(came), "1 gün fasilə")
    told = scene.last(aysel.id)
    assert "fasilə verildi" in told.text
    assert told.labels == [["Fasiləni bitir", "Abunəni ləğv et"]]
    stored = (await scene.app.store.subscriptions(aysel.id))[0]
    assert stored.paused_until == scene.clock() + timedelta(days=1)


async def test_a_topic_is_left_from_an_alert_and_the_alert_stays_readable(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    await scene.ask(aysel, "/abune Tesla")
    came = await alert(scene, aysel)
    await aysel.press(came, "Mövzunu idarə et")
    managed = scene.current(came)
    await aysel.press(managed, "Abunəni ləğv et")
    assert scene.current(came).labels == [["Oxu", "Linki kopyala"], ["Oxşar xəbərlər"]]
    assert scene.last(aysel.id).labels == [["Geri qaytar"]]
    for label in ("İcmala keçir", "1 gün fasilə", "Abunəni ləğv et", "‹ Geri"):
        note = await aysel.press(managed, label)
        assert note.text == "Bu mövzuya artıq abunə deyilsiniz."


async def test_a_press_in_one_chat_never_changes_another(scene: Scene) -> None:
    aysel, orxan = scene.server.person("Aysel"), scene.server.person("Orxan")
    told = await scene.ask(aysel, "/abune Tesla")
    await scene.ask(orxan, "/abune Tesla")
    await aysel.press(told, "Abunəni ləğv et")
    assert await topics(scene, orxan) == [("Tesla", "instant")]


async def test_a_second_press_under_an_alert_says_how_it_is_and_sends_nothing(
    scene: Scene,
) -> None:
    aysel = scene.server.person("Aysel")
    told = await scene.ask(aysel, "/abune Tesla")
    came = await alert(scene, aysel)
    await aysel.press(came, "Mövzunu idarə et")
    managed = scene.current(came)
    await aysel.press(managed, "1 gün fasilə")
    note = await aysel.press(managed, "1 gün fasilə")
    assert "25.11.2026 saat 14:00-dən yenidən gələcək" in note.text
    answers = [m for m in scene.server.timeline(aysel.id) if m.from_bot]
    assert len(answers) == 3
    await aysel.press(told, "İcmala keçir")
    query = await scene.ask(aysel, "Tesla")
    note = await aysel.press(query, "Abunə ol")
    assert note.text == "“Tesla” mövzusuna artıq abunəsiniz. Xəbərlər gündəlik icmalla gəlir."
