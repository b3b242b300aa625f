"""How much traffic of which kind: the profiles of the simulator, and the faults with their rates.

A rate r on N records gives exactly round(r x N) faults. `tiny` has one of each instead.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

PLAIN_RATES: Mapping[str, Fraction] = {
    "F1": Fraction(3, 1_000),
    "F2": Fraction(2, 1_000),
    "F3": Fraction(1, 100_000),
    "F4": Fraction(2, 100),
    "F9": Fraction(1, 100_000),
    "F17": Fraction(1, 50_000),
    "F18": Fraction(1, 50_000),
    "F21_CAUSE": Fraction(5, 1_000),
    "F21_ZERO": Fraction(5, 1_000),
    "F24": Fraction(1, 100),
    "F25_NUMBER": Fraction(5, 10_000),
    "F25_AREA": Fraction(5, 1_000),
}
"""Share of the records that each fault falls on: those of every day."""

RATES: Mapping[str, Fraction] = {
    **PLAIN_RATES,
    "F5": Fraction(5, 10_000),
    "F6": Fraction(2, 10_000),
    "F7_HOUR": Fraction(1, 1_000),
    "F7_DAY": Fraction(2, 10_000),
    "F7_CLOSED": Fraction(5, 100_000),
    "F8": Fraction(1, 100_000),
    "F8_CLOSED": Fraction(1, 100_000),
    "F10_SECONDS": Fraction(1, 10_000),
    "F10_SHARE": Fraction(1, 10_000),
    "F10_BLOCK": Fraction(1, 10_000),
    "F11": Fraction(1, 1_000),
    "F12_FUTURE": Fraction(1, 100_000),
    "F12_OLD": Fraction(1, 100_000),
    "F13": Fraction(1, 10_000),
    "F15": Fraction(1, 1_000),
    "F16": Fraction(1, 1_000),
    "F19": Fraction(1, 10_000),
    "F20": Fraction(0),
    "F23": Fraction(5, 1_000),
    "F26": Fraction(1, 200_000),
    "F26_BYTES": Fraction(1, 200_000),
    "F27": Fraction(0),
    "F28": Fraction(1, 20_000),
}
"""All faults that any day has. F20 and F27 are counted by files and by nodes, at least one of each."""

NIGHT_RATES: Mapping[str, Fraction] = {
    "F1": Fraction(3, 1_000),
    "F4": Fraction(2, 100),
    "F14": Fraction(0),
    "F14_GAP": Fraction(0),
}
"""Faults of the nights on which clocks are set: what falls into an unclear hour is counted there."""

ABOUT: Mapping[str, str] = {
    "F1": "the same record again, from the same SBC",
    "F2": "the same call reported by another SBC, in another format",
    "F3": "the same key with other content",
    "F4": "arrives 1 to 600 s late",
    "F5": "a START whose STOP never comes, half of them with an INTERIM",
    "F6": "an INTERIM without START and STOP",
    "F7_HOUR": "arrives an hour late",
    "F7_DAY": "arrives a day late",
    "F7_CLOSED": "arrives after the close of its period, 45 days late",
    "F8": "a gap of 1 to 20 numbers of a node that stays",
    "F8_CLOSED": "a gap of 1 to 20 numbers of a node that closes a day later",
    "F9": "released before it was answered",
    "F10_SECONDS": "the printed duration is 2 s more than the times say",
    "F10_SHARE": "the printed duration is 4 % more than the times say",
    "F10_BLOCK": "the printed duration is 60 % more than the times say",
    "F11": "the other leg of a call, by a clock that is 2 s wrong",
    "F12_FUTURE": "20 years ahead",
    "F12_OLD": "20 years ago",
    "F13": "answered beyond the channel limit",
    "F14": "local stamps in an hour that the clock passes twice",
    "F14_GAP": "local stamps in an hour that does not exist",
    "F15": "a caller's name in Latin-1 that looks like a formula",
    "F16": "quotes within a quoted value",
    "F17": "cut off, or a quote never closed",
    "F18": "of a shape that no layout knows",
    "F19": "a header or a line of others among the records",
    "F20": "a file whose trailer tells wrong totals",
    "F21_CAUSE": "unanswered with the cause of a normal end",
    "F21_ZERO": "answered for 0 ms",
    "F23": "a route that was tried before the one that took the call",
    "F24": "one range of records sent a second time",
    "F25_NUMBER": "a called number that cannot be read",
    "F25_AREA": "a +1 area code that is not in service",
    "F26": "a number of 41 digits",
    "F26_BYTES": "a record of more than 64 KiB",
    "F27": "a node that restarts while calls are in progress",
    "F28": "a second call with the same parties, start and duration",
}


class Profile(NamedTuple):
    """One kind of run."""

    name: str
    about: str
    calls: int
    start: datetime
    days: int
    rates: Mapping[str, Fraction] = RATES
    one_of_each: bool = False
    """One fault of each kind, whatever the rates are."""
    limits_channels: bool = True
    """Calls beyond the channel limit are refused; without it the draws are faster and the load may be any."""
    has_truth: bool = True
    block_calls: int = 500_000
    """Calls that are drawn at once: what bounds the memory. Faults have exact counts in each block."""
    nights: tuple[datetime, ...] = ()
    """Evenings from which on NIGHT_HOURS of calls are drawn, instead of a stretch of days."""
    is_endless: bool = False
    """Whether one day follows another until somebody stops it; `calls` are those of a day."""

    def fault_counts(self, records: int) -> dict[str, int]:
        """How many of each fault `records` records have, exactly."""
        if self.one_of_each:
            return dict.fromkeys(self.rates, 1)
        return {fault: round(rate * records) for fault, rate in self.rates.items()}


NIGHT_HOURS = 12


def _evening(year: int, month: int, day: int) -> datetime:
    """20:00 UTC: the night behind it holds every border and change of clocks from Berlin to Chicago."""
    return datetime(year, month, day, 20, tzinfo=UTC)


NIGHTS = (
    _evening(2018, 11, 3),  # New York falls back
    _evening(2023, 12, 31),  # New Year
    _evening(2024, 2, 28),  # 29 February
    _evening(2024, 3, 9),  # New York springs forward
    _evening(2024, 3, 30),  # Europe springs forward
    _evening(2024, 10, 26),  # Europe falls back
    _evening(2024, 11, 2),  # New York falls back
    _evening(2026, 10, 24),  # Europe falls back
    _evening(2026, 10, 31),  # New York falls back, and a month ends, in America hours later than in UTC
)
"""Nights on which times are hard; those on which the book has trunks are simulated."""
_OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
_MONDAY = datetime(2026, 10, 5, tzinfo=UTC)

PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("tiny", "one of each common fault, for quick tests", 200, _MONDAY, 1, PLAIN_RATES, one_of_each=True),
        Profile("faults", "one of each fault that there is", 1_000, _MONDAY, 1, one_of_each=True),
        Profile(
            "demo", "a day with more faults than a good day has", 20_000, _MONDAY + timedelta(days=1), 1,
            rates={**PLAIN_RATES, **dict.fromkeys(("F3", "F9", "F17", "F18"), Fraction(1, 2_000))},
        ),
        Profile("day", "all faults at their rates, over three working days", 100_000, _MONDAY, 3),
        Profile(
            "dst", "nights on which clocks are set, months and years end", 20_000, NIGHTS[0], 1,
            rates=NIGHT_RATES, nights=NIGHTS,
        ),
        Profile(
            "soak", "one day after another, for --kafka at a --rate, until it is stopped", 100_000, _MONDAY, 7,
            has_truth=False, is_endless=True,
        ),
        Profile("month", "a whole month", 3_000_000, _OCTOBER, 31),
        Profile(
            "bench", "clean, no truth table: for throughput", 10_000_000, _OCTOBER, 31,
            rates={}, limits_channels=False, has_truth=False, block_calls=125_000,
        ),
    )
}  # fmt: skip
