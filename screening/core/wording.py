"""Words that stand in the core's tables and are shown to people."""

from __future__ import annotations


def marked(words: str) -> str:
    """The same words, marked for translators; the pages give them to gettext."""
    return words


def so_many(number: int, word: str) -> str:
    """A number with its English word, for the command line and what it prints: 1 problem, 2 problems."""
    return f"{number} {word}{'' if number == 1 else 's'}"
