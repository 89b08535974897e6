"""What all tables share: how their constraints are called, and whose a row is."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, Text, text

from screening.storage.sites import this_site

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def site() -> Column[str]:
    """Whose it is; see `sites`. Empty: the site that needs no name, which rows of before are of."""
    return Column("site", Text, nullable=False, default=this_site, server_default=text("''"))
