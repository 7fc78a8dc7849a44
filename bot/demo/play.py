"""``xeberci demo``: a chat with the whole bot in a terminal, or a scripted conversation.

What is typed goes to the stand-in Bot API server as a person's message, and what the bot
sends there is printed: between them is the bot that ``run`` starts, over HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from typing import TYPE_CHECKING

from bot import logs
from bot.demo.screen import render
from bot.demo.theatre import open_theatre
from bot.errors import XeberciError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.context import XApplication
    from bot.demo.people import Answer
    from bot.demo.theatre import Theatre
    from bot.demo.timeline import Seen

WAIT_S = 15.0
LOOK_S = 0.15
HELP = """\
Bu söhbətdə bütün bot var: nümunə saytı, Telegram-ı əvəz edən server və botun özü.
  DeepSeek       mövzu yazın            /abune süni zəka   mövzuya abunə olun
  2              2-ci düyməni basın     @ iPhone           inline axtarış
  /kanala bax    kanalın lenti          /yeni              saytda yeni xəbər dərc edin
  /cix           çıxın (və ya Ctrl-D)
"""


def main(register: Callable[[XApplication], None], *, interactive: bool) -> int:
    """Run the demo; gives the exit status."""
    import logging  # noqa: PLC0415

    logs.configure(level=logging.WARNING)
    try:
        asyncio.run(_chat(register) if interactive else _script(register))
    except TimeoutError:
        raise XeberciError("the demo waited in vain for the bot's answer") from None
    return 0


# -- the script -----------------------------------------------------------------------------


async def _script(register: Callable[[XApplication], None]) -> None:
    async with open_theatre(register) as stage:
        script = _Script(stage)
        await script.poll()
        await script.channel_post()
        await script.subscribe()
        await script.alert()
        await script.query()
        await script.related()
        rejected = stage.api.rejected
        print(f"\n{len(stage.api.calls)} Bot API calls, {len(rejected)} rejected")
        if rejected:
            raise XeberciError(f"the Bot API server rejected a call: {rejected[0]}")


class _Script:
    """A conversation that shows the bot's main work, step by step."""

    def __init__(self, stage: Theatre) -> None:
        self._stage = stage
        self._shown = 0

    async def poll(self) -> None:
        """The first poll fills the archive."""
        _heading("A poll of the sample site")
        app = self._stage.app
        async with asyncio.timeout(WAIT_S):
            await app.poller.first_poll.wait()
        count = (await app.archive.newest(1)).total
        print(f"numune.az: {count} articles in the archive")

    async def channel_post(self) -> None:
        """The newest article of the first poll goes to the channel (``backlog = 1``)."""
        _heading("A channel post")
        channel = self._stage.channel
        _show(await self._stage.api.wait_for(channel.id, lambda seen: "Oxu" in _labels(seen)))

    async def subscribe(self) -> None:
        """A reader follows a topic."""
        _heading("A subscription")
        await self._say("/start")
        await self._reply()
        await self._say("/abune DeepSeek")
        await self._reply()

    async def alert(self) -> None:
        """A new article on the site reaches the reader at once."""
        story = self._stage.site.publish()
        _heading("A new article on the site, and its alert")
        print(f"numune.az: {story.title if story else ''}")
        reader = self._stage.reader
        _show(
            await self._stage.api.wait_for(
                reader.id, lambda seen: seen.from_bot and "Mövzu:" in seen.text, timeout_s=WAIT_S
            )
        )

    async def query(self) -> None:
        """A topic typed in the chat."""
        _heading("A query")
        await self._say("DeepSeek")
        answer = await self._reply()
        await self._press(answer, "1")

    async def related(self) -> None:
        """A related story of the opened one."""
        _heading("A related story")
        reader = self._stage.reader
        opened = [s for s in self._stage.api.timeline(reader.id) if "Oxşar" in _labels(s)]
        await self._press(opened[-1], "Oxşar")

    async def _say(self, text: str) -> None:
        seen = await self._stage.reader.send(text)
        self._shown = seen.message_id
        print(render(seen, color=_color()) + "\n")

    async def _reply(self) -> Seen:
        last = self._shown
        seen = await self._stage.api.wait_for(
            self._stage.reader.id,
            lambda seen: seen.from_bot and seen.message_id > last,
            timeout_s=WAIT_S,
        )
        _show(seen)
        return seen

    async def _press(self, seen: Seen, label: str) -> None:
        api, reader = self._stage.api, self._stage.reader
        before = {s.message_id: (s.text, s.labels) for s in api.timeline(reader.id)}
        print(f"{reader.user.first_name} → [{seen.button(label).label}]\n")
        await reader.press(seen, label)
        async with asyncio.timeout(WAIT_S):
            while True:
                for now in reversed(api.timeline(reader.id)):
                    if before.get(now.message_id) != (now.text, now.labels):
                        _show(now)
                        return
                await asyncio.sleep(LOOK_S)


def _labels(seen: Seen) -> str:
    return " ".join(label for row in seen.labels for label in row)


def _heading(text: str) -> None:
    print(f"── {text} " + "─" * max(3, 70 - len(text)) + "\n")


def _show(seen: Seen) -> None:
    print(render(seen, color=_color()) + "\n", flush=True)


def _color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


# -- the chat -------------------------------------------------------------------------------


async def _chat(register: Callable[[XApplication], None]) -> None:
    print(HELP)
    async with open_theatre(register) as stage:
        chat = _Chat(stage)
        watching = asyncio.create_task(chat.watch())
        try:
            await stage.reader.start()
            await chat.read()
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching


class _Chat:
    """Lines typed in a terminal, and what the bot answers."""

    def __init__(self, stage: Theatre) -> None:
        self._stage = stage
        self._known: dict[int, tuple[str, list[list[str]]]] = {}
        self._last: Seen | None = None

    async def watch(self) -> None:
        """Print what is new or changed in the reader's chat."""
        while True:
            for seen in self._stage.api.timeline(self._stage.reader.id):
                look = (seen.text, seen.labels)
                if self._known.get(seen.message_id) != look and seen.from_bot:
                    if seen.keyboard:
                        self._last = seen
                    print("\n" + render(seen, color=_color(), numbered=True), flush=True)
                self._known[seen.message_id] = look
            await asyncio.sleep(LOOK_S)

    async def read(self) -> None:
        """Do what each typed line says, until the end of input."""
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def readable() -> None:
            line = sys.stdin.readline()
            lines.put_nowait(line.strip() if line else None)

        loop.add_reader(sys.stdin.fileno(), readable)
        try:
            while (line := await lines.get()) is not None and line not in {"/cix", "/çıx"}:
                if line:
                    await self._do(line)
        finally:
            loop.remove_reader(sys.stdin.fileno())

    async def _do(self, line: str) -> None:
        reader = self._stage.reader
        if re.fullmatch(r"\d{1,2}", line) and self._last is not None:
            await self._press(int(line))
        elif line.startswith("@"):
            await self._inline(line[1:].strip())
        elif line == "/kanala bax":
            for seen in self._stage.api.timeline(self._stage.channel.id):
                _show(seen)
        elif line == "/yeni":
            story = self._stage.site.publish()
            print(f"→ {story.title}" if story else "→ bütün xəbərlər dərc olunub")
        else:
            await reader.send(line)

    async def _press(self, number: int) -> None:
        seen = self._last
        buttons = list(seen.buttons) if seen else []
        if seen is None or not 1 <= number <= len(buttons):
            print("→ belə düymə yoxdur")
            return
        label = buttons[number - 1].label
        try:
            answer = await self._stage.reader.press(seen, label)
        except (TimeoutError, LookupError):
            print("→ bot cavab vermədi")
            return
        if told := _told(answer):
            print(f"→ {told}")

    async def _inline(self, query: str) -> None:
        answer = await self._stage.reader.inline(query)
        for result in answer.results:
            print(f"• {result.get('title', '')}\n  {result.get('description', '')}")
        if answer.button:
            print(f"[{answer.button['text']}]")


def _told(answer: Answer) -> str:
    if answer.opened:
        return f"brauzer açılır: {answer.opened}"
    if answer.copied:
        return f"kopyalandı: {answer.copied}"
    return answer.text
