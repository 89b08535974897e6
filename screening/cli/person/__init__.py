"""`screening person`: what one patient may ask for."""

from __future__ import annotations

import click

from screening.cli.lazily import LazyGroup, places_in

COMMANDS = {
    "export": ("asked", "Write all requests of a patient as JSON and PDF."),
    "correct": ("asked", "Note on all requests of a patient what is not right."),
    "erase": ("asked", "Erase all requests of a patient, for ever."),
}


@click.group(cls=LazyGroup, places=places_in(__name__, COMMANDS))
def person() -> None:
    """Give, correct or erase what is kept about one patient."""
