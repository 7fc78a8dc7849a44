"""How much of the index's files stays in memory, and how it is given back (Linux only).

tantivy maps its files, and each page that a query touched counts as the process's memory
until the kernel wants it for something else: 440 MiB at a million articles, which looks like a
leak and meets the limits that operators set. Pages that are given back stay in the kernel's
cache: reading them again costs the next queries less than can be measured.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

_MOST_BYTES = 128 * 2**20
_EVERY = 16  # searches between two looks, which cost 20 us each
_PAGE_BYTES = 4096
_DONTNEED = 4  # MADV_DONTNEED of <sys/mman.h>
_SIZES, _MAPS = Path("/proc/self/statm"), Path("/proc/self/maps")
_FILE_PAGES = 2  # the field of statm that counts resident pages of files


class MappedPages:
    """The pages of files in a folder that this process has in memory."""

    def __init__(self, folder: Path, most_bytes: int = _MOST_BYTES) -> None:
        """Take the folder and how much may stay."""
        self._folder = str(folder.absolute())
        self._most_bytes = most_bytes
        self._searches = 0

    def look(self) -> bool:
        """Count a search; now and then give pages back if there are too many: True if so."""
        self._searches += 1
        if self._searches % _EVERY:
            return False
        try:
            resident = int(_SIZES.read_text(encoding="ascii").split()[_FILE_PAGES])
            if resident * _PAGE_BYTES <= self._most_bytes:
                return False
            self._give_back()
        except (OSError, ValueError, IndexError, AttributeError):
            return False  # no Linux: the pages are the kernel's business alone
        return True

    def _give_back(self) -> None:
        libc = ctypes.CDLL(None)
        for line in _MAPS.read_text(encoding="utf-8", errors="replace").splitlines():
            if self._folder in line:
                start, _, end = line.split(" ", 1)[0].partition("-")
                first = int(start, 16)
                # Read-only mappings of files: nothing of them can be lost.
                libc.madvise(
                    ctypes.c_void_p(first), ctypes.c_size_t(int(end, 16) - first), _DONTNEED
                )
