"""Topic queries as a person lives them: asking, paging, opening, going back."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.functional.chat_fixtures import SITE, Scene, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with running(tmp_path_factory.mktemp("bot")) as alive:
        yield alive


async def test_a_topic_is_answered_with_five_hits_and_their_dates(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "DeepSeek")
    assert answer.text.startswith("“DeepSeek” üzrə 7 xəbər, 1–5")
    assert "1 saat əvvəl" in answer.text
    assert answer.labels == [
        ["1", "2", "3", "4", "5"],
        ["Növbəti ›"],
        ["Abunə ol: DeepSeek"],
    ]


async def test_paging_opening_and_going_back_happen_in_one_message(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "/axtar DeepSeek")
    await aysel.press(answer, "Növbəti ›")
    second = scene.current(answer)
    assert "6–7" in second.text
    assert second.labels == [["1", "2"], ["‹ Əvvəlki"], ["Abunə ol: DeepSeek"]]
    await aysel.press(second, "2")
    opened = scene.current(answer)
    assert opened.labels == [
        ["Oxu", "Linki kopyala"],
        ["Oxşar xəbərlər"],
        ["Abunə ol: DeepSeek"],
        ["‹ Geri"],
    ]
    assert "Mənbə: " in opened.text
    assert opened.link_preview is not None
    assert opened.link_preview["prefer_small_media"] is True
    await aysel.press(opened, "‹ Geri")
    assert scene.current(answer).text == second.text
    await aysel.press(scene.current(answer), "‹ Əvvəlki")
    assert scene.current(answer).text == answer.text
    assert len([m for m in scene.server.timeline(aysel.id) if m.from_bot]) == 1


async def test_a_single_hit_opens_at_once_and_can_be_followed(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "peyk")
    assert "Azərbaycan peykinin uçuş tarixi açıqlanıb" in answer.text
    assert answer.labels == [["Oxu", "Linki kopyala"], ["Oxşar xəbərlər"], ["Abunə ol: peyk"]]
    assert (await aysel.press(answer, "Oxu")).opened == f"{SITE}/kosmos"
    assert (await aysel.press(answer, "Linki kopyala")).copied == f"{SITE}/kosmos"


async def test_an_unknown_word_is_read_as_its_only_near_word_and_the_answer_says_so(
    scene: Scene,
) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "kvamt")
    assert answer.text.startswith("“kvamt” üzrə heç nə tapılmadı, “kvant” kimi axtardım.")
    assert answer.labels[-1] == ["Abunə ol: kvant"]


async def test_no_news_is_said_honestly_and_can_be_followed_all_the_same(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "Xylofonqa <b>")
    assert "“Xylofonqa <b>” üzrə xəbər tapılmadı." in answer.text
    await aysel.press(answer, "Abunə ol")
    assert "“Xylofonqa <b>” mövzusuna abunə oldunuz" in scene.last(aysel.id).text


async def test_a_query_of_five_thousand_characters_is_cut_and_the_answer_says_so(
    scene: Scene,
) -> None:
    aysel = scene.server.person("Aysel")
    sent = await aysel.send("DeepSeek " * 400)
    answer = await scene.server.wait_for(aysel.id, lambda _: True, after=sent.message_id)
    assert "ilk on iki sözü" in answer.text
    long = await scene.ask(aysel, "x" * 4000)
    assert "ilk on iki sözü" in long.text


@pytest.mark.parametrize("text", ["🙂🙂", "???", "“”"])
async def test_a_query_without_words_is_asked_again(scene: Scene, text: str) -> None:
    answer = await scene.ask(scene.server.person("Aysel"), text)
    assert "söz tapmadım" in answer.text
    assert answer.labels


@pytest.mark.parametrize("text", ["salam", "Necəsən?", "hello", "привет"])
async def test_a_greeting_gets_help_and_no_offer_to_follow_it(scene: Scene, text: str) -> None:
    answer = await scene.ask(scene.server.person("Aysel"), text)
    assert answer.text.startswith("Salam!")
    assert "/komek" in answer.text
    assert not [button for button in answer.buttons if button.label.startswith("Abunə ol")]


async def test_the_command_alone_asks_for_a_topic_and_offers_some(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    question = await scene.ask(aysel, "/search")
    assert "/axtar süni zəka" in question.text
    label = next(b.label for b in question.buttons if b.label == "DeepSeek")
    await aysel.press(question, label)
    assert "“DeepSeek” üzrə 7 xəbər" in scene.current(question).text


async def test_related_stories_come_as_a_list_that_opens(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "kvant")
    await aysel.press(answer, "1")
    await aysel.press(scene.current(answer), "Oxşar xəbərlər")
    listed = scene.last(aysel.id)
    assert "xəbərinə oxşar xəbərlər" in listed.text
    assert listed.reply_to == answer.message_id
    await aysel.press(listed, "1")
    opened = scene.current(listed)
    assert opened.labels == [["Oxu", "Linki kopyala"], ["Oxşar xəbərlər"], ["‹ Geri"]]
    await aysel.press(opened, "‹ Geri")
    assert scene.current(listed).text == listed.text


async def test_the_newest_stories_are_shaped_as_an_answer(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    for command in ("/son", "/sonxeberler", "/latest"):
        answer = await scene.ask(aysel, command)
        assert answer.text.startswith("Son xəbərlər")
        assert answer.labels == [["1", "2", "3", "4", "5"], ["Növbəti ›"]]
    await aysel.press(answer, "Növbəti ›")
    assert "Samsung <Galaxy> telefonlarının" in scene.current(answer).text
    assert "Dünən 12:00" in scene.current(answer).text


async def test_a_sticker_is_no_query_and_an_inline_result_neither(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    found = await aysel.inline("kvant")
    await aysel.choose(found)
    answer = await scene.ask(aysel, "/komek")
    assert answer.text.startswith("Nə edə bilirəm")


async def test_a_press_on_something_forgotten_gets_a_short_text_and_edits_nothing(
    scene: Scene,
) -> None:
    aysel = scene.server.person("Aysel")
    answer = await scene.ask(aysel, "DeepSeek")
    await scene.app.store.housekeeping(scene.clock().replace(year=2030))
    note = await aysel.press(answer, "Növbəti ›")
    assert note.text == "Bu düymə köhnəlib. Mövzunu yenidən yazın."
    assert not scene.current(answer).edited
