from __future__ import annotations

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


def test_the_example_is_a_configuration_without_a_mistake() -> None:
    settings = load(EXAMPLE, environ={})
    assert [source.name for source in settings.sources] == ["technote.az"]
    assert settings.data_dir == EXAMPLE.parent / "data"


def test_the_example_names_every_key_and_no_other() -> None:
    content = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert _written(content) == _keys(Settings.model_fields)


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    bare = tmp_path / "xeberci.toml"
    bare.write_text(
        '[[sources]]\nname = "technote.az"\nurl = "https://technote.az/feed"\n'
        '[[channels]]\nchat = "@texnologiya_xeberleri"\n',
        encoding="utf-8",
    )
    shown = load(EXAMPLE, environ={}).model_dump(exclude={"data_dir"})
    assert shown == load(bare, environ={}).model_dump(exclude={"data_dir"})
