"""JSON lines about what is asked: hashes and verdicts, never pictures or names."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

LOG = logging.getLogger("dfd_tf.serve")


class _JsonLines(logging.Formatter):
    """A record as one JSON object; its `fields` become keys."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        return json.dumps(line)


def log_to_stdout(*, quiet: bool) -> None:
    """Write the service's lines, and the warnings of its web server, to the standard output.

    Args:
        quiet: only what went wrong.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    LOG.handlers, LOG.propagate = [handler], False
    LOG.setLevel(logging.WARNING if quiet else logging.INFO)
    server = logging.getLogger("uvicorn")
    server.handlers, server.propagate = [handler], False
    server.setLevel(logging.WARNING)
    # It would tell bytes of every malformed upload; the request's own line has the status.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


def frames_of(error: BaseException) -> list[str]:
    """Where an error came from, without its message: file, line, function."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
