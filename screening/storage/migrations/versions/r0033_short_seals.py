"""What is sealed from now on is compressed first, which the program before cannot read."""

from __future__ import annotations

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes; but the program before could not read what is sealed since, so it is kept out."""


def downgrade() -> None:
    """What was sealed before is as it was; what was sealed since opens after an upgrade."""
