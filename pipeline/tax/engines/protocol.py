"""What every tax engine can do."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

import msgspec

from rating.tax.request import PrimaryUse, TaxRequest
from rating.tax.result import TaxResult, TaxStop
from rating.tax.rounding import half_up_units, to_decimal

Exchange = Callable[[str, str, bytes], bytes]
"""Carries one request: method, path, body; gives the body of the answer. It raises when nobody answers."""

NOISE_UNITS = 10**9


class EngineFailed(RuntimeError):
    """An engine answered something that is not the answer to the request; nothing was computed."""


class TaxEngine(Protocol):
    """Computes the tax of a bill. A refusal is a value, `TaxStop`; broken machinery is an exception."""

    def calculate(self, request: TaxRequest, *, is_quote: bool) -> TaxResult | TaxStop:
        """The taxes of a bill; a quote leaves no trace in the engine's records."""

    def commit(self, result: TaxResult) -> None:
        """The bill went out: the taxes are due."""

    def cancel(self, result: TaxResult) -> None:
        """The bill was withdrawn."""

    def geocode(self, address: PrimaryUse) -> str:
        """The engine's own key of the jurisdictions of an address; empty when it knows none."""

    def healthcheck(self) -> str:
        """The engine's name and version. It raises when the engine cannot work."""


_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode(body: object) -> bytes:
    """JSON in which decimals are numbers with all their digits, never binary fractions."""
    return _encoder.encode(body)


def decode(body: bytes) -> object:
    """JSON whose numbers keep their digits. EngineFailed when the bytes are no JSON."""
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise EngineFailed(f"The engine answered {body[:80]!r}, which is no JSON: {error}") from None


def decode_object(body: bytes) -> dict[str, Any]:
    """A JSON object. EngineFailed for anything else."""
    answer = decode(body)
    if not isinstance(answer, dict):
        raise EngineFailed(f"The engine answered {answer!r}, expected a JSON object")
    return answer


def without_noise(number: Decimal | int) -> Decimal:
    """A number of an engine that computes in binary: half up at the ninth decimal, so 1.6672499999999997 is 1.66725."""
    return to_decimal(Fraction(half_up_units(Fraction(number), NOISE_UNITS), NOISE_UNITS))
