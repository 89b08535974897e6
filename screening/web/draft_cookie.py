"""The cookie that holds the key of a draft: this browser's alone, for one treatment at one door."""

from __future__ import annotations

from flask import Response, request

from screening.storage.sealing.tokens import DraftToken
from screening.web.door import service
from screening.web.headers import on_this_machine

COOKIE = "draft"


def token() -> DraftToken | None:
    """What the browser holds; None where it holds nothing, or nothing that could be a key."""
    return DraftToken.decode(request.cookies.get(COOKIE, ""))


def give(response: Response, key: DraftToken | None, path: str) -> Response:
    """Hand the key to this browser, for the pages under `path`; without one, nothing changes."""
    if key is not None:
        response.set_cookie(
            COOKIE,
            key.encode(),
            max_age=service().settings.draft_longest,
            path=path,
            httponly=True,
            samesite="Lax",
            secure=not on_this_machine(),
        )
    return response


def forget(response: Response, path: str) -> Response:
    """Take the key for the pages under `path` from this browser."""
    response.delete_cookie(COOKIE, path=path, httponly=True, samesite="Lax", secure=not on_this_machine())
    return response
