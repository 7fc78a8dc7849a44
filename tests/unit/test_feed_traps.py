"""What feeds get wrong, or write as another version of their format does."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ParseError
from bot.sources import document
from bot.sources.reading import Kind, ReadContext, Reading

CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


def read(text: str | bytes, url: str | None = None, expect: Kind | None = None) -> Reading:
    data = text if isinstance(text, bytes) else text.encode()
    context = ReadContext(now=CONTEXT.now, zone=CONTEXT.zone, expect=expect)
    return document.read(data, url=url, content_type=None, context=context)


def rss(items: str, attributes: str = "", version: str = "2.0") -> str:
    return (
        f'<?xml version="1.0"?><rss version="{version}" {attributes}><channel><title>Misal</title>'
        f"<link>https://misal.az</link>{items}</channel></rss>"
    )


def item(inside: str = "", link: str = "https://misal.az/a") -> str:
    return f"<item><title>Yeni model çıxdı</title><link>{link}</link>{inside}</item>"


def urls(reading: Reading) -> list[str]:
    return [found.url for found in reading.articles]


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0", "3"])
def test_rss_is_read_whatever_its_version(version: str) -> None:
    assert urls(read(rss(item(), version=version))) == ["https://misal.az/a"]


def test_rss_with_a_document_type_is_read() -> None:
    kind = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://misal.az/rss-0.91.dtd">'
    assert urls(read(rss(item()).replace("<rss", f"{kind}<rss"))) == ["https://misal.az/a"]


def test_atom_of_the_old_version_is_read() -> None:
    (found,) = read(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry>'
        '<title type="text/html" mode="escaped">Yeni &lt;b&gt;model&lt;/b&gt;</title>'
        '<link rel="alternate" type="text/html" href="https://misal.az/a"/>'
        "<issued>2026-11-20T10:00:00+04:00</issued></entry></feed>"
    ).articles
    assert (found.url, found.title) == ("https://misal.az/a", "Yeni model")
    assert found.published == datetime(2026, 11, 20, 6, tzinfo=UTC)


def test_addresses_in_atom_stand_on_their_base() -> None:
    (found,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://misal.az/xeber/">'
        '<entry xml:base="2026/"><title>Yeni model</title><link href="a"/>'
        '<content type="html">&lt;img src="i.jpg"&gt; Mətn.</content></entry></feed>'
    ).articles
    assert found.url == "https://misal.az/xeber/2026/a"
    assert found.image == "https://misal.az/xeber/2026/i.jpg"


def test_the_feed_that_an_entry_comes_from_is_not_its_address() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>'
        '<link href="https://misal.az/a"/><source><link href="https://basqa.az/"/>'
        "<title>Başqa</title></source></entry></feed>"
    )
    (found,) = read(atom).articles
    assert (found.url, found.title) == ("https://misal.az/a", "T")
    (found,) = read(rss(item('<source url="https://basqa.az/rss">Başqa</source>'))).articles
    assert found.source == "misal.az"


@pytest.mark.parametrize("link", ["", "<link/>", "<link> </link>", "<link><![CDATA[]]></link>"])
@pytest.mark.parametrize("verdict", ["", ' isPermaLink=""', ' isPermaLink="TRUE"'])
def test_a_guid_stands_for_a_link_that_is_empty(link: str, verdict: str) -> None:
    guid = f"<guid{verdict}> https://misal.az/g </guid>"
    assert urls(read(rss(f"<item><title>T</title>{link}{guid}</item>"))) == ["https://misal.az/g"]


@pytest.mark.parametrize("name", ["misal.az", "www.misal.az"])
def test_an_address_may_lack_its_scheme(name: str) -> None:
    reading = read(rss(item("", f"{name}/a")), "https://misal.az/rss/")
    assert urls(reading) == [f"https://{name}/a"]


def test_a_permalink_may_be_relative_and_a_number_is_none() -> None:
    items = "".join(f"<item><title>T</title><guid>{guid}</guid></item>" for guid in ("/g/1", "17"))
    reading = read(rss(items), "https://misal.az/rss/")
    assert urls(reading) == ["https://misal.az/g/1"]
    assert reading.remarks == ("1 item without an address was left out",)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<author>leyla@misal.az (Leyla Quliyeva)</author>", "Leyla Quliyeva"),
        ("<author>leyla@misal.az</author>", None),
        ("<dc:creator>Anna</dc:creator><dc:creator>Ann</dc:creator>", "Anna, Ann"),
        ("<dc:creator>admin</dc:creator>", None),
        ("<author>Leyla</author><dc:creator>Leyla</dc:creator>", "Leyla"),
    ],
)
def test_authors_are_people(inside: str, expected: str | None) -> None:
    (found,) = read(rss(item(inside), DC)).articles
    assert found.author == expected


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        ('<media:content url="//misal.az/m.jpg" medium="image"/>', "m.jpg"),
        ('<media:group><media:content url="/m.jpg" medium="image"/></media:group>', "m.jpg"),
        ('<media:thumbnail url="/t.jpg"/>', "t.jpg"),
        ('<media:content url="/v.mp4" type="video/mp4"/><media:thumbnail url="/t.jpg"/>', "t.jpg"),
        ('<media:thumbnail url="/t.jpg"/><media:content url="/m.jpg" medium="image"/>', "m.jpg"),
        ('<enclosure url="/e.webp" type="image/jpeg" length="0"/>', "e.webp"),
        ('<enclosure url="" type="image/jpeg"/><media:thumbnail url="/t.jpg"/>', "t.jpg"),
    ],
)
def test_of_several_images_the_best_is_taken(inside: str, name: str) -> None:
    (found,) = read(rss(item(inside), MEDIA), "https://misal.az/rss").articles
    assert found.image == f"https://misal.az/{name}"


@pytest.mark.parametrize("name", ["yandex:full-text", "fulltext", "content:encoded", "content"])
@pytest.mark.parametrize("declared", ["", 'xmlns:yandex="http://news.yandex.ru"'])
def test_the_full_text_is_read_whatever_its_name(name: str, declared: str) -> None:
    inside = f"<description>Qısa.</description><{name}>Birinci. İkinci.</{name}>"
    (found,) = read(rss(item(inside), declared)).articles
    assert (found.text, found.summary) == ("Birinci. İkinci.", "Qısa.")


def test_the_first_category_that_says_something_counts() -> None:
    inside = "<category> </category><category><![CDATA[Elm &amp; iş]]></category>"
    (found,) = read(rss(item(f"{inside}<category>Dünya</category>"))).articles
    assert found.category == "Elm & iş"


def test_control_characters_vanish() -> None:
    (found,) = read(rss(item("<description>Bir\x0b\x02.&#x1;&#11; İki.</description>"))).articles
    assert found.text == "Bir. İki."


def test_what_php_printed_before_a_feed_does_no_harm() -> None:
    complaint = "<br />\n<b>Warning</b>: foo in <b>/a.php</b> on line <b>3</b><br />\n"
    assert urls(read(complaint + rss(item()))) == ["https://misal.az/a"]


def test_two_documents_in_one_are_both_read() -> None:
    text = rss(item()) + rss(item("", "https://misal.az/b"))
    assert urls(read(text)) == ["https://misal.az/a", "https://misal.az/b"]


def test_a_feed_cut_within_its_only_item_is_told() -> None:
    text = rss(item("", "https://misal.az/uzun-ad"))
    with pytest.raises(ParseError):
        read(text[: text.index("uzun") + 2])


def test_a_page_in_the_place_of_a_feed_is_told() -> None:
    page = "<!DOCTYPE html><html><head><title>Misal</title></head><body><p>Salam</p></body></html>"
    with pytest.raises(ParseError, match="an HTML page in the place of a feed"):
        read(page, expect=Kind.FEED)


def test_of_very_many_items_both_ends_are_read_and_the_rest_is_told() -> None:
    reading = read(rss("".join(item("", f"https://misal.az/{n}") for n in range(2_100))))
    assert urls(reading)[0] == "https://misal.az/0"
    assert urls(reading)[-1] == "https://misal.az/2099"
    (remark,) = reading.remarks
    assert remark.startswith("100 items were left out")
