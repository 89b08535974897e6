"""The guide's small questionnaire, put together as its steps say, is one without a problem."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from screening.authoring import coverage
from screening.authoring.check import check
from screening.authoring.files import cases_beside
from screening.core.answers import TYPES
from screening.core.findings import Problem
from screening.core.loading import load
from screening.proving.prove import prove
from tests.authoring.writing import SHIPPED, TODAY

GUIDE = (SHIPPED / "README.md").read_text(encoding="utf-8")


def _written_by(part: str) -> list[str]:
    text = re.search(rf"^## {part}\..*?(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert text is not None
    return re.findall(r"^```yaml\n(.*?)^```", text[0], re.MULTILINE | re.DOTALL)


def test_the_questionnaire_of_the_guide_has_no_problem_and_no_warning(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "common", tmp_path / "common")
    head, *steps = _written_by("2")
    (uses,) = [step for step in steps if step.startswith("uses:")]
    steps.remove(uses)
    file = tmp_path / "sore-thumb.yaml"
    file.write_text("".join([head, uses, *steps]), encoding="utf-8")
    file.with_name("sore-thumb.cases.yaml").write_text(_written_by("5")[0], encoding="utf-8")
    rule_set = load(file)
    said = check([file], TODAY)
    found: list[Problem] = [*said.problems, *said.warnings, *prove(rule_set).problems]
    assert not [*found, *coverage.failed(rule_set, cases_beside(file, rule_set))]


def test_no_key_is_explained_twice() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", GUIDE, re.MULTILINE):
        keys = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
        assert len(keys) == len(set(keys)), keys


def test_each_type_of_question_is_explained_with_the_keys_of_its_own() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", GUIDE, re.MULTILINE))
    for name, kind in TYPES.items():
        assert kind.keys <= set(re.findall(r"`(\w+)", told[name])), name
