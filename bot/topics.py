"""Followed topics as a person sees them: (subscription, chat, texts) -> card. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.buttons import Act, Keyboard, Place, confirmation_rows, hour_rows, press, ref, short
from bot.cards import Card
from bot.models import Mode
from bot.texts import Html

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answers import Look
    from bot.buttons import Button
    from bot.models import Chat, Subscription
    from bot.texts import Texts

TOPICS_PER_PAGE: Final = 20
_PER_ROW: Final = 2
_MAX_LINE_CHARS: Final = 100  # twenty of them fit a message


def until(subscription: Subscription, chat: Chat, look: Look) -> dict[str, str]:
    """Give the day and the clock time, by the chat's clock, at which a pause ends."""
    local = (subscription.paused_until or look.now).astimezone(ZoneInfo(chat.zone))
    return {"day": f"{local:%d.%m.%Y}", "clock": f"{local:%H:%M}"}


def offers(titles: Iterable[str]) -> Keyboard:
    """Give a button a topic: a press follows it. The store must keep the titles."""
    buttons: list[Button] = [press(short(title), Act.FOLLOW, ref(title)) for title in titles]
    return [buttons[start : start + _PER_ROW] for start in range(0, len(buttons), _PER_ROW)]


def followed(subscription: Subscription, look: Look, *, created: bool, cut: bool = False) -> Card:
    """Confirm a follow, with what can be done about it."""
    t, topic = look.t, subscription.title
    if created:
        text = t.html("followed", topic=topic)
    elif subscription.mode is Mode.DIGEST:
        text = t.html("followed-in-digest", topic=topic)
    else:
        text = t.html("followed-already", topic=topic)
    head = [t.html("follow-cut")] if cut else []
    return Card("\n\n".join([*head, text]), mode_rows(subscription, look, Place.CONFIRMATION))


def mode_rows(subscription: Subscription, look: Look, place: Place) -> Keyboard:
    """Give what can be done with a topic, as it is now."""
    t, name = look.t, ref(subscription.topic)
    paused = is_paused(subscription, look)
    if place is Place.CONFIRMATION and subscription.mode is Mode.INSTANT and not paused:
        return confirmation_rows(t, subscription.topic)
    if subscription.mode is Mode.INSTANT:
        change = press(t.plain("button-to-digest"), Act.DIGEST, name, place)
    else:
        change = press(t.plain("button-instant"), Act.INSTANT, name, place)
    if paused:
        rest = press(t.plain("button-resume"), Act.RESUME, name, place)
    else:
        rest = press(t.plain("button-pause"), Act.PAUSE, name, place)
    if place is Place.SCREEN:
        end = press(t.plain("button-delete"), Act.UNFOLLOW, name, place)
        return [[change, rest], [end], [_back(t, name)]]
    end = press(t.plain("button-unfollow"), Act.UNFOLLOW, name, place)
    return [[rest if paused else change, end]]


def changed(subscription: Subscription, chat: Chat, look: Look) -> Card:
    """Tell how a topic comes from now on; with the digest, offer other hours for it."""
    t, topic = look.t, subscription.title
    rows = mode_rows(subscription, look, Place.CONFIRMATION)
    if is_paused(subscription, look):
        return Card(t.html("mode-paused", topic=topic, **until(subscription, chat, look)), rows)
    if subscription.mode is Mode.INSTANT:
        return Card(t.html("mode-instant", topic=topic), rows)
    hour = chat.digest_at or ""
    text = t.html("mode-digest", topic=topic, hour=hour)
    return Card(text, [*other_hours(t, hour), *rows])


def resumed(subscription: Subscription, look: Look) -> Card:
    """Tell that a pause is over."""
    text = look.t.html("mode-resumed", topic=subscription.title)
    return Card(text, mode_rows(subscription, look, Place.CONFIRMATION))


def restored(subscription: Subscription, look: Look) -> Card:
    """Tell that a removed topic is followed again."""
    text = look.t.html("followed-again", topic=subscription.title)
    return Card(text, mode_rows(subscription, look, Place.CONFIRMATION))


def unfollowed(gone: Subscription, look: Look, place: Place) -> Card:
    """Tell that a topic is no longer followed, and offer it back."""
    t = look.t
    back = press(t.plain("button-restore"), Act.RESTORE, ref(gone.topic), gone.mode, place)
    if place is Place.SCREEN:
        return Card(
            t.html("topic-deleted", topic=gone.title), [[back], [_back(t, ref(gone.topic))]]
        )
    return Card(t.html("unfollowed", topic=gone.title), [[back]])


def screen(subscription: Subscription, chat: Chat, look: Look) -> Card:
    """Show a topic's own screen; with the digest, offer other hours for it."""
    t = look.t
    text = t.html("topic-screen", topic=subscription.title, mode=_mode(subscription, chat, look))
    rows = mode_rows(subscription, look, Place.SCREEN)
    if subscription.mode is Mode.INSTANT or is_paused(subscription, look):
        return Card(text, rows)
    return Card(text, [*other_hours(t, chat.digest_at or ""), *rows])


def listing(followed_topics: Sequence[Subscription], offset: int, chat: Chat, look: Look) -> Card:
    """Show what a chat follows: a line and a button a topic."""
    t = look.t
    page = followed_topics[offset : offset + TOPICS_PER_PAGE]
    lines = Html("\n".join(_line(one, chat, look) for one in page))
    buttons: list[Button] = [press(short(one.title), Act.TOPIC, ref(one.topic)) for one in page]
    rows: Keyboard = [buttons[at : at + _PER_ROW] for at in range(0, len(buttons), _PER_ROW)]
    ways: list[Button] = []
    if offset > 0:
        earlier = max(0, offset - TOPICS_PER_PAGE)
        ways.append(press(t.plain("button-previous"), Act.TOPICS, earlier))
    if offset + TOPICS_PER_PAGE < len(followed_topics):
        ways.append(press(t.plain("button-next"), Act.TOPICS, offset + TOPICS_PER_PAGE))
    return Card(t.html("topics-list", lines=lines), [*rows, ways] if ways else rows)


def is_paused(subscription: Subscription, look: Look) -> bool:
    """Whether a topic rests now."""
    return subscription.paused_until is not None and subscription.paused_until > look.now


def other_hours(t: Texts, hour: str) -> Keyboard:
    """Give hours for the daily digest, the present one left out."""
    return hour_rows([other for other in t.names("digest-hours") if other != hour])


def page_of(followed_topics: Sequence[Subscription], name: str) -> int:
    """Give where the page of the list begins that has the topic of that ``ref``; else 0."""
    refs = [ref(one.topic) for one in followed_topics]
    return refs.index(name) // TOPICS_PER_PAGE * TOPICS_PER_PAGE if name in refs else 0


def _back(t: Texts, name: str) -> Button:
    return press(t.plain("button-back"), Act.TOPICS, 0, name)


def _mode(subscription: Subscription, chat: Chat, look: Look) -> Html:
    t = look.t
    if is_paused(subscription, look):
        return t.html("topic-mode-paused", **until(subscription, chat, look))
    if subscription.mode is Mode.INSTANT:
        return t.html("topic-mode-instant")
    if chat.digest_at is None:
        return t.html("topic-mode-digest-no-hour")
    return t.html("topic-mode-digest", hour=chat.digest_at)


def _line(subscription: Subscription, chat: Chat, look: Look) -> Html:
    t, topic = look.t, short(subscription.title, _MAX_LINE_CHARS)
    if is_paused(subscription, look):
        return t.html("topics-line-paused", topic=topic, **until(subscription, chat, look))
    if subscription.mode is Mode.DIGEST:
        return t.html("topics-line-digest", topic=topic)
    return t.html("topics-line-instant", topic=topic)
