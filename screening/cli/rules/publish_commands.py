"""`screening rules sign`, `publish`, `retire`, `list`, `history`: from a draft to patients."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from functools import wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import click
from rich.markup import escape
from rich.table import Column, Table
from sqlalchemy import Connection, Engine

from screening.authoring.files import load_all
from screening.cli.ground import settings_of_place
from screening.cli.migrated import migrated
from screening.cli.refusing import stop, told
from screening.cli.rules.reporting import AS_JSON, FILE, finish, given, page, print_json, refusing
from screening.core.errors import Unavailable
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.publishing import publish as publishing
from screening.publishing.publish import Candidate, PublishOutcome
from screening.publishing.sign import Signatures, dossier, signatures, unsigned, write_copy
from screening.service import audit_head
from screening.service.premises import utc_now
from screening.settings import Settings
from screening.settings.clinic_time import day_of
from screening.settings.environment import load_settings
from screening.storage.database import reading
from screening.storage.publications import Publication, in_force

RULE_SET = click.argument("file", metavar="RULESET", type=FILE)

_P = ParamSpec("_P")
_T = TypeVar("_T")


def changing(command: Callable[_P, _T]) -> Callable[_P, _T]:
    """As `told`, and that nothing was changed where the database does not answer."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return command(*args, **kwargs)
        except Unavailable as error:
            stop(f"Nothing was changed: {error}.")

    return told()(run)


def _today(settings: Settings) -> date:
    return day_of(settings, utc_now())


@contextmanager
def _database(*, begins: bool = False) -> Iterator[tuple[Settings, Engine]]:
    """The service's own. `begins`: it need not be there. Raises NotReady, Unavailable."""
    settings = load_settings() if begins else settings_of_place()
    with migrated(settings) as ground:
        yield settings, ground.engine
        with suppress(Unavailable):  # what was done is done; whoever writes the head next brings it forward
            audit_head.bring_forward(settings, ground.engine)


@click.command("sign")
@RULE_SET
@AS_JSON
@told()
@refusing
def sign_command(file: Path, as_json: bool) -> None:
    """Write who agreed to a rule set beside it, as the database has it.

    A clinician agrees at /staff/rules, signed in and with the code of their authenticator app, and a second
    person stands by it; this writes a copy into <id>.signed.yaml, to read and to hand on. Nothing is
    published by the file. Exit 1 when nobody has agreed to this very content.
    """
    rule_set = load(file)
    whole = dossier(file, rule_set)
    with _database() as (_settings, engine), reading(engine) as connection:
        found = signatures(connection, rule_set.id, whole.content)
    problems = list(unsigned(whole, found))
    written = write_copy(file, found) if found.agreed is not None else None
    clean = f"{written}: {_signed_by(found)}."
    more = {"file": str(written) if written else None, "content": whole.content}
    finish(problems, as_json=as_json, clean=clean, more=more)


def _signed_by(found: Signatures) -> str:
    if found.agreed is None:
        return "nobody"
    second = f"; {found.seconded.by_name} stands by it" if found.seconded is not None else ""
    return f"{found.agreed.by_name}, {found.agreed.by_role}, {found.agreed.at:%Y-%m-%d}{second}"


@click.command("publish")
@RULE_SET
@click.option("--page", "treatment_page", metavar="PAGE", type=FILE, help="The treatment page, as it is now.")
@AS_JSON
@changing
@refusing
def publish_command(file: Path, treatment_page: Path | None, as_json: bool) -> None:
    """Let patients start this version, and keep it for ever as it is.

    Refused unless check, prove, cases and trace find no problem, each rule is shown both ways, a clinician
    agreed at /staff/rules to this very content and a second person stands by it, and the clinician ticked
    each thing that became quieter, with a reason. It ends the version before on the day it begins.
    """
    rule_set = load(file)
    candidate = Candidate(file, rule_set, treatment_page)
    with _database(begins=True) as (settings, engine):
        outcome = publishing.publish(engine, candidate, today=_today(settings), now=utc_now())
    more = {"publication": _data(outcome.publication) if outcome.publication else None}
    finish(outcome.problems, as_json=as_json, clean=_published(rule_set, outcome), more=more)


def _published(rule_set: RuleSet, outcome: PublishOutcome) -> str:
    if outcome.publication is None:
        return ""
    name = f"{rule_set.id} {rule_set.version}"
    if outcome.again:
        return f"{name} was published already, on {outcome.publication.published_at:%Y-%m-%d}."
    after = f", after {outcome.before.version}" if outcome.before else ""
    made = outcome.publication
    who = f"agreed to by {made.signed_name}, with {made.seconded_name} as the second person"
    return f"{name} is published{after}, from {made.begins_on} on, {who}."


STILL_ON_TRIAL = (
    "This is a trial: another content that its file calls live is shown all the same. "
    "Write status: retired there."
)


@click.command("retire")
@click.argument("rule_set_id", metavar="ID")
@click.option("--because", required=True, help="Why; it is kept with the version.")
@AS_JSON
@changing
def retire_command(rule_set_id: str, because: str, as_json: bool) -> None:
    """Take a published treatment from new patients, on every server, within seconds.

    Who has begun is told that the questions were taken back, and keeps what they answered. To offer it
    again, publish a new version. Found unsafe, it is to be recalled too: see screening rules recall.
    """
    if not because.strip():
        raise click.BadParameter("write why: it is kept with the version")
    with _database() as (settings, engine):
        found = publishing.retire(engine, rule_set_id, because=because, now=utc_now())
    if as_json:
        print_json({"id": rule_set_id, "retired": bool(found)})
    elif found:
        click.echo(f"{rule_set_id} takes no new patients any more.".encode())
        if settings.trial:
            click.echo(STILL_ON_TRIAL)
    else:
        click.echo(f'No published version of "{rule_set_id}" stands. See: screening rules list'.encode())
    if not found:
        sys.exit(1)


@click.command("list")
@AS_JSON
@told()
@refusing
def list_command(as_json: bool) -> None:
    """Show what stands in the rules folder, and what of it was published."""
    with _database() as (settings, engine):
        published, today = publishing.history(engine), _today(settings)
        with reading(engine) as connection:
            found = [
                _listed(connection, file, rule_set, published, today)
                for file, rule_set in load_all(given(()))
            ]
    here = {listing.id for listing in found}
    absent = {past.rule_set_id: past for past in reversed(published) if past.rule_set_id not in here}
    found += [_row(past.rule_set_id, past.version, "not in the folder", past) for past in absent.values()]
    if as_json:
        print_json({"rule_sets": [listing._asdict() for listing in found]})
        return
    _print_table(("Rule set", "Version", "Status", "Published", "Signed off by"), found)


class Listing(NamedTuple):
    """A version of a rule set, and what became of it, in words."""

    id: str
    version: str
    status: str
    published: str
    signed_off: str


def _listed(
    connection: Connection, file: Path, rule_set: RuleSet, published: Sequence[Publication], today: date
) -> Listing:
    mine = next((past for past in published if past.digest == rule_set.digest), None)
    row = _row(rule_set.id, rule_set.version, rule_set.status, mine)
    holds = in_force(published, rule_set.id, today)
    gone = (past for past in published if past.rule_set_id == rule_set.id and past.taken_back)
    last = holds or next(gone, None)
    if last is not None and last.digest != rule_set.digest:
        became = "recalled" if last.stands else "retired"
        have = f"none since {last.version} was {became}" if last.taken_back else last.version
        row = row._replace(published=f"{row.published}; patients have {have}")
    if mine is None:
        found = signatures(connection, rule_set.id, dossier(file, rule_set).content)
        return row._replace(signed_off=_signed_by(found))
    return row


def _row(name: str, version: str, status: str, publication: Publication | None) -> Listing:
    at, by = "no", "nobody"
    if publication is not None:
        at = f"{publication.published_at:%Y-%m-%d}"
        by = f"{publication.signed_name}, {publication.signed_role}, {publication.signed_on}"
        if publication.begins_on is not None and not publication.taken_back:
            at += f", from {publication.begins_on} on"
        if publication.recalled_at is not None:
            at += f", recalled {publication.recalled_at:%Y-%m-%d}"
        if not publication.stands:
            at += f", retired {publication.retired_at:%Y-%m-%d}"
    return Listing(name, version, status, at, by)


@click.command("history")
@click.argument("rule_set_id", metavar="ID")
@AS_JSON
@told()
def history_command(rule_set_id: str, as_json: bool) -> None:
    """Show every published version of a rule set: who signed it off, and the reasons given."""
    with _database() as (_settings, engine):
        found = publishing.history(engine, rule_set_id)
    if as_json:
        print_json({"publications": [_data(publication) for publication in found]})
        return
    if not found:
        click.echo(f'No version of "{rule_set_id}" was ever published here.'.encode())
    rows = [_past(publication) for publication in found]
    if rows:
        _print_table(("Version", "Published", "Signed off by", "Reasons", "Digest"), rows)


def _past(publication: Publication) -> Sequence[str]:
    listing = _row("", publication.version, "", publication)
    why = "; ".join(_reasons_given(publication))
    return listing.version, listing.published, listing.signed_off, why, publication.digest[:12]


def _reasons_given(publication: Publication) -> Iterator[str]:
    yield from (f"{flag}: {why}" for flag, why in publication.reasons.items())
    if publication.recalled_because:
        yield f"recalled: {publication.recalled_because}"
    if publication.retired_because:
        yield f"retired: {publication.retired_because}"


def _data(publication: Publication) -> Plain:
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in asdict(publication).items()
    }


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(*(Column(heading, overflow="fold") for heading in headings))
    for row in rows:
        table.add_row(*map(escape, row))
    with page() as console:
        console.print(table)
