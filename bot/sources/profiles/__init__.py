"""Site profiles: how a site writes its pages, as data (``*.toml`` beside this file).

A newsroom's own stand in the folder ``profiles`` beside its configuration file, and win over
those that come with the bot. docs/sources.md is the long form of what follows.

Format, all keys but ``name`` optional; every selector is CSS, and every list holds
alternatives that are tried in order until one gives something::

    name = "example.az"              # what `profile = "..."` of a source names
    verified = ""                    # the day on which somebody read the live site with it
    hosts = ["example.az"]           # without www.; subdomains count too
    sources = ["Example"]            # names of sources that mean this site
    date_shapes = ["%d.%m.%Y %H:%M"] # strptime shapes, tried before the general ones

    [page]
    title = ["h1"]                   # text
    date = ["time", ".date"]         # text, or the attribute datetime or content
    category = [".category"]         # text of the first
    author = [".author"]             # text of all, joined
    lead = [".lead"]                 # paragraphs before the content
    content = [".post-content"]      # the element whose paragraphs are the text
    drop = [".banner"]               # never part of the text
    credit = [".source"]             # "Mənbə: X", with or without a link
    related = [".related a"]         # links to similar stories
    image = ["article img"]          # the lead image

    [listing]
    card = [".post-card"]            # one story each
    link = ["a"]                     # in the card; the card itself may be the link
    title = ["h3"]                   # in the card
    date = [".date"]                 # in the card
    category = [".category"]         # in the card
    summary = ["p"]                  # in the card
    next = ["a[rel=next]"]           # the next page of the listing

What a profile leaves out, or what its selectors do not find, the general extraction gives.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cssselect import HTMLTranslator, SelectorError

from bot import links
from bot.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Selectors = tuple[str, ...]
FOLDER_VARIABLE = "SITE_PROFILES_FOLDER"  # how the processes that read documents know it


@dataclass(frozen=True, slots=True)
class PageRules:
    """Selectors for an article page."""

    title: Selectors = ()
    date: Selectors = ()
    category: Selectors = ()
    author: Selectors = ()
    lead: Selectors = ()
    content: Selectors = ()
    drop: Selectors = ()
    credit: Selectors = ()
    related: Selectors = ()
    image: Selectors = ()


@dataclass(frozen=True, slots=True)
class ListingRules:
    """Selectors for a listing; all but ``card`` and ``next`` are looked for in the card."""

    card: Selectors = ()
    link: Selectors = ()
    title: Selectors = ()
    date: Selectors = ()
    category: Selectors = ()
    summary: Selectors = ()
    next: Selectors = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """One site's way of writing pages."""

    name: str
    verified: str = ""
    hosts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    date_shapes: tuple[str, ...] = ()
    page: PageRules = PageRules()
    listing: ListingRules = ListingRules()

    def is_called(self, name: str) -> bool:
        """Whether this is its name, or that of a source which means this site, in any case."""
        return name.strip().casefold() in {own.casefold() for own in (self.name, *self.sources)}


def parse(text: str, *, where: str = "profile") -> Profile:
    """Give the profile that a TOML text describes; ParseError names the first mistake."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParseError(f"{where}: {error}") from None
    name = data.get("name")
    if not isinstance(name, str) or not name:
        raise ParseError(f"{where}: name is missing")
    known = {field.name for field in fields(Profile)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ParseError(f"{where}: {unknown[0]} is no key of a profile")
    verified = data.get("verified", "")
    if not isinstance(verified, str):
        raise ParseError(f"{where}: verified must be text")
    return Profile(
        name=name,
        verified=verified,
        hosts=tuple(host.lower().removeprefix("www.") for host in _strings(data, "hosts", where)),
        sources=_strings(data, "sources", where),
        date_shapes=_strings(data, "date_shapes", where),
        page=PageRules(**_rules(data.get("page", {}), PageRules, f"{where}: page")),
        listing=ListingRules(**_rules(data.get("listing", {}), ListingRules, f"{where}: listing")),
    )


def _rules(
    data: Mapping[str, Any], shape: type[PageRules | ListingRules], where: str
) -> dict[str, Selectors]:
    known = {field.name for field in fields(shape)}
    for key in data:
        if key not in known:
            raise ParseError(f"{where}.{key} is no key of a profile")
    found = {key: _strings(data, key, where) for key in data}
    for key, selectors in found.items():
        for selector in selectors:
            try:
                HTMLTranslator().css_to_xpath(selector)
            except SelectorError as error:
                problem = f"{where}.{key}: {selector!r} is no CSS selector: {error}"
                raise ParseError(problem) from None
    return found


def _strings(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ParseError(f"{where}.{key} must be a list of strings")
    return tuple(value)


def use_folder(folder: Path | None) -> None:
    """Read a newsroom's own profiles too, here and in the processes that read documents.

    Raises ParseError with the file's name and its first mistake.
    """
    os.environ.pop(FOLDER_VARIABLE, None)
    load.cache_clear()
    if folder is not None and folder.is_dir():
        _of_folder(folder)
        os.environ[FOLDER_VARIABLE] = str(folder)
    load()  # kept from here on, whatever becomes of the environment


@lru_cache(maxsize=1)
def load() -> tuple[Profile, ...]:
    """Give all profiles, the newsroom's own first; one of the same name replaces the bot's."""
    own = _of_folder(Path(os.environ[FOLDER_VARIABLE])) if FOLDER_VARIABLE in os.environ else ()
    shipped = [
        parse(entry.read_text("utf-8"), where=entry.name)
        for entry in resources.files(__name__).iterdir()
        if entry.name.endswith(".toml")
    ]
    names = {profile.name.casefold() for profile in own}
    others = [profile for profile in shipped if profile.name.casefold() not in names]
    return (*own, *sorted(others, key=lambda profile: profile.name))


def _of_folder(folder: Path) -> tuple[Profile, ...]:
    found = []
    for file in sorted(folder.glob("*.toml")):
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ParseError(f"{file}: cannot be read: {error}") from None
        found.append(parse(text, where=str(file)))
    return tuple(found)


def profile_for(
    name: str | None,
    host: str | None,
    canonical: str | None = None,
    source: str | None = None,
    *,
    profiles: Iterable[Profile] | None = None,
) -> Profile | None:
    """Give the profile by name, else by host, canonical link or the source's name.

    ``canonical`` is an address, ``host`` a host; a name that no profile has is a ParseError.
    """
    known = tuple(load() if profiles is None else profiles)
    if name:
        called = next((profile for profile in known if profile.is_called(name)), None)
        if called is None:
            raise ParseError(f"no site profile is called {name!r}; there is {_names(known)}")
        return called
    for candidate in (host, links.host(canonical) if canonical else None):
        for profile in known:
            if candidate and any(f".{candidate}".endswith(f".{own}") for own in profile.hosts):
                return profile
    return next((profile for profile in known if source and profile.is_called(source)), None)


def _names(profiles: Iterable[Profile]) -> str:
    return ", ".join(profile.name for profile in profiles)
