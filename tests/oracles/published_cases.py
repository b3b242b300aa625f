"""Runs `rating_published.csv`: simple and rounding rows by increments, tiered rows by tiers.

A source may price 10,240 seconds in steps of 1,048,576. Where a deck cannot hold such a price, its second stands for
the longest step that all of them share, and its currency unit for a tenth, a hundredth, ... of the source's. Both
change nothing: every step is a whole number of such seconds, and the point of the result is moved back.
"""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import gcd
from typing import Any, NamedTuple

from rating.money import nanos_to_text
from tests.oracles import rating_cases
from tests.oracles.rating_cases import NANOS, Case, Row, rounding
from tests.oracles.tally import Broken, Tally, attempted, tally
from tests.rating.cases import a_plan, a_rate

Interval = Mapping[str, Any]
STEP_MAX = 86_400
"""Longest increment of a deck."""
SECOND_MAX = 99_999
"""Last second of a call from which a deck may change the price."""


class Unit(NamedTuple):
    """Seconds of the source in one of the deck, and decimals by which its money is larger."""

    seconds: int = 1
    shift: int = 0


def published() -> Tally:
    """Every row, and how many peer values differ from exact arithmetic."""
    rows = rating_cases.read_csv("rating_published.csv")
    units = [attempted(lambda row=row: unit_of(json.loads(row["rates"]))) for row in rows]
    cases = [
        unit if isinstance(unit, Broken) else attempted(lambda row=row, unit=unit: _case(row, unit))
        for row, unit in zip(rows, units, strict=True)
    ]
    shifts = [unit.shift if isinstance(unit, Unit) else 0 for unit in units]
    expected = [(None, Decimal(row["expected_exact"]).scaleb(shift)) for row, shift in zip(rows, shifts, strict=True)]
    tiered = sum(isinstance(case, Case) and case.rate.tiers is not None for case in cases)
    peers = sum(Decimal(row["peer_value"]) != Decimal(row["expected_exact"]) for row in rows)
    remark = f"{tiered} of them tiered; {peers} peer values differ from exact arithmetic"
    return tally(rating_cases.compared(cases, expected, [row["case_id"] for row in rows]), remark=remark)


def _case(row: Row, unit: Unit) -> Case:
    name, intervals = row["case_id"], json.loads(row["rates"])
    first, *others = intervals
    step = first["increment_seconds"]
    simple = re.match(r"\[simple (\d+)/(\d+)\]", row["note"])
    increments = "/".join(
        str(int(seconds) // unit.seconds) for seconds in (simple.groups() if simple else (step, step))
    )
    tiers = None if simple else ";".join(_tier(interval, unit) for interval in others) or None
    fee = _text(Fraction(row["connect_fee"]) * 10**unit.shift)
    rate = a_rate("0", per_minute(first, unit), increments, connection_fee=fee, row_id=name)
    plan = a_plan(name, **rounding(row["rounding_method"], row["decimals"], unit.shift))
    seconds = -(-int(row["duration_s"]) // unit.seconds)
    return Case(name, rate.model_copy(update={"tiers": tiers}), plan, seconds * 1000)


def _tier(interval: Interval, unit: Unit) -> str:
    since, step = (interval[name] // unit.seconds for name in ("from_second", "increment_seconds"))
    return f"{since}:{per_minute(interval, unit)}/{step}"


def unit_of(intervals: Sequence[Interval]) -> Unit:
    """The first unit, the plain one before all others, in which a deck holds all prices. ValueError where none does."""
    shared = gcd(*(interval[name] for interval in intervals for name in ("from_second", "increment_seconds")))
    for seconds, shift in product((1, shared), range(NANOS)):
        unit = Unit(seconds, shift)
        if all(_fits(interval, unit) for interval in intervals):
            return unit
    raise ValueError(f"no deck holds {intervals}: a price per minute has more digits than a deck")


def _fits(interval: Interval, unit: Unit) -> bool:
    is_short = interval["from_second"] // unit.seconds <= SECOND_MAX
    is_step = interval["increment_seconds"] // unit.seconds <= STEP_MAX
    return is_short and is_step and _nanos(_price(interval, unit)).denominator == 1


def per_minute(interval: Interval, unit: Unit) -> str:
    """Rate per minute of an interval's rate per unit."""
    return _text(_price(interval, unit))


def _price(interval: Interval, unit: Unit) -> Fraction:
    return Fraction(interval["rate"]) * 60 * unit.seconds / int(interval["unit_seconds"]) * 10**unit.shift


def _nanos(amount: Fraction) -> Fraction:
    return amount * 10**NANOS


def _text(amount: Fraction) -> str:
    """Decimal text. ValueError where a nano is too coarse for it."""
    nanos = _nanos(amount)
    if nanos.denominator != 1:
        raise ValueError(f"{amount} has more decimals than a deck")
    return nanos_to_text(int(nanos)) or "0"
