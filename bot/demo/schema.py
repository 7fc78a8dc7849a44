"""Bot API 10.1 as checks: the parameters of a method, the fields of a type.

``schema.json`` comes from github.com/PaulSonOfLars/telegram-bot-api-spec (MIT), Bot API 10.1;
``bot.demo.schema_refresh`` writes it anew. A method's checks are compiled once, at its first call.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from bot.demo.refusals import RefusalError, bad_request

# A check raises RefusalError and returns the names that the schema does not know.
Check = Callable[[object, str], list[str]]
Decode = Callable[[str, str], object]

# Telegram does not name a missing parameter, it says what is empty.
_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "user_id": "invalid user_id specified",
    "from_chat_id": "from_chat_id is empty",
}
_TRUE = {"true", "True", "1"}
_FALSE = {"false", "False", "0", ""}


class _Field(NamedTuple):
    required: bool
    check: Check
    decode: Decode


@cache
def raw() -> dict[str, Any]:
    """Give the compact schema as it stands in the file."""
    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def methods() -> dict[str, str]:
    """Give the method names by their lower-case form: Telegram takes them in any case."""
    return {name.lower(): name for name in raw()["methods"]}


class Parameters(NamedTuple):
    """What a method was called with, typed, and the names that it does not know."""

    values: dict[str, Any]
    unknown: list[str]


def parameters(method: str, given: Mapping[str, object], *, form: bool) -> Parameters:
    """Give the typed parameters of a call; ``form``: values are text, objects in it JSON.

    Raises RefusalError for a missing or mistyped one, as deep as the types go.
    """
    fields = _method(method)
    values: dict[str, Any] = {}
    unknown: list[str] = []
    for name, value in given.items():
        field = fields.get(name)
        if field is None:
            # Files of a multipart body stand beside the parameters that name them.
            if isinstance(value, str) or not form:
                unknown.append(name)
            continue
        decoded = field.decode(value, name) if form and isinstance(value, str) else value
        unknown += field.check(decoded, name)
        values[name] = decoded
    for name in _required(method):
        if name not in values:
            raise bad_request(_MISSING.get(name, f'parameter "{name}" is required'))
    return Parameters(values, unknown)


def conformity(kind: str, value: object) -> list[str]:
    """Give the names in ``value`` unknown to type ``kind``; RefusalError where it differs."""
    return _check(kind)(value, kind)


@cache
def _method(name: str) -> dict[str, _Field]:
    return {
        field.rstrip("!"): _Field(field.endswith("!"), _check(kinds), _decode(kinds))
        for field, kinds in raw()["methods"][name].items()
    }


@cache
def _required(name: str) -> tuple[str, ...]:
    return tuple(field for field, spec in _method(name).items() if spec.required)


def _decode(kinds: str) -> Decode:
    if kinds == "Boolean":
        return _decode_boolean
    if kinds in {"Integer", "Integer|String"}:
        return _decode_integer if kinds == "Integer" else _decode_identifier
    if kinds == "Float":
        return _decode_float
    if "String" in kinds.split("|") or kinds == "InputFile" or kinds.startswith("="):
        return _keep
    return _decode_json


def _keep(value: str, _name: str) -> object:
    return value


def _decode_boolean(value: str, name: str) -> object:
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise bad_request(f'parameter "{name}" must be Boolean')


def _decode_integer(value: str, name: str) -> object:
    try:
        return int(value)
    except ValueError:
        raise bad_request(f'parameter "{name}" must be Integer') from None


def _decode_identifier(value: str, _name: str) -> object:
    return int(value) if value.lstrip("-").isdecimal() else value


def _decode_float(value: str, name: str) -> object:
    try:
        return float(value)
    except ValueError:
        raise bad_request(f'parameter "{name}" must be Float') from None


def _decode_json(value: str, name: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name} JSON object") from None


@cache
def _check(kinds: str) -> Check:
    """Compile the check of ``Integer|String``, ``[][]InlineKeyboardButton`` or ``=article``."""
    variants = kinds.split("|")
    if len(variants) > 1:
        return _any_of(variants, kinds)
    if kinds.startswith("[]"):
        return _array(kinds[2:])
    if kinds.startswith("="):
        return _constant(kinds[1:])
    if kinds in _SCALARS:
        return _scalar(kinds)
    if kinds in raw()["unions"]:
        return _any_of(raw()["unions"][kinds].split("|"), kinds)
    return _object(kinds)


_SCALARS: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
}


def _scalar(kind: str) -> Check:
    types = _SCALARS[kind]

    def check(value: object, name: str) -> list[str]:
        if isinstance(value, types) and (kind == "Boolean" or not isinstance(value, bool)):
            return []
        raise bad_request(f'field "{name}" must be of type {kind}')

    return check


def _constant(expected: str) -> Check:
    def check(value: object, name: str) -> list[str]:
        if value == expected:
            return []
        raise bad_request(f'field "{name}" must be "{expected}"')

    return check


def _array(kind: str) -> Check:
    inner: Check | None = None

    def check(value: object, name: str) -> list[str]:
        nonlocal inner
        if not isinstance(value, list):
            raise bad_request(f'field "{name}" must be of type Array')
        if inner is None:
            inner = _check(kind)
        unknown: list[str] = []
        for item in value:
            unknown += inner(item, name)
        return unknown

    return check


def _any_of(kinds: list[str], whole: str) -> Check:
    checks: list[tuple[str, Check]] = []

    def check(value: object, name: str) -> list[str]:
        if not checks:  # not before the first use: types refer to each other in circles
            checks.extend((kind, _check(kind)) for kind in kinds)
        best: list[str] | None = None
        refusal: RefusalError | None = None
        for kind, variant in checks:
            try:
                unknown = variant(value, name)
            except RefusalError as error:
                # The variant that the value says it is explains best what is wrong with it.
                if refusal is None or _names_itself(kind, value):
                    refusal = error
                continue
            if not unknown:
                return unknown
            if best is None or len(unknown) < len(best):
                best = unknown
        if best is not None:
            return best
        raise refusal or bad_request(f'field "{name}" must be of type {whole}')

    return check


def _names_itself(kind: str, value: object) -> bool:
    fields: dict[str, str] = raw()["types"].get(kind, {})
    return isinstance(value, dict) and any(
        fields.get(f"{tag}!") == f"={value.get(tag)}" for tag in ("type", "source", "status")
    )


def _object(kind: str) -> Check:
    if kind == "InputFile":
        return _input_file
    fields: dict[str, Check] = {}
    required: list[str] = []

    def check(value: object, name: str) -> list[str]:
        if not isinstance(value, dict):
            raise bad_request(f'field "{name}" must be of type {kind}')
        if not fields:  # not before the first use: types refer to each other in circles
            fields.update(_fields(kind))
            required.extend(_required_fields(kind))
        for field in required:
            if field not in value:
                raise bad_request(_absent(kind, field))
        unknown: list[str] = []
        for field, item in value.items():
            known = fields.get(field)
            unknown += [f"{kind}.{field}"] if known is None else known(item, field)
        return unknown

    return check


def _absent(kind: str, field: str) -> str:
    if kind == "ReplyParameters":
        return f'can\'t find field "{field}"'
    name = "inline keyboard button" if kind == "InlineKeyboardButton" else kind
    return f"can't parse {name}: Can't find field \"{field}\""


def _fields(kind: str) -> dict[str, Check]:
    return {field.rstrip("!"): _check(kinds) for field, kinds in raw()["types"][kind].items()}


def _required_fields(kind: str) -> list[str]:
    return [field.rstrip("!") for field in raw()["types"][kind] if field.endswith("!")]


def _input_file(value: object, name: str) -> list[str]:
    if value is None or isinstance(value, (bool, int, float, list, dict)):
        raise bad_request(f'field "{name}" must be of type InputFile')
    return []
