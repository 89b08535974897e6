"""A `screening serve` process of the tests' own, and what it keeps."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from screening.core.rules import RuleSet
from screening.storage import drafts, requests, tables
from screening.storage.database import open_database, reading, writing
from screening.storage.sealing.keys import PRIVATE, load_opening_keys
from screening.storage.sealing.tokens import DraftToken
from tests.usual import rules_of
from tests.waiting import next_line


@dataclass
class Server:
    """Where it listens, and its instance folder."""

    address: str
    instance: Path

    @cached_property
    def engine(self) -> Engine:
        """The database that the process writes to."""
        return open_database(f"sqlite:///{self.instance / 'screening.sqlite3'}")

    def rule_set(self, treatment: str) -> RuleSet:
        """The rules it was started with."""
        return rules_of(treatment)

    def opened(self, reference: str) -> requests.Request:
        """A kept request, as staff with the private key see it."""
        keys = load_opening_keys(self.instance / "keys" / PRIVATE)
        with reading(self.engine) as connection:
            found = requests.load(connection, keys, reference)
        assert found is not None, f"{reference} is not kept"
        return found

    def count_requests(self) -> int:
        """How many requests are kept."""
        with reading(self.engine) as connection:
            return requests.count(connection)

    def keep_draft(self, treatment: str, answers: Mapping[str, Any], lives: timedelta) -> str:
        """A draft as somebody's earlier clicks would have left it; the cookie that opens it."""
        token, now = DraftToken.new(), datetime.now(UTC)
        with writing(self.engine) as connection:
            drafts.create(
                connection,
                token,
                treatment=treatment,
                rule_set_digest=self.rule_set(treatment).digest,
                answers=answers,
                now=now,
                expires_at=now + lives,
            )
        return token.encode()

    def expire_draft(self, cookie: str) -> None:
        """Let its time run out now."""
        token = DraftToken.decode(cookie)
        assert token is not None
        mine, late = tables.drafts.c.id == token.row_id, datetime.now(UTC) - timedelta(minutes=1)
        with writing(self.engine) as connection:
            connection.execute(tables.drafts.update().where(mine).values(expires_at=late))


@contextmanager
def serving(instance: Path, **settings: str) -> Iterator[Server]:
    """Start, say where, and end as a service manager ends it; it must end cleanly."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCREENING_")}
    environment |= {"SCREENING_INSTANCE": str(instance), "SCREENING_LOG_LEVEL": "warning"} | settings
    command = [sys.executable, "-m", "screening", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = next_line(process.stdout)
            found = re.search(r"http://\S+", said)
            assert found is not None, f"it does not say where it listens: {said!r}"
            server = Server(found[0], instance)
            yield server
            server.engine.dispose()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=15) == 0
        finally:
            process.kill()
