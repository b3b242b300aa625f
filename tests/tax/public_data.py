"""The folder of public data that tests may read; a test that needs an absent file is skipped with a message."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def public_file(name: str) -> Path:
    """A file of `TRUNKLINE_DATA`."""
    path = Path(os.environ.get("TRUNKLINE_DATA", ROOT.parent / "shared" / "data")) / name
    if not path.is_file():
        pytest.skip(f"{name} is not in TRUNKLINE_DATA")
    return path
