"""The daily digest's hour and quiet hours, typed and pressed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.functional.chat_fixtures import Scene, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with running(tmp_path_factory.mktemp("bot")) as alive:
        yield alive


async def test_an_hour_still_ahead_means_today_one_that_passed_tomorrow(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    told = await scene.ask(aysel, "/icmal 18:30")
    assert "hər gün saat 18:30-da gələcək (Asia/Baku)" in told.text
    assert "Növbəti icmal: bu gün saat 18:30-da" in told.text
    told = await scene.ask(aysel, "/daily 9")
    assert "Növbəti icmal: sabah saat 09:00-da" in told.text


async def test_a_zone_may_stand_beside_the_hour(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    told = await scene.ask(aysel, "/bulleten 09:00 berlin")
    assert "(Europe/Berlin)" in told.text
    wrong = await scene.ask(aysel, "/icmal 09:00 Atlantida")
    assert "“Atlantida” adlı saat qurşağı tanımıram" in wrong.text
    assert "/icmal 09:00 Europe/Berlin" in wrong.text


@pytest.mark.parametrize("typed", ["25:00", "səhər", "<b>9</b>"])
async def test_what_is_no_hour_is_told_with_an_example(scene: Scene, typed: str) -> None:
    told = await scene.ask(scene.server.person("Aysel"), f"/icmal {typed}")
    assert told.text.startswith(f"“{typed}” saata oxşamır.")
    assert "/icmal 09:00" in told.text


async def test_the_digest_alone_offers_hours_and_can_be_turned_off(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    offered = await scene.ask(aysel, "/icmal")
    assert offered.labels == [["07:00", "08:00", "09:00", "18:00", "21:00"]]
    await aysel.press(offered, "21:00")
    assert "bu gün saat 21:00-də" in scene.current(offered).text
    present = await scene.ask(aysel, "/icmal")
    assert present.labels == [["07:00", "08:00", "09:00", "18:00"], ["Bağla"]]
    await aysel.press(present, "Bağla")
    assert "Gündəlik icmal bağlandı" in scene.current(present).text
    chat = await scene.app.store.chat(aysel.id)
    assert chat is not None
    assert (chat.digest_at, chat.next_digest_at) == (None, None)


@pytest.mark.parametrize("word", ["off", "bagla", "Bağla"])
async def test_turning_the_digest_off_names_the_topics_that_fall_silent(
    scene: Scene, word: str
) -> None:
    aysel = scene.server.person("Aysel")
    told = await scene.ask(aysel, "/abune Tesla")
    await aysel.press(told, "İcmala keçir")
    off = await scene.ask(aysel, f"/icmal {word}")
    assert "(Tesla)" in off.text


async def test_quiet_hours_are_kept_told_and_ended(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    offered = await scene.ask(aysel, "/sessiz")
    assert offered.labels == [["22:00-07:00", "23:00-08:00", "00:00-09:00"]]
    await aysel.press(offered, "23:00-08:00")
    assert scene.current(offered).text.startswith("Səssiz saatlar: 23:00-08:00 (Asia/Baku).")
    for typed, kept in (("/sakit 22-7", "22:00-07:00"), ("/quiet off", None)):
        await scene.ask(aysel, typed)
        chat = await scene.app.store.chat(aysel.id)
        assert chat is not None
        assert chat.quiet == kept
    wrong = await scene.ask(aysel, "/sessiz gecə")
    assert wrong.text.startswith("“gecə” saat aralığına oxşamır.")


async def test_help_has_every_command_and_unknown_ones_lead_to_it(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    for command in ("/komek", "/help", "/kömək", "/HELP@XEBERCI_BOT"):
        told = await scene.ask(aysel, command)
        assert told.text.startswith("Nə edə bilirəm")
    unknown = await scene.ask(aysel, "/filan")
    assert "/komek" in unknown.text
