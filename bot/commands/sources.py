"""``sources``: what is configured and how it is doing, finding sources out, trying them."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands import verified
from bot.commands.source_kit import local
from bot.errors import StoreError, XeberciError
from bot.sources import catalogue
from bot.store import FILE_NAME, open_store
from bot.store.addresses import is_redis

if TYPE_CHECKING:
    from bot.config import Settings, SourceSettings
    from bot.models import SourceState

ACTIONS = ("list", "find", "test")


def handle(settings: Settings, action: str, target: str | None) -> int:
    """Do what is asked; gives the exit status."""
    if action == "list":
        if target is not None:
            raise XeberciError("sources list takes nothing more; sources test NAME looks at one")
        return asyncio.run(_list(settings))
    if target is None:
        raise XeberciError(f"sources {action} needs an address: xeberci sources {action} URL")
    if action == "find":
        from bot.commands import source_find  # noqa: PLC0415 - each pays for its own imports

        return asyncio.run(source_find.find(settings, target))
    from bot.commands import source_test  # noqa: PLC0415

    return asyncio.run(source_test.test(settings, target))


async def _list(settings: Settings) -> int:
    """Print the configured sources with their state, then the catalogue, a line each."""
    status, states = 0, {}
    try:
        states = await _states(settings)
    except StoreError as error:
        print(f"xeberci: {error}; what is remembered is not shown", file=sys.stderr)
        status = 1
    now = datetime.now(UTC)
    for source in settings.sources:
        print(line_of(source, states.get(source.name), settings, now))
    read = verified.load(settings.data_dir)
    for entry in catalogue.load():
        at = read.get(entry.name)
        seen = f"verified {at.astimezone(settings.zone):%Y-%m-%d}" if at else "unverified"
        print("\t".join(("kataloq", entry.name, seen, entry.url, entry.note or "-")))
    return status


async def _states(settings: Settings) -> dict[str, SourceState]:
    url = settings.store.url
    if not is_redis(url):
        file = Path(url.removeprefix("sqlite:")) if url else settings.data_dir / FILE_NAME
        if not file.exists():  # looking must not make one
            return {}
    store = open_store(url, settings.data_dir)
    try:
        await store.open()
        return await store.sources()
    finally:
        await store.close()


def line_of(
    source: SourceSettings, state: SourceState | None, settings: Settings, now: datetime
) -> str:
    """Give a source as name, state, address and what is known, with tabs in between."""
    if state is not None and state.url != source.url:
        state = None  # its line has changed since
    fields = ["mənbə", source.name, _state(state), source.url]
    if state is not None:
        zone = settings.zone
        if state.found_url and state.found_url != source.url:
            fields.append(f"asks {state.found_url}")
        if state.polled_at is not None:
            fields.append(f"last {local(state.polled_at, zone)}")
        if state.next_poll_at is not None and not state.stopped:
            due = state.next_poll_at <= now
            fields.append("next now" if due else f"next {local(state.next_poll_at, zone)}")
        fields.append(f"{state.items_per_hour:.1f} items/h")
        if state.failures:
            since = f" since {local(state.failing_since, zone)}" if state.failing_since else ""
            fields.append(f"{state.failures} failures{since}: {state.error or '-'}")
    return "\t".join(" ".join(field.split()) for field in fields)


def _state(state: SourceState | None) -> str:
    if state is None:
        return "new"
    if state.stopped:
        return "stopped"
    return "failing" if state.failures else "ok"
