"""The `screening` command. Exit 0: done; 1: problems found; 2: could not be read or started."""

from __future__ import annotations

import click

from screening import __version__
from screening.cli.lazily import CommandPlace, LazyGroup

PLACES = {
    "audit": CommandPlace(
        "screening.cli.audit_commands:audit", "Look at the record of who did and read what."
    ),
    "backup": CommandPlace(
        "screening.cli.backup_commands:backup",
        "Write all rows of this moment and all keys into a file in TO, sealed to the backup key.",
    ),
    "bounces": CommandPlace(
        "screening.cli.bounces_command:bounces",
        "Put mails to patients that came back on the desk's list; FILE is a mail, an mbox, or - for a pipe.",
    ),
    "deliver": CommandPlace(
        "screening.cli.deliver_command:deliver",
        "Send the notices that are due, then exit: 0 when all were taken, 1 when some were not.",
    ),
    "demo-data": CommandPlace(
        "screening.cli.demo_data.command:demo_data",
        "Fill a trial's database with made-up requests in every state, sealed and audited as real ones.",
    ),
    "doctor": CommandPlace(
        "screening.cli.doctor_command:doctor",
        "Find out what is wrong with where the service runs, and what to do; changes nothing: exit 1 if so.",
    ),
    "fhir": CommandPlace(
        "screening.cli.fhir:fhir",
        "Take rule sets and requests to systems that speak FHIR R4, and rule sets from them.",
    ),
    "keys": CommandPlace("screening.cli.keys:keys", "Make, list, change, keep and check the keys."),
    "person": CommandPlace(
        "screening.cli.person:person", "Give, correct or erase what is kept about one patient."
    ),
    "prove-desk": CommandPlace(
        "screening.cli.prove_desk_command:prove_desk_command",
        "Prove, over all histories of a request at the desk, that nothing slips between word and booking.",
    ),
    "purge": CommandPlace(
        "screening.cli.purge_command:purge",
        "Erase the requests whose time is over, as SCREENING_KEEP_NOT_TAKEN_DAYS and _FINISHED_DAYS say.",
    ),
    "restore": CommandPlace(
        "screening.cli.backup_commands:restore",
        "Put a backup into an empty place, which SCREENING_INSTANCE and SCREENING_DATABASE_URL name.",
    ),
    "rules": CommandPlace("screening.cli.rules:rules", "Work on rule sets."),
    "safety": CommandPlace(
        "screening.cli.safety_commands:safety",
        "Hold the hazard log against the program, and make papers of it.",
    ),
    "serve": CommandPlace("screening.cli.serve_command:serve", "Serve the forms until Ctrl+C or SIGTERM."),
    "staff": CommandPlace("screening.cli.staff:staff", "Make and change accounts of staff."),
    "upkeep": CommandPlace(
        "screening.cli.upkeep_command:upkeep",
        "Do what is due by itself, then exit: forget expired drafts, say, or count anew what is to be read.",
    ),
}


@click.group(
    cls=LazyGroup,
    places=PLACES,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 problems found, 2 could not be read or started, 130 stopped by Ctrl+C.",
)
@click.version_option(__version__, prog_name="screening")
def main() -> None:
    """Patient screening questionnaires from a clinic's treatment pages."""
