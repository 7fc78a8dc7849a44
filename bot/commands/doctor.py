"""``doctor``: looks at everything an operator can mend, and says how, a line each.

Each check gives ``None`` when all is well, or what to do; none of them stops the others.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.errors import ConfigError, FetchError, ParseError, XeberciError
from bot.poller import source_names
from bot.redaction import redact
from bot.refusals import Kind
from bot.sources.fetcher import Fetcher
from bot.sources.finder import is_html
from bot.sources.reading import Kind as Document
from bot.sources.reading import ReadContext
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox
from bot.sources.scout import Scout
from bot.store import open_store
from bot.store.addresses import is_redis
from bot.telegram import CallError, Telegram

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from bot.config import ChannelSettings, Settings, SourceSettings
    from bot.sources.scout import Asked

CLOCK_S = 30.0
TIMEOUT_S = 10.0

Check = tuple[str, str | None]


def examine(settings: Settings) -> int:
    """Print ``ok NAME`` or ``xəta NAME: what to do`` for each check; 0 if all are ok."""
    checks = asyncio.run(_examine(settings))
    secrets = [settings.token] if settings.has_token else []
    for name, advice in checks:
        line = f"ok {name}" if advice is None else f"xəta {name}: {' '.join(advice.split())}"
        print(redact(line, secrets))  # a server may repeat what it was asked
    return int(any(advice is not None for _, advice in checks))


async def _examine(settings: Settings) -> list[Check]:
    telegram = Telegram(settings.telegram.api_url, settings.token) if settings.has_token else None
    try:
        identity, token_advice = await _identity(settings, telegram)
        store_advice, ahead_s = await _store(settings)
        checks: list[Check] = [("token", token_advice), ("store", store_advice)]
        checks += await _sources(settings)
        checks.append(("clock", await _clock(settings, ahead_s)))
        checks += await _channels(settings.channels, telegram, identity)
        checks += _abilities(identity)
    finally:
        if telegram is not None:
            await telegram.close()
    return checks


async def _identity(
    settings: Settings, telegram: Telegram | None
) -> tuple[dict[str, Any] | None, str | None]:
    if telegram is None:
        try:
            _ = settings.token
        except ConfigError as error:
            return None, str(error)
        raise AssertionError("without a token there is an error")  # pragma: no cover
    try:
        return await telegram.call("getMe", {}, timeout_s=TIMEOUT_S), None
    except CallError as error:
        if error.outcome.kind is Kind.REVOKED or error.outcome.status == 404:  # noqa: PLR2004
            return None, (
                "Telegram does not know it; copy it again from @BotFather (/mybots, API Token) "
                "into BOT_TOKEN"
            )
        return None, f"{settings.telegram.api_url} does not answer ({error}); check the network"


async def _store(settings: Settings) -> tuple[str | None, float | None]:
    """Give what is wrong, and by how much a shared store's clock, which all runs on it go by, is
    ahead of this machine's."""
    advice = "; check data_dir and [store] url"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if is_redis(settings.store.url):
            advice = ""  # its errors say what to do
        store = open_store(settings.store.url, settings.data_dir)
        await store.open()
        try:
            await store.check()
            told = await store.time()
        finally:
            await store.close()
    except (XeberciError, OSError) as error:
        return f"{error}{advice}", None
    return None, None if told is None else told.timestamp() - time.time()


async def _sources(settings: Settings) -> list[Check]:
    if not settings.sources:
        return [("sources", "there are none; add [[sources]] to the configuration")]
    fetch = settings.fetch
    fetcher = Fetcher(allow_private=fetch.allow_private, max_bytes=fetch.max_bytes)
    sandbox = Sandbox()
    scout = Scout(fetcher, sandbox, Robots(fetcher, lambda: datetime.now(UTC)))
    names = source_names(settings.sources)

    async def look(source: SourceSettings) -> Check:
        context = ReadContext(
            now=datetime.now(UTC),
            zone=settings.zone,
            source=source.name,
            sources=names,
            profile=source.profile or None,
            expect=Document(source.kind) if source.kind else None,
            max_bytes=fetch.max_bytes,
        )
        return f"source {source.name}", await _source(source, scout, context)

    try:
        return list(await asyncio.gather(*map(look, settings.sources)))
    finally:
        await fetcher.close()
        await sandbox.close()


async def _source(source: SourceSettings, scout: Scout, context: ReadContext) -> str | None:
    """Ask the address in its line; a site's own page leads on to what is polled there."""
    try:
        asked: Asked | None = await scout.given(source.url, context)
        if not source.kind and asked and asked.reading and is_html(asked.reading):
            asked = await scout.settle(source.url, asked, context, listing=True)
    except (FetchError, ParseError) as error:
        told = str(error).removeprefix(f"{source.url}: ")
        return f"{source.url}: {told}; check the address in [[sources]]"
    if asked is None:
        return (
            f"{source.url}: neither a feed nor a list of articles, and it leads to none; try "
            f"xeberci sources find {source.url}"
        )
    if asked.reading is None or not asked.reading.items:
        return f"{asked.candidate.url} holds no articles now; check the address in [[sources]]"
    return None


async def _clock(settings: Settings, ahead_s: float | None) -> str | None:
    """Compare with the Date of Telegram's server, which every answer carries.

    ``ahead_s``: how far the clock of the store is ahead, if it is that which counts.
    """
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(settings.telegram.api_url, allow_redirects=False) as response,
        ):
            date = response.headers.get("Date")
        server = parsedate_to_datetime(date).timestamp() if date else time.time()
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return f"cannot be compared: {settings.telegram.api_url} does not answer"
    off_s = time.time() + (ahead_s or 0.0) - server
    if abs(off_s) > CLOCK_S:
        where = "" if ahead_s is None else " on the machine of the Redis"
        return f"is {off_s:+.0f} s off{where}; set it right (timedatectl set-ntp true)"
    return None


async def _channels(
    channels: Sequence[ChannelSettings], telegram: Telegram | None, identity: dict[str, Any] | None
) -> list[Check]:
    async def look(channel: ChannelSettings) -> Check:
        name = f"channel {channel.chat}"
        if telegram is None or identity is None:
            return name, "cannot be asked without a working token"
        return name, await _channel(channel.chat, telegram, int(identity["id"]))

    waiting: list[Awaitable[Check]] = [look(channel) for channel in channels]
    return list(await asyncio.gather(*waiting))


async def _channel(chat: int | str, telegram: Telegram, bot_id: int) -> str | None:
    try:
        member = await telegram.call("getChatMember", {"chat_id": chat, "user_id": bot_id})
    except CallError as error:
        return f"{error.outcome.reason}; add the bot to the channel as an administrator"
    if member.get("status") != "administrator":
        return "the bot is no administrator there; make it one in the channel's settings"
    if not member.get("can_post_messages", False):
        return "the bot may not post there; give it the right to post messages"
    return None


def _abilities(identity: dict[str, Any] | None) -> list[Check]:
    if identity is None:
        unknown = "cannot be known without a working token"
        return [("inline", unknown), ("privacy", unknown)]
    inline = privacy = None
    if not identity.get("supports_inline_queries"):
        inline = "is off, so @bot X finds nothing; send /setinline to @BotFather"
    if not identity.get("can_read_all_group_messages"):
        privacy = (
            "is on, so questions that mention the bot in groups do not reach it; send /setprivacy "
            "to @BotFather and choose Disable"
        )
    return [("inline", inline), ("privacy", privacy)]
