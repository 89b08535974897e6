"""Who agrees to a rule set: a clinician, then a second person, each with their second factor at that moment.

What they agree to is read from the rules folder anew each time, so a page that was opened a moment ago cannot
be signed for what stands there now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from screening.authoring.diff import diff
from screening.authoring.files import treatments
from screening.authoring.show import ShownStanding, as_body, contents
from screening.authoring.shown import Shown
from screening.authoring.word_changes import RuleChange
from screening.core.errors import Absent, Refused, RuleSetError
from screening.core.findings import Problem
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.desk.desk import CLINICIAN, MANAGER, Desk, actor, allow, trying
from screening.desk.shapes import Person
from screening.publishing.comparing import VersionComparison, compare
from screening.publishing.publish import is_published
from screening.publishing.quieter import QuieterThing
from screening.publishing.refuse import Examined, examine
from screening.publishing.sign import Dossier, Signatures, dossier, is_reason, signatures, unreasoned
from screening.service.recording import recording
from screening.storage import publications, rule_sets, sign_offs
from screening.storage.database import reading
from screening.storage.publications import in_force
from screening.storage.sign_offs import GivenReason, SignOff, SignPart
from screening.tracing import fingerprints
from screening.tracing.shown_trace import TracedSection, shown_trace

READERS = (CLINICIAN, MANAGER)
LONGEST_ROLE, LONGEST_REASON = 200, 1000


@dataclass(frozen=True, slots=True)
class RuleSetLine:
    """A rule set of the folder, and how far it has come; `holds` is the version that patients have."""

    id: str
    title: str
    version: str
    status: str
    holds: str
    agreed: str
    seconded: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class SigningPage:
    """All that somebody sees before they agree; `things` are what became quieter."""

    dossier: Dossier
    shown: Shown
    problems: tuple[Problem, ...]
    things: tuple[QuieterThing, ...]
    before: str
    traced: tuple[TracedSection, ...]
    found: Signatures
    published: bool  # this very content, and it was not taken back

    @property
    def body(self) -> Markup:
        """What the rule set does, as the page that `show` writes."""
        return as_body(self.shown)

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way of agreeing."""
        return not self.problems

    @property
    def agreed(self) -> SignOff | None:
        """Who agreed to all that is quieter now: since they did, another version may have been published."""
        lacking = list(unreasoned(self.things, self.found.agreed))
        return self.found.agreed if not lacking else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What somebody signs: the content that they saw, as what, and a reason for each thing ticked."""

    content: str
    role: str
    reasons: Mapping[str, str]


def rule_sets_of(desk: Desk, person: Person) -> list[RuleSetLine]:
    """What stands in the folder; a file that cannot be read is listed with what is wrong."""
    allow(person, *READERS)
    found = [_line(desk, file) for file in treatments([desk.settings.rules])]
    return sorted(found, key=lambda line: line.id)


def _line(desk: Desk, file: Path) -> RuleSetLine:
    try:
        whole = dossier(file, load(file))
    except RuleSetError as error:
        return RuleSetLine(file.stem, file.stem, "", "", "", "", "", error.problems)
    rule_set = whole.rule_set
    with reading(desk.service.engine) as connection:
        published = publications.history(connection, rule_set.id)
        found = signatures(connection, rule_set.id, whole.content)
    holds = in_force(published, rule_set.id, desk.service.today())
    return RuleSetLine(
        rule_set.id,
        rule_set.title,
        rule_set.version,
        rule_set.status,
        holds.version if holds is not None and not holds.taken_back else "",
        found.agreed.by_name if found.agreed is not None else "",
        found.seconded.by_name if found.seconded is not None else "",
    )


def to_sign(desk: Desk, person: Person, rule_set_id: str) -> SigningPage:
    """A rule set as it is now. Raises Absent, Refused, RuleSetError for a file that cannot be read."""
    allow(person, *READERS)
    whole = _dossier(desk, rule_set_id)
    examined = _examined(whole.file, whole.content, whole.rule_set.status, desk.service.today())
    with reading(desk.service.engine) as connection:
        comparison = compare(connection, whole)
        found = signatures(connection, rule_set_id, whole.content)
        history = publications.history(connection, whole.rule_set.id)
    changes = diff(comparison.old, whole.rule_set).changes if comparison.old is not None else ()
    standing = ShownStanding([_told(change) for change in changes], list(_signed(found)))
    return SigningPage(
        whole,
        contents(whole.rule_set, examined.cases, examined.proof, standing),
        (*examined.problems, *comparison.problems),
        comparison.things,
        _before(comparison),
        tuple(shown_trace(whole.rule_set, fingerprints.load(whole.file))),
        found,
        is_published(whole.rule_set, history),
    )


def _dossier(desk: Desk, rule_set_id: str) -> Dossier:
    unread: list[Problem] = []
    for file in treatments([desk.settings.rules]):
        try:
            rule_set = load(file)
        except RuleSetError as error:
            unread += error.problems if _may_be(file, rule_set_id) else ()
            continue
        if rule_set.id == rule_set_id:
            return dossier(file, rule_set)
    if unread:
        raise RuleSetError(unread)
    raise Absent(f"there is no rule set {rule_set_id}")


def _may_be(file: Path, rule_set_id: str) -> bool:
    """Whether a file that cannot be used is of this rule set: by its name, or since it names it."""
    with suppress(OSError):
        return file.stem == rule_set_id or rule_set_id.encode() in file.read_bytes()
    return file.stem == rule_set_id


@lru_cache(maxsize=16)  # by content: proving it again would tell nothing new
def _examined(file: Path, content: str, status: str, today: date) -> Examined:
    del content, status
    return examine(file, load(file), today)


def _before(comparison: VersionComparison) -> str:
    return comparison.before.version if comparison.before is not None else ""


def _told(change: RuleChange) -> str:
    words = f": “{change.before}” → “{change.after}”" if change.before or change.after else ""
    return f"{change.kind} {change.id}: {change.what}{words}"


def _signed(found: Signatures) -> Iterator[str]:
    for each in (found.agreed, found.seconded):
        if each is not None:
            yield f"{each.by_name}, {each.by_role}, {each.at:%Y-%m-%d %H:%M} UTC ({each.part})"


def untraced(rule_set: RuleSet) -> list[str]:
    """The rules that stand for no statement of the page, by label."""
    return [rule.label for rule in rule_set.rules if not rule.sources]


def agree(
    desk: Desk, person: Person, rule_set_id: str, given: Agreement, second_factor: Callable[[], bool]
) -> None:
    """A clinician agrees. `second_factor` is asked last, and only when nothing else refuses.

    Raises Absent, Refused, RuleSetError, Unavailable.
    """
    with trying(desk, person, "rules_signed"):
        allow(person, CLINICIAN)
        page = _as_seen(desk, person, rule_set_id, given)
        if page.agreed is not None:
            raise Refused("agreed_already")
        reasons = _reasons(page.things, given.reasons)
        _keep(desk, person, page, "agreed", given.role, reasons, second_factor)


def second(
    desk: Desk, person: Person, rule_set_id: str, given: Agreement, second_factor: Callable[[], bool]
) -> None:
    """Somebody else stands by what a clinician agreed to. Raises as `agree`."""
    with trying(desk, person, "rules_seconded"):
        allow(person, *READERS)
        page = _as_seen(desk, person, rule_set_id, given)
        if page.agreed is None:
            raise Refused("not_agreed_yet")
        if page.agreed.by_id == person.id:
            raise Refused("same_person")
        if page.found.seconded is not None:
            raise Refused("agreed_already")
        _keep(desk, person, page, "seconded", given.role, page.agreed.reasons, second_factor)


def _as_seen(desk: Desk, person: Person, rule_set_id: str, given: Agreement) -> SigningPage:
    page = to_sign(desk, person, rule_set_id)
    if page.dossier.content != given.content:
        raise Refused("content_changed")
    if not page.ready:
        raise Refused("not_ready")
    if not 1 < len(given.role) <= LONGEST_ROLE:
        raise Refused("role_missing")
    return page


def _reasons(things: Sequence[QuieterThing], given: Mapping[str, str]) -> tuple[GivenReason, ...]:
    """One for each thing, of substance. Raises Refused."""
    if any(not is_reason(given.get(thing.key, "")) for thing in things):
        raise Refused("reasons_missing")
    return tuple(
        GivenReason(thing.key, thing.about, thing.what, given[thing.key][:LONGEST_REASON]) for thing in things
    )


def _keep(
    desk: Desk,
    person: Person,
    page: SigningPage,
    part: SignPart,
    role: str,
    reasons: tuple[GivenReason, ...],
    second_factor: Callable[[], bool],
) -> None:
    if not second_factor():
        raise Refused("second_factor")
    whole, now = page.dossier, desk.service.now()
    signed = SignOff(
        rule_set_id=whole.rule_set.id,
        version=whole.rule_set.version,
        digest=whole.rule_set.digest,
        content=whole.content,
        part=part,
        by_id=person.id,
        by_name=person.name,
        by_role=role,
        at=now,
        document=whole.document,
        reasons=reasons,
    )
    told = {"rule_set": signed.rule_set_id, "version": signed.version, "content": signed.content}
    with recording(desk.service) as recorder:
        rule_sets.archive(recorder.connection, whole.rule_set, whole.rule_set.document, now)
        sign_offs.insert_sign_off(recorder.connection, signed)
        action = "rules_signed" if part == "agreed" else "rules_seconded"
        recorder.note(action, actor(person), **told)
