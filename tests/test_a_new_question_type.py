"""What a question type costs: one entry in `TYPES`. A time of day is added and goes all the way."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import fields
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from pypdf import PdfReader

from screening.cli import demo
from screening.core.answers import TYPES, AnswerType, Bounds, Circumstances, typed_of, understand
from screening.core.assessment import assess
from screening.core.building import from_document
from screening.core.errors import RuleSetError
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import as_yaml
from screening.storage.database import reading
from screening.storage.tables import requests
from screening.web.door import service_of
from screening.web.question_forms import MISSING, WORDS, part_name
from tests import running
from tests.a_time import FEVERISH, TIME, TREATMENT, USUAL, rule_set
from tests.actors import Page
from tests.authoring.writing import flag, written
from tests.conftest import MakeApp
from tests.core.making import one_question
from tests.staff.actors import Staff
from tests.staff.desk import at, body
from tests.staff.entering import begin, hidden
from tests.tracing.thumb import PAGE

ROOT = Path(__file__).parents[1]
CASES = {
    "schema": "screening-cases/1",
    "rule_set": TREATMENT,
    "usual": dict(USUAL),
    "cases": [
        {"case": "The usual patient", "expect": {"no_other_flags": True, "indicators": {"pain": "matched"}}},
        {
            "case": "Fever since the morning",
            "differs": {"fever": "yes", "fever_since": "06:30"},
            "expect": {"flags": {"fever": "answered", "fresh": "answered"}, "no_other_flags": True},
        },
        {
            "case": "Fever since the night",
            "differs": {"fever": "yes", "fever_since": "06:29"},
            "expect": {"flags": {"fever": "answered"}, "no_other_flags": True},
        },
    ],
}


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one entry."""
    monkeypatch.setitem(TYPES, "time", TIME)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rule set that asks for times, with cases and a page."""
    rules = tmp_path / "rules"
    rules.mkdir()
    written(rules, dict(rule_set()))
    written(rules, CASES, "thumb.cases.yaml")
    (tmp_path / "page.txt").write_text(PAGE)
    return rules


@pytest.fixture
def rules(folder: Path) -> RuleSet:
    return load(folder / "thumb.yaml")


run = partial(running.run, "rules")


def told(*arguments: str | Path) -> dict[str, Any]:
    """The JSON of a command that finds nothing wrong."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout_bytes))


# The author


def test_a_bound_is_compared_and_a_rule_set_comes_back_from_its_archive(rules: RuleSet) -> None:
    for known in (rules, from_document(rules.document)):
        assert {flag.id for flag in assess(known, FEVERISH).raised} == {"fever", "fresh"}
        assert {flag.id for flag in assess(known, {**FEVERISH, "fever_since": "06:29"}).raised} == {"fever"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: time", "type: time\n  range: [1, 2]"),
        ("type: time", "type: time\n  answers: yes_no"),
        ("type: time", "type: tine"),
        ("at_least: 06:30", "at_least: 6"),
        ("at_least: 06:30", "at_least: '2020-01-01'"),
        ("at_least: 06:30", "at_least: '25:00'"),
        ("at_least: 06:30", "at_least: null"),
        ("at_most: 05:00", "at_most: '00:30'"),
    ],
)
def test_what_is_written_wrong_is_told_with_its_place(folder: Path, old: str, new: str) -> None:
    text = as_yaml(dict(rule_set()))
    assert old in text
    file = written(folder, text.replace(old, new, 1))
    with pytest.raises(RuleSetError) as caught:
        load(file)
    assert all(problem.place.line > 1 and problem.remedy for problem in caught.value.problems)


def test_a_condition_cannot_name_a_time_as_an_answer(folder: Path) -> None:
    text = as_yaml({**rule_set(), "flags": [flag("fresh", {"fever_since": "07:45"})]})
    with pytest.raises(RuleSetError) as caught:
        load(written(folder, text))
    assert "at_least" in caught.value.problems[0].remedy


def test_the_bench_finds_nothing_wrong(folder: Path) -> None:
    file = folder / "thumb.yaml"
    for command in ("check", "prove", "cases"):
        assert told(command, file)["problems"] == []
    assert run("show", file, "--to", folder / "shown", "--format", "html").exit_code == 0
    assert run("diff", file, file).exit_code == 0


def test_a_wrong_answer_in_a_case_is_told_with_what_would_do(folder: Path) -> None:
    (folder / "thumb.cases.yaml").write_text(as_yaml({**CASES, "usual": {**USUAL, "wakes": "late"}}))
    assert "HH:MM" in run("cases", folder / "thumb.yaml").output


def test_every_mutant_of_a_bound_is_noticed_by_generated_cases(folder: Path) -> None:
    file = folder / "thumb.yaml"
    run("cases", file, "--generate")
    assert json.loads(run("mutate", file, "--json").stdout_bytes)["rule_sets"][TREATMENT]["by_both"] == 1


def test_a_change_of_a_bound_is_found_exactly(folder: Path) -> None:
    text = as_yaml(dict(rule_set()))
    later = written(folder.parent, text.replace("at_least: 06:30", "at_least: 06:31"), "later.yaml")
    found = run("diff", folder / "thumb.yaml", later, "--json").output
    assert "06:30" in found


def test_a_change_of_type_is_compared_without_a_traceback(folder: Path) -> None:
    text = as_yaml(dict(rule_set()))
    asked = text.replace("type: time\n  ask_when", "type: date\n  ask_when")
    dated = written(folder.parent, asked.replace("at_least: 06:30", "at_least: '2020-01-01'"), "dated.yaml")
    assert "fever_since" in run("diff", folder / "thumb.yaml", dated, "--json").output


def test_editors_are_told_of_the_type_and_its_bounds() -> None:
    schema = json.loads(run("schema").stdout_bytes)
    jsonschema.validate(dict(rule_set()), schema)
    wrong = json.loads(json.dumps(rule_set()))
    wrong["questions"][1]["range"] = [1, 2]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_the_page_can_be_traced(folder: Path) -> None:
    found = json.loads(
        run("trace", folder / "thumb.yaml", "--page", folder.parent / "page.txt", "--json").stdout_bytes
    )
    assert "problems" in found


# The patient and the staff


@pytest.fixture
def app(make_app: MakeApp, folder: Path) -> Flask:
    return make_app(rules=folder)


def answer(client: Any, rules: RuleSet, page: Page, stored: Any) -> Page:
    """Answer the question of a page; the page that comes next."""
    typed = typed_of(rules.by_id[page.name], stored)
    return typing(client, page, {part_name(part): list(texts) for part, texts in typed.items()})


def typing(client: Any, page: Page, data: Mapping[str, Any]) -> Page:
    """Send what is typed into the form of a page."""
    return Page(client.post(page.path, data={**hidden(page), **data}, follow_redirects=True))


def filled_in(client: Any, rules: RuleSet, page: Page) -> Page:
    """Whatever is asked, from a page up to the check page."""
    for _ in rules.questions:
        if page.name == "check-your-answers":
            break
        page = answer(client, rules, page, FEVERISH[page.name])
        assert page.status == 200, page.text
    return page


def test_a_patient_who_mistypes_is_told_and_goes_on(app: Flask, rules: RuleSet) -> None:
    client = app.test_client()
    page = answer(client, rules, Page(client.get(f"/{TREATMENT}/fever", follow_redirects=True)), "yes")
    assert page.name == "fever_since"
    assert page.elements("input", name="answer")
    wrong = typing(client, page, {"answer": "half past nine"})
    assert wrong.status == 422
    assert "09:30" in body(wrong)
    assert wrong.value("answer") == "half past nine"
    assert typing(client, wrong, {"answer": ""}).status == 422
    assert typing(client, wrong, {}).status == 422
    assert typing(client, wrong, {"answer": "7.45"}).name == "wakes"
    kept = Page(client.get(f"/{TREATMENT}/fever_since"))
    assert kept.value("answer") == "07:45"


def sent(app: Flask, rules: RuleSet) -> None:
    client = app.test_client()
    first = Page(client.get(f"/{TREATMENT}/{rules.questions[0].id}"))
    page = filled_in(client, rules, first)
    assert page.name == "check-your-answers"
    assert "07:45 o’clock" in page.text
    done = typing(client, page, {"shown": str(page.value("shown"))})
    assert done.status == 200


@pytest.fixture
def reference(app: Flask, rules: RuleSet, clinician: Staff) -> str:
    """A request that a patient sent; the clinician is signed in."""
    sent(app, rules)
    clinician.comes_in()
    (link,) = (
        str(found["href"]) for found in clinician.go("/staff/requests").elements("a") if "data-row" in found
    )
    return link.split("/")[3]


def test_staff_read_the_answer_on_every_page(clinician: Staff, reference: str) -> None:
    for page in ("", "review", "print"):
        assert "07:45 o’clock" in clinician.go(at(reference, page)).text


def exported(clinician: Staff, format_: str) -> bytes:
    chosen = {"format": format_, "status": "open", "reason": "To read it"}
    return clinician.post("/staff/exports", chosen).response.get_data()


@pytest.mark.usefixtures("reference")
def test_the_answer_goes_out_in_every_format(clinician: Staff) -> None:
    assert "07:45 o’clock" in exported(clinician, "csv").decode()
    data = json.loads(exported(clinician, "json"))
    jsonschema.validate(data, json.loads((ROOT / "docs" / "export.schema.json").read_text()))
    answers = {given["question"]: given for given in data["requests"][0]["health"]["answers"]}
    assert (answers["fever_since"]["type"], answers["fever_since"]["answer"]) == ("time", "07:45")
    letter = PdfReader(BytesIO(exported(clinician, "pdf")))
    assert "07:45 o’clock" in " ".join(page.extract_text() for page in letter.pages)


def test_a_kept_answer_is_shown_after_its_type_is_gone(
    clinician: Staff, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(TYPES, "time")
    assert "07:45 o’clock" in clinician.go(at(reference, "review")).text


def test_reception_fills_it_in_and_prints_it_on_paper(rules: RuleSet, reception: Staff) -> None:
    reception.comes_in()
    page = filled_in(reception.client, rules, begin(reception, TREATMENT))
    assert "07:45 o’clock" in page.text
    assert typing(reception.client, page, {"shown": str(page.value("shown"))}).status == 200
    paper = PdfReader(BytesIO(reception.client.get(f"/{TREATMENT}/form-to-print.pdf").data))
    assert "When did the fever begin?" in " ".join(page.extract_text() for page in paper.pages)


def test_the_demo_fills_it_in(app: Flask) -> None:
    demo.prepare(app, day=False)
    with reading(service_of(app).engine) as connection:
        assert len(connection.execute(requests.select()).all()) > 1


# The table


def test_no_entry_can_be_built_without_all_of_it() -> None:
    for entry in (AnswerType, Bounds):
        given = [
            one for one in fields(entry) if one.default is NO_DEFAULT and one.default_factory is NO_DEFAULT
        ]
        assert len(given) == len(fields(entry))


OURS = [
    one_question("choose_one", answers="yes_no_not_sure"),
    one_question("choose_many", answers="yes_no_not_sure"),
    one_question("scale"),
    one_question("number", range=[30.5, 31.25], decimals=1),
    one_question("date"),
    one_question("date", partial=True, past=True),
    one_question("text"),
    one_question("text", limit=3),
    one_question("text", format="phone"),
    one_question("text", format="email"),
]


@pytest.mark.parametrize("question", OURS, ids=lambda question: question.type)
def test_every_type_gives_an_example_that_it_takes_and_has_words(question: Any) -> None:
    example = question.kind.example(question)
    assert question.read(example) is not None
    assert understand(question, typed_of(question, example), Circumstances(date(2026, 1, 1))) == example
    assert question.kind.missing(question) in MISSING


def test_every_mistake_of_ours_has_words_of_its_own() -> None:
    codes = {
        str(found.value)
        for file in (ROOT / "screening" / "core" / "answers").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Mistake"
        for found in ast.walk(node.args[0])
        if isinstance(found, ast.Constant)
    }
    assert codes == set(WORDS)


def names_of_types(tree: ast.AST) -> Iterator[int]:
    """Lines that ask a question for its type: a comparison, or a look-up in a table of one's own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            asked = [node.slice]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get":
            asked = node.args[:1]
        else:
            continue
        if any(isinstance(one, ast.Attribute) and one.attr == "type" and not _is_token(one) for one in asked):
            yield node.lineno


def _is_token(asked: ast.Attribute) -> bool:
    """The parts of a Markdown page have a type too."""
    return isinstance(asked.value, ast.Name) and asked.value.id in ("token", "before", "node")


def test_nobody_else_asks_for_the_name_of_a_type() -> None:
    package = ROOT / "screening"
    allowed = {package / "core" / "rules.py", *(package / "core" / "answers").glob("*.py")}
    # FHIR has item types of its own; of a type without one there, the export says so and writes nothing.
    allowed |= set((package / "exports" / "fhir").glob("*.py"))
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in package.rglob("*.py")
        if file not in allowed
        for line in names_of_types(ast.parse(file.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    ["question.type == 'date'", "TABLE[question.type]", "TABLE.get(line.question.type)", "a.type in b"],
)
def test_a_planted_question_for_the_type_is_found(code: str) -> None:
    assert list(names_of_types(ast.parse(code))) == [1]
