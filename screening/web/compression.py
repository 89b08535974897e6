"""Fewer bytes over the line: assets as they were compressed when they were built, and patients' pages.

A length can tell a secret only where a stranger puts a guess beside it (BREACH): so only pages are compressed
into which nothing that a stranger can make a browser send is written. Those are the patient's pages that are
asked for, never an answer to a form, and no page of staff, where a search is shown again.
"""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Callable
from functools import partial
from pathlib import Path

import brotli
from flask import Flask, Response, current_app, request, send_from_directory
from werkzeug.security import safe_join

BUILT = (("br", ".br"), ("gzip", ".gz"))  # best first
OPEN_DOOR = "patient"  # the blueprint whose pages are compressed
LEAST = 512  # bytes; less is not worth it
# For a page, best first: what is slower saves less than it costs, and what is faster sends a tenth more.
PAGES: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("br", partial(brotli.compress, quality=6, mode=brotli.MODE_TEXT)),
    ("gzip", partial(gzip.compress, compresslevel=4, mtime=0)),
)


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
    if request.blueprint != OPEN_DOOR or response.mimetype not in ("text/html", "text/plain"):
        return response
    response.vary.add("Accept-Encoding")
    asked = request.method == "GET" and response.status_code == 200 and not response.is_streamed
    if asked and (response.content_length or 0) >= LEAST:
        for encoding, small in PAGES:
            if request.accept_encodings[encoding]:
                response.set_data(small(response.get_data()))
                response.headers["Content-Encoding"] = encoding
                break
    return response
