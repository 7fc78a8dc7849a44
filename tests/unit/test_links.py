"""Addresses: what readers get, and what tells that two are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import links

ADDRESSES = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["misal.az", "www.misal.az", "m.misal.az:80", "xəbər.az", "1.2.3.4:8080"]),
    st.text(alphabet="/abcəÇ%20-._~!amp", max_size=12).map(lambda text: "/" + text),
    st.text(alphabet="?&=utm_sourceid7;amp", max_size=16).map(lambda text: "?" + text),
    st.sampled_from(["", "#a", "#"]),
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://misal.az/a?utm_source=x&utm_medium=y", "https://misal.az/a"),
        ("https://misal.az/a?id=7&fbclid=x#top", "https://misal.az/a?id=7"),
        (
            "https://misal.az/a?gclid=1&b=2&yclid=3&igshid=4&mc_cid=5&c=6",
            "https://misal.az/a?b=2&c=6",
        ),
        ("https://misal.az/a?ref=telegram", "https://misal.az/a"),
        ("https://misal.az/a?UTM_Source=x", "https://misal.az/a"),
        (
            "https://misal.az/a?reference=7&preference=8",
            "https://misal.az/a?reference=7&preference=8",
        ),
        (
            "https://misal.az/%c9%99?q=%C9%99+b&&empty=",
            "https://misal.az/%c9%99?q=%C9%99+b&&empty=",
        ),
        ("https://MISAL.az:443/A/", "https://MISAL.az:443/A/"),
        ("https://misal.az/a?", "https://misal.az/a?"),
        ("https://misal.az/a?utm_source=x&", "https://misal.az/a"),
        ("  https://misal.az/a b\n", "https://misal.az/a%20b"),
        ("https://misal.az/?p=38222", "https://misal.az/?p=38222"),
    ],
)
def test_only_tracking_and_fragment_go(url: str, expected: str) -> None:
    assert links.clean(url) == expected


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("/a", "https://misal.az/x/y", "https://misal.az/a"),
        ("a", "https://misal.az/x/y", "https://misal.az/x/a"),
        ("?p=1", "https://misal.az/x", "https://misal.az/x?p=1"),
        ("//b.az/a", "http://misal.az", "http://b.az/a"),
        ("//b.az/a", None, "https://b.az/a"),
        ("/a", None, None),
        ("", "https://misal.az", None),
        ("mailto:a@b.az", "https://misal.az", None),
        ("javascript:alert(1)", "https://misal.az", None),
        ("http://", None, None),
        ("http://[::1", None, None),
        ("http://a.az:99999/", None, None),
        ("tel:+994", "https://misal.az", None),
    ],
)
def test_an_address_is_whole_or_none(url: str, base: str | None, expected: str | None) -> None:
    assert links.absolute(url, base) == expected


@pytest.mark.parametrize(
    "twin",
    [
        "http://misal.az/xeber/a",
        "https://www.misal.az/xeber/a/",
        "https://m.misal.az/xeber/a",
        "https://amp.misal.az/xeber/a",
        "https://misal.az/xeber/a/amp/",
        "https://misal.az/amp/xeber/a",
        "https://misal.az/xeber/a?amp=1",
        "HTTPS://Misal.AZ:443/xeber/a?utm_source=rss#comments",
        "https://misal.az//xeber/a",
        "https://misal.az/xeber/%61",
    ],
)
def test_twins_are_one_article(twin: str) -> None:
    assert links.identity(twin) == links.identity("https://misal.az/xeber/a")


@pytest.mark.parametrize(
    "other",
    [
        "https://misal.az/xeber/A",
        "https://misal.az/xeber/b",
        "https://misal.az/xeber/a?page=2",
        "https://misal.az:8080/xeber/a",
        "https://az.misal.az/xeber/a",
        "https://misal.com/xeber/a",
        "https://misal.az/ru/xeber/a",
    ],
)
def test_other_addresses_are_other_articles(other: str) -> None:
    assert links.identity(other) != links.identity("https://misal.az/xeber/a")


def test_the_order_of_parameters_and_the_case_of_escapes_do_not_count() -> None:
    assert links.identity("https://a.az/%c9%99?b=2&a=1") == links.identity("https://a.az/ə?a=1&b=2")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Misal.az:8080/a", "misal.az"),
        ("https://az.trend.az/", "az.trend.az"),
        ("http://127.0.0.1:9000/", "127.0.0.1"),
        ("https://xəbər.az/", "xn--xbr-dtbb.az"),
        ("feed.xml", ""),
        ("http://[::1", ""),
    ],
)
def test_a_host_has_neither_www_nor_port(url: str, expected: str) -> None:
    assert links.host(url) == expected


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://misal.az/a", "http://www.misal.az/b", True),
        ("https://az.trend.az", "https://trend.az", True),
        ("https://a.com.az", "https://b.com.az", False),
        ("https://misal.az", "https://misal.com", False),
        ("https://notmisal.az", "https://misal.az", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1/a", True),
        ("http://127.0.0.1/", "http://10.0.0.1/", False),
        ("", "", False),
    ],
)
def test_sites_are_told_apart(first: str, second: str, *, same: bool) -> None:
    assert links.same_site(first, second) is same


@given(ADDRESSES)
def test_cleaning_twice_changes_nothing(url: str) -> None:
    assert links.clean(links.clean(url)) == links.clean(url)


@given(ADDRESSES)
def test_cleaning_keeps_the_identity(url: str) -> None:
    assert links.identity(links.clean(url)) == links.identity(url)


@given(st.text(max_size=40), st.none() | st.text(max_size=20))
def test_no_text_raises(url: str, base: str | None) -> None:
    cleaned = links.clean(url, base)
    links.identity(cleaned)
    links.host(cleaned)
    links.site(cleaned)
    assert links.absolute(url, base) is None or links.is_absolute(cleaned)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://sayt.az/x?from=rss", "https://sayt.az/x"),
        ("https://sayt.az/news.php?id=5&source=telegram", "https://sayt.az/news.php?id=5"),
        ("https://sayt.az/x?source=5", "https://sayt.az/x?source=5"),
        ("https://sayt.az/x?ref=home", "https://sayt.az/x"),
        ("https://sayt.az/x?ref=1234", "https://sayt.az/x?ref=1234"),
    ],
)
def test_a_name_that_an_address_may_need_is_tracking_by_what_it_says(url: str, clean: str) -> None:
    assert links.clean(url) == clean
