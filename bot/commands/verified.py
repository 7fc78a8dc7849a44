"""When ``sources test`` last read a source of the catalogue: a small JSON file in ``data_dir``."""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "verified.json"


def load(folder: Path) -> dict[str, datetime]:
    """Give the last time for each source; a file that cannot be read says nothing."""
    try:
        values = json.loads((folder / FILE_NAME).read_text("utf-8"))
        return {str(name): datetime.fromisoformat(at) for name, at in values.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def note(folder: Path, name: str, at: datetime) -> None:
    """Remember that a source was read."""
    times = load(folder) | {name: at}
    text = json.dumps({name: when.isoformat() for name, when in sorted(times.items())}, indent=1)
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{FILE_NAME}.{os.getpid()}"
    beside.write_text(f"{text}\n", encoding="utf-8")
    beside.replace(folder / FILE_NAME)  # a command beside it never reads half a file
