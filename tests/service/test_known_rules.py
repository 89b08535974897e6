"""What one start found out about the rules is known to the next, and nothing else is taken for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import Engine, text

from screening.core import loading
from screening.core.errors import RuleSetError
from screening.core.rules import RuleSet
from screening.proving.prove import Proof, prove
from screening.service import examining, known_rules, library
from screening.service.library import Library
from screening.settings import shipped
from screening.storage.database import writing
from tests.publishing.making import ID, NOW, TODAY, agreed_and_published, write_rules

LOST = ("{fever: [yes, not_sure]}", "{fever: yes}")  # claim D
OTHER = "other-thumb"
Begin = Callable[..., Library]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two live rule sets and a common block."""
    rules = tmp_path / "rules"
    write_rules(rules, (f"id: {ID}", f"id: {OTHER}")).rename(rules / f"{OTHER}.yaml")
    write_rules(rules)
    copytree(shipped("rules") / "common", rules / "common")
    return rules


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where it is kept."""
    return tmp_path / known_rules.FILE


@pytest.fixture
def begin(folder: Path, place: Path, engine: Engine) -> Begin:
    """A start of its own, on the same database."""

    def start(*, known: bool = True, trial: bool = True) -> Library:
        begun = Library(folder, engine, trial=trial)
        begun.known = place if known else None
        begun.load(NOW)
        return begun

    return start


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The treatments that were proved, in order."""
    found: list[str] = []

    def counting(rule_set: RuleSet) -> Proof:
        found.append(rule_set.id)
        return prove(rule_set)

    monkeypatch.setattr(examining, "prove", counting)
    return found


def edit(file: Path, *changes: tuple[str, str]) -> None:
    """Some words of a file in place of others."""
    words = file.read_text()
    for old, new in changes:
        assert old in words
        words = words.replace(old, new)
    file.write_text(words)


def test_what_was_proved_is_proved_no_more_and_served_as_it_stands(begin: Begin, proved: list[str]) -> None:
    first = begin().find_live(ID, TODAY)
    assert sorted(proved) == [OTHER, ID]
    second = begin()
    found = second.find_live(ID, TODAY)
    assert len(proved) == 2
    assert first is not None
    assert found == first
    assert [each.title for each in second.live(TODAY)] == [first.title] * 2


@pytest.mark.parametrize("change", ["comment", "word"])
def test_a_file_with_another_byte_is_proved_again_by_itself(
    folder: Path, begin: Begin, proved: list[str], change: str
) -> None:
    begin()
    proved.clear()
    old, new = {"comment": ("title:", "# seen\ntitle:"), "word": ("Sore thumb", "Aching thumb")}[change]
    edit(folder / f"{ID}.yaml", (old, new))
    begin()
    assert proved == [ID]


def test_another_common_block_or_another_program_proves_everything_again(
    folder: Path, begin: Begin, proved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    block = folder / "common" / "about-you.yaml"
    block.write_bytes(block.read_bytes() + b"\n# seen\n")
    begin()
    assert len(proved) == 4
    monkeypatch.setattr(known_rules, "program", lambda: "another")
    begin()
    assert len(proved) == 6


def test_this_program_is_all_that_reads_and_proves_with_its_libraries() -> None:
    named = known_rules.program()
    for part in (
        "core/conditions.py",
        "proving/prove.py",
        "service/examining.py",
        "pydantic ",
        "python-sat ",
    ):
        assert part in named


def test_a_program_that_cannot_be_told_is_another_one_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tell = known_rules.program.__wrapped__
    assert tell() == known_rules.program()
    monkeypatch.setattr(known_rules, "_LIBRARIES", ("no such library",))
    assert tell() != tell()


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda kept: kept[: len(kept) // 2],
    "one bit": lambda kept: kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:],
    "empty": lambda _kept: b"",
    "another's": lambda kept: b"0" * 64 + kept[64:],
    "no text": lambda _kept: b"\xff\xfe\n[]",
    "deep": lambda _kept: b"[" * 100_000,
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_spoilt_is_as_if_it_was_not_there(
    place: Path, begin: Begin, proved: list[str], how: str
) -> None:
    begin()
    whole = place.read_bytes()
    place.write_bytes(SPOILT[how](whole))
    assert begin().find_live(ID, TODAY) is not None
    assert len(proved) == 4
    assert place.read_bytes() == whole


def test_what_others_may_write_is_not_believed(place: Path, begin: Begin, proved: list[str]) -> None:
    begin()
    place.chmod(0o666)
    begin()
    assert len(proved) == 4
    assert place.stat().st_mode & 0o077 == 0


def test_where_it_cannot_be_kept_the_start_goes_on(place: Path, begin: Begin, proved: list[str]) -> None:
    place.mkdir()
    assert begin().find_live(ID, TODAY) is not None
    assert len(proved) == 2


@pytest.mark.parametrize(
    "changes", [[("type: choose_one", "type: choose_won")], [("raise_when", "raise_wen"), LOST], [LOST]]
)
def test_a_broken_file_stops_the_start_with_the_same_words_whatever_is_known(
    folder: Path, begin: Begin, changes: list[tuple[str, str]]
) -> None:
    begin()
    edit(folder / f"{ID}.yaml", *changes)
    edit(folder / f"{OTHER}.yaml", LOST)
    said = []
    for known in (True, False, True):
        with pytest.raises(RuleSetError) as refused:
            begin(known=known)
        said.append([str(problem) for problem in refused.value.problems])
    assert said[0] == said[1] == said[2] != []


def test_two_files_with_one_id_stop_the_start_though_one_is_known(folder: Path, begin: Begin) -> None:
    begin()
    edit(folder / f"{OTHER}.yaml", (f"id: {OTHER}", f"id: {ID}"))
    with pytest.raises(RuleSetError) as refused:
        begin()
    assert [problem.code for problem in refused.value.problems] == ["duplicate-id"]


def test_what_was_not_to_be_served_then_is_proved_once_it_is(
    folder: Path, begin: Begin, engine: Engine, proved: list[str]
) -> None:
    begin(trial=False)
    assert proved == []
    agreed_and_published(engine, folder / f"{ID}.yaml")
    assert begin(trial=False).find_live(ID, TODAY) is not None
    assert proved == [ID]


def test_a_file_that_changes_while_it_is_served_changes_nothing_until_it_is_loaded(
    folder: Path, begin: Begin
) -> None:
    begin()
    known = begin()
    edit(folder / f"{ID}.yaml", LOST, ("Sore thumb", "Aching thumb"))
    found = known.find_live(ID, TODAY)
    assert found is not None
    assert found.title.startswith("Sore thumb")
    (folder / f"{OTHER}.yaml").unlink()
    assert known.find_live(OTHER, TODAY) is not None


def test_what_is_known_and_not_archived_any_more_is_archived_again(
    folder: Path, begin: Begin, engine: Engine
) -> None:
    begin()
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM rule_sets"))
    known = begin()
    (folder / f"{ID}.yaml").unlink()
    assert known.find_live(ID, TODAY) is not None


def test_few_rule_sets_are_in_memory_at_a_time(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "HELD", 1)
    known = begin()
    found = {each.id: known.find_live(each.id, TODAY) for each in known.live(TODAY)}
    assert {name: each.id for name, each in found.items() if each is not None} == {ID: ID, OTHER: OTHER}
    assert len(known._by_digest) == 1


def test_a_rule_set_that_many_come_for_is_read_once(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    known, reads, load = begin(), list[Path](), loading.load

    def slowly(file: Path, *, root: Path) -> RuleSet:
        reads.append(file)
        time.sleep(0.05)
        return load(file, root=root)

    known._by_digest.clear()
    monkeypatch.setattr(loading, "load", slowly)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(known.find_live, [ID] * 8, [TODAY] * 8))
    assert [each.id for each in found if each is not None] == [ID]
    assert len(reads) == 1


def test_several_processes_find_what_one_finds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "MANY", 1)
    monkeypatch.setattr(examining, "BATCH", 1)
    edit(folder / f"{ID}.yaml", LOST)
    (folder / "broken.yaml").write_text("schema: screening/1\n")
    files = [folder / name for name in ("broken.yaml", f"{OTHER}.yaml", f"{ID}.yaml")]
    one, two = (
        examining.examine_all(files, folder.parent, examining.ToProve(), processes) for processes in (1, 2)
    )
    for alone, beside in zip(one, two, strict=True):
        assert (alone.outline, alone.document, alone.problems, alone.unproved, alone.proved) == (
            beside.outline, beside.document, beside.problems, beside.unproved, beside.proved,
        )  # fmt: skip
    assert [bool(each.problems) for each in one] == [True, False, False]
    assert [each.proved for each in one] == [False, True, False]
