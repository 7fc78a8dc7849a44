"""The Azerbaijani language: pure functions over text, word lists as data files."""

from bot.az.letters import fold, lower, upper

__all__ = ["fold", "lower", "upper"]
