"""Runs the rating oracles: each case becomes a row of a deck and a call, priced by `rate_call` and by `rate_batch`.

Nothing here knows a case by its id. Expected values are read from the files only.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import compress
from typing import NamedTuple

import numpy as np

from rating.batch import rate_batch
from rating.book import RateBook
from rating.call import rate_call
from rating.numbering.classify import classify
from rating.numbering.profiles import profile_of
from rating.prefixes import Deck, number_keys
from rating.rated import RatedCall
from rating.timelines import to_microseconds
from schemas.cdr import CDR, cdrs_to_arrow
from schemas.reference import AreaCode, Plan, Rate, RateDeck, RateStatus
from tests.oracles.tally import Broken, Tally, attempted, read_csv, tally
from tests.rating.cases import NEW_YEAR, a_book, a_cdr, a_deck, a_plan, a_rate, a_trunk, an_address

Row = dict[str, str]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Before every call of the oracles."""
NANOS = 9
SCALES = (9, 6, 5, 4, 2)
"""Decimals that an exact cost of 12 decimals may be rounded to."""


class Case(NamedTuple):
    """A row of a deck, a plan that bills it, and a call."""

    name: str
    rate: Rate
    plan: Plan
    measured_ms: int


class Answer(NamedTuple):
    """What a call comes to, or why it was rejected."""

    billed_seconds: int | None
    charge: Decimal | None
    reason: str | None = None


def answers(cases: Sequence[Case]) -> list[tuple[Answer, Answer]]:
    """What the specification and its twin say of each case: all in one book and one batch, or, if one breaks, alone."""
    found = attempted(lambda: _in_one_book(cases))
    if not isinstance(found, Broken):
        return found
    if len(cases) == 1:
        return [(Answer(None, None, found), Answer(None, None, found))]
    return [pair for case in cases for pair in answers([case])]


def _in_one_book(cases: Sequence[Case]) -> list[tuple[Answer, Answer]]:
    plans = {case.plan.plan_id: case.plan for case in cases}
    trunks = [a_trunk(f"on-{plan_id}", plan_id=plan_id, dids=()) for plan_id in plans]
    rates = [case.rate.model_copy(update={"prefix": _prefix(at)}) for at, case in enumerate(cases)]
    decks = [a_deck(*rates), a_deck(deck_id="in")]
    book = a_book(plans=list(plans.values()), trunks=trunks, decks=decks)
    calls = [
        a_cdr(called=f"+{_prefix(at)}", claimed_trunk_id=f"on-{case.plan.plan_id}", measured_ms=case.measured_ms)
        for at, case in enumerate(cases)
    ]
    return list(zip(*both(calls, book), strict=True))


def both(calls: Sequence[CDR], book: RateBook) -> tuple[list[Answer], list[Answer]]:
    """The answers of the specification, and those of its twin."""
    columns = rate_batch(cdrs_to_arrow(calls), book).to_pydict()
    figures = zip(columns["billed_seconds"], columns["charge"], columns["reject_reason"], strict=True)
    return [_answer(rate_call(call, book)) for call in calls], [Answer(*row) for row in figures]


def _answer(result: object) -> Answer:
    if isinstance(result, RatedCall):
        return Answer(result.billed_seconds, result.charge)
    return Answer(None, None, result.reason)


def _prefix(at: int) -> str:
    """A London number of its own for each case."""
    return f"4420{70000000 + at}"


def grid() -> Tally:
    """`rating_grid.csv`, rounded to each of `SCALES`."""
    rows = read_csv("rating_grid.csv")
    named = [(row, scale) for row in rows for scale in SCALES]
    cases = [
        attempted(lambda at=at, row=row, scale=scale: _grid_case(at, row, scale))
        for at, (row, scale) in enumerate(named)
    ]
    expected = [(int(row["billed_s"]), rounded(row["cost_12dp"], scale)) for row, scale in named]
    return tally(compared(cases, expected, [str(at // len(SCALES)) for at in range(len(cases))]))


def _grid_case(at: int, row: Row, scale: int) -> Case:
    increments = f"{row['initial_s']}/{row['increment_s']}"
    rate = a_rate("0", row["rate_per_min"], increments, connection_fee=row["connect_fee"], row_id=f"row {at}")
    return Case(str(at), rate, a_plan(f"scale-{scale}", charge_decimals=scale), int(row["duration_s"]) * 1000)


def rounded(amount: str, decimals: int) -> Decimal:
    """Half up, as the file's page says that its exact costs may be rounded again."""
    return Decimal(amount).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def compared(
    cases: Sequence[Case | Broken], expected: Sequence[tuple[int | None, Decimal | None]], names: Sequence[str]
) -> Iterator[tuple[str, object, object]]:
    """Both answers of each case, or what broke it; a part that is None is not compared."""
    whole = [not isinstance(case, Broken) for case in cases]
    yield from (
        (name, wanted, case)
        for name, wanted, case, is_whole in zip(names, expected, cases, whole, strict=True)
        if not is_whole
    )
    given = [case for case in cases if not isinstance(case, Broken)]
    for name, wanted, found in zip(
        compress(names, whole), compress(expected, whole), answers(given) if given else (), strict=True
    ):
        for answer in found:
            actual = tuple(None if part is None else got for part, got in zip(wanted, answer[:2], strict=True))
            yield name, wanted, actual if answer.reason is None else answer


def operators() -> Tally:
    """`rating_operators.csv`; a row without a rate tells billed seconds only."""
    rows = read_csv("rating_operators.csv")
    cases = [attempted(lambda row=row: _operator_case(row)) for row in rows]
    expected = [
        (int(row["expected_billed_s"]), Decimal(row["expected_charge"]) if row["rate_per_min"] else None)
        for row in rows
    ]
    return tally(compared(cases, expected, [row["case_id"] for row in rows]))


def _operator_case(row: Row) -> Case:
    name = row["case_id"]
    increments = f"{row['initial_s']}/{row['increment_s']}"
    rate = a_rate("0", row["rate_per_min"] or "0.01", increments, connection_fee=row["connect_fee"], row_id=name)
    plan = a_plan(
        name,
        **rounding(row["rounding_method"], row["decimals"]),
        seconds_rounding=row["seconds_rounding"],
        free_below_seconds=int(row["free_below_s"]),
    )
    return Case(name, rate, plan, int(row["measured_ms"]))


def rounding(method: str, decimals: str, shift: int = 0) -> dict[str, object]:
    """Rounding `none`, and more decimals than a nano has, are exact amounts that fit nanos; `shift` moves the point."""
    if method == "none":
        return {"charge_decimals": NANOS}
    return {"charge_decimals": min(int(decimals) - shift, NANOS), "charge_rounding": method}


def prefixes() -> Tally:
    """`lpm_cases.csv` by `lpm_deck.csv`: by the deck both ways, and as calls where the digits are a number."""
    deck = RateDeck(deck_id="out", rates=tuple(_deck_row(row) for row in read_csv("lpm_deck.csv")))
    cases = read_csv("lpm_cases.csv")
    by_deck = list(_matched(Deck(deck), cases))
    by_call = list(_called(deck, cases))
    remark = f"{len(by_call) // 2} of them also as calls, the digits of the others are no E.164 number"
    return tally([*by_deck, *by_call], remark=remark)


def _deck_row(row: Row) -> Rate:
    return a_rate(
        row["prefix"],
        row["rate_per_minute"] or None,
        f"{row['initial_s'] or 60}/{row['increment_s'] or 60}",
        status=RateStatus(row["status"]),
        row_id=row["row_id"],
        connection_fee=row["connection_fee"] or "0",
        since=datetime.fromisoformat(row["effective_from"]),
        until=datetime.fromisoformat(row["effective_until"]) if row["effective_until"] else None,
    )


_REASONS = {"RATE_BLOCKED": "BLOCKED", "RATE_UNPRICED": "UNPRICED", "NO_RATE": "NO_MATCH"}


def _expected(row: Row) -> tuple[str | Decimal | None, ...]:
    """Outcome, row, prefix and rate."""
    rate = Decimal(row["expected_rate_per_minute"]) if row["expected_rate_per_minute"] else None
    return row["expected_outcome"], row["expected_row_id"] or None, row["expected_prefix"] or None, rate


def _matched(deck: Deck, cases: Sequence[Row]) -> Iterator[tuple[str, object, object]]:
    """What the deck finds, by walking the prefixes and by its index."""
    instants = [datetime.fromisoformat(row["answered_at"]) for row in cases]
    numbers = [row["called_number"] for row in cases]
    keys = number_keys(np.array([int(number) for number in numbers]), np.array([len(number) for number in numbers]))
    positions = deck.find(keys, np.array([to_microseconds(at) for at in instants])).tolist()
    for row, at, position in zip(cases, instants, positions, strict=True):
        for rate in (deck.match(row["called_number"], at), deck.rates[position] if position >= 0 else None):
            yield row["case_id"], _expected(row), _found(rate)


def _found(rate: Rate | None) -> tuple[str | Decimal | None, ...]:
    if rate is None:
        return "NO_MATCH", None, None, None
    price = None if rate.rate_per_minute is None else Decimal(rate.rate_per_minute)
    return rate.status.value, rate.row_id, rate.prefix, price


def _called(deck: RateDeck, cases: Sequence[Row]) -> Iterator[tuple[str, object, object]]:
    """What becomes of a call to each number; every +1 area code is in service, without a place."""
    codes = [_area_code(number) for number in range(200, 1000)]
    since = {"effective_from": LONG_AGO}
    plan = a_plan(blocked_classes=(), free_classes=(), **since)
    book = a_book(
        decks=[deck, a_deck(deck_id="in")], plans=[plan], area_codes=codes, trunks=[a_trunk(**since)],
        addresses=[an_address(**since)],
    )  # fmt: skip
    profile = profile_of(book.trunks["trunk"])
    calls = [
        (row, a_cdr(called=f"+{row['called_number']}", answered_at=datetime.fromisoformat(row["answered_at"])))
        for row in cases
    ]
    numbers = [
        (row, call) for row, call in calls if classify(call.called, profile, NEW_YEAR.date(), book.area_codes).e164
    ]
    columns = rate_batch(cdrs_to_arrow([call for _, call in numbers]), book).to_pylist()
    for (row, call), column in zip(numbers, columns, strict=True):
        yield row["case_id"], _expected(row), _outcome(rate_call(call, book), row)
        yield row["case_id"], _expected(row), _outcome_of_column(column, row)


def _area_code(number: int) -> AreaCode:
    return AreaCode(area_code=str(number), number_class="NONGEO_5XX", country="001", in_service=LONG_AGO.date())


def _outcome(result: object, row: Row) -> tuple[str | Decimal | None, ...]:
    if isinstance(result, RatedCall):
        return "PRICED", result.deck_row, result.prefix, result.rate_per_minute
    return _refused(result.reason, result.detail, row)


def _outcome_of_column(column: dict[str, object], row: Row) -> tuple[object, ...]:
    if column["reject_reason"] is None:
        return "PRICED", column["deck_row"], column["prefix"], column["rate_per_minute"]
    return _refused(str(column["reject_reason"]), str(column["reject_detail"]), row)


def _refused(reason: str, detail: str | None, row: Row) -> tuple[str | None, ...]:
    """A rejected call names the row that refused it in its sentence."""
    outcome = _REASONS.get(reason, reason)
    named = outcome == "NO_MATCH" or (detail or "").startswith(f"Row {row['expected_row_id']} of deck out")
    return (
        (outcome, row["expected_row_id"] or None, row["expected_prefix"] or None, None) if named else (outcome, detail)
    )
