"""What doors ask of the service, at the very moment when something else happens to a form."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from screening.service.patient import Service
from screening.service.visit import Visit
from screening.storage import staff_drafts, tables
from screening.storage.database import reading, writing
from tests.sending import filled_in
from tests.usual import TREATMENT


@pytest.mark.both_engines
def test_however_many_press_at_once_what_says_the_same_begins_one_form(service: Service) -> None:
    visit = service.fresh_visit(TREATMENT)
    assert visit is not None
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda _press: service.begin(visit, "p-1", None, {}, b"mark"), range(8)))
    assert len({found.token.public_id for found in begun if found.token is not None}) == 1
    with reading(service.engine) as connection:
        kept = connection.scalar(select(func.count()).select_from(tables.drafts))
    assert sum(found.draft is not None for found in begun) == kept == 1


def kept(service: Service) -> int:
    """How many requests there are."""
    with reading(service.engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.requests)) or 0


def test_a_form_with_a_question_that_is_due_is_not_sent_whatever_its_page_showed(service: Service) -> None:
    fresh = service.fresh_visit(TREATMENT)
    assert fresh is not None
    begun = service.save_answers(fresh, {"for_whom": "me"})
    unsent = service.send(begun, "en", shown=begun.shown)
    assert (unsent.reference, unsent.next_question) == (None, begun.next_question)
    assert begun.next_question is not None
    assert kept(service) == 0


def taken_over(service: Service) -> Visit:
    """As its first holder read it."""
    read = filled_in(service, by="p-1")
    assert read.token is not None
    with writing(service.engine) as connection:
        staff_drafts.pass_on(connection, read.token, "p-2")
    return read


def sent(service: Service) -> Visit:
    """As it was read before."""
    read = filled_in(service)
    assert service.send(read, "en").reference is not None
    return read


def test_a_form_that_a_colleague_takes_over_as_it_is_sent_is_theirs_and_not_sent(service: Service) -> None:
    read = taken_over(service)
    unsent = service.send(read, "en", shown=read.shown)
    assert (unsent.reference, unsent.held_by) == (None, "p-2")
    assert kept(service) == 0


@pytest.mark.parametrize("meanwhile", [taken_over, sent])
def test_half_typed_words_go_into_no_form_that_was_sent_or_that_a_colleague_took_over(
    service: Service, meanwhile: Callable[[Service], Visit]
) -> None:
    read = meanwhile(service)
    assert service.keep_words(read, {"anything_else": {"": ["half"]}}, read.opened(["anything_else"])) is None
    now = service.visit(TREATMENT, read.token)
    assert now is not None
    assert now.draft is not None
    assert now.draft.unfinished == {}
