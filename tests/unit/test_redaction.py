"""Secrets are taken out of what people and logs get to read."""

from __future__ import annotations

from bot.redaction import redact


def test_what_opens_an_address_is_not_shown() -> None:
    line = "sayt.az: https://ad:parol@sayt.az/feed?x=a@b: status 500"
    assert redact(line) == "sayt.az: https://***@sayt.az/feed?x=a@b: status 500"


def test_an_address_that_needs_no_opening_stays() -> None:
    line = "https://sayt.az/@ad/xeber and me@sayt.az"
    assert redact(line) == line
