"""Article pages give what their readers see, with and without a profile."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.models import Article, Credit
from bot.sources import document
from bot.sources.reading import Kind, ReadContext

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"
TECHNOTE = (FIXTURES / "technote_page.html").read_text("utf-8")
LINKED_DATA = (FIXTURES / "ld_page.html").read_text("utf-8")
BARE = (FIXTURES / "bare_page.html").read_text("utf-8")
PLAIN = (FIXTURES / "plain_page.html").read_text("utf-8")
CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))
CREDIT = '<p class="source">Mənbə: <a href="https://www.gizbloq.example/qravera">Gizbloq</a></p>'


def read(text: str, url: str | None = None, context: ReadContext = CONTEXT) -> Article:
    reading = document.read(text.encode(), url=url, content_type="text/html", context=context)
    assert reading.kind is Kind.PAGE
    (item,) = reading.items
    return item.article


def check_technote(article: Article, *, host: str = "technote.az") -> None:
    assert article.title == "Qravera açıq mənbəli dil modelini ictimaiyyətə təqdim edib"
    assert article.category == "Süni İntellekt"
    assert article.published is not None
    assert article.published.isoformat() == "2026-03-05T00:00:00+04:00"
    assert article.author == "Aysel Quliyeva"
    paragraphs = article.text.split("\n\n")
    assert [text.split()[0] for text in paragraphs] == [
        "İsveçrənin",
        "Modelin",
        "Qravera",
        "Modelin",
    ]
    assert paragraphs[-1].endswith("planlaşdırır.")
    assert article.credit is not None
    assert article.credit.name == "Gizbloq"
    assert [story.title for story in article.related] == [
        "Robot aşbaz Bakıda işə başlayıb",
        "Yeni çip enerji sərfini yarıya qədər azaldır",
        "Məktəblilər üçün proqramlaşdırma kursu açılır",
    ]
    assert all(story.url.startswith(f"https://{host}/") for story in article.related)
    assert article.image == f"https://static.{host}/media/posts/thumbnail/qravera.jpg"
    assert article.source == host


def test_a_technote_page_is_read_by_its_profile() -> None:
    article = read(TECHNOTE)
    check_technote(article)
    assert article.credit == Credit("Gizbloq", "https://www.gizbloq.example/qravera")


def test_the_same_page_is_read_without_a_profile() -> None:
    text = TECHNOTE.replace("technote.az", "misal.az").replace("Technote", "Misal")
    check_technote(read(text), host="misal.az")


REDESIGNS: dict[str, Callable[[str], str]] = {
    "no OpenGraph": lambda text: re.sub(r'<meta property="og:(?:type|title)[^>]*>', "", text),
    "h1": lambda text: text.replace("h2>", "h1>"),
    "a section": lambda text: text.replace("article>", "section>"),
    "divs alone": lambda text: re.sub(r"<(/?)(p|h3|span|article|main|section)\b", r"<\1div", text),
    "no classes": lambda text: re.sub(r' class="[^"]*"', "", text),
    "a lead in p": lambda text: text.replace("<h3>İsveçrənin", "<p>İsveçrənin").replace(
        "istifadə edilib.</h3>", "istifadə edilib.</p>"
    ),
    "a lead outside": lambda text: text.replace('<div class="content">\n', "").replace(
        "istifadə edilib.</h3>", 'istifadə edilib.</h3><div class="content">'
    ),
    "block__element": lambda text: re.sub(
        r'class="(date|category|author|content|source|meta)"', r'class="post__\1"', text
    ),
    "a bold label": lambda text: text.replace(
        CREDIT, '<p><strong>Mənbə:</strong> <a href="https://www.gizbloq.example/">Gizbloq</a></p>'
    ),
    "a credit in the text": lambda text: text.replace(CREDIT, "").replace(
        "planlaşdırır.</p>", "planlaşdırır.</p><p>Mənbə: Gizbloq</p>"
    ),
    "a bare line": lambda text: text.replace(CREDIT, "").replace(
        "planlaşdırır.</p>", "planlaşdırır.</p><br>Mənbə: Gizbloq"
    ),
    "stories in the article": lambda text: text.replace("</article>", "").replace(
        "</section></main>", "</section></article></main>"
    ),
    "stories without a box": lambda text: text.replace("<section>", "").replace("</section>", ""),
    "a label without a colon": lambda text: text.replace(
        CREDIT, '<div><b>Mənbə</b> <a href="https://www.gizbloq.example/">Gizbloq</a></div>'
    ),
    "a list of terms": lambda text: text.replace(
        CREDIT, "<dl><dt>Mənbə:</dt><dd>Gizbloq</dd></dl>"
    ),
    "a list of facts": lambda text: re.sub(
        r'<div class="meta">.*?</div>',
        '<ul><li><a href="/suni-zeka-ve-elm">Süni İntellekt</a></li><li>05.03.2026</li>'
        "<li>Aysel Quliyeva</li><li>1250 baxış</li></ul>",
        text,
    ),
    "an author's label": lambda text: text.replace("Aysel", "<b>Müəllif:</b> Aysel", 1),
    "a logo in h1": lambda text: text.replace(
        "<header>", '<header><h1><a href="/">Texnologiya xəbərləri portalı</a></h1>'
    ),
    "capitals": lambda text: text.replace("Oxşar xəbərlər", "OXŞAR XƏBƏRLƏR").replace(
        "Bənzər xəbərlər", "BƏNZƏR XƏBƏRLƏR"
    ),
    "plain links": lambda text: re.sub(
        r'<a class="post-card" href="([^"]*)"><img[^>]*><h3>(.*?)</h3>.*?</a>',
        r'<li><a href="\1">\2</a> <small>01.03.2026</small></li>',
        text,
    ),
    "a header": lambda text: text.replace("<article>", "<article><header>").replace(
        '<div class="content">', '</header><div class="content">'
    ),
    "a long date": lambda text: text.replace("05.03.2026", "5 mart 2026"),
    "a short month": lambda text: text.replace("05.03.2026", "05.3.2026"),
    "plain lines": lambda text: re.sub(
        r'<div class="meta">.*?</div>',
        "<p>Süni İntellekt</p><p>05.03.2026</p><p>Aysel Quliyeva</p>",
        text,
    ),
    "share and tags": lambda text: text.replace(
        '<div class="content">',
        '<div class="share"><a href="#">Facebook-da paylaş</a></div><div class="content">',
    ).replace("<button", '<div class="tags"><a href="/tag/q">#Qravera</a></div><button'),
}


@pytest.mark.parametrize("name", REDESIGNS)
@pytest.mark.parametrize("host", ["technote.az", "misal.az"])
def test_a_redesign_changes_nothing(name: str, host: str) -> None:
    changed = REDESIGNS[name](TECHNOTE)
    assert changed != TECHNOTE
    check_technote(
        read(changed.replace("technote.az", host).replace("Technote", "Misal")), host=host
    )


def test_what_a_page_states_about_itself_counts() -> None:
    article = read(LINKED_DATA, "https://misal.az/neqliyyat/elektrik-avtobuslar/amp")
    assert article.url == "https://misal.az/neqliyyat/elektrik-avtobuslar"
    assert article.title == "Bakıda elektrik avtobusların sayı 200-ə çatıb"
    assert article.published == datetime(2026, 3, 5, 5, 30, tzinfo=UTC)
    assert article.author == "Rəşad Əliyev, Nigar Həsənli"
    assert article.category == "Nəqliyyat"
    assert article.image == "https://cdn.misal.az/avtobus.webp"
    assert article.summary == "Paytaxtda daha 40 elektrik avtobus xəttə buraxılıb."
    assert [story.title for story in article.related] == ["İkinci xəbərin uzun başlığı"]


def test_lists_and_tables_stay_readable_and_the_rest_is_silent() -> None:
    paragraphs = read(LINKED_DATA, "https://misal.az/neqliyyat/elektrik-avtobuslar").text.split(
        "\n\n"
    )
    assert paragraphs[2:6] == [
        "• Uzunluq 12 metrdir.", "• Oturacaq sayı 31-dir.", "Xətt | Say", "17 | 25",
    ]  # fmt: skip
    text = " ".join(paragraphs)
    for gone in ("Foto:", "gizli", "Telegram", "#avtobus", "Facebook", "Birinci", "İkinci"):
        assert gone not in text


def test_a_page_of_bare_lines_is_read() -> None:
    article = read(PLAIN, "https://sade.az/texno/dron")
    assert article.title == "Tələbələr zibil yığan dron hazırlayıb"
    assert [text.split()[0] for text in article.text.split("\n\n")] == [
        "Gəncədə", "Layihənin", "Tələbələr",
    ]  # fmt: skip
    assert article.published is not None
    assert article.published.isoformat() == "2026-03-05T14:20:00+04:00"
    assert article.credit == Credit("Report")
    assert article.category == "Texnologiya"


def test_a_canonical_link_of_another_site_does_not_count() -> None:
    article = read(TECHNOTE, "https://kopya.az/xeber/1?utm_source=x#a")
    assert article.url == "https://kopya.az/xeber/1"
    assert article.source == "kopya.az"


def test_a_canonical_link_to_the_front_page_does_not_count() -> None:
    changed = TECHNOTE.replace(
        "https://technote.az/suni-zeka-ve-elm/qravera-aciq-menbeli-dil-modelini-teqdim-edib",
        "https://technote.az/",
    )
    assert read(changed, "https://technote.az/suni-zeka-ve-elm/q").url.endswith("/q")


def test_a_mobile_twin_takes_the_canonical_address() -> None:
    assert read(TECHNOTE, "https://m.technote.az/q").url.startswith("https://technote.az/suni-zeka")


def test_the_configured_name_is_the_source() -> None:
    named = ReadContext(now=CONTEXT.now, zone=CONTEXT.zone, sources={"technote.az": "Technote"})
    assert read(TECHNOTE, context=named).source == "Technote"


def test_a_profile_can_be_named_and_an_unknown_one_is_told() -> None:
    text = TECHNOTE.replace("technote.az", "misal.az")
    named = ReadContext(now=CONTEXT.now, zone=CONTEXT.zone, profile="technote.az")
    check_technote(read(text, context=named), host="misal.az")
    unknown = ReadContext(now=CONTEXT.now, zone=CONTEXT.zone, profile="yoxdur")
    with pytest.raises(ParseError, match="yoxdur"):
        read(text, context=unknown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "salam",
        "{}",
        "<html><body><h1>404</h1><p>Səhifə tapılmadı</p></body></html>",
        "<!doctype html><html><head><title>Giriş</title></head><body><form>Ad</form></body></html>",
        "<html><body><div id=app></div><script>go()</script></body></html>",
    ],
)
def test_what_is_neither_feed_listing_nor_article_is_told_in_a_line(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        document.read(
            text.encode(), url="https://misal.az/a", content_type="text/html", context=CONTEXT
        )
    assert str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_page_without_an_address_asks_for_one() -> None:
    with pytest.raises(ParseError, match="--url"):
        document.read(PLAIN.encode(), url=None, content_type=None, context=CONTEXT)


def test_a_date_ahead_is_now() -> None:
    article = read(TECHNOTE.replace("05.03.2026", "05.03.2027"))
    assert article.published == CONTEXT.now


def test_no_date_is_none_even_beside_dated_stories() -> None:
    for host in ("technote.az", "misal.az"):
        text = TECHNOTE.replace('<span class="date">05.03.2026</span>', "")
        assert read(text.replace("technote.az", host)).published is None


def test_an_outlet_linked_in_a_sentence_gets_its_address() -> None:
    text = TECHNOTE.replace(CREDIT, "").replace(
        "<p>Modelin kiçik",
        '<p>“Technote” <a href="https://apa.az/x">APA</a>-ya istinadən bildirir ki, modelin kiçik',
    )
    assert read(text).credit == Credit("APA", "https://apa.az/x")


def test_a_short_article_is_one_where_a_page_is_expected() -> None:
    text = (
        "<html><body><h1>Yol müvəqqəti bağlanıb</h1><p>Bakıda Nizami küçəsi təmir işlərinə görə"
        " üç gün müddətinə bağlanıb, sürücülər başqa yolla getməlidir.</p></body></html>"
    )
    expecting = ReadContext(now=CONTEXT.now, zone=CONTEXT.zone, expect=Kind.PAGE)
    article = read(text, "https://misal.az/yol", expecting)
    assert article.title == "Yol müvəqqəti bağlanıb"
    assert article.text.startswith("Bakıda Nizami")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('<span class="date">05.03.2026</span>', "2026-03-05T00:00:00+04:00"),
        ('<span class="date">05.3.2026 14:05:00</span>', "2026-03-05T14:05:00+04:00"),
        ('<div class="date">09.11.2025 | 10:59</div>', "2025-11-09T10:59:00+04:00"),
        ("<i>14 noyabr 2025 16:23 (UTC +04:00)</i>", "2025-11-14T16:23:00+04:00"),
        ('<span class="tarix">21.02.2026 [19:22]</span>', "2026-02-21T19:22:00+04:00"),
        ("<time>12:18, Bu gün</time>", "2026-11-23T12:18:00+04:00"),
        ("<p><span>16 noyabr, 2025</span> <span>14:00</span></p>", "2025-11-16T14:00:00+04:00"),
        (
            '<ul><li class="date">16 noyabr, 2025</li><li>14:00</li></ul>',
            "2025-11-16T14:00:00+04:00",
        ),
        ("<span>15 Noyabr 10:31 (UTC+04)</span>", "2026-11-15T10:31:00+04:00"),
        ("<span>15 noy, 2025 / 19:44</span>", "2025-11-15T19:44:00+04:00"),
        ("<div>Dünən / 20:10</div>", "2026-11-22T20:10:00+04:00"),
        ('<time datetime="2026-03-05T14:05:00+04:00">5 mart</time>', "2026-03-05T14:05:00+04:00"),
        ("<small>28 oktyabr</small>", "2026-10-28T00:00:00+04:00"),
        ("<small>3 saat əvvəl</small>", "2026-11-23T13:00:00+04:00"),
    ],
)
@pytest.mark.parametrize("host", ["technote.az", "misal.az"])
def test_dates_of_every_shape_are_read(host: str, written: str, expected: str) -> None:
    text = TECHNOTE.replace('<span class="date">05.03.2026</span>', written, 1)
    article = read(text.replace("technote.az", host))
    assert article.published is not None
    assert article.published.astimezone(CONTEXT.zone).isoformat() == expected
    assert len(article.text.split("\n\n")) == 4


PIECES = st.sampled_from(
    """
    <div>|</div>|<p>|</p>|<article>|</article>|<h1>|</h1>|<a href=/b>|</a>|<span>|</span>|<br>
    |<table>|<tr>|<td>|<li>|<script>|</script>|<title>|</title>|<section class=related>|<time>
    |<meta |<base |property=og:type |content=article |href=/a>|<div class=date>|<div class=content>
    |Oxşar xəbərlər|Mənbə: APA|05.03.2026|Bu gün / 12:18|&#0;|<svg>|<!--|Salam, dünya.
    """.replace("\n    ", "").split("|")
)


@settings(max_examples=80, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(["technote.az", "misal.az"]))
def test_no_damaged_page_raises_anything_but_a_parse_error(inside: str, host: str) -> None:
    text = TECHNOTE.replace('<div class="content">', f'{inside}<div class="content">{inside}')
    for data in (text, f"<html>{inside}"):
        try:
            found = document.read(
                data.encode(), url=f"https://{host}/a", content_type=None, context=CONTEXT
            )
        except ParseError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert all(article.title for article in found.articles)


def test_a_site_is_not_its_own_credit() -> None:
    text = TECHNOTE.replace(CREDIT, "<p>Mənbə: Technote.az</p>")
    assert read(text).credit is None
    assert "Mənbə" not in read(text).text


def test_a_page_of_divs_that_calls_itself_a_website_is_an_article() -> None:
    article = read(BARE, "https://xeber.az/bank/7-odenis")
    assert article.title == "Mərkəzi Bank yeni ödəniş sistemini istifadəyə verib"
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-20T12:15:00+04:00"
    assert article.category == "Bank"
    assert article.author == "Elçin Rəhimov"
    assert [text.split()[0] for text in article.text.split("\n\n")] == [
        "Yeni", "Bankın", "Mütəxəssislər",
    ]  # fmt: skip


def test_advertisements_and_calls_to_read_on_are_not_the_text() -> None:
    added = (
        '<div class="td-a-rec"><p>Ən sərfəli kreditlər bizdədir, tələsin!</p></div><p><strong>'
        'Həmçinin oxuyun:</strong> <a href="/x/basqa">Dollar yenidən bahalaşıb</a></p>'
    )
    article = read(TECHNOTE.replace("<p>Qravera təlim", f"{added}<p>Qravera təlim"))
    assert article.text == read(TECHNOTE).text


LEAD = (
    "Bakıda bu gün açılan texnologiya sərgisində qırx ölkədən üç yüz şirkət iştirak edir. "
    "Açılışda yeni mərkəzin layihəsi təqdim olunub."
)
SECOND = (
    "Layihəyə görə, mərkəz gələn il işə başlayacaq və beş yüz mütəxəssisə iş yeri verəcək. "
    "Onun dəyəri 1,6 milyon manatdır."
)
THIRD = (
    "Sərgi ayın sonunadək davam edəcək, giriş bütün ziyarətçilər üçün ödənişsizdir. "
    "Qeydiyyat saytda aparılır, yerlərin sayı isə məhdud deyil."
)
NEWS = f"{LEAD}\n\n{SECOND}\n\n{THIRD}"
NAMED = "Bakıda beynəlxalq texnologiya sərgisi açılıb"
ASIDE = "<aside><ul>{}</ul></aside>".format(
    "".join(f'<li><a href="/x/{n}">Lentdəki xəbərin {n}-ci başlığı</a></li>' for n in range(5))
)


def page(inside: str, head: str = "", title: str = NAMED) -> str:
    return (
        f"<html><head><title>{title} - misal.az</title>{head}</head><body><nav>"
        f'<a href="/texno">Bütün texnologiya</a></nav>{inside}{ASIDE}</body></html>'
    )


def body(paragraphs: str = NEWS) -> str:
    return "".join(f"<p>{text}</p>" for text in paragraphs.split("\n\n"))


def test_the_body_that_only_linked_data_holds_is_the_text() -> None:
    data = f'{{"@type":"NewsArticle","headline":"{NAMED}","articleBody":"{LEAD} {SECOND}",}}'
    head = f'<script type="application/ld+json">{data}</script>'
    found = read(f"<html><head>{head}</head><body><div></div></body></html>", "https://misal.az/a")
    assert (found.title, found.text) == (NAMED, f"{LEAD} {SECOND}")


def test_a_date_in_two_elements_without_a_blank_is_one_date() -> None:
    date = '<div class="date"><span>16 noyabr, 2025</span><span>14:00</span></div>'
    found = read(page(f"<h1>{NAMED}</h1>{date}<article>{body()}</article>"), "https://misal.az/a")
    assert found.published is not None
    assert found.published.isoformat() == "2025-11-16T14:00:00+04:00"


@pytest.mark.parametrize(
    "around",
    [
        '<h1>{}</h1><p><a href="/texno">İKT</a><i>16.11.2025</i><i>Aysel Quliyeva</i></p>',
        "<h1>{}</h1><p><i>İKT</i><i>16.11.2025</i><i>Aysel Quliyeva</i></p>",
        "<p>İKT</p><h1>{}</h1><p>16.11.2025</p><p>Aysel Quliyeva</p>",
        "<span>İKT</span><h1>{}</h1><div>16.11.2025 · Aysel Quliyeva</div>",
    ],
)
def test_category_and_author_stand_beside_the_date(around: str) -> None:
    found = read(
        page(f"<article>{around.format(NAMED)}<div>{body()}</div></article>"),
        "https://misal.az/texno/a",
    )
    assert (found.category, found.author, found.text) == ("İKT", "Aysel Quliyeva", NEWS)


def test_an_author_before_the_date_is_no_category() -> None:
    around = f"<h1>{NAMED}</h1><p><i>Aysel Quliyeva</i><i>16.11.2025</i></p>"
    found = read(page(f"<article>{around}{body()}</article>"), "https://misal.az/texno/a")
    assert (found.category, found.author) == ("Bütün texnologiya", "Aysel Quliyeva")


def test_the_text_goes_on_after_a_link_to_another_story() -> None:
    amid = '<p><b>Həmçinin oxuyun:</b></p><ul><li><a href="/y/1">Gəncədə başqa park</a></li></ul>'
    text = f"<p>{LEAD}</p>{amid}<p>{SECOND}</p><p>{THIRD}</p>"
    found = read(page(f"<div><h1>{NAMED}</h1><div>{text}</div></div>"), "https://misal.az/a")
    assert found.text == NEWS
    assert [story.title for story in found.related] == ["Gəncədə başqa park"]


def test_a_credit_in_the_article_s_own_footer_counts() -> None:
    text = f"<article><h1>{NAMED}</h1>{body()}<footer>Mənbə: <i>Gizbloq</i></footer></article>"
    found = read(page(text), "https://misal.az/a")
    assert (found.credit, found.text) == (Credit("Gizbloq"), NEWS)


def test_an_embedded_post_is_not_the_text() -> None:
    post = '<blockquote class="twitter-tweet"><p>What a great event it was today!</p></blockquote>'
    text = body().replace("</p>", f"</p>{post}", 1)
    found = read(page(f"<article><h1>{NAMED}</h1>{text}</article>"), "https://misal.az/a")
    assert found.text == NEWS


def test_a_video_without_words_is_a_story() -> None:
    head = '<meta property="og:type" content="video.other">'
    video = f'<h1>{NAMED}</h1><time datetime="2025-11-16T14:00:00+04:00"></time><video></video>'
    found = read(page(video, head), "https://misal.az/a")
    assert (found.title, found.text) == (NAMED, "")


@pytest.mark.parametrize("told", ["404", "404 - Səhifə tapılmadı", "Səhifə tapılmadı"])
def test_a_page_that_was_not_found_is_no_listing_of_what_stands_beside(told: str) -> None:
    with pytest.raises(ParseError, match="not found"):
        read(page(f"<h1>{told}</h1>", title=told), "https://misal.az/a")


@pytest.mark.parametrize(
    "title",
    [
        "404 nəfər sərgidə iştirak edib",
        "404-cü məktəbdə yeni bina tikilir",
        "Səhifə tapılmadı: hakerlər saytı sındırıb",
    ],
)
def test_news_that_begins_like_an_error_is_news(title: str) -> None:
    text = page(f"<article><h1>{title}</h1>{body()}</article>", title=title)
    assert read(text, "https://misal.az/a").title == title


def test_a_short_title_over_running_text_is_an_article() -> None:
    text = page(f"<h1>Sərgi bu gün açılıb</h1>{body(f'{LEAD}{chr(10) * 2}{SECOND}')}",
                title="Sərgi bu gün açılıb")  # fmt: skip
    assert read(text, "https://misal.az/a").text == f"{LEAD}\n\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    [
        'Read more: <a href="/b">Another story about models</a>',
        'Читайте также: <a href="/b">Другая новость о выставке</a>',
        "Sign up for our newsletter",
    ],
)
def test_lines_that_lead_elsewhere_are_not_the_text_in_any_language(line: str) -> None:
    text = page(f"<article><h1>{NAMED}</h1>{body()}<p>{line}</p></article>")
    assert read(text, "https://misal.az/a").text == NEWS


def test_a_dialogue_keeps_its_dashes_and_a_list_its_marks() -> None:
    talk = "<p>- Sərgi nə vaxt bitəcək?</p><p>- Ayın sonunda.</p><ul><li>giriş pulsuzdur;</li></ul>"
    text = page(f"<article><h1>{NAMED}</h1><p>{LEAD}</p>{talk}<p>{SECOND}</p></article>")
    lines = read(text, "https://misal.az/a").text.split("\n\n")
    assert lines[1:4] == ["- Sərgi nə vaxt bitəcək?", "- Ayın sonunda.", "• giriş pulsuzdur;"]


def test_a_counter_beside_the_date_is_no_part_of_the_year() -> None:
    info = "<div><span><i></i>14:05, 12 Noyabr 2025</span><span><i></i>2150</span></div>"
    found = read(page(f"<article><h1>{NAMED}</h1>{info}{body()}</article>"), "https://misal.az/a")
    assert found.published is not None
    assert found.published.isoformat() == "2025-11-12T14:05:00+04:00"


STORY = (
    "<p>Bakıda yeni texnopark açılıb. Burada yüzdən çox şirkət çalışacaq, onların yarısı xaricdən "
    "gəlib, deyə nazirlik açıqlayıb.</p><p>Layihənin dəyəri 20 milyon manatdır. Texnopark gələn ay "
    "tam gücü ilə işləyəcək və minlərlə adama iş verəcək.</p>"
)
NAME = "Bakıda yeni texnopark açılıb və işə başlayıb"


def test_of_several_stories_in_broken_linked_data_the_pages_own_counts() -> None:
    text = f"""<html><head><title>{NAME} | Misal</title><script type="application/ld+json">
    /* made by a plugin */ [{{"@type": "NewsArticle", "headline": "Başqa bir xəbərin başlığı",
      "datePublished": "2026-11-20T10:00:00+04:00", "author": "Kimsə Başqası"}},
     {{"@type": ["NewsArticle", "Article"], "headline": "{NAME}", // the page's
      "datePublished": "2026-11-10T10:00:00+04:00", "image": {{"url": "/img/a.jpg"}},
      "author": [{{"name": "Admin"}}, {{"name": "Aysel Məmmədova"}}],}}]
    </script></head><body><h1>{NAME}</h1><div class="entry">{STORY}</div></body></html>"""
    article = read(text, "https://misal.az/a/b")
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-10T10:00:00+04:00"
    assert article.author == "Aysel Məmmədova"
    assert article.image == "https://misal.az/img/a.jpg"


def test_rdfa_is_read_logos_and_accounts_are_not_and_the_largest_of_a_set_is_the_image() -> None:
    text = f"""<html><head><meta property="og:image" content="/theme/logo.png">
    <link rel="canonical" href="https://misal.az/a/b"></head><body typeof="NewsArticle">
    <h1 property="headline">{NAME}</h1><span class="author">admin</span>
    <span property="datePublished" content="2026-11-10T10:00:00+04:00">10.11</span>
    <div property="articleBody"><img src="data:image/gif;base64,R0lG"
     data-srcset="/i/s.jpg 300w, /i/l.jpg 1200w">{STORY}</div></body></html>"""
    article = read(text, "https://misal.az/a/b/amp/")
    assert article.url == "https://misal.az/a/b"
    assert article.author is None
    assert article.image == "https://misal.az/i/l.jpg"
    assert article.published is not None


def test_the_date_of_another_story_on_the_page_is_not_the_articles() -> None:
    text = f"""<html><head><title>{NAME}</title></head><body><article><h1>{NAME}</h1>{STORY}
    </article><div class="lent"><div><a href="/a/c">Başqa bir xəbərin uzun başlığı</a>
    <span class="date">12.11.2026 10:00</span></div><div><a href="/a/d">İkinci bir xəbərin uzun
    başlığı</a><time datetime="2026-11-13T10:00">13.11</time></div></div></body></html>"""
    assert read(text, "https://misal.az/a/b").published is None


def test_a_moment_that_a_page_states_beats_the_day_of_its_dateline() -> None:
    stated = f'"@type":"NewsArticle","headline":"{NAMED}","datePublished":"2026-02-21T19:22:00"'
    found = read(
        page(
            f"<h1>{NAMED}</h1><p>Bakı, 21 fevral, AZƏRTAC</p><div class='text'>{NEWS}</div>",
            f'<script type="application/ld+json">{{{stated}}}</script>',
        ),
        "https://azertag.az/xeber/a-1",
    )
    assert found.published is not None
    assert found.published.isoformat() == "2026-02-21T19:22:00+04:00"


@pytest.mark.parametrize("heading", ["<h1>{}</h1>", "<h2>{} <span>YENİLƏNİB-2</span></h2>"])
@pytest.mark.parametrize("others", [0, 4])
def test_short_news_with_a_heading_and_a_date_is_an_article(heading: str, others: int) -> None:
    beside = "".join(
        f'<li><a href="/x/{number}">Başqa bir xəbərin uzun başlığı {number}</a></li>'
        for number in range(others)
    )
    text = "Bakıda keçirilən tədbirdə yeni layihələr barədə ətraflı məlumat verilib və imzalanıb."
    found = read(
        page(
            f"<div>{heading.format(NAMED)}<span>15 noyabr, 2025</span><span>14:00</span>"
            f"<div class='t'>{text}</div></div><ul>{beside}</ul>"
        ),
        "https://misal.az/x/n-9",
    )
    assert (found.title, found.text) == (NAMED, text)
