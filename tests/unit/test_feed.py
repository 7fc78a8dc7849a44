"""RSS and Atom as Azerbaijani sites write them, traps included."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.models import Article, Credit
from bot.sources import document
from bot.sources.reading import Item, Kind, ReadContext, Reading

CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))
SENTENCE = "Şirkət yeni süni zəka modelini bu gün Bakıda keçirilən sərgidə təqdim edib. "


def rss(items: str, channel: str = "<link>https://misal.az</link>", attributes: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {attributes}>'
        f"<channel><title>Misal</title>{channel}{items}</channel></rss>"
    )


def item(
    inside: str = "", *, link: str = "https://misal.az/a", title: str = "Yeni model çıxdı"
) -> str:
    return f"<item><title>{title}</title><link>{link}</link>{inside}</item>"


def read(text: str | bytes, url: str | None = None, content_type: str | None = None) -> Reading:
    data = text if isinstance(text, bytes) else text.encode()
    reading = document.read(data, url=url, content_type=content_type, context=CONTEXT)
    assert reading.kind is Kind.FEED
    return reading


def one(text: str | bytes, url: str | None = None, content_type: str | None = None) -> Item:
    (found,) = read(text, url, content_type).items
    return found


def article(text: str | bytes, url: str | None = None) -> Article:
    return one(text, url).article


def test_an_item_gives_all_its_fields() -> None:
    found = article(
        rss(
            item(
                "<category>Süni zəka</category><category>Elm</category>"
                "<dc:creator><![CDATA[Leyla Məmmədova]]></dc:creator>"
                "<pubDate>Mon, 23 Nov 2026 11:00:00 +0400</pubDate>"
                "<description>Qısa təsvir.</description>"
                f"<content:encoded><![CDATA[<p>{SENTENCE}</p><p>{SENTENCE}</p>]]></content:encoded>"
                '<media:content url="https://misal.az/a.webp" medium="image"/>'
            ),
            attributes='xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
            ' xmlns:media="http://search.yahoo.com/mrss/"',
        )
    )
    assert found == Article(
        url="https://misal.az/a",
        title="Yeni model çıxdı",
        text=f"{SENTENCE.strip()}\n\n{SENTENCE.strip()}",
        published=datetime(2026, 11, 23, 7, tzinfo=UTC),
        source="misal.az",
        category="Süni zəka",
        author="Leyla Məmmədova",
        image="https://misal.az/a.webp",
        summary="Qısa təsvir.",
    )


def test_atom_is_read_as_well() -> None:
    found = one(
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Misal</title>'
        '<link rel="self" href="https://misal.az/atom"/><entry>'
        '<title type="html">Yeni &amp;quot;model&amp;quot; çıxdı</title>'
        "<id>tag:misal.az,2026:1</id><published>2026-11-23T10:00:00Z</published>"
        "<updated>2026-11-23T11:00:00Z</updated>"
        '<link rel="enclosure" type="image/png" href="/a.png"/>'
        '<link rel="alternate" href="/a"/><author><name>Rauf</name></author>'
        f"<content type='html'>&lt;p&gt;{SENTENCE}&lt;/p&gt;</content></entry></feed>"
    )
    assert found.article.url == "https://misal.az/a"
    assert found.article.title == 'Yeni "model" çıxdı'
    assert found.article.published == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert found.article.image == "https://misal.az/a.png"
    assert found.article.author == "Rauf"
    assert found.keys == ("misal.az/a", "guid:misal.az:tag:misal.az,2026:1")


def test_rss_one_is_read_as_well() -> None:
    found = article(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="https://misal.az"><title>M</title></channel>'
        '<item rdf:about="https://misal.az/a"><title>Yeni model çıxdı</title>'
        "<link>https://misal.az/a</link><dc:date>2026-11-20</dc:date></item></rdf:RDF>"
    )
    assert found.published is not None
    assert found.published.isoformat() == "2026-11-20T00:00:00+04:00"


def test_a_feed_without_items_is_no_failure() -> None:
    assert read(rss("")).items == ()
    assert read('<feed xmlns="http://www.w3.org/2005/Atom"><title>Boş</title></feed>').items == ()


@pytest.mark.parametrize(
    "text",
    ["<rss", "<rss><channel><item", "<rss>" + "<" * 100, "<channel <<<"],
)
def test_garbage_that_begins_like_a_feed_is_told(text: str) -> None:
    with pytest.raises(ParseError):
        read(text)


def test_a_guid_that_all_items_share_is_no_identity() -> None:
    guid = '<guid isPermaLink="true">https://misal.az/detail/</guid>'
    found = read(rss("".join(item(guid, link=f"https://misal.az/detail/{n}") for n in range(3))))
    assert [entry.keys for entry in found.items] == [(f"misal.az/detail/{n}",) for n in range(3)]
    assert [entry.article.url[-1] for entry in found.items] == ["0", "1", "2"]


def test_a_guid_that_begins_the_link_is_no_identity_even_alone() -> None:
    guid = '<guid isPermaLink="true">https://misal.az/detail/</guid>'
    assert one(rss(item(guid, link="https://misal.az/detail/7"))).keys == ("misal.az/detail/7",)


def test_a_unique_guid_joins_a_changed_address() -> None:
    first = one(rss(item("<guid isPermaLink='false'>id-7</guid>", link="https://misal.az/kohne")))
    second = one(rss(item("<guid isPermaLink='false'>id-7</guid>", link="https://misal.az/teze")))
    assert set(first.keys) & set(second.keys) == {"guid:misal.az:id-7"}


def test_an_item_without_a_link_uses_its_permalink_guid() -> None:
    text = rss("<item><title>Yeni model</title><guid>https://misal.az/g</guid></item>")
    assert article(text).url == "https://misal.az/g"


@pytest.mark.parametrize("verdict", ["", ' isPermaLink=""', ' isPermaLink="true"'])
def test_an_empty_verdict_on_a_guid_is_the_default(verdict: str) -> None:
    text = rss(f"<item><title>Yeni model</title><guid{verdict}>https://misal.az/g</guid></item>")
    assert article(text).url == "https://misal.az/g"


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<guid isPermaLink='false'>https://misal.az/g</guid>",
        "<guid isPermaLink=''>e82f0c5ac3808077</guid>",
        "<link></link>",
        "<link>mailto:a@misal.az</link>",
    ],
)
def test_items_without_an_address_are_left_out_and_told_once(inside: str) -> None:
    homeless = f"<item><title>Ünvansız xəbər</title>{inside}</item>"
    found = read(rss(homeless + item() + homeless))
    assert [entry.article.url for entry in found.items] == ["https://misal.az/a"]
    assert len(found.problems) == 1
    assert "2 items" in found.problems[0]


def test_an_item_without_a_title_gets_its_first_sentence() -> None:
    text = rss(
        f"<item><link>https://misal.az/a</link><description>{SENTENCE * 3}</description></item>"
    )
    assert article(text).title == SENTENCE.strip()


def test_escaped_cdata_is_text() -> None:
    found = article(
        rss(
            item(
                "<description>&lt;![CDATA[Hava heyətinin iş vaxtı dəyişir.&#13;\n&#13;\n"
                "“Misal” xəbər verir ki, bu]]&gt;</description>"
            )
        )
    )
    assert found.text == "Hava heyətinin iş vaxtı dəyişir.\n\n“Misal” xəbər verir ki, bu"


@pytest.mark.parametrize(
    "nested",
    [
        "<![CDATA[<![CDATA[<p>Bir cümlə.</p>]]]]><![CDATA[>]]>",
        "<![CDATA[<![CDATA[<p>Bir cümlə.</p>]]>]]>",
        "<![CDATA[&lt;![CDATA[<p>Bir cümlə.</p>]]&gt;]]>",
        "&lt;p&gt;Bir cümlə.&lt;/p&gt;",
        "<![CDATA[&lt;p&gt;Bir cümlə.&lt;/p&gt;]]>",
        "<![CDATA[<html><body><p>Bir cümlə.</p></body></html>]]>",
    ],
)
def test_markup_is_undone_however_it_is_wrapped(nested: str) -> None:
    assert article(rss(item(f"<description>{nested}</description>"))).text == "Bir cümlə."


def test_entities_left_in_titles_are_undone() -> None:
    assert article(rss(item(title="<![CDATA[Gəmiyə&nbsp;&quot;hücum&quot; oldu]]>"))).title == (
        'Gəmiyə "hücum" oldu'
    )
    assert article(rss(item(title="A &amp;amp; B birləşdi, &amp;#601;sas odur"))).title == (
        "A & B birləşdi, əsas odur"
    )
    assert article(rss(item(title="<![CDATA[<b>DeepSeek</b> yeniləndi]]>"))).title == (
        "DeepSeek yeniləndi"
    )
    nested = "<![CDATA[<![CDATA[Nazir istefa verdi]]]]><![CDATA[>]]>"
    assert article(rss(item(title=nested))).title == "Nazir istefa verdi"


@pytest.mark.parametrize("before", ["\n\n  ", "\ufeff", "<!-- şərh -->\n", "\ufeff\n\t"])
def test_what_stands_before_the_first_element_does_no_harm(before: str) -> None:
    assert article(before + rss(item())).url == "https://misal.az/a"


def test_html_entities_and_undeclared_prefixes_do_no_harm() -> None:
    found = article(
        rss(
            item(
                "<description>Qiymət&nbsp;artdı &ldquo;bu gün&rdquo;.</description>"
                '<media:thumbnail url="https://misal.az/k.jpg"/><yandex:full-text>x</yandex:full-text>'
            )
        )
    )
    assert found.text == "Qiymət artdı “bu gün”."
    assert found.image == "https://misal.az/k.jpg"


def test_a_feed_whose_elements_carry_an_undeclared_prefix_is_read() -> None:
    text = rss(item()).replace("<item", "<rss:item").replace("</item", "</rss:item")
    text = text.replace("<link>", "<rss:link>").replace("</link>", "</rss:link>")
    assert (
        article(text.replace("?>", "??>").replace("<?xml", "<?xml?xml")).url == "https://misal.az/a"
    )


@pytest.mark.parametrize(
    ("link", "url", "expected"),
    [
        ("/x/a", "https://misal.az/feed", "https://misal.az/x/a"),
        ("x/a", "https://misal.az/rss/", "https://misal.az/rss/x/a"),
        ("//www.misal.az/a", "http://misal.az/feed", "http://www.misal.az/a"),
        ("//misal.az/a", None, "https://misal.az/a"),
        ("/x/a", None, "https://misal.az/x/a"),
        ("https://misal.az/a?utm_source=rss&amp;id=7#c", None, "https://misal.az/a?id=7"),
        ("https://misal.az/a?x=1&amp;amp;y=2", None, "https://misal.az/a?x=1&y=2"),
        ("\n  https://misal.az/a\n", None, "https://misal.az/a"),
        ("https://misal.az/%c9%99/%C9%99?b=c%20d", None, "https://misal.az/%c9%99/%C9%99?b=c%20d"),
        ("https://misal.az/xəbər", None, "https://misal.az/xəbər"),
    ],
)
def test_links_become_whole_and_stay_what_they_were(
    link: str, url: str | None, expected: str
) -> None:
    assert article(rss(item(link=link)), url).url == expected


def test_links_that_stay_relative_make_no_article() -> None:
    found = read(rss(item(link="/a"), channel=""))
    assert found.items == ()
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 23 Nov 2026 11:00:00 +0400", "2026-11-23T11:00:00+04:00"),
        ("Mon, 23 Nov 2026 11:00:00 +04", "2026-11-23T11:00:00+04:00"),
        ("Mon, 23 Nov 2026 07:00:00 GMT", "2026-11-23T11:00:00+04:00"),
        ("03.2.2025 14:05:00", "2025-02-03T14:05:00+04:00"),
        ("2026-11-23 11:00:00", "2026-11-23T11:00:00+04:00"),
        ("23.11.2026", "2026-11-23T00:00:00+04:00"),
        ("Mon, 23 Nov 2026 21:00:00 +0400", "2026-11-23T16:00:00+04:00"),  # ahead: now
        ("sabah", None),
        ("", None),
    ],
)
def test_dates_are_read_without_guessing(written: str, expected: str | None) -> None:
    at = article(rss(item(f"<pubDate>{written}</pubDate>"))).published
    assert (at and at.astimezone(ZoneInfo("Asia/Baku")).isoformat()) == expected


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (
            '<enclosure type="image/jpeg" url="//fayl.misal.az/a.webp" />',
            "https://fayl.misal.az/a.webp",
        ),
        (
            "<image><url>https://misal.az/s.jpg</url><title>x</title></image>",
            "https://misal.az/s.jpg",
        ),
        ("<image>https://misal.az/s.jpg</image>", "https://misal.az/s.jpg"),
        ("<img>/s.jpg</img>", "https://misal.az/s.jpg"),
        ('<description>&lt;img src="/s.png"&gt; Mətn</description>', "https://misal.az/s.png"),
        ('<enclosure type="audio/mpeg" url="https://misal.az/a.mp3" />', None),
        ("", None),
    ],
)
def test_an_image_of_any_shape_is_found(inside: str, expected: str | None) -> None:
    assert article(rss(item(inside)), "https://misal.az/feed").image == expected


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (rss(item(title="Şəhərdə çay, göl")).encode("utf-16"), None),
        (rss(item(title="Şəhərdə çay, göl")).encode("utf-16-le"), None),
        (b"\xef\xbb\xbf" + rss(item(title="Şəhərdə çay, göl")).encode(), "text/xml; charset=ascii"),
        (
            rss(item(title="Şəhərdə çay, göl")).replace("UTF-8", "windows-1254").encode(),
            "text/xml; charset=iso-8859-9",
        ),
    ],
)
def test_charsets_that_lie_do_no_harm(data: bytes, content_type: str | None) -> None:
    assert one(data, None, content_type).article.title == "Şəhərdə çay, göl"


@pytest.mark.parametrize(
    ("declared", "content_type"),
    [("windows-1254", None), ("UTF-8", None), ("UTF-8", "text/xml; charset=windows-1254"),
     ("UTF-8", "text/xml; charset=utf-8"), ("x-unknown", None), ("iso-8859-9", None)],
)  # fmt: skip
def test_bytes_that_are_not_utf8_are_windows_1254(declared: str, content_type: str | None) -> None:
    text = rss(item(title="Işıq, şüşe, çörek, göy, ığdır")).replace("UTF-8", declared)
    found = one(text.encode("windows-1254"), None, content_type)
    assert found.article.title == "Işıq, şüşe, çörek, göy, ığdır"


def test_a_declared_charset_counts_where_the_bytes_are_not_utf8() -> None:
    text = rss(item(title="Новая модель представлена")).replace("UTF-8", "windows-1251")
    assert one(text.encode("windows-1251")).article.title == "Новая модель представлена"


def test_a_broken_byte_spoils_only_itself() -> None:
    data = (
        rss(item(title="Şəhərdə çay, göl, gözəl şəkil"))
        .encode()
        .replace(b"g\xc3\xb6l,", b"g\xf6l,")
    )
    assert one(data).article.title.startswith("Şəhərdə çay, g")
    assert one(data).article.title.endswith("gözəl şəkil")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (SENTENCE * 6, True),
        (SENTENCE * 2, False),
        (SENTENCE * 6 + "...", False),
        (SENTENCE * 6 + "[&#8230;]", False),
        (SENTENCE * 6 + "Sonra isə…", False),
        (SENTENCE * 6 + "Bundan sonra şirkət", False),
        (SENTENCE * 6 + "“Hazırıq”, - deyə o bildirib!”", True),
        (SENTENCE * 6 + "\n\n...", False),
    ],
)
def test_an_item_is_whole_or_its_page_is_wanted(text: str, *, whole: bool) -> None:
    assert one(rss(item(f"<description>{text}</description>"))).whole is whole


def test_the_credit_line_goes_and_the_credit_stays() -> None:
    body = f"&lt;p&gt;{SENTENCE}&lt;/p&gt;&lt;p&gt;Mənbə: Report&lt;/p&gt;"
    found = article(rss(item(f"<description>{body}</description>")))
    assert found.credit is not None
    assert found.credit.name == "Report"
    assert found.text == SENTENCE.strip()


def test_an_outlet_that_names_itself_is_no_credit() -> None:
    body = "<description>“Misal” xəbər verir ki, yol bağlanıb.</description>"
    assert article(rss(item(body))).credit is None


def test_a_wordpress_footer_is_not_the_text() -> None:
    body = (
        f"<description><![CDATA[<p>{SENTENCE}</p><p>The post <a href='x'>Yeni model</a> appeared"
        " first on <a href='y'>Misal</a>.</p>]]></description>"
    )
    assert article(rss(item(body))).text == SENTENCE.strip()


def test_titles_lose_the_sites_name_and_tails() -> None:
    assert article(rss(item(title="Yeni model çıxdı - FOTO"))).title == "Yeni model çıxdı"


def test_the_source_is_the_configured_name_or_the_host() -> None:
    named = ReadContext(now=CONTEXT.now, zone=CONTEXT.zone, sources={"misal.az": "Misal"})
    data = rss(item(link="https://www.misal.az/a")).encode()
    given = document.read(data, url=None, content_type=None, context=named)
    assert given.articles[0].source == "Misal"
    assert article(data).source == "misal.az"


def test_hints_for_the_pace_are_read() -> None:
    channel = (
        "<ttl>30</ttl><skipHours><hour>1</hour><hour>24</hour></skipHours>"
        "<skipDays><day>Saturday</day></skipDays>"
    )
    hints = read(rss(item(), channel=channel)).hints
    assert hints.ttl_s == 1800
    assert hints.skip_hours == {0, 1}
    assert hints.skip_days == {5}


@pytest.mark.parametrize(
    ("period", "frequency", "expected"),
    [("hourly", "1", None), ("hourly", "", None), ("hourly", "4", 900.0), ("daily", "2", 43200.0),
     ("never", "1", None), ("daily", "0", 86400.0)],
)  # fmt: skip
def test_a_syndication_hint_counts_but_for_the_default(
    period: str, frequency: str, expected: float | None
) -> None:
    channel = (
        f"<sy:updatePeriod> {period} </sy:updatePeriod>"
        f"<sy:updateFrequency>{frequency}</sy:updateFrequency>"
    )
    attributes = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    assert read(rss(item(), channel=channel, attributes=attributes)).hints.update_s == expected


def test_external_entities_are_not_fetched() -> None:
    text = (
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        + rss(item("<description>&x;</description>")).partition("\n")[2]
    )
    assert "\n" not in article(text).text


PIECES = st.sampled_from(
    """
    <item>|</item>|<title>|</title>|<link>|</link>|<![CDATA[|]]>|&lt;|&|<|>|'|<p>|<image>|<enclosure
    |https://misal.az/a|Xəbər|<description>|</description>|<guid>|</guid>|<pubDate>|</pubDate>
    |03.2.2025|&#0;|&#x110000;|&nbsp;|<content:encoded>|<media:content|xmlns=|<author>|<category>
    """.replace("\n    ", "").split("|")
)


@settings(max_examples=80, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_damaged_feed_raises_anything_but_a_parse_error(inside: str) -> None:
    try:
        found = read(rss(inside))
    except ParseError:
        return
    for entry in found.items:
        assert entry.article.url.startswith("http")
        assert entry.article.title


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"<rss>", b"<html><p>", b"<feed>", b"\xff\xfe"])
)
def test_no_bytes_raise_anything_but_a_parse_error(data: bytes, head: bytes) -> None:
    try:
        document.read(head + data, url="https://misal.az/", content_type=None, context=CONTEXT)
    except ParseError as error:
        assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "line",
    [
        "<p>Mənbə: <a href='https://apa.example/x'>APA</a></p>",
        "<p><a href='https://apa.example/x'>APA</a> yazır ki, satış başlayıb.</p>",
    ],
)
def test_a_linked_outlet_keeps_its_address(line: str) -> None:
    body = f"<description><![CDATA[<p>{SENTENCE}</p>{line}]]></description>"
    assert article(rss(item(body))).credit == Credit("APA", "https://apa.example/x")


def test_captions_and_widgets_are_not_the_text() -> None:
    body = (
        f"<p>{SENTENCE}</p><div class='wp-caption'><img src='/a.jpg'><p class='wp-caption-text'>"
        "Foto: arxiv</p></div><figure><img src='/b.jpg'><figcaption>Sərgi</figcaption></figure>"
        "<div class='sharedaddy'><a href='#'>Paylaş</a></div><script>go()</script>"
    )
    found = article(rss(item(f"<description><![CDATA[{body}]]></description>")))
    assert found.text == SENTENCE.strip()


def test_a_long_prolog_does_no_harm() -> None:
    assert article("<!-- " + "şərh " * 3000 + "-->" + rss(item())).url == "https://misal.az/a"


def test_a_site_is_not_its_own_credit() -> None:
    body = (
        f"<description>&lt;p&gt;{SENTENCE}&lt;/p&gt;&lt;p&gt;Mənbə: Misal&lt;/p&gt;</description>"
    )
    assert article(rss(item(body))).credit is None


def test_shortcodes_and_embedded_posts_are_not_the_text() -> None:
    body = (
        f"<p>{SENTENCE}</p><p>[caption id='a']<img src='/b.jpg'> Sərgidən görüntü[/caption]</p>"
        "<blockquote class='twitter-tweet'><p>Great day</p>&mdash; X (@x)</blockquote>"
        "<p>Bizi Telegram kanalımızda izləyin: <a href='https://t.me/x'>t.me/x</a></p>"
        "<p>The post <a href='https://misal.az/a'>Başlıq</a> first appeared on Misal.</p>"
    )
    found = article(rss(item(f"<description><![CDATA[{body}]]></description>")))
    assert found.text == SENTENCE.strip()
    assert "appeared" not in (found.summary or "")


@pytest.mark.parametrize(
    ("end", "shown"), [("Sərgi açılıb. […]", "Sərgi açılıb."), ("Sərgi hələ [...]", "Sərgi hələ…")]
)
def test_the_mark_of_an_excerpt_is_not_shown_yet_the_text_is_not_whole(
    end: str, shown: str
) -> None:
    found = one(rss(item(f"<description>{SENTENCE * 8} {end}</description>")))
    assert found.article.text.endswith(shown)
    assert not found.whole


def test_a_tracking_pixel_is_no_image() -> None:
    body = "<![CDATA[<img src='/pixel.gif' width='1' height='1'><p>x</p><img src='/b.jpg'>]]>"
    found = article(rss(item(f"<description>{body}</description>")))
    assert found.image == "https://misal.az/b.jpg"


def test_an_item_that_stands_twice_is_read_once() -> None:
    assert len(read(rss(item() + item())).items) == 1


@pytest.mark.parametrize("between", ["", "\n"])
def test_the_last_item_of_a_cut_document_is_left_out_without_blanks_too(between: str) -> None:
    items = between.join(
        f"<item><title>Xəbər {n}</title><link>https://misal.az/{n}</link></item>" for n in (1, 2)
    )
    cut = f'<rss version="2.0"><channel><title>M</title>{items}'[: -len("z/2</link></item>")]
    reading = read(cut, "https://misal.az/rss")
    assert [found.article.url for found in reading.items] == ["https://misal.az/1"]
    assert "cut off" in reading.problems[0]


def test_a_guid_that_is_the_sites_front_page_names_no_item() -> None:
    found = one(rss(item("<guid>http://www.misal.az</guid>", link="https://misal.az/x/1")))
    assert found.keys == ("misal.az/x/1",)
    posted = one(rss(item("<guid>https://misal.az/?p=5</guid>", link="https://misal.az/x/1")))
    assert len(posted.keys) > 1
