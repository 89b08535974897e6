"""How commands take paths and tell what they found: to people in colour, to machines as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from screening.cli.refusing import stop, told
from screening.cli.terminal import harmless
from screening.core.answers import date_span
from screening.core.errors import RuleSetError
from screening.core.findings import Problem, on_one_line
from screening.core.serialising import Plain
from screening.core.wording import so_many
from screening.settings.environment import load_settings


class _Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        span = date_span(value)
        if isinstance(value, date):
            return value
        if span is None or span[0] != span[1]:
            self.fail(f"{value!r} is not a day. Write YYYY-MM-DD.", param, ctx)
        return span[0]


DAY = _Day()
FILE = click.Path(path_type=Path)
PATHS = click.argument("paths", metavar="[PATH]...", nargs=-1, type=FILE)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For machines: JSON on standard output.")

_P = ParamSpec("_P")
_T = TypeVar("_T")


def given(paths: Sequence[Path]) -> list[Path]:
    """The paths on the command line; without any, the configured rules folder."""
    if paths:
        return list(paths)
    with told():
        return [load_settings().rules]


def refusing(command: Callable[_P, _T]) -> Callable[_P, _T]:
    """Turns a file that cannot be read into exit 2, in the shape that was asked for."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return command(*args, **kwargs)
        except RuleSetError as error:
            if kwargs.get("as_json"):
                print_json({"problems": [problem.data() for problem in error.problems]})
                sys.exit(2)
            stop(error)

    return run


def print_json(data: Any) -> None:
    """JSON for people and machines, in UTF-8 whatever the terminal's locale."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2).encode("utf-8", "replace"))


@contextmanager
def page() -> Iterator[Console]:
    """A console whose words arrive in UTF-8 on any terminal; colour only where somebody looks."""
    console = Console(force_terminal=sys.stdout.isatty() or None, soft_wrap=True, highlight=False)
    with console.capture() as captured:
        yield console
    click.echo(captured.get().encode("utf-8", "replace"), nl=False)


@contextmanager
def progress(words: str) -> Iterator[Callable[[Sequence[_T]], Iterable[_T]]]:
    """Gives a function that passes things on one by one, with a bar on a terminal's standard error."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield lambda things: bar.track(things, total=len(things), description=words)


def finish(
    problems: Sequence[Problem],
    warnings: Sequence[Problem] = (),
    *,
    as_json: bool,
    clean: str,
    more: Plain | None = None,
    shown: Collection[str] = (),
) -> NoReturn:
    """Tells everything, then exit 2 where nothing could be read, 1 for problems, 0 for none.

    `clean` is what is said when there are no problems; `more` are further keys of the JSON object;
    problems with codes in `shown` have been shown to people in another way.
    """
    if as_json:
        told = {
            "problems": [problem.data() for problem in problems],
            "warnings": [problem.data() for problem in warnings],
        }
        print_json({**told, **(more or {})})
    else:
        with page() as console:
            for problem in (problem for problem in problems if problem.code not in shown):
                _tell(console, problem, "red")
            for warning in warnings:
                _tell(console, warning, "yellow")
            _conclude(console, problems, warnings, clean)
    sys.exit(2 if any(problem.code == "unreadable" for problem in problems) else bool(problems))


def _tell(console: Console, problem: Problem, colour: str) -> None:
    console.print(
        f"[bold]{safe(str(problem.place))}[/]: {safe(problem.message)} {safe(problem.remedy)}".rstrip()
        + f" [{colour}]{escape(f'[{problem.code}]')}[/]"
    )
    if problem.witness is not None:
        console.print(f"    for example: {safe(on_one_line(problem.witness))}", style="dim")


def _conclude(console: Console, problems: Sequence[Problem], warnings: Sequence[Problem], clean: str) -> None:
    beside = so_many(len(warnings), "warning")
    if problems:
        said = so_many(len(problems), "problem")
        console.print(f"[red]{said}{f', {beside}' if warnings else ''}.[/]")
    else:
        console.print(f"[green]{safe(clean)}[/]" + (f" {beside}." if warnings else ""))


def safe(text: str) -> str:
    """Words from a file, for a terminal: nothing in them is markup, or moves the cursor."""
    return escape(harmless(text))
