"""Where a service runs: its settings, its files, the machine, and what its database says about itself."""

from __future__ import annotations

import os
import resource
import shutil
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from screening.operating.record_facts import RecordFacts
from screening.service.audit_head import audit_key_file, head_files
from screening.service.held_keys import SECRET_BEFORE, SECRET_FILE, private_file
from screening.settings import Settings
from screening.storage.database import parsed
from screening.storage.sealing.keys import INDEX, PUBLIC

LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", ""})
_SHARED = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "glusterfs", "ceph")
_MOUNTS = Path("/proc/self/mounts")


@dataclass(frozen=True)
class Surroundings:
    """What the checks look at; `record` is None where the database was not asked."""

    settings: Settings
    environment: Mapping[str, str]
    user: int  # 0 is root
    core_dumps: bool
    shared_mounts: tuple[Path, ...]
    free: int  # bytes, where the database is
    now: datetime
    record: RecordFacts | None = None

    @property
    def database_file(self) -> Path | None:
        """Where there is one."""
        url = parsed(self.settings.database)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None

    @property
    def database_host(self) -> str:
        """Of a server; empty for SQLite and for a socket on this machine."""
        host = parsed(self.settings.database).host or ""
        return "" if host.startswith("/") else host

    @property
    def secret_file(self) -> Path:
        """What signs cookies, unless a setting does."""
        return self.settings.instance / SECRET_FILE

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """It, and the one of before while it is being changed."""
        return (self.secret_file, self.settings.instance / SECRET_BEFORE)

    @property
    def key_files(self) -> tuple[Path, ...]:
        """Those that are secret, and are for this process."""
        return self._secret_keys if self.settings.opens else ()

    @property
    def _secret_keys(self) -> tuple[Path, ...]:
        settings = self.settings
        return (private_file(settings), settings.index_key or settings.keys / INDEX, audit_key_file(settings))

    @property
    def keys_in_reach(self) -> tuple[Path, ...]:
        """Keys that this process can read and is not to have."""
        held = () if self.settings.opens else self._secret_keys
        return tuple(file for file in held if os.access(file, os.R_OK))

    @property
    def opens_nothing(self) -> bool:
        """Whether it would serve staff, has the key that seals, and lacks those that open."""
        seals = (self.settings.sealing_key or self.settings.keys / PUBLIC).exists()
        return self.settings.doors == "both" and seals and not private_file(self.settings).exists()

    @property
    def heads(self) -> tuple[Path, ...]:
        """Where this process keeps the head of the audit."""
        return head_files(self.settings) if self.settings.opens else ()

    @property
    def secret(self) -> str:
        """What signs cookies, as far as there is one yet."""
        if self.settings.secret_key or not self.secret_file.is_file():
            return self.settings.secret_key
        return self.secret_file.read_text(encoding="utf-8", errors="replace").strip()

    @property
    def public(self) -> bool:
        """Whether more than this machine can get at it."""
        return bool(self.settings.public_address) or not is_local(self.settings.host)


def look(settings: Settings, now: datetime, record: RecordFacts | None = None) -> Surroundings:
    """What can be seen from here."""
    folder = _there(settings.instance.resolve())
    return Surroundings(
        settings=settings,
        environment=dict(os.environ),
        user=os.geteuid(),
        core_dumps=resource.getrlimit(resource.RLIMIT_CORE)[0] != 0,
        shared_mounts=tuple(_shared_mounts()),
        free=shutil.disk_usage(folder).free,
        now=now,
        record=record,
    )


def open_to(others: int, files: Iterable[Path]) -> list[Path]:
    """Those of the files whose mode has one of these bits."""
    return [file for file in files if file.exists() and stat.S_IMODE(file.stat().st_mode) & others]


def takes_files(folder: Path) -> bool:
    """Whether this user can write into it, or make it."""
    there = _there(folder.resolve())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def is_local(host: str) -> bool:
    """Whether an address or a name is that of this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in LOCAL_NAMES


def host_of(address: str) -> str:
    """The host in a web address."""
    return urlsplit(address).hostname or ""


def _there(folder: Path) -> Path:
    return next(above for above in (folder, *folder.parents) if above.exists())


def _shared_mounts() -> Iterable[Path]:
    """Where other machines' disks are."""
    for line in _MOUNTS.read_text(encoding="utf-8").splitlines() if _MOUNTS.exists() else ():
        _device, where, kind, *_ = line.split(" ")
        if kind in _SHARED:
            yield Path(where.replace("\\040", " "))
