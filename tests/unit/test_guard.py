"""Which addresses the guard lets through."""

from __future__ import annotations

import pytest

from bot.errors import FetchError, ForbiddenAddressError
from bot.sources.guard import Guard, literal, normalise_host


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.1.2", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),  # noqa: S104
        ("::", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fc00::1", "private"),
        ("fec0::1", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("100.127.255.255", "carrier-grade NAT"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "private"),
        ("240.0.0.1", "private"),
        ("192.0.2.1", "private"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("2002:7f00:1::", "tunnel"),
        ("2001:0:1::", "tunnel"),
        ("::7f00:1", "IPv4-compatible"),
    ],
)
def test_what_is_not_public_is_refused_with_its_rule(address: str, rule: str) -> None:
    with pytest.raises(ForbiddenAddressError) as caught:
        Guard().check_address(address, "misal.az")
    assert rule in str(caught.value)
    assert "misal.az" in str(caught.value)
    assert address in str(caught.value)
    assert "[fetch] allow_private" in str(caught.value)


@pytest.mark.parametrize("address", ["8.8.8.8", "100.63.255.255", "100.128.0.1", "2606:4700::1111"])
def test_public_addresses_pass(address: str) -> None:
    Guard().check_address(address, "misal.az")


@pytest.mark.parametrize(
    "spelling",
    ["127.0.0.1", "127.1", "127.0.1", "0x7f000001", "0x7F.1", "2130706433", "0177.0.0.1",
     "[::ffff:127.0.0.1]", "::ffff:7f00:1", "127.0.0.1.", "[::FFFF:7F00:0001]", "017700000001",
     "0x7f.0x0.0x0.0x1", "0x7F000001.", "１２７.0.0.1", "127。0。0。1", "127．0｡0.1",
     "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "①②⑦.0.0.1", " 127.0.0.1 "],
)  # fmt: skip
def test_every_spelling_of_an_address_is_that_address(spelling: str) -> None:
    assert normalise_host(spelling) == "127.0.0.1"
    assert Guard([spelling]).allows_host("127.0.0.1")
    assert Guard(["127.0.0.1"]).allows_host(spelling)


@pytest.mark.parametrize(
    "name", ["127.0.0.1.az", "1.2.3.4.5", "0x", "12a.az", "256.1.1.1", "", ".", "9" * 5000, "1..2",
             "127.0.0.1:80", "xn--a", "misal.az", "４.az"],
)  # fmt: skip
def test_what_only_looks_like_an_address_is_a_name(name: str) -> None:
    assert literal(name) is None


@pytest.mark.parametrize(
    "address",
    [
        "http://127.1/", "http://127.0.0.1./", "http://0x7f000001:8080/a", "http://0177.0.0.1/",
        "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://[::1]:80/", "http://0.0.0.0/",
        "http://0/", "http://[::]/", "http://169.254.169.254/latest/meta-data", "http://10.1/",
        "http://100.64.0.1/", "http://[64:ff9b::7f00:1]/", "http://[fe80::1%25eth0]/",
        "http://[fc00::1]/", "http://[::7f00:1]/", "http://[2002:7f00:1::]/", "http://１２７.0.0.1/",
        "http://user:word@127.0.0.1/", "http://misal.az@127.0.0.1/", "HTTP://127.0.0.1/",
        "http://127%2e0%2e0%2e1/", "http://127。0。0。1/", "https://192.168.1.1:443/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_before_anything_is_asked(address: str) -> None:
    with pytest.raises(ForbiddenAddressError, match="allow_private"):
        Guard().check_url(address)


def test_credentials_are_no_host() -> None:
    with pytest.raises(ForbiddenAddressError):
        Guard(["misal.az"]).check_url("http://misal.az@127.0.0.1/")
    with pytest.raises(ForbiddenAddressError):
        Guard(["misal.az"]).check_url("http://misal.az:80@127.0.0.1/")


def test_a_listed_address_may_be_written_in_any_way() -> None:
    guard = Guard(["127.0.0.1"])
    for host in ("127.1", "[::ffff:127.0.0.1]", "１２７.0.0.1", "0x7f000001"):
        guard.check_url(f"http://{host}:8080/")
    with pytest.raises(ForbiddenAddressError):
        guard.check_url("http://127.0.0.2/")


def test_names_are_compared_without_case_and_final_dot() -> None:
    assert Guard(["Server.Local"]).allows_host("server.local.")
    assert not Guard(["server.local"]).allows_host("other.local")
    assert not Guard(["server.local"]).allows_host("a.server.local")


def test_a_listed_host_may_be_private() -> None:
    Guard(["server.local"]).check_address("10.0.0.1", "server.local")
    with pytest.raises(ForbiddenAddressError):
        Guard(["server.local"]).check_address("10.0.0.1", "10.0.0.1")


@pytest.mark.parametrize(
    "url",
    ["file:///a", "gopher://a.az", "a.az", "", "http://", "http://[::1", "ftp://misal.az/a",
     "data:text/html,a", "javascript:alert(1)", "http:misal.az", "http:///a", "//misal.az",
     "http://misal.az:99999/", "http://misal.az:a/", "unix:///a", "jar:http://misal.az!/a",
     "http://[]/"],
)  # fmt: skip
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(FetchError):
        Guard().check_url(url)


def test_a_name_is_judged_only_when_it_is_connected() -> None:
    Guard().check_url("http://localhost/")
    with pytest.raises(ForbiddenAddressError):
        Guard().check_url("http://0x7f.1:8080/a")
