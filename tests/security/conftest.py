"""Who has something to lose."""

from __future__ import annotations

import pytest

from screening.desk.desk import Desk
from tests.security.meddling import Story, told


@pytest.fixture
def story(desk: Desk) -> Story:
    """A clinic at work; nothing amiss."""
    story = told(desk)
    assert [fault for fault in story.found if "rule set" not in fault] == []
    return story
