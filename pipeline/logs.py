"""Structured logs on stderr: lines for people on a terminal, JSON for machines; libraries' logs go the same way."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog


def configure_logs(level: int = logging.INFO) -> None:
    """Set up logging for a process that runs long. Libraries speak from WARNING on and print no traceback."""
    is_terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_traceback],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # The admin client tells of each failed connection in five lines; whoever uses it says it in one.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)


def _without_traceback(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What went wrong in one line: the last one of an exception, in the place of its stack."""
    record = event.get("_record")
    if record is not None and record.exc_info and record.exc_info[1] is not None:
        event["error"] = repr(record.exc_info[1])
        record.exc_info = None
    event.pop("exc_info", None)
    return event
