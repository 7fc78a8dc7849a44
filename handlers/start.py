"""``/start``: a greeting with topics to follow; deep links to a topic or an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import cards, topics
from bot.buttons import topic_start
from bot.cards import Card
from bot.search.analyser import topic_key
from handlers.commands import argument, on_command
from handlers.offers import offered_topics
from handlers.search import related
from handlers.subscriptions import follow
from handlers.talk import hear

if TYPE_CHECKING:
    from telegram import Update

    from bot.context import XApplication, XContext
    from handlers.talk import Talk


def register(application: XApplication) -> None:
    """Greet on ``/start``."""
    application.add_handler(on_command("start", call=on_start))


async def on_start(update: Update, context: XContext) -> None:
    """Answer ``/start`` and its deep links; what no link says is a plain start."""
    talk = await hear(update, context)
    if talk is None:
        return
    chat = talk.chat
    await talk.services.subscriptions.meet(chat.id, chat.kind, chat.title)
    kind, _, value = argument(talk).partition("-")
    text = value.replace("-", " ").replace("_", " ").strip()
    if kind == "t" and topic_key(text):
        await follow(talk, await _as_written(talk, text))
    elif kind in {"a", "r"} and value.isascii() and value.isdigit():
        await talk.say(await _linked(talk, kind, int(value)))
    elif talk.in_group:
        await talk.tell(talk.t.html("group-welcome", bot=talk.services.bot_username))
    else:
        offered = await offered_topics(talk)
        text = f"{talk.t.html('start')}\n\n{talk.t.html('start-topics')}"
        await talk.say(Card(text, topics.offers(offered)))


async def _as_written(talk: Talk, text: str) -> str:
    """Give a linked topic as a person wrote it, where the bot made the link itself."""
    written = await talk.services.subscriptions.recall(topic_start(text) or "")
    return written if written is not None and topic_key(written) == topic_key(text) else text


async def _linked(talk: Talk, kind: str, article_id: int) -> Card:
    """Give the article that a link names, or its related stories."""
    if kind == "r":
        card = await related(talk, article_id)
    else:
        stored = await talk.services.archive.article(article_id)
        card = cards.article(stored, talk.t) if stored is not None else None
    if card is not None:
        return card
    offered = await offered_topics(talk)
    return Card(talk.t.html("article-gone"), topics.offers(offered))
