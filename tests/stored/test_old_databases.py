"""What the program of 21d2bbc kept opens in the present one: every word, decision, draft and account."""

from __future__ import annotations

import hashlib
import hmac
import io
from base64 import b32decode
from datetime import datetime
from typing import Any

import pypdf
import pytest

from screening.core.entries import FlagDecision, UnknownEntry, to_data
from screening.desk import audit, clinician, opened_request, outgoing, queues
from screening.desk.shapes import Filters
from screening.storage.sealing.tokens import DraftToken
from screening.web.door import service_of
from tests.actors import Page
from tests.desk.making import AUDREY, CLARA, RITA, WHY, decide
from tests.stored.unpacking import Old

STEP = 30  # seconds that a code of an authenticator app lives


def test_every_request_opens_with_its_words_reasons_and_decisions(old: Old) -> None:
    for reference, was in old.requests.items():
        page = clinician.review(old.desk, CLARA, reference)
        assert [_kept(answer) for answer in page.health.answers] == [
            _was(a) for a in was["health"]["answers"]
        ]
        assert [_kept(answer) for answer in page.request.contact] == [
            _was(a) for a in was["contact"]["answers"]
        ]
        shown = was["shown"]
        assert [
            {
                "id": line.flag.id,
                "label": line.flag.label,
                "handling": line.flag.handling,
                "open": line.review.open,
                "says": line.flag.say.clinician,
                "page": line.flag.source,
                "decision": line.review.decision,
                "because": [[answer.question, reason] for answer, reason in line.because],
            }
            for line in page.flags
        ] == shown["flags"]
        assert [[one.indicator.id, one.indicator.state] for one in page.indicators] == shown["indicators"]
        assert page.request.row.name == shown["name"]
        assert [[one.words, one.answer] for one in page.request.questions] == shown["questions"]
        assert page.request.next_step in (shown["next_step"], None)  # None: a decision was made since
        assert (page.request.booking is not None) == (shown["booking"] is not None)
        assert sorted(move.name for move in page.request.moves) != [] or was["row"]["status"] == "duplicate"


def _kept(answer: Any) -> tuple[Any, ...]:
    return answer.question, answer.asked, answer.type, answer.stored, answer.said


def _was(answer: Any) -> tuple[Any, ...]:
    return answer["question"], answer["asked"], answer["type"], answer["answer"], tuple(answer["said"])


def test_every_entry_of_staff_opens_as_its_kind_with_all_its_words(old: Old) -> None:
    for reference, was in old.requests.items():
        entries = clinician.review(old.desk, CLARA, reference).request.entries
        assert [line.id for line in entries] == [entry["id"] for entry in was["entries"]]
        for line, entry in zip(entries, was["entries"], strict=True):
            assert not isinstance(line.entry, UnknownEntry)
            assert line.entry.kind == entry["kind"]
            said = to_data(line.entry)
            assert {name: said[name] for name in entry["words"]} == entry["words"]


def test_follow_ups_are_found_for_requests_that_did_not_keep_them(old: Old) -> None:
    page = clinician.review(old.desk, CLARA, old.called("needs_review"))
    followed = {line.flag.id: [answer.question for answer in line.follow_ups] for line in page.flags}
    assert followed["blood_thinners"]


def test_text_that_looks_like_a_date_stays_text_on_screen_and_paper(old: Old) -> None:
    for reference in old.requests:
        page = clinician.review(old.desk, CLARA, reference)
        texts = [
            answer for answer in page.health.answers if answer.type == "text" and answer.stored == "0212-12"
        ]
        if texts:
            letter = outgoing.letter(old.desk, CLARA, reference).content
            words = " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(letter)).pages)
            assert "0212-12" in words
            return
    pytest.fail("the archive holds such a text")


def test_people_find_what_was_kept_by_name(old: Old) -> None:
    for reference, was in old.requests.items():
        found = queues.queue(old.desk, RITA, Filters(search=was["shown"]["name"], status="all"), size=100)
        assert reference in {row.reference for row in found.rows}


def test_letters_and_exports_come_out(old: Old) -> None:
    references = list(old.requests)
    for name in ("csv", "json", "pdf"):
        assert outgoing.export(old.desk, CLARA, name, references=references, reason=WHY).content


def test_the_audit_is_whole(old: Old) -> None:
    assert audit.verify(old.desk, AUDREY) == []


def test_a_decision_of_today_joins_those_of_then(old: Old) -> None:
    reference = old.called("called_back")
    version = opened_request.request(old.desk, RITA, reference).row.version
    decide(old.desk, CLARA, reference, version, "pregnancy", "do_not_proceed", "see letter")
    page = clinician.review(old.desk, CLARA, reference)
    last = page.flags[0].review.decisions[-1].entry
    assert isinstance(last, FlagDecision)
    assert (last.decision, page.request.row.status) == ("do_not_proceed", "needs_review")


def test_an_open_draft_goes_on_where_it_was(old: Old) -> None:
    was = old.drafts["open"]
    visit = service_of(old.app).visit(was["treatment"], DraftToken.decode(was["token"]))
    assert visit is not None
    assert (visit.answers, visit.next_question) == (was["answers"], was["next_question"])


def test_a_sent_draft_still_leads_to_its_reference(old: Old) -> None:
    was = old.drafts["sent"]
    visit = service_of(old.app).visit(was["treatment"], DraftToken.decode(was["token"]))
    assert visit is not None
    assert visit.reference == was["reference"]


def test_everybody_still_signs_in(old: Old) -> None:
    for who in old.people:
        browser = old.app.test_client()
        page = Page(browser.get("/staff/sign-in"))
        typed = {"csrf_token": page.token, "email": who["email"], "password": who["password"]}
        page = Page(browser.post("/staff/sign-in", data=typed, follow_redirects=True))
        old.clock.forward(seconds=2 * STEP)
        code = {"csrf_token": page.token, "code": _code(who["totp"], old.clock())}
        browser.post("/staff/second-factor", data=code, follow_redirects=True)
        assert browser.get("/staff/account").status_code == 200


def _code(secret: str, now: datetime) -> str:
    """What an authenticator app shows (RFC 6238)."""
    counter = int(now.timestamp() // STEP).to_bytes(8, "big")
    digest = hmac.new(b32decode(secret + "=" * (-len(secret) % 8)), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"
