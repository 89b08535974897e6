"""The machine, the user and the disks."""

from __future__ import annotations

from screening.operating.checks.check import Check, when
from screening.operating.surroundings import is_local

LEAST_FREE = 512 * 1024 * 1024  # bytes

RUNNING: tuple[Check, ...] = (
    Check(
        "debugging",
        "refused",
        lambda at: [
            name
            for name in ("FLASK_DEBUG", "WERKZEUG_RUN_MAIN")
            if at.environment.get(name, "").lower() not in ("", "0", "false", "no", "off")
        ],
        "Pages of errors would show what patients said. Unset it.",
    ),
    Check(
        "as_root",
        "deployed",
        lambda at: when(at.user == 0, "the user is root"),
        "Run it as a user of its own, as deploy/screening.service does.",
    ),
    Check(
        "core_dumps",
        "deployed",
        lambda at: when(at.core_dumps, "core dumps are on"),
        "A crash would write keys and answers to the disk. Run ulimit -c 0, or set LimitCORE=0 in the unit.",
    ),
    Check(
        "debug_logs",
        "deployed",
        lambda at: when(at.settings.log_level == "debug", "SCREENING_LOG_LEVEL=debug"),
        "Set it to info.",
    ),
    Check(
        "disk_full",
        "asked",
        lambda at: when(at.free < LEAST_FREE, f"{at.free // 2**20} MB are left"),
        "Soon no request can be kept: make room, or move SCREENING_INSTANCE to a larger disk.",
        watched=True,
    ),
    Check(
        "shared_disk",
        "said",
        lambda at: [
            at.database_file
            for mount in at.shared_mounts
            if at.database_file is not None and at.database_file.resolve().is_relative_to(mount)
        ],
        "SQLite keeps nothing safe on another machine's disk. Put it on a local one, or use PostgreSQL.",
    ),
    Check(
        "plain_postgresql",
        "deployed",
        lambda at: when(
            bool(at.database_host)
            and not is_local(at.database_host)
            and not any(
                f"sslmode={mode}" in at.settings.database for mode in ("require", "verify-ca", "verify-full")
            ),
            at.database_host,
        ),
        "The database is asked over the network, perhaps in clear: add ?sslmode=verify-full to its address.",
    ),
)
