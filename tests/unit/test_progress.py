"""A bar in a terminal, ten lines of the log elsewhere."""

from __future__ import annotations

import io

from structlog.testing import capture_logs

from bot.progress import Progress


class Terminal(io.StringIO):
    """A terminal that keeps what was written."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_that_fills_and_ends_its_line() -> None:
    out = Terminal()
    with Progress("index", 200, out=out) as progress:
        for done in range(0, 300, 100):
            progress.show(done)
    lines = out.getvalue().split("\r")[1:]
    assert lines[0].endswith("░ 0 / 200")
    assert "█░" in lines[1]
    assert lines[2].endswith("█ 200 / 200\n")


def test_elsewhere_the_log_gets_a_line_each_tenth() -> None:
    out = io.StringIO()
    with capture_logs() as logs, Progress("index", 1000, out=out) as progress:
        for done in range(1001):
            progress.show(done)
    assert [line["done"] for line in logs] == list(range(100, 1001, 100))
    assert out.getvalue() == ""


def test_nothing_to_do_is_done() -> None:
    with capture_logs() as logs, Progress("index", 0, out=io.StringIO()) as progress:
        progress.show(0)
    assert logs == []
