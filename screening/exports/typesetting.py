"""Papers by typst: a template of ours and data that stays data, made into tagged PDF.

Words reach a template as JSON and are never evaluated: what looks like markup is printed as it stands. The
template's root is an empty folder, so that nothing else can be read.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from screening.core.serialising import Plain

if TYPE_CHECKING:
    from typst import Fonts

# Soft hyphen, zero-width space, non-joiner, joiner, two marks of direction: seen by nobody, and of ordinary
# typing and pasting. Persian is misspelt without the non-joiner.
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f")
_NOT_PRINTED = ("Cc", "Cf", "Cs", "Cn", "Co")
_PICTURE = b"""
#let data = json(bytes(sys.inputs.data))
#set document(title: "Picture")
#image(bytes(data.content), format: data.kind, alt: "Picture")
"""


def typeset(template: Path, data: Plain, papers: str = "") -> bytes:
    """PDF/UA; where a character has no font here, tagged only.

    `papers`: the list in `data` of what stands on sheets of its own; each is told whether it is `incomplete`.
    """
    from typst import TypstError  # 7 MB, for whoever makes papers

    made, data = template.read_bytes(), _printable(data)
    whole = {**data, papers: [{**paper, "incomplete": False} for paper in data[papers]]} if papers else data
    try:
        return _made(made, whole, "ua-1")
    except TypstError:
        # PDF/UA has no place for a character that no font here has. The paper then says that some are
        # missing, and is the best that can be made: tagged, but not to the standard.
        told = {**whole, papers: _told(made, whole, papers)} if papers else whole
        return _made(made, told, "1.7")


def _told(template: bytes, data: Plain, papers: str) -> list[Plain]:
    """Of papers that do not print whole together, each with whether it is one of those; else all of them."""
    together: list[Plain] = data[papers]
    half = len(together) // 2
    parts = [{**data, papers: some} for some in (together[:half], together[half:])]
    whole = [not half or _prints_whole(template, part) for part in parts]
    if all(whole):
        return [{**paper, "incomplete": True} for paper in together]
    told = [
        part[papers] if prints else _told(template, part, papers)
        for part, prints in zip(parts, whole, strict=True)
    ]
    return [paper for part in told for paper in part]


def _prints_whole(template: bytes, data: Plain) -> bool:
    from typst import TypstError

    try:
        _made(template, data, "ua-1")
    except TypstError:
        return False
    return True


@lru_cache(maxsize=4)
def prints(kind: str, content: bytes) -> bool:
    """Whether a picture does, by itself; tried once for each."""
    from typst import TypstError

    try:
        _made(_PICTURE, {"kind": kind, "content": list(content)}, "ua-1")
    except TypstError:
        return False
    return True


def _made(template: bytes, data: Plain, standard: Literal["ua-1", "1.7"]) -> bytes:
    from typst import Compiler

    with tempfile.TemporaryDirectory() as empty:
        given = {"data": json.dumps(data)}
        compiler = Compiler(template, root=empty, font_paths=_fonts(), sys_inputs=given)
        made = compiler.compile(format="pdf", pdf_standards=standard)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single PDF")
    return made


@cache
def _fonts() -> Fonts:
    """Those of this machine: to look for them takes a quarter of a letter's time, so it is done once."""
    from typst import Fonts

    return Fonts()


def _printable(value: Any) -> Any:
    """The same data without characters that no paper can show: controls, and what turns text around."""
    if isinstance(value, str):
        return "".join(character if _shows(character) else "\N{REPLACEMENT CHARACTER}" for character in value)
    if isinstance(value, dict):
        return {key: _printable(inner) for key, inner in value.items()}
    return [_printable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _shows(character: str) -> bool:
    return character in "\n\t" or character in _UNSEEN or unicodedata.category(character) not in _NOT_PRINTED
