"""Requests on their way to a FHIR server of the clinic: sent at least once, and there once.

A request waits in the outbox from the transaction that caused it. What the server did not take now is tried
again; what it refuses is given up, and the request's history says so. Only statuses are logged and kept.
"""

from __future__ import annotations

from datetime import timedelta

from screening.core.errors import Absent, CannotOpen
from screening.desk.desk import Desk
from screening.desk.outgoing import clinic, record_of
from screening.exports.fhir import bundles
from screening.exports.fhir.names import MEDIA_TYPE
from screening.logs import log
from screening.service.posting import post
from screening.service.recording import record, recording
from screening.service.rounds import ForGood, NotNow, SendsDue
from screening.storage import outbox
from screening.storage.database import reading
from screening.storage.outbox import TO_SERVER, Notice
from screening.storage.sites import at

TIMEOUT = 20.0  # seconds for each answer of the server
HOLD = timedelta(minutes=10)  # a request whose sender died is sent again after so long


class ToServer(SendsDue):
    """Sends the requests that are due to SCREENING_FHIR_SEND_TO, as transactions."""

    what, hold, kinds = "request to server", HOLD, (TO_SERVER,)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.service, None)
        self.desk = desk

    def is_set_up(self) -> bool:
        """To a server."""
        return bool(self.desk.settings.fhir_send_to)

    def again(self) -> int:
        """Take up what the server refused: whoever asks has mended why; how many there are."""
        found = 0
        for site in self.desk.service.sites.each:
            with at(site.rows), recording(self.desk.service) as recorder:
                found += outbox.take_up(recorder.connection, TO_SERVER, recorder.now)
        return found

    def send(self, notice: Notice) -> None:
        """It is in the audit before a byte leaves, and again when the server has it."""
        service, reference = self.desk.service, notice.reference or ""
        try:
            with reading(service.engine) as connection:
                found = record_of(self.desk, connection, reference, health=True)
        except Absent:
            raise ForGood("Absent") from None
        except CannotOpen as error:
            raise NotNow(type(error).__name__, alone=True) from None
        made = bundles.as_json(bundles.bundle(found, clinic(self.desk), "transaction"))
        if notice.tries == 1:
            record(service, "server_sending", None, reference)
        status = self._post(made)
        with recording(service) as recorder:
            outbox.sent(recorder.connection, notice, recorder.now, recurs=True)
            recorder.note("server_took", None, reference, status=status)

    def _post(self, content: bytes) -> int:
        """The status, where the server took it. Raises ForGood, NotNow."""
        settings = self.desk.settings
        headers = {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE, "Prefer": "return=minimal"}
        return post(settings.fhir_send_to, content, headers, settings.fhir_token_file, TIMEOUT).status

    def give_up(self, notice: Notice, why: str) -> None:
        """The request's history says so."""
        log.warning("request not taken by server", error=why)
        with recording(self.desk.service) as recorder:
            outbox.give_up(recorder.connection, notice.id, why, recurs=True)
            recorder.note("server_refused", None, notice.reference, why=why)
