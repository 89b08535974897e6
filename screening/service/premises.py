"""What everything that is done stands on: settings of the site that is asked, clock, keys, rules of now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Engine

from screening.core import remarks
from screening.core.answers import Circumstances
from screening.core.errors import NotReady
from screening.core.kept import KeptRequest
from screening.core.remarks import Remark
from screening.core.review import to_read
from screening.core.rules import RuleSet
from screening.logs import log_failure
from screening.service.held_keys import index_key_of, sealing_key_of
from screening.service.library import Library
from screening.service.sending import Arrival
from screening.service.sites import Site, Sites
from screening.service.witness import is_believed, running, was_just_set
from screening.settings import Settings
from screening.settings.clinic_time import day_of
from screening.storage import registered_keys
from screening.storage.database import reading, writing
from screening.storage.registered_keys import INDEXING, SEALING
from screening.storage.saving import Saving
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.hpke import SealingKey
from screening.storage.sites import DEFAULT, this_site

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


class Premises:
    """One for each process, patients' and staff's doors alike."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        library: Library,
        arrival: Arrival,
        clock: Clock = utc_now,
        origin: Callable[[], str] = lambda: "command line",
        sites: Sites | None = None,
    ) -> None:
        """`origin` tells where whoever acts now comes from, for the audit; `settings` are the default
        site's."""
        self.sites = sites or Sites.alone(settings)
        self._settings = settings
        self.library = library
        self.engine = engine
        self._arrival = arrival
        self._saving = Saving(engine)
        self._clock = clock
        self.origin = origin

    @property
    def settings(self) -> Settings:
        """Those of the site that is asked."""
        here = this_site()
        return self._settings if here == DEFAULT else self.sites.by_rows[here].settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        """Those of the default one."""
        self._settings = settings

    @property
    def site(self) -> Site:
        """The one that is asked."""
        return self.sites.here

    @property
    def arrival(self) -> Arrival:
        """What is kept with a request of the site that is asked."""
        if this_site() == DEFAULT:
            return self._arrival
        return replace(self._arrival, settings=self.settings)

    def now(self) -> datetime:
        """The time, with its zone."""
        return self._clock()

    def today(self) -> date:
        """The day at the clinic."""
        return day_of(self.settings, self.now())

    def goes_with_the_clock(self) -> bool:
        """Whether it was just set, so that what could not be reached can be now. Raises Unavailable."""
        now, run = self.now(), running()
        with reading(self.engine) as connection:
            if not was_just_set(connection, now, run):
                return False
        with writing(self.engine) as connection:
            is_believed(connection, now, run)
        return True

    def sealing_key(self, connection: Connection) -> SealingKey:
        """What seals in this transaction: another one once keys were rotated, on whichever server."""
        return self._take_sealing_key(registered_keys.current(connection, SEALING))

    def take_keys(self, connection: Connection) -> SealingKey:
        """The same; what makes requests findable is of now, too."""
        current = registered_keys.currents(connection)
        self._take_index_key(current.get(INDEXING))
        return self._take_sealing_key(current.get(SEALING))

    def _take_sealing_key(self, current: str | None) -> SealingKey:
        if current not in (None, self.arrival.sealing_key.key_id):
            try:
                fresh = sealing_key_of(self.settings)
            except NotReady as error:
                log_failure("new sealing key not read", error)
                return self.arrival.sealing_key
            if fresh.key_id == current:
                self._arrival = replace(self._arrival, sealing_key=fresh)
        return self.arrival.sealing_key

    def index_key(self) -> IndexKey:
        """What finds requests now: another one once it was rotated, anywhere. Raises Unavailable."""
        with reading(self.engine) as connection:
            current = registered_keys.current(connection, INDEXING)
        return self.index_key_now(current)

    def index_key_now(self, current: str | None) -> IndexKey:
        """The same, where the id of the key that is registered was read with something else."""
        self._take_index_key(current)
        if self.arrival.index_key is None:
            raise NotReady("SCREENING_DOORS=patient finds nothing by name: it has no key for that.")
        return self.arrival.index_key

    def _take_index_key(self, current: str | None) -> None:
        held = self.arrival.index_key
        if held is not None and current not in (None, held.key_id):
            try:
                self._arrival = replace(self._arrival, index_key=index_key_of(self.settings))
            except NotReady as error:
                log_failure("new index key not read", error)

    def circumstances(self) -> Circumstances:
        """What reading a patient's words depends on."""
        return Circumstances(self.today(), self.settings.region)

    def remarks(
        self, kept: KeptRequest, rule_set: RuleSet | None, received_at: datetime
    ) -> tuple[Remark, ...]:
        """What does not fit in a request, by the word lists of now."""
        day = day_of(self.settings, received_at)
        return remarks.find(kept, rule_set, self.library.words, day)

    def to_read(self, kept: KeptRequest, rule_set: RuleSet | None, received_at: datetime) -> tuple[str, ...]:
        """What a clinician must have read before anything is booked, by id."""
        return self.things(kept, self.remarks(kept, rule_set, received_at), checked=rule_set is not None)

    def things(self, kept: KeptRequest, remarks: Iterable[Remark], *, checked: bool) -> tuple[str, ...]:
        """The same, where the remarks are known; `checked`: its rules could be read."""
        found = [remark.id for remark in remarks]
        unchecked = [] if checked else ["unchecked"]
        return to_read(kept, (*unchecked, *found), whole=self.arrival.settings.review_requests == "all")
