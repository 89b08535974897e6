"""The request that is being answered, and its app: each taken once, where a page asks often.

`flask.request` and its like find theirs anew at every name that is read of them, which is a tenth of a page.
"""

from __future__ import annotations

from flask import Flask
from flask.ctx import RequestContext, _AppCtxGlobals
from flask.globals import app_ctx, request_ctx


def request_at_hand() -> RequestContext:
    """With its session, which counts as looked at when it is read. Raises RuntimeError outside of one."""
    found: RequestContext = request_ctx._get_current_object()  # type: ignore[attr-defined]  # of a proxy
    return found


def app_at_hand() -> Flask:
    """Raises RuntimeError where there is none."""
    found: Flask = app_ctx._get_current_object().app  # type: ignore[attr-defined]  # as above
    return found


def kept_at_hand() -> _AppCtxGlobals:
    """What `flask.g` stands for. Raises RuntimeError where there is no app."""
    found: _AppCtxGlobals = app_ctx._get_current_object().g  # type: ignore[attr-defined]  # as above
    return found
