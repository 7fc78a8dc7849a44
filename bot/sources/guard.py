"""Which addresses may be asked: public ones, and those that the operator listed.

The address that a socket connects to is judged, so that a name that resolves to a private
address, an IP literal and a redirect are all the same case.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from bot.errors import FetchError, ForbiddenAddressError

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_CGNAT = ipaddress.ip_network("100.64.0.0/10")
_COMPATIBLE = ipaddress.ip_network("::/96")

_STOPS = {ord(mark): "." for mark in "。．｡"}  # IDNA takes each for a dot
_NUMBERS = re.compile(
    r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}", re.IGNORECASE | re.ASCII
)
_LONGEST_LITERAL = 100
_HOSTS = 1_024  # each request asks several times for what its host is

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=_HOSTS)
def normalise_host(host: str) -> str:
    """Give the one spelling of a host: lower case, and an IP address however it was written.

    ``127.1``, ``0x7f000001``, ``2130706433`` and ``[::ffff:127.0.0.1]`` are ``127.0.0.1``.
    """
    text = _plain(host).lower().rstrip(".")
    address = literal(text)
    return str(address) if address is not None else text


def _plain(host: str) -> str:
    """Give a host as resolvers will see it: no brackets, no zone, no escapes, no wide letters."""
    text = host.strip().strip("[]")
    text = text.partition("%")[0] if ":" in text else unquote(text)
    return unicodedata.normalize("NFKC", text).translate(_STOPS)


@lru_cache(maxsize=_HOSTS)
def literal(host: str) -> IPAddress | None:
    """Give the IP address that a host spells, mapped ones unwrapped, or ``None`` for a name."""
    text = _plain(host).rstrip(".")
    try:
        return _unwrapped(ipaddress.ip_address(text))
    except ValueError:
        pass
    if len(text) > _LONGEST_LITERAL or not _NUMBERS.fullmatch(text):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except OSError:
        return None


def _unwrapped(address: IPAddress) -> IPAddress:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def rule_against(address: IPAddress) -> str | None:
    """Give the rule that forbids an address, or ``None`` for a public one."""
    plain = _unwrapped(address)
    embedded: tuple[tuple[str, bool], ...] = (("carrier-grade NAT", plain in _CGNAT),)
    if isinstance(plain, ipaddress.IPv6Address):
        embedded = (
            ("NAT64", any(plain in network for network in _NAT64)),
            ("tunnel (6to4, Teredo)", plain.sixtofour is not None or plain.teredo is not None),
            ("IPv4-compatible", plain in _COMPATIBLE and int(plain) > 1),
            ("private", plain.is_site_local),
        )
    for name, holds in (
        *embedded,
        ("unspecified", plain.is_unspecified),
        ("loopback", plain.is_loopback),
        ("link-local", plain.is_link_local),
        ("multicast", plain.is_multicast),
        ("private", plain.is_private),
        ("reserved", plain.is_reserved or not plain.is_global),
    ):
        if holds:
            return name
    return None


class Guard:
    """Judges addresses; ``allow_private`` lists hosts, as written in addresses, without port."""

    def __init__(self, allow_private: Iterable[str] = ()) -> None:
        self._allowed = frozenset(normalise_host(host) for host in allow_private)

    def allows_host(self, host: str) -> bool:
        """Tell whether the operator listed this host, in any spelling."""
        return normalise_host(host) in self._allowed

    def check_url(self, url: str) -> None:
        """Refuse what is no http(s) address, and IP literals that are not public.

        Raises FetchError or ForbiddenAddressError; names are judged when they are connected.
        """
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            _ = parts.port
        except ValueError:
            raise FetchError(f"{url}: no valid address") from None
        if parts.scheme.lower() not in {"http", "https"}:
            raise FetchError(f"{url}: only http and https addresses are fetched")
        if not host:
            raise FetchError(f"{url}: the address names no host")
        address = literal(host)
        if address is not None:
            self.check_address(str(address), host)

    def check_address(self, address: str, host: str) -> None:
        """Refuse a connection to an address that is not public, unless ``host`` is listed."""
        if self.allows_host(host):
            return
        found = literal(address)
        rule = rule_against(found) if found is not None else "unknown"
        if rule is not None:
            shown = host if host == address else f"{host} ({address})"
            raise ForbiddenAddressError(
                f"{shown} is refused: {rule} addresses are not asked"
                " unless [fetch] allow_private lists the host"
            )
