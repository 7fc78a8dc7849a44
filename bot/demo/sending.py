"""Methods that put a message into a chat."""

from typing import Any

from aiohttp.web import FileField

from bot.demo.formatting import Formatted, formatted
from bot.demo.markup import check_markup, url_fault
from bot.demo.refusals import Json, bad_request
from bot.demo.rooms import Chat, Message
from bot.demo.stage import Stage

MAX_TEXT = 4096
MAX_CAPTION = 1024
Params = dict[str, Any]


def send_message(stage: Stage, params: Params) -> Json:
    """Carry out sendMessage."""
    content = text_content(params)  # a fault in the text shows before one of the chat
    chat = stage.world.writable(params["chat_id"], params.get("message_thread_id"))
    return _post(stage, chat, params, content).as_json()


def send_photo(stage: Stage, params: Params) -> Json:
    """Carry out sendPhoto with an address, a file or a file_id."""
    chat = stage.world.writable(params["chat_id"], params.get("message_thread_id"))
    photo = params["photo"]
    data, _ = _upload(params, photo)
    if isinstance(photo, str) and not data and not _is_source(stage, photo):
        raise bad_request("wrong file identifier/HTTP URL specified")
    file_id = _keep(stage, data, photo)
    size: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": 1280, "height": 720}
    content = {"photo": [size]} | caption_content(params)
    message = _post(stage, chat, params, content)
    message.file = data
    return message.as_json()


def send_document(stage: Stage, params: Params) -> Json:
    """Carry out sendDocument with an uploaded file, an address or a file_id."""
    chat = stage.world.writable(params["chat_id"], params.get("message_thread_id"))
    given = params["document"]
    data, name = _upload(params, given)
    if isinstance(given, FileField) and not data:
        raise bad_request("file must be non-empty")
    if isinstance(given, str) and not data and not _is_source(stage, given):
        raise bad_request("wrong file identifier/HTTP URL specified")
    file_id = _keep(stage, data, given)
    document: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(data)}
    if name:
        document["file_name"] = name
    message = _post(stage, chat, params, {"document": document} | caption_content(params))
    message.file = data
    return message.as_json()


def copy_message(stage: Stage, params: Params) -> Json:
    """Carry out copyMessage: the content without its sender and its keyboard."""
    chat = stage.world.writable(params["chat_id"], params.get("message_thread_id"))
    original = _original(stage, params, "message to copy not found")
    content = dict(original.content)
    if "caption" in params and "text" not in content:
        content = {k: v for k, v in content.items() if not k.startswith("caption")}
        content |= caption_content(params)
    message = _post(stage, chat, params, content)
    message.file = original.file
    return {"message_id": message.id}


def forward_message(stage: Stage, params: Params) -> Json:
    """Carry out forwardMessage."""
    chat = stage.world.writable(params["chat_id"], params.get("message_thread_id"))
    original = _original(stage, params, "message to forward not found")
    origin: Json = {"date": int(original.at)}
    if original.sender:
        origin |= {"type": "user", "sender_user": original.sender.as_json()}
    else:
        origin |= {
            "type": "channel",
            "chat": original.chat.as_json(),
            "message_id": original.id,
        }
    return _post(stage, chat, params, {**original.content, "forward_origin": origin}).as_json()


def text_content(params: Params) -> dict[str, Any]:
    """Give the content of a text message; RefusalError for an empty or too long one."""
    if not params["text"]:
        raise bad_request("message text is empty")
    shown = formatted(params["text"], params.get("parse_mode", ""), params.get("entities"))
    if not shown.text:
        raise bad_request("text must be non-empty")
    if len(shown.text) > MAX_TEXT:
        raise bad_request("message is too long")
    content = _with_entities("text", "entities", shown)
    if preview := params.get("link_preview_options"):
        if "url" in preview and url_fault(preview["url"]):
            raise bad_request("WEBPAGE_URL_INVALID")
        content["link_preview_options"] = preview
    return content


def caption_content(params: Params) -> dict[str, Any]:
    """Give the caption part of a media message's content."""
    shown = formatted(
        params.get("caption", ""), params.get("parse_mode", ""), params.get("caption_entities")
    )
    if len(shown.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    content = _with_entities("caption", "caption_entities", shown) if shown.text else {}
    if params.get("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content


def _with_entities(text_key: str, entities_key: str, shown: Formatted) -> dict[str, Any]:
    content: dict[str, Any] = {text_key: shown.text}
    if shown.entities:
        content[entities_key] = list(shown.entities)
    return content


def _post(stage: Stage, chat: Chat, params: Params, content: dict[str, Any]) -> Message:
    world = stage.world
    markup = params.get("reply_markup")
    check_markup(markup)
    channel = chat.type == "channel"
    reply_to, thread_id = _answered(chat, params)
    return world.put(
        Message(
            id=0,
            chat=chat,
            at=world.now(),
            content=content,
            sender=None if channel else world.bot,
            sender_chat=chat if channel else None,
            markup=markup,
            thread_id=thread_id,
            reply_to=reply_to,
            by_bot=True,
            silent=bool(params.get("disable_notification")),
        )
    )


def _answered(chat: Chat, params: Params) -> tuple[int | None, int | None]:
    """Give the message that is answered, and the topic: an answer goes to its topic."""
    thread_id = params.get("message_thread_id")
    reply = params.get("reply_parameters") or {}
    reply_to = reply.get("message_id")
    if reply_to is None:
        return None, thread_id
    answered = chat.messages.get(reply_to)
    if answered is None or answered.deleted:
        if not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        return None, thread_id
    if thread_id and (answered.thread_id or None) != thread_id:
        raise bad_request("message to be replied not found")
    return reply_to, answered.thread_id


def _original(stage: Stage, params: Params, why: str) -> Message:
    source = stage.world.reachable(params["from_chat_id"])
    return stage.world.message(source, params["message_id"], why)


def _upload(params: Params, given: object) -> tuple[bytes, str]:
    """Give the bytes and the name of an uploaded file: itself, or what attach:// names."""
    if isinstance(given, str) and given.startswith("attach://"):
        given = params.get("_files", {}).get(given.removeprefix("attach://"))
        if given is None:
            raise bad_request("file attachment not found")
    if isinstance(given, FileField):
        return given.file.read(), given.filename
    return b"", ""


def _is_source(stage: Stage, given: str) -> bool:
    return given.startswith(("http://", "https://")) or given in stage.files


def _keep(stage: Stage, data: bytes, given: object) -> str:
    if isinstance(given, str) and given in stage.files:
        return given
    file_id = f"file{stage.world.fresh_id()}"
    stage.files[file_id] = data
    return file_id
