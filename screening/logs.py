"""Logs: JSON lines on standard error or in a file, with only such keys as cannot hold a patient's words."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Lock

from flask import g, has_app_context

from screening.core.errors import NotReady, Unavailable

LOGGED = frozenset(
    {"event", "level", "timestamp", "request", "logger", "endpoint", "method", "status", "milliseconds"}
    | {"error", "why", "frames"}
)

LARGEST, KEPT = 10 * 1024 * 1024, 5  # bytes of a log file, and how many are kept beside it

_opened: list[_LogFile] = []  # one, or none
_one_line = Lock()  # after the other
_encode = json.JSONEncoder(default=repr).encode  # made once; keys hold numbers, texts and lists of them


def _on_stderr(line: str) -> None:
    with _one_line:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


class Log:
    """Events in few words, with what stands beside them; of that, what is not in LOGGED is dropped."""

    def __init__(self) -> None:
        self.least = logging.WARNING
        self.write: Callable[[str], None] = _on_stderr

    def info(self, event: str, **beside: object) -> None:
        """What happens all day."""
        if self.least <= logging.INFO:
            self._tell("info", event, beside)

    def warning(self, event: str, **beside: object) -> None:
        """What somebody should know."""
        if self.least <= logging.WARNING:
            self._tell("warning", event, beside)

    def error(self, event: str, **beside: object) -> None:
        """What somebody has to mend."""
        if self.least <= logging.ERROR:
            self._tell("error", event, beside)

    def _tell(self, level: str, event: str, beside: dict[str, object]) -> None:
        said = {name: each for name, each in beside.items() if name in LOGGED}
        said |= {"event": event, "level": level, "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
        if has_app_context() and (request := g.get("request_id")) is not None:
            said["request"] = request
        self.write(_encode(said))


log = Log()


def log_failure(event: str, error: BaseException) -> None:
    """Kind and place of a failure; why, only where that was worded for operators.

    Any other message may quote what somebody typed.
    """
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('site-packages/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    why = {"why": str(error)} if isinstance(error, NotReady | Unavailable) else {}
    if isinstance(error, OSError) and error.strerror:
        why = {"why": error.strerror}  # the system's words alone, without a name
    log.error(event, error=type(error).__name__, **why, frames=frames[-8:])


def configure_logs(level: str, file: Path | None = None) -> None:
    """Ours from this level on; of libraries only that they spoke, not what they said. Raises NotReady."""
    log.least, log.write = getattr(logging, level.upper()), _written_to(file)
    root = logging.getLogger()
    root.handlers = [_Libraries()]
    root.setLevel(logging.WARNING)


def _written_to(file: Path | None) -> Callable[[str], None]:
    """Where lines go from now on; what they went to before is closed."""
    while _opened:
        _opened.pop().close()
    if file is None:
        return _on_stderr
    _opened.append(_LogFile(file))
    return _opened[0].write


class _LogFile(RotatingFileHandler):
    """A file for our lines, for nobody else to read; it begins anew when it is full, or was moved away."""

    def __init__(self, file: Path) -> None:
        try:
            super().__init__(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
        except OSError as error:
            raise NotReady(f"SCREENING_LOG_FILE: {file} cannot be written ({error.strerror}).") from None

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=_for_nobody_else)

    def write(self, line: str) -> None:
        """By one thread at a time, as handlers do it."""
        self.handle(logging.makeLogRecord({"msg": line}))

    def emit(self, record: logging.LogRecord) -> None:
        """Another process may have begun anew."""
        there = Path(self.baseFilename)
        if self.stream and not _is_still(self.stream, there):
            self.stream.close()
            self.stream = self._open()
        super().emit(record)


def _is_still(stream: TextIOWrapper, file: Path) -> bool:
    return file.exists() and os.path.samestat(os.fstat(stream.fileno()), file.stat())


def _for_nobody_else(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class _Libraries(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log.warning("library message", logger=record.name, frames=[f"{record.module}:{record.lineno}"])
