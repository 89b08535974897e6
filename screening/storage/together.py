"""Statements that are made once, and several questions in one of them.

To make a statement takes longer than to answer it, and each that is asked is a way to the server and back.
"""

from __future__ import annotations

from collections import Counter, namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, Integer, Select, bindparam, cast, literal_column, null, union_all
from sqlalchemy.types import TypeEngine

P = ParamSpec("P")
T = TypeVar("T")
Rows = Sequence[Any]  # of one question, with its columns as attributes and in its order

PLANNED_ANEW = "planned_anew"  # an execution option
_SHAPES = 200  # that are remembered: how many words somebody has in their name is one of them
_Place = tuple[type[TypeEngine[Any]], int]  # in the rows of all questions: a type, and which one of that type


def given(name: str) -> Any:
    """A value by its name, which the statement is asked with; of the type of what it is compared with."""
    return bindparam(name)


def made_once(make: Callable[P, T]) -> Callable[P, T]:
    """A statement for each shape of what is asked; its values are `given`, the site is of whoever asks."""
    made: Any = lru_cache(maxsize=_SHAPES)(make)
    typed: Callable[P, T] = made  # lru_cache forgets what it is called with
    return typed


def planned_anew(statement: Select[Any]) -> Select[Any]:
    """Planned for its values each time. PostgreSQL keeps one plan for all that come after the fifth, which
    for a name that one patient has is ten times as slow as its own, where thousands have another."""
    return statement.execution_options(**{PLANNED_ANEW: True})


class Together:
    """Questions that one statement asks; their rows come in no order."""

    def __init__(self, *questions: Select[Any]) -> None:
        each = [_places(question) for question in questions]
        every = list(dict.fromkeys(place for places in each for place in places))
        asked = zip(questions, each, strict=True)
        self.statement = union_all(*(_spread(n, *one, every) for n, one in enumerate(asked)))
        self._names = [_named(question) for question in questions]
        self._cells = [[every.index(place) + 1 for place in places] for places in each]

    def ask(self, connection: Connection, values: Mapping[str, object]) -> tuple[Rows, ...]:
        """The rows of each question."""
        found: tuple[list[Any], ...] = tuple([] for _question in self._cells)
        for row in connection.execute(self.statement, values).all():
            number = row[0]
            found[number].append(self._names[number](*[row[cell] for cell in self._cells[number]]))
        return found


def _named(question: Select[Any]) -> Callable[..., Any]:
    return namedtuple("Answer", [str(column.key) for column in question.selected_columns], rename=True)


def _places(question: Select[Any]) -> list[_Place]:
    """Where its columns stand: those of one type share a place with another question's."""
    seen, places = Counter[type[TypeEngine[Any]]](), list[_Place]()
    for column in question.selected_columns:
        kind = type(column.type)
        places.append((kind, seen[kind]))
        seen[kind] += 1
    return places


def _spread(number: int, question: Select[Any], places: list[_Place], every: list[_Place]) -> Select[Any]:
    """With its number first, and nothing in the places of others; the first says of which type they are."""
    own = dict(zip(places, question.selected_columns, strict=True))
    columns = [own[place] if place in own else _nothing(number, place) for place in every]
    labelled = (column.label(f"place_{at}") for at, column in enumerate(columns))
    first = literal_column(str(number), Integer).label("question")
    return question.with_only_columns(first, *labelled, maintain_column_froms=True)


def _nothing(number: int, place: _Place) -> Any:
    kind, _which = place
    return null() if number else cast(null(), kind())
