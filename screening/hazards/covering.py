"""What hazards must cover: every flag, urgent notice and status there is, and what the README promises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from screening.core.complaints import did_you_mean
from screening.core.findings import Problem
from screening.core.workflow import STATUSES
from screening.hazards.checkout import Checkout
from screening.hazards.log import Covers, HazardLog

CoveredPart = Literal["flags", "statuses", "urgent", "promises"]
PARTS: Mapping[CoveredPart, str] = {
    "flags": "flag",
    "statuses": "status",
    "urgent": "urgent notice",
    "promises": "promise of the README",
}
_PROMISE = re.compile(r"\b(lost|loses?|losing|never|nothing|ever|acknowledged)\b", re.IGNORECASE)
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*[-|>#])")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


def promises(readme: str) -> tuple[str, ...]:
    """The sentences of a README that promise what never happens, or that nothing is lost; in plain words."""
    plain = _CODE.sub("", readme).replace("**", "").replace("`", "")
    sentences = (
        " ".join(sentence.split()).removeprefix("- ")
        for block in _BLOCK.split(plain)
        for row in block.split("|")
        for sentence in _SENTENCE.split(row)
    )
    return tuple(sentence for sentence in sentences if _PROMISE.search(sentence))


def there(checkout: Checkout) -> Mapping[CoveredPart, tuple[str, ...]]:
    """All that must be covered, and nothing else can be."""
    rule_sets = checkout.rule_sets.values()
    return {
        "flags": _each(flag.id for rule_set in rule_sets for flag in rule_set.flags),
        "statuses": tuple(STATUSES),
        "urgent": _each(notice.id for rule_set in rule_sets for notice in rule_set.urgent),
        "promises": promises(checkout.readme),
    }


def _each(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def uncovered(log: HazardLog, checkout: Checkout) -> Iterator[Problem]:
    """What no hazard covers, and what hazards cover that is not there."""
    for part, known in there(checkout).items():
        covered: set[str] = set()
        for index, hazard in enumerate(log.hazards):
            for at, name in enumerate(_named(hazard.covers, part)):
                found = _meant(part, name, known)
                covered |= set(found)
                if len(found) != 1:
                    place = log.place(index, "covers", part, at)
                    yield Problem(place, "covers-nothing", *_not_there(part, name, known, len(found)))
        for name in known:
            if name not in covered:
                what = f'No hazard covers the {PARTS[part]} "{name}".'
                remedy = f"Name it under covers: {part}: of the hazard that it is part of, or add one."
                yield Problem(log.node.keys.get("hazards", log.node.place), "not-covered", what, remedy)


def _named(covers: Covers, part: CoveredPart) -> tuple[str, ...]:
    return {
        "flags": covers.flags,
        "statuses": covers.statuses,
        "urgent": covers.urgent,
        "promises": covers.promises,
    }[part]


def _meant(part: CoveredPart, name: str, known: tuple[str, ...]) -> list[str]:
    if part == "promises":
        return [sentence for sentence in known if " ".join(name.split()) in sentence]
    return [name] if name in known else []


def _not_there(part: CoveredPart, name: str, known: tuple[str, ...], found: int) -> tuple[str, str]:
    if found:
        return f'"{name}" stands in {found} promises of the README.', "Quote more words of the one you mean."
    if part == "promises":
        return f'No promise of the README holds the words "{name}".', "Quote the sentence as it stands now."
    return f'There is no {PARTS[part]} "{name}".', did_you_mean(name, known)
