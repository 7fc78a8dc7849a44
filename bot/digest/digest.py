"""An article's digest: title, chosen sentences, credit and source. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.az.credits import find_credit
from bot.az.titles import clean_shown
from bot.digest.summary import summarise
from bot.models import Article, Credit, Digest


def make_digest(article: Article, *, source_name: str | None = None) -> Digest:
    """Give the digest of an article.

    ``source_name`` is what readers know the source by; without it the article's own ``source``
    counts, else the host of its address. The credit is the article's, else one found in its
    text, else the source, which is then linked to the article.
    """
    host = host_of(article.url)
    source = source_name or article.source or host
    credit = article.credit or find_credit(
        article.text or article.summary or "",
        source=source,
        site_hosts=[name for name in (host, article.source) if name],
    )
    return Digest(
        url=article.url,
        title=clean_shown(article.title),
        sentences=summarise(article),
        credit=credit or Credit(source, article.url),
        source=source,
        category=article.category,
        image=article.image,
        when=article.published,
    )


def host_of(url: str) -> str:
    """Give the host of an address without ``www.``, or the empty string."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return re.sub(r"^www\.", "", host)
