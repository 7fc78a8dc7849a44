"""When calls pause, and what is worth a line in the log."""

from __future__ import annotations

from bot.outage import Notice, Outage, Turn


def lose(outage: Outage, now: float) -> list[Turn]:
    return [outage.failed(now) for _ in range(3)]


def test_one_message_that_fails_pauses_nothing() -> None:
    outage = Outage()
    assert outage.failed(0.0) is Turn.NONE
    assert outage.failed(0.0) is Turn.NONE
    assert outage.pause_s(0.0) == 0.0


def test_three_failures_in_a_row_pause_all_and_are_told_once() -> None:
    outage = Outage()
    assert lose(outage, 0.0) == [Turn.NONE, Turn.NONE, Turn.LOST]
    assert outage.pause_s(0.0) == 1.0
    assert outage.failed(2.0) is Turn.NONE


def test_pauses_grow_to_ten_seconds() -> None:
    outage, now, pauses = Outage(), 0.0, []
    lose(outage, now)
    for _ in range(6):
        pauses.append(outage.pause_s(now))
        now += pauses[-1]
        outage.failed(now)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_failures_of_calls_already_in_the_air_do_not_lengthen_a_pause() -> None:
    outage = Outage()
    for _ in range(50):
        outage.failed(0.0)
    assert outage.pause_s(0.0) == 1.0


def test_an_answer_ends_it_and_is_told_once() -> None:
    outage = Outage()
    lose(outage, 0.0)
    assert outage.answered() is Turn.BACK
    assert outage.answered() is Turn.NONE
    assert outage.pause_s(0.0) == 0.0
    assert not outage.down


def test_a_revoked_token_pauses_thirty_seconds_from_the_first_refusal() -> None:
    outage = Outage()
    outage.revoked(0.0)
    outage.revoked(10.0)
    assert outage.pause_s(10.0) == 20.0
    outage.revoked(30.0)
    assert outage.pause_s(30.0) == 30.0


def test_a_notice_is_due_once_in_its_time_whoever_asks() -> None:
    notice = Notice(25.0)
    assert [notice.due(now) for now in (0.0, 0.1, 24.0, 25.0, 30.0, 55.0)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]
