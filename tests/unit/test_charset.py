"""What bytes say, whatever they are declared to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.charset import decode

TEXT = "Süni zəka şirkəti güclü işığı çıxardı, “ölkədə” ilk dəfə"
TURKISH = "Süni iş, güclü işığı çıxardı, böyük ağac"
RUSSIAN = "Привет, это новости: Баку"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/html; charset=utf-8",
        "text/html; charset=windows-1254",
        "text/html; charset=iso-8859-9",
        "text/html; charset=iso-8859-1",
        "text/html; charset=unknown-8bit",
    ],
)
def test_turkish_bytes_are_read_whatever_is_declared(content_type: str | None) -> None:
    assert decode(TURKISH.encode("windows-1254"), content_type) == TURKISH


def test_utf_8_wins_over_what_is_declared_and_survives_a_broken_byte() -> None:
    assert decode(TEXT.encode(), "text/html; charset=windows-1254") == TEXT
    assert decode(TEXT.encode() + b"\xff", None) == TEXT + "\ufffd"


def test_french_under_its_own_name_stays_french() -> None:
    assert decode("déjà vu, c'était".encode("latin-1"), "text/html; charset=iso-8859-1") == (
        "déjà vu, c'était"
    )


def test_russian_of_windows_is_told_from_turkish() -> None:
    assert decode(RUSSIAN.encode("windows-1251"), None) == RUSSIAN
    assert decode(RUSSIAN.encode("windows-1251"), "text/html; charset=utf-8") == RUSSIAN


@pytest.mark.parametrize("charset", ["windows-1252", "windows-1254", "latin-1"])
@pytest.mark.parametrize("text", [TEXT, RUSSIAN])
def test_what_was_encoded_twice_is_mended(text: str, charset: str) -> None:
    once = "".join(
        bytes([byte]).decode(charset, errors="ignore") or chr(byte) for byte in text.encode()
    )
    assert decode(once.encode(), None) == text


def test_a_single_odd_pair_is_left_alone() -> None:
    assert decode("Ä° dərəcə".encode(), None) == "Ä° dərəcə"


@given(st.binary(max_size=300), st.none() | st.text(max_size=30))
def test_any_bytes_give_text(data: bytes, content_type: str | None) -> None:
    assert "\x00" not in decode(data, content_type)


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_though_its_text_is_not_ascii(charset: str) -> None:
    text = "<html>Bakıda güclü külək əsib"
    assert decode(text.encode(charset), "text/html; charset=utf-8") == text
