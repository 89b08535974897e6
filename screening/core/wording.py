"""Words that stand in the core's tables and are shown to people."""

from __future__ import annotations


def marked(words: str) -> str:
    """The same words, marked for translators; the pages give them to gettext."""
    return words


def so_many(number: int, word: str, does: str = "", do: str = "") -> str:
    """A number with its English word, and its verb, for the command line: 1 claim holds, 2 claims hold."""
    counted, verb = (word, does) if number == 1 else (f"{word}s", do)
    return f"{number} {counted} {verb}".rstrip()
