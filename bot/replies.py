"""What handlers answer people with: past the gate before bulk, and never lost.

Each method is safe to repeat: an update that comes again is answered again. A send or an edit
that Telegram or the network holds up for more than a few seconds becomes a REPLY
delivery in the outbox, so that its update can be confirmed.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import StoreError
from bot.models import DeliveryKind, Draft, Message
from bot.outage import REVOKED_PAUSE_S
from bot.refusals import Kind, Outcome
from bot.telegram import CallError, Telegram, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.gate import RateGate
    from bot.store.protocol import Store

Json = dict[str, object]
Keyboard = list[list[Json]]

PATIENCE_S = 4.0
_TRIES_S = (0.3, 0.7, 1.5)
_UNCERTAIN_S = 5
_DOCUMENT_PATIENCE_S = 20.0


class Replies:
    """Answers people. ``wake`` tells the sender that an answer was queued after all."""

    def __init__(
        self,
        store: Store,
        telegram: Telegram,
        gate: RateGate,
        *,
        clock: Callable[[], datetime],
        log: Any,  # noqa: ANN401 - structlog's loggers are duck-typed
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._telegram = telegram
        self._gate = gate
        self._clock = clock
        self._log = log
        self._wake = wake

    async def send(
        self,
        chat_id: int,
        html: str,
        *,
        keyboard: Keyboard | None = None,
        reply_to: int | None = None,
        thread_id: int | None = None,
        preview: Json | None = None,
        silent: bool = False,
    ) -> int | None:
        """Send a message; give its id, or None where it was queued or the chat is gone."""
        params: Json = {
            "chat_id": chat_id,
            "text": html,
            "parse_mode": "HTML",
            "message_thread_id": thread_id,
            "link_preview_options": preview,
            "disable_notification": silent or None,
            "reply_parameters": _reply_to(reply_to),
            "reply_markup": _markup(keyboard),
        }
        sent = await self._deliver(chat_id, "sendMessage", params)
        return sent.get("message_id") if isinstance(sent, dict) else None

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        html: str | None,
        *,
        keyboard: Keyboard | None = None,
        preview: Json | None = None,
    ) -> bool:
        """Change a message's text and keyboard (no keyboard takes it away; no text: it stays).

        True also where it is so already, or will be as soon as Telegram lets us; False where
        the message is no more.
        """
        place: Json = {"chat_id": chat_id, "message_id": message_id}
        if html is None:
            dressed = place | {"reply_markup": _markup(keyboard)}
            return await self._deliver(chat_id, "editMessageReplyMarkup", dressed) is not None
        params = place | {
            "text": html,
            "parse_mode": "HTML",
            "link_preview_options": preview,
            "reply_markup": _markup(keyboard),
        }
        return await self._deliver(chat_id, "editMessageText", params) is not None

    async def answer(
        self,
        callback_id: str,
        text: str | None = None,
        *,
        alert: bool = False,
        url: str | None = None,
    ) -> None:
        """Answer a press; one that is too old is let be."""
        params: Json = {
            "callback_query_id": callback_id,
            "text": text,
            "show_alert": alert or None,
            "url": url,
        }
        await self._say("answerCallbackQuery", params)

    async def answer_inline(
        self,
        inline_id: str,
        results: Sequence[Json],
        *,
        next_offset: str = "",
        cache_s: int = 60,
        personal: bool = False,
        button: Json | None = None,
    ) -> None:
        """Answer an inline query; one that is too old is let be."""
        params: Json = {
            "inline_query_id": inline_id,
            "results": list(results),
            "next_offset": next_offset,
            "cache_time": cache_s,
            "is_personal": personal or None,
            "button": button,
        }
        await self._say("answerInlineQuery", params)

    async def document(
        self, chat_id: int, filename: str, data: bytes, *, caption: str | None = None
    ) -> None:
        """Send a file. Files are not queued: after some seconds of failures ``CallError``."""
        params: Json = {"chat_id": chat_id, "caption": caption}
        until = self._gate.now() + _DOCUMENT_PATIENCE_S
        tries = 0
        while True:
            place = await self._gate.wait(urgent=True)
            try:
                await self._telegram.upload(
                    "sendDocument", params, field="document", filename=filename, data=data
                )
            except CallError as error:
                outcome = error.outcome
                if outcome.kind is Kind.MIGRATED and outcome.new_chat_id is not None:
                    chat_id = await self._moved(chat_id, outcome.new_chat_id)
                    params["chat_id"] = chat_id
                    continue
                wait_s = await self._wait_s(chat_id, outcome, tries)
                if wait_s is None or self._gate.now() + wait_s > until:
                    raise
                await asyncio.sleep(wait_s)
                tries += 1
            else:
                return
            finally:
                self._gate.answered(place)

    async def typing(self, chat_id: int, thread_id: int | None = None) -> None:
        """Show that an answer is being written; of no matter if it fails."""
        params: Json = {"chat_id": chat_id, "action": "typing", "message_thread_id": thread_id}
        try:
            await self._telegram.call("sendChatAction", params, timeout_s=2.0)
        except CallError as error:
            self._log.debug("no typing shown", reason=error.outcome.reason)

    # -- sends and edits ----------------------------------------------------------------

    async def _deliver(self, chat_id: int, method: str, params: Json) -> object | None:
        """Make a call that must not be lost. Gives its result, True where it is queued or
        there already, None where it can never be made."""
        held_s, behind = await self._standing(chat_id)
        if behind:
            return await self._queue(chat_id, method, params)
        until = self._gate.now() + PATIENCE_S
        tries = 0
        while True:
            if held_s:
                if tries > len(_TRIES_S) or self._gate.now() + held_s > until:
                    return await self._queue(chat_id, method, params, held_s)
                await asyncio.sleep(held_s)
            place = await self._gate.wait(urgent=True)
            try:
                result: object = await self._telegram.call(method, params)
            except CallError as error:
                outcome = error.outcome
            else:
                return result
            finally:
                self._gate.answered(place)
            if outcome.kind is Kind.MIGRATED and outcome.new_chat_id is not None:
                chat_id = await self._moved(chat_id, outcome.new_chat_id)
                params = {**params, "chat_id": chat_id}
                continue
            if outcome.without and params.get(outcome.without) is not None:
                params = {**params, outcome.without: None}
                continue
            wait_s = await self._wait_s(chat_id, outcome, tries)
            if wait_s is None:
                return await self._refused(chat_id, method, outcome)
            held_s = wait_s
            tries += 1

    async def _wait_s(self, chat_id: int, outcome: Outcome, tries: int) -> float | None:
        """Give how long to wait before the same call again; None: it will never go."""
        match outcome.kind:
            case Kind.FLOOD:
                wait_s = float(outcome.retry_after_s)
                # Of a chat with a negative id we do not know here whether it is a group.
                await self._gate.flood(chat_id, wait_s, group=chat_id < 0)
                with contextlib.suppress(StoreError):  # then this worker alone knows
                    await self._hold(chat_id, wait_s)
                return wait_s
            case Kind.UNCERTAIN:
                return _UNCERTAIN_S
            case Kind.REVOKED:
                return REVOKED_PAUSE_S
            case Kind.TRANSIENT | Kind.CONFLICT | Kind.UNKNOWN:
                return _TRIES_S[min(tries, len(_TRIES_S) - 1)]
        return None

    async def _standing(self, chat_id: int) -> tuple[float, bool]:
        """Give how long the chat is to be left alone, and whether an earlier answer still waits in
        the outbox, which must not be overtaken: another worker may have met the one, queued
        the other."""
        held_s = self._gate.floods.chat_wait_s(chat_id, self._gate.now())
        try:
            standing = await self._store.standing(chat_id)
        except StoreError:  # people are answered all the same
            return held_s, False
        if standing.held_until is not None:
            held_s = max(held_s, (standing.held_until - self._clock()).total_seconds())
        return held_s, standing.behind

    async def _hold(self, chat_id: int, wait_s: float) -> None:
        await self._store.hold(chat_id, self._clock() + timedelta(seconds=wait_s))

    async def _queue(self, chat_id: int, method: str, params: Json, wait_s: float = 0.0) -> bool:
        """Leave it to the sender, which tries until it goes."""
        if wait_s:  # the chat waits, not the answer: those that follow stay behind it
            await self._hold(chat_id, wait_s)
        draft = Draft(chat_id, DeliveryKind.REPLY, Message(method, encode(params)))
        await self._store.enqueue([draft], self._clock())
        self._log.info("an answer waits in the outbox", chat=chat_id, wait_s=wait_s)
        self._wake()
        return True

    async def _refused(self, chat_id: int, method: str, outcome: Outcome) -> bool | None:
        about = {"chat": chat_id, "method": method, "reason": outcome.reason}
        match outcome.kind:
            case Kind.UNCHANGED:
                return True
            case Kind.STALE:
                self._log.debug("what should be answered or edited is no more", **about)
            case Kind.GONE:
                self._log.info("a chat takes no messages and is left alone", **about)
                await self._store.disable_chat(chat_id, outcome.reason, self._clock())
            case _:
                self._log.error("Telegram refuses an answer", **about)
        return None

    async def _moved(self, old: int, new: int) -> int:
        self._log.info("a group became a supergroup", chat=old, new=new)
        await self._store.migrate_chat(old, new)
        return new

    # -- answers to presses and inline queries -------------------------------------------

    async def _say(self, method: str, params: Json) -> None:
        """Make a call that is worth nothing later: a few tries, then let it be."""
        for wait_s in (*_TRIES_S, None):
            try:
                await self._telegram.call(method, params, timeout_s=PATIENCE_S)
            except CallError as error:
                outcome = error.outcome
            else:
                return
            if outcome.kind in (Kind.PERMANENT, Kind.GONE, Kind.MALFORMED):
                self._log.error("Telegram refuses an answer", method=method, reason=outcome.reason)
                return
            if wait_s is None or outcome.kind not in (Kind.TRANSIENT, Kind.UNCERTAIN):
                self._log.debug("an answer is dropped", method=method, reason=outcome.reason)
                return
            await asyncio.sleep(wait_s)


def _markup(keyboard: Keyboard | None) -> Json | None:
    return {"inline_keyboard": keyboard} if keyboard is not None else None


def _reply_to(message_id: int | None) -> Json | None:
    """Give what makes a message a reply, and lets it go out where the question is deleted."""
    if message_id is None:
        return None
    return {"message_id": message_id, "allow_sending_without_reply": True}
