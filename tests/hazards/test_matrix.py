"""The number is counted by the standard's matrix."""

from __future__ import annotations

from screening.hazards.matrix import LIKELIHOODS, SEVERITIES, risk


def test_every_cell_is_that_of_the_standard() -> None:
    rows = {"very_high": "34455", "high": "23345", "medium": "22334", "low": "12234", "very_low": "11223"}
    for likelihood in LIKELIHOODS:
        assert "".join(str(risk(severity, likelihood)) for severity in SEVERITIES) == rows[likelihood]


def test_more_severe_or_more_likely_is_never_less_of_a_risk() -> None:
    grid = [[risk(severity, likelihood) for severity in SEVERITIES] for likelihood in LIKELIHOODS]
    assert all(row == sorted(row) for row in grid)
    assert all(list(column) == sorted(column) for column in zip(*grid, strict=True))
