"""What the Bot API says when it refuses a call, in Telegram's own words."""

from dataclasses import dataclass, field

Json = dict[str, object]


@dataclass(slots=True)
class RefusalError(Exception):
    """A call refused: the status, the description and the parameters of the answer."""

    code: int
    description: str
    parameters: Json = field(default_factory=dict)

    def __str__(self) -> str:
        return self.description

    def as_json(self) -> Json:
        """Give the answer's body."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(what: str) -> RefusalError:
    """400 with Telegram's prefix."""
    return RefusalError(400, f"Bad Request: {what}")


def forbidden(what: str) -> RefusalError:
    """403 with Telegram's prefix."""
    return RefusalError(403, f"Forbidden: {what}")


def conflict(what: str) -> RefusalError:
    """409 with Telegram's prefix."""
    return RefusalError(409, f"Conflict: {what}")


def flood(retry_after_s: int) -> RefusalError:
    """429, with the wait in the text and in the parameters."""
    return RefusalError(
        429,
        f"Too Many Requests: retry after {retry_after_s}",
        {"retry_after": retry_after_s},
    )


def migrated(chat_id: int) -> RefusalError:
    """400 of a group that became a supergroup, with its new id."""
    return RefusalError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": chat_id},
    )
