"""Where a process's search index is: ``search`` in the data directory; ``search-2``, ``search-3``
and so on beside it where several runs share one store. A folder is of the store named in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from typing import TYPE_CHECKING

from bot.errors import IndexBusyError, XeberciError
from bot.search.index import SearchIndex
from bot.search.lock import is_kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.store.protocol import Store

_MOST = 99
_STORE = "store"  # the file that names the store
_TRIES = 5
_AGAIN_S = 0.1


def folders(data_dir: Path) -> Iterator[Path]:
    """Give the folders in the order in which they are taken."""
    yield data_dir / "search"
    for number in range(2, _MOST + 1):
        yield data_dir / f"search-{number}"


async def folder_to_read(data_dir: Path, store: Store) -> Path:
    """Give the folder that a reader looks into: one that a living run keeps, else any of this
    store, else a new one."""
    identity = await store.identity()
    ours = [f for f in folders(data_dir) if f.is_dir() and _named(f) == identity]
    if found := [f for f in ours if is_kept(f)] or ours:
        return found[0]
    for folder in folders(data_dir):
        with contextlib.suppress(IndexBusyError):
            (await open_folder(folder, store)).close()
            return folder
    return data_dir / "search"


async def open_index(data_dir: Path, store: Store, *, several: bool, wait_s: float) -> SearchIndex:
    """Open the index of a run: of the first folder that nobody else writes to.

    Without ``several`` that is ``search`` or none: a question that brings it up to the log
    keeps it for a moment, ``wait_s`` at most.
    """
    if several:
        for folder in folders(data_dir):
            for _ in range(_TRIES):
                with contextlib.suppress(IndexBusyError):
                    return await open_folder(folder, store)
                if folder.name != "search":
                    break
                await asyncio.sleep(_AGAIN_S / _TRIES)
        raise XeberciError(f"{data_dir}: {_MOST} other runs use it; name another data_dir")
    for _ in range(int(wait_s / _AGAIN_S)):
        with contextlib.suppress(IndexBusyError):
            return await open_folder(data_dir / "search", store)
        await asyncio.sleep(_AGAIN_S)
    return await open_folder(data_dir / "search", store)


async def open_folder(folder: Path, store: Store) -> SearchIndex:
    """Open an index for writing; one of another store, or ahead of this one, is thrown away.

    Raises ``IndexBusyError`` where another process writes to it.
    """
    identity, last = await store.identity(), await store.last_seq()
    index = SearchIndex(folder)
    index.open()
    if index.checkpoint and (_named(folder) != identity or index.checkpoint > last):
        index.close()
        shutil.rmtree(folder, ignore_errors=True)
        index = SearchIndex(folder)
        index.open()
    (folder / _STORE).write_text(identity, encoding="utf-8")
    return index


def _named(folder: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (folder / _STORE).read_text(encoding="utf-8")
    return ""
