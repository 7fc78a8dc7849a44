"""Writes ``schema.json`` anew from a fuller description of the Bot API.

``python -m bot.demo.schema_refresh api.json`` takes ``api.json`` of
github.com/PaulSonOfLars/telegram-bot-api-spec (MIT) and keeps what is validated with: names,
types, what is required, and the constant that tells one variant of a type from another.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ORIGIN = "github.com/PaulSonOfLars/telegram-bot-api-spec, MIT"
TARGET = Path(__file__).with_name("schema.json")

# A variant's constant is given in prose only: `must be article`, `always "link"`.
_CONSTANT = re.compile(r"(?:must be|always) [\"“]?(\w+)[\"”]?$")
_TAGS = ("type", "source", "status")


def shorten(fields: Iterable[dict[str, Any]]) -> dict[str, str]:
    """``{"text!": "String"}``: ``!`` marks the required, ``=x`` a constant, ``[]`` an array."""
    short = {}
    for field in fields:
        constant = _CONSTANT.search(field["description"]) if field["name"] in _TAGS else None
        types = "|".join(_brief(kind) for kind in field["types"])
        mark = "!" if field["required"] else ""
        short[field["name"] + mark] = f"={constant[1]}" if constant else types
    return short


def _brief(kind: str) -> str:
    return kind.replace("Array of ", "[]")


def condense(api: dict[str, Any]) -> dict[str, Any]:
    """Give the compact schema: methods, types with fields, unions of types."""
    types = api["types"]
    return {
        "origin": ORIGIN,
        "version": api["version"],
        "methods": {
            name: shorten(method.get("fields", ())) for name, method in api["methods"].items()
        },
        "types": {
            name: shorten(kind.get("fields", ()))
            for name, kind in types.items()
            if not kind.get("subtypes")
        },
        "unions": {
            name: "|".join(_brief(variant) for variant in kind["subtypes"])
            for name, kind in types.items()
            if kind.get("subtypes")
        },
    }


def render(schema: dict[str, Any]) -> str:
    """JSON with one method or type a line, so that a refresh reads well as a diff."""
    parts = []
    for key, value in schema.items():
        if isinstance(value, dict):
            lines = ",\n".join(
                f"{json.dumps(name)}:{json.dumps(body, separators=(',', ':'))}"
                for name, body in value.items()
            )
            parts.append(f"{json.dumps(key)}:{{\n{lines}\n}}")
        else:
            parts.append(f"{json.dumps(key)}:{json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    source = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TARGET.write_text(render(condense(source)), encoding="utf-8")
