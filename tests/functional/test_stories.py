"""Two sources, one story: told once, the other named under it; changes are edited in."""

from __future__ import annotations

import asyncio
import html
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.demo.botapi import BotApi
from tests.contract.redis_fixtures import RedisServer
from tests.functional.newsroom import TOKEN, running, settings
from tests.functional.runs import program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot import config
    from bot.demo.people import Person
    from bot.demo.timeline import Seen

CHANNEL = -1001000000001
QUIET_S = 0.8  # long enough for a poll, a fan-out and a send that should not be


@dataclass
class Item:
    """An article of one of the papers."""

    slug: str
    title: str
    text: str
    cut: bool = False


@dataclass
class Paper:
    """A source: its feed is at ``/NAME/feed``, its pages are beside."""

    name: str
    items: list[Item] = field(default_factory=list)

    def publish(self, item: Item) -> None:
        self.items.insert(0, item)


@dataclass
class Street:
    """Several papers on one server; ``127.0.0.1`` with a port each would say no more."""

    papers: dict[str, Paper]
    url: str = ""

    @classmethod
    def of(cls, *names: str) -> Street:
        return cls({name: Paper(name) for name in names})

    def address(self, paper: str, slug: str) -> str:
        return f"{self.url}/{paper}/{slug}"

    async def answer(self, request: web.Request) -> web.Response:
        name, _, rest = request.match_info["path"].partition("/")
        paper = self.papers.get(name) or Paper(name)  # robots.txt is none
        if rest == "feed":
            return web.Response(text=self._feed(paper), content_type="application/rss+xml")
        for item in paper.items:
            if item.slug == rest:
                return web.Response(text=_page(item), content_type="text/html")
        return web.Response(status=404)

    def _feed(self, paper: Paper) -> str:
        at = format_datetime(datetime.now(UTC) - timedelta(minutes=1))
        items = "".join(
            f"<item><title>{html.escape(i.title)}</title>"
            f"<link>{self.address(paper.name, i.slug)}</link><pubDate>{at}</pubDate>"
            f"<description>{html.escape(i.text[:90] + '...' if i.cut else i.text)}</description>"
            "</item>"
            for i in paper.items
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


def _page(item: Item) -> str:
    paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in item.text.split("\n\n"))
    return (
        f'<!DOCTYPE html><html lang="az"><head><meta charset="utf-8"><title>{item.title}</title>'
        f'<meta property="og:type" content="article"></head>'
        f"<body><article><h1>{html.escape(item.title)}</h1>{paragraphs}</article></body></html>"
    )


FIRST = Item(
    "x1",
    "Samsung Bakıda 1,6 milyard dollarlıq çip zavodu tikəcək",
    "Cənubi Koreyanın Samsung şirkəti Bakıda 1,6 milyard dollara başa gələn çip zavodu tikəcək. "
    "Müqaviləni Samsung-un prezidenti Han Jong-hee və İqtisadiyyat Nazirliyi noyabrın 20-də "
    "imzalayıb. Zavod 2028-ci ildə işə düşəcək və 4 200 nəfəri işlə təmin edəcək. "
    "Ekspertlərin fikrincə, bu, Cənubi Qafqazda yarımkeçiricilər sahəsinə qoyulan ən böyük "
    "sərmayədir. Tikintinin birinci mərhələsi gələn ilin martında başlayacaq.",
)
AGAIN = Item(
    "y1",
    "Samsung Bakıda çip zavoduna 1,6 milyard dollar yatıracaq",
    "Samsung Electronics Bakıda yeni çip zavodu üçün 1,6 milyard dollar sərmayə yatıracaq. "
    "Sazişi İqtisadiyyat Nazirliyi ilə şirkətin rəhbəri Han Jong-hee imzalayıb. Məlumata görə, "
    "zavodda 4 200 nəfər çalışacaq, istehsal 2028-ci ildə başlayacaq. Layihənin birinci "
    "mərhələsində tikinti işləri gələn ilin mart ayında start götürəcək, avadanlıq isə Koreyadan "
    "gətiriləcək. Nazirlik bunu regionda çip sənayesinə ən böyük sərmayə adlandırıb.",
)
THIRD = Item(
    "z1",
    "Bakıda Samsung-un 1,6 milyard dollarlıq çip zavodu tikiləcək",
    "Samsung Bakıda çip zavodu inşa edəcək, layihənin dəyəri 1,6 milyard dollardır. Sənədi şirkət "
    "rəhbəri Han Jong-hee və İqtisadiyyat Nazirliyi imzalayıb. 4 200 iş yeri açılacaq, zavod "
    "2028-ci ildə fəaliyyətə başlayacaq. Tikinti gələn ilin martında başlayır. Bu, Cənubi "
    "Qafqazda çip istehsalına yönələn ən böyük sərmayə sayılır və ixrac üçün nəzərdə tutulur.",
)
OTHER = Item(
    "y2",
    "Samsung Gəncədə 300 milyon dollarlıq məişət texnikası zavodu açdı",
    "Samsung Gəncədə soyuducu və paltaryuyan maşın istehsal edən zavodun açılışını edib. "
    "Müəssisəyə 300 milyon dollar sərf olunub, burada 900 nəfər işləyir. Açılışda şəhərin "
    "icra başçısı Niyazi Bayramov iştirak edib. Zavod ildə 500 min məhsul buraxacaq, bunun "
    "yarısı Gürcüstana və Qazaxıstana göndəriləcək. Şirkət burada tədris mərkəzi də açıb.",
)


@dataclass
class Town:
    """The papers, the stand-in server, and how a bot is started beside them."""

    street: Street
    api: BotApi
    options: config.Settings

    def publish(self, paper: str, item: Item) -> None:
        self.street.papers[paper].publish(item)

    async def seen(
        self, chat_id: int, holds: Callable[[Seen], bool], within_s: float = 15.0
    ) -> Seen:
        async with asyncio.timeout(within_s):
            while True:
                for seen in self.messages(chat_id):
                    if holds(seen):
                        return seen
                await asyncio.sleep(0.02)

    async def told(self, chat_id: int, item: Item) -> Seen:
        return await self.seen(chat_id, lambda s: item.title in s.text)

    def messages(self, chat_id: int) -> list[Seen]:
        """Give what the bot sent about the articles."""
        return [s for s in self.api.timeline(chat_id) if s.from_bot and "Mənbə:" in s.text]

    async def follower(self, name: str, topic: str) -> Person:
        person = self.api.person(name)
        await person.send(f"/abune {topic}")
        await self.api.wait_for(person.id, lambda s: "abunə oldunuz" in s.text, 10)
        return person


@asynccontextmanager
async def town(folder: Path, *names: str, **overrides: Any) -> AsyncIterator[Town]:
    """Set up papers and the server; no bot runs yet."""
    street, api = Street.of(*(names or ("APA", "Report"))), BotApi(token=TOKEN)
    app = web.Application()
    app.router.add_get("/{path:.*}", street.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    street.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    await api.start()
    api.channel("Xəbərlər", id=CHANNEL)
    sources = [
        {"name": name, "url": f"{street.url}/{name}/feed", "kind": "feed", "every": "200ms"}
        for name in street.papers
    ]
    values: dict[str, Any] = {"sources": sources, "channels": [{"chat": CHANNEL}]} | overrides
    try:
        yield Town(street, api, settings(folder, street.url, api.url, **values))
    finally:
        await api.stop()
        await runner.cleanup()


@asynccontextmanager
async def news(folder: Path, *names: str, **overrides: Any) -> AsyncIterator[Town]:
    """Run the bot beside the papers; their first polls are over."""
    async with town(folder, *names, **overrides) as made, running(made.options) as app:
        async with asyncio.timeout(10):
            while not all(s.polled_at for s in (await app.store.sources()).values()) or len(
                await app.store.sources()
            ) < len(made.street.papers):
                await asyncio.sleep(0.02)
        yield made


def lines(seen: Seen) -> list[str]:
    return seen.text.splitlines()


async def test_a_later_source_is_named_under_what_was_sent(tmp_path: Path) -> None:
    async with news(tmp_path) as made:
        aysel = await made.follower("Aysel", "Samsung")
        made.publish("APA", FIRST)
        sent = await made.seen(aysel.id, lambda s: FIRST.title in s.text)
        await made.seen(CHANNEL, lambda s: FIRST.title in s.text)
        made.publish("Report", AGAIN)
        edited = await made.seen(aysel.id, lambda s: "Digər mənbələr" in s.text)
        posted = await made.seen(CHANNEL, lambda s: "Digər mənbələr" in s.text)
        await asyncio.sleep(QUIET_S)
        assert len(made.messages(aysel.id)) == len(made.messages(CHANNEL)) == 1
    assert edited.message_id == sent.message_id
    assert lines(edited)[-3:] == ["Mənbə: APA", "Digər mənbələr: Report", "Mövzu: Samsung"]
    assert lines(posted)[-2:] == ["Mənbə: APA", "Digər mənbələr: Report"]
    assert made.street.address("Report", "y1") in posted.links
    assert edited.labels == sent.labels
    assert edited.link_preview == sent.link_preview
    assert made.api.rejected == []


async def test_all_sources_of_a_story_are_named_and_it_is_told_once(tmp_path: Path) -> None:
    async with news(tmp_path, "APA", "Report", "Trend") as made:
        for paper, item in (("APA", FIRST), ("Report", AGAIN), ("Trend", THIRD)):
            made.publish(paper, item)
            await asyncio.sleep(0.5)
        posted = await made.seen(CHANNEL, lambda s: "Report, Trend" in s.text)
        await asyncio.sleep(QUIET_S)
        assert len(made.messages(CHANNEL)) == 1
    assert lines(posted)[-1] == "Digər mənbələr: Report, Trend"


async def test_another_story_about_the_same_names_is_told_too(tmp_path: Path) -> None:
    async with news(tmp_path) as made:
        made.publish("APA", FIRST)
        await made.seen(CHANNEL, lambda s: FIRST.title in s.text)
        made.publish("Report", OTHER)
        await made.seen(CHANNEL, lambda s: OTHER.title in s.text)
        await asyncio.sleep(QUIET_S)
        assert all("Digər mənbələr" not in s.text for s in made.messages(CHANNEL))


async def test_two_addresses_of_one_source_are_two_stories(tmp_path: Path) -> None:
    async with news(tmp_path) as made:
        made.publish("APA", FIRST)
        await made.seen(CHANNEL, lambda s: FIRST.title in s.text)
        made.publish("APA", AGAIN)
        await made.seen(CHANNEL, lambda s: AGAIN.title in s.text)
        await asyncio.sleep(QUIET_S)
        assert all("Digər mənbələr" not in s.text for s in made.messages(CHANNEL))


async def test_each_chat_gets_the_first_article_that_is_about_its_topic(tmp_path: Path) -> None:
    async with news(tmp_path) as made:
        aysel = await made.follower("Aysel", "Samsung")
        murad = await made.follower("Murad", "avadanlıq")  # only the second article has it
        made.publish("APA", FIRST)
        await made.seen(aysel.id, lambda s: FIRST.title in s.text)
        made.publish("Report", AGAIN)
        got = await made.seen(murad.id, lambda s: AGAIN.title in s.text)
        await made.seen(aysel.id, lambda s: "Digər mənbələr: Report" in s.text)
        await asyncio.sleep(QUIET_S)
        assert len(made.messages(aysel.id)) == len(made.messages(murad.id)) == 1
    assert lines(got)[-2:] == ["Digər mənbələr: APA", "Mövzu: avadanlıq"]
    assert not got.edited
    assert made.api.rejected == []


async def test_a_changed_article_is_edited_and_never_sent_again(tmp_path: Path) -> None:
    async with news(tmp_path) as made:
        aysel = await made.follower("Aysel", "Samsung")
        made.publish("APA", Item("x1", FIRST.title, FIRST.text))
        sent = await made.seen(aysel.id, lambda s: FIRST.title in s.text)
        await made.seen(CHANNEL, lambda s: FIRST.title in s.text)
        article = made.street.papers["APA"].items[0]
        article.title = f"{FIRST.title}: sənəd imzalandı – YENİLƏNİB"
        article.text = FIRST.text.replace("4 200", "4 500")
        edited = await made.seen(aysel.id, lambda s: "sənəd imzalandı" in s.text)
        await made.seen(CHANNEL, lambda s: "sənəd imzalandı" in s.text)
        await asyncio.sleep(QUIET_S)
        assert len(made.messages(aysel.id)) == len(made.messages(CHANNEL)) == 1
    assert edited.message_id == sent.message_id
    assert "YENİLƏNİB" not in edited.text
    assert edited.labels == sent.labels


async def test_a_changed_article_of_a_feed_that_cuts_is_read_on_its_page_again(
    tmp_path: Path,
) -> None:
    async with news(tmp_path) as made:
        article = Item("x1", FIRST.title, FIRST.text, cut=True)
        made.publish("APA", article)
        await made.seen(CHANNEL, lambda s: FIRST.title in s.text)
        article.text = FIRST.text.replace(
            "Cənubi Koreyanın Samsung şirkəti", "Koreyanın Samsung şirkəti artıq", 1
        )
        await made.seen(CHANNEL, lambda s: "Koreyanın Samsung şirkəti artıq" in s.text)
        await asyncio.sleep(QUIET_S)
        assert len(made.messages(CHANNEL)) == 1


async def test_an_edit_leaves_the_buttons_of_an_alert_as_they_were(tmp_path: Path) -> None:
    async with news(tmp_path) as made:
        aysel = await made.follower("Aysel", "Samsung")
        for item in (OTHER, Item("w1", "Samsung yeni telefon göstərdi", OTHER.text), FIRST):
            made.publish("APA", item)
            await made.told(aysel.id, item)
        sent = await made.seen(aysel.id, lambda s: FIRST.title in s.text)
        assert sent.labels[-1] == ["İcmala keçir"]
        made.publish("Report", AGAIN)
        edited = await made.seen(aysel.id, lambda s: "Digər mənbələr" in s.text)
        assert edited.labels == sent.labels
        await aysel.press(sent, "Mövzunu idarə et")  # as it stood before the edit
        managed = await made.seen(aysel.id, lambda s: "‹ Geri" in s.labels[-1])
        assert managed.text == edited.text
        await aysel.press(edited.message_id, "Abunəni ləğv et")
        await made.seen(aysel.id, lambda s: ["Oxşar xəbərlər"] in s.labels)
        made.street.papers["APA"].items[0].title = "Samsung Bakıda zavod tikməyə başladı"
        again = await made.seen(aysel.id, lambda s: "tikməyə başladı" in s.text)
        made.street.papers["APA"].items[0].title = FIRST.title
    assert again.labels[-1] == ["Oxşar xəbərlər"]
    assert lines(again)[-2:] == ["Digər mənbələr: Report", "Mövzu: Samsung"]


async def test_a_story_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with town(tmp_path) as made:
        async with running(made.options):
            await asyncio.sleep(QUIET_S)
            made.publish("APA", FIRST)
            await made.seen(CHANNEL, lambda s: FIRST.title in s.text)
        made.publish("Report", AGAIN)
        async with running(made.options):
            await made.seen(CHANNEL, lambda s: "Digər mənbələr: Report" in s.text)
            assert len(made.messages(CHANNEL)) == 1


async def test_an_edit_of_a_deleted_message_is_let_be(tmp_path: Path) -> None:
    async with town(tmp_path) as made, running(made.options) as app:
        await asyncio.sleep(QUIET_S)
        aysel = await made.follower("Aysel", "Samsung")
        made.publish("APA", FIRST)
        sent = await made.seen(aysel.id, lambda s: FIRST.title in s.text)
        await made.seen(CHANNEL, lambda s: FIRST.title in s.text)
        aysel.chat.messages[sent.message_id].deleted = True
        made.publish("Report", AGAIN)
        await made.seen(CHANNEL, lambda s: "Digər mənbələr" in s.text)
        await asyncio.sleep(QUIET_S)
        assert await app.store.dead_letters(None, 10) == []
        assert await app.store.outbox() == (0, None)


async def test_killed_in_the_middle_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    async with town(tmp_path) as made:
        people = [made.api.person(f"Oxucu {n}") for n in range(30)]
        async with running(made.options):
            for person in people:
                await person.send("/abune Samsung")
            for person in people:
                await made.api.wait_for(person.id, lambda s: "abunə oldunuz" in s.text, 10)
            made.publish("APA", FIRST)
            for person in people:
                await made.seen(person.id, lambda s: FIRST.title in s.text)
        made.publish("Report", AGAIN)
        slow: dict[str, Any] = {"messages_per_second": 60, "chat_interval": 0, "lease": "2s"}
        named: dict[str, Any] = {
            "sources": _sources(made),
            "channels": [{"chat": CHANNEL}],
            "delivery": slow,
        }
        async with program(made.options, "first", **named) as bot:
            await made.seen(CHANNEL, lambda s: "Digər mənbələr" in s.text)
            await bot.kill()
        async with program(made.options, "second", **named):
            for person in people:
                await made.seen(person.id, lambda s: "Digər mənbələr: Report" in s.text)
            await asyncio.sleep(QUIET_S)
        for person in people:
            assert len(made.messages(person.id)) == 1
        assert len(made.messages(CHANNEL)) == 1


async def test_two_runs_on_one_store_tell_a_story_once(tmp_path: Path) -> None:
    with RedisServer() as redis:
        shared = {"store": {"url": redis.url}, "delivery": {"lease": "60s", "chat_interval": 0}}
        async with news(tmp_path, **shared) as made, running(made.options):
            aysel = await made.follower("Aysel", "Samsung")
            made.publish("APA", FIRST)
            await made.seen(aysel.id, lambda s: FIRST.title in s.text)
            made.publish("Report", AGAIN)
            await made.seen(aysel.id, lambda s: "Digər mənbələr: Report" in s.text)
            await made.seen(CHANNEL, lambda s: "Digər mənbələr: Report" in s.text)
            await asyncio.sleep(QUIET_S)
            assert len(made.messages(aysel.id)) == len(made.messages(CHANNEL)) == 1
            assert made.api.rejected == []


def _sources(made: Town) -> list[dict[str, str]]:
    return [
        {"name": s.name, "url": s.url, "every": "200ms", "kind": "feed"}
        for s in made.options.sources
    ]
