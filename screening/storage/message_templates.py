"""The clinic's templates of messages as rows: never changed, the latest of an id counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from screening.core.messages import MessageTemplate
from screening.storage import binding
from screening.storage.tables import message_templates


def latest(connection: Connection) -> dict[str, MessageTemplate]:
    """The newest of each, by id."""
    query = select(message_templates).order_by(message_templates.c.id, message_templates.c.version)
    return {
        row.id: MessageTemplate(row.id, row.label, row.subject, row.words, row.text)
        for row in connection.execute(query)
    }


def version_of(connection: Connection, template: str) -> int:
    """How often it was written here; 0: never."""
    query = select(func.max(message_templates.c.version)).where(message_templates.c.id == template)
    return connection.scalar(query) or 0


def write(
    connection: Connection, template: MessageTemplate, by: tuple[str, str], version: int, now: datetime
) -> None:
    """Keep it as this version; by whom is an id and a name. Raises IntegrityError where there is one."""
    said = dict(template.parts())
    who = {"by_id": by[0], "by_name": by[1], "at": now}
    connection.execute(insert(message_templates).values(id=template.id, version=version, **said, **who))
    binding.touch(connection, binding.TEMPLATE, template.id)
