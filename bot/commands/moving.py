"""``migrate-store``: everything that is stored, from one store into another.

Look (is anybody at work, would anything newer be lost?), mark the new store as half filled, clear
it, copy section by section, compare the counts, take the mark away. A move that was cut short
leaves the mark, and is begun anew by the same command.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StoreError, XeberciError
from bot.progress import Progress
from bot.store import open_store
from bot.store.protocol import BATCH
from bot.store.records import SECTIONS, to_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.store.protocol import Store
    from bot.store.records import Row

_MARKS_KEPT = timedelta(hours=48)
# Forgotten after two days by the store itself, where it can, also while they are moved.
_FADING = {"update_marks", "updates"}
# Numbers that only grow: a higher one was taken after the stores went separate ways.
_GROWING = ("seq", "delivery", "topics")
_PROBE_S = 60.0


def migrate(origin: str, goal: str) -> int:
    """Move everything from the store of one address into that of another."""
    counts = asyncio.run(_migrate(_address(origin, "FROM"), _address(goal, "TO")))
    for section, count in counts.items():
        print(f"{section}: {count}")
    return 0


def _address(address: str, name: str) -> str:
    """Give an address as ``open_store`` takes it; paths are those of the working directory."""
    address = address.strip()
    if not address:
        raise XeberciError(f"{name} is empty: write sqlite:PATH or redis://host:port/db")
    if not address.startswith("sqlite:"):
        return address
    path = re.sub("^//+", "/", address.removeprefix("sqlite:"))
    if not path:
        raise XeberciError(f"{name} names no file: write sqlite:PATH")
    return f"sqlite:{Path(path).expanduser().absolute()}"


async def _migrate(origin: str, goal: str) -> dict[str, int]:
    file, other = _file(origin), _file(goal)
    if file is not None and not file.is_file():
        raise XeberciError(f"FROM: there is no store {file}: correct the path")
    if origin == goal or (file and other and other.exists() and file.samefile(other)):
        raise XeberciError("FROM and TO are the same store: name two")
    async with AsyncExitStack() as opened:
        before = await _enter(opened, "FROM", origin)
        if await before.half_filled():
            raise XeberciError(
                "FROM holds only a part of what was moved there: repeat that migrate-store first"
            )
        if not _is_filled(await before.counts()):
            raise XeberciError("FROM holds nothing: correct the address")
        after = await _enter(opened, "TO", goal)
        await _refuse_loss(before, after)
        return await fill(before, after)


def _file(address: str) -> Path | None:
    return Path(address.removeprefix("sqlite:")) if address.startswith("sqlite:") else None


async def _enter(opened: AsyncExitStack, name: str, address: str) -> Store:
    try:
        store = open_store(address, Path())
        opened.push_async_callback(store.close)
        await store.open()
        await store.hold_still()
    except StoreError as error:
        raise XeberciError(f"{name}: {error}") from error
    return store


async def _refuse_loss(before: Store, after: Store) -> None:
    """Raise where the move would take something away that is nowhere else."""
    # Two addresses may lead to one server: what is written through one is seen through the other.
    probe, now = f"move:{secrets.token_hex(8)}", datetime.now(UTC)
    await after.lease(probe, probe, now, _PROBE_S)
    try:
        if probe in await before.leases(probe, now):
            raise XeberciError("FROM and TO are the same store: name two")
    finally:
        await after.leave(probe, probe)
    half_filled = await after.half_filled()
    if not half_filled and not _is_filled(await after.counts()):
        return
    if await before.identity() != await after.identity():
        raise XeberciError(
            "TO holds the data of another bot: name an empty store, or delete what is in TO"
        )
    if half_filled:
        return
    here, there = await _counters(before), await _counters(after)
    if any(there.get(name, 0) > here.get(name, 0) for name in _GROWING):
        raise XeberciError(
            "TO is newer than FROM: exchange the two, or delete what is in TO to go back to FROM"
        )


def _is_filled(counts: dict[str, int]) -> bool:
    return any(count for section, count in counts.items() if section != "counters")


async def _counters(store: Store) -> dict[str, int]:
    rows, _ = await store.dump("counters", None, BATCH)
    return {row[0]: row[1] for row in rows}


async def fill(before: Store, after: Store) -> dict[str, int]:
    """Make a store equal to another; gives the counts. What it held before is gone."""
    await after.begin_filling(await before.identity())
    await after.clear()
    expected = await before.counts()
    done = 0
    with Progress("moved", sum(expected.values())) as progress:
        for section in SECTIONS:
            await _copy(section, before, after, done, progress)
            done += expected[section]
    # A run that began meanwhile, where the store cannot keep it out, wrote what is not moved.
    await before.hold_still()
    counts = await after.counts()
    for section, count in counts.items():
        if section not in _FADING and count != expected[section]:
            raise XeberciError(
                f"{section}: FROM has {expected[section]}, TO has {count}: repeat migrate-store"
            )
    await after.end_filling()
    return counts


async def _copy(section: str, before: Store, after: Store, done: int, progress: Progress) -> None:
    cursor = None
    while True:
        rows, cursor = await before.dump(section, cursor, BATCH)
        if section in _FADING:
            rows = fresh(section, rows, datetime.now(UTC))
        for start in range(0, len(rows), BATCH):  # a page may be a little longer
            await after.load(section, rows[start : start + BATCH])
        done += len(rows)
        progress.show(done)
        if cursor is None:
            return


def fresh(section: str, rows: Sequence[Row], now: datetime) -> list[Row]:
    """Give the marks that are still of use; one without a time gets that of the move."""
    place = SECTIONS[section].index("at")
    dated = (
        (*row[:place], to_ms(now) if row[place] is None else row[place], *row[place + 1 :])
        for row in rows
    )
    return [row for row in dated if row[place] > to_ms(now - _MARKS_KEPT)]
