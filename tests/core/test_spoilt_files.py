"""The shipped rule sets, spoilt in every way a hand can slip: loaded or refused, never a crash."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.core.assessment import assess
from screening.core.errors import RuleSetError
from screening.core.loading import load
from tests.core.making import RULES
from tests.thorough import usually

FILES = ["lumbar-sympathetic-block", "example-knee-injection"]
SPOILABLE = [f"{name}.yaml" for name in FILES] + ["common/injection-safety.yaml", "common/about-you.yaml"]
TOKENS = re.compile(r"[\w-]+|[^\w\s]|\s+")
SLIPS = [
    "",
    "[]",
    "{}",
    "- ",
    ": ",
    "null",
    "true",
    "7",
    "0.5",
    "yes",
    "[[x]]",
    "{a: {b: c}}",
    '"',
    "&a",
    "*a",
    "!x",
]
SLIPS += ["place", "not_sure", "{at_least: [1]}", "any", "all", "2026-02-30", "\t", "\x00", "é", "---\n"]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spoilt") / "rules"
    shutil.copytree(RULES, folder)
    return folder


def spoil(text: str, how: str, source: Random) -> str:
    """One slip, by line or by token."""
    pieces = text.splitlines(keepends=True) if "line" in how else TOKENS.findall(text)
    at = source.randrange(len(pieces))
    if "delete" in how:
        del pieces[at]
    elif "repeat" in how:
        pieces.insert(at, pieces[at])
    elif "move" in how:
        pieces.insert(source.randrange(len(pieces)), pieces.pop(at))
    elif "indent" in how:
        pieces[at] = source.choice([" ", "  ", "    "]) + pieces[at]
    else:
        pieces[at] = source.choice(SLIPS) + ("\n" if "line" in how else "")
    return "".join(pieces)


HOWS = [f"{how} a {what}" for how in ("delete", "repeat", "move", "replace") for what in ("line", "token")]


@pytest.mark.slow
@given(
    st.sampled_from(SPOILABLE),
    st.lists(st.sampled_from([*HOWS, "indent a line"]), min_size=1, max_size=3),
    st.integers(0, 2**32),
)
@settings(max_examples=usually(30, thorough=300))
def test_a_spoilt_file_is_loaded_or_refused_with_places(
    rules: Path, name: str, hows: list[str], seed: int
) -> None:
    source = Random(seed)
    text = (RULES / name).read_text(encoding="utf-8")
    for how in hows:
        text = spoil(text, how, source)
    (rules / name).write_text(text, encoding="utf-8")
    try:
        for file in FILES:
            loads_or_is_refused(rules / f"{file}.yaml", rules)
    finally:
        shutil.copy(RULES / name, rules / name)


def loads_or_is_refused(file: Path, rules: Path) -> None:
    try:
        rule_set = load(file, root=rules)
    except RuleSetError as error:
        problems = error.problems
    else:
        problems = ()
        assess(rule_set, {question.id: "yes" for question in rule_set.questions})
    assert all((rules / problem.place.file).is_file() for problem in problems)
