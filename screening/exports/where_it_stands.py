"""Where a request stands, in words, for every paper and file that a person acts on.

What is still open is named before which of the two gates, and nothing is ever said to be clear.
"""

from __future__ import annotations

from collections.abc import Iterator

from screening.core import paper_words
from screening.core.entries import Booking
from screening.core.paper_words import BOOKED_FOR, NOTHING, STILL_OPEN, remark_sentence, unread_name
from screening.core.still_open import StillOpen
from screening.core.waiting import ALL_LISTS
from screening.core.wording import marked
from screening.core.workflow import STATUSES
from screening.exports.records import Clinic, Record

URGENT = marked("Marked urgent")
TO_ASK = marked("To ask the patient")
OTHERS_OPEN = marked("Open at another request of this person")
STATUS = marked("Status")
IDENTITY = marked("Identity")
IDENTITIES = {True: marked("Checked"), False: marked("Not checked")}
APPOINTMENT, NONE = marked("Appointment"), marked("None")
WORK_LIST = marked("Work list")

LabelledLine = tuple[str, str]  # a label, and what is said beside it


def how_it_came(record: Record, clinic: Clinic) -> Iterator[LabelledLine]:
    """Whose hand a form on paper is in and who interpreted, or how the patient agreed; of others nothing."""
    if record.came is not None:
        yield from paper_words.how_it_came(record.came, clinic.translate, clinic.day)


def filled_in_by(record: Record, clinic: Clinic) -> Iterator[LabelledLine]:
    """Who filled it in for the patient; nothing where the patient did."""
    yield from paper_words.filled_in_by(record.contact, clinic.translate)


def at_the_desk(record: Record, clinic: Clinic) -> Iterator[LabelledLine]:
    """The status, whether the identity was checked, the appointment, and the work list."""
    translate, stands = clinic.translate, record.stands
    booking, status = stands.booking, STATUSES.get(record.status)
    yield translate(STATUS), translate(status.label) if status is not None else record.status
    yield translate(IDENTITY), translate(IDENTITIES[bool(stands.figures.identity_checked)])
    yield translate(APPOINTMENT), _appointment(booking, clinic) if booking is not None else translate(NONE)
    yield translate(WORK_LIST), translate(ALL_LISTS.get(stands.work_list, stands.work_list or NONE))


def still_to_do(record: Record, clinic: Clinic) -> Iterator[LabelledLine]:
    """Why it is urgent, what is open before which gate, what is unread, and what is to be asked."""
    translate, figures = clinic.translate, record.stands.figures
    if record.urgent_because:
        yield translate(URGENT), record.urgent_because
    yield from _still_open(record.still_open, clinic)
    for label, number in ((TO_ASK, figures.questions), (OTHERS_OPEN, figures.others_open)):
        if number:
            yield translate(label), str(number)


def what_does_not_fit(record: Record, clinic: Clinic) -> list[str]:
    """A sentence for each thing."""
    return [remark_sentence(remark, clinic.translate, clinic.day) for remark in record.remarks]


def _still_open(still: StillOpen, clinic: Clinic) -> Iterator[LabelledLine]:
    """A line for each gate and for what is unread, also where nothing is noted; stopped only where it is."""
    named = {
        name: [line.flag.label for line in getattr(still, name)] for name in STILL_OPEN if name != "unread"
    }
    named["unread"] = [unread_name(thing, clinic.translate) for thing in still.unread]
    for name, label in STILL_OPEN.items():
        if named[name] or name != "stopped":
            yield clinic.translate(label), "\n".join(named[name] or [clinic.translate(NOTHING)])


def _appointment(booking: Booking, clinic: Clinic) -> str:
    what = clinic.translate(BOOKED_FOR[booking.what])
    return ", ".join(filter(None, (what, clinic.day(booking.on), booking.at, booking.place)))
