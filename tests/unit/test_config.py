from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import load
from bot.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings

SECRET = "123456:a-secret-that-nobody-may-read"


class Folder:
    """A folder with a configuration in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path / "xeberci.toml"

    def load(self, content: str = "", /, **environ: str) -> Settings:
        self.file.write_text(content, encoding="utf-8")
        return load(self.file, environ)

    def mistakes(self, content: str = "", /, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as error:
            self.load(content, **environ)
        assert str(error.value) == "\n".join(error.value.mistakes)
        return error.value.mistakes

    def keys(self, content: str = "", /, **environ: str) -> list[str]:
        return [mistake.partition(":")[0] for mistake in self.mistakes(content, **environ)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def source(name: str = "a.az", more: str = "") -> str:
    return f'[[sources]]\nname = "{name}"\nurl = "https://a.az/feed"\n{more}\n'


# -- files --------------------------------------------------------------------------------


def test_without_a_file_technote_is_the_one_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(None, {})
    assert [(s.name, s.url) for s in settings.sources] == [
        ("technote.az", "https://technote.az/feed")
    ]
    assert settings.data_dir == tmp_path / "data"


def test_a_file_in_the_working_directory_is_taken(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.file.write_text('timezone = "Europe/Berlin"', encoding="utf-8")
    monkeypatch.chdir(folder.path)
    settings = load(None, {})
    assert settings.zone == ZoneInfo("Europe/Berlin")
    assert settings.sources == []


def test_a_named_file_that_is_missing_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"other\.toml: there is no such file"):
        load(tmp_path / "other.toml", {})


@pytest.mark.parametrize("content", [b"a = ", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"x\.toml: "):
        load(file, {})


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


def test_paths_are_relative_to_the_file(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = folder.path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    settings = folder.load('data_dir = "d"\n[store]\nurl = "sqlite:s/x.db"')
    assert settings.data_dir == folder.path / "d"
    assert settings.store.url == f"sqlite:{folder.path}/s/x.db"


@pytest.mark.parametrize("slashes", ["/", "///", "////"])
def test_an_absolute_sqlite_path_stays(folder: Folder, slashes: str) -> None:
    settings = folder.load(f'[store]\nurl = "sqlite:{slashes}srv/x.db"')
    assert settings.store.url == "sqlite:/srv/x.db"


def test_the_home_folder_may_be_written_as_a_tilde(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/leyla")
    assert str(folder.load('data_dir = "~/news"').data_dir) == "/home/leyla/news"


# -- values -------------------------------------------------------------------------------


def test_durations_become_seconds(folder: Folder) -> None:
    settings = folder.load('[delivery]\nlease = "500ms"\n' + source(more='every = "1.5h"'))
    assert settings.delivery.lease == 0.5
    assert settings.sources[0].every == 5400
    assert settings.sources[0].max_age == 48 * 3600


@pytest.mark.parametrize(
    "written", ["300", '"300"', '"5 m"', '"-5m"', '"0s"', '"5w"', "true", '"99999999d"']
)
def test_what_is_no_duration_is_a_mistake(folder: Folder, written: str) -> None:
    assert folder.keys(source(more=f"every = {written}")) == ["sources[0].every"]


@pytest.mark.parametrize(
    "url", ["technote.az", "ftp://a.az", "https://", "https://a.az:99999/", "https://a b.az/"]
)
def test_what_is_no_web_address_is_a_mistake(folder: Folder, url: str) -> None:
    assert folder.keys(f'[[sources]]\nname = "a"\nurl = "{url}"') == ["sources[0].url"]


def test_a_source_address_is_asked_as_it_was_written(folder: Folder) -> None:
    settings = folder.load('[[sources]]\nname = "a"\nurl = "https://a.az/xəbər/?q=1&amp=2/"')
    assert settings.sources[0].url == "https://a.az/xəbər/?q=1&amp=2/"


def test_methods_can_be_joined_to_the_api_address(folder: Folder) -> None:
    settings = folder.load('[telegram]\napi_url = "http://127.0.0.1:8081/proxy/"')
    assert settings.telegram.api_url == "http://127.0.0.1:8081/proxy"


@pytest.mark.parametrize(
    ("written", "chat"),
    [
        ('"@texnologiya_xeberleri"', "@texnologiya_xeberleri"),
        ("-1001234567890", -1001234567890),
        ('"-1001234567890"', -1001234567890),
    ],
)
def test_a_channel_is_a_name_or_an_id(folder: Folder, written: str, chat: object) -> None:
    assert folder.load(f"[[channels]]\nchat = {written}").channels[0].chat == chat


@pytest.mark.parametrize("written", ['"texnologiya"', '"@a"', '"@1abcd"', "true", "1.5", '""'])
def test_what_is_no_channel_is_a_mistake(folder: Folder, written: str) -> None:
    assert folder.keys(f"[[channels]]\nchat = {written}") == ["channels[0].chat"]


@pytest.mark.parametrize("quiet", ["23:00", "25:00-08:00", "09:00-09:00", "gecə"])
def test_what_is_no_span_of_hours_is_a_mistake(folder: Folder, quiet: str) -> None:
    content = f'[[channels]]\nchat = -1001\nquiet = "{quiet}"'
    assert folder.keys(content) == ["channels[0].quiet"]


@pytest.mark.parametrize("zone", ["Baku", "", "../../etc/passwd", "+04:00"])
def test_what_is_no_zone_is_a_mistake(folder: Folder, zone: str) -> None:
    assert folder.keys(f'timezone = "{zone}"') == ["timezone"]


@pytest.mark.parametrize(
    "line",
    [
        "messages_per_second = -1",
        "messages_per_second = nan",
        "chat_interval = inf",
        "group_per_minute = -0.1",
        "merge_after = 1.5",
        "in_flight = 0",
    ],
)
def test_a_limit_that_makes_no_sense_is_a_mistake(folder: Folder, line: str) -> None:
    assert folder.keys(f"[delivery]\n{line}") == [f"delivery.{line.partition(' ')[0]}"]


def test_zero_is_allowed_where_it_means_no_limit(folder: Folder) -> None:
    delivery = folder.load(
        "[delivery]\nmessages_per_second = 0\nchat_interval = 0\n"
        "group_per_minute = 0\nmerge_after = 0"
    ).delivery
    assert (delivery.messages_per_second, delivery.chat_interval) == (0, 0)
    assert (delivery.group_per_minute, delivery.merge_after) == (0, 0)


@pytest.mark.parametrize("url", ["postgres://u:hunter2@h/db", "sqlite:", "sqlite:///", "data.db"])
def test_a_store_that_there_is_not_is_a_mistake_that_shows_no_password(
    folder: Folder, url: str
) -> None:
    (mistake,) = folder.mistakes(f'[store]\nurl = "{url}"')
    assert mistake.startswith("store.url: ")
    assert "hunter2" not in mistake


# -- webhook and web port -----------------------------------------------------------------

WEBHOOK = '[telegram]\nmode = "webhook"\nwebhook_url = "https://bot.az/tg"\n'
LISTEN = '[web]\nlisten = "127.0.0.1:8080"\n'


@pytest.mark.parametrize(
    ("listen", "place"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        (":8080", (None, 8080)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:0", ("localhost", 0)),
        ("", None),
    ],
)
def test_the_web_port_listens_at_an_address_and_a_port(
    folder: Folder, listen: str, place: object
) -> None:
    assert folder.load(f'[web]\nlisten = "{listen}"').web.place == place


@pytest.mark.parametrize("listen", ["8080", "127.0.0.1", "a:b", "h:70000", "::1:80", "http://a:1"])
def test_what_is_no_place_to_listen_is_a_mistake(folder: Folder, listen: str) -> None:
    assert folder.keys(f'[web]\nlisten = "{listen}"') == ["web.listen"]


def test_a_webhook_needs_an_address_and_a_place_to_listen(folder: Folder) -> None:
    assert folder.load(WEBHOOK + LISTEN).telegram.webhook_url == "https://bot.az/tg"
    assert folder.keys(WEBHOOK) == ["web.listen"]
    assert folder.keys('[telegram]\nmode = "webhook"') == ["telegram.webhook_url", "web.listen"]


def test_the_environment_can_give_what_a_webhook_needs(folder: Folder) -> None:
    folder.load(
        XEBERCI_TELEGRAM='{"mode": "webhook"}',
        XEBERCI_TELEGRAM__WEBHOOK_URL="https://bot.az/tg",
        XEBERCI_WEB__LISTEN=":8080",
    )
    keys = folder.keys(
        f'timezone = "Baku"\n{WEBHOOK}',
        XEBERCI_TELEGRAM='{"webhook_url": ""}',
        XEBERCI_WEB__LISTEN=":8080",
    )
    assert keys == ["timezone", "telegram.webhook_url"]


@pytest.mark.parametrize(
    "url",
    ["bot.az/tg", "ftp://a.az", "https://a.az/readyz", "https://a.az/healthz/", "https://u:p@a.az"],
)
def test_what_is_no_webhook_address_is_a_mistake(folder: Folder, url: str) -> None:
    assert folder.keys(f'[telegram]\nwebhook_url = "{url}"') == ["telegram.webhook_url"]


def test_the_webhooks_secret_comes_from_its_key_or_a_file_and_is_not_shown(folder: Folder) -> None:
    (folder.path / "hook").write_text("s3cret_-\n", encoding="utf-8")
    by_file = folder.load('[telegram]\nwebhook_secret_file = "hook"')
    by_key = folder.load('[telegram]\nwebhook_secret = "s3cret_-"')
    for settings in (by_file, by_key):
        assert settings.telegram.webhook_secret.get_secret_value() == "s3cret_-"
        assert "s3cret" not in f"{settings!r} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_secret_that_telegram_would_refuse_is_a_mistake_that_does_not_show_it(
    folder: Folder,
) -> None:
    (folder.path / "hook").write_text("hunter 2", encoding="utf-8")
    (folder.path / "empty").write_text("\n", encoding="utf-8")
    for content, key in (
        ('webhook_secret = "hunter 2"', "webhook_secret"),
        ('webhook_secret_file = "hook"', "webhook_secret_file"),
        ('webhook_secret_file = "empty"', "webhook_secret_file"),
        ('webhook_secret_file = "nowhere"', "webhook_secret_file"),
        ('webhook_secret = "a"\nwebhook_secret_file = "hook"', "webhook_secret_file"),
    ):
        (mistake,) = folder.mistakes(f"[telegram]\n{content}")
        assert mistake.startswith(f"telegram.{key}: ")
        assert "hunter" not in mistake


# -- mistakes -----------------------------------------------------------------------------


def test_all_mistakes_are_named_together_by_dotted_key(folder: Folder) -> None:
    content = """
        timezone = "Baku"
        colour = "red"
        [telegram]
        mood = "good"
        [delivery]
        lease = "15"
        [[sources]]
        url = "nonsense"
        [[sources]]
        name = "b.az"
        url = "https://b.az"
        kind = "carrier pigeon"
        [[channels]]
        chat = -1001
        sources = ["c.az"]
        topics = "DeepSeek"
    """
    keys = folder.keys(
        content,
        XEBERCI_DELIVERY__IN_FLIGHT="many",
        XEBERCI_FETCH__ALLOW_PRIVATE="feeds.lan",
        XEBERCI_SPEED="9",
        BOT_TOKEN_FILE=str(folder.path / "nowhere"),
    )
    assert sorted(keys) == sorted(
        [
            "timezone",
            "colour",
            "telegram.mood",
            "delivery.lease",
            "delivery.in_flight",
            "fetch.allow_private",
            "speed",
            "sources[0].name",
            "sources[0].url",
            "sources[1].kind",
            "channels[0].sources",
            "channels[0].topics",
            "BOT_TOKEN_FILE",
        ]
    )


def test_each_mistake_is_one_line(folder: Folder) -> None:
    for mistake in folder.mistakes('telegram = 1\nsources = "a\\nb"\n'):
        assert "\n" not in mistake


def test_a_value_in_place_of_a_section_is_a_mistake(folder: Folder) -> None:
    assert folder.keys("telegram = 3\nsources = 4") == ["telegram", "sources"]


def test_a_profile_that_there_is_not_is_a_mistake(folder: Folder) -> None:
    (mistake,) = folder.mistakes(source(more='profile = "yoxdur"'))
    assert mistake.startswith("sources[0].profile: no site profile is called 'yoxdur'")
    assert folder.load(source(more='profile = "TechNote"')).sources[0].profile == "TechNote"


def test_two_sources_of_one_name_are_a_mistake(folder: Folder) -> None:
    assert folder.mistakes(source() + source()) == ["sources[1].name: 'a.az' stands twice"]


def test_a_channel_that_stands_twice_is_a_mistake_however_it_is_written(folder: Folder) -> None:
    content = "\n".join(
        f"[[channels]]\nchat = {chat}" for chat in ("-1001", '"-1001"', '"@Kanal"', '"@kanal"')
    )
    assert folder.keys(content) == ["channels[1].chat", "channels[3].chat"]


def test_a_channel_may_only_name_sources_that_there_are(folder: Folder) -> None:
    wants = '[[channels]]\nchat = -1001\nsources = ["a.az", "b.az"]'
    assert folder.mistakes(source() + wants) == ["channels[0].sources: no source is named 'b.az'"]
    assert folder.load(source() + source("b.az") + wants).channels[0].sources == ["a.az", "b.az"]


def test_a_mistake_elsewhere_does_not_hide_sources_of_the_environment(folder: Folder) -> None:
    keys = folder.keys(
        'timezone = "Baku"\n[[channels]]\nchat = -1001\nsources = ["b.az"]',
        XEBERCI_SOURCES='[{"name": "b.az", "url": "https://b.az/feed"}]',
    )
    assert keys == ["timezone"]


# -- environment --------------------------------------------------------------------------


def test_the_environment_wins_over_the_file(folder: Folder) -> None:
    settings = folder.load(
        'timezone = "Europe/Berlin"\n[delivery]\nin_flight = 3\nmerge_after = 7',
        XEBERCI_TIMEZONE="Asia/Tokyo",
        XEBERCI_DELIVERY__IN_FLIGHT="4",
    )
    assert settings.timezone == "Asia/Tokyo"
    assert (settings.delivery.in_flight, settings.delivery.merge_after) == (4, 7)


def test_lists_and_tables_of_the_environment_are_json(folder: Folder) -> None:
    settings = folder.load(
        source(),
        XEBERCI_SOURCES='[{"name": "b.az", "url": "https://b.az/feed", "every": "2s"}]',
        XEBERCI_FETCH__ALLOW_PRIVATE='["localhost"]',
        XEBERCI_TELEGRAM='{"api_url": "http://localhost:8081"}',
    )
    assert [(s.name, s.every) for s in settings.sources] == [("b.az", 2)]
    assert settings.fetch.allow_private == ["localhost"]
    assert settings.telegram.api_url == "http://localhost:8081"


def test_every_variable_that_is_no_json_is_named(folder: Folder) -> None:
    assert folder.mistakes(XEBERCI_SOURCES="[{", XEBERCI_FETCH__ALLOW_PRIVATE="localhost") == [
        "sources: is no JSON (from XEBERCI_SOURCES)",
        "fetch.allow_private: is no JSON (from XEBERCI_FETCH__ALLOW_PRIVATE)",
    ]


def test_unknown_variables_are_mistakes_and_foreign_ones_are_not(folder: Folder) -> None:
    assert folder.keys(
        XEBERCI_COLOUR="red", XEBERCI_TELEGRAM__MOOD="good", XEBERCI_TOKEN="1:x", PATH="/bin"
    ) == ["colour", "token", "telegram.mood"]


def test_the_process_keeps_its_environment(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XEBERCI_TIMEZONE", "Asia/Tokyo")
    assert folder.load(BOT_TOKEN="1:x").timezone == "Asia/Baku"
    assert load(folder.file).timezone == "Asia/Tokyo"


# -- the token ----------------------------------------------------------------------------


def test_the_token_comes_from_the_environment_or_a_file(folder: Folder) -> None:
    file = folder.path / "token"
    file.write_text(f"\n{SECRET}\n", encoding="utf-8")
    assert folder.load(BOT_TOKEN=f" {SECRET} ").token == SECRET
    assert folder.load(BOT_TOKEN_FILE=str(file)).token == SECRET
    assert folder.load(BOT_TOKEN="1:first", BOT_TOKEN_FILE=str(file)).token == "1:first"


def test_without_a_token_the_rest_works_and_asking_for_it_names_botfather(folder: Folder) -> None:
    settings = folder.load(BOT_TOKEN="  ")
    assert not settings.has_token
    with pytest.raises(ConfigError, match="@BotFather"):
        _ = settings.token


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff"])
def test_a_token_file_that_gives_no_token_is_a_mistake(
    folder: Folder, content: bytes | None
) -> None:
    file = folder.path / "token"
    if content is not None:
        file.write_bytes(content)
    assert folder.keys(BOT_TOKEN_FILE=str(file)) == ["BOT_TOKEN_FILE"]


def test_the_token_is_not_shown(folder: Folder) -> None:
    settings = folder.load(BOT_TOKEN=SECRET)
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert SECRET not in shown
    assert "a-secret" not in shown


def test_a_mistake_beside_the_token_does_not_show_it(folder: Folder) -> None:
    mistakes = folder.mistakes('timezone = "Baku"', BOT_TOKEN=SECRET, XEBERCI_TOKEN=SECRET)
    assert SECRET not in "\n".join(mistakes)


# -- whatever is written ------------------------------------------------------------------


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
    st.sampled_from(["TIMEZONE", "SOURCES", "CHANNELS", "TELEGRAM__API_URL", "DELIVERY__LEASE"]),
)
def test_whatever_a_variable_holds_it_is_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, value: str, name: str
) -> None:
    folder = Folder(tmp_path_factory.getbasetemp())
    mistakes: list[str] = []
    try:
        folder.load(**{f"XEBERCI_{name}": value})
    except ConfigError as error:
        mistakes = error.mistakes
    assert all(mistake.startswith(name.lower().replace("__", ".")) for mistake in mistakes)
