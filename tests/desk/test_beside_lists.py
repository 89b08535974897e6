"""What stands beside every list is of the site of whoever looks."""

from __future__ import annotations

from screening.desk import beside_lists
from screening.desk.desk import Desk
from screening.service.patient import Service
from screening.storage import people, sites
from screening.storage.database import writing

from .making import RITA, send

WORKS_AT = {"Rita": ("",), "Robin": ("north",), "Both": ("", "north"), "Nora": ("north",)}


def beside(desk: Desk, site: str) -> tuple[list[str], int]:
    """Colleagues who may own a request there, and how many there are to do."""
    with sites.at(site):
        found = beside_lists.load(desk, RITA, searching=True)
    return [colleague.name for colleague in found.colleagues], found.counts.to_do


def test_colleagues_and_figures_are_of_this_site_whoever_looked_before(desk: Desk, service: Service) -> None:
    with writing(service.engine) as connection:
        for name, where in WORKS_AT.items():
            role, email = "auditor" if name == "Nora" else "reception", f"{name}@clinic.example"
            people.add(
                connection,
                email=email,
                name=name,
                roles=(role,),
                password="-",
                now=service.now(),
                sites=where,
            )
    send(service)
    looked = [beside(desk, site) for site in ("", "north", "")]
    assert looked == [(["Both", "Rita"], 1), (["Both", "Robin"], 0), (["Both", "Rita"], 1)]
