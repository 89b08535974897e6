"""A stored request of every past shape opens, each as its own program wrote it; no database, no keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from screening.core import entries
from screening.core.dealings import weight
from screening.core.kept import KeptContact, KeptHealth
from screening.core.past_shapes import LIFTS

FOLDER = Path(__file__).parent


def stored(schema: str) -> list[dict[str, Any]]:
    """Requests that were kept in this shape, opened: contact, health, entries."""
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{schema.replace('/', '-')}.json").read_text())
    return found


@pytest.mark.parametrize("schema", LIFTS)
def test_a_stored_request_of_every_past_version_opens(schema: str) -> None:
    requests = stored(schema)
    assert requests
    for was in requests:
        contact, health = KeptContact.from_data(was["contact"]), KeptHealth.from_data(was["health"])
        assert contact.answers
        assert health.answers
        # What is read is what would be kept today: nothing is lost by keeping it again.
        assert KeptContact.from_data(json.loads(json.dumps(contact.to_data()))) == contact
        assert KeptHealth.from_data(json.loads(json.dumps(health.to_data()))) == health


def test_nothing_of_the_first_shape_is_lost() -> None:
    for was in stored("screening-request/1"):
        contact, health = KeptContact.from_data(was["contact"]), KeptHealth.from_data(was["health"])
        for part, answers in (("contact", contact.answers), ("health", health.answers)):
            assert [
                {
                    "question": answer.question,
                    "section": answer.section or None,
                    "contact": answer.contact,
                    "asked": answer.asked,
                    "hint": answer.hint,
                    "type": answer.type,
                    "safety": answer.safety,
                    "offered": dict(answer.offered),
                    "answer": answer.stored,
                    "said": list(answer.said),
                }
                for answer in answers
            ] == was[part]["answers"]
        for flag, then in zip(health.flags, was["health"]["flags"], strict=True):
            assert (flag.id, flag.label, flag.raised, flag.handling, flag.place) == tuple(
                then[name] for name in ("id", "label", "raised", "handling", "place")
            )
            assert {voice: getattr(flag.say, voice) for voice in then["say"]} == then["say"]
            assert [
                {"question": why.question, "answer": why.stored, "reason": why.reason} for why in flag.because
            ] == then["because"]


def test_every_entry_of_the_first_shape_is_of_a_kind_that_is_known() -> None:
    kinds = set()
    for was in stored("screening-request/1"):
        for then in was["entries"]:
            entry = entries.from_data(then["kind"], then["words"])
            assert not isinstance(entry, entries.UnknownEntry)
            said = entries.to_data(entry)
            assert {name: said[name] for name in then["words"]} == then["words"]
            kinds.add(entry.kind)
    assert {"decision", "question", "answer", "next_step"} <= kinds


def test_all_weights_of_handling_were_kept_once() -> None:
    handlings = {flag["handling"] for was in stored("screening-request/1") for flag in was["health"]["flags"]}
    assert {weight(handling) for handling in handlings} == {0, 1, 2}
