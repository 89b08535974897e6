"""A file as an answer, to be kept and not shown."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

from screening.desk.shapes import File


def sent(file: File, content: bytes | Iterator[bytes]) -> Response:
    """Its content at once or while it is read."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(content, content_type=file.media_type, headers=headers)
