"""The summary repeats what was asked and answered: all of it, and nothing else."""

from __future__ import annotations

from hypothesis import given

from screening.core.assessment import assess
from screening.core.summary import lines, patient_notes, sections
from tests.core.generating import Data, rule_sets_and_answers
from tests.core.making import load_data
from tests.core.test_kept import MIXED


@given(rule_sets_and_answers())
def test_each_question_asked_stands_there_once_and_in_order(drawn: tuple[Data, Data]) -> None:
    loaded = load_data(drawn[0])
    path = assess(loaded, drawn[1]).path
    found = list(lines(loaded, path, drawn[1]))
    assert tuple(line.question.id for line in found) == path.asked
    for line in found:
        assert line.stored == (drawn[1][line.question.id] if line.question.id in path.answers else None)
        assert bool(line.said) == (line.stored is not None)
    assert [line for section in sections(loaded, path, drawn[1]) for line in section.lines] == found


def test_the_patient_is_told_each_sentence_once_and_nothing_meant_for_others() -> None:
    assert patient_notes(assess(MIXED, {"ill": "yes"})) == ["We will look."]
    assert patient_notes(assess(MIXED, {"ill": "no"})) == []
