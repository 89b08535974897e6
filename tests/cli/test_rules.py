"""`screening rules`: one face for all commands, and no traceback whatever a file holds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import copytree

import pytest

from screening.cli.rules import COMMANDS as THERE_ARE
from tests import running
from tests.authoring.writing import SHIPPED, flag, live, small, written
from tests.tracing.thumb import PAGE

KEYS = {"file", "line", "column", "code", "message", "remedy", "witness"}
LUMBAR = "lumbar-sympathetic-block.yaml"
CASES = """schema: screening-cases/1
rule_set: thumb
usual: {hurts: yes, fever: no}
cases:
  - {case: All is well., expect: {no_other_flags: true, indicators: {pain: matched}}}
"""


run = partial(running.run, "rules")
told = partial(running.told, "rules")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rule set with its cases and its page."""
    written(tmp_path, small())
    (tmp_path / "thumb.cases.yaml").write_text(CASES)
    (tmp_path / "page.txt").write_text(PAGE)
    return tmp_path


LOST = small(flags=[flag("fever", {"all": [{"fever": ["yes", "not_sure"]}, {"hurts": "yes"}]})])
Run = Callable[[Path], tuple[str | Path, ...]]
COMMANDS: dict[str, Run] = {
    "check": lambda file: ("check", file),
    "check --against": lambda file: ("check", file, "--against", file),
    "prove": lambda file: ("prove", file),
    "mutate": lambda file: ("mutate", file),
    "cases": lambda file: ("cases", file),
    "cases --generate": lambda file: ("cases", file, "--generate"),
    "trace": lambda file: ("trace", file, "--page", file.with_name("page.txt")),
    "diff": lambda file: ("diff", file, file),
    "show": lambda file: ("show", file, "--to", file.parent, "--format", "html"),
}
ON_PAGES: dict[str, Run] = {
    "trace": lambda page: ("trace", page.with_name("thumb.yaml"), "--page", page),
    "draft": lambda page: ("draft", page, "--rules", SHIPPED),
}


def test_every_command_but_evaluate_and_schema_is_held_to_bad_input() -> None:
    held = {name.split()[0] for name in (*COMMANDS, *ON_PAGES)}
    own = {
        "init",
        "next",
        "recall",
        "replay",
        "preview",
        "publish",
        "retire",
        "list",
        "history",
        "sign",
        "states",
    }  # tests of their own
    assert set(THERE_ARE) - held - own == {"evaluate", "schema"}


@pytest.mark.parametrize("name", ["check", "prove", "cases"])
def test_the_shipped_rule_sets_are_clean(name: str) -> None:
    code, data = told(name, SHIPPED)
    assert (code, data["problems"]) == (0, [])


@pytest.mark.parametrize("name", ["check", "prove", "cases", "diff", "show"])
def test_a_sound_rule_set_is_clean(folder: Path, name: str) -> None:
    assert told(*COMMANDS[name](folder / "thumb.yaml"))[0] == 0
    assert run(*COMMANDS[name](folder / "thumb.yaml")).exit_code == 0


def test_without_a_path_the_configured_folder_is_meant(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(folder, small(title="Are you eligible?"))
    monkeypatch.setenv("SCREENING_RULES", str(folder))
    code, data = told("check")
    assert (code, {one["code"] for one in data["problems"]}) == (1, {"banned-word"})


def test_each_problem_has_the_same_keys(folder: Path) -> None:
    file = written(folder, {**LOST, "title": "Are you eligible?"})
    (folder / "thumb.cases.yaml").write_text(CASES.replace("matched", "not_reported"))
    for command in ("check", "prove", "cases", "trace", "mutate"):
        code, data = told(*COMMANDS[command](file))
        assert code == 1
        assert data["problems"]
        assert all(set(one) == KEYS for one in (*data["problems"], *data.get("warnings", [])))


def test_a_failed_claim_comes_with_a_patient(folder: Path) -> None:
    _, data = told("prove", written(folder, LOST))
    lost = [one for one in data["problems"] if one["code"] == "lost-answer"]
    assert all(one["witness"]["fever"] in ("yes", "not_sure") for one in lost)
    assert lost


def test_patients_are_saved_as_cases_that_fail(folder: Path) -> None:
    file = written(folder, LOST)
    run("prove", file, "--write-cases")
    assert (folder / "thumb.witnesses.cases.yaml").exists()
    assert told("cases", file)[0] == 1


def test_generated_cases_notice_every_mistake_and_wait_for_a_name(folder: Path) -> None:
    file = folder / "thumb.yaml"
    before = told("mutate", file)[1]["rule_sets"]["thumb"]["by_both"]
    code, data = told("cases", file, "--generate")
    assert code == 0
    assert "generated-unsigned" in {one["code"] for one in data["warnings"]}
    after = told("mutate", file)[1]["rule_sets"]["thumb"]
    assert before < after["by_both"] >= 0.99


@pytest.mark.parametrize("age", [{"at_least": 18}, {"at_most": 17}, {"at_least": 5, "at_most": 17}], ids=str)
def test_the_cases_that_mutate_asks_for_notice_each_mistake_in_the_age_rule(
    folder: Path, age: dict[str, int]
) -> None:
    born = {"id": "born", "ask": "When?", "type": "date", "contact": "birth_date"}
    written(folder, small(age=age, questions=[*small()["questions"], born]))
    cases = folder / "thumb.cases.yaml"
    cases.write_text(CASES.replace("fever: no}", "fever: no, born: 1990-01-01}"))
    asked = {
        case
        for problem in told("mutate", folder / "thumb.yaml")[1]["problems"]
        if "age rule" in problem["message"]
        for case in re.findall(r"\{differs: .*?\}\}", problem["remedy"])
    }
    assert len(asked) == len(age)
    wanted = "".join(f"  - {{case: On {at}., {case[1:]}\n" for at, case in enumerate(sorted(asked)))
    cases.write_text(cases.read_text() + wanted)
    after = told("mutate", folder / "thumb.yaml")[1]["problems"]
    assert not [problem for problem in after if "age rule" in problem["message"]]


def test_a_signed_case_stays_signed_when_it_is_generated_again(folder: Path) -> None:
    file = folder / "thumb.yaml"
    run("cases", file, "--generate")
    generated = folder / "thumb.generated.cases.yaml"
    generated.write_text(generated.read_text().replace("signed_off: null", "signed_off: Dr Ada Example"))
    run("cases", file, "--generate")
    assert "signed_off: null" not in generated.read_text()
    assert "Dr Ada Example" in generated.read_text()


def test_a_signed_page_tells_its_changes(folder: Path) -> None:
    page = folder / "page.txt"
    page.write_text("Who this helps\n• A sore thumb\nSafety note\nTell us if you have a fever.\n")
    file = folder / "thumb.yaml"
    assert told("trace", file, "--page", page, "--sign")[0] == 0
    page.write_text(page.read_text().replace("a fever", "a high fever"))
    code, data = told("trace", file, "--page", page)
    assert (code, [one["code"] for one in data["problems"]]) == (1, ["page-changed"])


def test_a_page_that_does_not_fit_is_not_signed(folder: Path) -> None:
    assert told("trace", folder / "thumb.yaml", "--page", folder / "page.txt", "--sign")[0] == 1
    assert not (folder / "thumb.page.yaml").exists()


def test_a_draft_takes_no_file_s_place(folder: Path) -> None:
    to = folder / "new.yaml"
    assert run("draft", folder / "page.txt", "--to", to, "--rules", SHIPPED).exit_code == 0
    assert to.exists()
    assert run("draft", folder / "page.txt", "--to", folder / "thumb.yaml", "--rules", SHIPPED).exit_code == 2


def test_a_quieter_flag_ends_diff_with_1(folder: Path) -> None:
    new = written(folder, small(flags=[flag("fever", {"fever": "yes"}, handling="arrange")]), "new.yaml")
    code, data = told("diff", folder / "thumb.yaml", new)
    assert (code, data["no_flag_quieter"]) == (1, False)
    assert told("diff", new, folder / "thumb.yaml")[0] == 0


def test_live_versions_are_recorded_once_they_are_sound(folder: Path) -> None:
    file = written(folder, live())
    assert run("check", file, "--record").exit_code == 0
    written(folder, live(title="Another title"))
    code, data = told("check", file)
    assert (code, [one["code"] for one in data["problems"]]) == (1, ["version-unchanged"])


def test_show_writes_both_pages(folder: Path) -> None:
    _, data = told("show", folder / "thumb.yaml", "--to", folder)
    assert [Path(name).suffix for name in data["written"]] == [".html", ".pdf"]
    assert (folder / "thumb.pdf").read_bytes().startswith(b"%PDF-")


def test_show_has_the_statements_of_the_page_beside_each_rule_where_it_is_given(folder: Path) -> None:
    page = folder / "page.txt"
    page.write_text("Who this helps\n• A sore thumb at night\nSafety note\nTell us if you have a fever.\n")
    file = folder / "thumb.yaml"
    told("show", file, "--to", folder, "--format", "html")
    assert "at night" not in (folder / "thumb.html").read_text()
    told("show", file, "--to", folder, "--format", "html", "--page", page)
    assert "A sore thumb at night" in (folder / "thumb.html").read_text()
    assert told("show", folder, file, "--page", folder / "none.txt")[0] == 2


def test_evaluate_keeps_its_face(folder: Path) -> None:
    answers = folder / "answers.json"
    answers.write_text('{"hurts": "yes", "fever": "not_sure"}')
    result = run("evaluate", folder / "thumb.yaml", "--answers", answers)
    assert result.exit_code == 0
    assert set(json.loads(result.stdout_bytes)) == {
        "rule_set",
        "asked",
        "unanswered",
        "ignored",
        "indicators",
        "flags",
    }
    assert run("evaluate", folder / "page.txt", "--answers", answers).exit_code == 2


SHIPPED_TEXT = (SHIPPED / LUMBAR).read_bytes()
BAD: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\n",
    "binary": bytes(range(256)) * 8,
    "zeros": b"\0" * 1000,
    "half a character": b"title: \xe2\x80",
    "huge": b"- a\n" * 600_000,
    "deep": b"[" * 100_000,
    "deep tags": b"<p><b>" * 20_000,
    "aliases": b"a: &a [x]\nb: [*a, *a]\n",
    "a tag that runs code": b"!!python/object/apply:os.system ['true']\n",
    "escape codes": b"Who this helps\n\x1b[2J\x1b]0;x\x07\n",
    "markup": b"[bold red]Who this helps[/]\n[/nothing]\n",
    "a list": b"- a\n- b\n",
    "a number": b"42\n",
    "conflict marks": b"<<<<<<< HEAD\nschema: screening/1\n=======\n>>>>>>> b\n",
    "another alphabet": "标题: 〜\n".encode("utf-16"),
    "a thousand headings": b"".join(b"# H%d\n" % number for number in range(1000)),
    **{f"cut at {at}": SHIPPED_TEXT[:at] for at in range(60, len(SHIPPED_TEXT), len(SHIPPED_TEXT) // 9)},
    **{
        f"without bytes from {at}": SHIPPED_TEXT[:at] + SHIPPED_TEXT[at + 40 :]
        for at in range(500, 6000, 900)
    },
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", COMMANDS)
def test_bad_rule_sets_give_places_and_never_a_traceback(folder: Path, name: str, bad: str) -> None:
    file = folder / "thumb.yaml"
    file.write_bytes(BAD[bad])
    _is_told(COMMANDS[name](file))


def test_what_is_to_be_done_next_with_a_bad_rule_set_is_to_mend_it(folder: Path) -> None:
    file = folder / "thumb.yaml"
    for bad in BAD.values():
        file.write_bytes(bad)
        code, said = told("next", file)
        ((first, *_more),) = said["next"].values()
        assert (code, first["step"]) == (1, "check"), bad[:80]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", ON_PAGES)
def test_bad_pages_give_places_and_never_a_traceback(folder: Path, name: str, bad: str) -> None:
    page = folder / "page.txt"
    page.write_bytes(BAD[bad])
    _is_told(ON_PAGES[name](page))


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("suffix", ["cases", "generated.cases", "page", "versions"])
def test_bad_files_beside_a_rule_set_give_places(folder: Path, suffix: str, bad: str) -> None:
    (folder / f"thumb.{suffix}.yaml").write_bytes(BAD[bad])
    name = {"page": "trace", "versions": "check"}.get(suffix, "cases")
    _is_told(COMMANDS[name](folder / "thumb.yaml"))


@pytest.mark.parametrize("name", COMMANDS)
def test_files_that_are_not_there_and_folders_end_with_2(folder: Path, name: str) -> None:
    for path in (folder / "nobody" / "nothing.yaml", folder / "hollow.yaml"):
        (folder / "hollow.yaml").mkdir(exist_ok=True)
        assert _is_told(COMMANDS[name](path)) == 2


def _is_told(arguments: tuple[str | Path, ...]) -> int:
    """Some problem with a place, in both shapes, and the exit code of both."""
    code, data = told(*arguments)
    plain = run(*arguments)
    assert code == plain.exit_code in (1, 2)
    assert all(one["file"] and one["line"] >= 1 and one["column"] >= 1 for one in data["problems"])
    assert data["problems"]
    assert plain.output_bytes
    assert b"\x1b[2J" not in plain.output_bytes
    assert b"Traceback" not in plain.output_bytes
    return code


def test_show_makes_its_folder_and_says_where_it_cannot(folder: Path) -> None:
    file, to = folder / "thumb.yaml", folder / "new" / "pages"
    assert run("show", file, "--to", to, "--format", "html").exit_code == 0
    assert (to / "thumb.html").exists()
    code, data = told("show", file, "--to", file)
    assert (code, [one["file"] for one in data["problems"]]) == (2, [str(file)])


@pytest.mark.slow
def test_the_service_starts_without_the_tools_of_authors() -> None:
    look = "import screening.cli.serve_command, sys; print(*sys.modules)"
    held = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)
    tools = {"authoring.mutate", "authoring.generate", "preview.starting"}
    tools = {f"screening.{tool}" for tool in tools} | {"pysat"}
    assert tools & set(held.stdout.split()) == set()


@pytest.mark.parametrize("broken", ["example-knee-injection.yaml", "common/about-you.yaml"])
def test_a_file_that_is_no_yaml_hides_no_problem_of_another(tmp_path: Path, broken: str) -> None:
    rules = tmp_path / "rules"
    copytree(SHIPPED, rules)
    with (rules / broken).open("a") as file:
        file.write("\n   bad: [\n")
    sound = (rules / LUMBAR).read_text()
    (rules / LUMBAR).write_text(sound.replace("ask_when: {side: both}", "ask_when: {sid: both}"))
    code, said = told("check", rules)
    assert code == 1
    found = {(Path(problem["file"]).name, problem["code"]) for problem in said["problems"]}
    assert (Path(broken).name, "format") in found
    assert (LUMBAR, "unknown-name") in found
