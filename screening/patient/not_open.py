"""What stands where nobody can begin, at a clinic or a treatment that is closed: what to do instead."""

from __future__ import annotations

from flask import Response, abort, current_app, render_template, request

from screening.patient.shapes import NOTICES
from screening.service.patient import Service
from screening.web import draft_cookie, failures, sites
from screening.web.addresses import address
from screening.web.door import service
from screening.web.stray_forms import stray_check


def closed(treatment: str = "") -> str:
    """Of a clinic that takes no new requests."""
    return render_template("patient/closed.html", site=service().site, **_beside(treatment))


def of_treatment(treatment: str) -> Response:
    """Of one that nobody can begin here; a key that opens nothing is forgotten. Raises 404 for a stranger."""
    here, held = service(), draft_cookie.token() is not None
    text = closed(treatment) if here.site.closed else _not_open(here, treatment, held)
    response = current_app.make_response((text, 404))
    return draft_cookie.forget(response, address("patient.start", treatment=treatment)) if held else response


def _not_open(here: Service, treatment: str, held: bool) -> str:
    title = here.library.title_of(treatment)
    if title is None:
        abort(404)
    said = request.args.get("notice", "")
    return render_template(
        "patient/not_open.html",
        title=title,
        notice=said if said in NOTICES else "expired" if held else "",
        treatments=here.treatments(),
        draft_minutes=here.settings.draft_minutes,
        draft_hours=here.settings.draft_hours,
        **_beside(treatment),
    )


def _beside(treatment: str) -> dict[str, object]:
    return {
        "others": sites.others(),
        "mounted": sites.mounted(),
        "typed_words": failures.typed_words(),
        "stray": stray_check(treatment, request.form),
    }
