"""A mail server that takes, refuses and dawdles as told, and a sender that hands in there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from screening.desk.desk import Desk
from screening.service.delivery import Delivery
from screening.service.patient import Service
from tests.ports import free_port


class Inbox:
    """What a mail server took; it refuses and dawdles as told."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.returns: list[str] = []  # the return address of each
        self.refuses: dict[str, str] = {}
        self.takes_no_mail: dict[str, str] = {}  # for an address that it takes: what it says to the mail
        self.dawdles = 0.0
        self.farewell = "221 Bye"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        time.sleep(self.dawdles)
        for address in envelope.rcpt_tos:
            if address in self.takes_no_mail:
                return self.takes_no_mail[address]
        for address in envelope.rcpt_tos:
            self.returns.append(envelope.mail_from)
            self.mails.append((address, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    async def handle_QUIT(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
        return self.farewell

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for to, mail in self.mails if to == address]


class Server(Controller):
    """A mail server on a free port."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def serve(inbox: Inbox) -> Iterator[Callable[..., int]]:
    running: list[Server] = []

    def start(port: int | None = None, **given: Any) -> int:
        server = Server(inbox, hostname="127.0.0.1", port=port or free_port(), **given)
        server.start()
        running.append(server)
        return int(server.port)

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def delivery(service: Service, desk: Desk) -> Callable[..., Delivery]:
    def make(port: int, timeout: float = 10.0, taking: float = 20.0, **given: Any) -> Delivery:
        changed = {"smtp_host": "127.0.0.1", "smtp_port": port, **given}
        service.settings = service.settings.model_copy(update=changed)
        return Delivery(service, desk.opening_keys, timeout, taking)

    return make
