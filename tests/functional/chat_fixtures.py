"""The whole bot on loopback, with an archive of our own and a clock that a test moves."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App
from bot.config import load
from bot.demo.botapi import BotApi
from bot.demo.people import Person
from bot.demo.places import Room
from bot.demo.timeline import Seen
from bot.models import Article, Credit, NewArticle, StoredArticle
from handlers import register

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # 14:00 in Baku, a Tuesday
SITE = "https://texno.example"
CONFIGURATION = """
data_dir = "{data}"
sources = []
[telegram]
api_url = "{api}"
[delivery]
messages_per_second = 0
chat_interval = 0
"""


class Clock:
    """The bot's clock."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def article(
    slug: str,
    title: str,
    text: str,
    *,
    hours_ago: float = 1.0,
    credit: Credit | None = None,
    url: str | None = None,
) -> Article:
    return Article(
        url=url or f"{SITE}/{slug}",
        title=title,
        text=text,
        published=NOW - timedelta(hours=hours_ago),
        source="texno.example",
        credit=credit,
    )


DEEPSEEK = [
    article(
        f"deepseek-{n}",
        f"DeepSeek {n} saylı yeni modelini təqdim edib",
        f"Çinin DeepSeek şirkəti {n} saylı süni zəka modelini təqdim edib. Model kod yazmaqda "
        f"əvvəlkindən {n} dəfə sürətlidir. Onu bu həftədən hamı yoxlaya bilər.",
        hours_ago=n,
    )
    for n in range(1, 8)
]
OTHERS = [
    article(
        "kvant",
        "Bakıda ilk kvant kompüteri işə salınıb",
        "Bakıda alimlər ölkənin ilk kvant kompüterini işə salıblar. Qurğu 20 kubitlə işləyir.",
        hours_ago=26,
        credit=Credit("APA", "https://apa.example/kvant"),
    ),
    article(
        "cip",
        "Google yeni kvant çipini sınaqdan keçirib",
        "Google alimləri kvant kompüteri üçün yeni çip hazırlayıb. Çip 105 kubitlə işləyir.",
        hours_ago=28,
    ),
    article(
        "telefon",
        "Samsung <Galaxy> telefonlarının qiyməti ucuzlaşıb & bitmir",
        "Samsung telefonlarının qiymətini 10 faiz endirib. Endirim ayın sonunadək davam edir.",
        hours_ago=30,
    ),
    article(
        "kosmos",
        "Azərbaycan peykinin uçuş tarixi açıqlanıb",
        "Azərbaycanın yeni peyki gələn ilin yazında orbitə çıxacaq. Peyk Yer səthini çəkəcək.",
        hours_ago=50,
    ),
]
ARCHIVE = [*DEEPSEEK, *OTHERS]


@dataclass(slots=True)
class Scene:
    """A running bot, the Telegram it talks to, and its clock."""

    server: BotApi
    app: App
    clock: Clock

    async def ask(
        self,
        person: Person,
        text: str,
        room: Room | None = None,
        *,
        thread: int | None = None,
        reply_to: Seen | None = None,
    ) -> Seen:
        """Write something and give the bot's first message after it."""
        sent = await person.send(text, room, thread=thread, reply_to=reply_to)
        return await self.server.wait_for(sent.chat_id, lambda _: True, after=sent.message_id)

    def current(self, message: Seen) -> Seen:
        """Give a message as it looks now."""
        return next(
            seen
            for seen in self.server.timeline(message.chat_id)
            if seen.message_id == message.message_id
        )

    def last(self, chat_id: int) -> Seen:
        """Give the newest message of a chat."""
        return self.server.timeline(chat_id)[-1]

    async def publish(
        self, articles: Sequence[Article], *, deliver: bool = True
    ) -> list[StoredArticle]:
        """Let the archive have new articles, as a poll would."""
        fresh = [NewArticle(one, (one.url,), deliver) for one in articles]
        stored = await self.app.store.commit(fresh, None, self.clock())
        await self.app.archive.catch_up()
        self.app._committed()
        return stored

    def check(self) -> None:
        """Telegram refused nothing and had nothing to say."""
        assert [(c.method, c.description, c.params) for c in self.server.rejected] == []
        assert self.server.warnings == []


@asynccontextmanager
async def running(folder: Path, archive: Sequence[Article] = ARCHIVE) -> AsyncIterator[Scene]:
    """Run the bot over an archive until the block ends; whatever was rejected fails the test."""
    server, clock, stop = BotApi(), Clock(), asyncio.Event()
    await server.start()
    file = folder / "xeberci.toml"
    file.write_text(CONFIGURATION.format(data=folder / "data", api=server.url), encoding="utf-8")
    app = App(load(file, {"BOT_TOKEN": server.token}), register, clock=clock)
    bot = asyncio.create_task(app.run(stop))
    try:
        ready = asyncio.create_task(app.ready.wait())
        await asyncio.wait({bot, ready}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        if bot.done():
            bot.result()
        scene = Scene(server, app, clock)
        await scene.publish(archive, deliver=False)
        yield scene
        scene.check()
    finally:
        stop.set()
        await asyncio.wait({bot}, timeout=10)
        await server.stop()
    bot.result()
