"""The lock of the one ``run`` that may use an embedded store."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from bot.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

_held: set[int] = set()


def _forget_in_child() -> None:
    # A forked worker shares the open file and would keep the lock beyond a kill of its
    # parent, and with it the restart from starting.
    for descriptor in _held:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)


class RunLock:
    """An advisory lock on a file, let go by ``release`` or by the process's end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock; ``StoreError`` where another process has it."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise StoreError(
                f"another xeberci run uses {self._path.parent}: stop it, or name another data_dir"
            ) from error
        self._descriptor = descriptor
        _held.add(descriptor)

    def release(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        if self._descriptor is None:
            return
        _held.discard(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = None
