"""What is written has the shape that FHIR gives it, as a library of other people sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from screening.core.loading import load
from screening.core.serialising import Plain
from screening.exports.fhir.definitions import bundled, code_systems, structure_definitions

from .making import resources
from .test_fhir_rule_sets import SHIPPED


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
