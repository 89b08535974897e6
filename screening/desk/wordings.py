"""The clinic's templates of messages: what there are, and writing one, which managers do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from screening.core.errors import Absent, Refused
from screening.core.messages import MessageFault, MessageTemplate, faults
from screening.desk.desk import MANAGER, Desk, actor, admit, allow, trying
from screening.desk.shapes import Person
from screening.service.message_templates import about_health, amiss, templates_of
from screening.service.recording import recording
from screening.storage import message_templates
from screening.storage.database import reading

NEW = "new"  # what stands for the id of one that is not written yet


@dataclass(frozen=True, slots=True)
class ShownTemplate:
    """A template with how often it was written here; 0: it is as it was shipped."""

    template: MessageTemplate
    version: int
    wrong: tuple[MessageFault, ...] = ()  # by the fields and rule sets of now: nobody can send it


def message_templates_of(desk: Desk, person: Person) -> tuple[ShownTemplate, ...]:
    """All of them, by their names."""
    admit(desk, person, "template_written", None, MANAGER)
    with reading(desk.service.engine) as connection:
        wrong = amiss(desk.service, connection)
        found = [
            ShownTemplate(
                template, message_templates.version_of(connection, template.id), wrong.get(template.id, ())
            )
            for template in templates_of(connection).values()
        ]
    return tuple(sorted(found, key=lambda shown: shown.template.label))


def message_template(desk: Desk, person: Person, name: str) -> ShownTemplate:
    """One of them; an empty one for NEW. Raises Absent."""
    allow(person, MANAGER)
    if name == NEW:
        return ShownTemplate(MessageTemplate(NEW, "", "", ""), 0)
    found = next((one for one in message_templates_of(desk, person) if one.template.id == name), None)
    if found is None:
        raise Absent(f"there is no template {name}")
    return found


def write_template(desk: Desk, person: Person, template: MessageTemplate, seen: int) -> str:
    """Keep it as the version after the one that was seen; its id. Raises Refused: with
    "template_wrong" come all `faults`."""
    template = replace(template, id=secrets.token_hex(8) if template.id == NEW else template.id)
    with trying(desk, person, "template_written"):
        allow(person, MANAGER)
        if wrong := faults(template, about_health(desk.service)):
            raise Refused("template_wrong", faults=wrong)
        with recording(desk.service) as recorder:
            if message_templates.version_of(recorder.connection, template.id) != seen:
                raise Refused("template_changed")
            message_templates.write(recorder.connection, template, actor(person), seen + 1, recorder.now)
            recorder.note("template_written", actor(person), None, template=template.id, version=seen + 1)
    return template.id
