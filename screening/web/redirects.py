"""Where a page goes on."""

from __future__ import annotations

from typing import cast

from flask import Response, redirect


def see_other(address: str) -> Response:
    """A redirect that is always fetched by GET (303)."""
    return cast(Response, redirect(address, 303))
