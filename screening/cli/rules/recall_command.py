"""`screening rules recall`: a version was found unsafe, and what it settled goes back to the clinicians."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from screening.cli.ground import settings_of_place
from screening.cli.migrated import opened_service
from screening.cli.rules.publish_commands import changing
from screening.cli.rules.replay_command import replayed
from screening.cli.rules.reporting import AS_JSON, FILE, finish, page, print_json, refusing
from screening.core.errors import CannotOpen, NotReady, Refused, Unavailable
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.wording import so_many
from screening.desk.desk import Desk, at_its_site
from screening.desk.opening import open_desk
from screening.desk.recalling import Recall, operator, raise_again
from screening.desk.shapes import Person
from screening.proving.prove import prove, serious
from screening.publishing.replay import CHUNK, Errand, references
from screening.publishing.sign import is_reason
from screening.service.held_keys import has_keys, private_file
from screening.service.recording import record, recording
from screening.storage import publications, rule_sets


@dataclass
class Recalled:
    """What became of it: flags by reference, and those that could not be looked at."""

    looked_at: int = 0
    raised: dict[str, list[str]] = field(default_factory=dict)
    not_opened: list[str] = field(default_factory=list)


@click.command("recall")
@click.argument("file", metavar="SOUND", type=FILE)
@click.argument("versions", metavar="VERSION...", nargs=-1, required=True)
@click.option("--because", required=True, help="What was wrong; clinicians read it at each request.")
@click.option("--i-am", "who", metavar="NAME", required=True, help="Who recalls; it stands in the audit.")
@AS_JSON
@changing
@refusing
def recall_command(file: Path, versions: tuple[str, ...], because: str, who: str, as_json: bool) -> None:
    """Take unsafe versions from patients, and put what they settled before a clinician again.

    SOUND is the rule set as it should have been. What was begun under a recalled VERSION cannot be sent any
    more. Every request that was kept under one is assessed by SOUND: what it raises and the old rules did
    not, or more lightly, is a new item for the clinicians, also where the request is closed. Needs the
    clinic's private key. May be run again. Exit 1 when a request could not be opened: somebody must look.
    """
    if not who.strip():
        raise click.BadParameter("write who you are")
    if not is_reason(because):  # it is told at each request, and stays as it was given first
        raise click.BadParameter(
            f'"{because}" hardly says what was wrong: write a few words for the clinicians'
        )
    sound = load(file)
    if sound.version in versions:
        raise click.BadParameter(f"{file} is version {sound.version} itself: give it a higher version first")
    if problems := serious(prove(sound)):
        finish(problems, as_json=as_json, clean="")
    found = _recall(sound, versions, because.strip(), who.strip())
    if as_json:
        print_json({"rule_set": sound.id, "versions": list(versions), "by": sound.version, **vars(found)})
    else:
        _tell(sound, versions, found)
    raise SystemExit(1 if found.not_opened else 0)


def _recall(sound: RuleSet, versions: Sequence[str], because: str, who: str) -> Recalled:
    settings = settings_of_place()
    with opened_service(settings) as service:
        if not has_keys(settings):
            raise NotReady("Requests are opened with the clinic's private key. Set SCREENING_OPENING_KEYS.")
        desk, person = open_desk(service), operator(who)
        with recording(service) as recorder:
            _refuse_unknown(versions, rule_sets.versions(recorder.connection, sound.id), sound.id)
            now = recorder.now
            for version in versions:
                publications.recall(recorder.connection, sound.id, version, by=who, because=because, now=now)
            recorder.note("rules_recalled", (person.id, who), rule_set=sound.id, versions=list(versions))
        try:
            return _look_again(desk, person, Recall(sound, because), versions)
        except Unavailable as error:
            raise NotReady(
                f"The versions are recalled, but not every request was looked at again: {error}. "
                "Run the same command once more."
            ) from None


def _look_again(desk: Desk, person: Person, recall: Recall, versions: Sequence[str]) -> Recalled:
    """Every request that was kept under these versions."""
    settings, sound = desk.settings, recall.sound
    errand = Errand(settings.database, private_file(settings).absolute(), sound.document)
    found, seen = Recalled(), set[str]()
    # What was sent in the moment before the recall was seen everywhere is found by looking once more.
    while wanted := [
        name for name in references(settings.database, sound.id, None, versions) if name not in seen
    ]:
        seen |= set(wanted)
        for start in range(0, len(wanted), CHUNK):
            record(
                desk.service, "recall_read", (person.id, person.name), requests=wanted[start : start + CHUNK]
            )
        again = replayed(errand, wanted, os.cpu_count() or 1)
        found.looked_at += again.looked_at
        found.not_opened += again.not_opened
        _raise_all(desk, person, recall, again.more_flags, found)
    return found


def _refuse_unknown(wanted: Sequence[str], known: Sequence[str], rule_set_id: str) -> None:
    """A version that is mistyped must not pass for one that was recalled."""
    unknown = [version for version in wanted if version not in known]
    if unknown:
        there = ", ".join(known) or "none"
        raise click.BadParameter(
            f'"{rule_set_id}" was never in use here as {", ".join(unknown)}, so nothing was recalled. '
            f"Versions that were: {there}"
        )


def _raise_all(desk: Desk, person: Person, recall: Recall, wanted: Sequence[str], found: Recalled) -> None:
    for reference in wanted:
        try:
            with at_its_site(desk, reference):
                raised = raise_again(desk, person, reference, recall)
        except (CannotOpen, Refused):
            found.not_opened.append(reference)
        else:
            if raised:
                found.raised[reference] = list(raised)


def _tell(sound: RuleSet, versions: Sequence[str], found: Recalled) -> None:
    with page() as console:
        for reference, flags in found.raised.items():
            console.print(f"{reference}: {', '.join(flags)}", markup=False)
        if found.not_opened:
            console.print("[bold]Could not be looked at, so somebody must[/]: " + "  ".join(found.not_opened))
        recalled = ", ".join(f"{sound.id} {version}" for version in versions)
        looked = so_many(found.looked_at, "request")
        console.print(
            f"Recalled: {recalled}. {looked} looked at by version {sound.version}; "
            f"before the clinicians again: {len(found.raised)}.",
            markup=False,
        )
