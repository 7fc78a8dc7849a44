"""Addresses of articles: made absolute, cleaned, compared. Pure; nothing is resolved here.

``clean`` is what readers get (byte for byte but for tracking parameters and the fragment);
``identity`` is what tells whether two addresses are one article and is never shown.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit

_SPACES = re.compile(r"[\t\r\n\f]+")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_TRACKING_PREFIXES = ("utm_", "mc_", "hsa_", "pk_", "mtm_", "itm_", "_hs", "__hs")
_TRACKING = frozenset(
    {
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "yclid",
        "ysclid",
        "igshid",
        "igsh",
        "msclkid",
        "twclid",
        "ttclid",
        "li_fat_id",
        "srsltid",
        "_ga",
        "_gl",
        "_openstat",
        "_branch_match_id",
        "ref_src",
        "ref_url",
        "referrer",
        "mkt_tok",
        "oly_enc_id",
        "oly_anon_id",
        "vero_id",
        "wt_mc",
        "cmpid",
        "ncid",
        "spm",
    }
)
# Names that an address may need for itself: they count as tracking by what they say.
_FROM_WHERE = re.compile(
    r"(?:from|source|src|share|via)=(?:rss|feed|atom|telegram|tg|facebook|fb|twitter|x|whatsapp|"
    r"instagram|linkedin|vk|ok|social|share|sharing|newsletter|push|email)|ref=(?!\d+$).*",
    re.IGNORECASE,
)
_TWIN_LABELS = frozenset({"www", "m", "amp", "mobile", "wap"})
_AMP_PARAMETERS = frozenset({"amp", "amp=1", "amp=true", "amp=0", "outputtype=amp", "output=amp"})
DEFAULT_PORTS = {"http": 80, "https": 443}
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "info", "net", "org", "pp", "biz"})
_LONGEST = 8_192  # servers take no longer ones
_REMEMBERED = 512  # a listing asks for the same addresses several times
_PATH_SAFE = "/!$&'()*+,;=:@~-._"


@lru_cache(maxsize=_REMEMBERED)
def absolute(url: str, base: str | None = None) -> str | None:
    """Give the absolute http(s) address, or ``None`` where there is none.

    An address that is absolute already stays byte for byte, but white space inside it is
    mended: line breaks go, blanks become ``%20``.
    """
    if len(url) > _LONGEST:
        return None
    text = _SPACES.sub("", url.strip()).replace(" ", "%20")
    if not text:
        return None
    try:
        if text.startswith("//"):
            scheme = urlsplit(base).scheme if base else ""
            text = f"{scheme or 'https'}:{text}"
        elif not _SCHEME.match(text) or _is_host_with_port(text):
            if not base or is_absolute(text):
                return None
            text = urljoin(base, text)
        return text if is_absolute(text) else None
    except ValueError:
        return None


def _is_host_with_port(text: str) -> bool:
    """Tell ``x.az:8080/a`` (no scheme at all) from ``mailto:a``: neither is an address here."""
    return re.match(r"^[\w.-]+:\d+(/|$)", text) is not None


def is_absolute(url: str) -> bool:
    """Tell whether this is a whole http or https address with a host."""
    if len(url) > _LONGEST:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in DEFAULT_PORTS and bool(parts.hostname) and _port_ok(url)
    except ValueError:
        return False


def _port_ok(url: str) -> bool:
    return urlsplit(url).port is not None or True


def clean(url: str, base: str | None = None) -> str:
    """Give the address for readers: absolute, without tracking parameters and fragment.

    Everything else stays byte for byte. What cannot be made absolute comes back relative;
    ``is_absolute`` tells.
    """
    if len(url) > _LONGEST:
        return ""
    text = absolute(url, base) or _SPACES.sub("", url.strip())
    text = text.partition("#")[0]
    path, mark, query = text.partition("?")
    if not mark:
        return text
    kept = [piece for piece in query.split("&") if not _is_tracking(piece)]
    if len(kept) == query.count("&") + 1:
        return text
    return f"{path}?{'&'.join(kept)}" if any(kept) else path


def _is_tracking(piece: str) -> bool:
    name = unquote(piece.partition("=")[0]).lower().removeprefix("amp;")
    return (
        name in _TRACKING
        or name.startswith(_TRACKING_PREFIXES)
        or _FROM_WHERE.fullmatch(piece.removeprefix("amp;")) is not None
    )


@lru_cache(maxsize=_REMEMBERED)
def identity(url: str) -> str:
    """Give the key under which an article is known, whatever the spelling of its address.

    http and https, www, mobile and AMP twins, the host's case, a default port, a trailing
    slash, percent-encoding, the order of parameters, tracking and fragment do not count.
    """
    text = clean(url)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return text
    name = _site_host(parts.hostname or "")
    if port is not None and port != DEFAULT_PORTS.get(parts.scheme.lower()):
        name = f"{name}:{port}"
    path = re.sub(r"/{2,}", "/", quote(unquote(parts.path, errors="surrogateescape"),
                                       safe=_PATH_SAFE, errors="surrogateescape"))  # fmt: skip
    path = re.sub(r"(?:^/amp(?=/)|/amp/?$|\.amp(?=\.html$)|\.amp$)", "", path)
    query = sorted(
        piece for piece in parts.query.split("&") if piece and piece.lower() not in _AMP_PARAMETERS
    )
    key = name + path.rstrip("/")
    return f"{key}?{'&'.join(query)}" if query else key


def host(url: str) -> str:
    """Give the host of an address in lower case, without ``www.`` and port; ``""`` without one."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return _ascii(name).removeprefix("www.").rstrip(".")


def _ascii(name: str) -> str:
    """Give the IDNA form that DNS knows, in lower case."""
    lowered = name.lower()
    if lowered.isascii():
        return lowered
    try:
        return lowered.encode("idna").decode("ascii")
    except UnicodeError:
        return lowered


def _site_host(name: str) -> str:
    labels = _ascii(name).rstrip(".").split(".")
    while len(labels) > 2 and labels[0] in _TWIN_LABELS:  # noqa: PLR2004 - "m.az" is a site
        labels = labels[1:]
    return ".".join(labels)


@lru_cache(maxsize=_REMEMBERED)
def site(url: str) -> str:
    """Give the registrable part of a host (``trend.az`` for ``az.trend.az``).

    A rule of thumb, not the public suffix list: two labels, three under ``com.az`` and the
    like. An IP address or a single label is its own site, together with its port, since
    there the port is what tells servers apart.
    """
    name = host(url)
    if "." not in name or _is_ip(name):
        try:
            return f"{name}:{urlsplit(url).port or ''}"
        except ValueError:
            return name
    labels = name.split(".")
    country_code = 2
    deep = len(labels[-1]) == country_code and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if deep else labels[-2:])


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def same_site(first: str, second: str) -> bool:
    """Tell whether two addresses belong to one site, subdomains included."""
    return bool(host(first)) and site(first) == site(second)


def is_front(url: str) -> bool:
    """Tell whether this is the address of a site's front page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.path in {"", "/", "/index.html", "/index.php"} and not parts.query
