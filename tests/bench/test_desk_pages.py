"""A page of the desk asks the database few things, and no more of them for a longer list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from screening.desk import reception
from screening.web.door import service_of
from tests.desk.making import RITA
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at

pytestmark = pytest.mark.bench
MOST = 10  # statements of a list
ROWS = 6  # more than a few, for each request costs the test


@pytest.fixture
def asked(app: Flask, clinician: Staff) -> Callable[[str], int]:
    """How many statements a page takes, once it was opened before."""
    clinician.comes_in()
    statements: list[str] = []
    event.listen(
        service_of(app).engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_more: statements.append(statement),
    )

    def count(path: str) -> int:
        for _time in range(2):
            statements.clear()
            assert clinician.go(path, follow=False).status == 200
        return sum(not statement.startswith("BEGIN") for statement in statements)

    return count


@pytest.mark.parametrize("path", ["/staff/requests", "/staff/requests?overdue=y", "/staff/review"])
def test_a_list_asks_as_much_for_many_rows_as_for_one(
    app: Flask, asked: Callable[[str], int], path: str
) -> None:
    def marked_urgent() -> None:
        reception.mark_urgent(app.extensions["desk"], RITA, arrives(app, **TWO_FLAGS), 1, "the GP rang")

    marked_urgent()
    few = asked(path)
    for _number in range(ROWS - 1):
        marked_urgent()
    assert asked(path) == few <= MOST


@pytest.mark.parametrize(("page", "most"), [("", 24), ("review", 20), ("print", 12), ("person", 20)])
def test_a_request_is_opened_once_for_its_page(
    app: Flask, asked: Callable[[str], int], page: str, most: int
) -> None:
    assert asked(at(arrives(app, **TWO_FLAGS), page)) <= most
