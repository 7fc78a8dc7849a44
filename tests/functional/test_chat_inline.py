"""``@bot X`` anywhere: articles whose message is the digest."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.functional.chat_fixtures import DEEPSEEK, OTHERS, Scene, article, running

MANY = [
    article(f"apple-{n}", f"Apple {n} yeni cihaz təqdim edib", f"Apple {n} yeni cihaz təqdim edib.")
    for n in range(1, 14)
]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with running(tmp_path_factory.mktemp("bot"), [*DEEPSEEK, *OTHERS, *MANY]) as alive:
        yield alive


async def test_a_chosen_result_is_the_digest_with_ways_onward(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    found = await aysel.inline("kvant kompüteri")
    assert found.results[0]["title"] == "Bakıda ilk kvant kompüteri işə salınıb"
    assert found.results[0]["description"] == "Dünən 12:00 · texno.example"
    sent = await aysel.choose(found)
    assert "Mənbə: APA · texno.example" in sent.text
    assert sent.labels == [["Oxu", "Linki kopyala"], ["Oxşar xəbərlər"]]
    related = await aysel.press(sent, "Oxşar xəbərlər")
    assert related.opened.startswith("https://t.me/xeberci_bot?start=r-")
    assert found.button is not None
    assert found.button["text"].startswith("Abunə ol: ")


async def test_many_results_come_page_by_page(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    first = await aysel.inline("Apple")
    second = await aysel.inline("Apple", first.next_offset)
    assert (len(first.results), len(second.results)) == (10, 3)
    assert second.next_offset == ""
    assert not {r["id"] for r in first.results} & {r["id"] for r in second.results}


async def test_an_empty_query_shows_the_newest(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    newest = await aysel.inline("")
    assert len(newest.results) == 10
    assert newest.next_offset == "10"


@pytest.mark.parametrize("offset", ["x", "-5", "999999999999", "9" * 40])
async def test_an_offset_that_was_never_given_is_answered(scene: Scene, offset: str) -> None:
    aysel = scene.server.person("Aysel")
    for query in ("Apple", ""):
        assert len((await aysel.inline(query, offset)).results) in {0, 10}


async def test_no_news_is_said_and_can_be_followed_in_the_private_chat(scene: Scene) -> None:
    aysel = scene.server.person("Aysel")
    nothing = await aysel.inline("Xylofonqa")
    assert nothing.results == []
    assert nothing.button is not None
    assert nothing.button["text"] == "“Xylofonqa” üzrə xəbər yoxdur. Abunə ol"
    await aysel.start(nothing.button["start_parameter"])
    told = await scene.server.wait_for(aysel.id, lambda m: "abunə oldunuz" in m.text)
    assert "“Xylofonqa” mövzusuna" in told.text
