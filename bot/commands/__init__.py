"""What each command of the program does, behind ``bot.cli``."""
