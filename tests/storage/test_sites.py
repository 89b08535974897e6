"""Statements ask for the site of whoever executes them, and rows are of the site of whoever inserts them."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, select

from screening.storage import drafts, outbox
from screening.storage.database import reading, writing
from screening.storage.drafts import ToSave
from screening.storage.saving import Saving
from screening.storage.sealing.tokens import DraftToken
from screening.storage.sites import DEFAULT, at, read, this_site, used, written
from screening.storage.tables import drafts as rows

from .making import EXPIRY, NOW, TREATMENT, begin_draft


def find(engine: Engine, token: DraftToken) -> drafts.Draft | None:
    with reading(engine) as connection:
        found = drafts.load(connection, token, treatment=TREATMENT, now=NOW)
    assert drafts.read(engine, token, treatment=TREATMENT, now=NOW) == found
    return found


def test_a_statement_that_was_made_once_asks_for_the_site_of_each_who_executes_it(engine: Engine) -> None:
    tokens = {}
    for site in ("north", DEFAULT, "south"):
        with at(site):
            tokens[site] = begin_draft(engine)
    for here in tokens:
        with at(here):
            assert [site for site in tokens if find(engine, tokens[site])] == [here]
    with reading(engine) as connection:
        assert sorted(connection.scalars(select(rows.c.site))) == [DEFAULT, "north", "south"]
        assert list(used(connection, rows)) == [DEFAULT, "north", "south"]


def test_a_draft_that_another_thread_saves_is_saved_where_it_is(engine: Engine) -> None:
    with at("north"):
        token = begin_draft(engine)
        draft = find(engine, token)
        assert draft is not None
        later = drafts.changed(draft, {"pain_where": ["leg"]}, NOW, EXPIRY)
        to_save = ToSave.of(token, later, NOW)
    kept: list[bool] = []
    thread = Thread(target=lambda: kept.append(Saving(engine).save(to_save)))
    thread.start()
    thread.join()
    assert kept == [True]


def test_another_thread_is_at_the_default_site(engine: Engine) -> None:
    del engine
    there: list[str] = []
    with at("north"):
        thread = Thread(target=lambda: there.append(this_site()))
        thread.start()
        thread.join()
    assert there == [this_site()] == [DEFAULT]


def test_sites_that_owe_the_same_notice_owe_it_each(engine: Engine) -> None:
    for site in (DEFAULT, "north", "north"):
        with at(site), writing(engine) as connection:
            outbox.put(connection, "review_digest", now=NOW, once="review:a@b.c", address="a@b.c")
            assert outbox.known(connection, ["review:a@b.c", "review:d@e.f"]) == {"review:a@b.c"}
    claimed = []
    with writing(engine) as connection:
        while notice := outbox.claim(connection, None, NOW, timedelta(minutes=1)):
            claimed.append((notice.site, notice.once))
    assert sorted(claimed) == [(DEFAULT, "review:a@b.c"), ("north", "review:a@b.c")]


@pytest.mark.parametrize("sites", [{DEFAULT}, {"north"}, {DEFAULT, "north"}, {"a", "b"}])
def test_a_list_of_sites_comes_back_and_the_default_alone_is_nothing(sites: set[str]) -> None:
    assert read(written(sites)) == sites
    assert (written(sites) == "") == (sites == {DEFAULT})
