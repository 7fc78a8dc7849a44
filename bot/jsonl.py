"""Articles as JSON Lines, the format of import, export and parse (CONTRACT, "JSON"). Pure.

Reading never stops at a bad line: it gives the line's number and what is wrong with it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot import links
from bot.models import Article, Credit, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

_AHEAD = timedelta(minutes=5)
_UNFIT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LineError:
    """A line that is no article: its number, from 1, and the reason."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


class _BadFieldError(ValueError):
    """What is wrong with one field."""


def write_article(article: Article) -> str:
    """Give an article as one JSON object on one line, every key there, without a line end."""
    return json.dumps(as_dict(article), ensure_ascii=False)


def as_dict(article: Article) -> dict[str, Any]:
    """Give an article as the JSON object of the contract."""
    credit = article.credit
    return {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "published": article.published.isoformat() if article.published else None,
        "source": article.source,
        "category": article.category,
        "author": article.author,
        "credit": {"name": credit.name, "url": credit.url} if credit else None,
        "image": article.image,
        "summary": article.summary,
        "related": [{"title": story.title, "url": story.url} for story in article.related],
    }


def read_lines(
    lines: Iterable[bytes | str], *, now: datetime, zone: ZoneInfo
) -> Iterator[Article | LineError]:
    """Give an article or an error for every line that is not blank.

    A time without an offset is in ``zone``; what lies more than five minutes ahead is now.
    """
    for number, line in enumerate(lines, start=1):
        try:
            text = _text_of(line)
            if text:
                yield read_article(json.loads(text), now=now, zone=zone)
        except _BadFieldError as error:
            yield LineError(number, str(error))
        except json.JSONDecodeError as error:
            yield LineError(number, f"no JSON: {error.msg} at character {error.pos + 1}")
        except UnicodeDecodeError:
            yield LineError(number, "not UTF-8")
        except (RecursionError, ValueError):
            yield LineError(number, "no JSON: too deep, or a number that is too long")


def _text_of(line: bytes | str) -> str:
    text = line.decode("utf-8") if isinstance(line, bytes) else line
    return text.removeprefix("\ufeff").strip()


def read_article(data: object, *, now: datetime, zone: ZoneInfo) -> Article:
    """Give the article that a JSON object is; ValueError names the field that is wrong."""
    if not isinstance(data, dict):
        raise _BadFieldError("no JSON object")
    url = links.clean(_required(data, "url"))
    if not links.is_absolute(url):
        raise _BadFieldError("url is no whole http or https address")
    return Article(
        url=url,
        title=_required(data, "title"),
        text=_optional(data, "text") or "",
        published=_published(data, now, zone),
        source=_optional(data, "source") or links.host(url),
        category=_optional(data, "category"),
        author=_optional(data, "author"),
        credit=_credit(data.get("credit")),
        image=_optional(data, "image"),
        summary=_optional(data, "summary"),
        related=_related(data.get("related")),
    )


def _required(data: Mapping[str, Any], key: str) -> str:
    if data.get(key) is None:
        raise _BadFieldError(f"{key} is missing")
    text = _optional(data, key)
    if text is None:
        raise _BadFieldError(f"{key} is empty")
    return text


def _optional(data: Mapping[str, Any], key: str, where: str = "") -> str | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _BadFieldError(f"{where}{key} is no string")
    return _UNFIT.sub("\ufffd", value).strip() or None


def _published(data: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> datetime | None:
    text = _optional(data, "published")
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _BadFieldError(f"published is no RFC 3339 time: {text[:40]}") from None
    aware = at if at.tzinfo else at.replace(tzinfo=zone)
    try:
        ahead = aware - now > _AHEAD
    except OverflowError:
        raise _BadFieldError(f"published is out of range: {text[:40]}") from None
    return now.astimezone(aware.tzinfo) if ahead else aware


def _credit(value: object) -> Credit | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, dict):
        raise _BadFieldError("credit is no object")
    name = _optional(value, "name", "credit.")
    return Credit(name, _optional(value, "url", "credit.")) if name else None


def _related(value: object) -> tuple[Related, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _BadFieldError("related is no list")
    found: list[Related] = []
    for story in value:
        if not isinstance(story, dict):
            raise _BadFieldError("related holds what is no object")
        title, url = _optional(story, "title", "related."), _optional(story, "url", "related.")
        if title and url:
            found.append(Related(title, url))
    return tuple(found)
