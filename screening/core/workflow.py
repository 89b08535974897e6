"""What may become of a request: the states, the moves, who may, what must hold; `owed` says what follows.

These tables are the whole of it: the desk's functions, buttons, queues, counts, notices and clocks are
made from them, `screening rules states` prints them, docs/states.mmd draws them, and
`screening prove-desk` tries all histories of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal, get_args

from screening.core.entries import CallOutcome, CloseReason, Decision
from screening.core.errors import Refused
from screening.core.wording import marked

Role = Literal["reception", "clinician", "manager", "auditor"]

PATIENT: Literal["patient"] = "patient"  # by a link that was sent to them; nobody who works here
Doer = Role | Literal["patient"]

ROLES: tuple[Role, ...] = get_args(Role)
DECISIONS: tuple[Decision, ...] = get_args(Decision)
DECISION_LABELS: dict[Decision, str] = {
    "proceed": marked("Noted: a consultation may be booked"),
    "settled": marked("Settled, for the treatment too"),
    "ask_patient": marked("Ask the patient"),
    "discuss": marked("Discuss at the consultation"),
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
class Figures:
    """What a request amounts to, in numbers that its row holds and queues read without a key."""

    open_flags: int = 0  # items to be dealt with before a consultation is booked
    stopped_flags: int = 0  # items whose latest decision is not to proceed
    unsettled: int = 0  # items to be settled before the treatment, the two above among them
    unread: int = 0  # things the patient said that no clinician has read
    to_review: int = 0  # things that wait for a clinician
    questions: int = 0  # things that the patient has not answered
    with_patient: int = 0  # those of them that the patient was asked
    others_open: int = 0  # things in the way at other requests of the same person
    appointment: str = ""  # what stands: consultation, treatment, or nothing
    identity_checked: int = 0  # whether somebody checked who the patient is, and nobody took it back

    @property
    def unidentified(self) -> int:
        """Whether an appointment stands, and nobody knows any more for whom."""
        return int(bool(self.appointment) and not self.identity_checked)

    @property
    def in_the_way(self) -> bool:
        """Whether something of its own keeps a consultation from being booked."""
        return self.unread + self.open_flags + self.stopped_flags > 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the predicates look at; `given` names what the person gave with the move."""

    figures: Figures = Figures()
    identity: bool = False
    by_clinician: bool = False
    given: frozenset[str] = frozenset()  # of GIVEN, and "treatment" where one is to be booked


@dataclass(frozen=True, slots=True)
class Predicate:
    """Something that must hold."""

    name: str
    holds: Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may be done in some states; `to` is None where the state stays as it is.

    `clinical` moves are about health: whoever may make them may read it.
    """

    name: str
    from_: tuple[str, ...]
    to: str | None
    who: tuple[Doer, ...]
    needs: tuple[Predicate, ...] = ()
    clinical: bool = False

    def missing(self, facts: Facts) -> tuple[Predicate, ...]:
        """Predicates that do not hold."""
        return tuple(need for need in self.needs if not need.holds(facts))


def _given(what: str) -> Predicate:
    return Predicate(f"{what} given", lambda facts: what in facts.given)


READ = Predicate("everything read", lambda facts: facts.figures.unread == 0)
REVIEWED = Predicate("no open flag", lambda facts: facts.figures.open_flags == 0)
NOT_STOPPED = Predicate("no flag stops it", lambda facts: facts.figures.stopped_flags == 0)
STOPPED = Predicate("a flag stops it", lambda facts: facts.figures.stopped_flags > 0)
PERSON_CLEAR = Predicate(
    "nothing open at another request of this person", lambda facts: facts.figures.others_open == 0
)
IDENTITY = Predicate("identity checked", lambda facts: facts.identity)
GATE = Predicate(
    "everything settled before a treatment",
    lambda facts: "treatment" not in facts.given or facts.figures.unsettled == 0,
)
KEEPS_GATE = Predicate(
    "everything settled before the treatment that is booked",
    lambda facts: facts.figures.appointment != "treatment" or facts.figures.unsettled == 0,
)
STANDS = Predicate("an appointment stands", lambda facts: bool(facts.figures.appointment))
NO_APPOINTMENT = Predicate("no appointment stands", lambda facts: not facts.figures.appointment)
OVER = Predicate(
    "no appointment stands, or the patient came",
    lambda facts: not facts.figures.appointment or "attended" in facts.given,
)
SETTLED_OR_CLINICIAN = Predicate(
    "no open flag, or a clinician does it",
    lambda facts: facts.by_clinician or facts.figures.open_flags == 0,
)
SOMETHING_OPEN = Predicate(
    "something to read or to decide",
    lambda facts: facts.figures.unread + facts.figures.open_flags > 0,
)
QUESTION = Predicate("a question waits", lambda facts: facts.figures.questions > 0)
SAME_TREATMENT = _given("same_treatment")
REASON = _given("reason")
APPOINTMENT = _given("appointment")
SIDE = _given("side")  # confirmed with the patient, or its rules ask for none
OTHER = _given("other")
NEXT_STEP = _given("next_step")

DESK: tuple[Role, ...] = ("reception", "clinician")
CLINICIANS: tuple[Role, ...] = ("clinician",)
_OPEN = tuple(status for status in STATUSES if not is_finished(status))
_FINISHED = tuple(sorted(status for status in STATUSES if is_finished(status)))
_CLEARED = (READ, REVIEWED, NOT_STOPPED)

MOVES: tuple[Move, ...] = (
    # what changes no state by itself
    Move("take", _OPEN, None, DESK),
    Move("hand_over", _OPEN, None, DESK),
    Move("call", _OPEN, None, DESK),
    Move("wait_for_patient", _OPEN, None, DESK, (QUESTION,)),
    Move("note", tuple(STATUSES), None, DESK),
    Move("check_identity", _OPEN, None, DESK),
    Move("mark_urgent", _OPEN, None, DESK, (REASON,)),
    Move("unmark_urgent", _OPEN, None, DESK, (REASON,)),
    Move("message", _OPEN, None, DESK),
    Move("answer", _OPEN, None, (*DESK, PATIENT), (QUESTION,)),
    Move("ask_again", _OPEN, None, DESK),
    Move("not_same", tuple(STATUSES), None, DESK, (OTHER, REASON)),
    Move("raise_item", _OPEN, None, DESK, (REASON,)),
    Move("read", _OPEN, None, CLINICIANS, clinical=True),
    Move("decide", _OPEN, None, CLINICIANS, clinical=True),
    # from state to state
    Move("pass_to_review", ("new", "ready_to_book", "contacted", "booked"), "needs_review", DESK),
    Move("call_back_to_review", ("ready_to_book", "contacted", "booked"), "needs_review", CLINICIANS),
    Move("make_ready", ("new",), "ready_to_book", DESK, (*_CLEARED, PERSON_CLEAR, NO_APPOINTMENT)),
    Move(
        "send_back",
        ("new", "needs_review"),
        "ready_to_book",
        CLINICIANS,
        (*_CLEARED, NO_APPOINTMENT, NEXT_STEP),
        clinical=True,
    ),
    Move(
        "let_stand",
        ("new", "needs_review"),
        "booked",
        CLINICIANS,
        (*_CLEARED, PERSON_CLEAR, IDENTITY, STANDS, KEEPS_GATE, NEXT_STEP),
        clinical=True,
    ),
    Move(
        "hand_back",
        ("new", "needs_review"),
        "new",
        CLINICIANS,
        (READ, REVIEWED, STOPPED, NEXT_STEP),
        clinical=True,
    ),
    Move("reach", ("ready_to_book",), "contacted", DESK, _CLEARED),
    Move(
        "book",
        ("ready_to_book", "contacted", "booked"),
        "booked",
        DESK,
        (*_CLEARED, PERSON_CLEAR, IDENTITY, GATE, SIDE, APPOINTMENT),
    ),
    Move("unbook", ("booked",), "contacted", DESK, (REASON,)),
    Move("cancel", tuple(status for status in STATUSES if status != "booked"), None, DESK, (STANDS, REASON)),
    Move("ask_to_close", _OPEN, "needs_review", ("reception",), (SOMETHING_OPEN, REASON)),
    Move("close", _OPEN, "closed", DESK, (READ, SETTLED_OR_CLINICIAN, OVER, REASON)),
    Move("withdraw", _OPEN, "withdrawn", DESK, (READ, SETTLED_OR_CLINICIAN, NO_APPOINTMENT, REASON)),
    Move("mark_duplicate", _OPEN, "duplicate", DESK, (NO_APPOINTMENT, SAME_TREATMENT, OTHER)),
    Move("reopen", _FINISHED, "new", DESK, (REASON,)),
)
GIVEN = frozenset({"reason", "appointment", "side", "other", "next_step", "attended", "same_treatment"})
BY_NAME = {move.name: move for move in MOVES}


def moves_from(state: str, roles: Collection[str]) -> tuple[Move, ...]:
    """Moves that somebody with these roles has from here, whether or not their needs hold yet."""
    return tuple(move for move in MOVES if state in move.from_ and not set(move.who).isdisjoint(roles))


def possible(state: str, roles: Collection[str], facts: Facts) -> tuple[Move, ...]:
    """Moves that lack nothing but what is given with them: the buttons of a page."""
    given = _by(replace(facts, given=GIVEN), roles)
    return tuple(move for move in moves_from(state, roles) if not move.missing(given))


def check(name: str, state: str, roles: Collection[str], facts: Facts) -> Move:
    """The move, when it may be made now; raises Refused with what is missing and what is allowed."""
    move = BY_NAME[name]
    if may(move, state, roles, facts):
        return move
    allowed = tuple(found.name for found in possible(state, roles, facts))
    needs = tuple(need.name for need in move.missing(_by(facts, roles)))
    if state not in move.from_:
        raise Refused("not_from_here", allowed, move=move.name, state=state, needs=needs)
    if set(move.who).isdisjoint(roles):
        raise Refused("other_roles", allowed, roles=move.who)
    raise Refused("missing", allowed, needs=needs)


def may(move: Move, state: str, roles: Collection[str], facts: Facts) -> bool:
    """Whether it may be made now, by somebody with these roles."""
    known = state in move.from_ and not set(move.who).isdisjoint(roles)
    return known and not move.missing(_by(facts, roles))


def way_to_book(state: str, roles: Collection[str], facts: Facts, *, identity: bool) -> tuple[str, ...]:
    """The moves that one press makes where nothing stands in the way, "book" the last; none where it cannot.

    `identity`: whoever books says that they checked who the patient is.
    """
    first = ("make_ready",) if state == INITIAL else ()
    also = ("check_identity",) if identity and not facts.identity else ()
    known = replace(facts, identity=facts.identity or identity)
    ready = may(BY_NAME["make_ready"], state, roles, facts) if first else True
    state = "ready_to_book" if first else state
    return (*first, *also, "book") if ready and may(BY_NAME["book"], state, roles, known) else ()


def _by(facts: Facts, roles: Collection[str]) -> Facts:
    return Facts(facts.figures, facts.identity, "clinician" in roles, facts.given)


def as_table() -> list[tuple[str, str, str, str, str]]:
    """Move, from, to, who, needs: a row for each move."""
    return [
        (
            move.name,
            ", ".join(move.from_),
            move.to or "(stays)",
            ", ".join(move.who),
            "; ".join(need.name for need in move.needs),
        )
        for move in MOVES
    ]


def as_mermaid() -> str:
    """The moves from state to state as a Mermaid diagram, which docs/states.mmd holds."""
    lines = ["stateDiagram-v2", f"    [*] --> {INITIAL}"]
    for move in MOVES:
        if move.to is None:
            continue
        needs = "".join(f" [{need.name}]" for need in move.needs)
        lines += [f"    {state} --> {move.to}: {move.name}{needs}" for state in move.from_]
    lines += [f"    {state} --> [*]" for state in STATUSES if is_finished(state)]
    return "\n".join(lines) + "\n"
