"""Where the tests, pages and rule sets are that show controls, and whether a name stands for one of them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from screening.authoring import check as authoring
from screening.authoring.cases import Case, Cases, run_case
from screening.authoring.files import cases_beside, load_all
from screening.core.errors import unreadable
from screening.core.findings import FOUND_BY
from screening.core.rules import RuleSet
from screening.proving.prove import prove

PAGES = ("templates/", "docs/", "rules/", "README.md", "SECURITY.md")  # what a control may point at


@dataclass(frozen=True)
class Checkout:
    """The source tree at `root` and the rule sets in `rules`; each part is read when it is asked for."""

    root: Path
    rules: Path
    today: date
    _tests: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)  # by file

    def has_test(self, name: str) -> bool:
        """Whether `tests/path.py::name`, or `::Class::name`, is a test that is written there."""
        file, _, test = name.partition("::")
        if file not in self._tests:
            source = self._text(file) if file.startswith("tests/") and file.endswith(".py") else ""
            self._tests[file] = _tests_in(source)
        return test.partition("[")[0] in self._tests[file]

    def has_page(self, name: str) -> bool:
        """Whether the file is a page of ours; after `::` come words that must stand in it."""
        file, _, words = name.partition("::")
        text = self._text(file) if file.startswith(PAGES) else ""
        return bool(text) and " ".join(words.split()) in " ".join(text.split())

    @property
    def readme(self) -> str:
        """The promises stand in it, and in the pages it leads to; "" where there is none."""
        return "\n\n".join(map(self._text, ("README.md", "docs/what-is-kept.md", "docs/commands.md")))

    def _text(self, file: str) -> str:
        """What stands in a file of the tree; "" for what is no text there."""
        path = self.root / file
        try:
            return "" if ".." in path.parts else path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    @cached_property
    def rule_sets(self) -> Mapping[Path, RuleSet]:
        """By their file. Raises RuleSetError."""
        return dict(load_all([self.rules]))

    @cached_property
    def cases(self) -> Mapping[str, tuple[RuleSet, Cases, Case]]:
        """By `rule set: the sentence`."""
        return {
            f"{rule_set.id}: {case.case}": (rule_set, cases, case)
            for file, rule_set in self.rule_sets.items()
            for cases in cases_beside(file, rule_set)
            for case in cases.cases
        }

    def case_holds(self, name: str) -> bool:
        """Whether what a case expects is what comes."""
        return not list(run_case(*self.cases[name]))

    @cached_property
    def failed_claims(self) -> Collection[str]:
        """Codes of `rules prove` that some rule set fails."""
        return {one.code for rule_set in self.rule_sets.values() for one in prove(rule_set).problems}

    @cached_property
    def failed_checks(self) -> Collection[str]:
        """Codes of `rules check` and `rules prove` that some rule set has."""
        found = authoring.check([self.rules], self.today).problems
        return {*self.failed_claims, *(one.code for one in found)}


def claims() -> Collection[str]:
    """Every claim that a control may name."""
    return FOUND_BY["prove"]


def _tests_in(source: str) -> frozenset[str]:
    """`name` and `Class::name` of every test; none where it is no Python."""
    try:
        return frozenset(_named_tests(ast.parse(source).body))
    except SyntaxError:
        return frozenset()


def _named_tests(body: Sequence[ast.stmt], above: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _named_tests(node.body, f"{above}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield f"{above}{node.name}"


def tree_of(log: Path) -> Path | None:
    """The source tree above the log, or the folder one stands in; None in an installation without one."""
    looked = [*log.resolve().parents, Path.cwd()]
    return next((folder for folder in looked if _is_tree(folder)), None)


def checkout_at(root: Path | None, log: Path, rules: Path, today: date) -> Checkout:
    """Raises RuleSetError that says where was looked, and what to do."""
    if root is not None and _is_tree(root):
        return Checkout(root, rules, today)
    where = root or f"{log.resolve().parent}, the folders above it, and {Path.cwd()}"
    what = f"There are no tests and templates that could show its controls in {where}."
    remedy = "Run it in a checkout of the source, or name one: --checkout FOLDER."
    raise unreadable(log, what, remedy)


def _is_tree(folder: Path) -> bool:
    return (folder / "tests").is_dir() and (folder / "templates").is_dir()
