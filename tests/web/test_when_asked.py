"""The door of staff when it is furnished for whoever comes first: once, for all, at no cost of patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_urlsafe
from threading import Barrier

import pytest
from flask import Flask

from screening import staff
from screening.accounts.places import PREFIX
from screening.app import create_app
from screening.core.errors import NotReady
from screening.settings.environment import load_settings
from screening.web.door import service_of
from tests.two_sites import NORTH, written

SIGN_IN = f"{PREFIX}/sign-in"
AT_ONCE = 6

Lean = Callable[..., Flask]


@pytest.fixture
def lean(tmp_path: Path) -> Iterator[Lean]:
    """Starts a service as `serve` does with one process."""
    made: list[Flask] = []

    def make(**given: object) -> Flask:
        settings = load_settings(**{"instance": tmp_path / "instance", "log_level": "error"} | given)
        made.append(create_app(settings, lean=True))
        return made[-1]

    yield make
    for app in made:
        service_of(app).engine.dispose()


@pytest.fixture
def furnished(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An entry for each time that the door was furnished."""
    times: list[str] = []
    really = staff.init_app

    def counted(app: Flask) -> None:
        times.append("furnished")
        really(app)

    monkeypatch.setattr(staff, "init_app", counted)
    return times


def test_patients_pages_are_there_and_staff_s_are_made_once_for_all_who_come_at_once(
    lean: Lean, furnished: list[str]
) -> None:
    app, together = lean(), Barrier(AT_ONCE)

    def come(_number: int) -> int:
        together.wait()
        return app.test_client().get(SIGN_IN).status_code

    assert (app.test_client().get("/").status_code, furnished) == (200, [])
    with ThreadPoolExecutor(AT_ONCE) as people:
        assert set(people.map(come, range(AT_ONCE))) == {200}
    assert furnished == ["furnished"]


@pytest.mark.parametrize("path", ["/staffing", "/at/north/staffing", "/sta"])
def test_an_address_that_only_begins_like_the_door_is_none_of_its(
    path: str, lean: Lean, furnished: list[str], tmp_path: Path
) -> None:
    assert lean(sites=written(tmp_path)).test_client().get(path).status_code == 404
    assert furnished == []


def test_each_site_has_its_door(lean: Lean, tmp_path: Path) -> None:
    app = lean(sites=written(tmp_path))
    asked = app.test_client().get(f"/at/{NORTH}{PREFIX}/requests")
    assert (asked.status_code, asked.location.partition("?")[0]) == (303, f"/at/{NORTH}{SIGN_IN}")


def test_a_door_that_cannot_be_furnished_is_tried_again_and_patients_go_on(
    lean: Lean, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = lean()
    with monkeypatch.context() as broken:
        broken.setattr(staff, "init_app", lambda _app: 1 / 0)
        asked = app.test_client().get(SIGN_IN)
        assert (asked.status_code, asked.headers["Cache-Control"]) == (503, "no-store")
        assert app.test_client().get("/").status_code == 200
    assert app.test_client().get(SIGN_IN).status_code == 200


def test_what_the_door_needs_and_is_not_installed_is_told_at_the_start(
    lean: Lean, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "NEEDED", (*staff.NEEDED, "no_such_package"))
    with pytest.raises(NotReady, match="no_such_package"):
        lean()


def test_after_a_change_of_the_secret_the_door_is_furnished_at_once(lean: Lean, furnished: list[str]) -> None:
    lean(secret_key=token_urlsafe(40), secret_key_before=token_urlsafe(40))
    assert furnished == ["furnished"]
