"""What a monitor asks: whether the process lives, and whether a request could be kept now."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ServiceUnavailable

from screening.core.errors import Unavailable
from screening.web.door import service

monitoring = Blueprint("monitoring", __name__)


@monitoring.get("/health")
def health() -> ResponseReturnValue:
    """Alive: this process answers."""
    return {"status": "alive"}


@monitoring.get("/ready")
def ready() -> ResponseReturnValue:
    """Ready: a request could be kept now, and there is something to ask."""
    checks = {"database": _database_writable(), "rule_sets": len(service().library) > 0}
    status = 200 if all(checks.values()) else ServiceUnavailable.code
    return {"status": "ready" if status == 200 else "not ready", "checks": checks}, status


def _database_writable() -> bool:
    try:
        service().check_ready()
    except Unavailable:
        return False
    return True
