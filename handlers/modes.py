"""How a followed topic comes: at once, in the daily digest, after a pause, no more. Presses only.

The same buttons stand under a confirmation and on a topic's screen, where the message changes
in place, and under an alert, which keeps its text and gets its own buttons back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import buttons, topics
from bot.buttons import Act, Place, short
from bot.models import Mode

if TYPE_CHECKING:
    from bot.buttons import Press
    from bot.cards import Card
    from bot.models import Subscription
    from handlers.talk import Talk


async def press_digest(talk: Talk, press: Press) -> str | None:
    """`İcmala keçir`."""
    found = await _pressed(talk, press)
    if found is None:
        return talk.t.plain("press-unfollowed")
    service = talk.services.subscriptions
    result = await service.to_digest(talk.chat, found.topic, talk.update_id)
    if result is None:
        return talk.t.plain("press-unfollowed")
    now, chat = result
    said = topics.changed(now, chat, talk.look)
    note = talk.t.plain("mode-digest-already", topic=short(now.title), hour=chat.digest_at or "")
    again = note if found.mode is Mode.DIGEST else None
    return await _settle(replace(talk, chat=chat), press, now, said, again)


async def press_instant(talk: Talk, press: Press) -> str | None:
    """`Dərhal göndər`."""
    found = await _pressed(talk, press)
    service = talk.services.subscriptions
    now = found and await service.at_once(talk.chat.id, found.topic, talk.update_id)
    if now is None:
        return talk.t.plain("press-unfollowed")
    said = topics.changed(now, talk.chat, talk.look)
    return await _settle(talk, press, now, said, None)


async def press_pause(talk: Talk, press: Press) -> str | None:
    """`1 gün fasilə`; while a topic rests, another press changes nothing."""
    found = await _pressed(talk, press)
    if found is None:
        return talk.t.plain("press-unfollowed")
    service = talk.services.subscriptions
    rests = topics.is_paused(found, talk.look)
    now = found
    if not rests:
        now = await service.pause(talk.chat.id, found.topic, talk.update_id) or found
    said = topics.changed(now, talk.chat, talk.look)
    until = topics.until(now, talk.chat, talk.look)
    note = talk.t.plain("mode-paused", topic=short(now.title), **until)
    return await _settle(talk, press, now, said, note if rests else None)


async def press_resume(talk: Talk, press: Press) -> str | None:
    """`Fasiləni bitir`."""
    found = await _pressed(talk, press)
    service = talk.services.subscriptions
    now = found and await service.resume(talk.chat.id, found.topic, talk.update_id)
    if now is None:
        return talk.t.plain("press-unfollowed")
    return await _settle(talk, press, now, topics.resumed(now, talk.look), None)


async def press_unfollow(talk: Talk, press: Press) -> str | None:
    """`Abunəni ləğv et`, `Sil`."""
    service = talk.services.subscriptions
    gone = await service.unfollow_ref(talk.chat.id, press.text(0), talk.update_id)
    if gone is None:
        return talk.t.plain("press-unfollowed")
    place = Place(press.text(1))
    if place is not Place.ALERT:
        await talk.show(topics.unfollowed(gone, talk.look, place))
        return None
    stored = await talk.services.archive.article(press.number(2))
    if stored is not None:
        related = buttons.related_here(talk.t, stored.id)
        await talk.dress(buttons.article_rows(talk.t, stored.article.url, related))
    await talk.say(topics.unfollowed(gone, talk.look, Place.CONFIRMATION))
    return None


async def press_restore(talk: Talk, press: Press) -> str | None:
    """`Geri qaytar`."""
    service = talk.services.subscriptions
    title = await service.recall(press.text(0))
    if title is None or press.text(1) not in set(Mode):
        return talk.t.plain("press-old")
    back = await service.restore(talk.chat, title, Mode(press.text(1)), talk.update_id)
    if press.text(2) == Place.SCREEN:
        await talk.show(topics.screen(back, talk.chat, talk.look))
    else:
        await talk.show(topics.restored(back, talk.look))
    return None


async def press_manage(talk: Talk, press: Press) -> str | None:
    """`Mövzunu idarə et`: the alert's buttons give way to those of its topic."""
    found = await _pressed(talk, press)
    if found is None:
        return talk.t.plain("press-unfollowed")
    await talk.dress(buttons.manage_rows(talk.t, found.topic, press.number(1)))
    return None


async def press_alert(talk: Talk, press: Press) -> str | None:
    """`‹ Geri` from there: the alert gets its own buttons back."""
    found = await _pressed(talk, press)
    if found is None:
        return talk.t.plain("press-unfollowed")
    return None if await _undress(talk, found, press.number(1)) else talk.t.plain("press-gone")


FOR_ADMINS = {
    Act.DIGEST: press_digest,
    Act.INSTANT: press_instant,
    Act.PAUSE: press_pause,
    Act.RESUME: press_resume,
    Act.UNFOLLOW: press_unfollow,
    Act.RESTORE: press_restore,
    Act.MANAGE: press_manage,
    Act.ALERT: press_alert,
}


async def _pressed(talk: Talk, press: Press) -> Subscription | None:
    return await talk.services.subscriptions.by_ref(talk.chat.id, press.text(0))


async def _settle(
    talk: Talk, press: Press, now: Subscription, said: Card, again: str | None
) -> str | None:
    """Show the outcome where the button stands; ``again``: it was so already, a note will do."""
    if press.text(1) == Place.SCREEN:
        await talk.show(topics.screen(now, talk.chat, talk.look))
        return None
    if press.text(1) != Place.ALERT:
        await talk.show(said)
        return None
    await _undress(talk, now, press.number(2))
    if again is None:
        await talk.say(said)
    return again


async def _undress(talk: Talk, topic: Subscription, article_id: int) -> bool:
    """Give an alert its own buttons back; False where its article is no more."""
    stored = await talk.services.archive.article(article_id)
    if stored is None:
        return False
    rows = buttons.alert_rows(talk.t, stored.article.url, topic.topic, stored.id, to_digest=False)
    await talk.dress(rows)
    return True
