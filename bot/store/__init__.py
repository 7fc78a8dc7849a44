"""Stores: one protocol of atomic steps, its implementations, and the choice between them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.store.addresses import is_redis, redis_address
from bot.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from bot.store.protocol import Store

FILE_NAME = "xeberci.sqlite3"


def open_store(url: str, data_dir: Path) -> Store:
    """Give the store of an address, not yet opened: ``""`` is SQLite in ``data_dir``.

    ``sqlite:PATH`` names a database file, ``bot.store.addresses`` says how a Redis is
    named. Raises ``StoreError`` for any other address.
    """
    if not url:
        return SqliteStore(data_dir / FILE_NAME)
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite" and rest:
        return SqliteStore(Path(rest))
    if is_redis(url):
        # Here, because a bot on SQLite need not load the client library.
        from bot.store.redis.store import RedisStore  # noqa: PLC0415

        try:
            return RedisStore(redis_address(url))
        except ValueError as error:
            raise StoreError(f"store.url: {error}") from None
    # The address may carry a password, so only its scheme is repeated.
    raise StoreError(
        f"store.url: there is no store for {scheme!r} addresses; leave it empty, or write "
        '"sqlite:PATH", "redis://host:port/db" or another address of a Redis'
    )
