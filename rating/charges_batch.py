"""Rate, seconds and charge of each leg of a batch: the twin of `rating.rates` and of the sums in `rating.call`."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from rating.book_columns import BookColumns
from rating.charge import exact_charge_column, round_charge
from rating.columns import Flags, Integers
from rating.duration import billed_seconds_column, whole_seconds_column
from rating.legs_batch import INBOUND, Legs, domestic_legs
from rating.prefixes import NO_ROW, number_keys
from rating.tiers import TOO_LARGE, Sums, charge_tiers

NO_DURATION = -1
"""Seconds of a leg whose duration is missing or negative."""


class Charges(NamedTuple):
    """What each leg costs; only the rows where `is_plain` holds mean anything."""

    rate: Integers
    """Row of `RateColumns`, or `NO_ROW` for a leg that is free by its class."""
    call_seconds: Integers
    billed_seconds: Integers
    nanos: Integers
    is_included: Flags
    is_zero: Flags
    is_short: Flags
    is_plain: Flags


def charge_legs(cdrs: pa.RecordBatch, legs: Legs, at: Integers, customer: Integers, book: BookColumns) -> Charges:
    """Find the rate of each leg, bill its seconds and charge them."""
    plan = book.customers.plan[customer]
    seconds = _call_seconds(cdrs, book.plan.round_up_from[plan])
    rate = _rates(legs, at, plan, book)
    sums = _sums(rate, seconds, book)
    fits = (rate != NO_ROW) & (sums.exact != TOO_LARGE)
    fits &= ~(legs.is_neighbour & book.rates.is_nanp[rate])
    is_zero = (seconds == 0) & ~legs.is_free
    is_short = (0 < seconds) & (seconds < book.plan.free_below_seconds[plan]) & ~legs.is_free
    is_included = domestic_legs(legs, customer, book) & ~legs.is_free & ~is_short
    exact = np.where(fits & ~(is_included | is_short), sums.exact, 0)
    return Charges(
        rate,
        seconds,
        np.where(legs.is_free, 0, sums.billed_seconds),
        _rounded(exact, book.plan.scale[plan], book),
        is_included,
        is_zero,
        is_short,
        legs.is_plain & (seconds != NO_DURATION) & (fits | legs.is_free),
    )


def _sums(rate: Integers, seconds: Integers, book: BookColumns) -> Sums:
    """Billed seconds and exact charges; `TOO_LARGE` for a row without a price, or whose charge may not fit."""
    rates = book.rates
    billed = billed_seconds_column(seconds, rates.initial_seconds[rate], rates.next_seconds[rate])
    exact = exact_charge_column(rates.rate_nanos[rate], rates.fee_nanos[rate], billed)
    exact = np.where(rates.is_priced[rate] & (billed <= rates.seconds_max[rate]), exact, TOO_LARGE)
    tiered = np.flatnonzero(rates.is_tiered[rate])
    for number in np.unique(rate[tiered]).tolist():
        rows = tiered[rate[tiered] == number]
        sums = charge_tiers(rates.tiers[number], int(rates.fee_nanos[number]), seconds[rows])
        billed[rows], exact[rows] = sums
    return Sums(billed, exact)


def _call_seconds(cdrs: pa.RecordBatch, round_up_from: Integers) -> Integers:
    measured = cdrs.column("measured_ms")
    if measured.null_count:
        measured = measured.fill_null(NO_DURATION)
    measured_ms: Integers = measured.to_numpy()
    seconds = whole_seconds_column(measured_ms, round_up_from)
    seconds[measured_ms < 0] = NO_DURATION
    return seconds


def _rates(legs: Legs, at: Integers, plan: Integers, book: BookColumns) -> Integers:
    deck = np.where(legs.direction == INBOUND, book.plan.inbound_deck[plan], book.plan.outbound_deck[plan])
    asks_caller = book.rates.asks_caller[deck] & (legs.direction == INBOUND)
    deck[~legs.is_plain | legs.is_free | asks_caller] = NO_ROW
    return book.rates.find(deck, number_keys(legs.called.digits, legs.called.length), at)


def _rounded(exact: Integers, scale: Integers, book: BookColumns) -> Integers:
    """Round each charge by its plan's decimals and rule."""
    nanos = np.zeros(len(exact), np.int64)
    for number in np.flatnonzero(np.bincount(scale, minlength=len(book.scales))):
        rows = np.flatnonzero(scale == number)
        nanos[rows] = round_charge(exact[rows], *book.scales[number])
    return nanos
