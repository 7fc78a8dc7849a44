"""Xəbərçi: a Telegram news bot that speaks Azerbaijani properly."""
