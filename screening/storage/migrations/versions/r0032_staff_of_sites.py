"""Where people work: everybody so far at the site that needs no name; and who is away, is so at a site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is asked of anybody: an empty list is the site that there was."""
    op.add_column("people", _words("sites"))
    with op.batch_alter_table("away") as batch:
        batch.add_column(_words("site"))
        batch.drop_constraint("pk_away", type_="primary")
        batch.create_primary_key("pk_away", ["person_id", "site"])


def downgrade() -> None:
    """Who works at other sites alone is kept out: there is one for all now, and it is not theirs."""
    # As `sites.written`: the default site is "-", and stands first.
    op.execute(sa.text("UPDATE people SET active = false WHERE sites <> '' AND sites NOT LIKE '-%'"))
    op.execute(sa.text("DELETE FROM away WHERE site <> ''"))
    with op.batch_alter_table("away") as batch:
        batch.drop_constraint("pk_away", type_="primary")
        batch.create_primary_key("pk_away", ["person_id"])
        batch.drop_column("site")
    op.drop_column("people", "sites")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))
