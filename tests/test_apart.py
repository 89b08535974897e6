"""Work in a process of its own: done, or told why not as if it had been done here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.apart import apart
from screening.core.errors import NotReady, ScreeningError, Unavailable


def raising(error: BaseException) -> Callable[[], None]:
    """Work that ends so."""

    def work() -> None:
        raise error

    return work


def test_what_was_done_is_there_and_what_was_loaded_is_not(tmp_path: Path) -> None:
    here: list[int] = []

    def work() -> str:
        here.append(os.getpid())
        (tmp_path / "done").write_text("done")
        return "Ä, and more"

    assert apart(work) == "Ä, and more"
    assert (tmp_path / "done").exists()
    assert here in ([], [os.getpid()])  # where no process can be made it is done here


@pytest.mark.parametrize("error", [NotReady("Ä: set it."), Unavailable("locked")])
def test_what_an_operator_is_told_arrives(error: ScreeningError) -> None:
    with pytest.raises(type(error), match=str(error)):
        apart(raising(error))


@pytest.mark.parametrize("error", [ZeroDivisionError(), SystemExit(3), KeyboardInterrupt()])
def test_what_breaks_off_is_no_success(error: BaseException) -> None:
    with pytest.raises((NotReady, type(error))):
        apart(raising(error))
