"""Methods that answer people's presses and inline queries."""

import re
from typing import Any

from bot.demo.markup import check_markup
from bot.demo.refusals import bad_request
from bot.demo.sending import caption_content, text_content
from bot.demo.stage import Stage

MAX_RESULTS = 50
MAX_RESULT_ID_BYTES = 64
MAX_OFFSET_BYTES = 64
MAX_ALERT = 200
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
Params = dict[str, Any]


def answer_callback(stage: Stage, params: Params) -> bool:
    """Carry out answerCallbackQuery."""
    if len(params.get("text", "")) > MAX_ALERT:
        raise bad_request("MESSAGE_TOO_LONG")
    query = stage.close_query(stage.callbacks, params["callback_query_id"])
    if not query.answer.done():
        query.answer.set_result(params)
    return True


def answer_inline(stage: Stage, params: Params) -> bool:
    """Carry out answerInlineQuery: checks every result as if it were sent."""
    results = params["results"]
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len(params.get("next_offset", "").encode()) > MAX_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    seen: set[str] = set()
    for result in results:
        if not 1 <= len(result["id"].encode()) <= MAX_RESULT_ID_BYTES:
            raise bad_request("RESULT_ID_INVALID")
        if result["id"] in seen:
            raise bad_request("RESULT_ID_DUPLICATE")
        seen.add(result["id"])
        _check_result(result)
    if button := params.get("button"):
        _check_button(button)
    query = stage.close_query(stage.inlines, params["inline_query_id"])
    if not query.answer.done():
        query.answer.set_result(params)
    return True


def result_content(result: Params) -> dict[str, Any]:
    """Give the content of the message that a chosen result becomes."""
    content = result.get("input_message_content")
    if content and "message_text" in content:
        return text_content({**content, "text": content["message_text"]})
    if content:
        return {key: value for key, value in content.items() if key != "message_text"}
    kind = result["type"]
    if kind == "article":
        raise bad_request(
            "can't parse InlineQueryResult: Can't find field \"input_message_content\""
        )
    media = {"file_id": f"inline-{result['id']}", "file_unique_id": f"u-{result['id']}"}
    whole: Any = [media | {"width": 1280, "height": 720}] if kind == "photo" else media
    return {kind: whole} | caption_content(result)


def _check_result(result: Params) -> None:
    check_markup(result.get("reply_markup"))
    if result["type"] == "article" and not result["title"].strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    result_content(result)


def _check_button(button: Params) -> None:
    kinds = [kind for kind in ("web_app", "start_parameter") if kind in button]
    if len(kinds) != 1:
        raise bad_request("can't parse inline query results button: exactly one kind must be given")
    if not button["text"].strip():
        raise bad_request("SWITCH_PM_TEXT_EMPTY")
    if kinds == ["start_parameter"] and not _START_PARAMETER.fullmatch(button["start_parameter"]):
        raise bad_request("START_PARAM_INVALID")
