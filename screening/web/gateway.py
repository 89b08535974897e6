"""Where the gateway of text messages reports what became of them; for no browser."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from screening.web.door import csrf, service

LONGEST = 4096  # bytes of a report

gateway = Blueprint("gateway", __name__)
csrf.exempt(gateway)  # it signs, and has no cookie


@gateway.post("/messages/reports")
def report() -> ResponseReturnValue:
    """Signed by the gateway; 403 else, 400 for what is no report, 404 for a message that nobody sent."""
    from screening.service import texting  # nobody asks here where no texts are sent

    body = request.get_data(cache=False)
    if len(body) > LONGEST:
        return {"error": "too long"}, 413
    if not texting.is_genuine(service(), request.headers.get(texting.SIGNATURE, ""), body):
        return {"error": "signature"}, 403
    found = texting.read_report(body)
    if found is None:
        return {"error": "not a report"}, 400
    if not texting.take_report(service(), found):
        return {"error": "unknown message"}, 404
    return {"id": found.message, "status": found.status}
