"""What people see in a chat: messages with their text, buttons and marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.demo.rooms import Message


@dataclass(frozen=True, slots=True)
class Button:
    """A button; ``kind``: the field that says what it does, ``value``: that field's."""

    label: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it looks now; ``versions``: the texts that it had before."""

    chat_id: int
    message_id: int
    at: float
    sender: str
    from_bot: bool
    text: str
    entities: tuple[dict[str, Any], ...]
    keyboard: tuple[tuple[Button, ...], ...]
    edited: bool
    deleted: bool
    silent: bool
    thread_id: int | None
    reply_to: int | None
    link_preview: dict[str, Any] | None
    photo: str
    document: str
    file: bytes
    versions: tuple[str, ...]
    via_bot: bool

    @property
    def labels(self) -> list[list[str]]:
        """Give the rows of button labels."""
        return [[button.label for button in row] for row in self.keyboard]

    @property
    def buttons(self) -> Iterator[Button]:
        """Give all buttons, in order."""
        return (button for row in self.keyboard for button in row)

    def button(self, label: str) -> Button:
        """Give the button of that label, else the one that begins so; LookupError if none."""
        for button in self.buttons:
            if button.label == label:
                return button
        for button in self.buttons:
            if button.label.startswith(label):
                return button
        raise LookupError(f"no button {label!r} among {self.labels}")

    @property
    def links(self) -> list[str]:
        """Give the addresses linked in the text, in order."""
        return [entity["url"] for entity in self.entities if entity["type"] == "text_link"]

    def render(self) -> str:
        """Give a few lines of plain text, for a person who reads a failed test."""
        marks = [
            name
            for name, on in (
                ("edited", self.edited),
                ("deleted", self.deleted),
                ("silent", self.silent),
                (f"topic {self.thread_id}", self.thread_id),
                (f"answers {self.reply_to}", self.reply_to),
                (f"document {self.document}", self.document),
                ("photo", self.photo),
            )
            if on
        ]
        head = f"#{self.message_id} {self.sender}" + (f" ({', '.join(marks)})" if marks else "")
        rows = [" ".join(f"[{label}]" for label in row) for row in self.labels]
        body = "\n".join(f"  {line}" for line in [*self.text.splitlines(), *rows])
        return f"{head}\n{body}"


def see(message: Message) -> Seen:
    """Give a message as people see it."""
    content = message.content
    sender = message.sender_chat.title if message.sender_chat else ""
    if not sender and message.sender:
        sender = message.sender.first_name
    photo = content.get("photo")
    return Seen(
        chat_id=message.chat.id,
        message_id=message.id,
        at=message.at,
        sender=sender,
        from_bot=message.by_bot or message.via_bot is not None,
        text=content.get("text") or content.get("caption") or "",
        entities=tuple(content.get("entities") or content.get("caption_entities") or ()),
        keyboard=tuple(
            tuple(_button(button) for button in row)
            for row in (message.markup or {}).get("inline_keyboard", ())
        ),
        edited=message.edited_at is not None,
        deleted=message.deleted,
        silent=message.silent,
        thread_id=message.thread_id,
        reply_to=message.reply_to,
        link_preview=content.get("link_preview_options"),
        photo=photo[0]["file_id"] if photo else "",
        document=content.get("document", {}).get("file_name", ""),
        file=message.file,
        versions=tuple(v.get("text") or v.get("caption") or "" for v in message.versions),
        via_bot=message.via_bot is not None,
    )


def _button(button: dict[str, Any]) -> Button:
    kind = next((key for key in button if key not in {"text", "style"}), "")
    value = button.get(kind, "")
    if kind == "copy_text":
        value = value["text"]
    return Button(button["text"], kind, str(value))
