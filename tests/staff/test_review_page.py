"""The clinician's queue and review page: everything the patient said, each flag dealt with one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from flask import Flask
from lxml.html import fromstring
from sqlalchemy import text

from screening.core.paper_words import REMARKS
from screening.core.remarks import Remark
from screening.desk import clinician
from screening.staff import desk_words
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock
from tests.desk.making import CLARA, desk_of, read_all
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, body, decide, fill, identify, rows, send
from tests.usual import TREATMENT, rules_of


def test_the_review_queue_holds_what_waits_for_a_clinician(app: Flask, doctor: Staff, clock: Clock) -> None:
    arrives(app)
    first = arrives(app, **TWO_FLAGS)
    clock.forward(days=1)
    doctor.comes_in()
    second = arrives(app, pregnancy="not_sure")
    assert rows(doctor.go("/staff/review")) == [first, second]


def test_clinicians_are_led_to_what_is_booked_but_stopped(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "ready"))
    identify(desk, reference)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027"}
    fill(desk, at(reference, "book"), **when, place="Room 7", what="consultation", side="y")
    address = "/staff/requests?list=booked_but_stopped"
    second = arrives(app, **TWO_FLAGS)  # of the same person, so nothing of theirs is booked past it
    assert rows(doctor.go("/staff/review")) == [second]
    assert doctor.go("/staff/review").elements("a", href=address)
    assert rows(doctor.go(address)) == [reference]


def test_a_flag_stands_with_the_exact_words_and_its_rule(app: Flask, doctor: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS, health_words="Plasters\nmake me <b>itch</b>")
    version = rules_of(TREATMENT).version
    for name, rest in (("review", "Everything the patient said"), ("print", "What the patient said")):
        page = doctor.go(at(reference, name))
        said = body(page).split(rest)[0]
        for words in ("Warfarin", "Plasters", "itch", "rules/common/injection-safety.yaml:", version):
            assert words in said
        assert "<b>itch" not in page.response.get_data(as_text=True)


def test_all_answers_are_there_in_the_order_asked(app: Flask, doctor: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    said = body(doctor.go(at(reference, "review"))).split("in the order asked")[1]
    asked = ["Do you take a blood thinner", "Where is the pain?", "Is there anything else"]
    assert sorted(asked, key=said.index) == asked


@pytest.mark.parametrize("name", ["review", "print"])
def test_what_the_patient_said_has_its_headings_below_the_one_that_says_so(
    app: Flask, doctor: Staff, name: str
) -> None:
    page = doctor.go(at(arrives(app), name))
    sections = {question.section for question in rules_of(TREATMENT).questions if question.contact is None}
    found = fromstring(page.text).xpath("//h2 | //h3")
    levels = {heading.tag for heading in found if heading.text_content() in sections}
    assert levels == {"h3"}


@pytest.mark.parametrize("word", ["score", "eligible", "suitable", "approved", "safe to"])
def test_nothing_sounds_like_a_decision_of_the_machine(app: Flask, doctor: Staff, word: str) -> None:
    page = doctor.go(at(arrives(app, **TWO_FLAGS), "review"))
    assert word not in body(page).casefold()


def test_answers_that_do_not_fit_together_are_pointed_out(app: Flask, doctor: Staff) -> None:
    reference = arrives(app, anything_else="I take apixaban every day")
    said = body(doctor.go(at(reference, "review")))
    # Among the answers; to be read, as own words and as what does not fit; and with all that does not fit.
    assert said.count("I take apixaban every day") == 4


def test_everything_that_does_not_fit_is_shown_with_the_patients_words(app: Flask, doctor: Staff) -> None:
    told = "my right ankle was broken, now 12 weeks pregnant"
    given = {"pain_where": ["leg", "elsewhere"], "side": "left", "birth_date": "1850-01-01"}
    reference = arrives(app, **given, what_happened=told)
    found = clinician.review(desk_of(app), CLARA, reference).remarks
    assert {remark.kind for remark in found} == set(REMARKS) - {"not_asked"}
    page = doctor.go(at(reference, "review"))
    for sentence in sentences(app, found):
        assert body(page).count(sentence) == 2  # to be read, and with all that does not fit


def test_a_remark_that_was_read_is_still_shown(app: Flask, doctor: Staff) -> None:
    reference = arrives(app, side="not_sure")
    found = clinician.review(desk_of(app), CLARA, reference)
    (sentence,) = sentences(app, found.remarks)
    read_all(desk_of(app), CLARA, reference, 1, found.unread)
    assert body(doctor.go(at(reference, "review"))).count(sentence) == 1


def sentences(app: Flask, found: Sequence[Remark]) -> list[str]:
    """As a clinician reads them."""
    with app.test_request_context("/"):
        return [desk_words.remark(remark) for remark in found]


def test_the_page_and_its_print_name_what_is_open_before_each_gate(app: Flask, doctor: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    decide(doctor, reference, "blood_thinners", "proceed")
    decide(doctor, reference, "kidney_liver", "do_not_proceed", note="Severe")
    still = clinician.review(desk_of(app), CLARA, reference).still_open
    assert (list(still.consultation), len(still.stopped), len(still.treatment)) == ([], 1, 2)
    with app.test_request_context("/"):
        words = [desk_words.word(desk_words.ITEM_STANDINGS, kind) for kind in ("stopped", "unsettled")]
        words.append(str(desk_words.NEVER_CLEAR))
    for name in ("review", "print"):
        said = body(doctor.go(at(reference, name)))
        assert [missing for missing in words if missing not in said] == []
        for line in still.treatment:  # before each gate that it keeps shut, and where it is looked at
            assert said.count(line.flag.label) >= 2 + line.stopped


@pytest.mark.parametrize("name", ["review", "print"])
def test_the_side_stands_above_what_is_to_be_looked_at(app: Flask, doctor: Staff, name: str) -> None:
    reference = arrives(app, side="left", **TWO_FLAGS)
    found = clinician.review(desk_of(app), CLARA, reference)
    said = body(doctor.go(at(reference, name)))
    assert said.index(f"{found.sides[0].asked} {found.sides[0].said[0]}") < said.index(
        found.flags[0].flag.label
    )


@pytest.mark.parametrize("name", ["", "review", "print", "person", "note", "book", "hand-over"])
def test_a_name_turns_round_nothing_that_stands_beside_it(app: Flask, doctor: Staff, name: str) -> None:
    named = "Ada \u202eyrevA"  # from here on from right to left, also a reference or a date of birth
    page = doctor.go(at(arrives(app, name=named), name)).text
    beside = re.findall(rf"(.{{5}}){named}(?:</bdi>)?,? *(?:<span|\d)", page)
    assert beside
    assert set(beside) == {"<bdi>"}


@pytest.mark.parametrize("name", ["review", "print"])
def test_a_request_that_no_rule_looks_at_is_not_called_clear(app: Flask, doctor: Staff, name: str) -> None:
    said = body(doctor.go(at(arrives(app), name)))
    with app.test_request_context("/"):
        assert str(desk_words.NO_RULE) in said
        assert str(desk_words.NEVER_CLEAR) in said


def test_each_flag_is_dealt_with_and_then_the_request_goes_back(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    decide(doctor, reference, "blood_thinners", "proceed", note="Spoke to GP")
    assert fill(doctor, at(reference, "note"), note="x").status == 200
    assert doctor.go(at(reference, "send-back")).status == 409
    decide(doctor, reference, "kidney_liver", "discuss")
    assert rows(doctor.go("/staff/review")) == []
    assert fill(doctor, at(reference, "send-back"), next_step=" ").status == 422
    fill(doctor, at(reference, "send-back"), next_step="Book 30 minutes")
    page = desk.go(at(reference))
    assert "Book 30 minutes" in page.text
    assert "Spoke to GP" not in page.text
    assert identify(desk, reference).path == at(reference)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027"}
    assert fill(desk, at(reference, "book"), **when, place="Room 7", what="treatment", side="y").status == 409
    assert fill(
        desk, at(reference, "book"), **when, place="Room 7", what="consultation", side="y"
    ).path == at(reference)


def test_one_press_saves_and_opens_the_next_until_nothing_is_left(app: Flask, doctor: Staff) -> None:
    first, second = arrives(app, **TWO_FLAGS), arrives(app, name="Other Person", **TWO_FLAGS)
    decided = {"blood_thinners-decision": "proceed", "kidney_liver-decision": "discuss", "then": "next"}
    order = rows(doctor.go("/staff/review"))
    assert set(order) == {first, second}

    def press(reference: str, **typed: str) -> str:
        path = at(reference, "review")
        return send(doctor, path, doctor.go(path), **typed).path

    assert press(order[0], then="next") == at(order[0], "review")  # nothing was decided
    assert press(order[0], **decided, next_step="Book") == at(order[1], "review")
    assert press(order[1], **decided, next_step="Book") == "/staff/review"


def test_reception_asks_what_a_clinician_wants_to_know(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    decide(doctor, reference, "kidney_liver", "proceed")
    decide(doctor, reference, "blood_thinners", "ask_patient", question="Which dose?")
    page = desk.go(at(reference))
    assert "Which dose?" in page.text
    asked = next(str(one["href"]) for one in page.elements("a") if "/questions/" in str(one.get("href")))
    assert "Which dose?" in desk.go(asked).text
    assert fill(desk, asked, words=" ").status == 422
    assert fill(desk, asked, words="5 mg", outcome="so-so").status == 422
    fill(desk, asked, words="Rings after work", outcome="left_message")
    assert rows(desk.go("/staff/requests?list=waiting_for_patient")) == [reference]
    assert rows(desk.go("/staff/requests?list=to_ask")) == []
    assert "Rings after work" in desk.go(at(reference)).text
    fill(desk, asked, words="5 mg a day")
    assert desk.go(asked).status in (404, 409)
    assert "5 mg a day" in doctor.go(at(reference, "review")).text
    assert rows(doctor.go("/staff/review")) == [reference]


def test_an_answer_to_what_was_decided_meanwhile_is_refused_and_its_words_stay(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    decide(doctor, reference, "blood_thinners", "ask_patient", question="Which dose?")
    links = desk.go(at(reference)).elements("a")
    asked = next(str(link["href"]) for link in links if "/questions/" in str(link.get("href")))
    seen = desk.go(asked)
    decide(doctor, reference, "blood_thinners", "proceed", note="The GP rang")
    for _sent in range(2):  # of a stale page, and then knowing what happened
        seen = send(desk, asked, seen, words="5 mg a day")
        assert seen.status == 409
        assert "5 mg a day" in seen.text.split("<textarea")[1].split("</textarea")[0]
    assert "/questions/" not in desk.go(at(reference)).text


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"decision": "approve"},
        {"decision": "ask_patient", "question": " "},
        {"decision": "do_not_proceed", "note": ""},
        {"decision": "proceed", "question": "Which dose?"},
    ],
)
def test_a_decision_without_its_words_is_refused_on_the_same_page(
    app: Flask, doctor: Staff, typed: dict[str, str]
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    path = at(reference, "review")
    part = {f"kidney_liver-{name}": text for name, text in typed.items()}
    page = send(doctor, path, doctor.go(path), **part)
    assert page.status == 422
    assert "arfarin" in page.text
    assert rows(doctor.go("/staff/review")) == [reference]


def test_the_summary_says_at_which_of_two_flags_something_is_wrong(app: Flask, doctor: Staff) -> None:
    path = at(arrives(app, **TWO_FLAGS), "review")
    stops = {f"{flag}-decision": "do_not_proceed" for flag in ("blood_thinners", "kidney_liver")}
    page = send(doctor, path, doctor.go(path), **stops)
    told = fromstring(page.text).xpath("//*[contains(@class, 'error-summary')]//a")
    assert len({link.text_content() for link in told}) == len(told) == 2


def test_a_later_decision_corrects_and_the_earlier_one_stays(app: Flask, doctor: Staff) -> None:
    reference = arrives(app, allergies="yes", allergy_kinds=["latex"])
    decide(doctor, reference, "allergies", "do_not_proceed", note="Latex, severe")
    decide(doctor, reference, "allergies", "proceed", note="Latex-free room found")
    page = doctor.go(at(reference, "review"))
    assert "Latex, severe" in page.text
    assert "Latex-free room found" in page.text
    assert doctor.go(at(reference, "send-back")).status == 200


def test_two_clinicians_at_one_flag_do_not_overwrite_each_other(
    app: Flask, doctor: Staff, clock: Clock
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    stale = doctor.go(at(reference, "review"))
    other = Staff(app, clock, ("clinician",), name="Other Doctor", email="other@clinic.example")
    other.comes_in()
    decide(other, reference, "kidney_liver", "discuss", note="Seen by other")
    typed = {"kidney_liver-decision": "proceed", "kidney_liver-note": "My own words"}
    page = send(doctor, at(reference, "review"), stale, **typed)
    assert page.status == 409
    assert "My own words" in page.text
    assert "Other Doctor" in page.text


def test_a_flag_that_was_not_raised_cannot_be_decided(app: Flask, doctor: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    for flag in ("pregnancy", "nonsense"):
        page = decide(doctor, reference, flag, "proceed")
        assert page.status == 422  # of this request nothing is decided
        assert "flag_decided" not in page.text


def test_a_request_whose_rule_set_is_gone_still_opens(app: Flask, doctor: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    with writing(service_of(app).engine) as connection:
        connection.execute(text("DELETE FROM rule_sets"))
    library = service_of(app).library
    library._by_digest.clear()
    library._files = {}
    page = doctor.go(at(reference, "review"))
    assert page.status == 200
    assert "arfarin" in page.text


def test_the_letter_and_the_print_page_are_for_clinicians(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    letter = doctor.go(at(reference, "letter.pdf")).response
    assert letter.data.startswith(b"%PDF")
    assert "attachment" in letter.headers["Content-Disposition"]
    assert doctor.go(at(reference, "letter.pdf?for=patient")).response.data.startswith(b"%PDF")
    assert "arfarin" in doctor.go(at(reference, "print")).text
    assert desk.go(at(reference, "letter.pdf")).status == 403


def test_an_export_is_a_file_and_in_the_audit(app: Flask, desk: Staff, auditor: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    chosen = {"format": "csv", "status": "open", "treatment": ""}
    assert desk.post("/staff/exports", chosen).status == 422  # it wants a reason
    page = desk.post("/staff/exports", chosen | {"reason": "For the meeting"})
    assert reference in page.text
    assert "arfarin" not in page.text
    assert desk.post("/staff/exports", {"format": "pdf", "status": "open"}).status == 422
    auditor.comes_in()
    assert desk.name in auditor.go("/staff/audit?action=export").text


def test_the_auditor_finds_events_and_sees_when_one_was_changed(
    app: Flask, desk: Staff, auditor: Staff
) -> None:
    reference = arrives(app)
    desk.go(at(reference))
    auditor.comes_in()
    good = auditor.post("/staff/audit/verify")
    with writing(service_of(app).engine) as connection:
        connection.execute(text("UPDATE events SET actor_name = 'Somebody Else' WHERE number = 1"))
    bad = auditor.post("/staff/audit/verify")
    assert (good.elements("li"), bad.title) != (bad.elements("li"), good.title)
    assert "1" in body(bad)


def test_the_page_to_print_says_that_a_request_stands_no_more(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app)
    withdrawn = desk_words.status("withdrawn")
    assert withdrawn not in body(doctor.go(at(reference, "print")))
    fill(desk, at(reference, "withdraw"), reason="Better now")
    assert withdrawn in body(doctor.go(at(reference, "print")))
