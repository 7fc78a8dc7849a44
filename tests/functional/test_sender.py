"""From the outbox to what people see, over HTTP."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.faults import Limits
from bot.errors import StoreError
from bot.models import Chat, ChatKind, Claim, DeliveryKind, Draft, Message
from tests.functional.delivery_stage import FREE, delivery, draft, now, until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.models import Sent


async def test_a_chats_messages_arrive_once_and_in_the_order_of_queuing(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        for chat in range(1, 6):
            await stage.reader(chat)
        for number in range(10):
            await stage.queue(*(draft(chat, f"{number}") for chat in range(1, 6)))
        await stage.empty()
        for chat in range(1, 6):
            assert stage.texts(chat) == [f"{number}" for number in range(10)]


async def test_never_more_sends_than_in_flight_are_under_way(tmp_path: Path) -> None:
    async with delivery(tmp_path, replace(FREE, in_flight=3)) as stage:
        for chat in range(1, 11):
            await stage.reader(chat)
        stage.server.fail("sendMessage", times=3, delay_s=0.3)
        await stage.queue(*(draft(chat, "xəbər") for chat in range(1, 11)))
        await until(lambda: len(stage.sends()) == 3)
        await asyncio.sleep(0.1)
        assert len(stage.sends()) == 3
        await stage.empty()
        assert len(stage.sends()) == 10


async def test_the_gap_spaces_bulk_in_a_chat_and_holds_up_no_other_chat(tmp_path: Path) -> None:
    async with delivery(tmp_path, replace(FREE, chat_interval_s=0.2)) as stage:
        await stage.reader(1)
        await stage.reader(2)
        await stage.queue(*(draft(1, f"{number}") for number in range(3)), draft(2, "tez"))
        await stage.empty()
        times = [call.at for call in stage.sends(1)]
        assert all(later - earlier >= 0.2 for earlier, later in itertools.pairwise(times))
        assert stage.sends(2)[0].at < times[1]


async def test_groups_have_their_own_gap(tmp_path: Path) -> None:
    settings = replace(FREE, chat_interval_s=30, group_per_minute=300)
    async with delivery(tmp_path, settings) as stage:
        group = await stage.room(-1001)
        await stage.queue(draft(group, "1"), draft(group, "2"))
        await stage.empty()
        first, second = (call.at for call in stage.sends(group))
        assert second - first >= 0.2


async def test_the_whole_bot_keeps_its_rate_and_telegram_never_complains(tmp_path: Path) -> None:
    settings = replace(FREE, messages_per_second=30, in_flight=8)
    async with delivery(tmp_path, settings, limits=Limits(per_second=30)) as stage:
        for chat in range(1, 61):
            await stage.reader(chat)
        await stage.queue(*(draft(chat, "xəbər") for chat in range(1, 61)))
        await stage.empty()
        times = [call.at for call in stage.sends()]
        assert len(times) == 60
        assert all(call.ok for call in stage.sends())
        assert max(sum(start <= t < start + 1 for t in times) for start in times) <= 30


async def test_a_flood_wait_holds_its_chat_and_only_that(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        await stage.reader(2)
        stage.server.fail("sendMessage", chat_id=1, error_code=429, parameters={"retry_after": 1})
        await stage.queue(draft(1, "a"), draft(1, "b"))
        await until(lambda: stage.sends(1))
        await stage.queue(draft(2, "c"))
        await until(lambda: stage.texts(2))
        assert stage.texts(1) == []
        await stage.empty()
        assert stage.texts(1) == ["a", "b"]
        refused, again = stage.sends(1)[:2]
        assert again.at - refused.at >= 1


async def test_flood_waits_of_three_chats_hold_bulk_and_not_replies(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        for chat in range(1, 8):
            await stage.reader(chat)
        for chat in (1, 2, 3):
            stage.server.fail(
                "sendMessage", chat_id=chat, error_code=429, parameters={"retry_after": 1}
            )
        await stage.queue(*(draft(chat, "bulk") for chat in (1, 2, 3)))
        await until(lambda: len(stage.sends()) == 3)
        held_at = max(call.at for call in stage.sends())
        await stage.queue(draft(4, "bulk"), draft(5, "cavab", DeliveryKind.REPLY))
        assert await stage.replies.send(6, "cavab")
        await until(lambda: stage.texts(5))
        assert stage.texts(4) == []
        await stage.empty()
        assert stage.sends(4)[0].at - held_at >= 0.9
        assert stage.told("warning", "whole bot")


async def test_flood_waits_of_groups_hold_nothing_else(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        groups = [await stage.room(-1001 - number) for number in range(4)]
        await stage.reader(1)
        stage.server.fail("sendMessage", times=4, error_code=429, parameters={"retry_after": 1})
        await stage.queue(*(draft(group, "x") for group in groups))
        await until(lambda: len(stage.sends()) == 4)
        await stage.queue(draft(1, "tez"))
        await until(lambda: stage.texts(1))
        assert not any(stage.texts(group) for group in groups)


@pytest.mark.parametrize(
    ("code", "description"),
    [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: chat not found")],
)
async def test_a_chat_that_is_gone_gets_one_call_and_no_more(
    tmp_path: Path, code: int, description: str
) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        await stage.reader(2)
        stage.server.fail(
            "sendMessage", chat_id=1, times=-1, error_code=code, description=description
        )
        await stage.queue(*(draft(1, f"{number}") for number in range(5)), draft(2, "x"))
        await stage.empty()
        await stage.queue(draft(1, "yenə"), draft(2, "y"))
        await stage.empty()
        assert len(stage.sends(1)) == 1
        assert stage.texts(2) == ["x", "y"]
        chat = await stage.store.chat(1)
        assert chat is not None
        assert chat.disabled == description


async def test_a_channel_that_is_gone_is_named_as_the_configuration_does(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.store.meet(Chat(-5, ChatKind.CHANNEL))
        payload = json.dumps({"chat_id": "@yoxdur", "text": "x"})
        await stage.queue(Draft(-5, DeliveryKind.POST, Message("sendMessage", payload)))
        await stage.empty()
        (told,) = [call for call in stage.log.calls if call.method_name == "warning"]
        assert told.kwargs["chat"] == "@yoxdur"


async def test_a_group_that_migrates_gets_its_messages_under_the_new_id(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        group = stage.server.group("Redaksiya", id=-77)
        await stage.store.meet(Chat(-77, ChatKind.GROUP))
        new = await group.migrate()
        await stage.queue(draft(-77, "a"), draft(-77, "b"))
        await stage.empty()
        assert stage.texts(new.id) == ["a", "b"]
        assert len(stage.sends(-77)) == 1
        moved = await stage.store.chat(new.id)
        assert moved is not None
        assert moved.kind is ChatKind.SUPERGROUP


@pytest.mark.parametrize(
    "description",
    ["Bad Request: can't parse entities: unsupported tag", "Bad Request: never seen before"],
)
async def test_a_refused_message_is_set_aside_and_the_next_one_goes(
    tmp_path: Path, description: str
) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", error_code=400, description=description)
        await stage.queue(draft(1, "a"), draft(1, "b"))
        await stage.empty()
        assert stage.texts(1) == ["b"]
        assert len(stage.sends(1)) == 2
        assert stage.sender.outcomes["permanent"] == 1


async def test_a_message_for_a_deleted_forum_topic_goes_without_it(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        group = stage.server.supergroup("Forum", id=-1005, forum=True)
        thread = group.topic("Xəbərlər")
        group.delete_topic(thread)
        await stage.queue(draft(-1005, "a", message_thread_id=thread))
        await stage.empty()
        assert stage.texts(-1005) == ["a"]


async def test_failures_of_telegram_itself_never_count_against_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outage._LONGEST_PAUSE_S", 0.02)
    monkeypatch.setattr("bot.delivery_table._LONGEST_BACK_OFF_S", 0.02)
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", times=12, error_code=502)
        await stage.queue(draft(1, "a"), draft(1, "b"))
        await stage.empty()
        assert stage.texts(1) == ["a", "b"]
        assert len(stage.told("warning", "does not answer")) == 1
        assert len(stage.told("info", "answers again")) == 1


async def test_a_cut_connection_is_tried_again_and_doubles_at_most_that_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery_table._UNCERTAIN_S", 0.05)
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", accept=True, cut=True)
        await stage.queue(draft(1, "a"), draft(1, "b"), draft(1, "c"))
        await stage.empty()
        assert stage.texts(1) == ["a", "a", "b", "c"]


async def test_five_failures_for_unknown_reasons_set_a_message_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery_table._FAILED_S", 0.01)
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", times=5, error_code=418, description="I'm a teapot")
        await stage.queue(draft(1, "a"), draft(1, "b"))
        await stage.empty()
        assert stage.texts(1) == ["b"]
        assert len(stage.sends(1)) == 6


async def test_a_revoked_token_holds_everything_drops_nothing_and_names_botfather(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outage.REVOKED_PAUSE_S", 0.3)
    async with delivery(tmp_path) as stage:
        for chat in range(1, 21):
            await stage.reader(chat)
        stage.telegram.revoked_notice.every_s = 0.2
        stage.server.revoke_token()
        await stage.queue(*(draft(chat, "x") for chat in range(1, 21)))
        await until(lambda: len(stage.told("error", "BotFather")) == 2)
        assert len(stage.server.rejected) <= FREE.in_flight + 1
        assert (await stage.store.outbox())[0] == 20
        stage.server.restore_token()
        await stage.empty()
        assert all(stage.texts(chat) == ["x"] for chat in range(1, 21))


async def test_what_waits_at_the_gate_when_the_token_is_refused_is_not_tried(
    tmp_path: Path,
) -> None:
    settings = replace(FREE, messages_per_second=20)
    async with delivery(tmp_path, settings) as stage:
        for chat in range(1, 5):
            await stage.reader(chat)
        stage.server.revoke_token()
        await stage.queue(*(draft(chat, "x") for chat in range(1, 5)))
        await until(lambda: stage.told("error", "BotFather"))
        await stage.sender.drain(2)
        assert len(stage.server.rejected) == 1
        assert (await stage.store.outbox())[0] == 4


async def test_a_poisoned_delivery_does_not_stop_the_others(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        await stage.reader(2)
        broken = draft(1, "x")
        await stage.queue(replace(broken, message=replace(broken.message, payload="{")))
        await stage.queue(draft(2, "y"))
        await until(lambda: stage.texts(2))


async def test_more_alerts_than_merge_after_are_offered_for_merging(tmp_path: Path) -> None:
    asked: list[Claim] = []

    async def merge(claim: Claim) -> bool:
        asked.append(claim)
        waiting = await stage.store.waiting(claim.chat_id, 100)
        one = draft(claim.chat_id, f"{len(waiting)} xəbər")
        return await stage.store.merge(claim.chat_id, [item.id for item in waiting], one, now())

    settings = replace(FREE, merge_after=5)
    async with delivery(tmp_path, settings, merge=merge, start=False) as stage:
        await stage.reader(1)
        await stage.reader(2)
        await stage.room(-100, ChatKind.CHANNEL)
        for chat, count in ((1, 6), (2, 5), (-100, 8)):
            await stage.queue(*(draft(chat, f"{number}") for number in range(count)))
        running = asyncio.create_task(stage.sender.run())
        await stage.empty()
        await stage.sender.drain(2)
        await running
        assert stage.texts(1) == ["6 xəbər"]
        assert stage.texts(2) == [f"{number}" for number in range(5)]
        assert len(stage.texts(-100)) == 8
        assert [claim.chat_id for claim in asked] == [1]


async def test_a_drain_finishes_what_is_in_the_air_and_keeps_the_rest(tmp_path: Path) -> None:
    settings = replace(FREE, messages_per_second=20)
    async with delivery(tmp_path, settings, latency_s=0.1) as stage:
        for chat in range(1, 51):
            await stage.reader(chat)
        await stage.queue(*(draft(chat, "x") for chat in range(1, 51)))
        await until(lambda: len(stage.sends()) >= 5)
        await stage.sender.drain(5)
        sent = sum(len(stage.texts(chat)) for chat in range(1, 51))
        assert sent == len(stage.sends())
        assert (await stage.store.outbox())[0] == 50 - sent
        free = await stage.store.claim(now(), "next", 100, 15)
        assert len(free) == 50 - sent


async def test_a_drain_does_not_wait_for_a_flood_wait(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        stage.server.fail("sendMessage", error_code=429, parameters={"retry_after": 600})
        await stage.queue(draft(1, "x"))
        await until(stage.sends)
        async with asyncio.timeout(2):
            await stage.sender.drain(10)
        assert (await stage.store.outbox())[0] == 1


async def test_a_persons_reply_does_not_wait_for_bulk(tmp_path: Path) -> None:
    settings = replace(FREE, messages_per_second=30)
    async with delivery(tmp_path, settings) as stage:
        for chat in range(1, 301):
            await stage.reader(chat)
        await stage.queue(*(draft(chat, "x") for chat in range(1, 301)))
        await until(lambda: len(stage.sends()) >= 5)
        before = len(stage.sends())
        assert await stage.replies.send(300, "cavab")
        assert len(stage.sends()) - before <= 4


async def test_a_drain_cuts_off_what_telegram_does_not_answer(tmp_path: Path) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        await stage.reader(2)
        stage.server.fail("sendMessage", chat_id=1, hang=True)
        await stage.queue(draft(1, "x"), draft(2, "y"))
        await until(lambda: len(stage.sends()) == 2)
        async with asyncio.timeout(2):
            await stage.sender.drain(0.3)
        assert (await stage.store.outbox())[0] == 1


async def test_a_store_that_takes_no_acknowledgements_for_a_while_causes_no_duplicates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.acks._RETRY_S", (0.05, 0.1, 0.2))
    async with delivery(tmp_path, replace(FREE, lease_s=0.3)) as stage:
        for chat in range(1, 9):
            await stage.reader(chat)
        acknowledge, failures = stage.store.acknowledge, 4

        async def fail(sent: Sequence[Sent]) -> None:
            nonlocal failures
            failures -= 1
            if failures >= 0:
                raise StoreError("disk full")
            await acknowledge(sent)

        monkeypatch.setattr(stage.store, "acknowledge", fail)
        await stage.queue(*(draft(chat, "x") for chat in range(1, 9)))
        await stage.empty()
        assert all(stage.texts(chat) == ["x"] for chat in range(1, 9))
        assert len(stage.told("warning", "acknowledgements")) == 1
        assert len(stage.told("info", "acknowledgements again")) == 1


async def test_a_chat_does_not_rest_for_a_lease_between_two_messages(tmp_path: Path) -> None:
    async with delivery(tmp_path, start=False) as stage:
        await stage.reader(1)
        acknowledge = stage.store.acknowledge

        async def tell_late(sent: Sequence[Sent]) -> None:
            await acknowledge(sent)  # from here on the store gives the chat's next message
            stage.sender.wake()
            await asyncio.sleep(0.1)

        stage.store.acknowledge = tell_late  # type: ignore[method-assign]
        await stage.queue(*(draft(1, f"{number}") for number in range(5)))
        running = asyncio.create_task(stage.sender.run())
        await stage.empty()
        await stage.sender.drain(2)
        await running
        assert stage.texts(1) == [f"{number}" for number in range(5)]


async def test_a_delivery_that_the_store_hands_out_again_is_not_sent_again(tmp_path: Path) -> None:
    async with delivery(tmp_path, start=False) as stage:
        await stage.reader(1)
        await stage.queue(draft(1, "x"))
        acknowledge = stage.store.acknowledge
        forgotten: list[Sent] = []

        async def forget(sent: Sequence[Sent]) -> None:
            if forgotten:
                await acknowledge(sent)
            else:  # as after a power loss: the answer was given, the write is gone
                forgotten.extend(sent)

        stage.store.acknowledge = forget  # type: ignore[method-assign]
        running = asyncio.create_task(stage.sender.run())
        await until(lambda: forgotten)
        (claim,) = await stage.store.claim(now() + timedelta(minutes=1), "x", 1, 1)
        await stage.store.put_back(claim, now(), failed=False)
        await stage.empty()
        await stage.sender.drain(2)
        await running
        assert stage.texts(1) == ["x"]


async def test_what_is_queued_while_telegram_is_away_arrives_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outage._LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr("bot.delivery_table._LONGEST_BACK_OFF_S", 0.1)
    async with delivery(tmp_path) as stage:
        for chat in range(1, 11):
            await stage.reader(chat)
        port = int(stage.server.url.rsplit(":", 1)[1])
        await stage.server.stop()
        for number in range(3):
            await stage.queue(*(draft(chat, f"{number}") for chat in range(1, 11)))
        await until(lambda: stage.told("warning", "does not answer"))
        await stage.server.start(port)
        await stage.empty()
        assert all(stage.texts(chat) == ["0", "1", "2"] for chat in range(1, 11))
        assert len(stage.told("info", "answers again")) == 1


async def test_edits_from_the_outbox_that_have_nothing_to_do_leave_no_trace(
    tmp_path: Path,
) -> None:
    async with delivery(tmp_path) as stage:
        await stage.reader(1)
        message_id = await stage.replies.send(1, "Bir")
        same = {"chat_id": 1, "message_id": message_id, "text": "Bir", "parse_mode": "HTML"}
        gone = {**same, "message_id": 999}
        await stage.queue(
            *(
                Draft(1, DeliveryKind.ALERT, Message("editMessageText", json.dumps(params)))
                for params in (same, gone)
            )
        )
        await stage.empty()
        assert stage.sender.outcomes == {"unchanged": 1, "stale": 1}
        assert stage.texts(1) == ["Bir"]
