"""`screening rules sign`, `publish`, `retire`, `list`, `history`: from a draft to patients."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import click
from rich.markup import escape
from rich.table import Column, Table
from sqlalchemy import Engine

from screening.app import open_migrated
from screening.authoring.files import load_all
from screening.cli.rules.reporting import AS_JSON, FILE, finish, given, page, print_json, refusing
from screening.core.errors import NotReady, Unavailable
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.publishing import publish as publishing
from screening.publishing.publish import Candidate, PublishOutcome
from screening.publishing.sign import load_sign_off, sign
from screening.service import audit_head
from screening.service.patient import utc_now
from screening.settings import Settings, load_settings
from screening.storage.publications import Publication

RULE_SET = click.argument("file", metavar="RULESET", type=FILE)
DAY = click.DateTime(["%Y-%m-%d"])

_P = ParamSpec("_P")
_T = TypeVar("_T")


def answering(command: Callable[_P, _T]) -> Callable[_P, _T]:
    """Turns a setting, key or database that does not work into words and exit 2."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return command(*args, **kwargs)
        except NotReady as error:
            click.echo(str(error).encode(), err=True)
        except Unavailable as error:
            click.echo(f"Nothing was changed: {error}.".encode(), err=True)
        sys.exit(2)

    return run


def _today(settings: Settings) -> date:
    return utc_now().astimezone(ZoneInfo(settings.time_zone)).date()


@contextmanager
def _database() -> Iterator[tuple[Settings, Engine]]:
    """The service's own, with all its tables. Raises NotReady, Unavailable."""
    settings = load_settings()
    engine = open_migrated(settings)
    try:
        yield settings, engine
        audit_head.bring_forward(settings, engine)
    finally:
        engine.dispose()


@click.command("sign")
@RULE_SET
@click.option("--name", required=True, help="Who agrees to the rule set.")
@click.option("--role", required=True, help="As what, such as: Consultant in pain medicine.")
@click.option("--date", "on", type=DAY, metavar="YYYY-MM-DD", help="When; without it, today.")
@AS_JSON
@answering
@refusing
def sign_command(file: Path, name: str, role: str, on: datetime | None, as_json: bool) -> None:
    """Write down that somebody agrees to a rule set as it stands.

    It goes into <id>.signed.yaml beside it, with the digest of the content: any change of the rule set,
    other than of its status, makes the sign-off void.
    """
    rule_set = load(file)
    day = on.date() if on is not None else _today(load_settings())
    written = sign(file, rule_set, name=name, role=role, on=day)
    clean = f"{written}: {name}, {role}, signed off {rule_set.id} {rule_set.version} on {day}."
    more = {"file": str(written), "digest": rule_set.digest, "date": str(day)}
    finish((), as_json=as_json, clean=clean, more=more)


def _reasons(_ctx: click.Context, _option: click.Parameter, words: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        flag, equals, text = word.partition("=")
        if not (equals and flag.strip() and text.strip()):
            raise click.BadParameter(f'"{word}" is not FLAG=TEXT, such as diabetes="Asked by the nurse now".')
        found[flag.strip()] = text.strip()
    return found


@click.command("publish")
@RULE_SET
@click.option("--page", "treatment_page", metavar="PAGE", type=FILE, help="The treatment page, to be traced.")
@click.option(
    "--reason",
    "reasons",
    metavar="FLAG=TEXT",
    multiple=True,
    callback=_reasons,
    help="Why a flag may rise for fewer patients than in the version before, or be handled more lightly.",
)
@AS_JSON
@answering
@refusing
def publish_command(file: Path, treatment_page: Path | None, reasons: dict[str, str], as_json: bool) -> None:
    """Let patients start this version, and keep it for ever as it is.

    Refused unless check, prove, cases, and trace when the page is given, find no problem; a sign-off of
    this very content stands beside it; and each flag that became quieter has a written reason.
    """
    rule_set = load(file)
    candidate = Candidate(file, rule_set, treatment_page, reasons)
    with _database() as (settings, engine):
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
    hidden = "" if rule_set.status == "live" else " Patients see it once it says status: live."
    return f"{name} is published{after}, signed off by {outcome.publication.signed_name}.{hidden}"


@click.command("retire")
@click.argument("rule_set_id", metavar="ID")
@click.option("--because", required=True, help="Why; it is kept with the version.")
@AS_JSON
@answering
def retire_command(rule_set_id: str, because: str, as_json: bool) -> None:
    """Take a published treatment from new patients, on every server, within seconds.

    Who has begun is told that the questions were taken back, and keeps what they answered. To offer it
    again, publish a new version. Found unsafe, it is to be recalled too: see screening rules recall.
    """
    with _database() as (_settings, engine):
        found = publishing.retire(engine, rule_set_id, because=because, now=utc_now())
    if as_json:
        print_json({"id": rule_set_id, "retired": bool(found)})
    elif found:
        click.echo(f"{rule_set_id} takes no new patients any more.".encode())
    else:
        click.echo(f'No published version of "{rule_set_id}" stands. See: screening rules list'.encode())
    if not found:
        sys.exit(1)


@click.command("list")
@AS_JSON
@answering
@refusing
def list_command(as_json: bool) -> None:
    """Show what stands in the rules folder, and what of it was published."""
    with _database() as (_settings, engine):
        published = publishing.history(engine)
    found = [_listed(file, rule_set, published) for file, rule_set in load_all(given(()))]
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


def _listed(file: Path, rule_set: RuleSet, published: Sequence[Publication]) -> Listing:
    mine = next((past for past in published if past.digest == rule_set.digest), None)
    sign_off = load_sign_off(file)
    row = _row(rule_set.id, rule_set.version, rule_set.status, mine)
    if mine is None and sign_off is not None and sign_off.digest == rule_set.digest:
        return row._replace(signed_off=f"{sign_off.name}, {sign_off.role}, {sign_off.date}")
    return row


def _row(name: str, version: str, status: str, publication: Publication | None) -> Listing:
    at, by = "no", "nobody"
    if publication is not None:
        at = f"{publication.published_at:%Y-%m-%d}"
        by = f"{publication.signed_name}, {publication.signed_role}, {publication.signed_on}"
        if not publication.stands:
            at += f", retired {publication.retired_at:%Y-%m-%d}"
    return Listing(name, version, status, at, by)


@click.command("history")
@click.argument("rule_set_id", metavar="ID")
@AS_JSON
@answering
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
