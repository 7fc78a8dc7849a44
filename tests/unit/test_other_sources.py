"""Who else tells a story: the line under a digest, and messages that are changed for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot import cards
from bot.digest.formatter import MAX_CHARS, digest_html, others_line
from bot.models import Article, Chat, Credit, Digest, Message, StoredArticle, Subscription
from bot.texts import load_texts

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
T = load_texts().of("az")
TESLA = Subscription(7, "tesla", "Tesla")


def told_by(number: int, source: str) -> StoredArticle:
    article = Article(
        f"https://x.example/{number}?a=1&b=2",
        "Tesla Bakıda servis açdı",
        text="Tesla şirkəti Bakıda ilk rəsmi servis mərkəzini bu gün açıb.",
        published=NOW,
        source=source,
    )
    return StoredArticle(number, number, article, NOW, 1)


def payload(message: Message) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(message.payload)
    return read


def shown(others: tuple[tuple[str, str | None], ...], topic: str | None = None) -> list[str]:
    return cards.visible(cards.body(told_by(1, "APA"), T, topic, others)).splitlines()


def named(*sources: str) -> tuple[tuple[str, str | None], ...]:
    own = told_by(1, "APA")
    return cards.outlets([own, *(told_by(n, s) for n, s in enumerate(sources, 2))], own)


def test_other_sources_stand_between_credit_and_topic() -> None:
    assert shown(named("Report", "Trend"), "Tesla")[-3:] == [
        "Mənbə: APA",
        "Digər mənbələr: Report, Trend",
        "Mövzu: Tesla",
    ]


def test_a_story_that_nobody_else_tells_has_no_such_line() -> None:
    assert shown(()) == cards.visible(cards.body(told_by(1, "APA"), T)).splitlines()


def test_more_than_five_are_counted() -> None:
    line = shown(named(*(f"mənbə{n}" for n in range(8))))[-1]
    assert line == "Digər mənbələr: mənbə0, mənbə1, mənbə2, mənbə3, mənbə4 və daha 3"
    assert shown(named(*(f"mənbə{n}" for n in range(5))))[-1].endswith("mənbə4")


def test_each_source_is_named_once_and_an_articles_own_is_not() -> None:
    assert [name for name, _ in named("Report", "APA", "Report")] == ["Report"]


def test_other_sources_are_linked_to_what_they_wrote_and_escaped() -> None:
    html = cards.body(told_by(1, "APA"), T, others=(("<R&D>", "https://r.example/?a=1&b=2"),))
    assert '<a href="https://r.example/?a=1&amp;b=2">&lt;R&amp;D&gt;</a>' in html


def test_addresses_that_have_no_room_are_left_out() -> None:
    outlets = tuple((f"mənbə{n}", f"https://x.example/{n}/{'a' * 1900}") for n in range(5))
    line = others_line("Digər mənbələr", outlets)
    assert line.html.count("<a ") == 2
    assert len(line.html.encode()) < 5000
    assert cards.visible(line.html) == "Digər mənbələr: mənbə0, mənbə1, mənbə2, mənbə3, mənbə4"


@given(
    st.text(max_size=5000),
    st.lists(st.tuples(st.text(max_size=300), st.none()), min_size=1, max_size=5),
    st.text(max_size=400),
)
def test_a_digest_with_all_its_lines_is_no_longer_than_a_message(
    title: str, outlets: list[tuple[str, None]], topic: str
) -> None:
    digest = Digest("https://x.example/", title, ("Cümlə.",), Credit("APA"), "Report")
    others = others_line("Digər mənbələr", outlets, "və daha 3")
    html = digest_html(digest, topic_line=topic, others=others)
    assert len(cards.visible(html)) <= MAX_CHARS


def test_a_changed_alert_keeps_text_preview_and_buttons_of_the_alert() -> None:
    sent = payload(cards.alert(told_by(1, "APA"), Chat(7), TESLA, T, NOW, to_digest=True))
    changed = cards.alert_again(told_by(1, "APA"), (7, 55), TESLA, T, to_digest=True)
    assert changed.method == "editMessageText"
    assert payload(changed) == sent | {"message_id": 55}


def test_a_changed_post_goes_to_the_channels_address() -> None:
    changed = cards.post_again(told_by(1, "APA"), ("@kanal", 5), T, "b", named("Report"))
    posted = payload(cards.post(told_by(1, "APA"), "@kanal", T, "b", others=named("Report")))
    assert payload(changed) == posted | {"message_id": 5}


def test_an_alert_that_nobody_follows_any_more_has_no_buttons_of_a_topic() -> None:
    changed = payload(cards.story_again(told_by(1, "APA"), (7, 55), "Tesla", T, named("Report")))
    labels = [b["text"] for row in changed["reply_markup"]["inline_keyboard"] for b in row]
    assert labels == ["Oxu", "Linki kopyala", "Oxşar xəbərlər"]
    assert changed["text"].endswith("\nMövzu: Tesla")
