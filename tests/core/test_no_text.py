"""A document that is no plain text is told as what it is, wherever an author gives a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from screening.core import documents
from screening.core.errors import RuleSetError
from screening.tracing.pages import read_page

BINARY = bytes(range(128, 256))
DOCUMENTS = {
    "Word": b"PK\x03\x04\x14\x00\x06\x00" + BINARY,
    "older Word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + BINARY,
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "RTF": b"{\\rtf1\\ansi schema: screening/1\\par}\n",
    "Notepad's Unicode": "schema: screening/1\n".encode("utf-16"),
}


def _page(data: bytes, folder: Path) -> object:
    file = folder / "page.txt"
    file.write_bytes(data)
    return read_page(file)


def _rules(data: bytes, _folder: Path) -> object:
    return documents.parse(data, "rules.yaml")


@pytest.mark.parametrize("read", [_page, _rules])
def test_each_kind_of_document_is_told_apart_from_spoilt_text(
    tmp_path: Path, read: Callable[[bytes, Path], object]
) -> None:
    messages = set()
    for data in (*DOCUMENTS.values(), BINARY):
        with pytest.raises(RuleSetError) as caught:
            read(data, tmp_path)
        (problem,) = caught.value.problems
        assert problem.code == "unreadable"
        messages.add(problem.message)
    assert len(messages) == len(DOCUMENTS) + 1
