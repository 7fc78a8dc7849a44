"""Logging: one line per event, for people in a terminal and as JSON otherwise. No secrets.

Redaction happens at the root: whatever a library logs goes through the same processors.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from bot.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

# What these say below a warning is noise, or (httpx) holds the token in an address.
_QUIET = ("apscheduler", "httpx", "httpcore", "telegram", "aiohttp", "trafilatura", "asyncio")


def configure(
    *, secrets: Iterable[str] = (), stream: TextIO | None = None, level: int = logging.INFO
) -> None:
    """Set up logging for the process; ``secrets`` never appear in any line."""
    stream = sys.stderr if stream is None else stream
    human = stream.isatty()
    redact = _Redactor(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=human, pad_event_to=0)
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # "maximum number of running instances reached" is how a slow tick skips a beat.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


class _Redactor:
    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if key.startswith("_"):  # the formatter's own, never shown
                continue
            if isinstance(value, str):
                event[key] = self._clean(value)
            elif not isinstance(value, int | float | bool | None):
                event[key] = self._clean(str(value))
        return event

    def _clean(self, text: str) -> str:
        return redact(text, self._secrets)
