"""Whatever changed in a rule set, `diff` says so, though it is for no patient otherwise."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screening.authoring.diff import diff
from screening.core.building import from_document
from screening.core.errors import RuleSetError
from screening.core.loading import load
from tests.authoring.writing import SHIPPED, compared, flag, small, told, with_flag
from tests.thorough import usually


def _spots(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every value in a rule set, and every list of two or more."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if key not in ("place", "schema", "status"):
                yield from _spots(inner, (*path, key))
    elif isinstance(node, list):
        yield from ((*path, None) for _ in range(len(node) > 1))
        for at, inner in enumerate(node):
            yield from _spots(inner, (*path, at))
    else:
        yield path


def _spoiled(document: str, path: tuple[Any, ...]) -> str:
    """The document with another value there, or a list turned round."""
    data = json.loads(document)
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    if path[-1] is None:
        holder.reverse()
    else:
        holder[path[-1]] = _another(holder[path[-1]])
    return json.dumps(data)


def _another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    days = {"2026-11-01": "2026-11-02", "2027-05-01": "2027-05-02", "1.1.0": "1.1.1", "28 days": "27 days"}
    other = {"live": "draft", "emergency": "urgent", "urgent": "emergency"}
    return days.get(value) or other.get(value) or f"{value}x"


@pytest.mark.parametrize("name", ["lumbar-sympathetic-block", "example-knee-injection"])
def test_no_difference_of_the_digest_goes_untold(name: str) -> None:
    old = load(SHIPPED / f"{name}.yaml")
    data = json.loads(old.document)
    spots = list(dict.fromkeys(_spots(data)))
    dice = random.Random(3)
    tried = 0
    for path in dice.sample(spots, usually(40, thorough=120)):
        try:
            new = from_document(_spoiled(old.document, path))
        except RuleSetError:
            continue  # a name of ours, which can only be changed in several places at once
        tried += new.digest != old.digest
        assert new.digest == old.digest or diff(old, new).changes, path
    assert tried > usually(15, thorough=50)


KEYS_OF_ALL = {
    "start": {"about": ["Another."]}, "summary": {"heading": "Other"}, "category": "Other", "title": "Other",
    "effective_from": "2026-01-02", "review_by": "2029-01-02", "page": {"url": "https://clinic.example/x"},
    "wording": {"ban": ["luck"]}, "version": "1.0.1",
    "accept": [{"code": "no-urgent", "reason": "Only written for a test."}],
}  # fmt: skip


@pytest.mark.parametrize("key", KEYS_OF_ALL)
def test_a_key_of_the_whole_is_told(tmp_path: Path, key: str) -> None:
    bare = small(indicators=[], flags=[])
    found = compared(tmp_path, bare, {**bare, key: KEYS_OF_ALL[key]})
    assert {(change.kind, change.what) for change in found.changes} == {("rule set", "changed")}
    assert all(change.before.startswith(key) for change in found.changes)


def test_a_condition_written_in_another_way_is_told_though_nobody_meets_it_otherwise(tmp_path: Path) -> None:
    found = compared(tmp_path, with_flag("yes", "no"), with_flag("no", "yes"))
    assert told(found) == {("flag", "fever", "written otherwise")}


def test_order_is_told(tmp_path: Path) -> None:
    asked = small()["questions"]
    found = compared(tmp_path, small(), small(questions=asked[::-1]))
    assert told(found) == {("question", "hurts", "reordered")}


def test_sources_codes_and_what_is_set_aside_are_told(tmp_path: Path) -> None:
    bare = small()
    one = {"section": "safety", "phrase": "hot"}
    notice = {"id": "now", "level": "emergency", "heading": "Ring 999 if:", "items": ["it bleeds"]}
    old = {**bare, "urgent": [{**notice, "source": one}]}
    aside = {"section": "About us", "because": "It is about the clinic."}
    changes: dict[str, Any] = {
        "notice": {**old, "urgent": [notice]},
        "flag": {
            **old,
            "flags": [flag("fever", {"fever": ["yes", "not_sure"]}, source=[one, {**one, "under": "b"}])],
        },
        "question": {
            **old,
            "questions": [{**bare["questions"][0], "codings": "to be verified"}, bare["questions"][1]],
        },
        "rule set": {**old, "page": {**bare["page"], "set_aside": [aside]}},
    }
    for kind, new in changes.items():
        found = compared(tmp_path, old, new)
        assert {(change.kind, change.what) for change in found.changes} == {(kind, "changed")}
        assert found.quieter == ()
