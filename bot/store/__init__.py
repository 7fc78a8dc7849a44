"""Stores: one protocol of atomic steps, its implementations, and the choice between them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from bot.store.protocol import Store

FILE_NAME = "xeberci.sqlite3"


def open_store(url: str, data_dir: Path) -> Store:
    """Give the store of an address, not yet opened: ``""`` is SQLite in ``data_dir``.

    ``sqlite:PATH`` names a database file. Raises ``StoreError`` for any other address.
    """
    if not url:
        return SqliteStore(data_dir / FILE_NAME)
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite" and rest:
        return SqliteStore(Path(rest))
    # The address may carry a password, so only its scheme is repeated.
    raise StoreError(
        f"store.url: this version has no store for {scheme!r} addresses; "
        'leave it empty, or write "sqlite:PATH"'
    )
