"""Which articles tell one story: what joins, and what never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.gist import gist
from bot.models import Article, StoredArticle
from bot.stories import SPAN, Stories

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEWS = (
    ("Bakıda metro qatarı dayandı", "Metroda qatar 14 dəqiqə tuneldə qalıb. Yaralanan yoxdur."),
    ("Starlink 79 manata", "SpaceX Azərbaycanda Starlink üçün 79 manat abunə haqqı təyin edib."),
    ("Starlink-in qiyməti açıqlandı", "Azərbaycanda Starlink abunə haqqı 79 manat, qurğu 649-dur."),
    (
        "Meta 3 600 işçini ixtisar edir",
        "Meta əməkdaşların 5 faizini, 3 600 nəfəri işdən azad edir.",
    ),
    ("Meta ixtisara başlayır", "Meta 3600 nəfəri, əməkdaşların 5 faizini ixtisar edəcək."),
    ("Şəkidə zəlzələ", "Şəki rayonunda 3,1 bal gücündə zəlzələ qeydə alınıb."),
)


def told(
    title: str, text: str, *, number: int = 1, source: str = "a.az", at: datetime = NOW
) -> StoredArticle:
    address = f"https://{source}/{number}"
    article = Article(url=address, title=title, text=text, published=at, source=source)
    return StoredArticle(number, number, article, at)


def is_one(first: tuple[str, str], second: tuple[str, str]) -> bool:
    stories = Stories()
    stories.place(told(*first))
    return stories.place(told(*second, number=2, source="b.az")) == 1


FLIGHT = (
    "Bakı-Almatı reysi açılır",
    "AZAL martın 3-dən Bakıdan Almatıya həftədə iki dəfə uçacaq, bilet 129 avrodan satılır.",
)
FLIGHT_AGAIN = (
    "AZAL Almatıya uçuşlara başlayır",
    "AZAL 3 martdan Bakıdan Almatıya həftədə 2 reys yerinə yetirəcək. Biletlər 129 avrodandır.",
)


def test_two_sources_in_other_words_tell_one_story() -> None:
    assert is_one(FLIGHT, FLIGHT_AGAIN)


def test_two_addresses_of_one_source_are_two_stories() -> None:
    stories = Stories()
    assert stories.place(told(*FLIGHT)) == 1
    assert stories.place(told(*FLIGHT, number=2)) == 2


def test_an_article_that_is_placed_again_stays_in_its_story() -> None:
    stories = Stories()
    stories.place(told(*FLIGHT))
    stories.place(told(*FLIGHT_AGAIN, number=2, source="b.az"))
    assert stories.place(told("Başqa xəbər", "Tamam başqa bir şey.", number=2, source="b.az")) == 1
    assert stories.members(1) == (1, 2)


def test_nothing_joins_a_story_older_than_two_days() -> None:
    stories = Stories()
    stories.place(told(*FLIGHT))
    late = NOW + SPAN + timedelta(seconds=1)
    assert stories.place(told(*FLIGHT_AGAIN, number=2, source="b.az", at=late)) == 2
    assert stories.story(1) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            ("Aİ-95 bahalaşdı", "Aİ-95 benzininin litri 5 qəpik bahalaşaraq 1,60 manat olub."),
            ("Aİ-95 ucuzlaşdı", "Aİ-95 benzininin litri 5 qəpik ucuzlaşaraq 1,60 manat olub."),
            id="another-way",
        ),
        pytest.param(
            ("Ağsuda qəza", "Ağsuda iki avtomobil toqquşub, 3 nəfər ölüb, 4 nəfər yaralanıb."),
            ("Ağcabədidə qəza", "Ağcabədidə iki maşın toqquşub, 3 nəfər ölüb, 4 nəfər yaralanıb."),
            id="another-place",
        ),
        pytest.param(
            ("Su olmayacaq", "Noyabrın 24-də Xətai rayonunda 10:00-dan 20:00-dək su olmayacaq."),
            ("Su olmayacaq", "Noyabrın 25-də Xətai rayonunda 10:00-dan 20:00-dək su olmayacaq."),
            id="another-day",
        ),
        pytest.param(
            ("Qaz olmayacaq", "Xətai rayonunda saat 10:00-dan 18:00-dək qaz verilməyəcək."),
            ("Su olmayacaq", "Xətai rayonunda saat 10:00-dan 20:00-dək su verilməyəcək."),
            id="other-hours",
        ),
        pytest.param(
            ("Netflix tarifi", "Netflix Azərbaycanda abunə haqqını 12,99 dollara qaldırır."),
            ("Spotify tarifi", "Spotify Azərbaycanda abunə haqqını 12,99 dollara qaldırır."),
            id="another-company",
        ),
        pytest.param(
            ("Nazir: Yeni məktəblər tikiləcək", "Nazir Emin Əmrullayev iclasda məktəbdən danışıb."),
            ("Nazir: Maaşlar qalxacaq", "Nazir Emin Əmrullayev iclasda əməkhaqqından danışıb."),
            id="another-statement",
        ),
        pytest.param(
            ("Gemini 3 təqdim edildi", "Google yeni Gemini 3 modelini 1,5 milyon dollara satıb."),
            ("Gemini 3 представлена", "Google представила модель Gemini 3 за 1,5 миллиона."),
            id="another-language",
        ),
    ],
)
def test_what_differs_in_one_thing_is_another_story(
    first: tuple[str, str], second: tuple[str, str]
) -> None:
    assert not is_one(first, second)
    assert not is_one(second, first)


feeds = st.lists(
    st.tuples(st.sampled_from(NEWS), st.sampled_from("abc"), st.integers(0, 70)), max_size=12
)


def fed(feed: list[tuple[tuple[str, str], str, int]]) -> list[StoredArticle]:
    return [
        told(*news, number=number, source=f"{source}.az", at=NOW + timedelta(hours=hours))
        for number, (news, source, hours) in enumerate(feed, start=1)
    ]


@settings(max_examples=60, deadline=None)
@given(feeds)
def test_the_same_log_gives_the_same_stories(
    feed: list[tuple[tuple[str, str], str, int]],
) -> None:
    log = fed(feed)
    first, second = Stories(), Stories()
    assert [first.place(one) for one in log] == [second.place(one) for one in log]


@settings(max_examples=60, deadline=None)
@given(feeds)
def test_a_story_has_a_source_once_and_joins_within_two_days(
    feed: list[tuple[tuple[str, str], str, int]],
) -> None:
    stories = Stories()
    for one in fed(feed):
        story = stories.place(one)
        sources = [feed[member - 1][1] for member in stories.members(story)]
        assert len(sources) == len(set(sources))
        assert story == one.id or story < one.id


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NEWS), st.sampled_from(NEWS))
def test_likeness_is_the_same_both_ways(first: tuple[str, str], second: tuple[str, str]) -> None:
    stories = Stories()
    one, other = gist(told(*first)), gist(told(*second, number=2, source="b.az"))
    assert stories.likeness(one, other) == pytest.approx(stories.likeness(other, one))


def test_nothing_is_kept_of_what_was_forgotten() -> None:
    stories = Stories()
    for one in fed([(news, "a", 0) for news in NEWS]):
        stories.place(one)
    stories.place(told("Yeni", "Yeni gün.", number=50, at=NOW + 2 * SPAN))
    assert all(stories.members(number) == () for number in range(1, len(NEWS) + 1))
    fresh = replace(told(*NEWS[0], number=51, source="b.az"), first_seen=NOW)
    assert stories.place(fresh) == 51


FORM = (
    "Bu gün Bakıda keçirilən tədbirdə {} barədə məlumat verilib. Mütəxəssislər bildiriblər ki, "
    "layihə gələn il başa çatacaq və 1200 nəfər işlə təmin olunacaq. Layihənin dəyəri 45 milyon "
    "manat təşkil edir. Nazirlik bununla bağlı ayrıca açıqlama yayıb."
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Körpü təmiri", "Məktəb açılışı"),
        ("Yeni hadisə 1: körpü təmiri", "Yeni hadisə 2: məktəb açılışı"),
        ("Xəbər 1", "Xəbər 2"),
        ("Birinci xəbər", "İkinci xəbər"),
    ],
)
def test_a_form_that_two_sources_filled_in_tells_two_stories(first: str, second: str) -> None:
    assert not is_one((first, FORM.format(first)), (second, FORM.format(second)))


@pytest.mark.parametrize(
    "title",
    ["Körpü təmiri", "Nazirlik layihə barədə açıqlama yayıb", "1200 nəfər işlə təmin olunacaq"],
)
def test_a_reprint_under_another_title_tells_the_same(title: str) -> None:
    text = FORM.format("körpü təmiri")
    assert is_one(("45 milyonluq layihə gələn il başa çatacaq", text), (title, text))
