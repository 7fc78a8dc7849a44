"""What Telegram's refusals, and the network's, mean."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
import telegram.error as ptb

from bot.refusals import TABLE, Kind, Outcome, sort_refusal
from bot.telegram import CallError, Telegram, _result, encode, sort_error


@pytest.mark.parametrize(
    ("status", "description", "kind"),
    [
        (400, "Bad Request: chat not found", Kind.GONE),
        (403, "Forbidden: bot was blocked by the user", Kind.GONE),
        (403, "Forbidden: user is deactivated", Kind.GONE),
        (403, "Forbidden: bot was kicked from the supergroup chat", Kind.GONE),
        (403, "Forbidden: bot was kicked from the channel chat", Kind.GONE),
        (403, "Forbidden: bot is not a member of the channel chat", Kind.GONE),
        (403, "Forbidden: bot can't initiate conversation with a user", Kind.GONE),
        (403, "Forbidden: bots can't send messages to bots", Kind.GONE),
        (400, "Bad Request: need administrator rights in the channel chat", Kind.GONE),
        (400, "Bad Request: not enough rights to send text messages to the chat", Kind.GONE),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", Kind.GONE),
        (400, "Bad Request: message is not modified: specified new ...", Kind.UNCHANGED),
        (400, "Bad Request: message to edit not found", Kind.STALE),
        (400, "Bad Request: message can't be edited", Kind.STALE),
        (400, "Bad Request: query is too old and response timeout expired ...", Kind.STALE),
        (400, "Bad Request: message thread not found", Kind.MALFORMED),
        (400, "Bad Request: message to be replied not found", Kind.MALFORMED),
        (400, "Bad Request: TOPIC_CLOSED", Kind.PERMANENT),
        (400, "Bad Request: can't parse entities: Unsupported start tag", Kind.PERMANENT),
        (400, "Bad Request: message is too long", Kind.PERMANENT),
        (400, "Bad Request: BUTTON_URL_INVALID", Kind.PERMANENT),
        (400, "Bad Request: BUTTON_DATA_INVALID", Kind.PERMANENT),
        (400, "Bad Request: something that nobody has ever seen", Kind.PERMANENT),
        (403, "Forbidden: something that nobody has ever seen", Kind.PERMANENT),
        (401, "Unauthorized", Kind.REVOKED),
        (404, "Not Found", Kind.REVOKED),
        (409, "Conflict: terminated by other getUpdates request", Kind.CONFLICT),
        (413, "Request Entity Too Large", Kind.PERMANENT),
        (429, "Too Many Requests: retry after 5", Kind.FLOOD),
        (500, "Internal Server Error", Kind.TRANSIENT),
        (502, "Bad Gateway", Kind.TRANSIENT),
        (504, "", Kind.TRANSIENT),
        (418, "I'm a teapot", Kind.UNKNOWN),
    ],
)
def test_an_answer_is_sorted(status: int, description: str, kind: Kind) -> None:
    assert sort_refusal(status, description).kind is kind


@pytest.mark.parametrize(("text", "kind", "without"), TABLE)
def test_every_row_of_the_table_is_found_in_whatever_case(
    text: str, kind: Kind, without: str | None
) -> None:
    outcome = sort_refusal(400, f"Bad Request: {text.upper()} (and more)")
    assert (outcome.kind, outcome.without) == (kind, without)


@pytest.mark.parametrize(
    ("description", "parameters", "wait_s"),
    [
        ("Too Many Requests: retry after 35", {"retry_after": 35}, 35),
        ("Too Many Requests: retry after 7", None, 7),
        ("FLOOD_WAIT_12", None, 12),
        ("Too Many Requests", {"retry_after": "soon"}, 5),
        ("Too Many Requests", None, 5),
    ],
)
def test_a_flood_wait_is_as_long_as_telegram_says(
    description: str, parameters: dict[str, object] | None, wait_s: int
) -> None:
    assert sort_refusal(429, description, parameters).retry_after_s == wait_s


def test_a_migrated_group_names_its_new_id() -> None:
    outcome = sort_refusal(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": -1001234567890},
    )
    assert (outcome.kind, outcome.new_chat_id) == (Kind.MIGRATED, -1001234567890)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ptb.BadRequest("Chat not found"), Kind.GONE),
        (ptb.BadRequest("Bad Request: whatever"), Kind.PERMANENT),
        (ptb.Forbidden("Forbidden: bot was blocked by the user"), Kind.GONE),
        (ptb.ChatMigrated(-100), Kind.MIGRATED),
        (ptb.InvalidToken("Unauthorized"), Kind.REVOKED),
        (ptb.Conflict("Conflict: terminated by other getUpdates request"), Kind.CONFLICT),
        (ptb.TimedOut(), Kind.UNCERTAIN),
        (ptb.NetworkError("Bad Gateway"), Kind.TRANSIENT),
        (TimeoutError(), Kind.UNCERTAIN),
        (aiohttp.ServerDisconnectedError(), Kind.UNCERTAIN),
        (aiohttp.ClientOSError(104, "Connection reset by peer"), Kind.UNCERTAIN),
        (aiohttp.ConnectionTimeoutError(), Kind.TRANSIENT),
        (CallError("sendMessage", Outcome(Kind.FLOOD, "", retry_after_s=3)), Kind.FLOOD),
        (ValueError("?"), Kind.UNKNOWN),
    ],
)
def test_an_exception_is_sorted(error: Exception, kind: Kind) -> None:
    assert sort_error(error).kind is kind


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_a_flood_wait_that_comes_through_ptb_keeps_its_length() -> None:
    assert sort_error(ptb.RetryAfter(17)).retry_after_s == 17


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (502, b"<html>Bad Gateway</html>", Kind.TRANSIENT),
        (403, b"<html>Blocked by the proxy</html>", Kind.TRANSIENT),
        (404, b"", Kind.TRANSIENT),
        (302, b"<html>Moved</html>", Kind.TRANSIENT),
        (418, b"?", Kind.TRANSIENT),
        (429, b"slow down", Kind.FLOOD),
        (200, b"<html>Log in to the wireless network</html>", Kind.UNCERTAIN),
        (200, b'{"ok": false, "error_code": 500, "description": "x"}', Kind.TRANSIENT),
        (200, b"[]", Kind.UNCERTAIN),
    ],
)
def test_an_answer_that_is_not_telegrams_never_counts_against_a_message(
    status: int, body: bytes, kind: Kind
) -> None:
    with pytest.raises(CallError) as caught:
        _result("sendMessage", status, body)
    assert caught.value.outcome.kind is kind


def test_a_result_is_given_as_it_is() -> None:
    assert _result("getMe", 200, b'{"ok": true, "result": {"id": 1}}') == {"id": 1}
    assert _result("deleteWebhook", 200, b'{"ok": true, "result": true}') is True


def test_parameters_of_none_are_left_out_and_letters_stay_letters() -> None:
    assert encode({"text": "Süni zəka", "x": None, "n": 0}) == '{"text":"Süni zəka","n":0}'


TOKEN = "123456:very-secret"


@pytest.mark.parametrize("api_url", ["http://127.0.0.1:9", "http://[", "ftp://x", "nonsense"])
def test_the_token_is_in_no_error_and_no_repr(api_url: str) -> None:
    async def fail() -> CallError:
        bot = Telegram(api_url, TOKEN, timeout_s=2)
        assert TOKEN not in repr(bot)
        assert TOKEN not in repr(bot.request)
        try:
            with pytest.raises(CallError) as caught:
                await bot.call("getMe", {})
        finally:
            await bot.close()
        return caught.value

    error = asyncio.run(fail())
    assert TOKEN not in f"{error!r} {error} {error.outcome!r}"
    assert error.__cause__ is None
    assert error.__suppress_context__
