"""Logs: JSON lines for machines, libraries' lines too, and never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = """
import logging, structlog
from pipeline.logs import configure_logs
configure_logs()
structlog.get_logger("trunkline").info("batch_committed", rows=3)
logging.getLogger("faust").info("not shown")
logging.getLogger("kafka").error("not shown either")
try:
    raise OSError("no space")
except OSError:
    logging.getLogger("mode").exception("Crashed")
"""


def test_every_line_is_json_without_a_stack() -> None:
    """Our event with its fields, then the library's, with the exception in one line."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    ours, theirs = (json.loads(line) for line in done.stderr.splitlines())
    assert ("batch_committed", 3, "info") == (ours["event"], ours["rows"], ours["level"])
    assert ("Crashed", "error", "OSError('no space')") == (theirs["event"], theirs["level"], theirs["error"])
    assert ours["timestamp"].endswith("Z")
