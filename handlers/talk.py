"""One update as a handler meets it: who asks, in which chat, and how to answer there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram import ChatMember, Message

from bot.answers import Look
from bot.cards import Card, visible
from bot.models import ChatKind

if TYPE_CHECKING:
    from telegram import CallbackQuery, Update

    from bot.buttons import Button, Keyboard
    from bot.context import Services, XContext
    from bot.models import Chat
    from bot.texts import Texts

_MASTERS = frozenset({ChatMember.OWNER, ChatMember.ADMINISTRATOR})
_MAX_NOTE_CHARS = 200  # of the Bot API, for the text of a press's answer


class GoneError(Exception):
    """A message that was to be changed is no more."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A message or a press, its chat as the store knows it, and the reader's texts.

    ``message`` is what was written, or what carries the pressed button.
    """

    context: XContext
    update_id: int
    message: Message
    chat: Chat
    look: Look
    query: CallbackQuery | None = None

    @property
    def services(self) -> Services:
        """Give the bot's services."""
        return self.context.services

    @property
    def t(self) -> Texts:
        """Give the texts in the reader's language."""
        return self.look.t

    @property
    def in_group(self) -> bool:
        """Whether other people read along."""
        return self.chat.kind is not ChatKind.PRIVATE

    @property
    def thread_id(self) -> int | None:
        """Give the forum topic; elsewhere threads are mere chains of replies."""
        return self.message.message_thread_id if self.message.is_topic_message else None

    async def say(self, card: Card) -> None:
        """Answer with a message: in groups as a reply, in the same forum topic."""
        reply_to = self.message.message_id if self.in_group or self.query else None
        await self.services.replies.send(
            self.chat.id,
            card.html,
            keyboard=card.keyboard or None,
            reply_to=reply_to,
            thread_id=self.thread_id,
            preview=card.preview,
        )

    async def tell(self, html: str) -> None:
        """Answer with words alone."""
        await self.say(Card(html))

    async def show(self, card: Card) -> None:
        """Put a card in the place of the message whose button was pressed, unless it is there.

        Raises ``GoneError`` where the message was deleted meanwhile.
        """
        await self._put(card, self._is_there(card))

    async def dress(self, rows: Keyboard) -> None:
        """Change the buttons of the message that was pressed, and nothing else.

        Its text is not sent back: it may have been edited since the press.
        """
        await self._put(Card("", rows), self._rows() == rows)

    async def _put(self, card: Card, is_there: bool) -> None:  # noqa: FBT001 - one of two
        shown, message_id = self.services.shown, self.message.message_id
        look = hash((card.html, str(card.keyboard)))
        if is_there or shown.just_now(self.chat.id, message_id, look, self.look.now):
            return
        done = await self.services.replies.edit(
            self.chat.id,
            message_id,
            card.html or None,
            keyboard=card.keyboard or None,
            preview=card.preview,
        )
        if not done:
            shown.forget(self.chat.id, message_id)
            raise GoneError

    async def may_change(self) -> bool:
        """Whether this person may change the chat's settings: in groups, administrators."""
        if not self.in_group:
            return True
        if self.query is None and self.message.sender_chat is not None:
            return self.message.sender_chat.id == self.chat.id  # an anonymous administrator
        person = self.query.from_user if self.query else self.message.from_user
        if person is None:
            return False
        member = await self.context.bot.get_chat_member(self.chat.id, person.id)
        return member.status in _MASTERS

    async def may_command(self) -> bool:
        """As ``may_change``, and say so to those who may not."""
        if await self.may_change():
            return True
        await self.tell(self.t.html("only-admins"))
        return False

    def _is_there(self, card: Card) -> bool:
        return self._rows() == card.keyboard and self.message.text == visible(card.html).strip()

    def _rows(self) -> Keyboard:
        markup = self.message.reply_markup
        rows: Keyboard = markup.to_dict()["inline_keyboard"] if markup else []
        return rows

    def standing_button(self, prefix: str) -> Button | None:
        """Give the pressed message's own button whose data begins so, as JSON."""
        markup = self.message.reply_markup
        for row in markup.inline_keyboard if markup else ():
            for button in row:
                if isinstance(button.callback_data, str) and button.callback_data.startswith(
                    prefix
                ):
                    return {"text": button.text, "callback_data": button.callback_data}
        return None


async def hear(update: Update, context: XContext) -> Talk | None:
    """Give what was written to the bot, or ``None`` where there is nobody to answer."""
    message = update.effective_message
    return await _talk(update, context, message, None) if message is not None else None


async def feel(update: Update, context: XContext) -> Talk | None:
    """Give a press, or ``None`` where its message is beyond the bot's reach."""
    query = update.callback_query
    if query is None or not isinstance(query.message, Message):
        return None
    return await _talk(update, context, query.message, query)


def short_note(text: str) -> str:
    """Give a note that fits the answer to a press."""
    return text if len(text) <= _MAX_NOTE_CHARS else text[: _MAX_NOTE_CHARS - 1] + "…"


async def _talk(
    update: Update, context: XContext, message: Message, query: CallbackQuery | None
) -> Talk:
    services = context.services
    kind = ChatKind(message.chat.type)
    # A private chat's title is the person's name: nothing needs it, so it is not kept.
    title = "" if kind is ChatKind.PRIVATE else message.chat.title or ""
    chat = await services.subscriptions.chat(message.chat.id, kind, title)
    look = Look(services.texts.of(chat.language), chat.zone, services.clock())
    return Talk(context, update.update_id, message, chat, look, query)
