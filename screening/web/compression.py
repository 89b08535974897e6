"""Fewer bytes over the line: assets as they were compressed when they were built, and patients' pages.

A length can tell a secret only where a stranger puts a guess beside it (BREACH): so only pages are compressed
into which nothing that a stranger can make a browser send is written. Those are the patient's pages that are
asked for, never an answer to a form, and no page of staff, where a search is shown again.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

import brotli
from flask import Flask, Response, current_app, request, send_from_directory
from isal import isal_zlib
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header
from werkzeug.security import safe_join

BUILT = (("br", ".br"), ("gzip", ".gz"))  # best first
OPEN_DOOR = "patient"  # the blueprint whose pages are compressed
KINDS = frozenset({"text/html", "text/plain"})
LEAST = 512  # bytes; less is not worth it
# For a page, best first. Brotli saves a seventh of the bytes for five times the time, and takes memory by its
# window: 64 KB are more than any page has.
PAGES: Mapping[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=6, mode=brotli.MODE_TEXT, lgwin=16),
    "gzip": partial(isal_zlib.compress, level=2, wbits=31),  # that is gzip, without a time
}


def init_app(app: Flask) -> None:
    """After each request, and in place of Flask's own way to send files."""
    app.view_functions["static"] = _asset
    app.after_request(_page)


def _asset(filename: str) -> Response:
    folder = str(current_app.static_folder)
    for encoding, ending in BUILT:
        if request.accept_encodings[encoding] and _is_there(folder, filename + ending):
            kind = mimetypes.guess_type(filename)[0]
            response = send_from_directory(folder, filename + ending, mimetype=kind, max_age=_lives())
            response.headers["Content-Encoding"] = encoding
            break
    else:
        response = send_from_directory(folder, filename, max_age=_lives())
    response.vary.add("Accept-Encoding")
    return response


def _is_there(folder: str, name: str) -> bool:
    path = safe_join(folder, name)
    return path is not None and Path(path).is_file()


def _lives() -> int | None:
    return current_app.get_send_file_max_age(None)


def _page(response: Response) -> Response:
    asked, headers = request._get_current_object(), response.headers  # type: ignore[attr-defined]  # of a proxy
    if asked.blueprint != OPEN_DOOR or response.mimetype not in KINDS:
        return response
    headers.add("Vary", "Accept-Encoding")
    if asked.method != "GET" or response.status_code != 200 or response.is_streamed:
        return response
    encoding, text = _best(asked.environ.get("HTTP_ACCEPT_ENCODING", "")), response.get_data()
    if encoding and len(text) >= LEAST:
        response.set_data(PAGES[encoding](text))
        headers["Content-Encoding"] = encoding
    return response


@lru_cache(maxsize=64)  # there are few browsers
def _best(taken: str) -> str:
    """The encoding for who takes these; none for none of ours."""
    accepted = parse_accept_header(taken, Accept)
    return next((encoding for encoding in PAGES if accepted[encoding]), "")
