from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest import digest_html, digest_json, digest_text, make_digest
from bot.models import Article, Credit, Digest

DIGEST = Digest(
    url="https://technote.az/a?b=1&c=2",
    title="Apple & Samsung <yeni>",
    sentences=("Birinci cümlə.", "İkinci “cümlə”."),
    credit=Credit("Tomshardware", "https://www.tomshardware.com/"),
    source="technote.az",
)


class Reader(HTMLParser):
    """What a person sees of Telegram HTML; fails on tags that Telegram does not know."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen = ""
        self.open: list[str] = []
        self.links: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "a"}
        self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen += data


def test_html_is_title_sentences_credit_and_source() -> None:
    assert digest_html(DIGEST) == (
        "<b>Apple &amp; Samsung &lt;yeni&gt;</b>\n\n"
        "Birinci cümlə. İkinci “cümlə”.\n\n"
        'Mənbə: <a href="https://www.tomshardware.com/">Tomshardware</a> · '
        '<a href="https://technote.az/a?b=1&amp;c=2">technote.az</a>'
    )


def test_an_alert_ends_with_its_topic() -> None:
    html = digest_html(DIGEST, source_label="Source", topic_line="Mövzu: <AI>")
    assert html.endswith("technote.az</a>\nMövzu: &lt;AI&gt;")
    assert "Source: " in html


def test_text_ends_with_the_address() -> None:
    assert digest_text(DIGEST) == (
        "Apple & Samsung <yeni>\n\nBirinci cümlə. İkinci “cümlə”.\n\n"
        "Mənbə: Tomshardware · technote.az\nhttps://technote.az/a?b=1&c=2"
    )
    assert digest_text(replace(DIGEST, sentences=())).startswith(
        "Apple & Samsung <yeni>\n\nMənbə: "
    )


@pytest.mark.parametrize("name", ["technote.az", "Technote", "Technote.az", "TECHNOTE"])
def test_a_source_that_is_its_own_credit_is_named_once(name: str) -> None:
    html = digest_html(replace(DIGEST, credit=Credit(name)))
    assert html.count("technote.az</a>") == 1
    assert "·" not in html


def test_only_web_addresses_become_links() -> None:
    for url in ("javascript:alert(1)", "tg://user?id=1", "https://a b", None, "https://a\u202eb"):
        html = digest_html(replace(DIGEST, credit=Credit("Reuters", url)))
        assert Reader(html).links == [DIGEST.url]


def test_json_has_the_agreed_keys() -> None:
    assert digest_json(DIGEST) == {
        "url": DIGEST.url,
        "text": digest_text(DIGEST),
        "html": digest_html(DIGEST),
        "sentences": ["Birinci cümlə.", "İkinci “cümlə”."],
        "credit": {"name": "Tomshardware", "url": "https://www.tomshardware.com/"},
        "link": DIGEST.url,
        "chars": 30,
    }


def test_an_enormous_title_is_cut_between_words() -> None:
    html = digest_html(replace(DIGEST, title="<söz> " * 2000), topic_line="Mövzu: x")
    assert len(Reader(html).seen) <= 4096
    assert "…" in Reader(html).seen


@given(st.text(), st.lists(st.text()), st.text(), st.text(), st.text())
def test_html_reads_back_as_what_was_meant(
    title: str, sentences: list[str], name: str, source: str, url: str
) -> None:
    digest = Digest(url, title, tuple(sentences)[:3], Credit(name, url), source)
    reader = Reader(digest_html(digest))
    assert len(reader.seen) <= 4096 + sum(map(len, sentences))
    visible = reader.seen.replace("\r", "\n")
    assert "Mənbə: " in visible
    assert all(link.startswith(("http://", "https://")) for link in map(str.lower, reader.links))


@pytest.mark.parametrize(
    ("article", "credit"),
    [
        (Article("https://a.az/1", "T", credit=Credit("APA")), Credit("APA")),
        (
            Article("https://a.az/1", "T", "A.az APA-ya istinadən xəbər verir ki, x."),
            Credit("APA"),
        ),
        (Article("https://www.a.az/1", "T", "Mətn."), Credit("a.az", "https://www.a.az/1")),
        (Article("https://a.az/1", "T", source="Alfa"), Credit("Alfa", "https://a.az/1")),
    ],
)
def test_the_credit_is_the_articles_then_its_texts_then_the_sources(
    article: Article, credit: Credit
) -> None:
    assert make_digest(article).credit == credit


def test_the_configured_name_of_a_source_is_the_one_shown() -> None:
    digest = make_digest(Article("https://a.az/1", "T - FOTO", source="a.az"), source_name="Alfa")
    assert (digest.title, digest.source, digest.credit.name) == ("T", "Alfa", "Alfa")
