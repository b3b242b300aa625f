"""JSON with money: decimals as numbers with their full digits, never through a float and never with an exponent."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def exact_json(value: object) -> bytes:
    """The text of any JSON value; 0.000000000 is written so, where Python would write 0E-9."""
    return _ENCODER.encode(_written_out(value))


def _written_out(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Decimal):
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, Mapping):
        return {name: _written_out(item) for name, item in value.items()}
    return [_written_out(item) for item in value] if isinstance(value, list | tuple) else value
