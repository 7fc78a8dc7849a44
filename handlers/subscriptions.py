"""``/abune``, ``/legv``, ``/abuneliklerim`` and `Abunə ol`: what a chat follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import answers, topics
from bot.buttons import Act, Place, short
from bot.cards import Card
from bot.models import Mode
from bot.search.analyser import topic_key, topic_title
from handlers.commands import argument, on_command
from handlers.offers import offered_topics
from handlers.talk import hear

if TYPE_CHECKING:
    from telegram import Update

    from bot.buttons import Press
    from bot.context import XApplication, XContext
    from handlers.talk import Talk


def register(application: XApplication) -> None:
    """Follow, unfollow and list on command."""
    application.add_handler(on_command("abune", "subscribe", call=on_follow))
    application.add_handler(on_command("legv", "unsubscribe", call=on_unfollow))
    application.add_handler(on_command("abuneliklerim", "list", call=on_list))


async def on_follow(update: Update, context: XContext) -> None:
    """Answer ``/abune X``; without X offer topics."""
    talk = await hear(update, context)
    if talk is None:
        return
    text = argument(talk)
    if text:
        await follow(talk, text)
    elif await talk.may_command():
        offered = topics.offers(await offered_topics(talk))
        await talk.say(Card(talk.t.html("follow-missing"), offered))


async def on_unfollow(update: Update, context: XContext) -> None:
    """Answer ``/legv X``; without X show the list."""
    talk = await hear(update, context)
    if talk is None or not await talk.may_command():
        return
    text = answers.query_of(argument(talk)).text
    if not text:
        await talk.say(await _listing(talk, 0))
        return
    service = talk.services.subscriptions
    gone = await service.unfollow(talk.chat.id, text, talk.update_id)
    if gone is not None:
        await talk.say(topics.unfollowed(gone, talk.look, Place.CONFIRMATION))
        return
    shown = short(topic_title(text), answers.MAX_SHOWN_CHARS)
    card = await _listing(talk, 0)
    unknown = talk.t.html("unfollow-unknown", topic=shown)
    await talk.say(Card(f"{unknown}\n\n{card.html}", card.keyboard))


async def on_list(update: Update, context: XContext) -> None:
    """Answer ``/abuneliklerim``."""
    talk = await hear(update, context)
    if talk is not None:
        await talk.say(await _listing(talk, 0))


async def follow(talk: Talk, text: str) -> None:
    """Follow what a person wrote, at once, and say so."""
    if not await talk.may_command():
        return
    query = answers.query_of(text)
    if not topic_key(query.text):
        offered = topics.offers(await offered_topics(talk))
        await talk.say(Card(talk.t.html("follow-without-words"), offered))
        return
    followed = await talk.services.subscriptions.follow(
        talk.chat, query.text, talk.update_id, mode=Mode.INSTANT, thread_id=talk.thread_id
    )
    subscription, created = followed.subscription, followed.created
    await talk.say(topics.followed(subscription, talk.look, created=created, cut=query.cut))


async def press_follow(talk: Talk, press: Press) -> str | None:
    """Follow the topic that a button names; a second press says that it is so already."""
    service = talk.services.subscriptions
    title = await service.recall(press.text(0))
    if title is None or not topic_key(title):
        return talk.t.plain("press-old")
    followed = await service.follow(talk.chat, title, talk.update_id, thread_id=talk.thread_id)
    if followed.created:
        await talk.say(topics.followed(followed.subscription, talk.look, created=True))
        return None
    topic = short(followed.subscription.title)
    if followed.subscription.mode is Mode.DIGEST:
        return talk.t.plain("followed-in-digest", topic=topic)
    return talk.t.plain("followed-already", topic=topic)


async def press_list(talk: Talk, press: Press) -> str | None:
    """Show the list in place."""
    offset = press.number(0)
    if name := press.text(1):
        offset = topics.page_of(await talk.services.subscriptions.all(talk.chat.id), name)
    await talk.show(await _listing(talk, offset))
    return None


async def press_topic(talk: Talk, press: Press) -> str | None:
    """Show a topic's screen in place."""
    found = await talk.services.subscriptions.by_ref(talk.chat.id, press.text(0))
    if found is None:
        return talk.t.plain("press-unfollowed")
    await talk.show(topics.screen(found, talk.chat, talk.look))
    return None


FOR_ADMINS = {
    Act.FOLLOW: press_follow,
    Act.TOPICS: press_list,
    Act.TOPIC: press_topic,
}


async def _listing(talk: Talk, offset: int) -> Card:
    """Give a page of what the chat follows; a page that is no more is the first one."""
    followed = await talk.services.subscriptions.all(talk.chat.id)
    if not followed:
        return Card(talk.t.html("topics-none"), topics.offers(await offered_topics(talk)))
    offset = offset if offset < len(followed) else 0
    return topics.listing(followed, offset, talk.chat, talk.look)
