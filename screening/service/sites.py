"""The clinics of a group: what each is called, whom it tells, what it offers; and which one is asked now.

`storage.sites.at` says at which one something happens. Without a file of sites there is one, the default,
which is as the settings say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from screening.settings import Settings
from screening.storage.sites import DEFAULT, this_site

PREFIX = "/at/"  # before a site's key, in addresses


@dataclass(frozen=True, slots=True)
class Site:
    """`rows` is what its rows say, nothing where it is the default one; `settings` are its own."""

    key: str
    rows: str
    settings: Settings = field(repr=False)
    town: str = ""
    treatments: frozenset[str] | None = None  # absent: all
    closed: str = ""  # words for patients; empty: it is open

    @property
    def name(self) -> str:
        """As patients know it."""
        return self.settings.clinic_name

    @property
    def phone(self) -> str:
        """For patients."""
        return self.settings.clinic_phone

    @property
    def path(self) -> str:
        """What its addresses begin with."""
        return PREFIX + self.key if self.key else ""

    def offers(self, treatment: str) -> bool:
        """Whether somebody may begin with it here."""
        return not self.closed and (self.treatments is None or treatment in self.treatments)


@dataclass(frozen=True, slots=True)
class Sites:
    """All there are, in the order of the file; `choose`: who names none is asked which one."""

    each: tuple[Site, ...]
    common: Settings = field(repr=False)  # what the operator set for all of them
    choose: bool = False
    by_rows: dict[str, Site] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_rows", {site.rows: site for site in self.each})

    @classmethod
    def alone(cls, settings: Settings) -> Sites:
        """The default one."""
        return cls((Site("", DEFAULT, settings),), settings)

    @property
    def several(self) -> bool:
        """Whether there is more than one, or one that has an address of its own."""
        return bool(self.each[0].key)

    @property
    def default(self) -> Site:
        """Whose everything is that names no site."""
        return self.by_rows[DEFAULT]

    @property
    def here(self) -> Site:
        """The one that is asked."""
        return self.by_rows[this_site()]

    def of_key(self, key: str) -> Site | None:
        """The one whose addresses have this key."""
        return next((site for site in self.each if site.key == key), None)

    @property
    def open_ones(self) -> tuple[Site, ...]:
        """Where patients may begin."""
        return tuple(site for site in self.each if not site.closed)
