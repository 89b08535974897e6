"""What is to be done now: only what is open, in the order it is done, each with a command that does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from screening.authoring.check import check
from screening.core.loading import load
from screening.publishing.next_steps import FarCome, OpenStep, next_steps
from screening.publishing.sign import dossier, signatures
from screening.storage.database import reading
from tests import running
from tests.publishing.making import CASES, ID, PAGE_FILE, QUIETER, TODAY, keep_signature, write_rules


def steps(file: Path, come: FarCome = FarCome()) -> list[str]:  # noqa: B008  # frozen
    return [each.step for each in next_steps(file, TODAY, come)]


def come(engine: Engine, file: Path, *, published: bool = False) -> FarCome:
    with reading(engine) as connection:
        return FarCome(signatures(connection, ID, dossier(file, load(file)).content), published)


PEOPLE = ["show", "sign", "publish"]


def test_what_passes_everything_waits_for_people(tmp_path: Path) -> None:
    assert steps(write_rules(tmp_path / "rules")) == PEOPLE


@pytest.mark.parametrize(
    ("old", "new", "open_ones"),
    [
        ("Which thumb hurts?", "TO REVIEW which thumb?", ["check"]),
        ("    source: {section: safety, phrase: infection}\n", "", ["sources", "trace"]),
        ("raise_when: {any: [{fever: [yes, not_sure]}, ", "raise_when: {any: [", ["prove", "cases"]),
    ],
)
def test_what_is_open_comes_in_order(tmp_path: Path, old: str, new: str, open_ones: list[str]) -> None:
    file = write_rules(tmp_path / "rules")
    file.write_text(file.read_text().replace(old, new))
    assert steps(file) == [*open_ones, *PEOPLE]


def test_missing_cases_are_generated_and_failing_ones_are_not(tmp_path: Path) -> None:
    def of_cases(file: Path) -> OpenStep:
        (found,) = (each for each in next_steps(file, TODAY, FarCome()) if each.step == "cases")
        return found

    lacking = write_rules(tmp_path / "a", cases=CASES[: CASES.index("  - case: A high")])
    assert "--generate" in of_cases(lacking).command
    failing = write_rules(tmp_path / "b", cases=CASES.replace("fever: answered", "fever: not_sure"))
    assert "--generate" not in of_cases(failing).command
    strange = write_rules(tmp_path / "c", cases=CASES.replace("usual: {where: left", "usual: {gone: left"))
    assert "--generate" not in of_cases(strange).command


def test_a_page_that_was_traced_with_other_rules_is_traced_again(tmp_path: Path) -> None:
    file = write_rules(tmp_path / "rules")
    (tmp_path / "rules" / f"{ID}.page.yaml").unlink()
    assert "trace" in steps(file)


def test_a_file_that_cannot_be_read_comes_alone(tmp_path: Path) -> None:
    file = write_rules(tmp_path / "rules")
    file.write_text("schema: [")
    assert steps(file) == ["check"]


@pytest.mark.parametrize("beside", ["cases", "page"])
def test_the_command_for_a_file_that_cannot_be_read_is_one_that_tells_why(
    tmp_path: Path, beside: str
) -> None:
    file = write_rules(tmp_path)
    broken = file.with_name(f"{file.stem}.{beside}.yaml")
    broken.write_text("schema: [")
    (open_one,) = next_steps(file, TODAY, FarCome())
    words = [
        str(file.parent / PAGE_FILE) if word == "PAGE" else word for word in open_one.command.split()[2:]
    ]
    assert broken.name in running.run("rules", *words).output


def test_who_has_agreed_and_what_is_published_is_not_asked_for_again(engine: Engine, tmp_path: Path) -> None:
    file = write_rules(tmp_path / "rules")
    assert steps(file, come(engine, file)) == PEOPLE
    whole = dossier(file, load(file))
    keep_signature(engine, whole, "agreed", "Dr Robin Example")
    assert steps(file, come(engine, file)) == ["sign", "publish"]
    keep_signature(engine, whole, "seconded", "Dr Kim Other")
    assert steps(file, come(engine, file)) == ["publish"]
    assert steps(file, come(engine, file, published=True)) == []
    write_rules(tmp_path / "rules", QUIETER)
    assert steps(file, come(engine, file))[-3:] == PEOPLE


def test_what_the_usual_patient_lacks_is_told_where_people_write_it(tmp_path: Path) -> None:
    without = CASES.replace("fever: no", "", 1).replace(", }", "}", 1)
    file = write_rules(tmp_path / "rules", cases=without[: without.index("cases:")] + "cases: []\n")
    file.with_name(f"{ID}.generated.cases.yaml").write_text(without)
    told = [each.why for each in next_steps(file, TODAY, FarCome()) if each.step == "cases"]
    assert f"{ID}.cases.yaml" in told[0].split()[0]


def test_a_reason_that_says_nothing_is_told_at_its_line(tmp_path: Path) -> None:
    aside = "\n  set_aside:\n    - {section: About us, because: It only says who the clinic is.}"
    aside += "\n    - {section: Where we are, because: Because.}"
    sections = "sections: {who: Who this treatment helps, safety: Safety note}"
    file = write_rules(tmp_path / "rules", (sections, sections + aside))
    (line,) = (number for number, line in enumerate(file.read_text().splitlines(), 1) if "Because." in line)
    (told,) = (each for each in check([file], TODAY).problems if each.code == "no-reason")
    assert told.place.line == line
