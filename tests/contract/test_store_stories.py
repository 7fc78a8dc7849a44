"""Stories, what was told of them, and edits of that: the same on every store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.models import ChatKind, DeliveryKind, Doubt, FanOutKind
from bot.store.protocol import AGAIN_S, REVISIONS
from tests.contract.stage import (
    NOW,
    alert,
    archive,
    at,
    claimed,
    deliver_all,
    new,
    reader,
    reply,
    sent,
    texts,
)

if TYPE_CHECKING:
    from bot.models import Draft, FanOut, StoredArticle, Told
    from bot.store.protocol import Store

POST, EDIT, ALERT = DeliveryKind.POST, DeliveryKind.EDIT, DeliveryKind.ALERT
CHANNEL = -1001
DAY_S = 86_400


async def stored(store: Store, *names: str) -> list[StoredArticle]:
    return await archive(store, *(new(name, deliver=False) for name in names))


async def told(store: Store, story: int) -> list[Told]:
    found, cursor = await store.sent_to(story, None, 100)
    assert cursor is None
    return found


async def job(store: Store, now_s: float = 0) -> FanOut | None:
    return await store.next_fan_out(at(now_s), "publisher", 5)


async def begun(store: Store, story: int, now_s: float = 0) -> FanOut:
    await store.queue_edit(story, None, at(now_s))
    found = await job(store, now_s)
    assert found is not None
    return found


def edit(chat_id: int, story: int, text: str = "edited", expires_s: float | None = None) -> Draft:
    expires_at = None if expires_s is None else at(expires_s)
    return alert(chat_id, text, kind=EDIT, article=story, expires_at=expires_at)


async def deliver(store: Store, *drafts: Draft, now_s: float = 0) -> None:
    await store.enqueue(drafts, at(now_s))
    await deliver_all(store, at(now_s))


# -- what tells a story -------------------------------------------------------------------


async def test_an_article_tells_its_own_story_until_it_is_placed(store: Store) -> None:
    [first, second] = await stored(store, "a", "b")
    assert (second.story, second.placed) == (second.id, None)

    placed = await store.place(second.id, first.id, NOW)

    assert placed is not None
    assert placed.story == first.id
    assert await store.articles([second.id]) == [placed]
    assert await store.members(first.id) == [first, placed]
    assert await store.members(second.id) == []


async def test_an_article_that_joins_a_story_is_logged_again_and_one_of_its_own_is_not(
    store: Store,
) -> None:
    [first, second] = await stored(store, "a", "b")
    last = await store.last_seq()

    await store.place(first.id, first.id, NOW)
    assert await store.last_seq() == last
    [kept] = await store.articles([first.id])
    assert kept.placed == first.id

    for _ in range(2):
        await store.place(second.id, first.id, NOW)
    assert [item.id for item in await store.log_after(last, 10)] == [second.id]
    assert await store.last_seq() == last + 1


async def test_an_unknown_article_has_no_place(store: Store) -> None:
    assert await store.place(7, 7, NOW) is None


# -- what a chat is told once -------------------------------------------------------------


async def test_a_chat_is_told_a_story_once_whichever_article_tells_it(store: Store) -> None:
    [first, second] = await stored(store, "a", "b")
    await store.place(second.id, first.id, NOW)

    drafts = [alert(1, "one", article=first.id), alert(2, "two", article=second.id, story=first.id)]
    assert await store.enqueue(drafts, NOW) == 2
    others = [alert(1, article=second.id, story=first.id), alert(2, article=first.id)]
    assert await store.enqueue(others, NOW) == 0

    assert sorted(await deliver_all(store)) == ["one", "two"]
    assert await store.told(1, [first.id, second.id]) == {first.id, second.id}
    assert await store.told(3, [first.id, second.id]) == set()


async def test_what_chats_were_told_is_known_with_its_message_channels_first(
    store: Store,
) -> None:
    await reader(store, 5)
    chat = await store.chat(5)
    drafts = [
        alert(5, article=2, story=1, topic="ai"),
        alert(-7, article=1),
        alert(CHANNEL, kind=POST, article=1),
    ]
    await store.enqueue(drafts, NOW)
    assert [item.message_id for item in await told(store, 1)] == [None] * 3

    for number, claim in enumerate(await claimed(store), 40):
        await store.acknowledge([replace(sent(claim, NOW), message_id=number)])

    channel, group, private = await told(store, 1)
    assert (channel.chat_id, channel.kind, channel.article_id) == (CHANNEL, POST, 1)
    assert (group.chat_id, group.kind, group.chat) == (-7, ALERT, None)
    assert (private.chat_id, private.article_id, private.topic) == (5, 2, "ai")
    assert private.chat == chat
    assert private.at == NOW
    assert [private.message_id, group.message_id, channel.message_id] == [40, 41, 42]
    assert (await store.sent_to(1, None, 9, [5]))[0] == [private]
    assert await told(store, 2) == []


async def test_what_was_told_comes_page_by_page(store: Store) -> None:
    chats = [*range(1, 8), CHANNEL, CHANNEL - 1]
    drafts = [alert(chat, kind=POST if chat < 0 else ALERT, article=1) for chat in chats]
    await store.enqueue(drafts, NOW)

    found: list[int] = []
    cursor = None
    for _ in range(20):
        page, cursor = await store.sent_to(1, cursor, 2)
        found += [item.chat_id for item in page]
        if cursor is None:
            break

    assert cursor is None
    assert found[:2] == [CHANNEL - 1, CHANNEL]
    assert sorted(found) == sorted(chats)


async def test_a_list_has_no_message_for_what_it_holds(store: Store) -> None:
    await store.enqueue([alert(1, article=1), alert(1, article=2)], NOW)
    ids = [item.id for item in await store.waiting(1, 9)]
    assert await store.merge(1, ids, alert(1, "list"), NOW)

    assert await deliver_all(store) == ["list"]

    assert [item.message_id for item in await told(store, 1)] == [None]


async def test_a_letter_that_is_sent_after_all_is_known_by_its_message(store: Store) -> None:
    await store.enqueue([alert(1, article=4, story=3)], NOW)
    [claim] = await claimed(store)
    await store.set_aside(claim, "refused", NOW)
    await store.retry_dead([claim.delivery.id], NOW)

    await deliver_all(store)

    assert [(item.article_id, item.message_id) for item in await told(store, 3)] == [(4, 1)]


async def test_posts_in_channels_are_known_for_good(store: Store) -> None:
    [article] = await stored(store, "a")
    await deliver(store, alert(CHANNEL, kind=POST, article=article.id))

    await store.housekeeping(at(70 * DAY_S))

    assert [item.message_id for item in await told(store, article.id)] == [1]


async def test_messages_of_a_group_are_not_those_of_its_supergroup(store: Store) -> None:
    await stored(store, "a")
    await store.meet(replace(await reader(store, -5), kind=ChatKind.GROUP))
    await deliver(store, alert(-5, article=1))
    found = await begun(store, 1)
    await store.expand(found.id, [edit(-5, 1)], None, NOW)

    await store.migrate_chat(-5, -1005)

    [item] = await told(store, 1)
    assert (item.chat_id, item.message_id) == (-1005, None)
    assert await deliver_all(store) == []
    assert await store.outbox() == (0, None)


# -- what documents say -------------------------------------------------------------------


async def test_marks_are_kept_and_learnt_silently(store: Store) -> None:
    article = replace(new("a"), mark="m1")
    [first, second] = await archive(store, article, new("b"))
    assert await store.marks([first.id, second.id, 99]) == {first.id: "m1"}
    last = await store.last_seq()

    await store.keep_marks({second.id: "m2", first.id: "ə"})

    assert await store.marks([first.id, second.id]) == {first.id: "ə", second.id: "m2"}
    assert await store.last_seq() == last


async def test_a_revised_article_is_replaced_logged_and_edited(store: Store) -> None:
    [first, second] = await stored(store, "a", "b")
    await store.place(second.id, first.id, NOW)
    article = replace(second.article, title="New title")

    revised = await store.revise(second.id, article, "m2", NOW)

    assert revised is not None
    assert revised.article == article
    assert revised.story == first.id
    assert await store.last_seq() == revised.seq
    assert await store.marks([second.id]) == {second.id: "m2"}
    found = await job(store)
    assert found is not None
    assert found.article == revised
    assert (found.kind, found.revised, found.only) == (FanOutKind.EDIT, True, ())


async def test_the_same_article_is_no_revision(store: Store) -> None:
    [article] = await stored(store, "a")
    assert await store.revise(article.id, article.article, "m2", NOW) is None
    assert await store.revise(99, article.article, "m2", NOW) is None
    assert await store.marks([article.id]) == {article.id: "m2"}
    assert await job(store) is None


async def test_a_new_picture_edits_nothing(store: Store) -> None:
    [article] = await stored(store, "a")
    pictured = replace(article.article, image="https://technote.az/a.jpg")
    assert await store.revise(article.id, pictured, "m2", NOW) is not None
    assert await job(store) is None


async def test_a_document_that_changes_for_ever_is_believed_five_times(store: Store) -> None:
    [article] = await stored(store, "a")
    titles = [f"title {number % 2}" for number in range(REVISIONS + 3)]
    revised = [
        await store.revise(article.id, replace(article.article, title=title), title, NOW)
        for title in titles
    ]
    assert [item is not None for item in revised] == [True] * REVISIONS + [False] * 3
    assert await store.marks([article.id]) == {article.id: titles[-1]}


async def test_a_revision_whose_page_is_wanted_is_one_when_the_page_came(store: Store) -> None:
    [article] = await stored(store, "a")
    await store.improve(article.id, None, deliver=False, now=NOW)
    assert await store.revise(article.id, None, "m2", NOW, at(60)) == article
    assert [item for item, _ in await store.pages_wanted(5)] == [article]
    assert await job(store) is None

    whole = replace(article.article, text="The whole of it.")
    await store.improve(article.id, whole, deliver=False, now=NOW)

    assert await store.pages_wanted(5) == []
    found = await job(store)
    assert found is not None
    assert found.article.article == whole


async def test_a_page_that_nobody_revised_edits_nothing(store: Store) -> None:
    [article] = await stored(store, "a")
    await store.improve(article.id, replace(article.article, text="T."), deliver=False, now=NOW)
    assert await job(store) is None


# -- edits on their way -------------------------------------------------------------------


async def test_an_edit_comes_after_all_articles_and_once(store: Store) -> None:
    await archive(store, new("a", age_s=None))
    await store.queue_edit(1, None, NOW)
    await store.queue_edit(1, None, NOW)
    await store.queue_edit(1, 1, NOW)

    first, second = await job(store), await job(store)

    assert first is not None
    assert second is not None
    assert (first.kind, second.kind) == (FanOutKind.ARTICLE, FanOutKind.EDIT)
    assert (second.article.id, second.revised) == (1, False)
    assert await job(store) is None  # both are leased
    await store.queue_edit(1, None, NOW)  # what is under way may have passed what changed now
    third = await job(store)
    assert third is not None
    assert third.id not in {first.id, second.id}


async def test_an_edit_that_was_left_goes_on_where_it_was(store: Store) -> None:
    await stored(store, "a")
    found = await begun(store, 1)
    await store.expand(found.id, [], 17, NOW)
    assert await job(store, 4) is None

    again = await job(store, 6)

    assert again == replace(found, cursor=17)
    await store.expand(found.id, [], None, at(6))
    assert await job(store, 60) is None
    assert await store.expand(found.id, [edit(1, 1)], None, at(60)) == 0


async def test_what_was_sent_is_edited_behind_all_that_is_fresh(store: Store) -> None:
    await stored(store, "a")
    await deliver(store, alert(1, "old", article=1), alert(2, "old", article=1))
    found = await begun(store, 1)
    assert await store.expand(found.id, [edit(1, 1), edit(2, 1)], None, NOW) == 2
    await store.enqueue([alert(2, "fresh"), alert(3, "fresh"), reply(4, "reply")], NOW)

    assert await texts(store, limit=3) == ["reply", "fresh", "fresh"]
    assert await texts(store) == ["edited"]  # the other chat has something fresh on its way


async def test_edits_wait_for_chats_and_hold_none(store: Store) -> None:
    await stored(store, "a")
    await store.enqueue([alert(1, "old", article=1)], NOW)
    [claim] = await claimed(store)
    await store.acknowledge([sent(claim, NOW, gap_s=1)])
    found = await begun(store, 1)
    await store.expand(found.id, [edit(1, 1)], None, NOW)

    assert await claimed(store) == []
    assert await store.next_due(NOW) == at(1)
    [claim] = await claimed(store, at(1))
    assert await store.next_due(at(1)) == at(16)
    await store.acknowledge([sent(claim, at(1), gap_s=30)])

    assert await store.next_due(at(1)) is None
    await store.enqueue([alert(1, "fresh")], at(1))
    assert await texts(store, at(1)) == ["fresh"]


async def test_a_flood_wait_holds_edits_too(store: Store) -> None:
    await stored(store, "a")
    await deliver(store, alert(1, article=1))
    found = await begun(store, 1)
    await store.expand(found.id, [edit(1, 1)], None, NOW)
    [claim] = await claimed(store)
    await store.put_back(claim, at(9), failed=False, flood=True)

    assert await store.next_due(NOW) == at(9)
    assert await claimed(store, at(8)) == []
    assert await texts(store, at(9)) == ["edited"]


async def test_a_newer_edit_takes_the_place_of_one_that_waits(store: Store) -> None:
    await stored(store, "a", "b")
    await deliver(store, alert(1, article=1), alert(1, article=2))
    for text in ("once", "twice"):
        found = await begun(store, 1)
        assert await store.expand(found.id, [edit(1, 1, text)], None, NOW) == 1
    found = await begun(store, 2)
    await store.expand(found.id, [edit(1, 2, "other")], None, NOW)

    assert (await store.outbox())[0] == 2
    assert await deliver_all(store) == ["twice", "other"]
    assert [item.message_id for item in await told(store, 1)] == [1]


async def test_a_message_still_queued_is_changed_where_it_stands(store: Store) -> None:
    await stored(store, "a")
    held = alert(2, "held", article=1, held=True)
    later = alert(3, "later", article=2, story=1, not_before=at(5), topic='a "],"b"')
    await store.enqueue([alert(1, "queued", article=1), held, later], NOW)
    found = await begun(store, 1)
    drafts = [alert(chat, "changed", article=1) for chat in (1, 2, 3, 4)]

    assert await store.expand(found.id, drafts, None, NOW) == 3

    assert [item.message.payload for item in await store.waiting(2, 9)] == [
        drafts[1].message.payload
    ]
    assert [(item.article_id, item.topic) for item in await store.waiting(3, 9)] == [
        (2, 'a "],"b"')
    ]
    assert await deliver_all(store) == ["changed"]
    assert await deliver_all(store, at(5)) == ["changed"]
    assert await job(store, 60) is None


async def test_what_is_just_being_sent_is_looked_at_once_more(store: Store) -> None:
    await stored(store, "a")
    await store.enqueue([alert(1, "one", article=1), alert(2, "two", article=1)], NOW)
    [claim] = await claimed(store, limit=1)
    found = await begun(store, 1)
    drafts = [alert(chat, "changed", article=1) for chat in (1, 2)]

    assert await store.expand(found.id, drafts, None, NOW) == 1

    await store.acknowledge([sent(claim)])
    assert await job(store, AGAIN_S - 0.1) is None
    again = await job(store, AGAIN_S)
    assert again == replace(found, only=(1,))
    [item] = (await store.sent_to(1, None, 9, again.only))[0]
    assert item.message_id == 1
    await store.expand(found.id, [edit(1, 1)], None, at(AGAIN_S))
    assert await deliver_all(store, at(AGAIN_S)) == ["changed", "edited"]
    assert await job(store, 60) is None


async def test_what_was_sent_while_its_change_was_made_is_looked_at_once_more(
    store: Store,
) -> None:
    await stored(store, "a")
    await deliver(store, alert(1, article=1))
    found = await begun(store, 1)

    assert await store.expand(found.id, [alert(1, "changed", article=1)], None, NOW) == 0

    again = await job(store, AGAIN_S)
    assert again is not None
    assert again.only == (1,)


async def test_an_edit_that_is_just_being_made_is_followed_by_the_newer(store: Store) -> None:
    await stored(store, "a")
    await deliver(store, alert(1, article=1))
    found = await begun(store, 1)
    await store.expand(found.id, [edit(1, 1, "old")], None, NOW)
    [claim] = await claimed(store)
    newer = await begun(store, 1)
    assert await store.expand(newer.id, [edit(1, 1, "new")], None, NOW) == 0
    await store.acknowledge([sent(claim)])

    again = await job(store, AGAIN_S)
    assert again is not None
    await store.expand(again.id, [edit(1, 1, "new")], None, at(AGAIN_S))

    assert await deliver_all(store, at(AGAIN_S)) == ["new"]


async def test_nobody_who_was_not_told_or_is_gone_gets_an_edit(store: Store) -> None:
    await stored(store, "a")
    await reader(store, 1)
    await deliver(store, alert(1, article=1))
    await store.disable_chat(1, "blocked", NOW)
    found = await begun(store, 1)

    assert await store.expand(found.id, [edit(1, 1), edit(2, 1)], None, NOW) == 0
    assert (await store.outbox())[0] == 0


async def test_a_chat_that_goes_takes_its_edits_with_it(store: Store) -> None:
    await stored(store, "a")
    await reader(store, 1)
    await deliver(store, alert(1, article=1))
    found = await begun(store, 1)
    await store.expand(found.id, [edit(1, 1, expires_s=9)], None, NOW)

    await store.disable_chat(1, "blocked", NOW)

    assert await store.next_due(NOW) is None
    assert await store.outbox() == (0, None)
    await store.housekeeping(at(10))


async def test_an_edit_that_has_expired_is_dropped(store: Store) -> None:
    await stored(store, "a")
    await deliver(store, alert(1, article=1), alert(2, article=1), alert(3, article=1))
    found = await begun(store, 1)
    drafts = [edit(1, 1, "one", 5), edit(2, 1, "two"), edit(3, 1, "three", 6)]
    await store.expand(found.id, drafts, None, NOW)

    assert await texts(store, at(5)) == ["two", "three"]
    assert (await store.outbox())[0] == 2


async def test_housekeeping_drops_what_has_expired(store: Store) -> None:
    await stored(store, "a")
    await deliver(store, alert(1, article=1))
    found = await begun(store, 1)
    await store.expand(found.id, [edit(1, 1, "one", 5)], None, NOW)

    await store.housekeeping(at(5))

    assert await store.outbox() == (0, None)


async def test_an_edit_is_never_in_doubt(store: Store) -> None:
    await stored(store, "a")
    await store.save_chat(replace(await reader(store, 1), on_doubt=Doubt.SKIP))
    await deliver(store, alert(1, article=1))
    found = await begun(store, 1)
    await store.expand(found.id, [edit(1, 1)], None, NOW)
    [claim] = await claimed(store)
    await store.mark_sending(claim)

    [again] = await claimed(store, at(16))

    assert again.delivery.kind is EDIT
    assert not again.in_doubt


async def test_many_edits_go_out_by_age_a_chat_at_a_time(store: Store) -> None:
    await stored(store, "a", "b")
    chats = range(1, 151)
    for story in (1, 2):
        await deliver(store, *(alert(chat, article=story) for chat in chats))
    for story in (1, 2):
        found = await begun(store, story)
        drafts = [edit(chat, story, f"{story} {chat}") for chat in chats]
        assert await store.expand(found.id, drafts, None, NOW) == 150

    first = await claimed(store, limit=100)

    assert [claim.chat_id for claim in first] == list(range(1, 101))
    await store.acknowledge([sent(claim) for claim in first])
    said = await deliver_all(store)
    assert said[:50] == [f"1 {chat}" for chat in range(101, 151)]
    assert len(said) == 200
