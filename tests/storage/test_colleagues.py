"""Who is away, whose team, and the last sign-in: the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from screening.storage import colleagues
from screening.storage.database import writing

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def test_somebody_is_away_once_until_they_are_back(engine: Engine) -> None:
    with writing(engine) as connection:
        assert colleagues.begin_absence(connection, "ann", "ben", NOW)
        assert not colleagues.begin_absence(connection, "ann", "cy", NOW)
        colleagues.lend(connection, "A6C-WJN-6NXJ", "ann", "ben")
        colleagues.lend(connection, "A6C-WJN-6NXJ", "ann", "ben")
        (absence,) = colleagues.absences(connection).values()
        assert (absence.stand_in, absence.since) == ("ben", NOW)
        colleagues.end_absence(connection, "ann")
        assert colleagues.begin_absence(connection, "ann", "cy", NOW)


def test_a_later_sign_in_and_another_team_take_the_place_of_the_one_before(engine: Engine) -> None:
    later = NOW + timedelta(hours=1)
    with writing(engine) as connection:
        for moment in (NOW, later):
            colleagues.signed_in(connection, "ann", moment)
        assert colleagues.last_sign_ins(connection) == {"ann": later}
        for treatments in (["knee", "back", "knee"], ["back"]):
            colleagues.set_treatments(connection, "ann", treatments)
        assert colleagues.treatments_of(connection, "ann") == ("back",)
        assert colleagues.team_of(connection, "knee") == frozenset()
