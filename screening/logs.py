"""Logs: JSON lines on standard error, with only such keys as cannot hold a patient's words."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from flask import g, has_app_context

LOGGED = frozenset(
    {"event", "level", "timestamp", "request", "logger", "endpoint", "method", "status", "milliseconds"}
    | {"error", "frames", "setting"}
)

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


def configure_logs(level: str) -> None:
    """structlog for us, and for libraries only that they spoke, not what they said."""
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request,
            _allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Libraries()]
    root.setLevel(logging.WARNING)


class _Libraries(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log.warning("library message", logger=record.name, frames=[f"{record.module}:{record.lineno}"])


def _add_request(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if has_app_context() and "request_id" in g:
        event["request"] = g.request_id
    return event


def _allow_listed(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: value for key, value in event.items() if key in LOGGED}
