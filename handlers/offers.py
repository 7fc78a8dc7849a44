"""Topics to offer: from the lexicon, those with news first, those already followed not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.search.analyser import suggest_topics, topic_key

if TYPE_CHECKING:
    from handlers.talk import Talk

_CANDIDATES = 16
_OFFERED = 8


async def offered_topics(talk: Talk) -> list[str]:
    """Give titles to offer in this chat; buttons may name them, for they are kept."""
    subscriptions, archive = talk.services.subscriptions, talk.services.archive
    followed = {one.topic for one in await subscriptions.all(talk.chat.id)}
    titles = [title for title in suggest_topics(_CANDIDATES) if topic_key(title) not in followed]
    in_news = {title for title in titles if (await archive.search(title, limit=1)).hits}
    chosen = sorted(titles, key=lambda title: title not in in_news)[:_OFFERED]
    await subscriptions.keep(chosen)
    return chosen
