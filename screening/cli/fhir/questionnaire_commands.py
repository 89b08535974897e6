"""`screening fhir export-questionnaire`, `import-questionnaire`: rule sets to and from other systems."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from screening.authoring import versions
from screening.cli.rules.reporting import FILE, refusing
from screening.core.errors import RuleSetError, unreadable
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.wording import so_many
from screening.exports.fhir.definitions import bundled, code_systems, structure_definitions
from screening.exports.fhir.importing import Imported, take_in
from screening.exports.fhir.names import HOME
from screening.exports.fhir.parsing import MAX_BYTES
from screening.exports.fhir.plan import plan
from screening.exports.fhir.questionnaire import questionnaire, version_before
from screening.exports.fhir.reading import Trouble
from screening.storage.files import made, write


def _address(_context: click.Context, _option: click.Parameter, base: str) -> str:
    where = urlsplit(base)
    if where.scheme not in ("http", "https") or not where.hostname or where.query or where.fragment:
        raise click.BadParameter("write an address such as https://forms.example.org/fhir")
    return base.rstrip("/")


@click.command("export-questionnaire")
@click.argument("file", metavar="RULESET", type=FILE)
@click.option("--to", metavar="FOLDER", type=FILE, default=Path(), help="Where the files go; else here.")
@click.option(
    "--base", metavar="URL", default=HOME, callback=_address, help="What canonical addresses begin with."
)
@refusing
def export_questionnaire_command(file: Path, to: Path, base: str) -> None:
    """Write a rule set as Questionnaire and PlanDefinition, with their codes and extensions.

    It is derived from the version before that is recorded beside the rule set, if any.
    Exit 1 where something in the rule set has no place in FHIR, told as file:line.
    """
    rule_set = load(file)
    try:
        found = _resources(rule_set, base, version_before(rule_set, versions.recorded(file)))
    except RuleSetError as error:
        for problem in error.problems:
            click.echo(str(problem).encode("utf-8", "replace"), err=True)
        sys.exit(1)
    made(to)
    for name, resource in found.items():
        path = to / f"{rule_set.id}.{name}.json"
        write(path, json.dumps(resource, ensure_ascii=False, indent=2).encode() + b"\n")
        click.echo(str(path).encode())


def _resources(rule_set: RuleSet, base: str, before: str | None) -> dict[str, Plain]:
    asked = questionnaire(rule_set, base, before)
    return {
        "questionnaire": asked,
        "plan": plan(rule_set, asked, base),
        "codes": bundled(code_systems(rule_set)),
        "extensions": bundled(structure_definitions()),
    }


@click.command("import-questionnaire")
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--plan", "rules", metavar="FILE", type=FILE, help="The PlanDefinition that holds its flags.")
@click.option("--to", metavar="RULESET.yaml", type=FILE, required=True, help="The rule set to write.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@refusing
def import_questionnaire_command(file: Path, rules: Path | None, to: Path, force: bool) -> None:
    """Make a draft of a rule set from a Questionnaire, or tell every reason why not.

    What rule sets do not hold is named as left out. Exit 1 where something is wrong: nothing is written.
    """
    if to.exists() and not force:
        raise unreadable(to, "The file is there.", "Name another, or --force.")
    found = take_in(_read(file), None if rules is None else _read(rules))
    _tell(found, file, rules)
    if found.text is None or found.rule_set is None:
        sys.exit(1)
    write(to, found.text.encode())
    asked = found.rule_set
    holds = f"{so_many(len(asked.questions), 'question')}, {so_many(len(asked.flags), 'flag')}"
    click.echo(f"{to}: {holds}, digest {asked.digest}".encode())


def _tell(found: Imported, file: Path, rules: Path | None) -> None:
    for kind, troubles in (("left out: ", found.left_out), ("", found.wrong)):
        for trouble in troubles:
            click.echo(
                f"{_file_of(trouble, file, rules)}: {kind}{trouble}".encode("utf-8", "replace"), err=True
            )
    wrong, left_out = so_many(len(found.wrong), "problem"), so_many(len(found.left_out), "part")
    click.echo(f"{wrong}, {left_out} left out.", err=True)


def _file_of(trouble: Trouble, file: Path, rules: Path | None) -> Path:
    return rules if rules is not None and trouble.where.startswith("PlanDefinition") else file


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)  # one more than is taken in
    except OSError as error:
        what = f"The file cannot be read: {error.strerror}."
        raise unreadable(file, what, "Check the name.") from None
