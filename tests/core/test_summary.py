"""The summary repeats what was asked and answered: all of it, and nothing else."""

from __future__ import annotations

from hypothesis import given

from screening.core.assessment import assess
from screening.core.kept import keep
from screening.core.summary import PatientNote, lines, no_longer_asked, patient_notes, sections
from tests.core.generating import Data, rule_sets_and_answers
from tests.core.making import load_data
from tests.core.test_kept import MIXED
from tests.usual import TREATMENT, USUAL, rules_of, whole


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


@given(rule_sets_and_answers())
def test_what_was_given_and_is_not_sent_is_told_with_answers_that_are(drawn: tuple[Data, Data]) -> None:
    loaded = load_data(drawn[0])
    path = assess(loaded, drawn[1]).path
    told = no_longer_asked(loaded, path, drawn[1])
    unsent = set(path.ignored).intersection(loaded.by_id) - set(path.asked)
    assert {line.question.id for left in told for line in left.lines} == unsent
    assert all(line.said for left in told for line in left.lines if line.stored is not None)
    for left in told:
        assert left.because
        assert {question.id for question in left.because} <= set(path.asked)


def test_the_patient_is_told_each_sentence_once_and_nothing_meant_for_others() -> None:
    assert patient_notes(assess(MIXED, {"ill": "yes"}).raised) == [PatientNote("We will look.")]
    assert patient_notes(assess(MIXED, {"ill": "no"}).raised) == []


def test_however_much_is_flagged_what_opens_alike_is_one_sentence_with_a_list() -> None:
    rules = rules_of(TREATMENT)
    flagged = {question.id: "not_sure" for question in rules.questions if question.safety}
    found = assess(rules, whole(rules, USUAL | flagged))
    notes = patient_notes(found.raised)
    assert len(found.raised) > len(notes) == 2  # before booking, and at the consultation
    assert sum(len(note.about) for note in notes) == len(found.raised)
    assert [str(note) for note in notes] == list(keep(rules, found, {}).health.said_to_patient)
