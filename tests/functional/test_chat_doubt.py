"""What becomes of a message that may have arrived, typed and pressed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.models import Doubt
from tests.functional.chat_fixtures import Scene, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with running(tmp_path_factory.mktemp("bot"), []) as alive:
        yield alive


async def doubt(scene: Scene, chat_id: int) -> Doubt:
    chat = await scene.app.store.chat(chat_id)
    assert chat is not None
    return chat.on_doubt


async def test_the_command_alone_says_what_holds_and_offers_both(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    told = await scene.ask(aysel, "/tekrar")
    assert "yenidən göndərirəm" in told.text
    assert told.labels == [["Təkrar göndər", "Təkrar göndərmə"]]
    await aysel.press(told, "Təkrar göndərmə")
    assert "yenidən göndərməyəcəyəm" in scene.current(told).text
    assert await doubt(scene, aysel.id) is Doubt.SKIP
    told = await scene.ask(aysel, "/repeat")
    assert "yenidən göndərmirəm" in told.text
    await aysel.press(told, "Təkrar göndər")
    assert "yenidən göndərəcəyəm" in scene.current(told).text
    assert await doubt(scene, aysel.id) is Doubt.REPEAT


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("/tekrar off", Doubt.SKIP),
        ("/tekrar on", Doubt.REPEAT),
        ("/təkrar bağla", Doubt.SKIP),
        ("/repeat ON", Doubt.REPEAT),
    ],
)
async def test_a_word_sets_it(scene: Scene, typed: str, kept: Doubt) -> None:
    aysel = scene.server.person("Aysel")
    await scene.ask(aysel, typed)
    assert await doubt(scene, aysel.id) is kept


async def test_what_is_neither_is_told_with_both_ways(scene: Scene) -> None:
    told = await scene.ask(scene.server.person("Aysel"), "/tekrar <b>5</b>")
    assert told.text.startswith("“<b>5</b>”")
    assert "/tekrar on" in told.text
    assert "/tekrar off" in told.text


async def test_in_a_group_it_is_for_administrators(scene: Scene) -> None:
    owner = scene.server.person("Leyla")
    room = scene.server.group("Redaksiya", owner=owner)
    orxan = scene.server.person("Orxan")
    room.join(orxan)
    refused = await scene.ask(orxan, "/tekrar off", room)
    told = await scene.ask(owner, "/tekrar", room)
    assert "yenidən göndərirəm" in told.text
    note = await orxan.press(told, "Təkrar göndərmə", chat=room)
    assert note.text == refused.text
    await owner.press(told, "Təkrar göndərmə", chat=room)
    assert await doubt(scene, room.id) is Doubt.SKIP
