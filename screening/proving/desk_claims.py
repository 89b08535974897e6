"""What must hold in every history of a request at the desk: the claims A to H, each said independently.

A claim looks at the bare state of items, words and appointments, not at the figures and predicates that
the table is made of: so a hole in the table is not a hole in the claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from screening.core import entries, owed, workflow
from screening.core.dealings import Dealings
from screening.core.stepping import Position
from screening.proving.acts import DESK, SILENTLY
from screening.proving.desk_acts import is_open, without_effect, without_need
from screening.proving.histories import Happening, PersonWorld, RequestState

DECIDED = frozenset({"noted", "settled", "stopped"})
LATER = ("raise ", "answer about", "a second request arrives", "the second is a duplicate")


class Claim(NamedTuple):
    """A letter, the claim in words, and the test: what is wrong with a step, in words, or None."""

    letter: str
    words: str
    broken: Callable[[PersonWorld, Happening], str | None]
    of_tables: bool = False  # it looks at the tables alone, so once is enough


@lru_cache(maxsize=1_000_000)
def list_of(position: Position, others_open: int) -> str:
    """The work list that the desk would put it on."""
    return owed.work_list(position.status, position.figures(others_open))


@lru_cache(maxsize=1_000_000)
def bookable(position: Position, others_open: int) -> bool:
    """Whether anybody at the desk could book it, or let a booking stand, with everything given."""
    facts = position.facts(others_open, workflow.GIVEN)
    return any(
        workflow.may(workflow.BY_NAME[name], position.status, (role,), facts)
        for name in ("book", "let_stand")
        for role in DESK
    )


@lru_cache(maxsize=1_000_000)
def can_do(position: Position, others_open: int) -> bool:
    """Whether those whose list it is on can do something that changes where it stands."""
    facts = position.facts(others_open)
    who = owed.LISTS[list_of(position, others_open)].who
    moves = [move for role in who for move in workflow.possible(position.status, (role,), facts)]
    return any(move.name not in IDLE for move in moves)


@lru_cache(maxsize=1_000_000)
def unsafe(dealings: Dealings) -> bool:
    """Whether anything is unread, or undecided or stopped before a consultation: looked at barely."""
    return bool(dealings.unread) or any(is_open(item) or item.state == "stopped" for item in dealings.items)


def forget() -> None:
    """What was worked out: the tables may be others now."""
    for known in (list_of, bookable, can_do, unsafe, _badly_listed, _unclocked, _open_and_bookable):
        known.cache_clear()


def _both(world: PersonWorld) -> Iterator[tuple[RequestState, bool]]:
    """Each request, and whether the person's other one has something unsafe that counts for it."""
    pairs = ((world.first, world.second), (world.second, world.first))
    for mine, other in pairs:
        if mine is not None:
            open_ = other is not None and not world.not_same and not _finished(other.position)
            yield mine, open_ and other is not None and unsafe(other.position.dealings)


def _finished(position: Position) -> bool:
    return position.status in ("closed", "withdrawn", "duplicate")


def _mine(world: PersonWorld, happening: Happening) -> RequestState | None:
    return world.second if happening.second else world.first


def _booked_past_review(before: PersonWorld, happening: Happening) -> str | None:
    """A: nothing is booked while anything is unread, open, stopped, or open at another request."""
    after, was = _mine(happening.after, happening), _mine(before, happening)
    assert after is not None  # noqa: S101  # what happened to a request leaves it there
    if happening.label.startswith("book a") or happening.label == "let the booking stand":
        assert was is not None  # noqa: S101
        dealings = was.position.dealings
        elsewhere = next(open_ for standing, open_ in _both(before) if standing is was)
        booking = after.position.dealings.booking
        if unsafe(dealings) or elsewhere or not dealings.identity:
            return "booked while something is unread, open, stopped, or the identity is not checked"
        if booking is None:
            return "booked without an appointment"
        if booking.what == "treatment" and any(item.state != "settled" for item in dealings.items):
            return "a treatment is booked while an item is not settled for it"
    if happening.label == "make ready" and any(open_ for mine, open_ in _both(before) if mine is was):
        return "made ready while something is open at another request of this person"
    stands = after.position.dealings.booking is not None
    if after.position.status == "booked" and not stands:
        return "booked without an appointment"
    if after.position.status in ("contacted", "ready_to_book") and stands:
        return "an appointment stands in a status that says there is none"
    if after.position.status in ("booked", "contacted", "ready_to_book") and unsafe(after.position.dealings):
        return "in reception's hands while something is unread, open or stopped"
    return None


def _decided_by_nobody(before: PersonWorld, happening: Happening) -> str | None:
    """B: only a clinician's act reads words, decides items, or ends a request with items undecided, and
    nobody's ends one with words unread; only a person's act moves a request."""
    for was, now in (
        (before.first, happening.after.first),
        (before.second, happening.after.second),
    ):
        if was is None or now is None or was.position is now.position:
            continue
        old, new = was.position.dealings, now.position.dealings
        states = {item.id: item.state for item in old.items}
        decided = [i for i in new.items if i.state in DECIDED and i.state != states.get(i.id, "open")]
        if happening.role != "clinician" and (decided or old.unread - new.unread):
            return "words are read or an item is decided by somebody who is no clinician"
        if happening.role is None and (was.position != now.position):
            return "a request changes without anybody's act"
        if happening.role == "patient" and not happening.label.startswith("answer about"):
            return "a patient does more than answer what they were asked"
        if _ends(was.position, now.position):
            if new.unread:
                return "a request ends with words that nobody has read"
            if happening.role != "clinician" and any(map(is_open, new.items)):
                return "a request ends with an item undecided, by somebody who is no clinician"
        if lost := set(states) - {item.id for item in new.items}:
            return f"an item is lost: {sorted(lost)[0]}"
    return None


def _ends(was: Position, now: Position) -> bool:
    """A duplicate does not: what is open of it goes on at the other request, which another claim holds."""
    return not _finished(was) and now.status in ("closed", "withdrawn")


def _on_no_list(_before: PersonWorld, happening: Happening) -> str | None:
    """C: every open request is on one work list, whose people may do something with it."""
    found = (
        _badly_listed(made.position, made.work_list, made.figures.others_open)
        for _second, made in happening.outcomes
    )
    return next((wrong for wrong in found if wrong), None)


@lru_cache(maxsize=1_000_000)
def _badly_listed(position: Position, listed: str, others_open: int) -> str | None:
    if _finished(position):
        if listed and position.dealings.booking is None:
            return "a finished request is on a work list"
        return None
    if listed not in owed.LISTS:
        return "an open request is on no work list"
    who = owed.LISTS[listed].who
    if not who:
        return "nobody works on its list"
    if not can_do(position, others_open):
        return "those whose list it is on can do nothing with it"
    if unsafe(position.dealings) and _clinicians_turn(position.dealings):
        if listed != "to_review" or "clinician" not in who:
            return "a clinician's turn is not on the clinicians' list"
    elif position.dealings.asked and listed not in (_where_asked(position.dealings), "to_review"):
        return "a question for the patient is on nobody's list, or on that of the other side"
    return None


def _where_asked(dealings: Dealings) -> str:
    """The patient's turn only once everything was asked, and never while an appointment comes nearer."""
    known = all(asked.put for asked in dealings.asked)
    return "waiting_for_patient" if known and dealings.booking is None else "to_ask"


IDLE = frozenset({"take", "hand_over", "call", "message", "note", "mark_urgent", "unmark_urgent"})


def _clinicians_turn(dealings: Dealings) -> bool:
    waits = any(is_open(item) and item.state != "asked" for item in dealings.items)
    return waits or bool(dealings.unread) or dealings.closing is not None


def _no_clock(_before: PersonWorld, happening: Happening) -> str | None:
    """E: a clock runs whenever something is owed, and none for what is not."""
    return _unclocked(happening.after)


@lru_cache(maxsize=1_000_000)
def _unclocked(world: PersonWorld) -> str | None:
    for standing, _elsewhere in _both(world):
        position, clocks = standing.position, standing.clocks
        if _finished(position):
            if clocks.review or (clocks.contact and position.dealings.booking is None):
                return "a clock runs for a finished request"
            continue
        if not clocks.contact:
            return "no clock runs for getting in touch"
        if _clinicians_turn(position.dealings) and not clocks.review:
            return "no clock runs for the review"
    return None


def _later_is_lost(before: PersonWorld, happening: Happening) -> str | None:
    """F: whatever comes later is ahead of a booking, or takes it back."""
    if wrong := _open_and_bookable(happening.after):
        return wrong
    return _kept(before, happening) if happening.label.startswith(LATER) else None


@lru_cache(maxsize=1_000_000)
def _open_and_bookable(world: PersonWorld) -> str | None:
    for standing, elsewhere in _both(world):
        position = standing.position
        if _finished(position):
            continue
        open_ = unsafe(position.dealings) or elsewhere
        if open_ and bookable(position, int(elsewhere)):
            return "it may be booked although something came that nobody has dealt with"
        listed = list_of(position, int(elsewhere))
        if position.dealings.booking is None or listed not in ("booked", "to_book", ""):
            continue
        if open_:
            return "an appointment stands in the way of nobody although something came later"
        if not position.dealings.identity:
            return "an appointment rests although nobody knows any more for whom it is"
    return None


def _kept(before: PersonWorld, happening: Happening) -> str | None:
    """What came is there afterwards, undecided."""
    label = happening.label
    if label == "the second is a duplicate of the first":
        assert before.second is not None  # noqa: S101
        kept = {item.id for item in happening.after.first.position.dealings.items if item.state == "open"}
        gone = before.second.position.dealings
        missing = {i.id for i in gone.items if i.state in ("asked", "answered", "stopped")} - kept
        missing |= {i.id for i in gone.items if i.state == "open" and i.gate == "consultation"} - kept
        if missing or (gone.unread and not any(name.startswith("words_") for name in kept)):
            return "what was open at a duplicate is not open at the other request"
        settled = {i.id for i in happening.after.first.position.dealings.items}
        return None if {i.id for i in gone.items if i.state != "settled"} <= settled else "an item is lost"
    after = _mine(happening.after, happening)
    assert after is not None  # noqa: S101
    waits = {item.id for item in after.position.dealings.items if item.state in ("open", "answered")}
    named = label.removeprefix("raise ").removeprefix("answer about ").removesuffix(" again")
    if label.startswith(("raise ", "answer about")) and not waits & {named, "told_1"}:
        return "what was told is not there to be decided"
    return None


def _untold(before: PersonWorld, happening: Happening) -> str | None:
    """G: each act has words, need and effect, each change of status is noted, each notice owed is sent."""
    if happening.label.endswith(SILENTLY):
        return "it is done without the words that say why, what or when"
    acted, led = _mine(before, happening), _mine(happening.after, happening)
    if acted is not None and (wrong := without_need(happening.label, acted.position)):
        return wrong
    if led is not None and (wrong := without_effect(happening.label, led.position)):
        return wrong
    for second, made in happening.outcomes:
        was = before.second if second else before.first
        if was is None:
            continue
        listed = list_of(was.position, before.others_open(second))
        if made.moved == "call_back_to_review" and happening.label in TO_RECEPTION:
            return "it is put into reception's hands and taken away by the same act"
        if (made.moved is None) and was.position.status != made.position.status:
            return "a status changes and no move is noted"
        if made.work_list == "to_review" and listed != "to_review" and "review_digest" not in made.notices:
            return "clinicians are not told that something waits"
        stopped = made.work_list == "booked_but_stopped" and listed != made.work_list
        if stopped and "stopped_booking" not in made.notices:
            return "nobody is told that a booked request is stopped"
        urgent = bool(made.position.dealings.urgent) and not was.position.dealings.urgent
        if urgent and not _finished(made.position) and "marked_urgent" not in made.notices:
            return "nobody is told that it is urgent"
    return None


def _sees_too_much(_before: PersonWorld, happening: Happening) -> str | None:
    """H: what is about health is done, and so seen, by clinicians only; managers and auditors do nothing,
    and patients nothing but answer."""
    for move in workflow.MOVES:
        if set(move.who) - {"reception", "clinician"} - ({"patient"} if move.name == "answer" else set()):
            return f"{move.name}: by somebody who does not work with requests"
        if move.name in ABOUT_HEALTH and set(move.who) != {"clinician"}:
            return f"{move.name}: by somebody who may not read health answers"
    for kind in CLINICAL:
        if not kind.clinical:
            return f"{kind.kind}: entries about health are shown to everybody"
    del happening
    return None


TO_RECEPTION = frozenset(
    {
        "make ready",
        "send back",
        "hand back",
        "let the booking stand",
        "reach",
        "book a consultation",
        "book a treatment",
    }
)
ABOUT_HEALTH = frozenset({"read", "decide", "send_back", "let_stand", "hand_back", "call_back_to_review"})
CLINICAL = (entries.FlagDecision, entries.Read, entries.Raised)

CLAIMS = (
    Claim("A", "nothing is booked while anything is unread, open or stopped", _booked_past_review),
    Claim("B", "no decision is made by anybody but a person's act", _decided_by_nobody),
    Claim("C", "every open request is on one work list of somebody who can move it", _on_no_list),
    Claim("E", "a clock runs whenever something is owed", _no_clock),
    Claim("F", "later information is ahead of a booking or takes it back to review", _later_is_lost),
    Claim("G", "every move leaves a record and, where owed, a notice", _untold),
    Claim("H", "a role never gains what it may not see", _sees_too_much, of_tables=True),
)  # D, that each can end, is about the whole graph: `desk_search` looks at it
LETTERS: Mapping[str, str] = {
    **{claim.letter: claim.words for claim in CLAIMS},
    "D": "every request can reach an end, and every state has a way on",
}
