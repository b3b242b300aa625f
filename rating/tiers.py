"""Rates that change within a call: from a given second on, another price and another step (optional in a deck).

A row's own rate counts from the start; `tiers` names the further ones. Each piece of a call is cut where the next one
begins and rounded up to its own steps; what the round-up takes is taken from the next piece.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rating.charge import EXACT_MAX, exact_charge, seconds_before_overflow
from rating.columns import Integers
from rating.duration import billed_seconds, billed_seconds_column
from rating.money import parse_nanos
from schemas.reference import Rate


class Tier(NamedTuple):
    """A price from a second of the call on."""

    from_second: int
    rate_nanos: int
    initial_seconds: int
    next_seconds: int


class Piece(NamedTuple):
    """What one tier bills of a call."""

    tier: Tier
    call_seconds: int
    """Seconds of the call that were left to this tier."""
    billed_seconds: int


def tiers_of(rate: Rate) -> tuple[Tier, ...]:
    """The tiers of a PRICED row, its own rate first."""
    own = Tier(0, parse_nanos(rate.rate_per_minute or "0"), rate.initial_seconds, rate.next_seconds)
    return (own, *read_tiers(rate.tiers)) if rate.tiers else (own,)


@lru_cache(maxsize=4096)
def read_tiers(text: str) -> tuple[Tier, ...]:
    """Read `60:0.05/1;120:0.02/6`: from second 60 on 0.05 a minute in steps of 1 s, from 120 on 0.02 in steps of 6 s.

    ValueError where a second does not follow the one before.
    """
    tiers: list[Tier] = []
    for part in text.split(";"):
        since, price = part.split(":")
        rate, step = price.split("/")
        if int(since) <= (tiers[-1].from_second if tiers else 0):
            raise ValueError(f"tier {part}: expected a second after that of the tier before")
        tiers.append(Tier(int(since), parse_nanos(rate), int(step), int(step)))
    return tuple(tiers)


def pieces_of(tiers: Sequence[Tier], seconds: int) -> list[Piece]:
    """Cut a call of whole seconds into the pieces that its tiers bill."""
    pieces, reached = [], 0
    ends = [*(tier.from_second for tier in tiers[1:]), seconds]
    for tier, end in zip(tiers, ends, strict=True):
        left = min(end, seconds) - reached
        if left > 0:
            billed = billed_seconds(left, tier.initial_seconds, tier.next_seconds)
            pieces.append(Piece(tier, left, billed))
            reached += billed
    return pieces


def exact_charge_of(pieces: Sequence[Piece], fee_nanos: int) -> int:
    """The exact charge in sixtieths of a nano; the fee once, and nothing where nothing is billed. OverflowError."""
    if not pieces:
        return 0
    first, *others = pieces
    total = exact_charge(first.tier.rate_nanos, fee_nanos, first.billed_seconds)
    for piece in others:
        total += exact_charge(piece.tier.rate_nanos, 0, piece.billed_seconds)
        if total > EXACT_MAX:
            raise OverflowError(f"{total} sixtieths of a nano")
    return total


TOO_LARGE = -1
"""Exact charge of a call that may not fit."""


class Sums(NamedTuple):
    """Billed seconds of calls, and their exact charges in sixtieths of a nano or `TOO_LARGE`."""

    billed_seconds: Integers
    exact: Integers


def charge_tiers(tiers: Sequence[Tier], fee_nanos: int, seconds: Integers) -> Sums:
    """The twin of `pieces_of` and `exact_charge_of` for calls that one row prices."""
    billed, exact = np.zeros(len(seconds), np.int64), np.zeros(len(seconds), np.int64)
    ends = [*(tier.from_second for tier in tiers[1:]), np.iinfo(np.int64).max]
    for tier, end in zip(tiers, ends, strict=True):
        left = np.maximum(np.minimum(end, seconds) - billed, 0)
        piece = billed_seconds_column(left, *(np.array(step) for step in (tier.initial_seconds, tier.next_seconds)))
        billed += piece
        exact += piece * tier.rate_nanos
    steepest = max(tier.rate_nanos for tier in tiers)
    fits = billed <= seconds_before_overflow(steepest, fee_nanos)
    exact = np.where(billed > 0, exact + exact_charge(0, fee_nanos, 0), 0)
    return Sums(billed, np.where(fits, exact, TOO_LARGE))
