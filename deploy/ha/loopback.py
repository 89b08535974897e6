"""Three PostgreSQL under Patroni and etcd on this machine, behind HAProxy and pgbouncer, to try it all.

    python3 deploy/ha/loopback.py FOLDER

It fills in the files beside it, starts everything on loopback, prints the address for SCREENING_DATABASE_URL,
and stops all when it is interrupted. Debian's packages: patroni etcd-server pgbouncer haproxy postgresql.
Started as root it runs everything as the user `postgres`, as PostgreSQL demands.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from string import Template
from urllib.error import URLError
from urllib.request import Request, urlopen

HERE = Path(__file__).parent
ADDRESS = "127.0.0.1"
NODES = ("one", "two", "three")
PROGRAMS = ("patroni", "etcd", "pgbouncer", "haproxy")
TO_INSTALL = "patroni etcd-server pgbouncer haproxy postgresql"
AS = "postgres"
PATIENCE = 90  # seconds
PORTS = ("peer_port", "client_port", "rest_port", "sql_port")


class NotHere(Exception):
    """What is missing on this machine, and how to get it."""


def sql_programs() -> Path:
    """The folder of the newest PostgreSQL. Raises NotHere."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda file: int(file.parts[4]))
    if not found:
        raise NotHere(f"There is no PostgreSQL server here. Install: {TO_INSTALL}")
    return found[-1].parent


def check_programs() -> None:
    """Raises NotHere for what cannot be started."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]
    if missing:
        raise NotHere(f"Not installed: {', '.join(missing)}. Install: {TO_INSTALL}")
    sql_programs()


def free_ports(number: int) -> list[int]:
    """So many that nobody uses now."""
    sockets = [socket.create_server((ADDRESS, 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def asked(url: str, body: bytes | None = None) -> dict[str, object] | None:
    """What a server answers in JSON; None where it does not answer."""
    try:
        with urlopen(Request(url, body), timeout=2) as answer:  # noqa: S310  # on loopback
            found = json.load(answer)
    except (URLError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


class Cluster:
    """What runs, by name: `etcd-one`, `sql-one` and so on, `haproxy`, `pgbouncer`."""

    def __init__(self, folder: Path) -> None:
        """Fills in the files. Raises NotHere."""
        check_programs()
        self.folder = folder.absolute()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.lines: dict[str, list[str]] = {}
        ports = iter(free_ports(len(NODES) * len(PORTS) + 2))
        self.ports = {node: {name: next(ports) for name in PORTS} for node in NODES}
        self.given = {
            "address": ADDRESS,
            "network": f"{ADDRESS}/32",
            "programs": str(sql_programs()),
            "peers": ",".join(f"{node}=http://{self._at(node, 'peer_port')}" for node in NODES),
            "etcd_hosts": ",".join(self._at(node, "client_port") for node in NODES),
            "primary_port": str(next(ports)),
            "pool_port": str(next(ports)),
            **{user: secrets.token_hex(16) for user in ("superuser", "replicator", "rewinder", "screening")},
        }
        self.given["servers"] = "\n".join(
            f"  server {node} {self._at(node, 'sql_port')} check port {self.ports[node]['rest_port']}"
            for node in NODES
        )
        self._write_all()

    @property
    def address(self) -> str:
        """For SCREENING_DATABASE_URL."""
        password, port = self.given["screening"], self.given["pool_port"]
        return f"postgresql://screening:{password}@{ADDRESS}:{port}/screening?pooler=transaction"

    def start(self) -> None:
        """Everything; returns when the database is there. Raises NotHere."""
        for name in self.lines:
            self.revive(name)
        self._make_database(self._wait_for_leader())

    def revive(self, name: str) -> None:
        """Start what does not run."""
        if name not in self.running or self.running[name].poll() is not None:
            log = (self.folder / f"{name}.log").open("ab")
            user = AS if os.geteuid() == 0 else None
            groups: list[int] | None = [] if user else None
            self.running[name] = subprocess.Popen(  # noqa: S603  # our own lines
                self.lines[name],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=user,
                group=user,
                extra_groups=groups,
            )
            log.close()

    def kill(self, name: str) -> None:
        """As a power cut would: of a PostgreSQL its Patroni too, at once."""
        process = self.running[name]
        process.kill()
        process.wait()
        pid = self.folder / name.removeprefix("sql-") / "data" / "postmaster.pid"
        if name.startswith("sql-") and pid.exists():
            _kill(int(pid.read_text().split()[0]))

    def members(self) -> list[dict[str, object]]:
        """Each PostgreSQL as Patroni sees it now; none where no Patroni answers."""
        for node in NODES:
            found = (asked(f"http://{self._at(node, 'rest_port')}/cluster") or {}).get("members")
            if isinstance(found, list):
                return found
        return []

    def leader(self) -> str | None:
        """The name of the PostgreSQL that is the primary, such as `sql-one`."""
        leads = [f"sql-{member['name']}" for member in self.members() if _runs(member, "leader")]
        return leads[0] if leads else None

    def etcd_leader(self) -> str | None:
        """The name of the etcd that leads, such as `etcd-one`."""
        for node in NODES:
            url = f"http://{self._at(node, 'client_port')}/v3/maintenance/status"
            found = asked(url, b"{}") or {}
            header = found.get("header")
            if isinstance(header, dict) and header["member_id"] == found.get("leader"):
                return f"etcd-{node}"
        return None

    def is_whole(self) -> bool:
        """A primary, a standby that has everything, a third that follows, and an etcd that leads."""
        members = self.members()
        roles = sorted(str(member["role"]) for member in members if _runs(member))
        lines = {member.get("timeline") for member in members}
        return roles == ["leader", "replica", "sync_standby"] and len(lines) == 1 and bool(self.etcd_leader())

    def stop(self) -> None:
        """All of it, at once."""
        for name in list(self.running):
            self.kill(name)

    def _at(self, node: str, port: str) -> str:
        return f"{ADDRESS}:{self.ports[node][port]}"

    def _write_all(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for node in NODES:
            folder = self.folder / node
            folder.mkdir(mode=0o700, exist_ok=True)
            given = {"name": node, "folder": str(folder)} | {
                name: str(port) for name, port in self.ports[node].items()
            }
            self.lines[f"etcd-{node}"] = ["etcd", "--config-file", self._write("etcd.yaml", folder, given)]
            self.lines[f"sql-{node}"] = ["patroni", self._write("patroni.yaml", folder, given)]
        self.lines["haproxy"] = ["/usr/sbin/haproxy", "-f", self._write("haproxy.cfg", self.folder, {})]
        ini = self._write("pgbouncer.ini", self.folder, {"folder": str(self.folder)})
        self.lines["pgbouncer"] = ["/usr/sbin/pgbouncer", ini]
        users = self.folder / "users.txt"
        users.write_text(f'"screening" "{self.given["screening"]}"\n')
        users.chmod(0o600)
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, AS, AS)
        self.lines = dict(sorted(self.lines.items()))  # etcd before PostgreSQL

    def _write(self, name: str, folder: Path, given: dict[str, str]) -> str:
        file = folder / name
        file.write_text(Template((HERE / name).read_text()).substitute(self.given | given))
        file.chmod(0o600)
        return str(file)

    def _wait_for_leader(self) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            leader = self.leader()
            if leader is not None and self.is_whole():
                return leader
            time.sleep(0.5)
        raise NotHere(f"PostgreSQL did not come up in {PATIENCE} seconds. Look into {self.folder}/*.log")

    def _make_database(self, leader: str) -> None:
        """Its user gives up waiting as the service does: pgbouncer takes no such wish from a connection."""
        password = self.given["screening"]
        port = str(self.ports[leader.removeprefix("sql-")]["sql_port"])
        for line in (
            f"CREATE ROLE screening LOGIN PASSWORD '{password}'",
            "ALTER ROLE screening SET statement_timeout = '2s'",
            "ALTER ROLE screening SET lock_timeout = '2s'",
            "CREATE DATABASE screening OWNER screening",
        ):
            self.as_superuser(line, port)

    def as_superuser(self, line: str, port: str) -> str:
        """What psql prints of a line of SQL."""
        psql = [str(sql_programs() / "psql"), "-h", ADDRESS, "-p", port, "-U", "postgres", "-Atqc", line]
        environment = {**os.environ, "PGPASSWORD": self.given["superuser"]}
        done = subprocess.run(psql, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
        return done.stdout.strip()


def _runs(member: dict[str, object], role: str = "") -> bool:
    return member["state"] in ("running", "streaming") and role in ("", member["role"])


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def main(words: list[str]) -> int:
    """0 when it was stopped, 2 when it could not be started."""
    if len(words) != 1:
        sys.stderr.write(f"{__doc__}")
        return 2
    try:
        cluster = Cluster(Path(words[0]))
    except NotHere as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cluster.start()
        sys.stdout.write(f"SCREENING_DATABASE_URL={cluster.address}\n")
        sys.stdout.flush()
        signal.pause()
    except NotHere as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
