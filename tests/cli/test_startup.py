"""Commands start without what they do not use: told by the modules they load, never by the clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from screening.app import create_app
from screening.cli import main
from screening.cli.lazily import LazyGroup
from screening.settings.environment import load_settings
from screening.web.door import service_of

# What takes long to load, and what a list of commands has no use for.
HEAVY = {
    "alembic", "argon2", "babel", "cryptography", "flask", "flask_security", "holidays", "jinja2", "passlib",
    "phonenumbers", "psycopg", "pydantic", "pysat", "qrcode", "rich", "sqlalchemy", "typst",
    "watchfiles", "webauthn", "wtforms", "yaml", "zxcvbn",
}  # fmt: skip
SELDOM = {  # not even for a start, unless there is something to migrate, solve, print or read
    "alembic", "dateutil", "holidays", "lxml", "markdown_it", "psycopg", "pysat", "typst", "watchfiles",
    "zxcvbn",
}  # fmt: skip

OF_STAFF = {  # not for patients' pages
    "argon2", "cbor2", "flask_login", "flask_principal", "flask_security", "OpenSSL", "passlib", "pyasn1",
    "rich", "webauthn",
}  # fmt: skip


def loaded(program: str, folder: Path) -> set[str]:
    """The packages in use after a program of its own."""
    told = f"{program}\nimport sys; print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-c", told], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    return {name.partition(".")[0] for name in ended.stderr.split()}


@pytest.mark.parametrize(
    "line", [["--help"], ["--version"], ["rules", "--help"], ["staff", "--help"]], ids=" ".join
)
def test_help_loads_nothing_heavy(line: list[str], tmp_path: Path) -> None:
    program = f"from screening.cli import main\nmain({line!r}, standalone_mode=False)"
    assert loaded(program, tmp_path) & HEAVY == set()


def test_a_service_that_was_started_before_starts_without_what_is_seldom_needed(tmp_path: Path) -> None:
    app = create_app(load_settings(instance=tmp_path / "instance", log_level="error"))
    service_of(app).engine.dispose()
    program = (
        "from screening.app import create_app\n"
        "import screening.cli.deliver_command, screening.cli.serve_command\n"
        "create_app()"
    )
    assert loaded(program, tmp_path) & SELDOM == set()


def test_one_process_serves_patients_without_what_staff_and_migrating_need(tmp_path: Path) -> None:
    program = (
        "import screening.cli.serve_command\n"
        "from screening.app import create_app\n"
        "assert create_app(lean=True).test_client().get('/').status_code == 200"
    )
    assert loaded(program, tmp_path) & (SELDOM | OF_STAFF) == set()


def groups(group: LazyGroup) -> Iterator[LazyGroup]:
    """The group, and those in it."""
    yield group
    for command in group.commands.values():
        if isinstance(command, LazyGroup):
            yield from groups(command)


def lines() -> Iterator[tuple[str, str, click.Command]]:
    """Every line of every list: the name, what it says, and the command."""
    assert isinstance(main, LazyGroup)
    for group in groups(main):
        for name, place in group.places.items():
            yield name, place.brief, group.commands[name]


def test_lists_say_what_the_commands_say_of_themselves() -> None:
    told = [
        (name, brief) for name, brief, command in lines() if brief != command.get_short_help_str(limit=1000)
    ]
    assert told == []


def test_commands_are_called_what_the_lists_call_them() -> None:
    assert [name for name, _, command in lines() if command.name != name] == []
