"""The index on disk: what is added is found, kept, replaced, and made anew when damaged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.errors import IndexBusyError, XeberciError
from bot.models import Article, StoredArticle
from bot.search.index import SearchIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ARTICLES = [
    ("DeepSeek yeni modelini təqdim etdi", "Çinin DeepSeek startapı süni intellekt qurub."),
    ("Pentaqon DeepSeek-i bloklamağa çalışır", "ABŞ müdafiə nazirliyi tətbiqi qadağan edir."),
    ("Süni zəkanın təhsildə rolu artır", "Müəllimlər yeni alətlərdən istifadə edir."),
    ("Apple iPhone 17 modelini satışa çıxardı", "Qiymət iPhone 16 ilə eynidir, ekran isə böyüyüb."),
    ("Samsung Galaxy S25 təqdim olundu", "Smartfonun kamerası və batareyası yenilənib."),
    ("Tesla Bakıda servis mərkəzi açır", "Elektromobillərin sayı Azərbaycanda artır."),
    ("Aİ texnologiya şirkətlərini cərimələdi", "Avropa komissiyası qərarı elan edib."),
    ("Bakıda ev qiymətləri bahalaşdı", "Mənzil bazarında artım davam edir."),
    ("Bakcell 5G şəbəkəsini genişləndirir", "Mobil operator yeni stansiyalar quraşdırıb."),
    ("NASA Marsa yeni missiya hazırlayır", "Raket uçacaq. DeepSeek burada keçir."),
    ("Kibertəhlükəsizlik üzrə təlim keçirildi", "Hakerlərin hücumlarına qarşı müdafiə öyrədilib."),
    ("Yeni telefon bazara çıxdı", "Ən son xəbərləri Telegram kanalımızda izləyin"),
]  # fmt: skip


def _stored(number: int, title: str, text: str = "", *, seq: int | None = None) -> StoredArticle:
    article = Article(f"https://x.az/{number}", title, text, NOW - timedelta(hours=number))
    return StoredArticle(number, seq or number, article, NOW)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    made = SearchIndex(tmp_path / "index")
    made.open()
    made.add([_stored(number, *words) for number, words in enumerate(ARTICLES, 1)])
    yield made
    made.close()


def _ids(index: SearchIndex, query: str) -> tuple[int, ...]:
    return index.search(query, now=NOW).ids


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("suni zeka", 3),
        ("süni intellekt", 3),
        ("Sİ", 3),
        ("DeepSeek-in", 1),
        ("deep seek", 1),
        ("ДипСик", 1),
        ("iphone 17", 4),
        ("iPhone17-nin", 4),
        ("galaxy s25", 5),
        ("smartfonlarından", 5),
        ("Avropa İttifaqı", 7),
        ("Aİ", 7),
        ("ev", 8),
        ("EV", 6),
        ("kibertehlukesizliyi", 11),
        ("haker", 11),
        ("tesla baki", 6),
        ("yeni telefon", 12),
    ],
)
def test_a_query_finds_its_article_first(index: SearchIndex, query: str, first: int) -> None:
    assert _ids(index, query)[:1] == (first,)


@pytest.mark.parametrize("query", ["iPhone 15", "Tesla NASA", "futbol", "Motorola", "", "😀", "?!"])
def test_no_such_news_is_an_honest_nothing(index: SearchIndex, query: str) -> None:
    answer = index.search(query)
    assert (answer.ids, answer.total, answer.suggestion) == ((), 0, None)


def test_a_title_comes_before_a_mention_in_passing(index: SearchIndex) -> None:
    assert _ids(index, "DeepSeek") == (1, 2, 10)


def test_the_newest_of_equals_comes_first(index: SearchIndex) -> None:
    index.add([_stored(number, "Starlink Azərbaycanda") for number in (41, 40, 42)])
    assert _ids(index, "Starlink") == (40, 41, 42)


def test_promotion_is_not_found(index: SearchIndex) -> None:
    assert _ids(index, "Telegram") == ()


def test_a_house_is_no_electric_car_and_the_union_no_intelligence(index: SearchIndex) -> None:
    assert 8 not in _ids(index, "EV")
    assert 6 not in _ids(index, "ev")
    assert 7 not in _ids(index, "AI")


def test_an_unknown_word_is_read_as_the_one_near_word(index: SearchIndex) -> None:
    answer = index.search("Pentqon")
    assert (answer.ids, answer.suggestion) == ((2,), "Pentaqon")


def test_near_words_are_offered_where_two_could_be_meant(index: SearchIndex) -> None:
    index.add([_stored(50, "Qaralar gəldi"), _stored(51, "Kalmar və kalman")])
    answer = index.search("kalmas")
    assert answer.ids == ()
    assert set(answer.spellings) == {"Kalmar", "kalman"}


@pytest.mark.parametrize(
    ("query", "suggestion", "found"),
    [
        ("kibertəhlükə", "Kibertəhlükəsizlik", 11),
        ("cərimə", "cərimələdi", 7),
        ("suni intelekt", "süni intellekt", 3),
        ("kibertəhlükəsizlk", "Kibertəhlükəsizlik", 11),
        ("starsiya", None, None),
        ("stadiyala", None, None),
    ],
)
def test_a_word_is_read_as_one_that_is_made_from_it(
    index: SearchIndex, query: str, suggestion: str | None, found: int | None
) -> None:
    answer = index.search(query, now=NOW)
    assert answer.suggestion == suggestion
    assert answer.ids[:1] == (() if found is None else (found,))


@pytest.mark.parametrize(
    ("query", "suggestion", "found"),
    [
        ("DipSek", "DeepSeek", 1),
        ("deepsekin", "DeepSeek", 1),
        ("Ayfon 17", "iPhone 17", 4),
        ("Samsng", "Samsung", 5),
        ("süni zka", "Süni zəka", 3),
        ("sünizəka", "süni zəka", 3),
        ("yenitelefon", "yeni telefon", 12),
        ("ДипСик", None, 1),
        ("DEEPSEEK-in", None, 1),
        ("galaxys25", None, 5),
    ],
)
def test_a_wrong_spelling_is_told_and_a_right_one_is_not(
    index: SearchIndex, query: str, suggestion: str | None, found: int
) -> None:
    answer = index.search(query, now=NOW)
    assert (answer.suggestion, answer.ids[:1]) == (suggestion, (found,))


@pytest.mark.parametrize("query", ["Tesco", "Tinder", "Canon", "kitab evi", "karate", "balıqçılıq"])
def test_another_word_is_no_slip(index: SearchIndex, query: str) -> None:
    index.add([_stored(95, "Tender elan edildi", "Qanun, kart, katib, çatıb, balıqçı.")])
    answer = index.search(query)
    assert (answer.ids, answer.suggestion) == ((), None)
    assert not {"katib", "çatıb", "Tender"} & set(answer.spellings)


def test_news_of_what_belongs_to_a_topic_follows_its_own(index: SearchIndex) -> None:
    assert _ids(index, "kosmos") == ()
    index.add([_stored(96, "Kosmos haqqında"), _stored(97, "Yeni kitab", "Kosmos da var.")])
    assert _ids(index, "kosmos")[0] == 96
    assert 10 in _ids(index, "kosmos")


def test_what_is_in_the_title_is_ordered_by_date_however_long_title_and_text(
    index: SearchIndex,
) -> None:
    long = (
        "Starlink Azərbaycanda internetin qiymətini və sürətini dəyişən yeni paketlər təqdim edib"
    )
    index.add([_stored(2 + 48, "Starlink"), _stored(49, long, "Starlink haqqında. " * 50)])
    assert _ids(index, "Starlink") == (49, 50)


def test_a_name_of_several_words_is_also_looked_for_word_by_word(index: SearchIndex) -> None:
    assert _ids(index, "haker hücumu") == (11,)


def test_words_that_only_together_are_one_are_joined(index: SearchIndex) -> None:
    assert _ids(index, "penta qon") == (2,)


def test_of_three_words_the_commonest_may_be_missing(index: SearchIndex) -> None:
    assert _ids(index, "Bakcell şəbəkə Bakıda") == (9,)
    assert _ids(index, "iPhone 17 Bakıda") == ()


def test_what_the_lists_know_is_never_read_as_another_word(index: SearchIndex) -> None:
    index.add([_stored(60, "Oppu adlı kənd")])
    assert index.search("Oppo").suggestion is None
    assert index.search("Oppo").ids == ()


def test_pages_follow_each_other(index: SearchIndex) -> None:
    pages = [index.search("DeepSeek", limit=1, offset=offset, now=NOW) for offset in range(4)]
    assert [page.ids for page in pages] == [(1,), (2,), (10,), ()]
    assert [page.total for page in pages[:3]] == [3, 3, 3]


def test_scores_fall(index: SearchIndex) -> None:
    scores = index.search("DeepSeek", now=NOW).scores
    assert list(scores) == sorted(scores, reverse=True)


def test_an_article_that_is_added_again_is_replaced(index: SearchIndex) -> None:
    index.add([_stored(1, "Başqa başlıq", seq=99)])
    assert 1 not in _ids(index, "DeepSeek")
    assert _ids(index, "başqa başlıq") == (1,)
    assert index.checkpoint == 99


def test_what_was_added_is_there_after_reopening(index: SearchIndex, tmp_path: Path) -> None:
    index.close()
    again = SearchIndex(tmp_path / "index")
    again.open()
    assert again.checkpoint == len(ARTICLES)
    assert _ids(again, "NASA") == (10,)
    again.close()


@pytest.mark.parametrize("damage", ["meta.json", "version"])
def test_a_damaged_index_starts_anew(index: SearchIndex, tmp_path: Path, damage: str) -> None:
    index.close()
    (tmp_path / "index" / damage).write_text("garbage", encoding="utf-8")
    again = SearchIndex(tmp_path / "index")
    again.open()
    assert again.checkpoint == 0
    again.add([_stored(1, "Tesla")])
    assert _ids(again, "Tesla") == (1,)
    again.close()


def test_cut_segments_start_anew(index: SearchIndex, tmp_path: Path) -> None:
    index.close()
    for file in (tmp_path / "index").iterdir():
        if file.suffix not in {".json", ".lock", ""}:
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    again = SearchIndex(tmp_path / "index")
    again.open()
    assert again.checkpoint == 0
    again.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(XeberciError, match="cannot be written"):
        SearchIndex(tmp_path / "file" / "index").open()


def test_a_reader_sees_what_the_writer_commits(index: SearchIndex, tmp_path: Path) -> None:
    reader = SearchIndex(tmp_path / "index", read_only=True)
    reader.open()
    assert _ids(reader, "Starlink") == ()
    index.add([_stored(70, "Starlink Azərbaycanda")])
    assert _ids(reader, "Starlink") == (70,)
    assert reader.checkpoint == 70
    with pytest.raises(XeberciError):
        reader.add([_stored(71, "Starlink")])
    reader.close()


def test_a_reader_without_an_index_finds_nothing(tmp_path: Path) -> None:
    reader = SearchIndex(tmp_path / "index", read_only=True)
    reader.open()
    assert (reader.checkpoint, reader.search("Tesla").total) == (0, 0)
    assert reader.related(_stored(1, "Tesla")) == []
    assert not (tmp_path / "index").exists()


def test_a_second_writer_is_refused_with_a_clear_line(index: SearchIndex, tmp_path: Path) -> None:
    with pytest.raises(IndexBusyError, match="another process"):
        SearchIndex(tmp_path / "index").open()
    index.add([_stored(80, "Tesla")])
    assert _ids(index, "Tesla") == (6, 80)


def test_related_stories_are_near_and_never_the_same_story(index: SearchIndex) -> None:
    index.add([_stored(90, "DeepSeek yeni modelini təqdim etdi - FOTO", "Çinin startapı.")])
    related = index.related(_stored(1, *ARTICLES[0]))
    assert related[0] == 2
    assert not {1, 90} & set(related)


def test_related_stories_tell_one_story_once(index: SearchIndex) -> None:
    twice = "Pentaqon DeepSeek-i bloklamağa çalışıb"
    index.add([_stored(91, twice, "Müdafiə nazirliyi DeepSeek tətbiqini qadağan edir.")])
    assert len({2, 91} & set(index.related(_stored(1, *ARTICLES[0])))) == 1


@pytest.mark.parametrize(
    "query",
    [
        "a" * 1_000_000,
        "deepseek " * 2000,
        '"(title:x AND',
        "<b>x</b>",
        "\ud800",
        "\u202eabc",
        "'-'",
    ],
)
def test_any_text_gets_an_answer(index: SearchIndex, query: str) -> None:
    assert index.search(query).total >= 0


@pytest.mark.parametrize("days", [0.1, 45])
def test_a_word_of_nearly_every_title_brings_the_newest_however_old_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: float
) -> None:
    rows = [
        StoredArticle(
            number,
            number,
            Article(
                f"https://x.az/{number}",
                f"Telefon bazarı: yeni telefon nömrə {number}",
                "",
                NOW - timedelta(days=days, minutes=(number * 37) % 300),
            ),
            NOW,
        )
        for number in range(1, 301)
    ]
    made = SearchIndex(tmp_path / "many")
    made.open()
    made.add(rows)
    plain = made.search("telefon", limit=20, now=NOW)
    monkeypatch.setattr("bot.search.index._MANY", 1)
    assert made.search("telefon", limit=20, now=NOW).ids == plain.ids
    assert [rows[number - 1].when for number in plain.ids] == sorted(
        (row.when for row in rows), reverse=True
    )[:20]
    made.close()
