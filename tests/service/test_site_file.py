"""The file of sites: every problem at once, each where it stands, and nothing of one clinic at another."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.core.errors import NotReady, RuleSetError
from screening.desk.desk import Desk
from screening.service.patient import Service
from screening.service.site_file import check_known, load_sites, read_sites
from screening.service.sites import Sites
from screening.settings import Settings
from screening.storage.sites import at
from tests.sending import sends
from tests.two_sites import NORTH, ONE, TWO, make_group, written
from tests.usual import TREATMENT

BROKEN = """\
schema: screening-sites/1
sites:
  - key: main
    default: true
    treatments: [lumbar-sympathetic-blok]
  - key: Main
    name: Other
  - key: south
    phone: 01632 960 222
    default: true
  - key: south
    name: South
    places: ["One; two"]
    recipients: {reception: [nobody], clinicians: [south@example.org]}
  - key: west
    name: West
    phone: 01632 960 333
    recipients: {reception: [west@example.org]}
  - key: east
    nam: East
"""


def sites_of(settings: Settings, folder: Path, text: str) -> Sites:
    return read_sites(settings.model_copy(update={"sites": written(folder, text)}))


def test_all_problems_are_told_at_once_with_their_places(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(RuleSetError) as refused:
        sites_of(settings, tmp_path, BROKEN)
    found = {(problem.place.line, problem.code) for problem in refused.value.problems}
    assert found >= {
        (5, "unknown-name"),  # a treatment that is not there
        (6, "format"),  # a key that no address can hold
        (10, "duplicate-id"),  # a second default
        (13, "format"),  # a place that would be two
        (14, "format"),  # no address
        (18, "format"),  # nobody who reviews is told
        (20, "format"),  # no such key
    }


@pytest.mark.parametrize(
    "text",
    ["", "schema: screening-sites/1\n", "sites: []\n", ONE.replace("default: true", "name: Main")],
)
def test_a_file_without_a_default_site_is_refused(settings: Settings, tmp_path: Path, text: str) -> None:
    with pytest.raises(NotReady):
        load_sites(settings.model_copy(update={"sites": written(tmp_path, text)}))


def test_a_file_that_is_not_there_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotReady):
        load_sites(settings.model_copy(update={"sites": tmp_path / "none.yaml"}))


def test_what_speaks_for_a_clinic_is_said_by_itself_alone(settings: Settings, tmp_path: Path) -> None:
    common = settings.model_copy(
        update={"clinic_hours": "always", "clinic_address": "1 Main Street", "reply_days": 9}
    )
    text = TWO.replace("    address: 1 North Street\n", "")
    sites = sites_of(common, tmp_path, text)
    main, north = (site.settings for site in sites.each)
    assert (main.clinic_hours, main.clinic_address, main.reply_days) == ("always", "1 Main Street", 9)
    assert (north.clinic_hours, north.clinic_address, north.reply_days) == ("", "", 9)
    assert (north.mail_reception, north.mail_managers) == ("north@example.org", "")


@pytest.mark.parametrize("lacks", ["name", "phone", "recipients"])
def test_no_clinic_goes_without_its_name_its_phone_and_whom_it_tells(
    settings: Settings, tmp_path: Path, lacks: str
) -> None:
    lines = [line for line in TWO.splitlines() if not line.strip().startswith(lacks)]
    text = "\n".join(line for line in lines if lacks != "recipients" or "@" not in line) + "\n"
    with pytest.raises(RuleSetError) as refused:
        sites_of(settings, tmp_path, text)
    assert [problem.place.line for problem in refused.value.problems] == [5]


def test_a_site_offers_what_it_says_and_a_closed_one_nothing_new(
    service: Service, tmp_path: Path, desk: Desk
) -> None:
    del desk
    make_group(service, tmp_path, f"{TWO}    treatments: []\n")
    assert service.fresh_visit(TREATMENT) is not None
    with at(NORTH):
        assert service.fresh_visit(TREATMENT) is None
        assert service.treatments() == []
    make_group(service, tmp_path, f"{TWO}    closed: We have moved.\n")
    with at(NORTH):
        assert service.fresh_visit(TREATMENT) is None


def test_no_other_clinic_is_given_the_patients_of_the_default_one(service: Service, tmp_path: Path) -> None:
    make_group(service, tmp_path)
    check_known(service.sites, service.engine)
    check_known(service.sites, service.engine)
    make_group(service, tmp_path, TWO.replace("key: main", "key: other"))
    with pytest.raises(NotReady, match="main"):
        check_known(service.sites, service.engine)


def test_a_service_does_not_start_without_a_site_that_requests_are_of(
    service: Service, tmp_path: Path
) -> None:
    make_group(service, tmp_path)
    with at(NORTH):
        sends(service)
    check_known(service.sites, service.engine)
    with pytest.raises(NotReady, match=NORTH):
        check_known(Sites.alone(service.settings), service.engine)
