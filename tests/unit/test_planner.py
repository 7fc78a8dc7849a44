from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Article, Chat, Follower, Mode, StoredArticle, Subscription
from bot.planner import (
    ChannelRule,
    ChannelStep,
    HeldPost,
    Seen,
    alerting,
    channel_key,
    channel_step,
    day_window,
    deliverable,
    next_digest,
    oldest_first,
    parse_clock,
    parse_quiet,
    quiet_until,
    rank_day,
)

BAKU = "Asia/Baku"  # +04, no daylight saving time
BERLIN = "Europe/Berlin"  # forward at 01:00Z on 29 March 2026, back at 01:00Z on 25 October
ZONES = st.sampled_from([BAKU, BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
clocks = st.times(timezones=st.none()).map(lambda t: t.strftime("%H:%M"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


# -- times of day -------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["09:00", "9:00", " 9.00 "])
def test_a_time_of_day_may_be_written_in_several_ways(text: str) -> None:
    assert parse_clock(text) == time(9)


@pytest.mark.parametrize("text", ["", "24:00", "9:60", "9", "doqquz", "09:00:00", "-1:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time of day"):
        parse_clock(text)


def test_quiet_hours_may_be_written_with_either_dash() -> None:
    assert parse_quiet("23:00-08:00") == parse_quiet("23:00 – 8:00") == (time(23), time(8))


@pytest.mark.parametrize("text", ["", "23:00", "23:00-", "09:00-09:00", "23:00-08:00-09:00"])
def test_what_is_no_span_of_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no span|no time|same time"):
        parse_quiet(text)


@given(st.text())
def test_whatever_is_typed_is_a_span_of_hours_or_a_value_error(text: str) -> None:
    try:
        start, end = parse_quiet(text)
    except ValueError:
        return
    assert start != end


# -- quiet hours --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "ends"),
    [
        ("2026-11-23T22:59+04:00", None),
        ("2026-11-23T23:00+04:00", "2026-11-24T08:00+04:00"),
        ("2026-11-24T00:00+04:00", "2026-11-24T08:00+04:00"),
        ("2026-11-24T07:59:59+04:00", "2026-11-24T08:00+04:00"),
        ("2026-11-24T08:00+04:00", None),
    ],
)
def test_quiet_hours_go_over_midnight(local: str, ends: str | None) -> None:
    expected = at(ends) if ends else None
    assert quiet_until("23:00-08:00", BAKU, at(local).astimezone(UTC)) == expected


@pytest.mark.parametrize(
    ("local", "quiet"), [("12:59", False), ("13:00", True), ("13:59", True), ("14:00", False)]
)
def test_quiet_hours_within_a_day_hold_their_beginning_and_not_their_end(
    local: str, *, quiet: bool
) -> None:
    now = at(f"2026-11-23T{local}+04:00")
    assert (quiet_until("13:00-14:00", BAKU, now) is not None) == quiet


@pytest.mark.parametrize("quiet", [None, ""])
def test_a_chat_without_quiet_hours_is_never_quiet(quiet: str | None) -> None:
    assert quiet_until(quiet, BAKU, NOW) is None


def test_a_night_in_which_the_clock_goes_forward_is_an_hour_shorter() -> None:
    begins = at("2026-03-28T23:00+01:00")
    ends = quiet_until("23:00-08:00", BERLIN, begins)
    assert ends == at("2026-03-29T08:00+02:00")
    assert ends - begins == timedelta(hours=8)


def test_a_night_in_which_the_clock_goes_back_is_an_hour_longer() -> None:
    begins = at("2026-10-24T23:00+02:00")
    ends = quiet_until("23:00-08:00", BERLIN, begins)
    assert ends == at("2026-10-25T08:00+01:00")
    assert ends - begins == timedelta(hours=10)


def test_an_end_that_comes_twice_is_still_ahead_in_the_second_pass() -> None:
    assert quiet_until("01:00-02:30", BERLIN, at("2026-10-25T02:10+01:00")) == at(
        "2026-10-25T02:30+01:00"
    )


@given(clocks, clocks, ZONES, instants)
def test_quiet_hours_end_in_the_future_and_within_a_day(
    start: str, end: str, zone: str, now: datetime
) -> None:
    if start == end:
        return
    until = quiet_until(f"{start}-{end}", zone, now)
    assert until is None or now < until <= now + timedelta(hours=25)


@given(clocks, clocks, instants)
def test_when_quiet_hours_end_it_is_not_quiet(start: str, end: str, now: datetime) -> None:
    if start == end:
        return
    until = quiet_until(f"{start}-{end}", BAKU, now)
    assert until is None or quiet_until(f"{start}-{end}", BAKU, until) is None


@given(clocks, clocks, ZONES, instants)
def test_it_is_quiet_in_one_of_two_spans_that_make_up_the_day(
    start: str, end: str, zone: str, now: datetime
) -> None:
    if start == end:
        return
    one = quiet_until(f"{start}-{end}", zone, now) is None
    other = quiet_until(f"{end}-{start}", zone, now) is None
    assert one != other


# -- the daily digest ---------------------------------------------------------------------


def test_a_time_still_ahead_today_means_today() -> None:
    now = at("2026-11-23T08:59+04:00")
    assert next_digest("09:00", BAKU, now, None) == at("2026-11-23T09:00+04:00")


def test_a_time_that_has_passed_means_tomorrow() -> None:
    now = at("2026-11-23T09:00+04:00")
    assert next_digest("09:00", BAKU, now, None) == at("2026-11-24T09:00+04:00")


def test_a_chat_that_had_its_digest_today_gets_the_next_one_tomorrow() -> None:
    now = at("2026-11-23T10:00+04:00")
    last = at("2026-11-23T09:00+04:00")
    assert next_digest("18:00", BAKU, now, last) == at("2026-11-24T18:00+04:00")


def test_today_is_a_date_of_the_chats_zone() -> None:
    now = at("2026-11-23T00:30+04:00")  # still the 22nd in UTC
    last = at("2026-11-22T23:30+04:00")
    assert next_digest("09:00", BAKU, now, last) == at("2026-11-23T09:00+04:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-28T10:00+01:00", "2026-03-29T09:00+02:00"),
        ("2026-10-24T10:00+02:00", "2026-10-25T09:00+01:00"),
    ],
)
def test_the_digest_keeps_its_minute_when_the_clocks_change(now: str, expected: str) -> None:
    assert next_digest("09:00", BERLIN, at(now), at(now)) == at(expected)


def _digests(digest_at: str, zone: str, start: datetime, count: int) -> list[datetime]:
    served: list[datetime] = []
    for _ in range(count):
        last = served[-1] if served else None
        served.append(next_digest(digest_at, zone, last or start, last))
    return served


def test_a_minute_that_does_not_exist_is_served_once_that_day() -> None:
    times = _digests("02:30", BERLIN, at("2026-03-28T00:00+01:00"), 3)
    assert [t.astimezone(ZoneInfo(BERLIN)).isoformat() for t in times] == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-29T03:30:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_a_minute_that_comes_twice_is_served_once_that_day() -> None:
    times = _digests("02:30", BERLIN, at("2026-10-24T00:00+02:00"), 3)
    assert [t.astimezone(ZoneInfo(BERLIN)).isoformat() for t in times] == [
        "2026-10-24T02:30:00+02:00",
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]


@given(clocks, ZONES, instants)
def test_there_is_one_digest_on_each_local_date(digest_at: str, zone: str, start: datetime) -> None:
    dates = [t.astimezone(ZoneInfo(zone)).date() for t in _digests(digest_at, zone, start, 5)]
    assert all(after - before == timedelta(days=1) for before, after in pairwise(dates))


@given(clocks, ZONES, ZONES, instants, st.timedeltas(timedelta(-1), timedelta(1)))
def test_the_next_digest_is_ahead_whatever_the_clock_and_the_zone_did(
    digest_at: str, old: str, new: str, now: datetime, shift: timedelta
) -> None:
    last = next_digest(digest_at, old, now, None)
    following = next_digest(digest_at, new, last + shift, last)
    zone = ZoneInfo(new)
    assert following > last + shift
    assert following.astimezone(zone).date() != last.astimezone(zone).date()


def test_a_digest_covers_what_came_since_the_last_one() -> None:
    chat = Chat(1, last_digest_at=NOW - timedelta(hours=20), next_digest_at=NOW)
    assert day_window(chat, NOW).start == NOW - timedelta(hours=20)
    assert not day_window(chat, NOW).late


@pytest.mark.parametrize("last", [None, NOW - timedelta(days=9)])
def test_a_digest_covers_a_day_at_most(last: datetime | None) -> None:
    assert day_window(Chat(1, last_digest_at=last), NOW).start == NOW - timedelta(days=1)


def test_a_digest_that_comes_late_says_so() -> None:
    assert day_window(Chat(1, next_digest_at=NOW - timedelta(hours=1)), NOW).late


def stored(article_id: int, when: datetime = NOW, source: str = "technote.az") -> StoredArticle:
    article = Article(f"https://a.az/{article_id}", f"Xəbər {article_id}", source=source)
    return StoredArticle(article_id, article_id, replace(article, published=when), when)


def test_what_is_about_more_followed_topics_comes_first_then_the_newest() -> None:
    articles = [stored(i, minutes_ago(i)) for i in (1, 2, 3, 4)]
    about = {
        1: frozenset({"ai"}),
        2: frozenset({"ai", "deepseek"}),
        3: frozenset({"ai", "tesla"}),
        4: frozenset({"tesla"}),
    }
    ranked = rank_day(articles, about, frozenset({"ai", "deepseek"}), told=())
    assert [a.id for a in ranked] == [2, 1, 3]


def test_what_was_already_alerted_is_left_out() -> None:
    articles = [stored(1), stored(2)]
    about = {1: frozenset({"ai"}), 2: frozenset({"ai"})}
    assert [a.id for a in rank_day(articles, about, frozenset({"ai"}), told={1})] == [2]


def test_a_chat_that_follows_nothing_gets_the_newest_of_the_day() -> None:
    articles = [stored(i, minutes_ago(i)) for i in range(50, 0, -1)]
    ranked = rank_day(articles, {}, None, told={3})
    assert [a.id for a in ranked] == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]


def test_a_story_that_several_sources_tell_is_given_once_and_before_others() -> None:
    covered = [stored(1, minutes_ago(90)), replace(stored(2, minutes_ago(60)), placed=1)]
    articles = [*covered, stored(3, minutes_ago(1)), stored(4, minutes_ago(2))]
    about = {1: frozenset({"ai"}), 2: frozenset({"ai"}), 3: frozenset({"ai"})}
    coverage = {1: 2, 3: 1, 4: 1}
    followed = rank_day(articles, about, frozenset({"ai"}), set(), coverage)
    assert [a.id for a in followed] == [1, 3]
    assert [a.id for a in rank_day(articles, about, None, set(), coverage)] == [1, 3, 4]


def test_a_story_is_given_by_its_first_article_that_is_about_a_followed_topic() -> None:
    articles = [stored(1), replace(stored(2), placed=1), replace(stored(3), placed=1)]
    about = {2: frozenset({"ai"}), 3: frozenset({"ai"})}
    assert [a.id for a in rank_day(articles, about, frozenset({"ai"}), set())] == [2]


# -- who is alerted -----------------------------------------------------------------------


def follower(*subscriptions: Subscription) -> Follower:
    return Follower(Chat(1), subscriptions)


def test_a_chat_is_alerted_for_the_first_topic_that_it_follows_at_once() -> None:
    digest = Subscription(1, "ai", "AI", Mode.DIGEST)
    paused = Subscription(1, "tesla", "Tesla", paused_until=NOW + timedelta(hours=1))
    over = Subscription(1, "deepseek", "DeepSeek", paused_until=NOW)
    later = Subscription(1, "openai", "OpenAI")
    assert alerting(follower(digest, paused, over, later), NOW) == over


def test_a_chat_whose_topics_are_paused_or_in_the_digest_is_not_alerted() -> None:
    digest = Subscription(1, "ai", "AI", Mode.DIGEST)
    paused = Subscription(1, "tesla", "Tesla", paused_until=NOW + timedelta(seconds=1))
    assert alerting(follower(digest, paused), NOW) is None
    assert alerting(follower(), NOW) is None


# -- what of a poll is delivered ----------------------------------------------------------


def seen(*ages_minutes: float | None) -> list[Seen]:
    return [
        Seen((str(index),), None if age is None else minutes_ago(age))
        for index, age in enumerate(ages_minutes)
    ]


def chosen(fresh: list[Seen], *, first_poll: bool, backlog: int = 0) -> list[int]:
    flags = deliverable(fresh, first_poll=first_poll, backlog=backlog, max_age_s=48 * 3600, now=NOW)
    return [index for index, flag in enumerate(flags) if flag]


def test_at_the_first_poll_nothing_goes_out_unless_a_backlog_is_wanted() -> None:
    assert chosen(seen(1, 2, 3), first_poll=True) == []
    assert chosen(seen(1, 2, 3), first_poll=True, backlog=10) == [0, 1, 2]


def test_a_backlog_is_the_newest_wherever_they_stand() -> None:
    assert chosen(seen(30, 10, 20, 40), first_poll=True, backlog=2) == [1, 2]


def test_between_equals_the_document_decides() -> None:
    assert chosen(seen(5, 5, 5), first_poll=True, backlog=1) == [0]


def test_a_backlog_may_be_older_than_the_age_at_which_news_is_old() -> None:
    assert chosen(seen(3 * 24 * 60), first_poll=True, backlog=1) == [0]


def test_later_all_that_is_not_too_old_goes_out() -> None:
    assert chosen(seen(1, 48 * 60, 48 * 60 + 1, None), first_poll=False) == [0, 1, 3]


def test_articles_go_out_oldest_first_and_equals_from_the_documents_end() -> None:
    items = [(0, minutes_ago(1)), (1, minutes_ago(5)), (2, minutes_ago(5)), (3, None)]
    assert oldest_first(items, NOW) == [2, 1, 0, 3]


ages = st.lists(st.none() | st.integers(0, 100 * 60), max_size=30)


@given(ages, st.integers(0, 40))
def test_the_first_poll_delivers_as_many_as_the_backlog_or_all_there_are(
    minutes: list[float | None], backlog: int
) -> None:
    assert len(chosen(seen(*minutes), first_poll=True, backlog=backlog)) == min(
        backlog, len(minutes)
    )


@given(ages)
def test_putting_in_order_loses_nothing_and_twice_is_once(minutes: list[float | None]) -> None:
    items = [(index, item.published) for index, item in enumerate(seen(*minutes))]
    order = oldest_first(items, NOW)
    assert sorted(order) == list(range(len(items)))
    assert oldest_first([items[index] for index in order], NOW) == order


# -- channels -----------------------------------------------------------------------------


def test_a_named_channel_has_one_key_however_it_is_written() -> None:
    assert channel_key("@Texnologiya") == channel_key("@texnologiya") < -(10**15)
    assert channel_key("@texnologiya") != channel_key("@texnologiya1")
    assert channel_key(-1001234567890) == -1001234567890


@pytest.mark.parametrize(
    ("topics", "sources", "wanted"),
    [
        ((), (), True),
        (("ai",), (), True),
        (("tesla",), (), False),
        (("tesla", "ai"), ("technote.az",), True),
        (("ai",), ("apa.az",), False),
        ((), ("apa.az", "technote.az"), True),
    ],
)
def test_a_channel_wants_what_its_topics_and_its_sources_say(
    topics: tuple[str, ...], sources: tuple[str, ...], *, wanted: bool
) -> None:
    rule = ChannelRule(-1, -1, topics, sources)
    assert rule.wants(stored(1), frozenset({"ai", "deepseek"})) == wanted


def held(*posts: tuple[int, float] | tuple[int, float, int]) -> list[HeldPost]:
    """Posts as (id, minutes of waiting, coverage)."""
    return [
        HeldPost(post[0], minutes_ago(post[1]), post[2] if len(post) > 2 else 1) for post in posts
    ]


CAPPED = ChannelRule(-1, -1, max_per_hour=2)
NIGHTLY = ChannelRule(-1, -1, quiet="23:00-08:00")


def test_nothing_waits_in_a_channel_without_rules() -> None:
    step = channel_step(ChannelRule(-1, -1), held((1, 5), (2, 0)), [], BAKU, NOW)
    assert step == ChannelStep(release=(1, 2))


def test_over_the_cap_posts_wait_for_a_free_place() -> None:
    waiting = held((1, 0), (2, 0), (3, 0))
    posted = [minutes_ago(59), minutes_ago(61)]
    assert channel_step(CAPPED, waiting, posted, BAKU, NOW) == ChannelStep(release=(1,))
    full = [minutes_ago(59), minutes_ago(1)]
    assert channel_step(CAPPED, waiting, full, BAKU, NOW) == ChannelStep()


def test_what_a_wrong_clock_posted_ahead_of_now_takes_no_place() -> None:
    ahead = [minutes_ago(-50), minutes_ago(-120)]
    assert channel_step(CAPPED, held((1, 0), (2, 0)), ahead, BAKU, NOW).release == (1, 2)


def test_what_many_sources_carry_goes_before_what_is_older() -> None:
    step = channel_step(CAPPED, held((1, 0), (2, 0, 3), (3, 0, 2)), [], BAKU, NOW)
    assert step.release == (2, 3)


def test_coverage_is_worth_half_after_two_hours() -> None:
    one_place = replace(CAPPED, max_per_hour=1)
    just_worth_more = held((1, 119, 2), (2, 0, 1))
    worth_less = held((1, 121, 2), (2, 0, 1))
    assert channel_step(one_place, just_worth_more, [], BAKU, NOW).release == (1,)
    assert channel_step(one_place, worth_less, [], BAKU, NOW).release == (2,)


def test_a_post_waits_for_six_hours_at_most() -> None:
    step = channel_step(CAPPED, held((1, 361, 9), (2, 359)), [], BAKU, NOW)
    assert step == ChannelStep(release=(2,), drop=(1,))


def test_in_quiet_hours_all_posts_wait() -> None:
    night = at("2026-11-24T03:00+04:00")
    waiting = [HeldPost(1, night - timedelta(hours=7)), HeldPost(2, night)]
    assert channel_step(NIGHTLY, waiting, [], BAKU, night) == ChannelStep()


def test_at_the_end_of_quiet_hours_what_waited_becomes_one_post() -> None:
    morning = at("2026-11-24T08:00+04:00")
    waiting = [
        HeldPost(1, at("2026-11-23T23:00+04:00")),
        HeldPost(2, at("2026-11-24T07:59+04:00")),
        HeldPost(3, morning),
    ]
    step = channel_step(NIGHTLY, waiting, [], BAKU, morning)
    assert step == ChannelStep(merge=(1, 2))


def test_a_single_post_that_waited_for_the_morning_goes_out_as_it_is() -> None:
    morning = at("2026-11-24T08:00+04:00")
    waiting = [HeldPost(1, at("2026-11-23T23:00+04:00"))]
    assert channel_step(NIGHTLY, waiting, [], BAKU, morning) == ChannelStep(release=(1,))


def test_a_post_that_waited_for_the_morning_waits_six_hours_more_at_most() -> None:
    rule = replace(CAPPED, quiet="23:00-08:00")
    waiting = [HeldPost(1, at("2026-11-23T23:30+04:00"))]

    def step(local: str) -> ChannelStep:
        now = at(f"2026-11-24T{local}+04:00")
        return channel_step(rule, waiting, [now, now], BAKU, now)

    assert step("13:59") == ChannelStep()
    assert step("14:01") == ChannelStep(drop=(1,))


posts = st.lists(st.tuples(st.integers(0, 10 * 60), st.integers(1, 9)), max_size=20).map(
    lambda items: held(*((i + 1, age, cover) for i, (age, cover) in enumerate(items)))
)


@given(posts, st.lists(st.integers(0, 90), max_size=10), st.integers(0, 5), instants)
def test_a_step_keeps_the_cap_and_handles_each_post_once(
    waiting: list[HeldPost], posted_minutes: list[int], cap: int, now: datetime
) -> None:
    waiting = [replace(post, queued_at=post.queued_at + (now - NOW)) for post in waiting]
    posted = [now - timedelta(minutes=minutes) for minutes in posted_minutes]
    rule = ChannelRule(-1, -1, max_per_hour=cap, quiet="23:00-08:00")
    step = channel_step(rule, waiting, posted, BAKU, now)
    handled = step.release + step.drop + step.merge
    assert len(set(handled)) == len(handled)
    assert set(handled) <= {post.delivery_id for post in waiting}
    assert list(step.release) == sorted(step.release)
    recent = sum(now - moment < timedelta(hours=1) for moment in posted)
    assert not cap or len(step.release) <= max(0, cap - recent)


@given(posts, st.integers(1, 5))
def test_planning_again_after_acting_lets_nothing_more_go(
    waiting: list[HeldPost], cap: int
) -> None:
    rule = ChannelRule(-1, -1, max_per_hour=cap)
    step = channel_step(rule, waiting, [], BAKU, NOW)
    gone = {*step.release, *step.drop}
    left = [post for post in waiting if post.delivery_id not in gone]
    again = channel_step(rule, left, [NOW] * len(step.release), BAKU, NOW)
    assert again.drop == again.merge == ()
    assert not again.release or len(step.release) < cap
