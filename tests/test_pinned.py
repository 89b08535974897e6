"""What a server installs is pinned, with hashes, to what the tests ran with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).parents[1]
PINNED = (ROOT / "deploy" / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)((?:\s+--hash=sha256:[0-9a-f]{64})+)\s*$")


def pins() -> dict[NormalizedName, str]:
    """Name -> version; each line is a pin with at least one hash."""
    lines = [line for line in PINNED.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    matched = [PIN.match(line) for line in lines]
    assert [line for line, found in zip(lines, matched, strict=True) if found is None] == []
    return {canonicalize_name(found[1]): found[2] for found in matched if found}


def test_a_server_installs_the_versions_that_the_tests_ran_with() -> None:
    constraints = (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8")
    tried: dict[str, str] = {
        canonicalize_name(name): version
        for name, _, version in (line.partition("==") for line in constraints.splitlines() if "==" in line)
    }
    assert {name: version for name, version in pins().items() if tried.get(name) != version} == {}


def test_all_that_the_service_needs_is_pinned_in_a_version_that_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = pins()
    for needed in map(Requirement, project["dependencies"]):
        assert pinned.get(canonicalize_name(needed.name), "") in needed.specifier, needed


def test_no_address_of_a_registry_stands_in_it() -> None:
    assert "://" not in PINNED
