"""A page that only sends its reader on is a redirect; every other page is a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.refresh import refresh_target

URL = "https://misal.example/kohne/1"
NEW = "https://misal.example/yeni/1"


def target(page: str, url: str = URL) -> str | None:
    return refresh_target(page.encode(), url=url, content_type="text/html; charset=utf-8")


@pytest.mark.parametrize(
    "page",
    [
        '<meta http-equiv="refresh" content="0; url=https://misal.example/yeni/1">',
        "<META HTTP-EQUIV='Refresh' CONTENT='0;URL=/yeni/1'>",
        "<meta content=\"2; url='/yeni/1'\" http-equiv=refresh />",
        '<meta http-equiv="refresh" content="0; /yeni/1#metn">',
        (
            '<!DOCTYPE html><html><head><title>Köçürüldü</title><meta http-equiv="refresh" '
            'content="5;url=//misal.example/yeni/1"></head><body>'
            '<p>Səhifə köçürülüb. <a href="/yeni/1">Davam edin</a></p></body></html>'
        ),
    ],
)
def test_a_page_that_only_sends_on_leads_elsewhere(page: str) -> None:
    assert target(page) == NEW


@pytest.mark.parametrize(
    "page",
    [
        '<meta http-equiv="refresh" content="300">',
        '<meta http-equiv="refresh" content="0; url=/kohne/1#sonda">',  # itself
        '<meta http-equiv="refresh" content="600; url=/yeni/1">',
        '<meta http-equiv="refresh" content="0; url=javascript:alert(1)">',
        '<meta http-equiv="refresh" content="0; url=file:///etc/hosts">',
        '<noscript><meta http-equiv="refresh" content="0; url=/yeni/1"></noscript>',
        '<!-- <meta http-equiv="refresh" content="0; url=/yeni/1"> -->',
        '<meta name="refresh" content="0; url=/yeni/1">',
        '<meta http-equiv="refresh" content="5; url=/yeni/1"><p>' + "Uzun xəbər. " * 40,
        "<rss><item><title>meta refresh</title></item></rss>",
        "",
    ],
)
def test_every_other_page_is_read(page: str) -> None:
    assert target(page) is None


@given(st.text("<meta> http-equiv=refresh\"'content0;url/-!"))
def test_no_soup_of_it_raises(page: str) -> None:
    target(page)
