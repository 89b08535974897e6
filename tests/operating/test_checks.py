"""Each check is tripped by its planted mistake, and by nothing in the shipped examples."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from screening.operating import doctor
from screening.operating.backups.files import backup_key_file
from screening.operating.checks import CHECKS
from screening.operating.checks.running import LEAST_FREE
from screening.operating.doctor import BEFORE_PATIENTS, examine
from screening.operating.record_facts import gather
from screening.operating.surroundings import Surroundings, look
from screening.service.held_keys import private_file
from screening.service.patient import Service
from screening.service.recording import record, recording
from screening.settings import EXAMPLE_PHONE, Settings, shipped
from screening.settings.environment import load_settings
from screening.storage import outbox, people, tables
from screening.storage.database import writing
from tests.actors import Clock
from tests.test_imports import ROOT

DAY = timedelta(days=1)


def shipped_example(folder: Path) -> dict[str, str]:
    """The settings of `deploy/`, with their folders under this one."""
    lines = (ROOT / "deploy" / "screening.env").read_text().splitlines()
    given = dict(
        line.replace('"', "").removeprefix("SCREENING_").split("=", 1)
        for line in lines
        if "=" in line[:40] and line[0] != "#"
    )
    return {
        name.lower(): f"{folder}{value}" if value.startswith("/") else value for name, value in given.items()
    }


@dataclass
class Deployed:
    """The shipped example, in use."""

    service: Service
    at: Surroundings

    @property
    def engine(self) -> Engine:
        return self.service.engine

    def amiss(self) -> set[str]:
        """Ids of the checks that trip."""
        return {finding.check.id for finding in examine(self.at, BEFORE_PATIENTS)}

    def set(self, **settings: Any) -> None:
        self.at = replace(self.at, settings=self.at.settings.model_copy(update=settings))

    def see(self, **seen: Any) -> None:
        self.at = replace(self.at, **seen)

    def ask(self) -> None:
        """Look at the database again."""
        self.see(record=gather(self.at.settings, self.engine, self.service.now()))


@pytest.fixture
def deployed(engine: Engine, service: Service, tmp_path: Path, clock: Clock, migrated: Path) -> Deployed:
    given = shipped_example(tmp_path)
    settings = load_settings(**given)
    shutil.copytree(shipped("rules"), settings.rules)
    settings.instance.mkdir(mode=0o700, parents=True)
    shutil.copy(migrated, settings.instance / "screening.sqlite3")
    head = tmp_path / "audit-head"
    service.settings = settings.model_copy(update={"audit_head": head})
    for role in ("reception", "clinician", "auditor"):
        _joins(service, role)
    with writing(engine) as connection:
        publication = {
            "digest": "d",
            "rule_set_id": "x",
            "version": "1.0.0",
            "signed_name": "C",
            "signed_role": "R",
        }
        when = {"published_at": clock(), "signed_on": clock().date(), "reasons": "{}", "traced": True}
        connection.execute(insert(tables.publications).values(**publication, **when))
    for name in ("sealing.public", "opening.private", "blind-index", "audit-key", "backup.public"):
        file = settings.keys / name
        file.parent.mkdir(exist_ok=True)
        file.touch(mode=0o600)
    at = replace(look(settings, clock()), user=1000, core_dumps=False, environment={})
    made = Deployed(service, at)
    made.see(record=replace(gather(service.settings, engine, clock()), heads=(), backup_at=clock()))
    return made


def _joins(service: Service, role: str) -> None:
    with recording(service) as recorder:
        people.add(
            recorder.connection,
            email=f"{role}@example.org",
            name=role,
            roles=(role,),
            password="x",
            now=service.now(),
        )


def _mode(file: Callable[[Surroundings], Path], mode: int) -> Callable[[Deployed], None]:
    def plant(deployed: Deployed) -> None:
        path = file(deployed.at)
        path.touch()
        path.chmod(mode)

    return plant


def _setting(**given: Any) -> Callable[[Deployed], None]:
    return lambda deployed: deployed.set(**given)


def _seen(**given: Any) -> Callable[[Deployed], None]:
    return lambda deployed: deployed.see(**given)


def _recorded(**given: Any) -> Callable[[Deployed], None]:
    def plant(deployed: Deployed) -> None:
        assert deployed.at.record is not None
        deployed.see(record=replace(deployed.at.record, **given))

    return plant


def _waits(deployed: Deployed) -> None:
    with writing(deployed.engine) as connection:
        outbox.put(connection, "new_request", now=deployed.at.now - DAY, address="a@example.org")
    deployed.ask()


def _given_up(deployed: Deployed) -> None:
    _waits(deployed)
    with writing(deployed.engine) as connection:
        connection.execute(update(tables.outbox).values(due_at=None, error="refused"))
    deployed.ask()


def _leaves(role: str) -> Callable[[Deployed], None]:
    def plant(deployed: Deployed) -> None:
        with writing(deployed.engine) as connection:
            mine = tables.people.c.roles == role
            connection.execute(update(tables.people).where(mine).values(active=False))
        deployed.ask()

    return plant


def _retired(deployed: Deployed) -> None:
    with writing(deployed.engine) as connection:
        connection.execute(update(tables.publications).values(retired_at=deployed.at.now))
    deployed.ask()


def _overstayed(deployed: Deployed) -> None:
    then = deployed.at.now - DAY
    with writing(deployed.engine) as connection:
        times = {"started_at": then, "changed_at": then, "expires_at": then}
        row = {"id": "d", "treatment": "x", "rule_set_digest": "d", "sealed": b"x"}
        connection.execute(insert(tables.drafts).values(**row, **times))
    deployed.ask()


def _head_gone(deployed: Deployed) -> None:
    file = deployed.service.settings.audit_head
    assert file is not None
    file.unlink()
    deployed.see(record=gather(deployed.service.settings, deployed.engine, deployed.at.now))


def _older_tables(deployed: Deployed) -> None:
    with writing(deployed.engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    deployed.ask()


def _head_file(at: Surroundings) -> Path:
    at.heads[0].parent.mkdir(parents=True, exist_ok=True)
    return at.heads[0]


PLANTED: dict[str, Callable[[Deployed], None]] = {
    "weak_secret": _setting(secret_key="changeme" * 4),
    "readable_secret": _mode(lambda at: at.secret_file, 0o640),
    "readable_keys": _mode(lambda at: at.key_files[1], 0o604),
    "keys_in_reach": _setting(doors="patient"),
    "no_opening_keys": lambda deployed: private_file(deployed.at.settings).unlink(),
    "readable_database": _mode(lambda at: at.settings.instance / "screening.sqlite3", 0o604),
    "open_instance": _mode(lambda at: at.settings.instance, 0o755),
    "shared_keys": _mode(lambda at: at.key_files[2], 0o640),
    "writable_head": _mode(_head_file, 0o620),
    "writable_rules": _mode(lambda at: next(at.settings.rules.glob("*.yaml")), 0o646),
    "sites_amiss": _setting(sites=Path("/nowhere/sites.yaml")),
    "head_apart": _setting(audit_copy=None),
    "no_backup": _setting(backup_to=None),
    "no_backup_key": lambda deployed: backup_key_file(deployed.at.settings).unlink(),
    "backup_folder": _setting(backup_to=Path(__file__) / "backups"),
    "http_address": _setting(public_address="http://forms.example.org"),
    "odd_address": _setting(public_address="forms.example.org"),
    "no_proxies": _setting(proxies=0),
    "bare": _setting(host="0.0.0.0", proxies=0),
    "reached_directly": _setting(host="0.0.0.0"),
    "no_public_address": _setting(public_address=""),
    "debugging": _seen(environment={"FLASK_DEBUG": "1"}),
    "as_root": _seen(user=0),
    "core_dumps": _seen(core_dumps=True),
    "debug_logs": _setting(log_level="debug"),
    "disk_full": _seen(free=LEAST_FREE - 1),
    "shared_disk": lambda deployed: deployed.see(shared_mounts=(deployed.at.settings.instance.resolve(),)),
    "plain_postgresql": _setting(database_url="postgresql://screening@db.example.org/screening"),
    "trial": _setting(trial=True),
    "example_phone": _setting(clinic_phone=EXAMPLE_PHONE),
    "notice_with_gaps": _setting(lawful_basis=""),
    "nameless": lambda deployed: deployed.see(settings=_without(deployed.at.settings, "clinic_name")),
    "logo_amiss": _setting(letter_logo=Path("/nowhere.png")),
    "no_mail": _setting(smtp_host=""),
    "no_translation": _setting(language="ar"),
    "nobody_told": _setting(mail_clinicians=""),
    "texts_unset": _setting(sms_token_file=Path("/nowhere")),
    "no_reports": _setting(sms_url="https://sms.example.org/texts", sms_from="CLINIC"),
    "no_clinician": _leaves("clinician"),
    "no_reception": _leaves("reception"),
    "no_auditor": _leaves("auditor"),
    "nothing_published": _retired,
    "kept_for_ever": _setting(keep_finished_days=0),
    "not_writable": _recorded(writable=False),
    "old_tables": _older_tables,
    "not_durable": _recorded(durable=False),
    "keys_amiss": _recorded(keys=("blind-index: this key is gone",)),
    "audit_head": _head_gone,
    "mail_stuck": _waits,
    "mail_given_up": _given_up,
    "drafts_overstayed": _overstayed,
    "backup_old": lambda deployed: deployed.see(now=deployed.at.now + 3 * DAY),
    "flood": _recorded(refused=1),
    "unreadable": _recorded(unreadable=1),
    "templates_amiss": _recorded(templates_amiss=frozenset({"ring_us"})),
    "not_indexed": _recorded(unindexed=1),
    "clock_set": _recorded(clock_set=True),
    "clock_back": lambda deployed: deployed.see(now=deployed.at.now - DAY),
}


def _without(settings: Settings, name: str) -> Settings:
    return Settings(**settings.model_dump(include=settings.model_fields_set - {name}))


def test_there_are_at_least_25_and_each_has_a_planted_mistake() -> None:
    assert len(CHECKS) >= 25
    assert [check.id for check in CHECKS] == list(dict.fromkeys(check.id for check in CHECKS))
    assert {check.id for check in CHECKS} == set(PLANTED)


def test_none_trips_on_the_shipped_examples(deployed: Deployed, tmp_path: Path) -> None:
    assert deployed.amiss() == set()
    bare = look(load_settings(instance=tmp_path / "elsewhere"), deployed.at.now)
    assert examine(replace(bare, environment={}), doctor.ASKED) == []


@pytest.mark.parametrize("check", PLANTED)
def test_each_is_tripped_by_its_mistake(deployed: Deployed, check: str) -> None:
    PLANTED[check](deployed)
    assert check in deployed.amiss()


@pytest.mark.parametrize(
    "address", ["logo.svg", "//cdn.example.org/x.svg", "https://cdn.example.org/x.svg", "data:x"]
)
@pytest.mark.parametrize("name", ["clinic_logo", "clinic_stylesheet"])
def test_an_address_that_browsers_are_told_not_to_load_from_is_told(
    deployed: Deployed, name: str, address: str
) -> None:
    deployed.set(**{name: "/logo.svg"})
    assert "logo_amiss" not in deployed.amiss()
    deployed.set(**{name: f"{deployed.at.settings.public_address}/logo.svg"})
    assert "logo_amiss" not in deployed.amiss()
    deployed.set(**{name: address})
    assert "logo_amiss" in deployed.amiss()


def test_every_check_is_explained() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    assert [check.id for check in CHECKS if f"| `{check.id}` | {check.weight}" not in page] == []


def test_a_look_writes_no_event_and_leaves_the_files_alone(deployed: Deployed) -> None:
    record(deployed.service, "account_added")
    before = sorted(deployed.at.settings.instance.rglob("*"))
    deployed.ask()
    assert sorted(deployed.at.settings.instance.rglob("*")) == before
