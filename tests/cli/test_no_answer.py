"""A database that cannot answer is told in a sentence of its own, whatever the command, with exit 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from screening.cli import main
from screening.storage.database import writing
from screening.web.door import service_of
from tests.conftest import MakeApp
from tests.usual import TREATMENT

READING = {
    ("rules", "list"): "publications",
    ("rules", "history", TREATMENT): "publications",
    ("staff", "list"): "people",
    ("audit", "verify"): "events",
}
CHANGING = {("rules", "retire", TREATMENT, "--because", "It is not offered any more."): "publications"}


@pytest.fixture
def says(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[tuple[str, ...], str], str]:
    """What a command says while the database lacks a table, which is told as of one that is not well."""
    engine = service_of(make_app()).engine
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))

    def run(line: tuple[str, ...], lacks: str) -> str:
        with writing(engine) as connection:
            connection.execute(text(f"ALTER TABLE {lacks} RENAME TO gone"))
        ended = CliRunner().invoke(main, line)
        with writing(engine) as connection:
            connection.execute(text(f"ALTER TABLE gone RENAME TO {lacks}"))
        assert ended.exit_code == 2, ended.output
        return ended.stderr.strip()

    return run


def test_it_is_a_whole_sentence(says: Callable[[tuple[str, ...], str], str]) -> None:
    for line, lacks in (READING | CHANGING).items():
        said = says(line, lacks)
        assert said[:1].isupper(), said
        assert said.endswith("."), said
        assert not said.endswith(".."), said


def test_only_what_would_have_changed_something_says_that_nothing_was(
    says: Callable[[tuple[str, ...], str], str],
) -> None:
    [read] = {says(line, lacks) for line, lacks in READING.items()}
    assert read not in {says(line, lacks) for line, lacks in CHANGING.items()}
