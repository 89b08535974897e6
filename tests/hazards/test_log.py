"""What is written in the log is read, with its places, and has a digest of its content."""

from __future__ import annotations

from pathlib import Path

from screening.hazards.log import KINDS, load_log

from .making import LOG, changed, named_lines, unchanged


def test_each_thing_that_shows_a_control_knows_its_line() -> None:
    log, lines = load_log(LOG), named_lines()
    shown = [
        one
        for index, hazard in enumerate(log.hazards)
        for number in range(len(hazard.controls))
        for one in log.evidence(index, number)
    ]
    assert {one.kind for one in shown} == set(KINDS)
    assert all(one.name in lines[one.place.line - 1] for one in shown)


def test_the_digest_is_of_the_content_and_not_of_the_layout(tmp_path: Path) -> None:
    same = unchanged(tmp_path)
    assert same.digest == load_log(LOG).digest
    other = changed(tmp_path, lambda hazards: hazards[0].update(owner="Somebody else"))
    assert other.digest != same.digest
