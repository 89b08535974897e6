"""A version that went live never changes: digests beside the rule set, or an archived copy, tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from screening.core.building import from_document
from screening.core.errors import RuleSetError, unreadable
from screening.core.findings import Place, Problem
from screening.core.loading import VERSIONS, beside, load, read_file
from screening.core.rules import RuleSet
from screening.core.serialising import as_yaml
from screening.storage.files import write

SCHEMA = "screening-versions/1"
REMEDY = (
    "Raise the version: the last number for wording, the middle one for a question, the first for meaning."
)
_FROM_ARCHIVE = "Take the document from the archive."


def changed(file: Path, rule_set: RuleSet, against: Path | None = None) -> Iterator[Problem]:
    """Whether this version is another than the recorded, or the archived, one of the same number."""
    try:
        known = recorded(file)
        if against is not None:
            archived = read_archived(against)
            known = {**known, **({archived.version: archived.digest} if archived.id == rule_set.id else {})}
    except RuleSetError as error:
        yield from error.problems
        return
    if known.get(rule_set.version, rule_set.digest) != rule_set.digest:
        what = f"Version {rule_set.version} went live with another content."
        yield Problem(rule_set.at("version"), "version-unchanged", what, REMEDY)


def recorded(file: Path) -> dict[str, str]:
    """Version -> digest (SHA-256), as `record` wrote them; empty where it never did. Raises RuleSetError."""
    path = beside(file, VERSIONS)
    if not path.exists():
        return {}
    node = read_file(path)
    listed = node.get("versions")
    found = listed.plain() if listed is not None else None
    if not isinstance(found, dict) or not all(isinstance(digest, str) for digest in found.values()):
        what = '"versions" must hold a digest for each version.'
        raise RuleSetError([Problem(node.place, "format", what, "Take the file back from your archive.")])
    return found


def record(file: Path, rule_set: RuleSet) -> None:
    """Keeps the digest of a live version; one that is kept is never overwritten. Raises RuleSetError."""
    known = recorded(file)
    kept = {**known, rule_set.version: known.get(rule_set.version, rule_set.digest)}
    data = {"schema": SCHEMA, "rule_set": rule_set.id, "versions": kept}
    write(beside(file, VERSIONS), as_yaml(data).encode())


def read_archived(path: Path) -> RuleSet:
    """A rule set from an archived document (JSON), or from another copy of its file. Raises RuleSetError."""
    if path.suffix != ".json":
        return load(path)
    try:
        return from_document(path.read_bytes().decode())
    except OSError:
        raise unreadable(path, "The file cannot be read.", "Check the name and the folder.") from None
    except json.JSONDecodeError as error:
        place = Place(str(path), error.lineno, error.colno)
        what = f"This is not JSON: {error.msg}."
        raise RuleSetError([Problem(place, "format", what, _FROM_ARCHIVE)]) from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        what = "This is not an archived rule set."
        raise unreadable(path, what, _FROM_ARCHIVE) from None
