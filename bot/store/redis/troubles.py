"""What a Redis says when it cannot: whether that passes, and in words for a person. Pure."""

from __future__ import annotations

import ssl

import redis.exceptions as failures
from redis.asyncio.sentinel import MasterNotFoundError


def told(error: Exception) -> Exception:
    """Give what a server said, where the library says of it only that connecting failed."""
    inner = error.__cause__ or error.__context__
    said = isinstance(inner, failures.AuthenticationError | ssl.SSLCertVerificationError)
    return inner if said and isinstance(inner, Exception) else error


def is_passing(error: Exception) -> bool:
    """Whether the same call may succeed a moment later."""
    if isinstance(error, _REFUSALS):
        return False
    if isinstance(error, failures.ResponseError):
        return str(error).startswith(_PASSING) or isinstance(error, failures.ReadOnlyError)
    return isinstance(error, failures.ConnectionError | failures.TimeoutError | OSError)


_REFUSALS = (
    failures.AuthenticationError,
    failures.AuthorizationError,
    ssl.SSLCertVerificationError,
)
# BUSY: another client's script runs for too long. MASTERDOWN: a replica lost its master.
# NOREPLICAS: a master lost the replicas without which it is set not to take anything in.
_PASSING = ("BUSY ", "LOADING", "MASTERDOWN", "NOREPLICAS")

# Kinds of errors, the codes that say the same where a script passes them on, and what to do.
_ADVICE: tuple[tuple[tuple[type[Exception], ...], tuple[str, ...], str], ...] = (
    (
        (failures.AuthenticationError, failures.AuthorizationError),
        ("WRONGPASS", "NOAUTH"),
        "wants a user and a password that it knows: correct store.url",
    ),
    (
        (failures.NoPermissionError,),
        ("NOPERM",),
        "does not let this user do what is needed: widen its ACL",
    ),
    (
        (failures.ReadOnlyError,),
        ("READONLY",),
        "is a replica that cannot be written: name the master, or the Sentinels",
    ),
    ((failures.OutOfMemoryError,), ("OOM",), "is out of memory: raise its maxmemory"),
    ((failures.BusyLoadingError,), ("LOADING",), "is still loading its data: wait"),
    (
        (failures.TimeoutError, TimeoutError),
        (),
        "does not answer in time: look at its load and at the way to it",
    ),
    (
        (MasterNotFoundError,),
        ("MASTERDOWN",),
        "has no master: look at its Sentinels, and at the service's name",
    ),
    (
        (ssl.SSLCertVerificationError,),
        (),
        "shows a certificate that is not trusted: name its CA (ssl_ca_certs), and the host rightly",
    ),
    ((), ("MISCONF",), "cannot save to its disk: make room there"),
    ((), ("NOREPLICAS",), "has too few replicas to take anything in: look at them"),
)


def advice(error: Exception, *, hidden: bool) -> str:
    """Give what is wrong and what to do. ``hidden``: the library's own words hold a secret."""
    words = str(error)
    for kinds, codes, said in _ADVICE:
        if isinstance(error, kinds) or words.startswith(codes):
            return said
    if hidden:
        words = type(error).__name__
    if isinstance(error, failures.ConnectionError | OSError):
        return f"cannot be reached: {words}"
    return f"failed: {words}"
