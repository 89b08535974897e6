"""What looks after a place where the service runs makes none where a setting is wrong, and says so."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from screening.cli import main
from screening.operating.backups.files import backup_key_file
from screening.settings import shipped
from screening.settings.environment import load_settings
from screening.storage.sealing.keys import create_pair

COMMANDS = (
    "audit verify", "backup {place}/backups", "bounces {place}/mail", "deliver", "keys check",
    "keys list", "keys rotate", "purge", "purge --dry-run", "upkeep",
    "rules history example-knee-injection", "rules list", "rules retire example-knee-injection --because Old",
    "rules sign {rules}", "staff disable a@b.org", "staff enable a@b.org", "staff list",
    "staff reset a@b.org", "staff sites a@b.org",
    "rules recall {rules} 0.0.1 --because 'It missed the pacemakers' --i-am Rita",
    "rules replay {rules} --i-am Rita", "person export A6C-WJN-6NXJ --to {place}/out --i-am Rita",
)  # fmt: skip
RULES = shipped("rules") / "example-knee-injection.yaml"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_for_what_is_there_makes_nothing_where_nothing_is(tmp_path: Path, command: str) -> None:
    place = tmp_path / "place"
    create_pair(backup_key_file(load_settings(instance=place)), tmp_path / "backup.private")
    (place / "mail").touch()
    before = sorted(place.rglob("*"))
    given = {
        "SCREENING_INSTANCE": str(place),
        "SCREENING_SMTP_HOST": "localhost",
        "SCREENING_MAIL_FROM": "a@b.org",
    }
    ended = CliRunner(env=given).invoke(main, shlex.split(command.format(place=place, rules=RULES)))
    assert (ended.exit_code, str(place) in ended.output) == (2, True), ended.output
    assert sorted(place.rglob("*")) == before
