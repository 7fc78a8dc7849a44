from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET  # our own picture

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
CODE = re.compile(r"`([^`\n]+)`")
MODULE = re.compile(r"[\w./-]*\w\.(?:py|ftl|toml|yaml|service)|[\w.-]+(?:/[\w.-]+)*/|bot/[\w./]+")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
SITUATED = ("", "bot", "bot/sources", "deploy", "handlers", "bot/search", "bot/store")
NOT_OURS = {"xeberci.toml"}  # the operator's own
ATTRIBUTE = re.compile(r"(\w+)\.([a-z_]+)(?:\(\))?")


def _exists(name: str) -> bool:
    return any((ROOT / folder / name).exists() for folder in SITUATED)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_names_modules_that_there_are(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return  # tells of what once was, too
    named = {
        word
        for code in CODE.findall(page.read_text(encoding="utf-8"))
        for word in code.split()
        if MODULE.fullmatch(word) and not word.startswith("/")
    }
    assert [name for name in sorted(named - NOT_OURS) if not _exists(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_links_pages_that_there_are(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    ours = [link for link in links if "://" not in link]
    assert [link for link in ours if not (page.parent / link).exists()] == []


def test_the_picture_names_modules_that_there_are() -> None:
    tree = ET.parse(ROOT / "docs" / "house.svg")  # noqa: S314
    texts = [text.text or "" for text in tree.iter("{http://www.w3.org/2000/svg}text")]
    named = {word.rstrip(":,") for text in texts for word in text.split()}
    modules = {name for name in named if MODULE.fullmatch(name)}
    assert len(modules) > 10
    assert [name for name in sorted(modules) if not _exists(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_names_functions_that_there_are(page: Path) -> None:
    missing = []
    for code in CODE.findall(page.read_text(encoding="utf-8")):
        match = ATTRIBUTE.fullmatch(code)
        module = match and ROOT / "bot" / f"{match[1]}.py"
        if match and match[1] == "store":
            module = ROOT / "bot" / "store" / "protocol.py"
        if match and module and module.exists() and match[2] != "py":
            found = re.search(rf"def {match[2]}\b", module.read_text(encoding="utf-8"))
            missing += [] if found else [code]
    assert missing == []


def test_what_the_pages_tell_make_to_do_it_can() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    told = set(re.findall(r"(?:^|`|\w=\S+ )make ([a-z]+)\b", pages, re.MULTILINE))
    assert {"demo", "test", "run", "lint"} <= told
    assert told <= targets
