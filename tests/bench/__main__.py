"""Run every ``*_bench.py`` here in a process of its own: ``python -m tests.bench [NAME...]``.

A bench is a module with ``main()``, which prints its figures, each beside its baseline. Own
processes keep the memory and the caches of one bench out of the figures of the next.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
SUFFIX = "_bench"


def benches(wanted: list[str]) -> list[str]:
    """Give the names of the benches here (those that contain a wanted word, if any is given)."""
    names = sorted(path.stem.removesuffix(SUFFIX) for path in HERE.glob(f"*{SUFFIX}.py"))
    return [name for name in names if not wanted or any(word in name for word in wanted)]


def main(wanted: list[str]) -> int:
    """Run the benches one after the other; 1 if one of them failed or none was found."""
    names = benches(wanted)
    if not names:
        print(f"no bench is named like {' '.join(wanted) or 'that'}", file=sys.stderr)
        return 1
    failed = []
    for name in names:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        code = f"from tests.bench.{name}{SUFFIX} import main; main()"
        done = subprocess.run([sys.executable, "-c", code], check=False, cwd=HERE.parents[1])
        print(f"   ({time.monotonic() - started:.1f} s)", flush=True)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
