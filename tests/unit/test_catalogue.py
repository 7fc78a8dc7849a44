"""The catalogue: what it knows, and how one line of configuration takes from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import config, links
from bot.errors import ConfigError
from bot.sources import catalogue
from bot.sources.profiles import profile_for

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = (
    *("technote.az", "qafqazinfo.az", "apa.az", "azertag.az", "modern.az", "report.az"),
    *("trend.az", "oxu.az", "banker.az", "infocity.az", "techxeber.az", "fed.az", "marja.az"),
    *("sonxeber.az", "iqtisadiyyat.az", "olke.az", "baku.ws", "musavat.com", "metbuat.az"),
)


def load(folder: Path, text: str) -> config.Settings:
    file = folder / "xeberci.toml"
    file.write_text(text, encoding="utf-8")
    return config.load(file, {})


def test_the_sources_that_a_newsroom_names_are_there_once_each() -> None:
    names = [entry.name for entry in catalogue.load()]
    assert sorted(names) == sorted(KNOWN)


@pytest.mark.parametrize("entry", catalogue.load(), ids=lambda entry: entry.name)
def test_an_entry_is_whole(entry: catalogue.Entry, tmp_path: Path) -> None:
    assert links.is_absolute(entry.url)
    assert links.site(entry.url) == links.site(f"https://{entry.name}/")
    if entry.profile:
        assert profile_for(entry.profile, None) is not None
    (source,) = load(tmp_path, f'[[sources]]\nname = "{entry.name}"\n').sources
    assert (source.url, source.kind, source.language) == (entry.url, entry.kind, entry.language)


def test_a_name_alone_takes_the_rest_and_what_is_written_wins(tmp_path: Path) -> None:
    (source,) = load(
        tmp_path, '[[sources]]\nname = "infocity.az"\nlanguage = "ru"\nevery = "2m"\n'
    ).sources
    assert source.url == "https://infocity.az/feed/"
    assert (source.language, source.every) == ("ru", 120.0)


def test_an_address_of_ones_own_takes_nothing_from_the_catalogue(tmp_path: Path) -> None:
    (source,) = load(
        tmp_path, '[[sources]]\nname = "infocity.az"\nurl = "https://infocity.az/ru/feed/"\n'
    ).sources
    assert (source.url, source.language) == ("https://infocity.az/ru/feed/", "")


def test_a_missing_address_of_another_name_is_a_mistake_that_names_the_catalogue(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, '[[sources]]\nname = "apa.az"\n[[sources]]\nname = "Sayt"\n')
    (mistake,) = caught.value.mistakes
    assert mistake.startswith("sources[1].url: is missing")
    assert "xeberci sources list" in mistake


@pytest.mark.parametrize("name", ["APA.az", " apa.az", "www.apa.az"])
def test_a_name_is_found_in_any_case(name: str) -> None:
    found = catalogue.find(name)
    assert found is not None
    assert found.name == "apa.az"
