"""The appointments of a day to look at and to print, and the labels for them or for chosen requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.core import references
from screening.desk import day_list, papers
from screening.staff import time_words
from screening.staff.fields import FIRST_DAY, LAST_DAY, MaybeDayField, errors_of, render
from screening.staff.showing import desk, page, reference_of, sent
from screening.web.door import service
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l


class DayForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """Which day; none is today. It is in the address, and about nobody."""

    on = MaybeDayField(_l("Day"))


@staff.get("/appointments")
@who_may(RECEPTION, CLINICIAN)
def appointments() -> ResponseReturnValue:
    """Who comes on a day and when, with what is still in the way."""
    form = DayForm(request.args)
    right = form.validate()
    day = (form.on.data if right else None) or service().today()
    lines = day_list.day_list(desk(), person(), day)
    return page(
        "appointments",
        heading=_("Appointments on %(day)s", day=time_words.day(day)),
        lines=lines,
        field=render(form.on),
        errors=errors_of(form),
        day_before=_address(day - timedelta(days=1)) if day > FIRST_DAY else "",
        day_after=_address(day + timedelta(days=1)) if day < LAST_DAY else "",
        places=papers.ON_A_SHEET,
    ), 200 if right else 422


def _address(day: date) -> str:
    parts: Mapping[str, int] = {"on-day": day.day, "on-month": day.month, "on-year": day.year}
    return url_for("staff.appointments", **parts)  # type: ignore[arg-type]  # Flask names its options


@staff.post("/labels")
@who_may(RECEPTION, CLINICIAN)
def labels() -> ResponseReturnValue:
    """A label for each of the requests that the form names."""
    first = request.form.get("first", "1")
    place = int(first) if first.isdecimal() and len(first) <= 2 else 1
    made = papers.labels(desk(), person(), chosen_references(), place)
    return sent(made, made.content)


def chosen_references() -> list[str]:
    """Those that were ticked, in the order of the page; what is none is left out."""
    texts = (text.partition(".")[0] for text in request.form.getlist("chosen"))
    return list(dict.fromkeys(found for text in texts if (found := references.recognise(text))))


@staff.get("/requests/<reference>/label.pdf")
@who_may(RECEPTION, CLINICIAN)
def label(reference: str) -> ResponseReturnValue:
    """One label, on the first place of a sheet."""
    made = papers.labels(desk(), person(), [reference_of(reference)])
    return sent(made, made.content)
