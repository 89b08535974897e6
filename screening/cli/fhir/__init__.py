"""`screening fhir`: what goes to other people's systems, and comes from them."""

from __future__ import annotations

import click

from screening.cli.lazily import LazyGroup, places_in

COMMANDS = {  # the module, and the line that lists say
    "export-questionnaire": (
        "questionnaire_commands",
        "Write a rule set as Questionnaire and PlanDefinition, with their codes and extensions.",
    ),
    "import-questionnaire": (
        "questionnaire_commands",
        "Make a draft of a rule set from a Questionnaire, or tell every reason why not.",
    ),
    "export-request": (
        "request_command",
        "Write a kept request, with its health answers, as a Bundle of FHIR R4.",
    ),
}


@click.group(cls=LazyGroup, places=places_in(__name__, COMMANDS))
def fhir() -> None:
    """Take rule sets and requests to systems that speak FHIR R4, and rule sets from them.

    docs/fhir.md explains what becomes of what.
    """
