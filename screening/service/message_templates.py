"""The templates of messages to patients: the files of templates/messages, and what managers wrote since."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from screening.core.documents import parse
from screening.core.errors import NotReady, RuleSetError
from screening.core.messages import MessageFault, MessageTemplate, faults, health_words, sentence
from screening.core.nodes import Node
from screening.logs import log
from screening.service.premises import Premises
from screening.settings import shipped
from screening.storage import message_templates
from screening.storage.database import reading

FOLDER = "messages"
_FIELDS = tuple(found.name for found in fields(MessageTemplate) if found.name != "id")


@lru_cache(maxsize=1)
def shipped_templates() -> tuple[MessageTemplate, ...]:
    """Those of the files, in the order of their names. Raises NotReady with every problem."""
    return read_templates(shipped("templates") / FOLDER)


def read_templates(folder: Path) -> tuple[MessageTemplate, ...]:
    """Those of a folder. Raises NotReady with every problem, each with its place and the remedy."""
    found = [_read(file) for file in sorted(folder.glob("*.yaml"))]
    wrong = [
        f"{folder / template.id}.yaml: {sentence(fault)}" for template in found for fault in faults(template)
    ]
    if wrong:
        raise NotReady("\n".join(wrong))
    return tuple(found)


def _read(file: Path) -> MessageTemplate:
    try:
        document = parse(file.read_bytes(), str(file))
    except (RuleSetError, OSError) as error:
        raise NotReady(str(error)) from None
    unknown = [name for name in _keys(document) if name not in _FIELDS]
    if unknown:
        raise NotReady(f"{file}: there is no part {unknown[0]}. Use: {', '.join(_FIELDS)}.")
    said = {name: str(node.value) for name in _FIELDS if (node := document.get(name)) is not None}
    return MessageTemplate(file.stem, **({"label": "", "subject": "", "words": ""} | said))


def _keys(document: Node) -> list[str]:
    return list(document.value) if isinstance(document.value, dict) else []


def templates_of(connection: Connection) -> dict[str, MessageTemplate]:
    """All of the clinic's by id: as managers wrote them last, else as they were shipped."""
    written = message_templates.latest(connection)
    return {template.id: template for template in shipped_templates()} | written


def amiss(service: Premises, connection: Connection) -> dict[str, tuple[MessageFault, ...]]:
    """What is wrong with each of them by the fields and the rule sets of now; those with a fault alone.

    A template was sound when it was written, and need not be any more: nothing of it is sent then.
    """
    words = about_health(service)
    found = {template.id: faults(template, words) for template in templates_of(connection).values()}
    return {template: wrong for template, wrong in found.items() if wrong}


def say_what_is_amiss(service: Premises) -> None:
    """For the operator, in the log of the start. Raises Unavailable."""
    with reading(service.engine) as connection:
        found = amiss(service, connection)
    for template, wrong in found.items():
        where = ", ".join(f"{fault.part} line {fault.line}: {fault.code}" for fault in wrong)
        log.warning(f"template {template} of messages cannot be sent ({where}): see Messages at the desk")


def about_health(service: Premises) -> frozenset[str]:
    """Words that no message may hold, from every rule set that is served."""
    return health_words(service.library.live(service.today()))
