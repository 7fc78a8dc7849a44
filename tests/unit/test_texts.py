"""The bot's words: every message used, none missing, all of them valid Telegram HTML."""

import html
import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import Html, is_greeting, load_texts

ROOT = Path(__file__).parents[2]
USE = re.compile(r"\.(?:html|plain|names)\(\s*[\"']([a-z0-9-]+)[\"']")
TAG = re.compile(r"<(/?)(\w+)>")
CATALOGUE = load_texts()


def messages() -> dict[str, ast.Message]:
    source = (ROOT / "bot" / "texts" / "az.ftl").read_text(encoding="utf-8")
    body = FluentParser().parse(source).body
    assert not [entry for entry in body if isinstance(entry, ast.Junk)]
    return {entry.id.name: entry for entry in body if isinstance(entry, ast.Message)}


def variables(message: ast.Message) -> set[str]:
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, ast.VariableReference):
            found.add(node.id.name)
        elif isinstance(node, ast.BaseNode):
            for value in vars(node).values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(message)
    return found


def used() -> set[str]:
    sources = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")]
    return {key for path in sources for key in USE.findall(path.read_text(encoding="utf-8"))}


def test_every_message_is_used_and_none_is_missing() -> None:
    assert used() == set(messages())


@pytest.mark.parametrize("key", sorted(messages()))
def test_a_message_can_be_said_with_its_variables(key: str) -> None:
    values: dict[str, str | int] = dict.fromkeys(variables(messages()[key]), "x<y")
    text = CATALOGUE.of("az").html(key, **values)
    assert "<y" not in text
    tags = TAG.findall(text)
    assert sorted(n for end, n in tags if end) == sorted(n for end, n in tags if not end)
    assert text == text.strip()
    assert "\u2068" not in text


@given(st.text())
def test_what_a_person_typed_is_escaped_and_unchanged(typed: str) -> None:
    text = CATALOGUE.of("az").html("followed", topic=typed)
    start, end = CATALOGUE.of("az").plain("followed", topic="\0").split("\0")
    assert text.startswith(start)
    assert text.endswith(end)
    inner = text[len(start) : len(text) - len(end)]
    assert "<" not in inner
    assert html.unescape(inner) == html.unescape(html.escape(typed, quote=False))


def test_a_long_value_is_put_in_whole() -> None:
    text = CATALOGUE.of("az").html("unfollowed", topic="&" * 3000)
    assert "“" + "&amp;" * 3000 + "”" in text


def test_html_that_is_ready_is_put_in_as_it_is() -> None:
    text = CATALOGUE.of("az").html("topics-list", lines=Html("<b>x</b>"))
    assert "<b>x</b>" in text


def test_an_unknown_language_reads_azerbaijani() -> None:
    assert CATALOGUE.of("xx").plain("button-read") == "Oxu"


def test_handlers_hold_no_words() -> None:
    letters = re.compile(r"^[^#\n]*[\"'][^\"'\n]*[əğıöüçşƏĞİÖÜÇŞ]", re.MULTILINE)
    for path in (ROOT / "handlers").rglob("*.py"):
        code = re.sub(r'"""[\s\S]*?"""', "", path.read_text(encoding="utf-8"))
        assert not letters.search(code), path


@pytest.mark.parametrize(
    "text",
    ["salam", "Salam!", "necəsən", "hello", "Привет", "sağ ol", "çox sağ ol", "Salam, necəsiniz?"],
)
def test_a_greeting_is_known(text: str) -> None:
    assert is_greeting(text)


@pytest.mark.parametrize(
    "text", ["DeepSeek", "salam dünya", "test", "bot", "🙂", "", "çox", "Sağlamlıq"]
)
def test_a_query_is_no_greeting(text: str) -> None:
    assert not is_greeting(text)
