"""The old instance, as it was packed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stored.unpacking import Old, unpacked


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Old]:
    """Everything that was kept, with the rules that were served."""
    with unpacked(tmp_path) as found:
        yield found
