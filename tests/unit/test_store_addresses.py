from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import load
from bot.errors import ConfigError, StoreError
from bot.store import open_store
from bot.store.addresses import RedisAddress, is_redis, redis_address


@pytest.mark.parametrize(
    ("url", "hosts", "db", "shown"),
    [
        ("redis://localhost", (("localhost", 6379),), 0, "redis://localhost:6379/0"),
        ("redis://h:1/2", (("h", 1),), 2, "redis://h:1/2"),
        ("redis://h:1/", (("h", 1),), 0, "redis://h:1/0"),
        ("redis://h?db=3", (("h", 6379),), 3, "redis://h:6379/3"),
        ("redis://[::1]:7/0", (("::1", 7),), 0, "redis://[::1]:7/0"),
        ("REDISS://h", (("h", 6379),), 0, "rediss://h:6379/0"),
    ],
)
def test_a_server_is_named_by_host_port_and_database(
    url: str, hosts: tuple[tuple[str, int], ...], db: int, shown: str
) -> None:
    address = redis_address(url)

    assert (address.hosts, address.db, str(address)) == (hosts, db, shown)
    assert is_redis(url)


def test_a_socket_is_named_by_its_path() -> None:
    address = redis_address("unix:///run/redis/redis%20x.sock?db=4&password=p")

    assert address == RedisAddress(socket="/run/redis/redis x.sock", db=4, password="p")
    assert str(address) == "unix:///run/redis/redis x.sock?db=4"


def test_sentinels_are_named_together_and_the_service_after_them() -> None:
    address = redis_address("redis+sentinel://u:p@a,b:5,[::2]:6/mymaster/1?sentinel_password=q")

    assert address.hosts == (("a", 26379), ("b", 5), ("::2", 6))
    assert (address.service, address.db) == ("mymaster", 1)
    assert (address.username, address.password) == ("u", "p")
    assert address.options == (("sentinel_password", "q"),)
    assert str(address) == "redis+sentinel://a:26379,b:5,[::2]:6/mymaster/1"
    assert redis_address("rediss+sentinel://a/m").tls


def test_the_options_of_tls_are_those_of_the_client_library() -> None:
    address = redis_address("rediss://:p@h?ssl_ca_certs=/etc/ca.pem&ssl_cert_reqs=none")

    assert address.tls
    assert address.options == (("ssl_ca_certs", "/etc/ca.pem"), ("ssl_cert_reqs", "none"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis:h", "no address"),
        ("redis://", "no address"),
        ("redis://h h", "no address"),
        ("redis://:s3cret@", "no host"),
        ("redis://:s3/cret@h", None),
        ("redis://h:0", "no host"),
        ("redis://h:65536", "no host"),
        ("redis://:s3#cret@h:x", "no host"),
        ("redis://h/s3cret", "must be a number"),
        ("redis://h/1/2", "more behind"),
        ("redis://a,b", "several servers"),
        ("redis+sentinel://a,b", "no service"),
        ("redis+sentinel://a,b/", "no service"),
        ("unix://run/redis.sock", "no socket"),
        ("redis://h?ssl_ca_certs=x", "no meaning"),
        ("redis://h?sentinel_password=x", "no meaning"),
        ("redis://h?max_connections=x", "not known"),
        ("redis://:pa?s3cret@h", "not known"),
    ],
)
def test_a_wrong_address_is_refused_in_words_without_its_password(
    url: str, said: str | None
) -> None:
    if said is None:
        assert redis_address(url).password == "s3/cret"
        return
    with pytest.raises(ValueError, match=said) as raised:
        redis_address(url)
    assert "cret" not in str(raised.value)

    with pytest.raises(StoreError, match=r"^store\.url: ") as refused:
        open_store(url, Path())
    assert "cret" not in str(refused.value)


@given(
    st.text(max_size=60),
    st.sampled_from(["redis://", "rediss://", "unix:///", "redis+sentinel://"]),
)
def test_any_text_is_an_address_or_a_clear_refusal(text: str, scheme: str) -> None:
    try:
        address = redis_address(scheme + text)
    except ValueError:
        return
    assert address.hosts or address.socket


def test_no_password_shows_where_an_address_is_shown() -> None:
    address = redis_address("redis+sentinel://u:s3cret@a/m?sentinel_password=s3cret")

    assert "s3cret" not in f"{address} {address!r}"


def test_an_address_without_a_store_is_refused_by_its_scheme_only() -> None:
    with pytest.raises(StoreError, match="'mysql'") as raised:
        open_store("mysql://u:s3cret@h", Path())
    assert "s3cret" not in str(raised.value)


def test_the_configuration_takes_an_address_and_reports_a_wrong_one(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text('[store]\nurl = "redis://:s3cret@h/1"\n')
    assert load(file, {}).store.url == "redis://:s3cret@h/1"

    file.write_text('[store]\nurl = "redis://:s3cret@h/1/2"\n')
    with pytest.raises(ConfigError, match=r"^store\.url: has more behind") as raised:
        load(file, {})
    assert "s3cret" not in str(raised.value)
