"""WordPress's posts as its REST interface gives them, to articles. No I/O here.

A document is a list of posts or a single one, with what it links inside it (``_embed``) or not:
https://developer.wordpress.org/rest-api/reference/posts/
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from bot import links
from bot.errors import ParseError
from bot.sources import markup, mending
from bot.sources.entry import Entry, Site, left_out, make_item, unique
from bot.sources.json_values import as_list, as_table, as_text, first_text
from bot.sources.reading import Kind, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources.reading import Item, ReadContext

_PUBLIC = frozenset({"", "publish", "inherit"})
_LOCKED = re.compile(r"^(?:Protected|Qorunur|Qorunan|Защищено|Korumalı):\s+", re.IGNORECASE)
_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)
_NAME_CHARS = 200


def looks_like_wordpress(value: object) -> bool:
    """Tell whether a JSON document is a post, a list of posts, or what WordPress says instead."""
    if isinstance(value, list):
        return not value or any(_is_post(item) for item in value)
    return _is_post(value) or _is_error(value)


def _is_post(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    rendered = any(
        isinstance(value.get(name), dict) and "rendered" in value[name]
        for name in ("title", "content", "excerpt", "guid")
    )
    return rendered or {"id", "link", "date_gmt"} <= value.keys()


def _is_error(value: object) -> bool:
    return (
        isinstance(value, dict)
        and {"code", "message"} <= value.keys()
        and isinstance(value["code"], str)
        and not {"items", "link"} & value.keys()
    )


def read_wordpress(
    value: dict[str, Any] | list[Any], *, url: str | None, context: ReadContext
) -> Reading:
    """Give the articles of posts in their order; an empty list is an empty reading.

    Raises ParseError with WordPress's own words where it gives an error in place of posts.
    """
    if _is_error(value):
        error = as_table(value)
        said = markup.plain(as_text(error.get("message")))[:_NAME_CHARS]
        raise ParseError(f"WordPress answers with an error: {as_text(error.get('code'))}: {said}")
    posts = [post for post in as_list(value) if _is_post(post)]
    public = [post for post in posts if as_text(post.get("status")) in _PUBLIC]
    site = Site(
        title=next((name for post in public if (name := _site_name(post))), ""),
        guids=Counter(guid for post in public for guid in _guids(post)),
    )
    items = [
        _item(post, base=url, site=site, context=context) for post in context.budget.within(public)
    ]
    return Reading(
        kind=Kind.WORDPRESS,
        items=unique(item for item in items if item is not None),
        problems=left_out(items.count(None) + len(as_list(value)) - len(posts)),
        title=site.title,
    )


def _item(
    post: dict[str, Any], *, base: str | None, site: Site, context: ReadContext
) -> Item | None:
    address = _address(post, base)
    if address is None:
        return None
    embedded, seo = as_table(post.get("_embedded")), as_table(post.get("yoast_head_json"))
    title, locked = _rendered(post, "title"), _is_locked(post)
    entry = Entry(
        address=address,
        base=address,
        title=(_LOCKED.sub("", title) if locked else title) or as_text(seo.get("og_title")),
        contents=() if locked else (_rendered(post, "content"),),
        summary="" if locked else _rendered(post, "excerpt") or first_text(seo, "og_description"),
        dates=tuple(_dates(post, seo)),
        categories=tuple(_categories(embedded, seo)),
        authors=tuple(_authors(post, embedded, seo)),
        images=tuple(_images(post, embedded, seo)),
        guids=tuple(_guids(post)),
    )
    return make_item(entry, site=site, context=context)


def _rendered(post: dict[str, Any], name: str) -> str:
    """Give a field that WordPress renders; some plugins make plain text of it."""
    value = post.get(name)
    return as_text(value.get("rendered")) if isinstance(value, dict) else as_text(value)


def _is_locked(post: dict[str, Any]) -> bool:
    """Tell whether a post asks for a password: what stands in its text is a form."""
    return any(as_table(post.get(name)).get("protected") is True for name in ("content", "excerpt"))


def _address(post: dict[str, Any], base: str | None) -> str | None:
    own = first_text(as_table(post.get("yoast_head_json")), "canonical")
    for text in (_rendered(post, "link"), own, _rendered(post, "guid")):
        address = links.clean(mending.plain_address(text), base) if text else ""
        if links.is_absolute(address):
            return address
    return None


def _guids(post: dict[str, Any]) -> Iterator[str]:
    """Give what names a post for ever: its guid, as the site's feed has it, else its own place.

    The bare number would join posts of two sites under one host (``/az/``, ``/ru/``).
    """
    places = as_list(as_table(post.get("_links")).get("self"))
    place = first_text(places[0], "href") if places else ""
    number, link = as_text(post.get("id")), _rendered(post, "link")
    guid = mending.plain_address(_rendered(post, "guid"))
    if guid:
        yield guid
    elif place:
        yield place
    elif number and links.is_absolute(link):
        yield f"wordpress:{links.host(link)}:{number}"


def _dates(post: dict[str, Any], seo: dict[str, Any]) -> Iterator[str]:
    """Give the dates; those in GMT come without a zone and must not be taken for local ones."""
    for name in ("date_gmt", "date"):
        text = as_text(post.get(name))
        yield f"{text}Z" if text and name.endswith("_gmt") and not _ZONE.search(text) else text
    yield first_text(seo, "article_published_time")
    text = as_text(post.get("modified_gmt"))
    yield f"{text}Z" if text and not _ZONE.search(text) else text
    yield first_text(seo, "article_modified_time")


def _categories(embedded: dict[str, Any], seo: dict[str, Any]) -> Iterator[str]:
    for terms in as_list(embedded.get("wp:term")):
        for term in as_list(terms):
            if first_text(term, "taxonomy") == "category":
                yield first_text(term, "name")
    for node in _graph(seo):
        yield from map(as_text, as_list(node.get("articleSection")))


def _authors(
    post: dict[str, Any], embedded: dict[str, Any], seo: dict[str, Any]
) -> tuple[str, ...]:
    """Give the names of the first statement that has any: plugins', embedded, for engines."""
    statements = (
        [first_text(one, "display_name", "name") for one in as_list(post.get("coauthors"))],
        [first_text(one, "display_name", "name") for one in as_list(post.get("authors"))],
        [first_text(one, "name") for one in as_list(embedded.get("author"))],
        [
            first_text(post, "author_name"),
            first_text(as_table(post.get("author_info")), "display_name", "name"),
        ],
        [first_text(seo, "author")],
    )
    return next((tuple(filter(None, names)) for names in statements if any(names)), ())


def _images(post: dict[str, Any], embedded: dict[str, Any], seo: dict[str, Any]) -> Iterator[str]:
    for media in as_list(embedded.get("wp:featuredmedia")):
        yield first_text(media, "source_url")
        sizes = as_table(as_table(as_table(media).get("media_details")).get("sizes"))
        yield first_text(sizes.get("full"), "source_url")
    yield first_text(post, "jetpack_featured_media_url", "featured_image_url", "fimg_url")
    yield first_text(post.get("better_featured_image"), "source_url")
    yield from (first_text(image, "url") for image in as_list(seo.get("og_image")))


def _site_name(post: dict[str, Any]) -> str:
    return markup.plain(first_text(as_table(post.get("yoast_head_json")), "og_site_name"))


def _graph(seo: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for node in as_list(as_table(seo.get("schema")).get("@graph")):
        if "Article" in str(as_table(node).get("@type")):
            yield node
