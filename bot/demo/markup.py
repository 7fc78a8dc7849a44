"""Inline keyboards and links as Telegram takes them."""

import re
from functools import lru_cache
from json import JSONEncoder
from typing import Any
from urllib.parse import urlsplit

from bot.demo.refusals import bad_request

MAX_BUTTONS = 100
MAX_ROW = 8
MAX_MARKUP_BYTES = 8192
MAX_CALLBACK_BYTES = 64
MAX_COPY_CHARS = 256
_KINDS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_HOST = re.compile(r"^[\w-]+(?:\.[\w-]+)+$|^\d+(?:\.\d+){3}$")

_dump = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def check_markup(markup: dict[str, Any] | None) -> None:
    """Raise RefusalError for a keyboard that Telegram would not show."""
    rows = (markup or {}).get("inline_keyboard")
    if not rows:
        return
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("reply markup is too long")
    for button in buttons:
        check_button(button)
    if len(_dump(markup).encode()) > MAX_MARKUP_BYTES:
        raise bad_request("reply markup is too long")


def check_button(button: dict[str, Any]) -> None:
    """Raise RefusalError for a button that Telegram refuses."""
    # An empty callback_data is as good as none to Telegram.
    kinds = [k for k in _KINDS if k in button and not (k == "callback_data" and not button[k])]
    if not kinds:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(kinds) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one kind must be given")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if kinds[0] == "callback_data":
        if not 1 <= len(button["callback_data"].encode()) <= MAX_CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif kinds[0] == "url":
        check_url(button["url"])
    elif kinds[0] == "copy_text" and not 1 <= len(button["copy_text"]["text"]) <= MAX_COPY_CHARS:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def check_url(url: str) -> None:
    """Raise RefusalError for a button's address that cannot be opened."""
    if not url.strip():
        raise bad_request("BUTTON_URL_INVALID")
    if fault := url_fault(url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {fault}")


@lru_cache(maxsize=256)
def url_fault(url: str) -> str:
    """Say in Telegram's words why an address cannot be opened; "" if it can."""
    scheme = url.split(":", 1)[0].lower() if re.match(r"\w+:", url) else "http"
    if scheme in {"tg", "ton", "tonsite"}:
        return ""
    if scheme not in {"http", "https"}:
        return "Unsupported URL protocol"
    try:
        host = urlsplit(url if "://" in url else f"http://{url}").hostname or ""
    except ValueError:
        return "Wrong HTTP URL"
    if not host:
        return "URL host is empty"
    usable = not re.search(r"\s", url) and (_HOST.match(host) or ":" in host)
    return "" if usable else "Wrong HTTP URL"
