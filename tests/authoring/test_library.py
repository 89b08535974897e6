"""The common questions: each is whole by itself, in two voices, with the source of what it asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

from screening.authoring.check import check_file
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.sources import Guidance
from screening.proving.prove import prove
from tests.authoring.writing import SHIPPED, TODAY

NEEDS = 40  # safety questions for treatments with needles, sedation, contrast, steroids, X-ray, anaesthetic
OWN_PAGE = {"injection-safety", "before-you-come", "lower-back"}  # written for the shipped treatment
HEAD = """\
schema: screening/1
id: alone
version: 1.0.0
title: A treatment
page: {{sections: {{who: Who this helps, safety: Safety note}}}}
uses: [common/whom, common/{block}{only}]
"""


def one_by_one(folder: Path) -> Iterator[tuple[str, str, RuleSet, Path]]:
    """Each safety question of the common blocks that is asked of everyone, used alone in a treatment."""
    file = folder / "alone.yaml"
    for block in sorted(path.stem for path in (folder / "common").glob("*.yaml") if path.stem != "whom"):
        file.write_text(HEAD.format(block=block, only=""))
        whole = load(file)
        names = {question.id for question in whole.questions if question.safety and not question.ask_when}
        for name in sorted(names & {asked for flag in whole.flags for asked in flag.looks_at}):
            file.write_text(HEAD.format(block=block, only=f"#{name}"))
            yield block, name, load(file), file


def test_each_question_of_the_library_passes_check_and_prove_when_used_alone(tmp_path: Path) -> None:
    copytree(SHIPPED / "common", tmp_path / "common")
    problems, names = [], set()
    for block, name, rule_set, file in one_by_one(tmp_path):
        problems += [str(each) for each in check_file(file, TODAY).problems]
        problems += [str(each) for each in prove(rule_set).problems]
        names.add(name)
        assert rule_set.flags, name
        assert rule_set.speaking("other").by_id[name].ask != rule_set.by_id[name].ask or block in OWN_PAGE
        assert block in OWN_PAGE or rule_set.by_id[name].codings, name  # looked up, or openly not yet
        assert block in OWN_PAGE or all(isinstance(flag.source, Guidance) for flag in rule_set.flags)
    assert problems == [], "\n".join(problems)
    assert len(names) >= NEEDS
