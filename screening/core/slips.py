"""What an author most likely did where YAML breaks off, in our words: the slip, and how to mend it."""

from __future__ import annotations

import re
from typing import NamedTuple


class Slip(NamedTuple):
    """What was done, and the remedy."""

    message: str
    remedy: str


_INDENT = "Put it as far in as its neighbours: what belongs to something stands two spaces further in."
_NO_SPACE = "as copied from a web page or a letter"


def slip_of(said: str, before: str, line: str, column: int) -> Slip:
    """The slip behind what YAML said of a place; `before` is the line above that is not empty."""
    return (
        _of_signs(said, before, line)
        or _of_texts(said, line, column)
        or _of_mapping(said, before, line, column)
    )


def _of_signs(said: str, before: str, line: str) -> Slip | None:
    """A blank, a dash or a bracket that is another than it seems."""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return Slip("This line is moved in with a tab.", "Use spaces, two for each step.")
    if indent.strip(" "):
        return Slip(f"This line is moved in with blanks that are no spaces, {_NO_SPACE}.", "Use spaces.")
    if before[: len(before) - len(before.lstrip())].strip(" "):
        return Slip(f"The line above is moved in with blanks that are no spaces, {_NO_SPACE}.", "Use spaces.")
    if re.match(r"\s*[\w-]+:[^\S \n\t]", before):
        return Slip(f"The blank after the colon above is no space, {_NO_SPACE}.", "Type a space there.")
    if sign := re.match(r"\s*([‐-―−•·*])\s", line):
        return Slip(f'An entry of a list cannot begin with "{sign[1]}".', 'Begin it with a plain "-".')
    if re.match(r"\s*-[a-z]", line):
        return Slip("There is no blank after the dash.", "Write it as: - id: ...")
    if "did not find expected ',' or" in said:
        closing = "}" if "'}'" in said else "]"
        what = f"A bracket is not closed before this line: {closing} is missing."
        return Slip(what, f"Write {closing} where it ends.")
    for opening, closing in ("{}", "[]"):
        if line.count(closing) > line.count(opening):
            return Slip(f"There is a {closing} too many.", f"Remove it, or write {opening} where it begins.")
    return None


def _of_texts(said: str, line: str, column: int) -> Slip | None:
    """A text that is to stand in quotes, or whose quotes are not as they should be."""
    if "unexpected end of stream" in said:
        return Slip("A quote is opened and never closed.", "Close it, or double a quote inside the text.")
    if "unknown escape character" in said or "hexdecimal number" in said:
        return Slip("A backslash stands in a text in double quotes.", "Use single quotes around the text.")
    if sign := _first_sign(said, line, column):
        return Slip(f'A text cannot begin with "{sign}".', f"Put the text in quotes. {_quoted(line)}")
    if "block sequence entries" in said:
        return Slip("A list begins in the middle of a line.", "Start each entry on a line of its own.")
    if re.search(r""":\s+(['"]).*\1\S""", line) or re.search(r""":\s+(['"]).*\1\s*[^\s#,}\]]""", line):
        return Slip(
            "A text in quotes ends before its line does.",
            "Use the other kind of quotes around it, or ’ inside.",
        )
    return None


def _first_sign(said: str, line: str, column: int) -> str:
    """The sign that a text begins with, where none may."""
    if "cannot start any token" in said or said.startswith("mapping keys are not allowed"):
        return line[column - 1 : column]
    if said.startswith("did not find expected alphabetic"):
        word = line[: column - 1].split()[-1:]  # which is to be a name, such as of "*new*"
        return word[0][:1] if word else ""
    if said.startswith("did not find expected comment or line break"):
        return line[: column - 1].rstrip()[-1:] or line[column - 1 : column]
    found = re.search(r":\s+(?:(\*)\S*|([\[{])[^\]}]*[\]}]\s*[^\s#,}\]])", line)
    return (found[1] or found[2]) if found else ""


def _quoted(line: str) -> str:
    key = re.match(r"\s*(?:- )?([\w-]+):", line)
    return f'Write it as: {key[1] if key else "ask"}: "..."'


def _of_mapping(said: str, before: str, line: str, column: int) -> Slip:
    if "could not find expected ':'" in said:
        what = f'"{before.strip()[:40]}" lacks a colon and blank after its key.'
        run_on = re.match(r"\s*(?:- )?([a-z_]+):(\S.*)", before)
        told = f"{run_on[1]}: {run_on[2].strip()}" if run_on else "key: text"
        more = "" if run_on else "; if it goes on from the line above, move it further in than that line."
        return Slip(what, f"Write it as: {told}{more}")
    if re.match(r"\s*(?:- )?[a-z_]+:[^\s/]", before):
        return Slip("There is no blank after the colon above.", "Write it as: key: text")
    if re.match(r"\s*-[a-z]", before):
        return Slip("There is no blank after the dash above.", "Write it as: - id: ...")
    if "mapping values are not allowed" in said and re.search(r":\s+[“”„‘].*: ", line):
        return Slip("Curly quotes hold no text together.", f"Use straight quotes. {_quoted(line)}")
    if "mapping values are not allowed" in said and ": " in line[: column - 1]:
        return Slip("There is a colon inside this text.", f"Put the whole text in quotes. {_quoted(line)}")
    if "mapping values are not allowed" in said or "expected key" in said or "'-' indicator" in said:
        return Slip("This line is moved in more, or less, than what it belongs to.", _INDENT)
    return Slip(f"This is not valid YAML: {said}.", "Look at the indentation, colons and quotes here.")
