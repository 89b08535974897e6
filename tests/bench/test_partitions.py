"""On tables that are spread by site each statement of a page asks one; the program knows nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from screening.core.workflow import ROLES
from screening.desk import reception
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock
from tests.bench.spread import Layout, listened, looked, make_indexes, spread
from tests.desk.making import RITA, TWO_FLAGS, clear, desk_of
from tests.sending import sends
from tests.staff.actors import Staff

SEARCHES = ("Bailey", "Ann Bailey", "1 2 1960", "01632 960 111", "0111")


def paths(app: Flask, reference: str) -> Iterator[str]:
    """Every page of the desk that needs to know no more than a request."""
    for rule in app.url_map.iter_rules():
        opens = "GET" in (rule.methods or set()) and rule.rule.startswith("/staff")
        if opens and rule.arguments <= {"reference"}:
            built = rule.build({"reference": reference})
            assert built is not None
            yield built[1]


def a_days_work(app: Flask, somebody: Staff) -> None:
    """A patient sends, staff find, read, decide and book."""
    desk = desk_of(app)
    reference = sends(desk.service, **TWO_FLAGS)
    for path in paths(app, reference):
        assert somebody.go(path, follow=False).status < 500, path
    for words in (*SEARCHES, reference):
        assert somebody.post("/staff/requests/find", {"search": words}).status == 200
    reception.write_note(desk, RITA, reference, clear(desk, reference), "Rings back tomorrow.")


@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_each_statement_of_a_page_asks_one_site(
    make_app: Callable[..., Flask], clock: Clock, database_url: str
) -> None:
    app = make_app(database_url=database_url)
    engine = service_of(app).engine
    sends(desk_of(app).service)  # which comes along
    make_indexes(engine, spread(engine, Layout(("elsewhere",))))
    somebody = Staff(app, clock, ROLES, email="everything@clinic.example")
    somebody.comes_in()
    with listened(engine) as asked:
        a_days_work(app, somebody)
    different = {each.statement: each for each in asked if each.is_spread}
    with writing(engine) as connection:
        wide = [each.statement for each in different.values() if looked(connection, each).sites > 1]
    assert len(different) > 40
    assert wide == []
