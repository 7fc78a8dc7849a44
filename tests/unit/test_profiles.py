"""Site profiles: data that a newsroom can write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.config import load
from bot.errors import ConfigError, ParseError
from bot.sources import markup, profiles
from bot.sources.select import select

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    own = tmp_path / "profiles"
    own.mkdir()
    yield own
    profiles.use_folder(None)


def test_a_newsrooms_own_profiles_stand_beside_its_configuration(folder: Path) -> None:
    (folder / "misal.toml").write_text(MISAL, "utf-8")
    config = folder.parent / "xeberci.toml"
    config.write_text(
        '[[sources]]\nname = "Misal"\nurl = "https://misal.az/rss"\nprofile = "misal.az"\n', "utf-8"
    )
    assert load(config, {}).sources[0].profile == "misal.az"
    found = profiles.profile_for(None, "misal.az")
    assert found is not None
    assert found.page.content == (".metn", "article")


def test_a_newsrooms_own_profile_replaces_the_bots_of_the_same_name(folder: Path) -> None:
    (folder / "a.toml").write_text('name = "technote.az"\n[page]\ntitle = ".ad"\n', "utf-8")
    profiles.use_folder(folder)
    found = profiles.profile_for("technote.az", None)
    assert found is not None
    assert found.page.title == (".ad",)


def test_a_mistake_in_a_profile_is_a_mistake_of_the_configuration(folder: Path) -> None:
    (folder / "misal.toml").write_text('name = "a"\n[page]\ntitle = "h1["\n', "utf-8")
    config = folder.parent / "xeberci.toml"
    config.write_text("", "utf-8")
    with pytest.raises(ConfigError, match=r"misal\.toml: page\.title: 'h1\[' is no CSS selector"):
        load(config, {})
