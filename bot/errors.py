"""The errors of Xəbərçi: one root, and a line for the person who can do something about it."""


class XeberciError(Exception):
    """What a person can mend: its text says what is wrong and what to do, in one line."""


class ConfigError(XeberciError):
    """A configuration that cannot be used: one mistake a line, each with its dotted key."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class FetchError(XeberciError):
    """A document that could not be had; ``retry_after_s`` where the server named a wait."""

    def __init__(
        self, message: str, *, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s


class ForbiddenAddressError(FetchError):
    """An address that the guard refuses (private, loopback, ...)."""


class ParseError(XeberciError):
    """A document that could be had and not be read as what it was taken for."""


class StoreError(XeberciError):
    """A store that does not answer, is in use, or was written by a newer version."""


class HalfFilledError(StoreError):
    """A store into which not everything was moved yet."""

    def __init__(self) -> None:
        super().__init__(
            "the store holds only a part of what was to be moved there: repeat the xeberci "
            "migrate-store that was cut short"
        )


class StoreAwayError(StoreError):
    """A store that does not answer now, and may a moment later."""


class IndexBusyError(XeberciError):
    """A search index to which another process writes now."""


class TelegramError(XeberciError):
    """What Telegram says in a way that a person must mend (a wrong token, a second poller)."""
