"""Buttons within Telegram's limits, presses that come back as they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import buttons
from bot.buttons import Act, Place, Press
from bot.texts import load_texts

T = load_texts().of("az")
BIGGEST = 10**12


@given(st.sampled_from(list(Act)), st.lists(st.from_regex(r"[A-Za-z0-9._-]{1,10}", fullmatch=True)))
def test_a_press_comes_back_as_it_was_written(act: Act, arguments: list[str]) -> None:
    if len(":".join([act, *arguments])) <= buttons.MAX_DATA_BYTES:
        assert buttons.parse(buttons.data(act, *arguments)) == Press(act, tuple(arguments))


@given(st.text())
def test_any_data_is_read_or_refused(text: str) -> None:
    press = buttons.parse(text)
    assert press is None or press.number(0) >= 0


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "٣", "9" * 20])
def test_a_number_that_was_never_written_counts_as_none(text: str) -> None:
    assert Press(Act.OPEN, (text,)).number(0) == 0


def test_data_longer_than_telegram_takes_is_refused_here() -> None:
    with pytest.raises(ValueError, match="longer"):
        buttons.data(Act.OPEN, "x" * 64)


@given(st.text(min_size=1, max_size=300))
def test_the_longest_presses_fit(text: str) -> None:
    name = buttons.ref(text)
    place = f"q.{name}"
    for rows in (
        buttons.page_rows(T, place, [BIGGEST] * 5, offset=BIGGEST, total=BIGGEST * 2),
        buttons.manage_rows(T, text, BIGGEST),
        buttons.alert_rows(T, "https://a.az/x", text, BIGGEST, to_digest=True),
        [[buttons.press("x", Act.RESTORE, name, "instant", Place.SCREEN)]],
    ):
        for button in [button for row in rows for button in row]:
            assert len(str(button.get("callback_data", "")).encode()) <= buttons.MAX_DATA_BYTES


def test_a_long_address_has_no_copy_button() -> None:
    related = buttons.related_here(T, 1)
    fits = "https://a.az/" + "x" * (256 - len("https://a.az/"))
    assert [b["text"] for b in buttons.article_rows(T, fits, related)[0]] == [
        "Oxu",
        "Linki kopyala",
    ]
    assert [b["text"] for b in buttons.article_rows(T, fits + "x", related)[0]] == ["Oxu"]


@pytest.mark.parametrize(
    ("offset", "total", "labels"),
    [
        (0, 2, [["1", "2"]]),
        (0, 7, [["1", "2"], ["Növbəti ›"]]),
        (5, 7, [["1", "2"], ["‹ Əvvəlki"]]),
        (5, 12, [["1", "2"], ["‹ Əvvəlki", "Növbəti ›"]]),
    ],
)
def test_a_page_leads_to_its_neighbours(offset: int, total: int, labels: list[list[str]]) -> None:
    rows = buttons.page_rows(T, "n", [1, 2], offset=offset, total=total)
    assert [[button["text"] for button in row] for row in rows] == labels


@pytest.mark.parametrize(
    ("title", "start"),
    [
        ("Süni zəka", "t-suni-zeka"),
        ("DeepSeek", "t-deepseek"),
        ("ДипСик", "t-dipsik"),
        ("C++ & Rust!", "t-c-rust"),
        ("🙂", None),
        ("x" * 100, None),
    ],
)
def test_a_topic_becomes_a_start_parameter_where_one_can_say_it(
    title: str, start: str | None
) -> None:
    assert buttons.topic_start(title) == start
