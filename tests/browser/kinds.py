"""One page of each kind, each reached from a fresh browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.browser.people import Patient

Reach = Callable[[Patient], None]
KNEE = {"knee_side": "left", "knee_started": "2020-03", "knee_trouble": ["sleep"]}


def _outside(path: str) -> Reach:
    return lambda patient: _void(patient.page.goto(patient.server.address + path))


def _void(_result: object) -> None:
    """For a lambda that is called for what it does."""


def _page(name: str = "") -> Reach:
    return lambda patient: patient.go(name)


def _at(question: str) -> Reach:
    return lambda patient: patient.is_at(question)


def _wrong(question: str) -> Reach:
    def reach(patient: Patient) -> None:
        patient.is_at(question)
        patient.press("Continue")

    return reach


def _knee(question: str) -> Reach:
    def reach(patient: Patient) -> None:
        patient.treatment = "example-knee-injection"
        patient.is_at(question, **KNEE)

    return reach


def _after_sending(name: str) -> Reach:
    def reach(patient: Patient) -> None:
        patient.has_sent(blood_thinners="yes", which_blood_thinner=["warfarin"])
        patient.go(name)

    return reach


def _returning(patient: Patient) -> None:
    patient.has_answered("blood_thinners")
    patient.go()


def _delete(patient: Patient) -> None:
    patient.has_answered("blood_thinners")
    patient.go("delete-my-answers")


def _deleted(patient: Patient) -> None:
    _delete(patient)
    patient.press("Yes, delete my answers")


def _expired(patient: Patient) -> None:
    patient.has_answered("blood_thinners", lives=timedelta(minutes=-1))
    patient.go("blood_thinners")


def _restarted(patient: Patient) -> None:
    patient.is_at("blood_thinners")
    patient.is_too_late()
    patient.answer("no")


def _turned(patient: Patient) -> None:
    patient.is_checking()
    patient.change("for_whom")
    patient.answer("someone_else")


def _stray(patient: Patient) -> None:
    patient.is_at("what_happened")
    patient.deletes_in_another_tab()
    patient.answer("x" * 500)


def _too_young(patient: Patient) -> None:
    patient.has_answered("phone", birth_date="2012-01-01")
    patient.go("ring-us")


def _check(patient: Patient) -> None:
    patient.is_checking(blood_thinners="not_sure", which_blood_thinner=["aspirin", "warfarin"])


KINDS: dict[str, Reach] = {
    "index": _outside("/"),
    "privacy": _outside("/privacy"),
    "accessibility": _outside("/accessibility"),
    "start": _page(),
    "start, coming back": _returning,
    "start, after sending": _after_sending(""),
    "get help now": _page("get-help-now"),
    "radios": _at("blood_thinners"),
    "radios, with a mistake": _wrong("blood_thinners"),
    "checkboxes": _at("changes"),
    "checkboxes, with a mistake": _wrong("changes"),
    "scale": _at("severity"),
    "scale, with a mistake": _wrong("severity"),
    "text": _at("name"),
    "text, with a mistake": _wrong("name"),
    "phone": _at("phone"),
    "long text": _at("what_happened"),
    "date": _at("birth_date"),
    "date, with a mistake": _wrong("birth_date"),
    "partial date": _knee("knee_started"),
    "number": _knee("bad_nights"),
    "for who is too young": _too_young,
    "check": _check,
    "sent": _after_sending("request-sent"),
    "copy": _after_sending("your-copy"),
    "delete": _delete,
    "deleted": _deleted,
    "expired": _expired,
    "restarted": _restarted,
    "turned to another person": _turned,
    "for answers that are gone": _stray,
    "not found": _page("nothing"),
}
