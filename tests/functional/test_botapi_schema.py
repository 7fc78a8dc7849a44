"""The schema of the Bot API: whole, compiled, and written anew the same way."""

import json

import pytest

from bot.demo import schema
from bot.demo.methods import METHODS
from bot.demo.refusals import RefusalError
from bot.demo.schema_refresh import condense, render

SCALARS = {"String", "Integer", "Float", "Boolean"}


def test_every_type_that_is_named_is_there() -> None:
    whole = schema.raw()
    known = SCALARS | set(whole["types"]) | set(whole["unions"])
    fields = [*whole["methods"].values(), *whole["types"].values()]
    named = {
        kind.replace("[]", "")
        for kinds in [*(kinds for entry in fields for kinds in entry.values())]
        if not kinds.startswith("=")
        for kind in kinds.split("|")
    } | {kind.replace("[]", "") for kinds in whole["unions"].values() for kind in kinds.split("|")}
    assert named <= known


def test_every_method_is_checked_and_what_is_carried_out_exists() -> None:
    assert len(schema.raw()["methods"]) == 180
    assert set(METHODS) <= set(schema.raw()["methods"])
    for method in schema.raw()["methods"]:
        try:
            values, unknown = schema.parameters(method, {"nonsense": 1}, form=False)
        except RefusalError:
            continue  # it requires something
        assert (values, unknown) == ({}, ["nonsense"])


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("chat_id", "-1001", -1001),
        ("chat_id", "@kanal", "@kanal"),
        ("disable_notification", "true", True),
        ("disable_notification", "False", False),
        ("message_thread_id", "7", 7),
        ("link_preview_options", '{"is_disabled": true}', {"is_disabled": True}),
    ],
)
def test_a_forms_values_get_their_types(name: str, text: str, value: object) -> None:
    form = {"chat_id": "1", "text": "5", name: text}
    values, unknown = schema.parameters("sendMessage", form, form=True)
    assert (values[name], values["text"], unknown) == (value, "5", [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("disable_notification", "yes"),
        ("message_thread_id", "7.5"),
        ("link_preview_options", "{"),
        ("reply_markup", '{"inline_keyboard": 1}'),
    ],
)
def test_a_forms_value_of_another_type_is_refused(name: str, text: str) -> None:
    with pytest.raises(RefusalError):
        schema.parameters("sendMessage", {"chat_id": "1", "text": "x", name: text}, form=True)


def test_a_refresh_keeps_what_is_validated_with() -> None:
    def field(name: str, *types: str, required: bool, description: str = "") -> dict[str, object]:
        return {
            "name": name,
            "types": types,
            "required": required,
            "description": description,
        }

    api = {
        "version": "Bot API 10.1",
        "methods": {
            "getMe": {},
            "sendX": {"fields": [field("rows", "Array of Array of X", "String", required=True)]},
        },
        "types": {
            "X": {"subtypes": ["XA", "Array of X"]},
            "XA": {
                "fields": [
                    field("type", "String", required=True, description="Type, must be a"),
                    field("size", "Integer", required=False),
                ]
            },
        },
    }
    short = json.loads(render(condense(api)))
    assert short["methods"] == {"getMe": {}, "sendX": {"rows!": "[][]X|String"}}
    assert short["types"] == {"XA": {"type!": "=a", "size": "Integer"}}
    assert short["unions"] == {"X": "XA|[]X"}
