"""The patient's pages: start, one question at a time, check, send, keep a copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime

from screening.core import summary
from screening.core.ages import asks_birth_date
from screening.core.voices import OTHER
from screening.patient import limits, not_open
from screening.patient.shapes import draw
from screening.service.visit import Visit
from screening.web import door, failures, paper_form, sites
from screening.web.addresses import address
from screening.web.answers_shown import said, sections
from screening.web.door import service
from screening.web.headers import SAFE
from screening.web.question_pages import QuestionPages
from screening.web.signing import give_cookie
from screening.web.visits import promise_to
from screening.web.words import gettext as _

WARN_BEFORE = timedelta(minutes=5)
STATED_ON = date(2026, 11, 26)  # the accessibility statement: change it when what it says was looked at again


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """What the privacy notice says besides the clinic's name and address; empty where it was not set."""

    minutes: int  # that a draft is kept without a change
    hours: int  # and in any case
    not_taken_days: int  # that a request is kept, by what became of it; 0: until somebody deletes it
    finished_days: int
    backup_days: int  # 0: there is none
    contact: str
    basis: str
    complaints: str
    reception_reads_health: bool


patient = Blueprint("patient", __name__)


def _page(name: str, visit: Visit, **context: object) -> str:
    settings, keeps_words = service().settings, not visit.reference and not visit.lost
    common = {
        "carried": asking.carried(visit),
        "words_url": address("patient.keep_words", treatment=visit.rule_set.id) if keeps_words else "",
        "expires_in": _expires_in(visit),
        "warn_before": int(min(WARN_BEFORE, settings.draft_idle / 2).total_seconds()),
        "draft_minutes": settings.draft_minutes,
        "draft_hours": settings.draft_hours,
        "trial": not service().library.is_signed(visit.rule_set.digest),
        "for_another": visit.voice == OTHER,
        "sent": visit.reference is not None,
        "begun": visit.draft is not None and visit.reference is None,
    }
    return draw(name, visit, common | context)


def _expires_in(visit: Visit) -> int | None:
    """Seconds until the draft is deleted; None where there is none, or it has become a request."""
    left = service().time_left(visit)
    return None if left is None else int(left.total_seconds())


class PatientPages(QuestionPages):
    """Where a site is closed nothing begins; what was begun before goes on."""

    def absent(self, treatment: str) -> NoReturn:
        """What to do instead."""
        abort(not_open.of_treatment(treatment))

    def admit(self, kind: str) -> None:
        """By how many come from one address, and in all."""
        limits.admit(kind)


asking = PatientPages("patient.", _page, first="urgent", ring_us="ring_us")
failures.keepers |= asking.keepers()


# Before the questions


@patient.get("/")
def index() -> ResponseReturnValue:
    """What the clinic offers to fill in, by category; or which clinic, where that was not said."""
    if choices := sites.to_choose():
        clinic = door.clinic(service().sites.common)
        return render_template("patient/choose.html", sites=choices, mounted=sites.mounted(), clinic=clinic)
    if service().site.closed:
        return not_open.closed()
    offered = {"treatments": service().treatments(), "others": sites.others()}
    return render_template("patient/index.html", **offered, mounted=sites.mounted())


@patient.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What happens with what patients tell us."""
    settings = service().settings
    notice = PrivacyNotice(
        settings.draft_minutes,
        settings.draft_hours,
        settings.keep_not_taken_days,
        settings.keep_finished_days,
        settings.backup_days if settings.backup_to is not None else 0,
        settings.data_contact,
        settings.lawful_basis,
        settings.data_complaints,
        reception_reads_health=settings.reception_sees_health,
    )
    return render_template("patient/privacy.html", notice=notice)


@patient.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """How the pages can be used, and what to do when they cannot."""
    return render_template("patient/accessibility.html", stated_on=STATED_ON)


@patient.get("/<treatment>", strict_slashes=False)
def start(treatment: str) -> ResponseReturnValue:
    """What this is, what it is not, and what to have ready."""
    give_cookie()  # so that the next page knows whether the browser takes any
    return asking.start(treatment)


@patient.get("/<treatment>/form-to-print.pdf")
def form(treatment: str) -> ResponseReturnValue:
    """The questions of today's version on paper, for whoever would rather write."""
    visit = service().fresh_visit(treatment)
    return paper_form.pdf(visit.rule_set) if visit is not None else abort(not_open.of_treatment(treatment))


@patient.get("/<treatment>/get-help-now")
def urgent(treatment: str) -> ResponseReturnValue:
    """The urgent notices, on a page of their own; they block nothing."""
    visit = asking.visit(treatment)
    if "begin" in request.args and not request.cookies:  # the start page gave one
        return _page("cookies_off", visit)
    return _page("urgent", visit, onward=asking.to_question(visit, visit.next_question))


# The questions


@patient.route("/<treatment>/<question>", methods=["GET", "POST"])
def question(treatment: str, question: str) -> ResponseReturnValue:
    """One question a page."""
    return asking.question(treatment, question)


@patient.get("/<treatment>/ring-us")
def ring_us(treatment: str) -> ResponseReturnValue:
    """For who is outside the age that the rules say; it keeps nothing from being sent."""
    visit = asking.visit(treatment)
    born, outside = asks_birth_date(visit.rule_set), asking.outside_age(visit)
    if born is None or visit.reference is not None or outside is None:
        return asking.onward(visit)
    change, onward = asking.to_change(visit, born), asking.to_go_on(visit)
    return _page("ring_us", visit, outside=outside, change=change, onward=onward)


@patient.route("/<treatment>/check-your-answers", methods=["GET", "POST"])
def check(treatment: str) -> ResponseReturnValue:
    """All answers once more, and the button that sends them."""
    return asking.check(treatment)


@patient.route("/<treatment>/questions-withdrawn", methods=["GET", "POST"])
def withdrawn(treatment: str) -> ResponseReturnValue:
    """What was filled in under questions that were taken back since."""
    return asking.withdrawn(treatment)


@patient.get("/<treatment>/request-sent")
def sent(treatment: str) -> ResponseReturnValue:
    """The reference, what happens next and when."""
    return asking.sent(treatment)


@patient.get("/<treatment>/your-copy")
def copy(treatment: str) -> ResponseReturnValue:
    """The patient's own copy, to print or to save."""
    visit = asking.visit(treatment)
    if visit.reference is None or visit.draft is None:
        return asking.no_copy(visit)
    context = {
        "notes": summary.patient_notes(visit.raised()),
        "sent_at": format_datetime(visit.draft.changed_at, "d MMMM y, HH:mm"),
        "promise": promise_to(visit),
    }
    if "save" not in request.args:
        return _page("copy", visit, sections=sections(visit), whose=_whose(visit), **context)
    text = render_template(
        "patient/copy.txt", visit=visit, rule_set=visit.rule_set, sections=_plain_sections(visit), **context
    )
    headers = {"Content-Disposition": f'attachment; filename="{visit.reference}.txt"'}
    return Response(text, mimetype="text/plain", headers=headers)


def _whose(visit: Visit) -> str:
    """Whose copy it is: name and date of birth."""
    given = {
        line.question.contact: ", ".join(said(line.question.type, line.said, line.stored))
        for line in summary.lines(visit.rule_set, visit.path, visit.answers)
        if line.said
    }
    born = _("born %(day)s", day=given["birth_date"]) if "birth_date" in given else ""
    return ", ".join(filter(None, (given.get("name"), born)))


def _plain_sections(visit: Visit) -> list[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
    found = summary.sections(visit.rule_set, visit.path, visit.answers)
    return [(section.heading, [_plain_line(line) for line in section.lines]) for section in found]


def _plain_line(line: summary.SummaryLine) -> tuple[str, tuple[str, ...]]:
    return line.question.ask, said(line.question.type, line.said, line.stored)


# Keeping and deleting


@patient.route("/<treatment>/keep-my-answers", methods=["GET", "POST"])
def keep(treatment: str) -> ResponseReturnValue:
    """For the warning that a draft is about to be deleted: its words, how long it lives, putting that off."""
    visit = asking.visit(treatment)
    if request.method in SAFE:
        return {"expires_in": _expires_in(visit) or 0, "words": _page("more_time", visit)}
    left = service().keep_draft(visit)
    return {"expires_in": int(left.total_seconds()) if left else 0}, 200 if left else 410


@patient.post("/<treatment>/keep-my-words")
def keep_words(treatment: str) -> ResponseReturnValue:
    """What stands on a page that is not finished."""
    return asking.keep_words(treatment)


@patient.route("/<treatment>/delete-my-answers", methods=["GET", "POST"])
def delete(treatment: str) -> ResponseReturnValue:
    """Forget the draft, at any time, after asking once."""
    if request.method in SAFE:
        visit = asking.visit(treatment)
        return _page("delete", visit, onward=asking.to_go_on(visit))
    return asking.start_again(treatment)
