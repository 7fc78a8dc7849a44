"""What a poll asks, where a source's address is a site, has moved or has died."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import FetchError, ParseError
from bot.models import SourceState
from tests.functional.web_fixtures import (
    NOW,
    SITE,
    TITLES,
    FakeWeb,
    a_source,
    ask,
    asker,
    context,
    listing,
    news_sitemap,
    rss,
    sitemap_index,
    states,
)

if TYPE_CHECKING:
    from bot.sources.asker import Answer

POSTS = (
    '[{"id": 1, "link": "https://sayt.az/p/1", "date_gmt": "2026-11-24T08:00:00", '
    '"title": {"rendered": "Yeni telefon bu gün satışa çıxdı"}, '
    '"content": {"rendered": "<p>Mətn.</p>"}}]'
)


def led_to(answer: Answer) -> tuple[str, str, int]:
    assert answer.reading is not None
    return answer.url.removeprefix(SITE), answer.kind, len(answer.reading.items)


async def test_a_feed_is_asked_for_once_and_nothing_is_found_out() -> None:
    web = FakeWeb({f"{SITE}/feed": rss(*TITLES)})
    answer = await ask(web, a_source("/feed"))
    assert led_to(answer) == ("/feed", "feed", 4)
    assert answer.found is None
    assert web.paths() == ["/feed"]


async def test_a_site_leads_to_the_feed_that_its_page_states() -> None:
    page = listing(*TITLES, head=states("/xeberler/axin.php"))
    web = FakeWeb({f"{SITE}/": page, f"{SITE}/xeberler/axin.php": rss(*TITLES)})
    assert led_to(await ask(web, a_source())) == ("/xeberler/axin.php", "feed", 4)
    assert web.paths() == ["/", "/xeberler/axin.php"]


async def test_comments_and_translations_are_no_feeds_of_news() -> None:
    head = (
        states("/comments/feed/", title="Şərhlər")
        + '<link rel="alternate" hreflang="ru" href="/ru/">'
        + states("/oembed?url=x", kind="application/json+oembed")
        + states("/feed/")
    )
    web = FakeWeb({f"{SITE}/": listing(*TITLES, head=head), f"{SITE}/feed/": rss(*TITLES)})
    assert led_to(await ask(web, a_source()))[0] == "/feed/"
    assert web.paths() == ["/", "/feed/"]


async def test_a_category_leads_to_its_own_feed_before_the_sites() -> None:
    page = listing(*TITLES, head=states("/feed/") + states("/elm/feed/"))
    web = FakeWeb(
        {
            f"{SITE}/elm": page,
            f"{SITE}/feed/": rss(*TITLES),
            f"{SITE}/elm/feed/": rss(*TITLES[:2]),
        }
    )
    assert led_to(await ask(web, a_source("/elm"))) == ("/elm/feed/", "feed", 2)


async def test_a_list_of_articles_stays_one_where_it_states_no_feed() -> None:
    web = FakeWeb({f"{SITE}/elm": listing(*TITLES), f"{SITE}/feed": rss(*TITLES)})
    assert led_to(await ask(web, a_source("/elm"))) == ("/elm", "listing", 4)
    assert web.paths() == ["/elm"]
    again = await ask(web, a_source("/elm"), found_kind="listing", polled_at=NOW)
    assert led_to(again) == ("/elm", "listing", 4)
    assert web.paths() == ["/elm"]


async def test_a_front_page_that_states_nothing_has_the_usual_paths_tried() -> None:
    web = FakeWeb({f"{SITE}/": listing(*TITLES), f"{SITE}/rss.xml": rss(*TITLES)})
    assert led_to(await ask(web, a_source())) == ("/rss.xml", "feed", 4)


async def test_a_page_in_the_feeds_place_is_no_feed() -> None:
    home = listing(*TITLES)
    web = FakeWeb(
        {f"{SITE}/": home, f"{SITE}/feed": home, f"{SITE}/rss": home, f"{SITE}/rss/": rss(*TITLES)}
    )
    assert led_to(await ask(web, a_source())) == ("/rss/", "feed", 4)


async def test_robots_txt_names_sitemaps_and_a_sitemap_of_news_is_a_source() -> None:
    robots = f"User-agent: *\nAllow: /\nSitemap: {SITE}/maps/tags.xml\nSitemap: {SITE}/news.xml\n"
    web = FakeWeb(
        {
            f"{SITE}/": listing(*TITLES),
            f"{SITE}/robots.txt": robots,
            f"{SITE}/news.xml": news_sitemap(*TITLES[:3]),
        }
    )
    assert led_to(await ask(web, a_source())) == ("/news.xml", "sitemap", 3)


async def test_wordpress_is_read_by_its_interface_where_it_hides_its_feed() -> None:
    web = FakeWeb({f"{SITE}/": listing(*TITLES), f"{SITE}/wp-json/wp/v2/posts": POSTS})
    assert led_to(await ask(web, a_source())) == ("/wp-json/wp/v2/posts", "wordpress", 1)


async def test_what_the_bot_finds_by_itself_obeys_robots_txt() -> None:
    web = FakeWeb(
        {
            f"{SITE}/": listing(*TITLES, head=states("/gizli/feed")),
            f"{SITE}/gizli/feed": rss(*TITLES),
            f"{SITE}/robots.txt": "User-agent: Xeberci\nDisallow: /gizli/\n",
        }
    )
    assert led_to(await ask(web, a_source())) == ("/", "listing", 4)
    assert "/gizli/feed" not in web.paths()


async def test_the_configured_address_is_asked_whatever_robots_txt_says() -> None:
    web = FakeWeb(
        {f"{SITE}/feed": rss(*TITLES), f"{SITE}/robots.txt": "User-agent: *\nDisallow: /\n"}
    )
    assert led_to(await ask(web, a_source("/feed")))[1] == "feed"


@pytest.mark.parametrize("status", [404, 410])
async def test_a_feed_that_never_was_there_is_looked_for(status: int) -> None:
    web = FakeWeb(
        {
            f"{SITE}/rss": status,
            f"{SITE}/": listing(*TITLES, head=states("/axin")),
            f"{SITE}/axin": rss(*TITLES),
        }
    )
    answer = await ask(web, a_source("/rss"))
    assert led_to(answer) == ("/axin", "feed", 4)
    assert answer.found is not None


async def test_a_410_of_what_was_read_is_believed() -> None:
    web = FakeWeb({f"{SITE}/rss": 410, f"{SITE}/feed": rss(*TITLES)})
    with pytest.raises(FetchError):
        await ask(web, a_source("/rss"), polled_at=NOW, found_kind="feed")
    assert web.paths() == ["/rss"]


@pytest.mark.parametrize("status", [403, 429, 500, 503, 0])
async def test_a_server_in_trouble_is_left_alone(status: int) -> None:
    web = FakeWeb({f"{SITE}/rss": status, f"{SITE}/feed": rss(*TITLES)})
    with pytest.raises(FetchError):
        await ask(web, a_source("/rss"))
    assert web.paths() == ["/rss"]


async def test_html_where_a_feed_was_is_a_failure_and_not_a_list() -> None:
    web = FakeWeb({f"{SITE}/rss": listing(*TITLES)})
    with pytest.raises(ParseError):
        await ask(web, a_source("/rss"), polled_at=NOW, found_kind="feed")


async def test_html_where_a_feed_was_leads_to_the_feed_that_it_states() -> None:
    page = listing(*TITLES, head=states("/yeni/rss"))
    web = FakeWeb({f"{SITE}/rss": page, f"{SITE}/yeni/rss": rss(*TITLES)})
    answer = await ask(web, a_source("/rss"), polled_at=NOW, found_kind="feed")
    assert led_to(answer) == ("/yeni/rss", "feed", 4)


async def test_a_found_feed_that_died_is_found_out_anew_from_the_configured_address() -> None:
    web = FakeWeb(
        {
            f"{SITE}/": listing(*TITLES, head=states("/yeni/rss")),
            f"{SITE}/kohne/rss": 410,
            f"{SITE}/yeni/rss": rss(*TITLES),
        }
    )
    answer = await ask(
        web, a_source(), found_url=f"{SITE}/kohne/rss", found_kind="feed", polled_at=NOW
    )
    assert led_to(answer) == ("/yeni/rss", "feed", 4)
    assert web.paths() == ["/kohne/rss", "/", "/yeni/rss"]


async def test_finding_out_comes_ever_more_rarely() -> None:
    looked = []
    for failures in range(16):
        web = FakeWeb()
        with pytest.raises(FetchError):
            await ask(web, a_source("/rss"), failures=failures)
        looked.append(len(web.paths()) > 1)
    assert [n for n, yes in enumerate(looked) if yes] == [0, 1, 3, 7, 15]


@pytest.mark.parametrize("kind", ["feed", "listing", "sitemap", "wordpress"])
async def test_with_its_kind_given_nothing_is_found_out(kind: str) -> None:
    web = FakeWeb({f"{SITE}/feed": rss(*TITLES), f"{SITE}/": listing(*TITLES)})
    with pytest.raises(FetchError):
        await ask(web, a_source("/rss", kind=kind))
    assert web.paths() == ["/rss"]


async def test_a_listing_by_its_kind_stays_one_although_it_states_a_feed() -> None:
    web = FakeWeb(
        {f"{SITE}/": listing(*TITLES, head=states("/feed")), f"{SITE}/feed": rss(*TITLES)}
    )
    assert led_to(await ask(web, a_source(kind="listing"))) == ("/", "listing", 4)
    assert web.paths() == ["/"]


async def test_an_index_is_asked_with_its_newest_sitemap_and_both_conditionally() -> None:
    web = FakeWeb(
        {
            f"{SITE}/sitemap.xml": sitemap_index(f"{SITE}/tags.xml", f"{SITE}/news-2.xml"),
            f"{SITE}/news-2.xml": news_sitemap(*TITLES),
        },
        etags={f"{SITE}/sitemap.xml": '"i"', f"{SITE}/news-2.xml": '"n"'},
    )
    source = a_source("/sitemap.xml", kind="sitemap")
    asks = asker(web)
    state = SourceState(source.name, source.url)
    assert led_to(await asks.ask(source, state, context())) == ("/sitemap.xml", "sitemap index", 4)
    unchanged = await asks.ask(source, state, context())
    assert unchanged.response.etag is None
    assert led_to(unchanged)[2] == 0
    web.answers[f"{SITE}/news-2.xml"] = news_sitemap(*TITLES[:1])
    web.etags[f"{SITE}/news-2.xml"] = '"m"'
    assert led_to(await asks.ask(source, state, context()))[2] == 1
    assert set(web.paths()) == {"/sitemap.xml", "/news-2.xml"}


async def test_an_article_leads_to_its_sites_feed() -> None:
    article = (
        f'<html><head><title>A</title>{states("/feed")}<meta property="og:type" content="article">'
        f"</head><body><article><h1>{TITLES[0]}</h1><p>{'Mətn burada uzanır. ' * 40}</p></article>"
        "</body></html>"
    )
    web = FakeWeb({f"{SITE}/p/1": article, f"{SITE}/feed": rss(*TITLES)})
    assert led_to(await ask(web, a_source("/p/1"))) == ("/feed", "feed", 4)


async def test_where_there_is_nothing_the_first_reason_is_told() -> None:
    web = FakeWeb({f"{SITE}/": "<html><body><p>Tezliklə.</p></body></html>"})
    with pytest.raises(ParseError, match="neither"):
        await ask(web, a_source())


async def test_a_front_page_that_leads_on_to_an_edition_is_a_front_page() -> None:
    web = FakeWeb(
        {f"{SITE}/az/": listing(*TITLES), f"{SITE}/az/rss": rss(*TITLES)},
        redirects={f"{SITE}/": f"{SITE}/az/"},
    )
    assert led_to(await ask(web, a_source())) == ("/az/rss", "feed", 4)


async def test_a_front_page_is_asked_once_however_it_is_written() -> None:
    web = FakeWeb()
    with pytest.raises(FetchError):
        await ask(web, a_source(""))
    assert [path for path in web.paths() if path in {"", "/"}] == [""]
