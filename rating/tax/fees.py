"""911, 988 and other fees for each line: what counts as a line, and how many are billed.

The unit is outbound calling capacity, not telephone numbers (47 USC 615a-1(f)(1); FCC declaratory ruling of 2019-10-25,
WC 19-44). A trunk counts with the highest number of channels that it had on any day of the period; a fee is due for a
month or part of a month, so nothing is prorated.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple


class CountMethod(StrEnum):
    """How the law of a fee counts lines: channels that can call out, all channels, trunks that can, or one a bill."""

    PER_CHANNEL_OUT = "PER_CHANNEL_OUT"
    PER_CHANNEL = "PER_CHANNEL"
    PER_TRUNK = "PER_TRUNK"
    PER_ACCOUNT = "PER_ACCOUNT"
    CAP_PER_BILL = "CAP_PER_BILL"
    TIERED = "TIERED"
    PER_PRI = "PER_PRI"


class Tier(NamedTuple):
    """Lines up to and including `up_to` (None: all further ones) bear the fee times `multiplier`."""

    up_to: int | None
    multiplier: Decimal


class LineCount(NamedTuple):
    """The counting rule of a fee: `cap` for CAP_PER_BILL, `tiers` for TIERED, `per_pri` for PER_PRI."""

    method: CountMethod
    cap: int | None = None
    tiers: tuple[Tier, ...] = ()
    per_pri: int | None = None


class ChannelCount(NamedTuple):
    """Channels of a trunk over the half-open days `[effective_from, effective_until)`."""

    effective_from: date
    effective_until: date | None
    channels: int
    is_outbound: bool = True
    """Whether its plan lets it call out on those days."""


class TrunkChannels(NamedTuple):
    """The dated channel counts of one trunk, and where it stands."""

    trunk_id: str
    address_id: str
    counts: tuple[ChannelCount, ...]
    is_outbound: bool = True
    pri_links: int = 0


class BilledLines(NamedTuple):
    """Channels found, lines billed, and lines weighted by their multipliers: the fee is due on `weight`."""

    channels: int
    billed: int
    weight: Fraction


def outbound_channels(trunks: Iterable[TrunkChannels], start: date, end: date) -> int:
    """The highest count of each outbound-capable trunk on a day of `[start, end)`, summed."""
    return sum(_highest_outbound(trunk, start, end) for trunk in trunks)


def count_lines(rule: LineCount, trunks: Sequence[TrunkChannels], start: date, end: date) -> BilledLines:
    """The lines that a fee is due on, for all trunks of one bill in one jurisdiction."""
    channels = outbound_channels(trunks, start, end)
    match rule.method:
        case CountMethod.PER_CHANNEL_OUT:
            billed = channels
        case CountMethod.PER_CHANNEL:
            billed = sum(_highest(trunk.counts, start, end) for trunk in trunks)
        case CountMethod.PER_TRUNK:
            billed = sum(_highest_outbound(trunk, start, end) > 0 for trunk in trunks)
        case CountMethod.PER_ACCOUNT:
            billed = min(channels, 1)
        case CountMethod.CAP_PER_BILL:
            billed = channels if rule.cap is None else min(channels, rule.cap)
        case CountMethod.TIERED:
            return BilledLines(channels, channels, _tiered(rule.tiers, channels))
        case CountMethod.PER_PRI:
            billed = (rule.per_pri or 0) * sum(trunk.pri_links for trunk in trunks)
    return BilledLines(channels, billed, Fraction(billed))


def _highest_outbound(trunk: TrunkChannels, start: date, end: date) -> int:
    return _highest((count for count in trunk.counts if count.is_outbound), start, end) if trunk.is_outbound else 0


def _highest(counts: Iterable[ChannelCount], start: date, end: date) -> int:
    """Half-open on both sides: what ended on the first day or begins on the day after the last does not count."""
    return max(
        (
            count.channels
            for count in counts
            if count.effective_from < end and (count.effective_until is None or start < count.effective_until)
        ),
        default=0,
    )


def _tiered(tiers: Sequence[Tier], channels: int) -> Fraction:
    limits = [0, *(channels if tier.up_to is None else min(tier.up_to, channels) for tier in tiers)]
    widths = [max(upper - lower, 0) for lower, upper in pairwise(limits)]
    return sum((width * Fraction(tier.multiplier) for width, tier in zip(widths, tiers, strict=True)), Fraction())
