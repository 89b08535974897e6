"""What an author most likely did where YAML breaks off, in our words: the slip, and how to mend it."""

from __future__ import annotations

import re
from typing import NamedTuple


class Slip(NamedTuple):
    """What was done, and the remedy."""

    message: str
    remedy: str


_QUOTES = 'Write it as: ask: "..."'
_INDENT = "Put it as far in as its neighbours: what belongs to something stands two spaces further in."


def slip_of(said: str, before: str, line: str, column: int) -> Slip:
    """The slip behind what YAML said of a place; `before` is the line above that is not empty."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Slip("This line is moved in with a tab.", "Use spaces, two for each step.")
    if "unexpected end of stream" in said:
        return Slip("A quote is opened and never closed.", "Close it, or double a quote inside the text.")
    if "did not find expected ',' or" in said:
        closing = "}" if "'}'" in said else "]"
        return Slip(
            f"A bracket is not closed before this line: {closing} is missing.",
            f"Write {closing} where it ends.",
        )
    if said.startswith(("did not find expected comment or line break", "mapping keys are not allowed")):
        sign = line[: column - 1].rstrip()[-1:] or line[column - 1 : column]
        return Slip(f'A text cannot begin with "{sign}".', f"Put the text in quotes. {_QUOTES}")
    if "cannot start any token" in said:
        sign = line[column - 1 : column]
        return Slip(f'A text cannot begin with "{sign}".', f"Put the text in quotes. {_QUOTES}")
    if "block sequence entries" in said:
        return Slip("A list begins in the middle of a line.", "Start each entry on a line of its own.")
    if re.search(r""":\s+(['"]).*\1\S""", line) or re.search(r""":\s+(['"]).*\1\s*[^\s#,}\]]""", line):
        return Slip(
            "A text in quotes ends before its line does.",
            "Use the other kind of quotes around it, or ’ inside.",
        )
    return _of_mapping(said, before, line, column)


def _of_mapping(said: str, before: str, line: str, column: int) -> Slip:
    if "could not find expected ':'" in said:
        return Slip(
            f'"{before.strip()[:40]}" lacks a colon and blank after its key.', "Write it as: key: text"
        )
    if re.match(r"\s*(?:- )?[a-z_]+:[^\s/]", before):
        return Slip("There is no blank after the colon above.", "Write it as: key: text")
    if re.match(r"\s*-[a-z]", before):
        return Slip("There is no blank after the dash above.", "Write it as: - id: ...")
    if "mapping values are not allowed" in said and ": " in line[: column - 1]:
        return Slip("There is a colon inside this text.", f"Put the whole text in quotes. {_QUOTES}")
    if "mapping values are not allowed" in said or "expected key" in said or "'-' indicator" in said:
        return Slip("This line is moved in more, or less, than what it belongs to.", _INDENT)
    return Slip(f"This is not valid YAML: {said}.", "Look at the indentation, colons and quotes here.")
