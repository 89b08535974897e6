"""Forms that staff begin, through the service."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from screening.service.patient import Service
from screening.storage import tables
from screening.storage.database import reading
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
