"""Moving house: everything out of a Redis as plain rows, and into another store.

Keys: ``identity``, ``filling`` (there while records of another store are being put in).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.store.records import SECTIONS
from bot.store.redis import incoming, outgoing
from bot.store.redis.room import KEYS, Room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.store.records import Row

_IDENTITY, _FILLING = f"{KEYS}identity", f"{KEYS}filling"
_STAY = {_IDENTITY, _FILLING, f"{KEYS}version"}
_STEP = 500  # keys a round trip


class MovingRoom(Room):
    """The steps of moving to another store."""

    async def hold_still(self) -> None:
        """Refuse beside a ``run``."""
        seconds, microseconds = await self._redis.command("TIME")
        now = int(seconds) * 1000 + int(microseconds) // 1000
        runs = len(await self._redis.run("leases", "worker:", now)) // 2
        if runs:
            raise StoreError(
                f"the store {self._redis.address} is used by {runs} xeberci run: stop it first "
                "(after a hard kill, wait 15 s)"
            )

    async def identity(self) -> str:
        """Give the id of what is stored."""
        return str(await self._redis.command("GET", _IDENTITY))

    async def begin_filling(self, identity: str) -> None:
        """Take the identity of another store, whose records come next."""
        await self._redis.command("MSET", _IDENTITY, identity, _FILLING, 1)

    async def end_filling(self) -> None:
        """Note that all records are there."""
        await self._redis.command("DEL", _FILLING)

    async def half_filled(self) -> bool:
        """Whether records are still missing: the move was cut short, or goes on."""
        return bool(await self._redis.command("EXISTS", _FILLING))

    async def counts(self) -> dict[str, int]:
        """Count the records of each section."""
        return {section: await outgoing.count(self._redis, section) for section in SECTIONS}

    async def dump(
        self, section: str, after: str | None, limit: int
    ) -> tuple[list[Row], str | None]:
        """Give the records of a section, page by page; a page may hold a few more than asked
        for, or none, and a record may come twice."""
        return await outgoing.page(self._redis, section, after, limit)

    async def load(self, section: str, rows: Sequence[Row]) -> None:
        """Put records of ``dump`` in; one that is there already is replaced."""
        await incoming.load(self._redis, section, rows)

    async def clear(self) -> None:
        """Throw away everything that is stored, step by step; the identity stays."""
        cursor = "0"
        while True:
            cursor, keys = await self._redis.command(
                "SCAN", cursor, "MATCH", f"{KEYS}*", "COUNT", _STEP
            )
            gone = [key for key in keys if key not in _STAY]
            if gone:
                await self._redis.command("UNLINK", *gone)
            if int(cursor) == 0:
                return
