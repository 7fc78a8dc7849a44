"""Where articles come from: fetching with manners, reading of feeds, listings and pages.

Importing this package costs nothing: feedparser, lxml and trafilatura are imported by the
readers only, which run in the workers of ``bot.sources.sandbox``.
"""
