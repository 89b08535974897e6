"""`screening rules trace` and `draft`: the treatment page and the rule set."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click

from screening.authoring.files import load_all
from screening.authoring.usual import write_usual
from screening.cli.rules.reporting import (
    AS_JSON,
    FILE,
    finish,
    given,
    page,
    print_json,
    refusing,
    safe,
)
from screening.core.errors import RuleSetError, unreadable
from screening.core.findings import Place, Problem
from screening.core.loading import CASES, beside, load
from screening.core.rules import PageRule, RuleSet, Urgent
from screening.core.serialising import Plain
from screening.core.sources import Age
from screening.core.wording import so_many
from screening.storage.files import write
from screening.tracing.draft import DraftedRules, draft
from screening.tracing.statements import Statement
from screening.tracing.trace import Trace, sign, trace

PAGE = click.Path(path_type=Path)


@click.command("trace")
@click.argument("rule_set", metavar="RULESET.yaml", type=FILE)
@click.option(
    "--page", "page_file", metavar="PAGE", type=PAGE, required=True, help="The page: text, .md or .html."
)
@click.option("--sign", "signing", is_flag=True, help="Keep fingerprints of what the page says now.")
@AS_JSON
@refusing
def trace_command(rule_set: Path, page_file: Path, signing: bool, as_json: bool) -> None:
    """Hold the treatment page against the rule set.

    Every statement of the page has a rule, or is set aside with a reason; every phrase stands in one
    statement. After --sign, later runs name what was added, changed or removed, and the rules to look at
    again. Only fingerprints are kept, in <id>.page.yaml, never the page's words.
    """
    ((file, loaded),) = load_all([_one_file(rule_set)])
    found = trace(file, loaded, page_file)
    problems = list(found.problems)
    if signing:
        problems = [problem for problem in problems if not problem.code.startswith("page-")]
        if not problems:
            sign(file, loaded, found)
    if not as_json:
        _print_trace(loaded, found)
    finish(
        problems,
        _unsigned(found, loaded.place, signing),
        as_json=as_json,
        clean=_clean(found),
        more=_data(loaded, found),
    )


def _one_file(path: Path) -> Path:
    if path.is_dir():
        what = "This is a folder; a page is held against one rule set."
        raise unreadable(path, what, "Name the rule set's file.")
    return path


def _unsigned(found: Trace, place: Place, signing: bool) -> list[Problem]:
    if found.signed or signing:
        return []
    what = "Nobody has signed this page, so changes to it cannot be told."
    return [Problem(place, "page-unsigned", what, "When everything fits, run it again with --sign.")]


def _clean(found: Trace) -> str:
    aside = [each for each in found.aside if not found.rules[each]]
    said = f"{so_many(len(found.rules), 'statement')}, each with its rule, or set aside with a reason"
    return f"{said} ({len(aside)}); each rule has its statement."


def _codes(rule_set: RuleSet, rules: Sequence[PageRule]) -> list[str]:
    names = dict.fromkeys(
        name for rule in rules if not isinstance(rule, Urgent | Age) for name in rule.looks_at
    )
    held = (rule_set.by_id[name].codings for name in names)
    each = (f"{code.system} {code.code}" for codes in held if isinstance(codes, tuple) for code in codes)
    return list(dict.fromkeys(each))


def _print_trace(rule_set: RuleSet, found: Trace) -> None:
    with page() as console:
        for section in found.every:
            console.print(f"[bold]{safe(section.name)}[/]")
            for statement in section.statements:
                mark, words = _standing(rule_set, found, statement)
                under = "  " * len(statement.under)
                said = f"{under}{statement.place.line}: {safe(statement.text[:90])}"
                console.print(f"  {mark} {said} [dim]{safe(words)}[/]")
            for led in section.aside:
                console.print(f"  [dim]- {led.place.line}: introduces or invites: {safe(led.text[:80])}[/]")


def _standing(rule_set: RuleSet, found: Trace, statement: Statement) -> tuple[str, str]:
    """The mark of a statement, what stands for it, and the codes of what is asked for it."""
    if found.rules[statement]:
        ids = ", ".join(rule.id for rule in found.rules[statement])
        codes = _codes(rule_set, found.rules[statement])
        return "[green]✓[/]", f"{ids} [{', '.join(codes)}]" if codes else ids
    if statement in found.aside:
        return "[dim]-[/]", f"set aside: {found.aside[statement].because}"
    return "[red]✗[/]", ""


def _data(rule_set: RuleSet, found: Trace) -> Plain:
    statements = [
        {
            "section": statement.section,
            "line": statement.place.line,
            "text": statement.text,
            "under": list(statement.under),
            "rules": [rule.id for rule in rules],
            "codes": _codes(rule_set, rules),
            "set_aside": found.aside[statement].because if statement in found.aside else None,
        }
        for statement, rules in found.rules.items()
    ]
    return {"statements": statements, "signed": found.signed}


@click.command("draft")
@click.argument("page_file", metavar="PAGE", type=PAGE)
@click.option("--to", metavar="FILE", type=FILE, help="Write it there instead of to standard output.")
@click.option(
    "--rules", "folder", metavar="FOLDER", type=FILE, help="Where common/ stands; else the configured folder."
)
@click.option(
    "--who", metavar="HEADING", multiple=True, help="A heading that says whom it helps; may be repeated."
)
@click.option(
    "--safety", metavar="HEADING", multiple=True, help="A heading that says what to be careful of; likewise."
)
@AS_JSON
@refusing
def draft_command(
    page_file: Path,
    to: Path | None,
    folder: Path | None,
    who: tuple[str, ...],
    safety: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a first rule set from a treatment page.

    Title, category, one indicator for each bullet, one safety question and flag for each item of the
    safety note; what the common blocks know is linked to them. The words wait for a person: TO REVIEW.
    """
    if folder is not None and not folder.is_dir():
        what = "There is no such folder of rules."
        raise unreadable(folder, what, "Name the one that has common/.")
    taken = {**dict.fromkeys(who, "who"), **dict.fromkeys(safety, "safety")}
    made = draft(page_file, folder or given(())[0], taken)
    if to is not None and to.exists():
        what = "This file is there already, and a draft never takes its place."
        raise unreadable(to, what, "Choose another name.")
    if to is not None:
        write(to, made.text.encode())
        with suppress(RuleSetError):  # without the common blocks beside it; `cases --generate` writes it then
            write_usual(to, load(to))
    if as_json:
        print_json({"problems": [], **_drafted_data(made)})
    elif to is None:
        click.echo(made.text.encode(), nl=False)
    else:
        _tell_drafted(to, made)


def _drafted_data(made: DraftedRules) -> Plain:
    return {
        "id": made.id,
        "linked": made.linked,
        "new": made.written,
        "text": made.text,
        "headings": dict(made.headings),
        "strange": [asdict(each) for each in made.strange],
    }


def _tell_drafted(to: Path, made: DraftedRules) -> None:
    """What was written where, and what a person must look at."""
    words = f"{to}: {so_many(len(made.written), 'rule')} to review, {len(made.linked)} from common blocks."
    click.echo(words.encode())
    if (usual := beside(to, CASES)).exists():
        click.echo(f"{usual}: a usual patient, drafted from the questions.".encode())
    for heading, taken in made.headings:
        click.echo(f"  {heading}: {taken}".encode())
    for strange in made.strange:
        said = f"The common question {strange.question} speaks of {strange.means}; the page does not."
        click.echo(f"  {said}".encode())
