"""Events vouch for messages, mails, second factors, teams and stand-ins; they begin to at the next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_BEFORE = 2  # how many ages of `binding` the program before knew


def upgrade() -> None:
    """No table changes; but what the program before changes would look meddled with, so it is kept out."""


def downgrade() -> None:
    """What such a program changes is vouched for anew by the next one, and that is a finding."""
    op.execute(sa.text(f"UPDATE event_head SET bound = {_BEFORE} WHERE bound > {_BEFORE}"))  # noqa: S608  # ours
