"""A group of two clinics: the default one, and one in the north."""

from __future__ import annotations

from pathlib import Path

from screening.service.patient import Service
from screening.service.site_file import load_sites

NORTH = "north"
ONE = """\
schema: screening-sites/1
sites:
  - key: main
    default: true
"""
TWO = f"""\
{ONE}  - key: north
    name: North clinic
    town: Northtown
    phone: 01632 960 111
    address: 1 North Street
    places: ["North House, room 1"]
    recipients:
      reception: [north@example.org]
      clinicians: [north-clinicians@example.org]
"""


def written(folder: Path, text: str = TWO) -> Path:
    """The file with these sites."""
    file = folder / "sites.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def make_group(service: Service, folder: Path, text: str = TWO) -> None:
    """The service has these sites from now on, which share its other settings."""
    service.sites = load_sites(service.settings.model_copy(update={"sites": written(folder, text)}))
