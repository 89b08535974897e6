"""Staff who are signed in already."""

from __future__ import annotations

import pytest

from tests.staff.actors import Staff


@pytest.fixture
def desk(reception: Staff) -> Staff:
    """Reception, signed in."""
    reception.comes_in()
    return reception


@pytest.fixture
def doctor(clinician: Staff) -> Staff:
    """A clinician, signed in."""
    clinician.comes_in()
    return clinician
