"""What a monitor asks: whether the process lives, and whether a request could be kept now."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound, ServiceUnavailable

from screening.core.errors import Unavailable
from screening.operating import doctor
from screening.web import sites
from screening.web.door import service

monitoring = Blueprint("monitoring", __name__)


@monitoring.before_request
def _of_no_site() -> None:
    """It is of all sites together: what a proxy keeps from strangers is at one address."""
    if sites.is_named():
        raise NotFound


@monitoring.get("/health")
def health() -> ResponseReturnValue:
    """Alive: this process answers."""
    return {"status": "alive"}


@monitoring.get("/ready")
def ready() -> ResponseReturnValue:
    """Ready: a request could be kept now, and there is something to ask.

    `attention` names what somebody must see to although patients can go on (docs/operating.md).
    """
    checks = {"database": _database_writable(), "rule_sets": len(service().library) > 0}
    status = 200 if all(checks.values()) else ServiceUnavailable.code
    answer = {"status": "ready" if status == 200 else "not ready", "checks": checks}
    return answer | {"attention": _attention(checks["database"])}, status


def _attention(is_writable: bool) -> list[str]:
    """A database that just kept somebody waiting is not asked: the disk says why by itself."""
    try:
        engine = service().engine if is_writable else None
        return doctor.attention(service().settings, engine, service().now())
    except Unavailable:
        return []


def _database_writable() -> bool:
    try:
        service().check_ready()
    except Unavailable:
        return False
    return True
