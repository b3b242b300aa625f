"""Where the shipped data files lie: beside the packages in a checkout, inside the wheel when installed."""

from pathlib import Path

_INSIDE_WHEEL = Path(__file__).parent / "data"
_CHECKOUT = Path(__file__).parent.parent / "data"

DATA = _INSIDE_WHEEL if _INSIDE_WHEEL.is_dir() else _CHECKOUT
"""Folder of the shipped tables: example book, area codes, tax parameters, record layouts."""
