"""What screens and papers call the same things: words for codes, marked for translators.

Pages give them to gettext, papers and exports to their clinic's `translate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from screening.core.answers import date_span
from screening.core.entries import FromPaper, TakenDown
from screening.core.kept import KeptAnswer, KeptContact
from screening.core.remarks import Remark, RemarkKind
from screening.core.still_open import ItemStanding, UnreadThing
from screening.core.wording import marked

# Where an item stands, by the gate that it keeps shut.
ITEM_STANDINGS: Mapping[ItemStanding, str] = {
    "open": marked("Still open: to be dealt with before a consultation is booked"),
    "asked": marked("The patient is to be asked first, before a consultation is booked"),
    "stopped": marked("A doctor or nurse decided not to proceed"),
    "unsettled": marked("Still to be settled before the treatment"),
    "settled": marked("Settled by a doctor or nurse, for the treatment too"),
}
# The fields of `StillOpen`, in the order in which they are read.
STILL_OPEN: Mapping[str, str] = {
    "consultation": marked("To deal with before a consultation is booked"),
    "stopped": marked("Decided not to proceed"),
    "treatment": marked("To settle before the treatment"),
    "unread": marked("Not read yet by a doctor or nurse"),
}
NOTHING = marked("nothing is noted here")
NEVER_CLEAR = marked("What is not named here is not said to be clear.")
NO_RULE = marked("No rule raised anything from these answers. That does not say that anything is clear.")

THINGS: Mapping[str, str] = {
    "words": marked("Own words"),
    "other": marked("“Other” was chosen"),
    "unreadable": marked("An answer that cannot be read"),
    "remark": marked("What may not fit"),
    "request": marked("The whole request"),
}
RAISED_BECAUSE: Mapping[str, str] = {
    "desk": marked("Told to the clinic"),
    "duplicate": marked("From a duplicate"),
    "no_duplicate": marked("From a request that is no duplicate after all, maybe of another person"),
    "asked_again": marked("Different when asked again"),
    "recall": marked("Raised by a corrected version of the rules"),
}
ASKED_PATIENT, NOT_ANSWERED_YET = marked("Asked the patient"), marked("no answer yet")
NOT_PROVIDED = marked("Not provided")
# How a request came that the patient did not send, and what stands on the paper besides answers.
CAME: Mapping[str, str] = {
    "taken_down": marked("Filled in for the patient"),
    "paper": marked("Entered from paper"),
}
FILLED_IN_BY = marked("Filled in for the patient by")
WROTE_ON_PAPER: Mapping[str, str] = {"patient": marked("The patient"), "other": marked("Somebody else")}
INTERPRETED: Mapping[str, str] = {
    "no": marked("No"),
    "yes": marked("Yes"),
    "not_said": marked("The form does not say"),
}
CONSENT, AGREED_TO = marked("Consent"), marked("Agreed to in words")
_FORM_VERSION = marked("Version of the form")
_OTHERS_ASKED = marked("%(version)s; the questions asked were those of %(now)s")
_WRITTEN_ON, _NO_DAY = marked("Written on"), marked("no day")
_WRITTEN_BY, _INTERPRETED = marked("Written by"), marked("Did somebody interpret?")
BOOKED_FOR: Mapping[str, str] = {"consultation": marked("Consultation"), "treatment": marked("Treatment")}

REMARKS: Mapping[RemarkKind, str] = {
    "contradiction": marked(
        "“%(asked)s” was answered “%(said)s”, but “%(elsewhere)s” names %(named)s: “%(words)s”"
    ),
    "not_asked": marked("This was not asked, but “%(elsewhere)s” names %(named)s: “%(words)s”"),
    "another_answer": marked(
        "“%(asked)s” was answered “%(said)s”, but “%(elsewhere)s” speaks of %(named)s: “%(words)s”"
    ),
    "open_answer": marked("“%(asked)s” was answered “%(said)s”."),
    "birth_date": marked("“%(asked)s” was answered “%(said)s”: %(named)s"),
}
UNCHECKED = marked(
    "The rule set of that day cannot be read any more, so answers were not compared with each other."
)
BIRTH_DATES: Mapping[str, str] = {
    "no_date": marked("this cannot be read as a date"),
    "in_the_future": marked("this day was still to come when the request arrived"),
    "under": marked("the patient would be under %(years)s"),
    "over": marked("the patient would be over %(years)s"),
}


def how_it_came(
    entry: FromPaper | TakenDown, translate: Callable[[str], str], day: Callable[[date], str]
) -> Iterator[tuple[str, str]]:
    """A label and what is said beside it: whose hand and who interpreted, or how they agreed."""
    if isinstance(entry, TakenDown):
        yield translate(CONSENT), translate(AGREED_TO)
        return
    version = entry.version
    if version != entry.entered_as:
        version = translate(_OTHERS_ASKED) % {"version": version, "now": entry.entered_as}
    yield translate(_FORM_VERSION), version
    on = day(entry.written_on) if entry.written_on is not None else translate(_NO_DAY)
    yield translate(_WRITTEN_ON), on
    yield translate(_WRITTEN_BY), entry.by_name or translate(WROTE_ON_PAPER[entry.by])
    yield translate(_INTERPRETED), entry.interpreter or translate(INTERPRETED[entry.interpreted])


def filled_in_by(contact: KeptContact, translate: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """A label and who filled it in for the patient, beside it; nothing where the patient did."""
    if contact.by_another:
        told = (contact.stored("representative_name"), contact.stored("representative_relationship"))
        yield translate(FILLED_IN_BY), ", ".join(filter(None, told)) or translate(WROTE_ON_PAPER["other"])


def labelled(label: str, said: str) -> str:
    """In one line; a question needs no colon."""
    return f"{label} {said}" if label.endswith("?") else f"{label}: {said}"


def nothing_said(answer: KeptAnswer, translate: Callable[[str], str]) -> str:
    """What stands where an answer has no words: it was not given, or it cannot be read."""
    return translate(NOT_PROVIDED if answer.stored is None else THINGS["unreadable"])


def unread_name(thing: UnreadThing, translate: Callable[[str], str]) -> str:
    """What an unread thing is called where its words stand elsewhere: its kind, and the question."""
    kind = translate(THINGS.get(thing.kind, thing.kind))
    about = thing.answer or thing.remark
    return f"{kind}: {about.asked}" if about is not None and about.asked else kind


def remark_sentence(remark: Remark, translate: Callable[[str], str], day: Callable[[date], str]) -> str:
    """One remark in full; a kind that came after this was written still shows its words."""
    said, named = remark.said, remark.named
    if remark.kind == "birth_date":
        spans = map(date_span, said)
        said = tuple(day(span[0]) if span else text for span, text in zip(spans, said, strict=True))
        named = tuple(_of_birth_date(why, translate) for why in named)
    return translate(REMARKS.get(remark.kind, REMARKS["contradiction"])) % {
        "asked": remark.asked,
        "said": ", ".join(said),
        "elsewhere": remark.elsewhere_asked,
        "named": ", ".join(named),
        "words": "\n".join(remark.words),
    }


def _of_birth_date(why: str, translate: Callable[[str], str]) -> str:
    kind, _, years = why.rpartition("_")
    if years.isdecimal() and kind in BIRTH_DATES:
        return translate(BIRTH_DATES[kind]) % {"years": years}
    return translate(BIRTH_DATES.get(why, why))


DOES_NOT_OPEN = marked("This request cannot be opened")
PART_DOES_NOT_OPEN = marked("A part of this request cannot be opened")
DOES_NOT_OPEN_WHY = marked(
    "It is damaged, or was kept with a key that is not here, or by a later version. "
    "Tell whoever runs this service."
)
