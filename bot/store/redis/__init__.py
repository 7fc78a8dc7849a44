"""The store for several workers: one Redis (7.0 or newer), with Sentinel if wanted.

Nothing is imported here, so that a bot on SQLite never loads the client library.
"""
