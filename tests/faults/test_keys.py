"""Keys missing, foreign, mixed: the service does not start, and says which file to restore."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree, rmtree

import pytest
from sqlalchemy import func, select

from screening.core.errors import NotReady
from screening.desk import queues
from screening.desk.shapes import Filters
from screening.operating import doctor
from screening.storage import registered_keys, tables
from screening.storage.database import reading, writing
from screening.storage.sealing.keys import (
    AUDIT,
    INDEX,
    PRIVATE,
    PUBLIC,
    create_audit_key,
    create_index_key,
    create_keys,
    load_secret,
)
from screening.web.door import service_of
from tests.actors import Clock
from tests.conftest import MakeApp
from tests.desk.making import RITA, desk_of
from tests.sending import sends
from tests.stored.unpacking import unpacked

SECRET = "secret-key"


@pytest.fixture
def used(make_app: MakeApp, tmp_path: Path) -> Path:
    """The instance folder of a service that was started, and that patients used."""
    app = make_app()
    sends(service_of(app), name="Jordan Avery")
    return tmp_path / "instance"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """The keys of another instance."""
    folder = tmp_path / "foreign"
    create_keys(folder / "keys")
    create_index_key(folder / "keys")
    create_audit_key(folder / "keys")
    load_secret(folder / SECRET)
    return folder


def file_of(instance: Path, name: str) -> Path:
    return instance / name if name == SECRET else instance / "keys" / name


def requests_kept(make_app: MakeApp) -> int:
    with reading(service_of(make_app()).engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.requests)) or 0


def refused(make_app: MakeApp) -> str:
    with pytest.raises(NotReady) as why:
        make_app()
    return str(why.value)


@pytest.mark.parametrize("name", [INDEX, SECRET])
def test_a_key_that_is_gone_is_named_and_not_made_anew(make_app: MakeApp, used: Path, name: str) -> None:
    file_of(used, name).unlink()
    assert str(file_of(used, name)) in refused(make_app)
    assert not file_of(used, name).exists()


def test_a_pair_that_is_gone_is_named_and_not_made_anew(make_app: MakeApp, used: Path) -> None:
    for name in (PUBLIC, PRIVATE):
        file_of(used, name).unlink()
    assert str(file_of(used, PUBLIC)) in refused(make_app)
    assert not file_of(used, PRIVATE).exists()


def test_all_keys_gone_is_refused(make_app: MakeApp, used: Path) -> None:
    rmtree(used / "keys")
    assert str(used / "keys") in refused(make_app)


@pytest.mark.parametrize("name", [PUBLIC, PRIVATE, INDEX, SECRET])
def test_a_key_of_another_instance_is_refused(
    make_app: MakeApp, used: Path, foreign: Path, name: str
) -> None:
    file_of(foreign, name).replace(file_of(used, name))
    assert str(file_of(used, name)) in refused(make_app)


@pytest.mark.parametrize("name", [PUBLIC, PRIVATE, INDEX, AUDIT, SECRET])
@pytest.mark.parametrize("fault", ["gone", "foreign", "garbled"])
def test_the_doctor_tells_a_key_with_which_nothing_starts_and_makes_none(
    make_app: MakeApp, used: Path, foreign: Path, clock: Clock, name: str, fault: str
) -> None:
    file = file_of(used, name)
    settings = service_of(make_app()).settings
    assert doctor.ask_record(settings, clock()).keys == ()
    if fault == "gone":
        file.unlink()
    elif fault == "foreign":
        file_of(foreign, name).replace(file)
    else:
        file.write_text("garbled")
    told = doctor.ask_record(settings, clock()).keys
    assert file.exists() is (fault != "gone")
    try:
        make_app()
    except NotReady:
        assert [key for key in told if str(file) in key]
    else:
        assert told == ()


def test_all_keys_of_another_instance_are_refused(make_app: MakeApp, used: Path, foreign: Path) -> None:
    rmtree(used / "keys")
    copytree(foreign / "keys", used / "keys")
    assert str(used / "keys") in refused(make_app)


def test_a_secret_by_setting_is_held_to_the_database_too(make_app: MakeApp, used: Path) -> None:
    assert used.exists()
    with pytest.raises(NotReady, match="SCREENING_SECRET_KEY"):
        make_app(secret_key="x9" * 20)


def test_the_public_half_alone_must_be_the_registered_one(
    make_app: MakeApp, used: Path, foreign: Path
) -> None:
    file_of(used, PRIVATE).unlink()
    assert "desk" not in make_app().extensions  # the patient's door needs no more
    file_of(foreign, PUBLIC).replace(file_of(used, PUBLIC))
    assert str(file_of(used, PUBLIC)) in refused(make_app)


def test_a_lost_public_half_is_made_again_from_the_private_one(make_app: MakeApp, used: Path) -> None:
    file_of(used, PUBLIC).unlink()
    app = make_app()
    sends(service_of(app))
    assert len(queues.queue(desk_of(app), RITA, Filters()).rows) == 2


def test_the_right_keys_start_again_and_nothing_was_lost(
    make_app: MakeApp, used: Path, foreign: Path, tmp_path: Path
) -> None:
    copytree(used / "keys", tmp_path / "backup")
    rmtree(used / "keys")
    copytree(foreign / "keys", used / "keys")
    refused(make_app)
    rmtree(used / "keys")
    copytree(tmp_path / "backup", used / "keys")
    assert requests_kept(make_app) == 1


def _as_if_kept_before(make_app: MakeApp) -> None:
    with writing(service_of(make_app()).engine) as connection:
        connection.execute(tables.registered_keys.delete())


@pytest.mark.parametrize("name", [PUBLIC, INDEX])
def test_rows_from_before_keys_were_registered_tell_them(
    make_app: MakeApp, used: Path, foreign: Path, name: str
) -> None:
    _as_if_kept_before(make_app)
    for half in (PUBLIC, PRIVATE) if name == PUBLIC else (INDEX,):
        file_of(foreign, half).replace(file_of(used, half))
    assert str(file_of(used, name)) in refused(make_app)


def test_a_database_of_an_older_version_is_bound_to_its_own_keys(tmp_path: Path) -> None:
    with unpacked(tmp_path) as old, reading(service_of(old.app).engine) as connection:
        found = registered_keys.known(connection)
        assert [key.key_id for key in found["sealing"]] == list(old.desk.opening_keys.key_ids)
        assert [key.key_id for key in found["index"]] == [service_of(old.app).index_key().key_id]
