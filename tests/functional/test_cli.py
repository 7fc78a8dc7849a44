"""The program as an operator runs it: a process, its output, its status."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.functional.newsroom import LONG, TOKEN, NewsSite, Story, page, stage
from tests.functional.program import started, xeberci

if TYPE_CHECKING:
    from pathlib import Path


def article(number: int, **changes: Any) -> dict[str, Any]:
    when = datetime.now(UTC) - timedelta(hours=number)
    return {
        "url": f"https://sayt.az/{number}",
        "title": f"DeepSeek {number}-ci modelini təqdim etdi",
        "text": LONG,
        "published": when.isoformat(),
        "source": "sayt.az",
    } | changes


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def jsonl(path: Path, *items: dict[str, Any] | str) -> Path:
    lines = [item if isinstance(item, str) else json.dumps(item) for item in items]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


async def test_import_counts_what_is_new_known_and_skipped(tmp_path: Path) -> None:
    file = jsonl(
        tmp_path / "a.jsonl", article(1), "{broken", article(2), '{"url": "https://x.az/"}'
    )
    first = await xeberci(tmp_path, "import", "a.jsonl")
    assert (first.status, first.out) == (0, "2 new, 0 known, 2 skipped\n")
    assert "line 2" in first.err
    assert "line 4" in first.err
    again = await xeberci(tmp_path, "import", str(file))
    assert again.out == "0 new, 2 known, 2 skipped\n"


async def test_export_gives_back_what_was_imported_oldest_first(tmp_path: Path) -> None:
    items = [
        article(1),
        article(3),
        article(2, published=None, credit={"name": "APA", "url": None}),
    ]
    jsonl(tmp_path / "a.jsonl", *items)
    await xeberci(tmp_path, "import", "a.jsonl")
    out = await xeberci(tmp_path, "export")
    assert [item["url"][-1] for item in out.json] == ["3", "1", "2"]
    assert out.json[2]["credit"] == {"name": "APA", "url": None}
    written = await xeberci(tmp_path, "export", "b.jsonl")
    assert (written.status, written.out) == (0, "")
    assert (tmp_path / "b.jsonl").read_text(encoding="utf-8") == out.out
    other = tmp_path / "other"
    other.mkdir()
    assert (await xeberci(other, "import", "../b.jsonl")).out == "3 new, 0 known, 0 skipped\n"
    assert (await xeberci(other, "export")).out == out.out


async def test_search_finds_what_was_imported_and_says_so_in_json(tmp_path: Path) -> None:
    jsonl(tmp_path / "a.jsonl", article(1), article(2, title="Samsung yeni telefon buraxdı"))
    await xeberci(tmp_path, "import", "a.jsonl")
    ran = await xeberci(tmp_path, "search", "deepseekin", "--json", "-n", "5")
    (answer,) = ran.json
    assert answer["query"] == "deepseekin"
    assert [hit["url"] for hit in answer["hits"]] == ["https://sayt.az/1"]
    assert set(answer["hits"][0]) == {"url", "title", "published", "score"}


async def test_search_answers_each_line_of_its_input(tmp_path: Path) -> None:
    jsonl(tmp_path / "a.jsonl", article(1))
    await xeberci(tmp_path, "import", "a.jsonl")
    ran = await xeberci(tmp_path, "search", "-", stdin="DeepSeek\n\nkvant kompüteri\n😀\n")
    assert ran.status == 0
    assert [(a["query"], len(a["hits"])) for a in ran.json] == [
        ("DeepSeek", 1),
        ("", 0),
        ("kvant kompüteri", 0),
        ("😀", 0),
    ]


async def test_search_in_an_empty_archive_is_no_failure(tmp_path: Path) -> None:
    assert (await xeberci(tmp_path, "search", "DeepSeek")).status == 0


async def test_parse_prints_the_good_inputs_and_names_the_bad_ones(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(Story("Bir xəbər")), encoding="utf-8")
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 20)
    ran = await xeberci(
        tmp_path,
        *("parse", "noise.bin", "page.html", "missing.xml"),
        *("--url", "https://sayt.az/p/1"),
    )
    assert ran.status == 1
    assert [(a["title"], a["url"]) for a in ran.json] == [("Bir xəbər", "https://sayt.az/p/1")]
    assert "noise.bin" in ran.err
    assert "missing.xml" in ran.err


async def test_parse_of_a_feed_keeps_its_order(tmp_path: Path) -> None:
    site = NewsSite(url="https://sayt.az")
    site.publish("Birinci", "İkinci", "Üçüncü")
    (tmp_path / "feed.xml").write_text(site.feed(), encoding="utf-8")
    ran = await xeberci(tmp_path, "parse", "feed.xml")
    assert [a["title"] for a in ran.json] == ["Üçüncü", "İkinci", "Birinci"]
    assert ran.status == 0


async def test_parse_refuses_a_private_address_and_names_the_key(tmp_path: Path) -> None:
    ran = await xeberci(tmp_path, "parse", "http://127.1:1/feed")
    assert (ran.status, ran.out) == (1, "")
    assert "allow_private" in ran.err
    assert len(ran.err.splitlines()) == 1


async def test_digest_of_articles_as_json_lines(tmp_path: Path) -> None:
    jsonl(tmp_path / "a.jsonl", article(1, title="<b>Başlıq</b> & digər"))
    ran = await xeberci(tmp_path, "digest", "--json", "a.jsonl")
    (digest,) = ran.json
    assert set(digest) == {"url", "text", "html", "sentences", "credit", "link", "chars"}
    assert digest["html"].startswith("<b>&lt;b&gt;Başlıq&lt;/b&gt; &amp; digər</b>")
    assert digest["chars"] == len(" ".join(digest["sentences"])) <= 400
    assert all(sentence in LONG for sentence in digest["sentences"])
    plain = await xeberci(tmp_path, "digest", "a.jsonl")
    assert plain.out.rstrip("\n") == digest["text"]


@pytest.mark.parametrize("where", ["before", "after"])
async def test_the_configuration_is_named_before_or_after_the_command(
    tmp_path: Path, where: str
) -> None:
    (tmp_path / "x.toml").write_text('[telegram]\nmode = "webhok"\n[fetch]\npace = 3\n')
    option = ["--config", "x.toml"]
    command = ["export"]
    ran = await xeberci(tmp_path, *(option + command if where == "before" else command + option))
    assert ran.status == 1
    assert "telegram.mode" in ran.err
    assert "fetch.pace" in ran.err


async def test_a_missing_configuration_is_an_error_only_if_it_was_named(tmp_path: Path) -> None:
    assert (await xeberci(tmp_path, "export")).status == 0
    ran = await xeberci(tmp_path, "export", "--config", "yox.toml")
    assert ran.status == 1
    assert "yox.toml" in ran.err


async def test_run_without_a_token_says_where_to_get_one(tmp_path: Path) -> None:
    ran = await started(tmp_path, "run")
    assert ran.status == 1
    assert "BOT_TOKEN" in ran.err
    assert "BotFather" in ran.err


async def test_run_with_a_wrong_token_ends_with_one_message(tmp_path: Path) -> None:
    async with stage(tmp_path / "data") as (_, api, _options):
        ran = await xeberci(
            tmp_path,
            "run",
            BOT_TOKEN="999:wrong",
            XEBERCI_TELEGRAM__API_URL=api.url,
            XEBERCI_SOURCES="[]",
        )
    assert ran.status == 1
    assert [line for line in ran.err.splitlines() if line.startswith("xeberci: ")] != []
    assert "wrong" not in ran.err


async def test_doctor_tells_a_line_each_and_what_to_do(tmp_path: Path) -> None:
    async with stage(tmp_path / "data", "Bir xəbər") as (site, api, _options):
        environment = {
            "BOT_TOKEN": TOKEN,
            "XEBERCI_TELEGRAM__API_URL": api.url,
            "XEBERCI_FETCH__ALLOW_PRIVATE": '["127.0.0.1"]',
            "XEBERCI_SOURCES": json.dumps(
                [
                    {"name": "sayt.az", "url": f"{site.url}/feed"},
                    {"name": "ölü.az", "url": f"{site.url}/yox"},
                ]
            ),
            "XEBERCI_CHANNELS": '[{"chat": "@yoxdur"}]',
        }
        ran = await xeberci(tmp_path, "doctor", **environment)
        wrong = await xeberci(tmp_path, "doctor", **(environment | {"BOT_TOKEN": "999:wrong"}))
    lines = ran.out.splitlines()
    assert "ok token" in lines
    assert "ok store" in lines
    assert "ok source sayt.az" in lines
    assert any(line.startswith("xəta source ölü.az: ") for line in lines)
    assert any(line.startswith("xəta channel @yoxdur: ") for line in lines)
    assert ran.status == 1
    assert wrong.out.startswith("xəta token: ")
    assert "BotFather" in wrong.out
    assert "ok source sayt.az" in wrong.out


async def test_no_secret_is_shown_wherever_it_was_put(tmp_path: Path) -> None:
    site = NewsSite()
    await site.start()
    token = "7777777:canary-canary-canary-canary"
    asked = f"/bot{token}/getMe"
    answer = {"ok": False, "error_code": 400, "description": f"Bad {asked}"}
    site.answers[asked] = lambda _: web.json_response(answer, status=400)
    env = {"BOT_TOKEN": token, "XEBERCI_SOURCES": "[]", "XEBERCI_TELEGRAM__API_URL": site.url}
    told = await xeberci(tmp_path, "doctor", **env)
    misplaced = await xeberci(tmp_path, "run", XEBERCI_TELEGRAM__API_URL=token)
    await site.stop()
    assert "xəta token" in told.out
    assert "telegram.api_url" in misplaced.err
    assert "canary" not in told.out + told.err + misplaced.err


async def test_the_demo_without_a_terminal_plays_a_conversation(tmp_path: Path) -> None:
    ran = await xeberci(tmp_path, "demo")
    assert ran.status == 0
    assert "Mövzu: DeepSeek" in ran.out
    assert "Oxşar xəbərlər" in ran.out
    assert ran.out.rstrip().endswith("0 rejected")


@pytest.mark.parametrize(
    "arguments",
    [(), ("nope",), ("parse",), ("search", "x", "-n", "0"), ("search", "x", "-n", "x"),
     ("parse", "a.xml", "--url", "no address")],
)  # fmt: skip
async def test_a_wrong_command_line_is_told_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ran = await xeberci(tmp_path, *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)


async def test_output_is_utf_8_whatever_the_locale_says(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(Story("Süni zəka")), encoding="utf-8")
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ran = await started(tmp_path, "parse", "page.html", "--url", "https://sayt.az/1", **plain)
    assert ran.json[0]["title"] == "Süni zəka"
    assert "Süni zəka" in ran.out
    ran = await started(tmp_path, "search", "-", stdin="Süni zəka\n", **plain)
    assert ran.json[0]["query"] == "Süni zəka"


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full"])
async def test_streams_that_are_closed_or_full_are_no_traceback(
    tmp_path: Path, redirection: str
) -> None:
    jsonl(tmp_path / "a.jsonl", article(1))
    command = f"'{sys.executable}' -m bot.cli import a.jsonl && '{sys.executable}' -m bot.cli"
    process = await asyncio.create_subprocess_shell(
        f"({command} search - && {command} export) {redirection}",
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await asyncio.wait_for(process.communicate(), 30)
    full = redirection == ">/dev/full"
    assert (process.returncode, err.decode().count("\n")) == ((1, 1) if full else (0, 0))


async def test_search_beside_a_bot_that_writes_to_the_index(tmp_path: Path) -> None:
    from tests.functional.newsroom import running  # noqa: PLC0415

    async with (
        stage(tmp_path / "data", Story("DeepSeek modelini təqdim etdi")) as (_, _api, options),
        running(options) as app,
    ):
        async with asyncio.timeout(10):
            while not (await app.archive.search("DeepSeek")).hits:
                await asyncio.sleep(0.02)
        jsonl(tmp_path / "a.jsonl", article(1, title="Kvant kompüteri işə salındı"))
        beside = {"XEBERCI_DATA_DIR": str(options.data_dir)}
        assert (await xeberci(tmp_path, "import", "a.jsonl", **beside)).status == 0
        found = await xeberci(tmp_path, "search", "-", stdin="kvant\nDeepSeek\n", **beside)
    assert [len(answer["hits"]) for answer in found.json] == [1, 1]


async def test_a_demo_that_is_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.cli", "demo"),
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(20):
        while not names_in(tmp_path):
            await asyncio.sleep(0.02)
        process.terminate()
        assert await process.wait() == 143
    assert names_in(tmp_path) == []


async def test_a_second_run_on_one_folder_refuses(tmp_path: Path) -> None:
    async with stage(tmp_path / "data") as (_, api, options):
        from tests.functional.newsroom import running  # noqa: PLC0415

        async with running(options):
            ran = await xeberci(
                tmp_path,
                "run",
                BOT_TOKEN=TOKEN,
                XEBERCI_TELEGRAM__API_URL=api.url,
                XEBERCI_SOURCES="[]",
                XEBERCI_DATA_DIR=str(options.data_dir),
            )
            assert ran.status == 1
            assert str(options.data_dir) in ran.err
            jsonl(tmp_path / "a.jsonl", article(1))
            beside = {"XEBERCI_DATA_DIR": str(options.data_dir)}
            assert (await xeberci(tmp_path, "import", "a.jsonl", **beside)).status == 0
            found = await xeberci(tmp_path, "search", "DeepSeek", "--json", **beside)
    assert len(found.json[0]["hits"]) == 1
