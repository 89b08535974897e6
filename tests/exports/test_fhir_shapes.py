"""What is written has the shape that FHIR gives it, as a library of other people sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from screening.core.loading import load
from screening.core.serialising import Plain
from screening.exports.fhir.definitions import bundled, code_systems, structure_definitions
from tests.core.making import load_data

from .conftest import THOROUGH, Reached
from .making import dressed, resources
from .partners import validated
from .test_fhir_rule_sets import SHIPPED

SETS = THOROUGH // 20 or 5


def holds(resource: Plain) -> None:
    """Raises where the resource is none of R4, or of R4B: fhir.resources has no plain R4."""
    library = _library("fhir.resources.R4B", "fhir.resources")
    library.get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    assert list(map(str, _library("fhirkit", "fhirkit-rs").validate(resource))) == []


def _library(module: str, package: str) -> Any:
    return pytest.importorskip(module, reason=f"{package} is not installed: pip install {package}")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_rule_set_is_valid_fhir(file: Path) -> None:
    rule_set = load(file)
    for resource in (*resources(rule_set), bundled(code_systems(rule_set))):
        holds(resource)


def test_the_definitions_of_extensions_are_valid_fhir() -> None:
    for definition in structure_definitions():
        holds(definition)


some = settings(max_examples=SETS, deadline=None, phases=[Phase.generate], database=None,
                suppress_health_check=list(HealthCheck))  # fmt: skip


def test_random_rule_sets_are_valid_fhir(reached: Reached) -> None:
    many = [0]

    @some
    @given(dressed())
    def valid(data: Plain) -> None:
        for resource in resources(load_data(data)):
            holds(resource)
            many[0] += 1

    valid()
    reached("fhir.resources, fhirkit-rs: resources with an error", "0", f"0 in {many[0]:,}")


def test_a_validator_of_other_people_finds_nothing_wrong_in_form_or_code(reached: Reached) -> None:
    made = [bundled(structure_definitions()), *(bundled(code_systems(load(file))) for file in SHIPPED)]
    made += [each for file in SHIPPED for each in resources(load(file))]

    @some
    @given(dressed())
    def collect(data: Plain) -> None:
        made.extend(resources(load_data(data)))

    collect()
    found = validated(made)
    reached("fhir (npm, plain R4): resources with an error", "0", f"{len(found.wrong)} in {found.many:,}")
    assert found.wrong == []
