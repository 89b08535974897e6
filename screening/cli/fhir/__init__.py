"""`screening fhir`: what goes to other people's systems, and comes from them."""

from __future__ import annotations

import click

from screening.cli.lazily import CommandPlace, LazyGroup

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
PLACES = {
    name: CommandPlace(f"{__name__}.{module}:{name.replace('-', '_')}_command", brief)
    for name, (module, brief) in COMMANDS.items()
}


@click.group(cls=LazyGroup, places=PLACES)
def fhir() -> None:
    """Take rule sets and requests to systems that speak FHIR R4, and rule sets from them.

    docs/fhir.md explains what becomes of what.
    """
