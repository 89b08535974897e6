"""What may become of a request: the states, the moves between them, who may, and what must hold.

This one table is the whole of it. `screening rules states` prints it, docs/states.mmd draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, get_args

from screening.core.errors import Refused
from screening.core.wording import marked

Role = Literal["reception", "clinician", "manager", "auditor"]
Decision = Literal["proceed", "ask_patient", "discuss", "do_not_proceed"]
CallOutcome = Literal["reached", "no_answer", "left_message", "wrong_number", "call_back"]
CloseReason = Literal[
    "not_going_ahead", "patient_declined", "cannot_reach", "referred_elsewhere", "attended", "other"
]

ROLES: tuple[Role, ...] = get_args(Role)
DECISIONS: tuple[Decision, ...] = get_args(Decision)
DECISION_LABELS: dict[Decision, str] = {
    "proceed": marked("Noted, proceed to booking"),
    "ask_patient": marked("Ask the patient"),
    "discuss": marked("Discuss at consultation"),
    "do_not_proceed": marked("Do not proceed, see note"),
}
CALL_OUTCOMES: tuple[CallOutcome, ...] = get_args(CallOutcome)
CLOSE_REASONS: tuple[CloseReason, ...] = get_args(CloseReason)


@dataclass(frozen=True, slots=True)
class Status:
    """Where a request may stand: what it is called, and whether nothing more is to be done."""

    label: str  # marked for translators
    finished: bool = False


STATUSES: dict[str, Status] = {
    "new": Status(marked("New")),
    "needs_review": Status(marked("Needs review")),
    "ready_to_book": Status(marked("Ready to book")),
    "contacted": Status(marked("Contacted")),
    "booked": Status(marked("Booked")),
    "closed": Status(marked("Closed"), finished=True),
    "withdrawn": Status(marked("Withdrawn"), finished=True),
    "duplicate": Status(marked("Duplicate"), finished=True),
}
INITIAL = "new"
BOOKABLE = frozenset({"ready_to_book", "contacted", "booked"})  # in reception's hands


def is_finished(status: str) -> bool:
    """Whether nothing more is to be done; of a status that is not known here, somebody must look."""
    return status in STATUSES and STATUSES[status].finished


@dataclass(frozen=True, slots=True)
class Facts:
    """What the predicates look at; `given` names what the person gave with the move."""

    open_flags: int = 0  # raised, to be reviewed before booking, and not dealt with
    stopped: int = 0  # flags whose latest decision is not to proceed
    given: frozenset[str] = frozenset()  # of "reason", "appointment", "other", "next_step"


@dataclass(frozen=True, slots=True)
class Predicate:
    """Something that must hold."""

    name: str
    holds: Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Move:
    """One way from some states to another."""

    name: str
    from_: tuple[str, ...]
    to: str
    who: tuple[Role, ...]
    needs: tuple[Predicate, ...] = ()

    def missing(self, facts: Facts) -> tuple[Predicate, ...]:
        """Predicates that do not hold."""
        return tuple(one for one in self.needs if not one.holds(facts))


def _given(what: str) -> Predicate:
    return Predicate(f"{what} given", lambda facts: what in facts.given)


REVIEWED = Predicate(
    "no open flag",
    lambda facts: facts.open_flags == 0,
)
NOT_STOPPED = Predicate(
    "no flag stops it",
    lambda facts: facts.stopped == 0,
)
STOPPED = Predicate("a flag stops it", lambda facts: facts.stopped > 0)
SOMETHING_TO_REVIEW = Predicate(
    "something to review",
    lambda facts: facts.open_flags + facts.stopped > 0,
)
REASON = _given("reason")
APPOINTMENT = _given("appointment")
OTHER = _given("other")
NEXT_STEP = _given("next_step")

_DESK: tuple[Role, ...] = ("reception", "clinician")
_OPEN = tuple(status for status in STATUSES if not is_finished(status))
_FINISHED = tuple(sorted(status for status in STATUSES if is_finished(status)))

MOVES: tuple[Move, ...] = (
    Move("pass_to_review", ("new",), "needs_review", _DESK, (SOMETHING_TO_REVIEW,)),
    Move(
        "call_back_to_review",
        ("ready_to_book", "contacted", "booked"),
        "needs_review",
        ("clinician",),
        (SOMETHING_TO_REVIEW,),
    ),
    Move("make_ready", ("new",), "ready_to_book", _DESK, (REVIEWED, NOT_STOPPED)),
    Move(
        "send_back",
        ("new", "needs_review"),
        "ready_to_book",
        ("clinician",),
        (REVIEWED, NOT_STOPPED, NEXT_STEP),
    ),
    Move(
        "hand_back",
        ("new", "needs_review"),
        "new",
        ("clinician",),
        (REVIEWED, STOPPED, NEXT_STEP),
    ),
    Move("reach", ("ready_to_book",), "contacted", _DESK, (REVIEWED, NOT_STOPPED)),
    Move(
        "book",
        ("ready_to_book", "contacted", "booked"),
        "booked",
        _DESK,
        (REVIEWED, NOT_STOPPED, APPOINTMENT),
    ),
    Move("unbook", ("booked",), "contacted", _DESK, (REVIEWED, NOT_STOPPED, REASON)),
    Move("close", _OPEN, "closed", _DESK, (REASON,)),
    Move("withdraw", _OPEN, "withdrawn", _DESK, (REASON,)),
    Move("mark_duplicate", _OPEN, "duplicate", _DESK, (OTHER,)),
    Move("reopen", _FINISHED, "new", _DESK, (REASON,)),
)
GIVEN = frozenset({"reason", "appointment", "other", "next_step"})
BY_NAME = {move.name: move for move in MOVES}


def moves_from(state: str, roles: Collection[str]) -> tuple[Move, ...]:
    """Moves that somebody with these roles has from here, whether or not their needs hold yet."""
    return tuple(move for move in MOVES if state in move.from_ and not set(move.who).isdisjoint(roles))


def possible(state: str, roles: Collection[str], facts: Facts) -> tuple[Move, ...]:
    """Moves that lack nothing but what is given with them: the buttons of a page."""
    given = Facts(facts.open_flags, facts.stopped, GIVEN)
    return tuple(move for move in moves_from(state, roles) if not move.missing(given))


def check(name: str, state: str, roles: Collection[str], facts: Facts) -> Move:
    """The move, when it may be made now; raises Refused with what is missing and what is allowed."""
    move = BY_NAME[name]
    allowed = tuple(one.name for one in possible(state, roles, facts))
    if state not in move.from_:
        raise Refused("not_from_here", allowed, move=move.name, state=state)
    if set(move.who).isdisjoint(roles):
        raise Refused("other_roles", allowed, roles=move.who)
    if missing := move.missing(facts):
        raise Refused("missing", allowed, needs=tuple(one.name for one in missing))
    return move


def as_table() -> list[tuple[str, str, str, str, str]]:
    """Move, from, to, who, needs: a row for each move."""
    return [
        (
            move.name,
            ", ".join(move.from_),
            move.to,
            ", ".join(move.who),
            "; ".join(need.name for need in move.needs),
        )
        for move in MOVES
    ]


def as_mermaid() -> str:
    """The table as a Mermaid state diagram, which docs/states.mmd holds."""
    lines = ["stateDiagram-v2", f"    [*] --> {INITIAL}"]
    for move in MOVES:
        needs = "".join(f" [{need.name}]" for need in move.needs)
        lines += [f"    {state} --> {move.to}: {move.name}{needs}" for state in move.from_]
    lines += [f"    {state} --> [*]" for state in STATUSES if is_finished(state)]
    return "\n".join(lines) + "\n"
