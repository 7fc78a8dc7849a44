"""Digests: sentences chosen from an article, and their layouts. Pure."""

from bot.digest.digest import make_digest
from bot.digest.formatter import digest_html, digest_json, digest_text
from bot.digest.summary import summarise

__all__ = ["digest_html", "digest_json", "digest_text", "make_digest", "summarise"]
