"""What looks after a place where the service runs makes none where a setting is wrong, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from screening.cli import main
from screening.operating.backups.files import backup_key_file
from screening.settings.environment import load_settings
from screening.storage.sealing.keys import create_pair

COMMANDS = (
    "audit verify", "backup {place}/backups", "bounces {place}/mail", "deliver", "keys check",
    "keys list", "keys rotate", "purge", "purge --dry-run", "upkeep",
    "person export A6C-WJN-6NXJ --to {place}/out --i-am Rita",
)  # fmt: skip


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
    ended = CliRunner(env=given).invoke(main, command.format(place=place).split())
    assert (ended.exit_code, str(place) in ended.output) == (2, True), ended.output
    assert sorted(place.rglob("*")) == before
