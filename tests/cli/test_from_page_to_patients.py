"""Two pages go from `draft` to patients, by the steps of rules/README.md and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from screening.cli import main
from screening.core.serialising import as_yaml
from screening.service.patient import utc_now
from screening.web.door import service_of
from tests.actors import Clock
from tests.staff.actors import Staff
from tests.staff.test_rules_pages import sign
from tests.tracing import shapes

PAGES = {"heel.md": shapes.CONTRA, "shoulder.txt": shapes.PRECAUTIONS}
# What a person writes where the draft says TO REVIEW; how well, no machine can tell.
WORDS = (
    (r"TO REVIEW: do you have this\? (.*)'", r"Do you have this - \1?'"),
    (r"TO REVIEW: does this apply to you\? (.*)'", r"Is this so - \1?'"),
    (r"TO REVIEW: may (.*)'", r"May have - \1'"),
    (r"TO REVIEW: ", ""),
)


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A treatment page, and a folder of rules with the common blocks alone."""
    assert run("init", tmp_path / "rules").exit_code == 0
    file = tmp_path / str(request.param)
    file.write_text(PAGES[file.name])
    return file


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["rules", *map(str, arguments)])


def review(file: Path) -> str:
    """Take out every TO REVIEW, say `live`, and why what every treatment should ask is not asked; its id."""
    text = file.read_text()
    for old, new in (
        *WORDS,
        ("version: 0.1.0", "version: 1.0.0"),
        ("status: draft", "status: live"),
        ("  - common/about-you\n", "  - common/about-you\n  - common/leg-emergencies\n"),
    ):
        text = re.sub(old, new, text)
    file.write_text(text)
    lacks = sorted(set(re.findall(r"where: (safety\.\w+)", run("check", file).output)))
    why = [
        {"code": "no-safety", "where": where, "reason": "A nurse asks it by telephone."} for where in lacks
    ]
    file.write_text(text + as_yaml({"accept": why}))
    return text.partition("\nid: ")[2].partition("\n")[0]


def test_a_page_goes_from_draft_to_patients(
    page: Path, make_app: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, file = page.parent / "rules", page.parent / "rules" / f"{page.stem}.yaml"
    assert "draft PAGE" in run("next", rules).output
    assert run("draft", page, "--to", file).exit_code == 0
    assert "rules check" in run("next", rules).output
    name = review(file)
    assert run("check", file).exit_code == 0, run("check", file).output
    assert run("prove", file).exit_code == 0
    assert run("cases", "--generate", file).exit_code == 0, run("cases", "--generate", file).output
    generated = file.with_suffix(".generated.cases.yaml")
    generated.write_text(generated.read_text().replace("signed_off: null", "signed_off: Dr Robin Example"))
    assert run("trace", file, "--page", page, "--sign").exit_code == 0
    clinic = {"clinic_name": "The clinic", "clinic_phone": "01632 960 111"}
    app: Flask = make_app(rules=rules, trial=False, **clinic)
    assert app.test_client().get(f"/{name}").status_code == 404
    for role, step in (("clinician", "agree"), ("manager", "second")):
        who = Staff(app, clock, (role,))
        who.sign_in()
        assert sign(who, step, who.go(f"/staff/rules/{name}"), rule_set=name).status == 200
    monkeypatch.setenv("SCREENING_RULES", str(rules))
    monkeypatch.setenv("SCREENING_INSTANCE", str(service_of(app).settings.instance))
    published = run("publish", file, "--page", page)
    assert published.exit_code == 0, published.output
    clock.now = utc_now()  # the command goes by the real one, and a version begins on its day
    service_of(app).library.load(clock())
    assert run("next", rules).exit_code == 0, run("next", rules).output
    assert app.test_client().get(f"/{name}").status_code == 200


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    assert "rules init" in run("next", tmp_path).output
    assert run("init", tmp_path / "new").exit_code == 0
    before = sorted(tmp_path.rglob("*"))
    assert run("init", tmp_path / "new").exit_code == 2
    assert sorted(tmp_path.rglob("*")) == before
