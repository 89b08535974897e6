"""Secrets, and who may read and write the files."""

from __future__ import annotations

from collections.abc import Sequence

from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.operating import secrecy
from screening.operating.backups.files import backup_key_file
from screening.operating.checks.check import Check, when
from screening.operating.surroundings import open_to, takes_files
from screening.service.held_keys import private_file
from screening.service.site_file import read_sites
from screening.settings import Settings

OTHERS, ANYBODY_ELSE, WRITING = 0o007, 0o077, 0o022


def _sites_amiss(settings: Settings) -> Sequence[Problem]:
    try:
        read_sites(settings)
    except RuleSetError as error:
        return error.problems
    return ()


FILES: tuple[Check, ...] = (
    Check(
        "weak_secret",
        "refused",
        lambda at: when(bool(at.secret) and secrecy.is_weak(at.secret), "the secret key is easily guessed"),
        "Unset SCREENING_SECRET_KEY, or set it to 32 random characters or more: openssl rand -base64 48.",
    ),
    Check(
        "readable_secret",
        "refused",
        lambda at: open_to(ANYBODY_ELSE, [] if at.settings.secret_key else at.secret_files),
        "Others can read what signs cookies. Run chmod 600 on it.",
    ),
    Check(
        "readable_keys",
        "refused",
        lambda at: open_to(OTHERS, at.key_files),
        "Everybody on this machine can read the keys. Run chmod 600 on each.",
    ),
    Check(
        "keys_in_reach",
        "refused",
        lambda at: at.keys_in_reach,
        "SCREENING_DOORS=patient is to have no key that opens, finds or signs, and can read one: leave it to "
        "the staff's process, which runs as another user, and remove the copy here.",
    ),
    Check(
        "no_opening_keys",
        "said",
        lambda at: when(at.opens_nothing, str(private_file(at.settings))),
        "There is no /staff, and nobody can read what patients send: restore it from a backup or a copy of "
        "the keys. Where this server is for patients alone, set SCREENING_DOORS=patient.",
        watched=True,
    ),
    Check(
        "readable_database",
        "refused",
        lambda at: open_to(OTHERS, [at.database_file] if at.database_file is not None else []),
        "Everybody on this machine can read or change the database. Run chmod 600 on it.",
    ),
    Check(
        "open_instance",
        "said",
        lambda at: open_to(OTHERS, [at.settings.instance]),
        "Everybody on this machine can look into the instance folder. Run chmod 700 on it.",
    ),
    Check(
        "shared_keys",
        "deployed",
        lambda at: open_to(ANYBODY_ELSE, at.key_files),
        "A group can read the keys: leave them to the service's own user, with chmod 600.",
    ),
    Check(
        "writable_head",
        "said",
        lambda at: open_to(WRITING, at.heads),
        "Others can write to the kept head of the audit. Run chmod 600 on it.",
    ),
    Check(
        "writable_rules",
        "refused",
        lambda at: open_to(0o002, [at.settings.rules, *sorted(at.settings.rules.rglob("*.yaml"))]),
        "Everybody on this machine can change what patients are asked. Run chmod -R o-w on the rules folder.",
    ),
    Check(
        "sites_amiss",
        "refused",
        lambda at: _sites_amiss(at.settings),
        "Mend SCREENING_SITES (docs/sites.md): a clinic must not get what is another's.",
    ),
    Check(
        "head_apart",
        "deployed",
        lambda at: when(
            at.settings.opens and at.settings.audit_head is None and at.settings.audit_copy is None,
            "there is no second",
        ),
        "The head of the audit lies beside the database alone, where whoever changes the one reaches the "
        "other: set SCREENING_AUDIT_COPY to a file on another disk.",
    ),
    Check(
        "no_backup",
        "deployed",
        lambda at: when(at.settings.opens and at.settings.backup_to is None, "SCREENING_BACKUP_TO is empty"),
        "A broken disk would take all requests with it: run screening keys init --backup FILE, and set it.",
    ),
    Check(
        "no_backup_key",
        "said",
        lambda at: when(
            at.settings.backup_to is not None and not backup_key_file(at.settings).exists(),
            str(backup_key_file(at.settings)),
        ),
        "No backup can be made without this key. Run: screening keys init --backup FILE",
    ),
    Check(
        "backup_folder",
        "said",
        lambda at: when(
            at.settings.backup_to is not None and not takes_files(at.settings.backup_to),
            str(at.settings.backup_to),
        ),
        "No backup can be written there: make the folder, and give it to the user that the service runs as.",
    ),
)
