"""The Azerbaijani language: pure functions over text, word lists as data files."""

from bot.az.letters import fold, lower, upper
from bot.az.sentences import sentences
from bot.az.tokens import tokens
from bot.az.topics import same_topic

__all__ = ["fold", "lower", "same_topic", "sentences", "tokens", "upper"]
