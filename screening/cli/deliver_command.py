"""`screening deliver`: send the notices that are due. `screening serve` does the same all the time."""

from __future__ import annotations

import sys
from collections import Counter

import click

from screening.cli.ground import settings_of_place
from screening.cli.migrated import opened_service
from screening.cli.refusing import stop, told
from screening.core.errors import RuleSetError
from screening.core.wording import so_many
from screening.desk.desk import Desk
from screening.desk.to_server import ToServer
from screening.logs import configure_logs
from screening.service.delivery import Delivery
from screening.service.held_keys import has_keys, private_file
from screening.service.patient import Service
from screening.service.rounds import Round
from screening.service.texting import Texts
from screening.storage import outbox
from screening.storage.database import reading
from screening.storage.sealing.keys import load_opening_keys


@click.command()
@click.option("--again", is_flag=True, help="Send also the requests that the FHIR server refused.")
@told(RuleSetError)
def deliver(again: bool) -> None:
    """Send the notices that are due, then exit: 0 when all were taken, 1 when some were not.

    Run it from cron where `screening serve` is not used. Several may run at once. Without the private
    keys, the confirmations to patients are left to a process that has them.
    """
    settings = settings_of_place()
    configure_logs(settings.log_level, settings.log_file)
    if not (settings.smtp_host or settings.fhir_send_to or settings.sms_url):
        stop(
            "There is nowhere to send to: set SCREENING_SMTP_HOST and SCREENING_MAIL_FROM, "
            "SCREENING_SMS_URL, or SCREENING_FHIR_SEND_TO."
        )
    with opened_service(settings) as service:
        done, waiting = _delivered(service, again=again)
    click.echo(
        f"Sent {done.sent}, to be tried again {done.put_off}, given up {done.given_up}, waiting {waiting}."
    )
    for why, times in Counter(done.reasons).items():
        click.echo(f"Not taken, {so_many(times, 'time')}: {why}.", err=True)
    sys.exit(1 if done.put_off or done.given_up else 0)


def _delivered(service: Service, *, again: bool) -> tuple[Round, int]:
    """What was done with mails and, where the private keys are, with texts and requests for its server."""
    settings = service.settings
    keys = load_opening_keys(private_file(settings)) if has_keys(settings) else None
    done = Delivery(service, keys).run()
    if keys is not None:
        to_server = ToServer(Desk(service, keys))
        if again:
            to_server.again()
        done += to_server.run()
        done += Texts(service, keys).run()
    with reading(service.engine) as connection:
        return done, outbox.figures(connection)["waiting"]
