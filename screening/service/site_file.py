"""The file of sites, read strictly: every problem with its place. What it leaves out, the settings say.

What speaks for a clinic, the settings say of the default site alone: no other one has its phone, its address
or the people who are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import email_validator
from pydantic import AfterValidator, StringConstraints
from sqlalchemy import Engine

from screening.core import complaints, documents
from screening.core.errors import NotReady, RuleSetError, unreadable
from screening.core.findings import Place, Problem
from screening.core.loading import rule_files
from screening.core.nodes import Node
from screening.core.questions import Model, Text
from screening.service.sites import PREFIX, Site, Sites
from screening.settings import Settings
from screening.storage import upkeep
from screening.storage.database import reading, writing
from screening.storage.each_site import each_site
from screening.storage.sites import DEFAULT

_NEEDED = ("name", "phone", "recipients")  # of each but the default site
_DEFAULT_SITE = "default_site"  # of `upkeep`, whose detail is its key
_TAKEN = PREFIX.strip("/")


def _address(text: str) -> str:
    email_validator.validate_email(text, check_deliverability=False, test_environment=True)
    return text


def _line(text: str) -> str:
    if ";" in text or "\n" in text:
        raise ValueError("no semicolons and no line ends in it")
    return text


SiteKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
MailAddress = Annotated[str, AfterValidator(_address)]
OneLine = Annotated[Text, AfterValidator(_line)]


class Recipients(Model):
    """Addresses that are told, as the settings of these names."""

    reception: tuple[MailAddress, ...] = ()
    clinicians: tuple[MailAddress, ...] = ()
    managers: tuple[MailAddress, ...] = ()


class WrittenSite(Model):
    """One entry."""

    key: SiteKey
    default: bool = False
    name: OneLine | None = None
    town: OneLine = ""
    phone: OneLine | None = None
    email: MailAddress | None = None
    address: Text | None = None
    hours: Text | None = None
    places: tuple[OneLine, ...] | None = None
    recipients: Recipients | None = None
    treatments: tuple[Text, ...] | None = None
    closed: Text = ""


class _Whole(Model):
    """What stands beside the entries."""

    schema_: Literal["screening-sites/1"]
    choose: bool | None = None


def load_sites(settings: Settings) -> Sites:
    """As SCREENING_SITES says; without it the default one. Raises NotReady with every problem."""
    try:
        return read_sites(settings)
    except RuleSetError as error:
        raise NotReady(str(error)) from None


def read_sites(settings: Settings) -> Sites:
    """The same; raises RuleSetError."""
    if settings.sites is None:
        return Sites.alone(settings)
    node = _parsed(settings.sites)
    problems: list[Problem] = []
    beside = {key: value for key, value in _mapping(node).items() if key != "sites"}
    whole = complaints.model_of(_Whole, Node(node.place, beside, node.keys), problems)
    listed = node.get("sites")
    entries = listed.items() if listed is not None else []
    if not entries:
        where = listed.place if listed is not None else node.place
        problems.append(Problem(where, "format", "No site is named.", "Write sites: and each after a dash."))
    read = [(entry, complaints.model_of(WrittenSite, entry, problems)) for entry in entries]
    found = [(entry, site) for entry, site in read if site is not None]
    problems += _at_odds(found, settings, whole=len(found) == len(entries))
    if problems or whole is None:
        raise RuleSetError(problems)
    sites = tuple(_site(site, settings) for _, site in found)
    return Sites(sites, settings, len(sites) > 1 if whole.choose is None else whole.choose)


def _parsed(path: Path) -> Node:
    try:
        return documents.parse(path.read_bytes(), path.as_posix())
    except OSError as error:
        what = f"The file of sites cannot be read ({error.strerror})."
        remedy = "Name one with SCREENING_SITES, or unset it: then there is one site."
        raise unreadable(path, what, remedy) from None


def _mapping(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}


SiteEntries = Iterable[tuple[Node, WrittenSite]]


def _at_odds(found: SiteEntries, settings: Settings, *, whole: bool) -> Iterator[Problem]:
    """What is right by itself and not together; `whole`: every entry could be read."""
    known = _known_treatments(settings.rules)
    keys, names = dict[str, Place](), dict[str, Place]()
    defaults = [entry for entry, site in found if site.default]
    for entry, site in found:
        yield from _twice(keys, site.key, "key", entry)
        if name := site.name or (settings.clinic_name if site.default else ""):
            yield from _twice(names, name, "name", entry)
        yield from _needed(entry, site)
        yield from _treatments(entry, site, known)
    for entry in defaults[1:]:
        what = "There is another default site."
        yield Problem(
            entry.at(("default",)).place, "duplicate-id", what, "Leave default: true at one of them."
        )
    if whole and not defaults and (first := next((entry for entry, _ in found), None)) is not None:
        what = "No site is the default: rows of before, bare addresses and commands would be nobody's."
        yield Problem(first.place, "format", what, "Write default: true at the one that they belong to.")
    if _TAKEN in known:
        what = f'A treatment is called "{_TAKEN}", and so do the addresses of sites begin.'
        place = next((entry.place for entry, _ in found), Place(""))
        yield Problem(place, "duplicate-id", what, "Give the treatment another id.")


def _twice(there: dict[str, Place], said: str, of: str, entry: Node) -> Iterator[Problem]:
    if said in there:
        what = f'The {of} "{said}" is taken: {there[said]} has it too.'
        yield Problem(entry.at((of,)).place, "duplicate-id", what, f"Give one of them another {of}.")
    there.setdefault(said, entry.at((of,)).place)


def _needed(entry: Node, site: WrittenSite) -> Iterator[Problem]:
    for name in () if site.default else _NEEDED:
        if getattr(site, name) is None:
            what = f'"{name}" is missing: the settings say it of the default site alone.'
            yield Problem(entry.place, "format", what, "Add it.")
    told = site.recipients
    for name in ("reception", "clinicians") if told is not None else ():
        if not getattr(told, name):
            what = f"Nobody is told: recipients has no {name}."
            remedy = f"Write {name}: and each address after a dash."
            yield Problem(entry.at(("recipients",)).place, "format", what, remedy)


def _treatments(entry: Node, site: WrittenSite, known: frozenset[str]) -> Iterator[Problem]:
    for number, treatment in enumerate(site.treatments or ()):
        if treatment not in known:
            place = entry.at(("treatments", number)).place
            what = f'There is no treatment "{treatment}".'
            yield Problem(place, "unknown-name", what, complaints.did_you_mean(treatment, sorted(known)))


def _known_treatments(folder: Path) -> frozenset[str]:
    """By their files, which are read when the service starts; what is wrong with them is told elsewhere."""
    found = set()
    for file in rule_files(folder):
        try:
            written = documents.parse(file.read_bytes(), file.as_posix()).get("id")
        except (OSError, RuleSetError):
            continue
        if written is not None:
            found.add(str(written.plain()))
    return frozenset(found)


def _site(written: WrittenSite, settings: Settings) -> Site:
    rows = DEFAULT if written.default else written.key
    treatments = None if written.treatments is None else frozenset(written.treatments)
    own = settings.of_site(f"{PREFIX}{written.key}" if rows else "", _own(written))
    return Site(written.key, rows, own, written.town, treatments, written.closed)


def _own(written: WrittenSite) -> dict[str, str]:
    """The settings of a site, by name; empty where one that is not the default leaves something out."""
    told = written.recipients
    said = {
        "clinic_name": written.name,
        "clinic_phone": written.phone,
        "clinic_email": written.email,
        "clinic_address": written.address,
        "clinic_hours": written.hours,
        "places": None if written.places is None else "; ".join(written.places),
        "mail_reception": None if told is None else ", ".join(told.reception),
        "mail_clinicians": None if told is None else ", ".join(told.clinicians),
        "mail_managers": None if told is None else ", ".join(told.managers),
    }
    left_out = {} if written.default else dict.fromkeys(said, "")
    return left_out | {name: value for name, value in said.items() if value is not None}


def check_known(sites: Sites, engine: Engine) -> None:
    """Nothing is kept of a site that is not there any more, where nobody would see it.

    Raises NotReady, Unavailable.
    """
    _keep_default(sites, engine)
    lost = [rows for rows in each_site(engine) if rows not in sites.by_rows]
    if lost:
        raise NotReady(
            f"Requests are kept of sites that SCREENING_SITES does not name: {', '.join(lost)}. "
            "Put them back in its file; one that takes no more requests says closed: and why."
        )


def _keep_default(sites: Sites, engine: Engine) -> None:
    """Whose the rows are that name no site is said once: another default one would be given its patients."""
    if not sites.several:
        return
    key = sites.default.key
    with reading(engine) as connection:
        kept = upkeep.all_of(connection).get(_DEFAULT_SITE)
    if kept is None:
        with writing(engine) as connection:
            upkeep.note(connection, _DEFAULT_SITE, key)
    elif kept.detail != key:
        raise NotReady(
            f"SCREENING_SITES: the default site was {kept.detail} and is now {key}, which would get all its "
            f"requests. Write default: true at {kept.detail} again; to rename a clinic, change its name."
        )
