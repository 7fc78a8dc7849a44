"""``@bot X`` anywhere: articles whose message is the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.ext import InlineQueryHandler

from bot import answers
from bot.answers import Look
from bot.buttons import MAX_OFFSET, number_of, topic_start
from bot.models import Found
from bot.search.analyser import topic_key, topic_title

if TYPE_CHECKING:
    from telegram import Update

    from bot.context import Services, XApplication, XContext

_PER_PAGE = 10
_CACHE_S = 60


def register(application: XApplication) -> None:
    """Answer inline queries."""
    application.add_handler(InlineQueryHandler(on_inline))


async def on_inline(update: Update, context: XContext) -> None:
    """Answer with a page of articles; a button leads to following the topic."""
    asked = update.inline_query
    if asked is None:
        return
    services = context.services
    chat_id = asked.from_user.id
    t = services.texts.of(await services.subscriptions.language(chat_id))
    look = Look(t, services.zone, services.clock())
    query = answers.query_of(asked.query).text
    offset = number_of(asked.offset)
    found = await _find(services, query, offset)
    until = offset + len(found.hits)
    results = [
        answers.inline_result(hit.article, look, services.bot_username) for hit in found.hits
    ]
    title = topic_title(found.suggestion or query)
    start = topic_start(title)
    if start is not None and offset == 0:
        await services.subscriptions.keep_link(start, title)
    await services.replies.answer_inline(
        asked.id,
        results,
        next_offset=str(until) if found.hits and until < min(found.total, MAX_OFFSET) else "",
        cache_s=_CACHE_S,
        button=answers.inline_button(title, t, nothing=not results) if offset == 0 else None,
    )


async def _find(services: Services, query: str, offset: int) -> Found:
    """Search; what has no word to search for gets the newest."""
    if offset > MAX_OFFSET:
        return Found(query)
    if topic_key(query):
        return await services.archive.search(query, _PER_PAGE, offset)
    return await services.archive.newest(_PER_PAGE, offset)
