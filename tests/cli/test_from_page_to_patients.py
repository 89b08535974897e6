"""Two pages of shapes that nothing was made for go from `draft` to patients, as rules/README.md says."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from screening.core import documents
from screening.core.serialising import as_yaml
from screening.service.premises import utc_now
from screening.web.door import service_of
from tests import running
from tests.actors import Clock
from tests.staff.actors import Staff
from tests.staff.test_rules_pages import sign
from tests.tracing import shapes

PAGES = {"hip.html": shapes.HIP, "ankle.md": shapes.ANKLE}
EMERGENCIES = {"hip": ("hip_suddenly", "go"), "ankle": ("cannot_breathe",)}
NOISE = {"hip": ("trouble", "often_felt", "how", "doctor_guides"), "ankle": ()}
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


run = partial(running.run, "rules")


def review(file: Path) -> str:
    """Take out every TO REVIEW, write notices, say `live`, and why what is usual is not asked; its id."""
    text = file.read_text()
    for old, new in (*WORDS, ("version: 0.1.0", "version: 1.0.0"), ("status: draft", "status: live")):
        text = re.sub(old, new, text)
    data = documents.parse(text.encode(), file.name).plain()
    write_notice(data, EMERGENCIES[file.stem])
    set_aside(data, NOISE[file.stem])
    keep_taking(data, ("warfarin", "apixaban", "clopidogrel"))
    file.write_text(as_yaml(data))
    forget(file.with_suffix(".cases.yaml"), [*EMERGENCIES[file.stem], *NOISE[file.stem]])
    lacks = sorted(set(re.findall(r"where: (safety\.\w+)", run("check", file).output)))
    why = [
        {"code": "no-safety", "where": where, "reason": "A nurse asks it by telephone."} for where in lacks
    ]
    file.write_text(as_yaml({**data, "accept": why}))
    return str(data["id"])


def keep_taking(data: Any, questions: tuple[str, ...]) -> None:
    """What `check` wants said wherever a patient reads of blood thinners."""
    for question in data["questions"]:
        if question["id"] in questions:
            question["hint"] = (
                "Keep taking your medicines unless a doctor, nurse or pharmacist tells you to change them."
            )


def forget(cases: Path, questions: list[str]) -> None:
    """The usual patient answers no question that is gone."""
    lines = cases.read_text().splitlines(keepends=True)
    cases.write_text("".join(line for line in lines if line.strip().partition(":")[0] not in questions))


def write_notice(data: Any, flags: tuple[str, ...]) -> None:
    """What `draft` took for things to ask about, and is an emergency: a notice, with the same sources."""
    sources = [flag["source"] for flag in data["flags"] if flag["id"] in flags]
    for key in ("questions", "flags"):
        data[key] = [entry for entry in data[key] if entry["id"] not in flags]
    notice = {
        "id": "now",
        "level": "emergency",
        "heading": "Call 999 or go to A&E if:",
        "items": ["it is sudden"],
    }
    data["urgent"] = [{**notice, "source": sources if len(sources) > 1 else sources[0]}]


def set_aside(data: Any, indicators: tuple[str, ...]) -> None:
    """What `draft` took for whom it helps, and is something else."""
    why = {"because": "It only says how the page is laid out."}
    gone = [each for each in data["indicators"] if each["id"] in indicators]
    data["page"]["set_aside"] += [{**each["source"], **why} for each in gone]
    for key in ("questions", "indicators"):
        data[key] = [entry for entry in data[key] if entry["id"] not in indicators]


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


def test_every_link_of_the_guides_in_a_new_folder_leads_to_a_file(tmp_path: Path) -> None:
    assert run("init", tmp_path / "new").exit_code == 0
    guides = sorted((tmp_path / "new").rglob("*.md"))
    links = [(guide, link) for guide in guides for link in re.findall(r"\]\(([^)#]+)", guide.read_text())]
    assert {guide for guide, _ in links} == set(guides)
    assert [link for guide, link in links if not (guide.parent / link).is_file()] == []
