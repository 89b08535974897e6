"""The cookies that hold the keys of drafts, which are this browser's alone.

A patient's is called `draft` and is for the pages of one treatment. Older programs gave staff's browsers one
for each form that they filled in, called by its public id: those are still read.
"""

from __future__ import annotations

from typing import cast

from flask import Response, request

from screening.storage.sealing.tokens import DraftToken
from screening.web.at_hand import request_at_hand
from screening.web.door import service
from screening.web.headers import on_this_machine

DraftKey = DraftToken  # as doors know it, which know no storage

COOKIE = "draft"
_OF_ITS_OWN = f"{COOKIE}-"
_DECODED = "screening.draft"  # in the environment of a request


def token() -> DraftKey | None:
    """What the browser holds; None where it holds nothing, or nothing that could be a key."""
    asked = request_at_hand().request
    if _DECODED not in asked.environ:
        asked.environ[_DECODED] = DraftToken.decode(asked.cookies.get(COOKIE, ""))
    return cast(DraftKey | None, asked.environ[_DECODED])


def token_of(public_id: str) -> DraftKey | None:
    """The key of this draft, where the browser holds it in a cookie of its own."""
    found = DraftToken.decode(request.cookies.get(name_of(public_id), ""))
    return found if found is not None and found.public_id == public_id else None


def held() -> list[DraftKey]:
    """Every key that the browser holds in a cookie of its own."""
    names = [name.removeprefix(_OF_ITS_OWN) for name in request.cookies if name.startswith(_OF_ITS_OWN)]
    return [key for key in map(token_of, names) if key is not None]


def name_of(public_id: str) -> str:
    """What the cookie of a draft of its own is called."""
    return _OF_ITS_OWN + public_id


def give(response: Response, key: DraftKey | None, path: str) -> Response:
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


def forget(response: Response, path: str, name: str = COOKIE) -> Response:
    """Take the key for the pages under `path` from this browser."""
    response.delete_cookie(name, path=path, httponly=True, samesite="Lax", secure=not on_this_machine())
    return response
