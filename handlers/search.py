"""Topic queries: text, ``/axtar``, a mention, a reply to an answer -> one message of hits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from telegram.ext import MessageHandler, filters

from bot import answers, buttons, cards
from bot.buttons import Act
from bot.cards import Card
from bot.search.analyser import topic_key, topic_title
from bot.texts import is_greeting
from handlers.commands import argument, is_command, on_command
from handlers.offers import offered_topics
from handlers.talk import hear

if TYPE_CHECKING:
    from telegram import Message, Update

    from bot.buttons import Press
    from bot.context import XApplication, XContext
    from handlers.talk import Talk

# A message with one of these is a question or an answer of the bot, which people may answer
# with a query; alerts and digests have none of them: people talk there among themselves.
_ANSWERS = (f"{Act.LIST}:", f"{Act.OPEN}:", f"{Act.FOLLOW}:")
_ALERTS = (f"{Act.MANAGE}:", f"{Act.ALERT}:")


def register(application: XApplication) -> None:
    """Answer queries by command, in private chats by any text, in groups when spoken to."""
    application.add_handler(on_command("axtar", "search", call=on_search))
    text = filters.UpdateType.MESSAGE & filters.TEXT
    application.add_handler(MessageHandler(text & filters.ChatType.PRIVATE, on_text))
    application.add_handler(MessageHandler(text & filters.ChatType.GROUPS, on_group_text))
    other = filters.UpdateType.MESSAGE & ~filters.TEXT & ~filters.StatusUpdate.ALL
    application.add_handler(MessageHandler(other & filters.ChatType.PRIVATE, on_other))


async def on_search(update: Update, context: XContext) -> None:
    """Answer ``/axtar X``."""
    talk = await hear(update, context)
    if talk is None:
        return
    text = argument(talk)
    await talk.say(
        await answer(talk, text) if text else await _ask(talk, talk.t.html("query-missing"))
    )


async def on_text(update: Update, context: XContext) -> None:
    """Take a text in a private chat as a query; what was sent through the bot is none."""
    talk = await hear(update, context)
    if talk is None or talk.message.via_bot is not None:
        return
    text = talk.message.text or ""
    if is_command(text):
        if _is_ours(talk, text):
            await talk.tell(talk.t.html("unknown-command"))
        return
    await talk.say(await answer(talk, _name(context).sub(" ", text)))


async def on_other(update: Update, context: XContext) -> None:
    """Say that only text is read: stickers, pictures and voices are no query."""
    talk = await hear(update, context)
    if talk is not None and talk.message.via_bot is None:
        await talk.say(await _ask(talk, talk.t.html("query-only-text")))


async def on_group_text(update: Update, context: XContext) -> None:
    """Answer in a group when the bot is mentioned, or when its question or answer is answered."""
    message = update.effective_message
    if message is None or message.text is None or message.via_bot or is_command(message.text):
        return
    name = _name(context)
    mentioned = name.search(message.text) is not None
    if not mentioned and not _answers_us(message, context.services.bot_id):
        return
    talk = await hear(update, context)
    if talk is None:
        return
    text = " ".join(name.sub(" ", message.text).split()).strip(" ,:;-–—")
    if text:
        await talk.say(await answer(talk, text))
    else:
        bot = talk.services.bot_username
        await talk.say(await _ask(talk, talk.t.html("query-missing-mention", bot=bot)))


async def answer(talk: Talk, text: str) -> Card:
    """Give the answer to a query, its first page or its only story."""
    if is_greeting(text):
        return await _ask(talk, talk.t.html("help-greeting"))
    query = answers.query_of(text)
    if not topic_key(query.text):
        return await _ask(talk, talk.t.html("query-without-words"))
    card = await _page(talk, query.text, 0, cut=query.cut)
    return card or await _ask(talk, talk.t.html("query-without-words"))


async def turn(talk: Talk, press: Press) -> str | None:
    """Show a page of a list in place."""
    offset = press.number(1)
    card = await _list(talk, press.text(0), offset) if offset <= buttons.MAX_OFFSET else None
    if card is None:
        return talk.t.plain("press-old")
    await talk.show(card)
    return None


async def open_hit(talk: Talk, press: Press) -> str | None:
    """Show an article in its list's place."""
    stored = await talk.services.archive.article(press.number(2))
    if stored is None:
        return talk.t.plain("press-gone")
    follow = talk.standing_button(f"{Act.FOLLOW}:")
    await talk.show(answers.opened(stored, press.text(0), press.number(1), follow, talk.look))
    return None


async def tell_story(talk: Talk, press: Press) -> str | None:
    """Send an article of a merged message by itself."""
    stored = await talk.services.archive.article(press.number(0))
    if stored is None:
        return talk.t.plain("press-gone")
    await talk.say(cards.article(stored, talk.t))
    return None


async def tell_related(talk: Talk, press: Press) -> str | None:
    """Send the stories related to an article."""
    card = await related(talk, press.number(0))
    if card is None:
        return talk.t.plain("press-gone")
    if not card.keyboard:
        return talk.t.plain("related-nothing")
    await talk.say(card)
    return None


async def related(talk: Talk, article_id: int) -> Card | None:
    """Give an article's related stories; ``None`` where the article is no more."""
    stored = await talk.services.archive.article(article_id)
    if stored is None:
        return None
    stories = await talk.services.archive.related(article_id, buttons.HITS_PER_PAGE)
    if not stories:
        return Card(talk.t.html("related-nothing"))
    return answers.related_page(stored, stories, talk.look)


PRESSES = {
    Act.LIST: turn,
    Act.OPEN: open_hit,
    Act.STORY: tell_story,
    Act.RELATED: tell_related,
}


async def _list(talk: Talk, place: str, offset: int) -> Card | None:
    """Give a page of the list that a button names; ``None`` where it is too old."""
    kind, _, name = place.partition(".")
    if kind == buttons.NEWEST:
        found = await talk.services.archive.newest(buttons.HITS_PER_PAGE, offset)
        return answers.newest_page(found, offset, talk.look) if found.hits else None
    if kind == "r" and name.isdigit():
        return await related(talk, int(name))
    query = await talk.services.subscriptions.recall(name)
    return await _page(talk, query, offset) if query is not None else None


async def _page(talk: Talk, query: str, offset: int, *, cut: bool = False) -> Card | None:
    """Give a page of a query's hits; ``None`` where it has become shorter than that."""
    found = await talk.services.archive.search(query, buttons.HITS_PER_PAGE, offset)
    title = topic_title(found.suggestion or query)
    await talk.services.subscriptions.keep({query, title, *found.spellings})
    if found.hits and found.total == 1:
        return answers.only_hit(found, title, talk.look, cut=cut)
    if found.hits:
        return answers.query_page(found, title, offset, talk.look, cut=cut)
    return answers.nothing(found, title, talk.look, cut=cut) if offset == 0 else None


async def _ask(talk: Talk, question: str) -> Card:
    """Ask what to look for, with topics to choose from."""
    return Card(question, answers.query_rows(await offered_topics(talk)))


def _name(context: XContext) -> re.Pattern[str]:
    """Give what a mention of the bot looks like."""
    username = re.escape(context.services.bot_username)
    return re.compile(rf"(?<!\w)@{username}(?!\w)", re.IGNORECASE)


def _is_ours(talk: Talk, text: str) -> bool:
    """Whether an unknown command was meant for this bot."""
    name = text.split(maxsplit=1)[0]
    return "@" not in name or name.lower().endswith(f"@{talk.services.bot_username}".lower())


def _answers_us(message: Message, bot_id: int) -> bool:
    """Whether a message replies to the bot's question or answer, by its buttons."""
    asked = message.reply_to_message
    if asked is None or asked.from_user is None or asked.from_user.id != bot_id:
        return False
    rows = asked.reply_markup.inline_keyboard if asked.reply_markup else ()
    presses = [str(button.callback_data) for row in rows for button in row if button.callback_data]
    return any(press.startswith(_ANSWERS) for press in presses) and not any(
        press.startswith(_ALERTS) for press in presses
    )
