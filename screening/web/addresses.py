"""Where pages are: addresses of names that stand in the rules and the routes, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from flask import Flask, request, url_for

from screening.web.at_hand import request_at_hand

MEMO_SIZE = 8192  # of some hundred bytes
_OURS = "addresses"  # of an app's extensions


def init_app(app: Flask) -> None:
    """Each app keeps those of its own routes."""
    app.extensions[_OURS] = lru_cache(maxsize=MEMO_SIZE)(_made)


def address(endpoint: str, _anchor: str | None = None, **values: object) -> str:
    """As `url_for`, and never with anything that a person typed: it is kept."""
    here = request_at_hand()
    made: Callable[..., str] = here.app.extensions[_OURS]
    return made(here.request.root_path, endpoint, _anchor, tuple(values.items()))


def asked_for() -> str:
    """The page that this request is for, whole."""
    return request.script_root + request.full_path.rstrip("?")


def _made(_mounted: str, endpoint: str, anchor: str | None, values: tuple[tuple[str, object], ...]) -> str:
    return url_for(endpoint, _anchor=anchor, **dict(values))  # type: ignore[arg-type]  # Flask names its options
