"""Site profiles: data that a newsroom can write."""

from __future__ import annotations

import pytest

from bot.errors import ParseError
from bot.sources import markup, profiles
from bot.sources.select import select

MISAL = """
name = "misal.az"
hosts = ["www.Misal.az"]
sources = ["Misal Xəbər"]
date_shapes = ["%d/%m/%Y"]
[page]
title = "h1"
content = [".metn", "article"]
[listing]
card = [".kart"]
"""


def test_a_profile_is_toml() -> None:
    profile = profiles.parse(MISAL)
    assert profile.hosts == ("misal.az",)
    assert profile.page.title == ("h1",)
    assert profile.page.content == (".metn", "article")
    assert profile.listing.card == (".kart",)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("name = ", "misal.toml"),
        ("hosts = []", "name is missing"),
        ('name = "a"\nhost = "a.az"', "host is no key"),
        ('name = "a"\n[page]\nbody = ["p"]', "page.body is no key"),
        ('name = "a"\n[page]\ntitle = 7', "page.title must be a list"),
        ('name = "a"\nhosts = [7]', "hosts must be a list"),
    ],
)
def test_a_mistake_is_named(text: str, mistake: str) -> None:
    with pytest.raises(ParseError, match=mistake):
        profiles.parse(text, where="misal.toml")


@pytest.mark.parametrize(
    ("name", "host", "canonical", "source", "found"),
    [
        ("misal.az", "basqa.az", None, None, True),
        ("Misal.AZ", None, None, None, True),
        ("MISAL xəbər", None, None, None, True),
        (None, "misal.az", None, None, True),
        (None, "m.misal.az", None, None, True),
        (None, "127.0.0.1", "https://www.misal.az/a", None, True),
        (None, "127.0.0.1", None, "misal xəbər", True),
        (None, "127.0.0.1", None, "misal.az", True),
        (None, "notmisal.az", None, None, False),
        (None, "127.0.0.1", "https://basqa.az/", "Başqa", False),
        (None, None, None, None, False),
    ],
)
def test_a_profile_is_found_by_name_host_canonical_link_or_source(
    name: str | None, host: str | None, canonical: str | None, source: str | None, *, found: bool
) -> None:
    known = (profiles.parse(MISAL),)
    profile = profiles.profile_for(name, host, canonical, source, profiles=known)
    assert (profile is not None) is found


def test_a_name_that_no_profile_has_is_told() -> None:
    with pytest.raises(ParseError, match="yoxdur"):
        profiles.profile_for("yoxdur", None)


def test_the_profiles_of_the_bot_are_sound() -> None:
    root = markup.parse("<p>a</p>")
    assert root is not None
    names = [profile.name for profile in profiles.load()]
    assert "technote.az" in names
    assert len(set(names)) == len(names)
    for profile in profiles.load():
        for rules in (profile.page, profile.listing):
            for key in rules.__slots__:
                assert list(select(root, getattr(rules, key))) == []


def test_a_bad_selector_is_told() -> None:
    root = markup.parse("<p>a</p>")
    assert root is not None
    with pytest.raises(ParseError, match="bad selector"):
        list(select(root, ["p[["]))
