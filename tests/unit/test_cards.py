"""Articles as readers see them, in each place: chat, alert, channel, list, daily digest."""

import json
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import answers, cards, topics
from bot.answers import Look
from bot.buttons import ref
from bot.models import (
    Article,
    Chat,
    ChatKind,
    Credit,
    Found,
    Hit,
    Message,
    Mode,
    StoredArticle,
    Subscription,
)
from bot.texts import load_texts

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
T = load_texts().of("az")
LOOK = Look(T, "Asia/Baku", NOW)
CHAT = Chat(7)
TESLA = Subscription(7, "tesla", "Tesla")


def story(number: int = 1, **changes: Any) -> StoredArticle:
    values: dict[str, Any] = {
        "url": f"https://texno.example/{number}",
        "title": f"DeepSeek {number} yeni model <R&D> təqdim edib",
        "text": f"DeepSeek şirkəti {number} saylı modelini bu həftə hamı üçün açıb.",
        "published": NOW - timedelta(hours=number),
        "source": "texno.example",
        "credit": Credit("APA", "https://apa.example/1"),
        **changes,
    }
    return StoredArticle(number, number, Article(**values), NOW)


def payload(message: Message) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(message.payload)
    return read


def labels(message: Message) -> list[list[str]]:
    rows = payload(message).get("reply_markup", {}).get("inline_keyboard", [])
    return [[button["text"] for button in row] for row in rows]


def test_a_card_has_title_sentences_credit_and_link() -> None:
    card = cards.article(story(), T)
    assert card.html.startswith("<b>DeepSeek 1 yeni model &lt;R&amp;D&gt; təqdim edib</b>")
    assert '<a href="https://apa.example/1">APA</a>' in card.html
    assert '<a href="https://texno.example/1">texno.example</a>' in card.html
    assert "Mənbə: " in card.html


def test_an_alert_ends_with_its_topic_and_can_be_managed() -> None:
    message = cards.alert(story(), CHAT, TESLA, T, NOW)
    assert payload(message)["text"].endswith("Mövzu: Tesla")
    assert labels(message) == [["Oxu", "Linki kopyala"], ["Oxşar xəbərlər", "Mövzunu idarə et"]]
    assert payload(message)["chat_id"] == 7
    assert payload(message)["link_preview_options"] == {
        "url": "https://texno.example/1",
        "prefer_small_media": True,
    }


def test_a_busy_topic_offers_the_digest_under_the_alert_itself() -> None:
    message = cards.alert(story(), CHAT, TESLA, T, NOW, to_digest=True)
    assert labels(message)[-1] == ["İcmala keçir"]


@pytest.mark.parametrize(
    ("hour", "silent"), [(22, False), (23, True), (0, True), (7, True), (8, False), (12, False)]
)
def test_alerts_are_silent_at_night_of_the_chat(hour: int, silent: bool) -> None:  # noqa: FBT001
    now = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    chat = Chat(7, zone="UTC")
    message = cards.alert(story(), chat, TESLA, T, now)
    assert payload(message).get("disable_notification", False) is silent


def test_an_alert_goes_to_the_groups_forum_topic() -> None:
    chat = Chat(-100, ChatKind.SUPERGROUP, thread_id=5)
    assert payload(cards.alert(story(), chat, TESLA, T, NOW))["message_thread_id"] == 5
    assert "message_thread_id" not in payload(cards.alert(story(), CHAT, TESLA, T, NOW))


def test_a_post_has_a_large_preview_and_a_way_into_the_private_chat() -> None:
    message = cards.post(story(3), "@texno", T, "xeberci_bot")
    sent = payload(message)
    assert sent["chat_id"] == "@texno"
    assert sent["link_preview_options"] == {
        "url": "https://texno.example/3",
        "prefer_large_media": True,
        "show_above_text": True,
    }
    related = sent["reply_markup"]["inline_keyboard"][1][0]
    assert related == {"text": "Oxşar xəbərlər", "url": "https://t.me/xeberci_bot?start=r-3"}


def test_alerts_that_waited_come_as_one_message_whose_numbers_open_them() -> None:
    (message,) = cards.merged([story(n) for n in range(1, 8)], CHAT, T, NOW, topics=["Tesla"] * 7)
    sent = payload(message)
    assert sent["text"].startswith("<b>7 yeni xəbər</b>")
    assert sent["text"].endswith("Mövzular: Tesla")
    assert labels(message) == [["1", "2", "3", "4", "5"], ["6", "7"]]
    for number in range(1, 8):
        assert f'{number}. <b><a href="https://texno.example/{number}">' in sent["text"]
    assert sent["text"].count("APA") == 7


def test_a_channels_list_has_no_buttons_that_answer_there() -> None:
    (message,) = cards.merged([story(1), story(2)], CHAT, T, NOW, address="@texno")
    assert payload(message)["chat_id"] == "@texno"
    assert labels(message) == []


def test_the_daily_digest_is_headed_and_tells_its_window_when_late() -> None:
    (on_time,) = cards.daily([story()], CHAT, T)
    assert payload(on_time)["text"].startswith("<b>Gündəlik icmal</b>\n\n1. ")
    (late,) = cards.daily([story()], CHAT, T, (NOW - timedelta(hours=24), NOW))
    assert "23.11.2026 14:00 – 24.11.2026 14:00" in payload(late)["text"]


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=1500), st.text(max_size=800)),
        min_size=1,
        max_size=45,
    )
)
def test_lists_of_any_stories_fit_telegrams_limits_and_lose_none(
    stories: list[tuple[str, str]],
) -> None:
    items = [
        story(n, title=t, text=x, url=f"https://texno.example/{n}/{'x' * 1900}")
        for n, (t, x) in enumerate(stories, start=1)
    ]
    messages = cards.daily(items, CHAT, T)
    shown = 0
    for message in messages:
        sent = payload(message)
        assert len(cards.visible(sent["text"])) <= cards.MAX_MESSAGE_CHARS
        assert len(sent["text"].encode()) <= 32_768
        shown += sum(len(row) for row in labels(message))
    assert shown == len(items)


def found(count: int, total: int, **changes: Any) -> Found:
    hits = tuple(Hit(story(n), 1.0) for n in range(1, count + 1))
    return Found("deep", hits, total, **changes)


def test_an_answer_numbers_its_hits_and_says_their_dates() -> None:
    card = answers.query_page(found(5, 7), "DeepSeek", 0, LOOK)
    assert "<b>“DeepSeek”</b> üzrə 7 xəbər, 1–5" in card.html
    assert "<b>1.</b> DeepSeek 1 yeni model &lt;R&amp;D&gt;" in card.html
    assert "1 saat əvvəl · texno.example" in card.html


def test_a_page_of_one_hit_is_no_range() -> None:
    card = answers.query_page(found(1, 6), "DeepSeek", 5, LOOK)
    assert card.html.startswith("<b>“DeepSeek”</b> üzrə 6 xəbər, 6\n")


def test_an_answer_says_what_became_of_the_query() -> None:
    card = answers.query_page(found(2, 2, suggestion="Deep"), "Deep", 0, LOOK, cut=True)
    first, second, *_ = card.html.split("\n\n")
    assert "ilk on iki sözü" in first
    assert "“deep” üzrə heç nə tapılmadı, “Deep” kimi axtardım." in second


def test_nothing_found_offers_spellings_and_following() -> None:
    card = answers.nothing(Found("x", spellings=("Intel", "Inter")), "Intl", LOOK)
    assert [[b["text"] for b in row] for row in card.keyboard] == [
        ["Intel"],
        ["Inter"],
        ["Abunə ol: Intl"],
    ]


def test_a_query_of_up_to_256_characters_is_taken_whole() -> None:
    whole = "a " * 127 + "aa"
    assert answers.query_of(whole) == answers.Query(whole)
    cut = answers.query_of(whole + "aaa")
    assert (cut.text, cut.cut) == (" ".join(["a"] * 12), True)


@given(st.text(max_size=2000))
def test_any_query_is_shortened_to_what_a_store_takes(text: str) -> None:
    query = answers.query_of(text)
    assert len(query.text) <= answers.MAX_QUERY_CHARS
    assert "\0" not in query.text
    query.text.encode()


@given(st.text(min_size=1, max_size=256), st.sampled_from(list(Mode)), st.booleans())
def test_a_topic_of_any_name_is_shown_escaped_and_within_limits(
    title: str,
    mode: Mode,
    paused: bool,  # noqa: FBT001 - hypothesis gives it so
) -> None:
    until = NOW + timedelta(hours=3) if paused else None
    one = Subscription(7, title, title, mode, until)
    chat = Chat(7, digest_at="09:00")
    named = [
        topics.followed(one, LOOK, created=True),
        topics.changed(one, chat, LOOK),
        topics.screen(one, chat, LOOK),
    ]
    assert all(escape(title, quote=False) in card.html for card in named)
    for card in (*named, topics.listing([one] * 45, 20, chat, LOOK)):
        assert len(cards.visible(card.html)) <= cards.MAX_MESSAGE_CHARS
        assert sum(len(row) for row in card.keyboard) <= 100
        assert len(json.dumps(card.keyboard, ensure_ascii=False).encode()) < 8000


def test_a_long_list_of_topics_has_pages() -> None:
    followed = [Subscription(7, f"t{n}", f"Mövzu {n}") for n in range(45)]
    card = topics.listing(followed, 20, CHAT, LOOK)
    assert [button["text"] for button in card.keyboard[-1]] == ["‹ Əvvəlki", "Növbəti ›"]
    assert sum(len(row) for row in card.keyboard[:-1]) == topics.TOPICS_PER_PAGE
    assert card.keyboard[0][0]["callback_data"] == f"t:{ref('t20')}"
