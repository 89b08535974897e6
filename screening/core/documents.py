"""Strict YAML: text into nodes that know where they stand.

YAML 1.2 words (`yes`, `no`, `on`, `12:30`, `010` stay text); duplicate keys, aliases, anchors, tags
and second documents are refused; size and depth are bounded. Built from parser events, without
recursion, so that no input can exhaust the stack.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from screening.core.errors import RuleSetError, unreadable
from screening.core.findings import Place, Problem
from screening.core.no_text import SAVE_AS, no_text
from screening.core.nodes import Node, Scalar
from screening.core.slips import slip_of

MAX_BYTES = 800_000
MAX_DEPTH = 16
MAX_NODES = 80_000  # about 1,000 questions with their rules

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel has it
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?")
_REMARK = re.compile(r"[ \t]+#(\S?)")
_CURLY = re.compile("[“”„].*[“”]")
_BULLET = re.compile("([‐-―−•·▪◦‣])\\s")  # what letters and web pages begin an entry with
PROSE = frozenset(
    ("after", "ask", "case", "category", "heading", "high", "hint", "label", "low", "none", "phrase",
     "reason", "section", "statement", "title", "unit", "why", "clinician", "reception", "patient")
)  # fmt: skip
FIRST_KEYS = ("id", "case", "subject")  # with which entries begin
LISTS_OF_TEXTS = frozenset(("about", "have_ready", "items"))
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # written as escapes, such as "\0"


def parse(data: bytes, file: str) -> Node:
    """The one document in `data`. Raises RuleSetError with every problem that can be told."""
    problems: list[Problem] = []
    root = read(data, file, problems)
    if problems or root is None:
        raise RuleSetError(problems)
    return root


def read(data: bytes, file: str, problems: list[Problem]) -> Node | None:
    """All of it, though something in it is refused; None where reading broke off."""
    text = _decode(data, file)
    builder = _Builder(file, text)
    try:
        builder.take(_events(text))
    except yaml.MarkedYAMLError as error:
        problems.append(_syntax_problem(error, file, text, builder.over_lines))
    except yaml.reader.ReaderError as error:
        problems.append(_character_problem(text, error, file))
    except _TooMuch as error:
        problems.append(error.problem)
    whole = not problems
    problems.extend(builder.problems)
    if not problems and builder.root is None:
        problems.append(
            Problem(
                Place(file),
                "format",
                "The file is empty.",
                "Begin with its schema, as in: schema: screening/1",
            )
        )
    return builder.root if whole else None


def _events(text: str) -> Iterator[yaml.Event]:
    parser = _Parser(text)
    try:
        yield from iter(parser.get_event, None)
    finally:
        parser.dispose()


def _decode(data: bytes, file: str) -> str:
    if (found := no_text(data)) is not None:
        raise unreadable(file, *found)
    if len(data) > MAX_BYTES:
        what = f"The file is too large: {len(data):,} bytes."
        raise unreadable(file, what, f"Keep it under {MAX_BYTES:,} bytes; split off common blocks.")
    try:
        return unicodedata.normalize("NFC", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
    raise RuleSetError([Problem(_place_in(before, file), "unreadable", "This is not UTF-8 text.", SAVE_AS)])


def _place_in(before: str, file: str) -> Place:
    line = before.count("\n") + 1
    return Place(file, line, len(before) - (before.rfind("\n") + 1) + 1)


def _syntax_problem(
    error: yaml.MarkedYAMLError, file: str, text: str, over_lines: tuple[Place, Place] | None
) -> Problem:
    mark: Any = error.problem_mark or error.context_mark
    said = f"{error.problem or error.context or 'it cannot be read'}"
    if "unexpected end of stream" in said:
        mark = error.context_mark or mark  # where the quote was opened
    if mark is None:
        return Problem(Place(file), "format", f"This is not valid YAML: {said}.", "Mend it.")
    if over_lines is not None and over_lines[1].line == mark.line + 1:
        what = f"A text in quotes begins here, and its next quote stands in line {mark.line + 1}."
        return Problem(
            over_lines[0], "format", what, "Close it where it ends, or double a quote inside the text."
        )
    lines = [*text.splitlines(), ""]
    at = min(mark.line, len(lines) - 1)
    before = next((line for line in reversed(lines[:at]) if line.strip()), "")
    slip = slip_of(said, before, lines[at], mark.column + 1)
    return Problem(Place(file, mark.line + 1, mark.column + 1), "format", slip.message, slip.remedy)


def _character_problem(text: str, error: yaml.reader.ReaderError, file: str) -> Problem:
    position = error.position if isinstance(error.position, int) else 0
    before = text.encode()[:position].decode("utf-8", "replace")
    return Problem(
        _place_in(before, file), "format", "A character here cannot stand in a text file.", "Remove it."
    )


class _TooMuch(Exception):
    def __init__(self, place: Place, what: str, remedy: str) -> None:
        self.problem = Problem(place, "format", what, remedy)


class _Open:
    """A list or mapping whose end has not come yet; of a mapping, `key` waits for its value."""

    __slots__ = ("key", "key_place", "keys", "listed", "mapped", "of_texts", "runs_on")

    def __init__(self, node: Node, *, of_texts: bool = False) -> None:
        self.runs_on = False  # into the next entry, for want of a dash: told once
        self.of_texts = of_texts  # texts between brackets, where a comma begins another
        self.listed = node.value if isinstance(node.value, list) else None
        self.mapped = node.value if isinstance(node.value, dict) else None
        self.keys = node.keys
        self.key: str | None = None
        self.key_place = node.place

    def expects_key(self) -> bool:
        return self.key is None and self.mapped is not None

    def add(self, node: Node) -> None:
        if self.listed is not None:
            self.listed.append(node)
        elif self.mapped is not None and self.key is not None:
            self.mapped.setdefault(self.key, node)
            self.keys.setdefault(self.key, self.key_place)
            self.key = None


class _Builder:
    """Turns events into nodes, collecting problems on the way.

    A file has thousands of events, most of them scalars: those take the shortest way.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = text
        self.problems: list[Problem] = []
        self.over_lines: tuple[Place, Place] | None = (
            None  # the last text in quotes that does not end in its line
        )
        self._top = _Open(Node(Place(file), []))  # holds the documents
        self._open: list[_Open] = []  # those around it
        self._documents = 0
        self._nodes = 0

    @property
    def root(self) -> Node | None:
        """The first document."""
        around = self._open[0] if self._open else self._top
        return around.listed[0] if around.listed else None

    def take(self, events: Iterator[yaml.Event]) -> None:
        """All events of a stream. Raises _TooMuch."""
        takers: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._take_scalar,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._take_alias,
            yaml.DocumentStartEvent: self._count_document,
        }
        for event in events:
            taker = takers.get(type(event))
            if taker is not None:
                taker(event)

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _begun(self, event: Any) -> Place:
        """Where a node begins, which is counted, and has no anchor and no tag."""
        mark = event.start_mark
        place = Place(self.file, mark.line + 1, mark.column + 1)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _TooMuch(place, "The file has too many entries.", "Split off common blocks.")
        if event.anchor is not None:
            self._refuse(
                place,
                'A text cannot begin with "&".',
                "Put the whole text in quotes; to name a value twice, write it out.",
            )
        if event.tag is not None:
            self._refuse(place, f"Tags ({event.tag}) are not used here.", "Remove it; put text in quotes.")
        return place

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        place = self._place(event)
        self._refuse(
            place,
            'A text cannot begin with "*".',
            "Put the whole text in quotes; to repeat a value, write it out.",
        )
        self._stand_in(place)

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        place, value, top = self._begun(event), event.value, self._top
        if not value.isprintable() and _UNPRINTABLE.search(value):
            self._refuse(place, "A character here cannot stand in a text.", "Remove it.")
            self._stand_in(place)
        elif top.key is None and top.mapped is not None:
            self._take_key(value, place)
        elif event.style:
            end: Any = event.end_mark
            if event.style in "\"'" and end.line >= place.line:
                self.over_lines = place, Place(self.file, end.line + 1, end.column + 1)
            top.add(Node(place, value))
        else:
            if self._is_cut(event):
                what = f'A "#" cuts this text off: "{value}" is all that is left of it.'
                remedy = "Put the whole text in quotes; a remark for colleagues gets a line of its own."
                self.problems.append(Problem(place, "cut-text", what, remedy))
            if top.of_texts and top.listed and " " in f"{top.listed[-1].value}{value}":
                self._tell_comma(place, value)
            if _CURLY.fullmatch(value):
                self._refuse(place, "These quotes would be shown.", 'Use straight ones: "...", or none.')
            if sign := _BULLET.match(value):
                what = f'A text begins with "{sign[1]}" here, which is no dash that begins an entry.'
                self._refuse(
                    place, what, 'Type a plain dash and a blank: - ... Where the sign is meant: "..."'
                )
            top.add(Node(place, _resolve(value)))

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        place = self._begun(event)
        node = Node(place, {} if isinstance(event, yaml.MappingStartEvent) else [])
        if len(self._open) >= MAX_DEPTH:
            raise _TooMuch(place, "This is nested too deeply.", f"Keep to {MAX_DEPTH} levels.")
        of_texts = bool(event.flow_style) and isinstance(node.value, list) and self._top.key in LISTS_OF_TEXTS
        self._add(node, place)
        self._open.append(self._top)
        self._top = _Open(node, of_texts=of_texts)

    def _add(self, node: Node, place: Place) -> None:
        if self._top.expects_key():
            self._refuse(
                place, "A key must be a word, not a list or a mapping.", "Put text with braces in quotes."
            )
            self._stand_in(place)
        else:
            self._top.add(node)

    def _tell_comma(self, place: Place, value: str) -> None:
        """A comma in a sentence is not told from one between two: a notice would fall into pieces."""
        what = f'A comma begins another text here: "{value}" would stand by itself.'
        remedy = "Write each text on a line of its own, after a dash; or put each in quotes."
        self.problems.append(Problem(place, "cut-text", what, remedy))

    def _end(self, _: yaml.CollectionEndEvent) -> None:
        self._top = self._open.pop()

    def _is_cut(self, event: yaml.ScalarEvent) -> bool:
        """Whether a remark follows that may be meant as a part of the text: no word of ours, but words."""
        mark: Any = event.end_mark
        remark = _REMARK.match(self._text, mark.index)
        if remark is None or not isinstance(_resolve(event.value) or "", str):
            return False
        return " " in event.value or bool(remark[1]) or self._top.key in PROSE

    def _stand_in(self, place: Place) -> None:
        """Something for what was refused, so that keys and values after it stay apart."""
        if self._top.expects_key():
            self._take_key(f"\n{place}", place)  # a key that nobody can have written
        else:
            self._top.add(Node(place, None))

    def _take_key(self, key: str, place: Place) -> None:
        first = self._top.keys.get(key)
        if first is not None and not self._top.runs_on:
            self._top.runs_on = len(self._open) > 1 and key in FIRST_KEYS
            remedy = (
                f"If another entry begins here, put a dash before it: - {key}: ... Else keep one of the two."
            )
            what = f'"{key}" stands here twice; the first is at {first}.'
            self._refuse(place, what, remedy if self._top.runs_on else "Keep one of the two.")
        self._top.key, self._top.key_place = key, place

    def _count_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents == 2:
            self._refuse(
                self._place(event), "A second document begins here (---).", "Keep one document in a file."
            )

    def _refuse(self, place: Place, what: str, remedy: str) -> None:
        self.problems.append(Problem(place, "format", what, remedy))


def _resolve(word: str) -> Scalar:
    """A plain word as YAML 1.2's JSON schema reads it; everything else stays text."""
    if word in _WORDS:
        return _WORDS[word]
    number = _NUMBER.fullmatch(word)
    if number is None:
        return word
    return float(word) if number[1] else int(word)
