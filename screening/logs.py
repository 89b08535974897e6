"""Logs: JSON lines on standard error or in a file, with only such keys as cannot hold a patient's words."""

from __future__ import annotations

import json
import logging
import os
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO, cast

import structlog
from flask import g, has_app_context

from screening.core.errors import NotReady

LOGGED = frozenset(
    {"event", "level", "timestamp", "request", "logger", "endpoint", "method", "status", "milliseconds"}
    | {"error", "frames"}
)

LARGEST, KEPT = 10 * 1024 * 1024, 5  # bytes of a log file, and how many are kept beside it

_opened: list[_LogFile] = []  # one, or none

log = structlog.get_logger()


def log_failure(event: str, error: BaseException) -> None:
    """Kind and place of a failure; never its message, which may quote what somebody typed."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('site-packages/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    log.error(event, error=type(error).__name__, frames=frames[-8:])


def configure_logs(level: str, file: Path | None = None) -> None:
    """structlog for us, and for libraries only that they spoke, not what they said. Raises NotReady."""
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request,
            _allow_listed,
            _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(_out(file)),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Libraries()]
    root.setLevel(logging.WARNING)


def _out(file: Path | None) -> TextIO:
    """Where lines go from now on; what they went to before is closed."""
    while _opened:
        _opened.pop().close()
    if file is None:
        return sys.stderr
    _opened.append(_LogFile(file))
    return cast("TextIO", _opened[0])  # as much of one as is written to


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
        """A line with its end, which a handler adds itself."""
        self.handle(logging.makeLogRecord({"msg": line.rstrip("\n")}))

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


def _add_request(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if has_app_context() and "request_id" in g:
        event["request"] = g.request_id
    return event


_encode = json.JSONEncoder(default=repr).encode  # made once; keys hold numbers, texts and lists of them


def _as_json(_logger: Any, _method: str, event: structlog.typing.EventDict) -> str:
    return _encode(event)


def _allow_listed(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: value for key, value in event.items() if key in LOGGED}
