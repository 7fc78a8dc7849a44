"""Settings: TOML file + environment -> Settings, read once, all mistakes reported together.

The environment wins over the file: ``XEBERCI_SECTION__KEY``, lists and tables as JSON. The
bot's token never stands in the file: ``BOT_TOKEN``, or the path of a file in ``BOT_TOKEN_FILE``.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast, get_origin
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.config_values import (
    ApiAddress,
    ChannelName,
    Duration,
    HookAddress,
    HookSecret,
    ListenAt,
    Profile,
    Quiet,
    StoreAddress,
    WebAddress,
    Zone,
    place,
    secret,
)
from bot.errors import ConfigError, ParseError
from bot.sources import catalogue
from bot.sources.profiles import use_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_FILE = "xeberci.toml"
PREFIX = "XEBERCI_"
HOW_TO_BEGIN = (
    "BOT_TOKEN: no token; create a bot with @BotFather in Telegram and put its token into "
    "the environment variable BOT_TOKEN, or the path of a file that holds it into BOT_TOKEN_FILE"
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TelegramSettings(_Section):
    """How to reach the Bot API."""

    api_url: ApiAddress = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: HookAddress = ""
    webhook_secret: HookSecret = SecretStr("")
    webhook_secret_file: str = ""


class StoreSettings(_Section):
    """Where everything that must survive is kept; empty: SQLite in ``data_dir``."""

    url: StoreAddress = ""


class WebSettings(_Section):
    """The web port; empty: none."""

    listen: ListenAt = ""

    @property
    def place(self) -> tuple[str | None, int] | None:
        """Host (None: every address of this machine) and port, or None: no web port."""
        return place(self.listen)


class DeliverySettings(_Section):
    """The limits of sending (CONTRACT §2)."""

    messages_per_second: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 30
    chat_interval: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    group_per_minute: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 20
    merge_after: Annotated[int, Field(ge=0)] = 5
    in_flight: Annotated[int, Field(ge=1, le=1000)] = 8
    lease: Duration = 15.0


class FetchSettings(_Section):
    """How sources are asked."""

    pace: Literal["adaptive", "fixed"] = "adaptive"
    allow_private: list[str] = []
    max_bytes: Annotated[int, Field(ge=1024)] = 8 * 1024 * 1024


class SourceSettings(_Section):
    """One news source."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    url: WebAddress
    kind: Literal["", "feed", "sitemap", "listing", "wordpress"] = ""
    every: Duration = 300.0
    backlog: Annotated[int, Field(ge=0)] = 0
    max_age: Duration = 48 * 3600.0
    profile: Profile = ""
    language: Literal["", "az", "ru", "en", "tr"] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_catalogue(cls, values: object) -> object:
        """Let the catalogue fill in a source that is given by its name alone."""
        if not isinstance(values, dict) or "url" in values:
            return values
        entry = catalogue.find(values["name"]) if isinstance(values.get("name"), str) else None
        known = entry.settings if entry is not None else {}
        return {key: value for key, value in known.items() if key in cls.model_fields} | values


class ChannelSettings(_Section):
    """A channel that posts by itself."""

    chat: ChannelName
    topics: list[str] = []
    sources: list[str] = []
    max_per_hour: Annotated[int, Field(ge=0)] = 0
    quiet: Quiet = ""


class Settings(BaseSettings):
    """The whole configuration. Frozen; paths are absolute."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Path("data")
    timezone: Zone = "Asia/Baku"
    admins: list[Annotated[int, Field(gt=0, strict=True)]] = []
    telegram: TelegramSettings = TelegramSettings()
    store: StoreSettings = StoreSettings()
    web: WebSettings = WebSettings()
    delivery: DeliverySettings = DeliverySettings()
    fetch: FetchSettings = FetchSettings()
    sources: list[SourceSettings] = []
    channels: list[ChannelSettings] = []

    _token: SecretStr | None = PrivateAttr(default=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment before the file, whose content comes as init arguments."""
        file = cast("InitSettingsSource", init_settings).init_kwargs
        return env_settings, InitSettingsSource(settings_cls, init_kwargs=file)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of sources' dates and of new chats."""
        return ZoneInfo(self.timezone)

    @property
    def token(self) -> str:
        """The bot's token; raises ``ConfigError`` where none was given."""
        if self._token is None:
            raise ConfigError([HOW_TO_BEGIN])
        return self._token.get_secret_value()

    @property
    def has_token(self) -> bool:
        """Whether a token was given."""
        return self._token is not None


_TECHNOTE = {"name": "technote.az", "url": "https://technote.az/feed"}


def load(path: Path | None = None, environ: dict[str, str] | None = None) -> Settings:
    """Give the settings of a file (``None``: ``xeberci.toml`` here, if there is one).

    Raises ``ConfigError`` with all mistakes, one a line, each by its dotted key. ``environ``
    stands in for the process's environment (tests, the demo).
    """
    env = dict(os.environ) if environ is None else environ
    content, base = _read(path)
    try:
        use_folder(base / "profiles" if path or Path(DEFAULT_FILE).exists() else None)
    except ParseError as error:
        raise ConfigError([f"profiles: {error}"]) from None
    unreadable = _no_json(env)
    mistakes = _unknown_variables(env) + list(unreadable.values())
    readable = {name: value for name, value in env.items() if name not in unreadable}
    try:
        with _environment(readable):
            settings = Settings(**content)
    except ValidationError as error:
        _, token_mistakes = _read_token(env)
        between = _disagreements(_as_merged(content, readable))
        raise ConfigError(mistakes + _mistakes(error) + between + token_mistakes) from None
    token, token_mistakes = _read_token(env)
    telegram, secret_mistakes = _with_secret(settings.telegram, base)
    between = _disagreements(settings.model_dump())
    if mistakes := mistakes + between + secret_mistakes + token_mistakes:
        raise ConfigError(mistakes)
    settings = settings.model_copy(
        update={
            "telegram": telegram,
            "data_dir": (base / settings.data_dir.expanduser()).absolute(),
            "store": StoreSettings(url=_store_url(settings.store.url, base)),
        }
    )
    settings._token = token  # noqa: SLF001 - our own class, one function down
    return settings


def _read(path: Path | None) -> tuple[dict[str, Any], Path]:
    file = Path(DEFAULT_FILE) if path is None else path
    if path is None and not file.exists():
        return {"sources": [_TECHNOTE]}, Path.cwd()
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream), file.absolute().parent
    except FileNotFoundError:
        raise ConfigError([f"{file}: there is no such file"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{file}: cannot be read: {error}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{file}: is no TOML: {error}"]) from None


def _read_token(env: dict[str, str]) -> tuple[SecretStr | None, list[str]]:
    if token := env.get("BOT_TOKEN", "").strip():
        return SecretStr(token), []
    if file := env.get("BOT_TOKEN_FILE", "").strip():
        try:
            token = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            return None, [f"BOT_TOKEN_FILE: cannot be read: {error}"]
        return (SecretStr(token), []) if token else (None, [f"BOT_TOKEN_FILE: {file} is empty"])
    return None, []


def _with_secret(telegram: TelegramSettings, base: Path) -> tuple[TelegramSettings, list[str]]:
    """Put what the secret's file holds in the secret's place."""
    if not telegram.webhook_secret_file.strip():
        return telegram, []
    key = "telegram.webhook_secret_file"
    if telegram.webhook_secret.get_secret_value():
        return telegram, [f"{key}: stands beside telegram.webhook_secret; give one of them"]
    file = (base / Path(telegram.webhook_secret_file.strip()).expanduser()).absolute()
    try:
        held = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        return telegram, [f"{key}: cannot be read: {error}"]
    if not held:
        return telegram, [f"{key}: {file} is empty"]
    try:
        update = {"webhook_secret": secret(SecretStr(held)), "webhook_secret_file": str(file)}
    except ValueError as error:
        return telegram, [f"{key}: {error}"]
    return telegram.model_copy(update=update), []


def _store_url(url: str, base: Path) -> str:
    if url.startswith("sqlite:"):
        path = re.sub("^//+", "/", url.removeprefix("sqlite:"))  # sqlite:///a is /a
        return f"sqlite:{(base / Path(path).expanduser()).absolute()}"
    return url


def _unknown_variables(env: dict[str, str]) -> list[str]:
    """Name variables of no section: pydantic-settings passes them over in silence."""
    return [
        f"{name[len(PREFIX) :].lower().replace('__', '.')}: unknown key (from {name})"
        for name in env
        if name.upper().startswith(PREFIX)
        and name[len(PREFIX) :].lower().split("__")[0] not in Settings.model_fields
    ]


def _no_json(env: dict[str, str]) -> dict[str, str]:
    """Name variables that must hold JSON and do not: pydantic-settings would end at the first."""
    mistakes: dict[str, str] = {}
    for name, value in env.items():
        if not name.upper().startswith(PREFIX):
            continue
        path = name[len(PREFIX) :].lower().split("__")
        kind: Any = Settings
        for part in path:
            field = getattr(kind, "model_fields", {}).get(part)
            kind = field.annotation if field else None
        if get_origin(kind) is not list and not hasattr(kind, "model_fields"):
            continue
        try:
            json.loads(value)
        except ValueError:
            mistakes[name] = f"{'.'.join(path)}: is no JSON (from {name})"
    return mistakes


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Let ``os.environ``, the only one that pydantic-settings reads, hold these variables."""
    previous = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(previous)


def _as_merged(content: dict[str, Any], env: dict[str, str]) -> dict[str, Any]:
    """Give the file's lists and sections, or the environment's in their place."""
    given = {name.lower(): value for name, value in env.items()}
    merged = content | {
        key: json.loads(given[variable])
        for key in ("sources", "channels")
        if (variable := f"{PREFIX}{key}".lower()) in given
    }
    for section, keys in (("telegram", ("mode", "webhook_url")), ("web", ("listen",))):
        whole = json.loads(given.get(f"{PREFIX}{section}".lower(), "{}"))
        single = {
            key: given[variable]
            for key in keys
            if (variable := f"{PREFIX}{section}__{key}".lower()) in given
        }
        merged[section] = _table(merged, section) | _table({section: whole}, section) | single
    return merged


def _disagreements(content: dict[str, Any]) -> list[str]:
    """Name what is wrong between sections, in content that may have other mistakes too."""
    sources = [s for s in _tables(content, "sources") if isinstance(s.get("name"), str)]
    channels = _tables(content, "channels")
    names = [source["name"] for source in sources]
    chats = [str(channel.get("chat", "")).strip().lower() for channel in channels]
    mistakes = [
        f"sources[{index}].name: {name!r} stands twice"
        for index, name in enumerate(names)
        if name in names[:index]
    ]
    for index, channel in enumerate(channels):
        wanted = channel.get("sources")
        mistakes += [
            f"channels[{index}].sources: no source is named {name!r}"
            for name in (wanted if isinstance(wanted, list) else [])
            if name not in names
        ]
        if chats[index] and chats[index] in chats[:index]:
            mistakes.append(f"channels[{index}].chat: {channel['chat']!r} stands twice")
    return mistakes + _webhook_disagreements(_table(content, "telegram"), _table(content, "web"))


def _webhook_disagreements(telegram: dict[str, Any], web: dict[str, Any]) -> list[str]:
    if telegram.get("mode") != "webhook":
        return []
    missing = []
    if not telegram.get("webhook_url"):
        missing.append(
            'telegram.webhook_url: is missing; telegram.mode = "webhook" needs the https:// '
            "address that Telegram calls"
        )
    if not web.get("listen"):
        missing.append(
            'web.listen: is missing; telegram.mode = "webhook" needs a place to listen, such as '
            '"127.0.0.1:8080"'
        )
    return missing


def _table(content: dict[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _tables(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = content.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _mistakes(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for problem in error.errors(include_url=False, include_context=False):
        message = problem["msg"].removeprefix("Value error, ")
        kind = problem["type"]
        key = _dotted(problem["loc"])
        if kind == "extra_forbidden":
            message = "unknown key"
        elif kind == "missing":
            message = "is missing"
            if re.fullmatch(r"sources\[\d+\]\.url", key):
                message += "; only a name of the catalogue does without (xeberci sources list)"
        elif kind == "model_type":
            message = "must be a table of keys"
        line = f"{key}: {message[0].lower()}{message[1:]}"
        if line not in lines:
            lines.append(line)
    return lines


def _dotted(location: tuple[int | str, ...]) -> str:
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part in {"int", "str"} or part.startswith(("function-", "union[")):
            continue  # a branch of a union, no key of the file
        else:
            key += f".{part}" if key else part
    return key
