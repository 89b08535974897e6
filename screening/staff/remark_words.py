"""What does not fit in a request, in sentences for a clinician, with the patient's own words in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from screening.core.answers import date_span
from screening.core.remarks import Remark, RemarkKind
from screening.staff import desk_words

SENTENCES: Mapping[RemarkKind, Any] = {
    "contradiction": _l(
        "“%(asked)s” was answered “%(said)s”, but “%(elsewhere)s” names %(named)s: “%(words)s”"
    ),
    "not_asked": _l("This was not asked, but “%(elsewhere)s” names %(named)s: “%(words)s”"),
    "another_answer": _l(
        "“%(asked)s” was answered “%(said)s”, but “%(elsewhere)s” speaks of %(named)s: “%(words)s”"
    ),
    "open_answer": _l("“%(asked)s” was answered “%(said)s”."),
    "birth_date": _l("“%(asked)s” was answered “%(said)s”: %(named)s"),
}
UNCHECKED = _l(
    "The rule set of that day cannot be read any more, so answers were not compared with each other."
)
BIRTH_DATES: Mapping[str, Any] = {
    "no_date": _l("this cannot be read as a date"),
    "in_the_future": _l("this day was still to come when the request arrived"),
    "under_16": _l("the patient would be under 16"),
    "over_110": _l("the patient would be over 110"),
}


def sentence(remark: Remark) -> str:
    """One remark in full; a kind that came after this page was written still shows its words."""
    template = SENTENCES.get(remark.kind, SENTENCES["contradiction"])
    said, named = remark.said, remark.named
    if remark.kind == "birth_date":
        said = tuple(map(_readable, said))
        named = tuple(desk_words.word(BIRTH_DATES, why) for why in named)
    return str(template) % {
        "asked": remark.asked,
        "said": ", ".join(said),
        "elsewhere": remark.elsewhere_asked,
        "named": ", ".join(named),
        "words": "\n".join(remark.words),
    }


def _readable(said: str) -> str:
    span = date_span(said)
    return desk_words.day(span[0]) if span is not None else said
