"""Where Alembic begins; not for importing. `storage.database.upgrade` hands it a connection."""

from __future__ import annotations

from alembic import context

from screening.storage.tables import metadata

# The caller holds the transaction and the lock: a migration that fails leaves nothing half done.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
