"""The day after the upgrade: queues, notices, sign-offs and drafts go on where the old program left them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from screening.core.errors import Refused
from screening.core.workflow import is_finished
from screening.desk import clinician, opened_request, queues, reception
from screening.publishing import publish
from screening.service.visit import Visit
from screening.storage import outbox, standing
from screening.storage.database import reading, writing
from screening.storage.sealing.tokens import DraftToken
from screening.web.door import service_of
from tests.actors import Page
from tests.desk.making import CLARA, RITA
from tests.stored.unpacking import Old, unpacked
from tests.usual import USUAL


@pytest.fixture
def without_rules(tmp_path: Path) -> Iterator[Old]:
    """Of the rules that were served then, the folder holds only the one that patients cannot choose."""
    with unpacked(tmp_path, "lumbar-sympathetic-block", "example-knee-injection") as found:
        yield found


def test_every_request_stands_where_it_stood(old: Old) -> None:
    for reference, was in old.requests.items():
        page, row, shown = clinician.review(old.desk, CLARA, reference).request, was["row"], was["shown"]
        assert (page.row.status, page.row.urgent, page.row.version, page.row.owner) == (
            row["status"],
            row["rank"] == 0,
            row["version"],
            row["owner"],
        )
        assert (page.row.figures.open_flags, page.row.figures.questions) == (
            row["open_flags"],
            row["questions"],
        )
        assert (page.identity_checked, page.duplicate_of) == (
            bool(row["identity_checked"]),
            row["duplicate_of"],
        )
        assert [twin.reference for twin in page.twins] == shown["twins"]
        assert list(page.told) == shown["told"]
        done = opened_request.request(old.desk, CLARA, reference).history
        assert [line.action for line in done][: len(shown["history"])] == shown["history"]


def test_the_figures_above_the_queue_are_the_same(old: Old) -> None:
    with reading(old.desk.service.engine) as connection:
        by_status = standing.counts(connection)
    assert {status: by_status.get(status, 0) for status in old.counts} == old.counts
    waiting = {row.reference for row in queues.review_queue(old.desk, CLARA, size=100).rows}
    assert waiting >= {reference for reference, was in old.requests.items() if was["row"]["to_review"] > 0}


def test_words_that_nobody_had_to_read_then_are_on_the_clinicians_list_now(old: Old) -> None:
    waiting = {row.reference for row in queues.review_queue(old.desk, CLARA, size=100).rows}
    for reference in old.requests:
        page = clinician.review(old.desk, CLARA, reference)
        finished = is_finished(page.request.row.status)
        assert (reference in waiting) >= bool(page.unread and not finished)
        assert page.request.row.work_list or finished


def test_requests_are_read_with_the_rules_of_their_day_when_the_folder_has_them_no_more(
    without_rules: Old,
) -> None:
    for reference, was in without_rules.requests.items():
        page = clinician.review(without_rules.desk, CLARA, reference)
        assert page.contradictions_checked
        found = {(remark.question, remark.elsewhere) for remark in page.remarks}
        assert {(question, other) for question, other, _named in was["shown"]["contradictions"]} <= found
        assert [line.flag.source for line in page.flags] == [flag["page"] for flag in was["shown"]["flags"]]
        assert page.request.row.title == was["shown"]["title"]


def test_a_draft_goes_on_with_the_rules_it_was_begun_with(without_rules: Old) -> None:
    assert went_on(without_rules).reference is not None


def test_an_open_draft_can_be_finished_and_sent(old: Old) -> None:
    sent = went_on(old)
    assert sent.reference is not None
    found = clinician.review(old.desk, CLARA, sent.reference)
    stored = {answer.question: answer.stored for answer in found.health.answers}
    assert stored["what_happened"] == old.drafts["open"]["answers"]["what_happened"]


def went_on(old: Old) -> Visit:
    service, was = service_of(old.app), old.drafts["open"]
    visit = service.visit(was["treatment"], DraftToken.decode(was["token"]))
    assert visit is not None
    while (question := visit.next_question) is not None:
        visit = service.save_answers(visit, {question: USUAL.get(question)})
        if question in visit.path.due:  # asked otherwise then, or asked then alone
            asked = visit.rule_set.by_id[question]
            visit = service.save_answers(visit, {question: asked.kind.example(asked)})
        assert question not in visit.path.due
    return service.send(visit, "en")


def test_what_was_in_the_way_is_still_in_the_way(old: Old) -> None:
    reference = old.called("needs_review")
    version = opened_request.request(old.desk, RITA, reference).row.version
    with pytest.raises(Refused):
        clinician.send_back(old.desk, CLARA, reference, version, "Book it.")


def test_an_answer_of_today_meets_a_question_of_then(old: Old) -> None:
    reference = old.called("needs_review")
    page = opened_request.request(old.desk, RITA, reference)
    (asked,) = page.questions
    reception.answer_question(old.desk, RITA, reference, page.row.version, asked.id, "5 mg twice a day")
    flag = next(line for line in clinician.review(old.desk, CLARA, reference).flags if line.review.questions)
    assert flag.review.item.waits


def test_notices_that_waited_are_sent_to_the_addresses_they_were_for(old: Old) -> None:
    later, waiting = old.clock() + timedelta(hours=1), set()
    with writing(service_of(old.app).engine) as connection:
        while notice := outbox.claim(connection, old.desk.opening_keys, later, timedelta(hours=1)):
            waiting.add((notice.kind, notice.address))
    assert waiting == {
        ("new_request", "reception@clinic.example"),
        ("review_digest", "clinicians@clinic.example"),
        ("confirmation", "hana@patient.example"),
    }


def test_what_was_published_and_retired_stays_so(old: Old) -> None:
    found = publish.history(service_of(old.app).engine, "sore-thumb")
    assert [(one.version, one.stands, set(one.reasons)) for one in found] == [
        ("1.1.0", True, {"fever"}),
        ("1.0.0", False, set()),
    ]


def test_a_recovery_code_of_then_lets_in_once(old: Old) -> None:
    who = next(who for who in old.people if who["recovery_codes"])
    for lets_in in (True, False):
        browser = old.app.test_client()
        for path, typed in (
            ("/staff/sign-in", {"email": who["email"], "password": who["password"]}),
            ("/staff/recovery-code", {"code": who["recovery_codes"][0]}),
        ):
            token = Page(browser.get(path)).token
            browser.post(path, data={"csrf_token": token} | typed)
        assert (browser.get("/staff/account").status_code == 200) is lets_in
