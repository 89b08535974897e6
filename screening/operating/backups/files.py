"""The files without which a database is of no use, by what they are called in a backup."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from screening.core.errors import NotReady
from screening.operating import erasures
from screening.service.audit_head import audit_key_file
from screening.service.held_keys import SECRET_BEFORE, SECRET_FILE, index_file, private_file, public_file
from screening.settings import Settings
from screening.storage.sealing.keys import AUDIT, INDEX, PRIVATE, PUBLIC

CUT_OFF = "restoring"  # in the instance folder, for as long as a backup is being put there
BACKUP_PUBLIC = "backup.public"  # in the folder of the keys; the private half is nowhere on the server


def files_of(settings: Settings) -> Mapping[str, Path]:
    """Where each is, whether or not it is there."""
    return {
        PUBLIC: public_file(settings),
        PRIVATE: private_file(settings),
        INDEX: index_file(settings),
        AUDIT: audit_key_file(settings),
        SECRET_FILE: settings.instance / SECRET_FILE,
        SECRET_BEFORE: settings.instance / SECRET_BEFORE,
        erasures.FILE: erasures.file_of(settings),
        BACKUP_PUBLIC: backup_key_file(settings),
    }


def elsewhere(settings: Settings, instance: Path) -> Settings:
    """The same, with every file in a place of its own: for rehearsals."""
    named = (
        "sealing_key",
        "opening_keys",
        "index_key",
        "audit_head",
        "audit_copy",
        "audit_key",
        "backup_key",
    )
    apart = {"database_url": "", "secret_key": "", "secret_key_before": "", "instance": instance}
    return settings.model_copy(update={**dict.fromkeys(named), **apart})


def refuse_half_restored(settings: Settings) -> None:
    """Where a restore was cut off, what was erased since the backup may be here again. Raises NotReady."""
    if (settings.instance / CUT_OFF).exists():
        raise NotReady(
            f"{settings.instance}: a restore was cut off here, so what was erased since may be here "
            "again. Remove this folder, and the tables where SCREENING_DATABASE_URL names a database, then "
            "restore again."
        )


def backup_key_file(settings: Settings) -> Path:
    """The public key that backups are sealed to."""
    return settings.backup_key or settings.keys / BACKUP_PUBLIC
