"""The lock of the one process that may write to a search index: an advisory lock on a file."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from bot.errors import IndexBusyError

if TYPE_CHECKING:
    from pathlib import Path


def is_kept(folder: Path) -> bool:
    """Whether a living process writes to the index in a folder."""
    try:
        descriptor = os.open(_file(folder), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


class WriterLock:
    """A lock beside the index's folder, which may be thrown away while it is held.

    The process's end lets go of it, whatever ended it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock; ``IndexBusyError`` where another writer has it."""
        if self._descriptor is not None:
            return
        file = _file(self._folder)
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise IndexBusyError(
                f"search index {self._folder}: another process writes to it"
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
