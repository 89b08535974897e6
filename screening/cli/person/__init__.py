"""`screening person`: what one patient may ask for."""

from __future__ import annotations

import click

from screening.cli.lazily import CommandPlace, LazyGroup

PLACES = {
    "export": CommandPlace(
        "screening.cli.person.asked:export_command", "Write all requests of a patient as JSON and PDF."
    ),
    "correct": CommandPlace(
        "screening.cli.person.asked:correct_command", "Note on all requests of a patient what is not right."
    ),
    "erase": CommandPlace(
        "screening.cli.person.asked:erase_command", "Erase all requests of a patient, for ever."
    ),
}


@click.group(cls=LazyGroup, places=PLACES)
def person() -> None:
    """Give, correct or erase what is kept about one patient."""
