"""The proof of small and large rule sets, and a letter."""

from __future__ import annotations

from collections.abc import Iterator

from screening.core.loading import load
from screening.desk import outgoing
from screening.proving.prove import prove
from tests.bench.filled import filled
from tests.bench.measuring import Figure, figure, interleaved
from tests.bench.test_speed import of_size
from tests.core.making import RULES, SHIPPED, load_data

PROVE = {"shipped": 0.020, "200 questions": 0.3, "1,000 questions": 1.0}  # seconds to reach
LETTER = 60  # milliseconds


def figures() -> Iterator[Figure]:
    """Each in turn."""
    sets = {
        "shipped": load(SHIPPED, root=RULES.parent),
        "200 questions": load_data(of_size(200)),
        "1,000 questions": load_data(of_size(1_000)),
    }
    taken = interleaved({name: lambda name=name: prove(sets[name]) for name in sets}, rounds=5)  # type: ignore[misc]
    for name, seconds in taken.items():
        yield figure(f"prove {name}", seconds, "ms CPU", PROVE[name] * 1000)
    with filled(1_000) as place:
        reference = place.references(1)[0]
        made = {"letter": lambda: b"".join(outgoing.letter(place.desk, place.clinician, reference).pieces)}
        yield figure("letter", interleaved(made, 3)["letter"], "ms CPU", LETTER)
