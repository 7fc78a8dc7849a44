from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.errors import StoreAwayError, StoreError
from bot.models import Chat, Subscription
from bot.store.addresses import redis_address
from bot.store.redis import connection, scripts
from bot.store.redis.scripts import script
from bot.store.redis.store import VERSION, RedisStore
from tests.contract.redis_fixtures import RedisServer, free_port, program_path, shared_server
from tests.contract.stage import NOW, SOURCE, alert, archive, at, deliver_all, new, reader

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> RedisServer:
    server = shared_server()
    server.ask("FLUSHALL")
    return server


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def store_at(url: str, patience_s: float = 0.1) -> RedisStore:
    return RedisStore(redis_address(url), patience_s=patience_s)


async def refusal(store: RedisStore) -> str:
    with pytest.raises(StoreError) as raised:
        await store.open()
    await store.close()
    return str(raised.value)


async def test_a_store_of_a_newer_version_is_refused(server: RedisServer) -> None:
    server.ask("SET", "xeberci:version", str(VERSION + 1))

    assert "newer version" in await refusal(store_at(server.url))


async def test_an_empty_store_gets_a_version_and_an_identity_that_stay(server: RedisServer) -> None:
    store = store_at(server.url)
    await store.open()
    first = server.ask("GET", "xeberci:identity")
    await store.close()
    await store.open(exclusive=True)
    await store.close()

    assert server.ask("GET", "xeberci:identity") == first
    assert server.ask("GET", "xeberci:version") == b"$1\r\n%d\r\n" % VERSION


async def test_what_the_version_before_wrote_is_read_as_it_is(server: RedisServer) -> None:
    store = store_at(server.url)
    await store.open()
    [article] = await archive(store, new("a"))
    await store.enqueue([alert(1, "old", article=article.id, topic="ai")], NOW)
    await store.close()
    server.ask("SET", "xeberci:version", "1")
    server.ask("DEL", f"xeberci:told-of:{article.id}")

    await store.open()

    assert server.ask("GET", "xeberci:version") == b"$1\r\n2\r\n"
    assert await store.articles([article.id]) == [article]
    assert await store.told(1, [article.id]) == {article.id}
    assert await store.sent_to(article.id, None, 9) == ([], None)
    assert await deliver_all(store) == ["old"]
    [told], _ = await store.sent_to(article.id, None, 9)
    assert (told.message_id, told.topic) == (1, "ai")
    await store.close()


async def test_two_runs_share_a_store(server: RedisServer) -> None:
    one, other = store_at(server.url), store_at(server.url)
    await one.open(exclusive=True)
    await other.open(exclusive=True)

    [stored] = await archive(one, new("a"))
    assert await other.newest(1) == [stored]

    await one.close()
    await other.close()


async def test_a_server_that_is_away_is_named_and_may_come_back() -> None:
    with pytest.raises(StoreAwayError, match=r"/nowhere/redis\.sock.* cannot be reached"):
        await store_at("unix:///nowhere/redis.sock").open()


async def test_a_wrong_password_is_said_without_repeating_it(own_server: RedisServer) -> None:
    own_server.ask("CONFIG", "SET", "requirepass", "right-s3cret")
    path = own_server.socket

    assert "password" in await refusal(store_at(f"unix://{path}"))
    wrong = await refusal(store_at(f"unix://{path}?password=wrong-s3cret"))
    assert "password that it knows" in wrong
    assert "s3cret" not in wrong

    right = store_at(f"unix://{path}?password=right-s3cret")
    await right.open()
    await right.check()
    await right.close()


async def test_a_wrong_password_will_not_be_right_a_moment_later(own_server: RedisServer) -> None:
    own_server.ask("CONFIG", "SET", "requirepass", "right")

    with pytest.raises(StoreError) as raised:
        await store_at(own_server.url).open()

    assert not isinstance(raised.value, StoreAwayError)


async def test_a_user_without_rights_is_told(own_server: RedisServer) -> None:
    own_server.ask("ACL", "SETUSER", "weak", "on", ">p", "~*", "+ping", "+info")

    said = await refusal(store_at(f"unix://{own_server.socket}?username=weak&password=p"))

    assert "ACL" in said


async def test_a_replica_is_refused(own_server: RedisServer) -> None:
    own_server.ask("REPLICAOF", "127.0.0.1", "1")

    assert "replica" in await refusal(store_at(own_server.url))


async def test_a_full_server_refuses_new_things_and_gives_the_old_ones(
    own_server: RedisServer,
) -> None:
    store = store_at(own_server.url)
    await store.open()
    [stored] = await archive(store, new("a"))
    own_server.ask("CONFIG", "SET", "maxmemory", "1mb")

    with pytest.raises(StoreError, match="maxmemory"):
        await archive(store, new("b"))
    with pytest.raises(StoreError, match="maxmemory"):
        await store.check()

    assert await store.newest(9) == [stored]
    await store.close()
    await store.open()
    own_server.ask("CONFIG", "SET", "maxmemory", "0")
    await store.check()
    assert len(await archive(store, new("b"))) == 1
    await store.close()


@pytest.mark.parametrize(
    ("kind", "config", "said"),
    [
        ("redis-sentinel", {}, r"is a Sentinel: write redis\+sentinel://"),
        (
            "redis-server",
            {"cluster_enabled": "yes", "cluster_port": str(free_port())},
            "Redis Cluster",
        ),
    ],
)
async def test_what_is_no_single_server_is_refused(
    kind: str, config: dict[str, str], said: str
) -> None:
    with RedisServer(tcp=True, kind=kind, **config) as server:
        store = store_at(server.url)
        with pytest.raises(StoreError, match=said):
            await store.open()


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [("maxmemory-policy", "allkeys-lru", "noeviction"), ("appendonly", "no", "appendonly")],
)
async def test_a_server_that_may_forget_is_used_with_a_warning(
    own_server: RedisServer,
    setting: str,
    value: str,
    said: str,
) -> None:
    own_server.ask("CONFIG", "SET", setting, value)
    store = store_at(own_server.url)

    with capture_logs() as logged:
        await store.open()
        await store.check()
        await store.close()

    assert [said in line["event"] for line in logged] == [True]


async def test_a_server_that_keeps_everything_is_used_without_a_word(
    own_server: RedisServer,
) -> None:
    store = store_at(own_server.url)
    with capture_logs() as logged:
        await store.open()
        await store.close()

    assert logged == []


async def test_a_step_waits_for_a_server_that_is_started_again(own_server: RedisServer) -> None:
    store = store_at(own_server.url, patience_s=10)
    await store.open()
    [stored] = await archive(store, new("a"))
    own_server.kill()

    waiting = asyncio.create_task(archive(store, new("b")))
    await asyncio.sleep(0.05)
    await asyncio.to_thread(own_server.start)

    assert [item.article.title for item in await waiting] == ["b"]
    assert (await store.articles([stored.id])) == [stored]
    assert await store.count() == 2
    await store.close()


async def test_a_server_that_forgot_the_scripts_gets_them_again(server: RedisServer) -> None:
    store = store_at(server.url)
    await store.open()
    await archive(store, new("a"))
    server.ask("SCRIPT", "FLUSH")

    assert len(await archive(store, new("b"))) == 1
    await store.close()


async def test_a_commit_whose_reply_was_lost_gives_the_same_again(server: RedisServer) -> None:
    store = store_at(server.url)
    await store.open()
    real = store._redis.run

    async def twice(name: str, *values: str | float | bytes) -> object:
        await real(name, *values)
        return await real(name, *values)

    store._redis.run = twice  # type: ignore[method-assign]

    assert [item.id for item in await archive(store, new("a"), new("b"))] == [1, 2]
    improved = await store.improve(1, new("better").article, deliver=True, now=NOW)
    assert improved is not None
    assert improved.seq == await store.last_seq() == 3
    await store.close()


async def test_more_calls_than_connections_wait_for_each_other(server: RedisServer) -> None:
    store = store_at(server.url, patience_s=30)
    await store.open()

    found = await asyncio.gather(*(store.meet(Chat(number)) for number in range(200)))

    assert [chat.id for chat in found] == list(range(200))
    clients = server.ask("INFO", "clients").decode()
    assert 1 < int(clients.partition("connected_clients:")[2].split()[0]) < 20
    await store.close()


async def test_calls_to_a_server_that_stands_still_fail_together_and_not_in_turn(
    own_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_ANSWER_S", 0.2)
    store = store_at(own_server.url)
    await store.open()
    os.kill(own_server.pid, signal.SIGSTOP)

    async with asyncio.timeout(5):  # in turn it would take longer
        outcomes = await asyncio.gather(
            *(store.count() for _ in range(500)), return_exceptions=True
        )

    os.kill(own_server.pid, signal.SIGCONT)
    assert {type(outcome) for outcome in outcomes} == {StoreAwayError}
    assert "in time" in str(outcomes[0])
    assert await store.count() == 0
    await store.close()


async def test_ids_beyond_what_lua_prints_in_full_are_kept(server: RedisServer) -> None:
    server.ask("HSET", "xeberci:counters", "seq", str(10**15), "article", "9999999998")
    store = store_at(server.url)
    await store.open()

    one, two = await archive(store, new("a"), new("b"))

    assert (one.id, two.id) == (9_999_999_999, 10_000_000_000)
    assert (one.seq, two.seq) == (10**15 + 1, 10**15 + 2)
    assert await store.log_after(10**15 + 1, 9) == [two]
    assert await store.articles([two.id, one.id]) == [two, one]
    await store.close()


async def test_phrases_are_forgotten_in_steps_and_kept_ones_are_not(server: RedisServer) -> None:
    store = store_at(server.url)
    await store.open()
    for number in range(3):
        await store.keep_phrase(f"old{number}", "x", NOW.replace(year=2020))
    await store.keep_phrase("old0", "y", NOW)

    await store.housekeeping(NOW)

    assert [await store.phrase(f"old{number}") for number in range(3)] == ["y", None, None]
    await store.close()


async def test_marks_of_updates_last_for_two_days(server: RedisServer) -> None:
    store = store_at(server.url)
    await store.open()
    await reader(store, 1)
    await store.follow(Subscription(1, "ai", "AI"), update_id=7)
    await store.end_update(7, 1, "w", NOW)

    keys = await store._redis.command("KEYS", "xeberci:*7*")
    lives = [await store._redis.command("TTL", key) for key in keys]

    assert len(keys) == 2
    assert all(48 * 3600 - 60 < life <= 48 * 3600 for life in lives)
    await store.close()


async def test_what_was_told_is_forgotten_after_a_month_unless_it_is_on_its_way(
    server: RedisServer,
) -> None:
    store = store_at(server.url)
    await store.open()
    await reader(store, 1)
    done, under_way, _ = await archive(
        store, new("a", deliver=False), new("b"), new("c", deliver=False)
    )
    drafts = [alert(1, article=number) for number in (done.id, under_way.id)]
    assert await store.enqueue(drafts, NOW) == 2

    await store.housekeeping(at(29 * 86_400))
    assert await store.told(1, [1, 2, 3]) == {1, 2}
    await store.housekeeping(at(31 * 86_400))
    assert await store.told(1, [1, 2, 3]) == {2}
    await store.close()


async def test_the_servers_clock_is_given(server: RedisServer) -> None:
    store = store_at(server.url)
    await store.open()

    first, second = await store.time(), await store.time()

    assert first.utcoffset() is not None
    assert first < second
    await store.close()


async def test_tls_is_spoken_and_the_certificate_is_checked(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    _certify(key, certificate)
    other_key, other = tmp_path / "key2.pem", tmp_path / "cert2.pem"
    _certify(other_key, other)
    tls = {
        "tls_cert_file": str(certificate),
        "tls_key_file": str(key),
        "tls_ca_cert_file": str(certificate),
        "tls_auth_clients": "no",
        "tls_replication": "yes",
    }
    with RedisServer(tcp=True, **tls) as server:
        plain = f"rediss://127.0.0.1:{server.tls_port}"
        store = store_at(f"{plain}?ssl_ca_certs={certificate}")
        await store.open()
        await store.save_source(SOURCE)
        assert await store.sources() == {SOURCE.name: SOURCE}
        await store.close()

        assert "not trusted" in await refusal(store_at(f"{plain}?ssl_ca_certs={other}"))
        assert "there is no" in await refusal(store_at(f"{plain}?ssl_ca_certs={other}x"))

        watch = {"sentinel monitor": f"m 127.0.0.1 {server.tls_port} 1"}
        with RedisServer(tcp=True, kind="redis-sentinel", **tls, **watch) as sentinel:
            place = f"127.0.0.1:{sentinel.tls_port}/m?ssl_ca_certs={certificate}"
            store = store_at(f"rediss+sentinel://{place}", patience_s=5)
            await store.open()
            assert await store.sources() == {SOURCE.name: SOURCE}
            await store.close()


def test_every_script_is_understood_and_remembered_by_its_hash(server: RedisServer) -> None:
    folder = Path(scripts.__file__).parent / "lua"
    steps = [
        script(file.stem)
        for file in folder.glob("*.lua")
        if file.read_text(encoding="utf-8").startswith("#!lua")
    ]

    assert len(steps) > 20
    for step in steps:
        answer = server.ask("SCRIPT", "LOAD", step.text).decode()
        assert answer.split() == ["$40", step.sha], f"{step.name}: {answer}"


def test_a_file_that_is_only_included_is_no_script() -> None:
    with pytest.raises(ValueError, match="common"):
        script("common")


def _certify(key: Path, certificate: Path) -> None:
    command = [program_path("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
