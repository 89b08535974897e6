"""Replay: exactly the requests that would change are named, and nothing is written."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from screening.core.assessment import assess
from screening.core.errors import NotReady, Unavailable
from screening.core.kept import keep as keep_request
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.publishing import replay as replaying
from screening.publishing.replay import Errand, Replayed, references, replay
from screening.storage import requests, tables
from screening.storage.database import reading, writing
from screening.storage.read_only import open_read_only
from screening.storage.sealing.keys import PRIVATE, PUBLIC, create_keys, load_sealing_key

from .making import BOTH, ID, NOW, QUIETER, write_rules

ANSWERS = ("yes", "no", "not_sure")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with a pair of keys."""
    create_keys(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def kept(engine: Engine, keys: Path, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """A request for each way to answer three questions, by reference; the older ones first."""
    rule_set = load(write_rules(tmp_path / "old"))
    ways = product(ANSWERS, ANSWERS, ANSWERS)
    answers = [
        dict(zip(("night", "infection", "fever"), way, strict=True)) | {"where": "left"} for way in ways
    ]
    return {keep(engine, keys, rule_set, one, number): one for number, one in enumerate(answers)}


def keep(engine: Engine, keys: Path, rule_set: RuleSet, answers: dict[str, Any], number: int) -> str:
    """Keep one request as the service does."""
    request = requests.NewRequest(
        reference=f"R{number:02}",
        draft_id=f"draft-{number}",
        treatment=ID,
        rule_set_id=ID,
        rule_set_version=rule_set.version,
        rule_set_digest=rule_set.digest,
        language="en",
        received_at=NOW + timedelta(hours=number),
        kept=keep_request(rule_set, assess(rule_set, answers), answers),
    )
    with writing(engine) as connection:
        requests.insert(connection, requests.seal(load_sealing_key(keys / PUBLIC), request), request)
    return request.reference


def run(
    database_url: str, keys: Path, new: Path, *, hours: int | None = None, processes: int = 1
) -> Replayed:
    """Replay against the rule set in a file."""
    errand = Errand(database_url, keys / PRIVATE, load(new).document)
    since = NOW + timedelta(hours=hours) if hours is not None else None
    found = Replayed()
    for part in replay(errand, references(database_url, ID, since), processes):
        found.add(part)
    return found


@pytest.mark.usefixtures("kept")
def test_the_same_rules_change_nothing(database_url: str, keys: Path, tmp_path: Path) -> None:
    found = run(database_url, keys, tmp_path / "old" / f"{ID}.yaml")
    assert (found.looked_at, found.changed, found.not_opened) == (27, [], [])


def test_exactly_those_are_named_who_would_lose_or_gain_a_flag(
    database_url: str, keys: Path, tmp_path: Path, kept: dict[str, dict[str, Any]]
) -> None:
    quieter = write_rules(tmp_path / "new", QUIETER)
    found = run(database_url, keys, quieter)
    lost = sorted(name for name, one in kept.items() if one["fever"] == "no" and one["infection"] != "no")
    assert (found.fewer_flags, found.more_flags, found.indicators, found.changed) == (lost, [], [], lost)
    louder = (BOTH, BOTH.replace("{any: [", "{any: [{night: yes}, "))
    found = run(database_url, keys, write_rules(tmp_path / "new", louder))
    calm = {name for name, one in kept.items() if one["fever"] == one["infection"] == "no"}
    gained = sorted(name for name in calm if kept[name]["night"] == "yes")
    assert (found.fewer_flags, found.more_flags, found.indicators, found.changed) == ([], gained, [], gained)


def test_lighter_handling_and_other_indicators_are_changes_too(
    database_url: str, keys: Path, tmp_path: Path, kept: dict[str, dict[str, Any]]
) -> None:
    lighter = ("handling: review_before_booking", "handling: discuss_at_consultation")
    found = run(database_url, keys, write_rules(tmp_path / "new", lighter))
    flagged = [name for name, one in kept.items() if (one["fever"], one["infection"]) != ("no", "no")]
    assert found.fewer_flags == sorted(flagged)
    narrower = ("    possible_when: {night: not_sure}\n", "")
    found = run(database_url, keys, write_rules(tmp_path / "new", narrower))
    unsure = sorted(name for name, one in kept.items() if one["night"] == "not_sure")
    assert found.indicators == found.changed == unsure


@pytest.mark.usefixtures("kept")
def test_since_leaves_out_what_came_before(database_url: str, keys: Path, tmp_path: Path) -> None:
    assert run(database_url, keys, tmp_path / "old" / f"{ID}.yaml", hours=20).looked_at == 7


@pytest.mark.both_engines
@pytest.mark.usefixtures("kept")
def test_several_processes_find_what_one_finds(
    database_url: str, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = write_rules(tmp_path / "new", QUIETER)
    alone = run(database_url, keys, new)
    monkeypatch.setattr(replaying, "CHUNK", 5)
    assert run(database_url, keys, new, processes=2) == alone


def everything(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return [connection.execute(table.select()).all() for table in tables.metadata.sorted_tables]


@pytest.mark.both_engines
@pytest.mark.usefixtures("kept")
def test_nothing_is_written(engine: Engine, database_url: str, keys: Path, tmp_path: Path) -> None:
    before = everything(engine)
    run(database_url, keys, write_rules(tmp_path / "new", QUIETER))
    assert everything(engine) == before
    looking = open_read_only(database_url)
    with pytest.raises((DBAPIError, Unavailable)), writing(looking) as connection:
        connection.execute(text("DELETE FROM requests"))
    looking.dispose()
    assert everything(engine) == before


@pytest.mark.usefixtures("kept")
def test_what_another_key_sealed_is_counted_apart(database_url: str, tmp_path: Path) -> None:
    create_keys(tmp_path / "other")
    found = run(database_url, tmp_path / "other", tmp_path / "old" / f"{ID}.yaml")
    assert (len(found.not_opened), found.changed) == (27, [])


def test_a_damaged_request_stops_nobody_else(
    engine: Engine, database_url: str, keys: Path, tmp_path: Path, kept: dict[str, dict[str, Any]]
) -> None:
    with writing(engine) as connection:
        connection.execute(
            tables.requests.update().where(tables.requests.c.reference == "R03").values(sealed_health=b"")
        )
    found = run(database_url, keys, tmp_path / "old" / f"{ID}.yaml")
    assert (found.not_opened, found.looked_at) == (["R03"], len(kept))


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotReady):
        open_read_only(f"sqlite:///{tmp_path}/none.db")
    assert list(tmp_path.iterdir()) == []
