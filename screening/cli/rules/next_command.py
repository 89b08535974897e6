"""`screening rules init` and `next`: where to begin, and what is to be done now."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from screening.authoring.files import treatments
from screening.cli.rules.check_command import today
from screening.cli.rules.reporting import AS_JSON, FILE, given, page, print_json, refusing, safe
from screening.core.errors import NotReady, RuleSetError, Unavailable, unreadable
from screening.core.loading import load, rule_files
from screening.core.rules import RuleSet
from screening.core.wording import so_many
from screening.publishing.next_steps import FarCome, OpenStep, next_steps
from screening.publishing.publish import is_published, wrong_version
from screening.publishing.sign import dossier, signatures
from screening.settings import shipped
from screening.settings.environment import load_settings
from screening.storage import publications
from screening.storage.database import reading
from screening.storage.files import made, write
from screening.storage.read_only import read_only

GIVEN = ("README.md", "common/*.yaml", "common/words/*.yaml")  # what a new folder of rules begins with
GUIDES = ("authoring.md", "publishing.md", "codes.md")  # what its guide points at, into docs/ beside it
LINK = re.compile(r"\[([^]]+)\]\(([^)#]+)(#[^)]*)?\)")


@click.command("init")
@click.argument("folder", metavar="FOLDER", type=FILE)
@AS_JSON
@refusing
def init_command(folder: Path, as_json: bool) -> None:
    """Make a folder of rules with the common questions, the word lists and the guide.

    Nothing that is there is written over: a folder with rule sets or common blocks is refused.
    """
    if folder.exists() and (not folder.is_dir() or rule_files(folder) or (folder / "common").exists()):
        what = "There is something here already, and it is left as it is."
        raise unreadable(folder, what, "Name a new folder.")
    from_ = shipped("rules")
    files = [file.relative_to(from_) for pattern in GIVEN for file in sorted(from_.glob(pattern))]
    given_text = {name: (from_ / name).read_bytes() for name in files}
    given_text |= {Path("docs", name): (shipped("docs") / name).read_bytes() for name in GUIDES}
    for name, text in given_text.items():
        made((folder / name).parent)
        write(folder / name, _with_links_from(name, text) if name.suffix == ".md" else text)
    step = f"screening rules draft PAGE --rules {_quoted(folder)} --to {_quoted(folder / 'treatment.yaml')}"
    if as_json:
        print_json({"problems": [], "written": [str(folder / name) for name in given_text], "next": step})
        return
    click.echo(
        f"{folder}: {so_many(len(given_text), 'file')}. Now, with the treatment page saved as PAGE:".encode()
    )
    click.echo(f"  {step}".encode())


def _with_links_from(name: Path, text: bytes) -> bytes:
    """A guide with its links as they are in the new folder; of what is not there, the words alone."""
    there = {"../rules/README.md": "../README.md", **{each: each for each in GUIDES}}
    if name.parent == Path():
        there = {f"../docs/{each}": f"docs/{each}" for each in GUIDES}

    def link(found: re.Match[str]) -> str:
        words, target, part = found[1], there.get(found[2]), found[3] or ""
        return words if target is None else f"[{words}]({target}{part})"

    return LINK.sub(link, text.decode()).encode()


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


@click.command("next")
@click.argument("path", metavar="[FOLDER|FILE]", type=FILE, required=False)
@AS_JSON
@refusing
def next_command(path: Path | None, as_json: bool) -> None:
    """Say what is to be done now, in order: check, sources, prove, cases, trace, show, sign, publish.

    Only what is open, each with the exact command; PAGE stands for the treatment page's file. Who has
    agreed, and what patients have, is looked up in the database where there is one. Exit 0: nothing is open.
    """
    where = given((path,) if path is not None else ())
    if where[0].is_dir() and not rule_files(where[0]):
        found = {str(where[0]): [_first(where[0])]}
    else:
        files = treatments(where)
        for file in files:
            if not file.is_file():
                load(file)  # which says what it is instead
        come = dict(_come(files))
        found = {str(file): next_steps(file, today(), come.get(file, FarCome())) for file in files}
    if as_json:
        print_json(
            {"problems": [], "next": {name: list(map(asdict, steps)) for name, steps in found.items()}}
        )
    else:
        _print(found)
    sys.exit(any(found.values()))


def _first(folder: Path) -> OpenStep:
    """Of a folder without treatments: its common questions, or a first draft."""
    if not (folder / "common").is_dir():
        return OpenStep("check", "There is nothing here yet.", f"screening rules init {_quoted(folder)}")
    to = _quoted(folder / "treatment.yaml")
    command = f"screening rules draft PAGE --rules {_quoted(folder)} --to {to}"
    return OpenStep("check", "There is no treatment here yet. PAGE is the treatment page's file.", command)


def _come(files: list[Path]) -> Iterator[tuple[Path, FarCome]]:
    """How far each has come; nothing where there is no database, or it does not answer."""
    try:
        with read_only(load_settings().database) as engine, reading(engine) as connection:
            recalled = publications.withdrawn(connection).versions
            for file, rule_set in _readable(files):
                found = signatures(connection, rule_set.id, dossier(file, rule_set).content)
                history = publications.history(connection, rule_set.id)
                wrong = tuple(wrong_version(rule_set, history, recalled))
                published = is_published(rule_set, history)
                yield file, FarCome(found, published, () if published else wrong)
    except (NotReady, Unavailable, OSError):
        return


def _readable(files: list[Path]) -> Iterator[tuple[Path, RuleSet]]:
    for file in files:
        try:
            rule_set = load(file)
            dossier(file, rule_set)
        except RuleSetError:
            continue  # told as the first thing to do
        yield file, rule_set


def _print(found: Mapping[str, list[OpenStep]]) -> None:
    with page() as console:
        for name, steps in found.items():
            console.print(f"[bold]{safe(name)}[/]" + ("" if steps else ": nothing is open."))
            for number, step in enumerate(steps, 1):
                console.print(f"  {number}. [bold]{step.step}[/]: {safe(step.why)}")
                console.print(f"     {safe(step.command)}")
