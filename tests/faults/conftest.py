"""What the fault tests saw: noted by each test, told at the end of ``make soak``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_SEEN = "seen"
_COLUMNS = ("rounds", "messages", "lost", "duplicated", "at most", "out of order")


class Note(Protocol):
    """Takes the figures of a test."""

    def __call__(
        self,
        *,
        rounds: int,
        messages: int,
        lost: int = 0,
        duplicated: int = 0,
        at_most: int = 0,
        out_of_order: int = 0,
    ) -> None: ...


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Note:
    """Give what takes a test's figures: ``at_most`` is how many may come twice."""

    def take(**figures: int) -> None:
        record_property(_SEEN, {name.replace("_", " "): value for name, value in figures.items()})

    return take


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print a line for each test that noted something, at full count."""
    if not os.environ.get("SOAK"):
        return
    rows = [
        (report.nodeid.rpartition("::")[2], figures)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, figures in report.user_properties
        if name == _SEEN
    ]
    if not rows:
        return
    width = max(len(name) for name, _ in rows)
    terminalreporter.section("faults")
    terminalreporter.line(" " * width + "".join(f"{column:>14}" for column in _COLUMNS))
    for name, figures in sorted(rows, key=lambda row: row[0]):
        values = "".join(f"{figures.get(column, 0):>14,}" for column in _COLUMNS)
        terminalreporter.line(f"{name:<{width}}{values}")
