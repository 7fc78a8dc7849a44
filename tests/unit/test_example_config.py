from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from bot.config import Settings, load

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

EXAMPLE = Path(__file__).parents[2] / "deploy" / "xeberci.example.toml"


def _section(field: FieldInfo) -> type[BaseModel] | None:
    """The model behind a section or a list of sections, or None for a plain key."""
    for candidate in (field.annotation, *get_args(field.annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _keys(fields: dict[str, FieldInfo], prefix: str = "") -> set[str]:
    keys = set()
    for name, field in fields.items():
        section = _section(field)
        if section is None:
            keys.add(prefix + name)
        else:
            keys |= _keys(section.model_fields, f"{prefix}{name}.")
    return keys


def _written(content: dict[str, Any], prefix: str = "") -> set[str]:
    keys = set()
    for name, value in content.items():
        tables = value if isinstance(value, list) else [value]
        if tables and all(isinstance(table, dict) for table in tables):
            for table in tables:
                keys |= _written(table, f"{prefix}{name}.")
        else:
            keys.add(prefix + name)
    return keys


def _switched_on() -> str:
    """The example with its channel: lines that begin with # and no blank are keys."""
    return re.sub(r"^#(?=\S)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_example_can_be_copied_as_it_is_and_posts_to_no_channel() -> None:
    settings = load(EXAMPLE, environ={})
    assert [source.name for source in settings.sources] == ["technote.az"]
    assert settings.channels == []
    assert settings.data_dir == EXAMPLE.parent / "data"


def test_the_example_names_every_key_and_no_other() -> None:
    assert _written(tomllib.loads(_switched_on())) == _keys(Settings.model_fields)


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    bare = tmp_path / "xeberci.toml"
    bare.write_text(
        '[[sources]]\nname = "technote.az"\nurl = "https://technote.az/feed"\n'
        '[[channels]]\nchat = "@texnologiya_xeberleri"\n',
        encoding="utf-8",
    )
    example = tmp_path / "example.toml"
    example.write_text(_switched_on(), encoding="utf-8")
    assert load(example, environ={}) == load(bare, environ={})
