"""The sign-off: a file beside the rule set that names who agreed, and to which very content.

It stands outside the rule set, because a name inside would change the content that was signed; and in
a file, because it is read, reviewed and copied from the trial server to the real one with the rules.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints, ValidationError

from screening.core import complaints, documents
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.loading import SIGNED, beside
from screening.core.questions import Model, Text
from screening.core.rules import Day, RuleSet
from screening.core.serialising import as_yaml
from screening.storage.files import write

SCHEMA = "screening-sign-off/1"
TrimmedText = Annotated[str, BeforeValidator(lambda text: text.strip() if isinstance(text, str) else text)]
Name = Annotated[TrimmedText, StringConstraints(min_length=2, max_length=200)]


class SignOff(Model):
    """Who agreed to a rule set; `digest` is of the content they agreed to."""

    schema_: Literal["screening-sign-off/1"]
    rule_set: Text
    version: Text
    digest: Text
    name: Name
    role: Name
    date: Day
    place: Place = Place("")


def load_sign_off(file: Path) -> SignOff | None:
    """The sign-off beside a rule set; None where there is none. Raises RuleSetError."""
    path = beside(file, SIGNED)
    if not path.exists():
        return None
    try:
        node = documents.parse(path.read_bytes(), str(path))
    except OSError:
        problem = Problem(Place(str(path)), "format", "The file cannot be read.", "Check its rights.")
        raise RuleSetError([problem]) from None
    data = node.plain() if isinstance(node.value, dict) else {}
    data["schema_"] = data.pop("schema", None)
    try:
        return SignOff.model_validate(data | {"place": node.place})
    except ValidationError as error:
        raise RuleSetError(list(complaints.problems_of(error, SignOff, node))) from None


def sign(file: Path, rule_set: RuleSet, *, name: str, role: str, on: date) -> Path:
    """Write the sign-off of this content beside it, over an older one. Raises RuleSetError."""
    path = beside(file, SIGNED)
    signed = {"rule_set": rule_set.id, "version": rule_set.version, "digest": rule_set.digest}
    who = {"name": name, "role": role, "date": on.isoformat()}
    try:
        SignOff.model_validate({"schema_": SCHEMA, **signed, **who})
    except ValidationError as error:
        wrong = sorted({str(fault["loc"][0]) for fault in error.errors()})
        what = f"This is no {' and no '.join(wrong)} to sign with."
        raise RuleSetError(
            [Problem(rule_set.place, "format", what, "Write who agreed, and as what.")]
        ) from None
    write(path, as_yaml({"schema": SCHEMA, **signed, **who}).encode())
    return path


def unsigned(rule_set: RuleSet, sign_off: SignOff | None, today: date) -> Problem | None:
    """Why the sign-off does not stand for this content; None when it does."""
    how = 'Have it agreed to, then run: screening rules sign RULESET --name "..." --role "..."'
    if sign_off is None:
        return Problem(rule_set.place, "not-signed", "Nobody has signed off this rule set.", how)
    if (sign_off.rule_set, sign_off.digest) != (rule_set.id, rule_set.digest):
        what = f"{sign_off.name} signed off another content ({sign_off.rule_set} {sign_off.version})."
        return Problem(sign_off.place, "signed-other", what, f"Show what changed since. {how}")
    if sign_off.date > today:
        return Problem(sign_off.place, "not-signed", "The sign-off is dated in the future.", "Mend its date.")
    return None
