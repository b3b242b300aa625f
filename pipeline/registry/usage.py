"""Billing usage: what an account used and paid, summed as asked, in the vendor's table of columns and rows.

The interval is of UTC days, the last exclusive. A month is finalized when it is closed for the account. Prices and
sums are the ledger's exact decimals.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.places import alpha2_codes, country_of
from pipeline.registry.problems import Refused
from pipeline.registry.shapes.base import time_text
from pipeline.registry.shapes.usage import UsageFilter, UsageQuery

FACTS = (Path(__file__).parent / "usage.sql").read_text()
MONTHS_BACK = 2
NOT_THERE = "N/A"
_SECONDS_PER_MINUTE = 60
_SHOWN = Decimal("0.000000000001")

_EXPRESSIONS = {
    "DAY": "strftime(day, '%Y-%m-%d')",
    "MONTH": "strftime(day, '%Y-%m')",
    "ACCOUNT_NAME": "coalesce(account_name, account_id)",
    "ACCOUNT_KEY": "account_id",
    "CATEGORY_CODE": "category",
    "CATEGORY_NAME": "category",
    "DIRECTION": "direction",
    "COUNTRY_CODE": "country",
    "COUNTRY_NAME": "country",
}
"""Dimensions that trunk calls have; the vendor's others are N/A."""
_NAMES = {
    "SIP_TRUNK": "SIP trunk calls",
    "SIP_TRUNK_CHANNEL": "SIP trunk channels",
    "SIP_TRUNK_TAX": "Taxes on SIP trunks",
}
_METRICS = (
    ("UNIT_TYPE", "STRING"), ("UNIT_PRICE", "NUMBER"), ("QUANTITY", "NUMBER"), ("TOTAL_PER_UNIT", "NUMBER"),
    ("CURRENCY", "STRING"),
)  # fmt: skip
_FOREIGN = (
    "senders", "sender_types", "traffic_types", "campaign_reference_ids", "template_ids", "sub_categories", "platforms",
    "campaign_ids",
)  # fmt: skip
"""Filters on what no call of a trunk has: whoever sets one finds nothing."""


class Interval(NamedTuple):
    """UTC days, half-open."""

    since: date
    until: date

    def shown(self) -> dict[str, str]:
        """As the vendor writes date-times."""
        return {"sentSince": _midnight(self.since), "sentUntil": _midnight(self.until)}


def narrowed(query: UsageQuery, now: datetime) -> Interval:
    """The part of the asked interval that can be answered: this month and the two before. Refused if there is none."""
    asked = query.request.filter_by.date_interval
    since, until = date.fromisoformat(asked.sent_since), date.fromisoformat(asked.sent_until)
    this_month = now.astimezone(UTC).date().replace(day=1)
    first, end = _months_later(this_month, -MONTHS_BACK), _months_later(this_month, 1)
    interval = Interval(max(since, first), min(until, end))
    if interval.since >= interval.until:
        raise Refused.at(
            "request.filterBy.dateInterval",
            f"{since} to {until} (exclusive) found, expected days from {first} to {end} (exclusive).",
        )
    return interval


def usage_result(
    ledger: Ledger, account_id: str, request_id: str, query: UsageQuery, interval: Interval
) -> dict[str, Any]:
    """The result that is posted to the caller's URL."""
    finalized = finalized_months(ledger, account_id)
    wanted = query.request
    dimensions = _dimensions(wanted.aggregate_by)
    closed_only = wanted.options is not None and wanted.options.include_unfinalized_data is False
    conditions, values = _conditions(wanted.filter_by, account_id, interval, finalized if closed_only else None)
    rows = _rows(ledger, dimensions, conditions, values)
    asked = wanted.filter_by.date_interval
    columns = [*((name, "STRING") for name in dimensions), *_METRICS]
    return {
        "requestId": request_id,
        "status": "SUCCESS",
        "response": {
            "requestedPeriod": interval.shown(),
            "totalRows": len(rows),
            "columns": [{"columnName": name, "columnDataType": type_} for name, type_ in columns],
            "rows": rows,
            "metadata": {
                "clientRequestedPeriod": {"sentSince": asked.sent_since, "sentUntil": asked.sent_until},
                "billingPeriods": [
                    {"month": month, "volumeFinalized": month in finalized} for month in _months(interval)
                ],
            },
        },
    }


def failed_result(request_id: str, reason: str) -> dict[str, Any]:
    """The result where the ledger could not be read."""
    return {"requestId": request_id, "status": "FAILED", "failureMessage": reason}


def finalized_months(ledger: Ledger, account_id: str) -> set[str]:
    """Months that are closed for an account: they have their invoice."""
    query = "SELECT DISTINCT period FROM billing_documents WHERE account_id = $account_id AND document_type = 'INVOICE'"
    return {row["period"] for row in ledger.rows(query, {"account_id": account_id})}


def _dimensions(asked: Sequence[str]) -> list[str]:
    """The asked ones; an account and a category are put in front where they are missing."""
    front = [] if {"ACCOUNT_NAME", "ACCOUNT_KEY"} & set(asked) else ["ACCOUNT_NAME"]
    front += [] if {"CATEGORY_CODE", "CATEGORY_NAME"} & set(asked) else ["CATEGORY_CODE"]
    return [*front, *asked]


def _conditions(
    wanted: UsageFilter, account_id: str, interval: Interval, months: set[str] | None
) -> tuple[list[str], dict[str, Any]]:
    conditions = ["day >= $since", "day < $until"]
    values: dict[str, Any] = {"account_id": account_id, "since": interval.since, "until": interval.until}
    lists: dict[str, tuple[str, Sequence[str] | None]] = {
        "accounts": ("account_id", wanted.account_keys),
        "categories": ("category", None if wanted.categories is None else list(wanted.categories)),
        "directions": ("direction", None if wanted.directions is None else list(wanted.directions)),
        "countries": ("country", _countries(wanted.country_codes)),
        "months": ("strftime(day, '%Y-%m')", None if months is None else sorted(months)),
    }
    for name, (expression, found) in lists.items():
        if found is not None:
            conditions.append(f"list_contains(${name}, {expression})")
            values[name] = found or [""]
    if any(getattr(wanted, name) for name in _FOREIGN):
        conditions.append("false")
    return conditions, values


def _rows(
    ledger: Ledger, dimensions: Sequence[str], conditions: Sequence[str], values: Mapping[str, Any]
) -> list[list[Any]]:
    grouped = [f"{_EXPRESSIONS.get(name, repr(NOT_THERE))} AS d{number}" for number, name in enumerate(dimensions)]
    # Names and expressions are those of this module; whatever was asked for is a parameter.
    query = (
        f"WITH facts AS ({FACTS}) SELECT {', '.join(grouped)}, unit_type, rate, "  # noqa: S608
        "sum(quantity)::DECIMAL(38, 0) AS quantity, sum(total) AS total, currency "
        f"FROM facts WHERE {' AND '.join(conditions)} GROUP BY ALL ORDER BY ALL"
    )
    return [_row(dimensions, row) for row in ledger.rows(query, values)]


def _row(dimensions: Sequence[str], row: Mapping[str, Any]) -> list[Any]:
    shown = [_shown(name, row[f"d{number}"]) for number, name in enumerate(dimensions)]
    return [*shown, row["unit_type"], _unit_price(row), int(row["quantity"]), row["total"], row["currency"]]


def _unit_price(row: Mapping[str, Any]) -> Decimal | str:
    """Per second for calls, for display: the charge was computed from the rate per minute."""
    if row["rate"] is None:
        return NOT_THERE
    rate = Decimal(row["rate"])
    if row["unit_type"] != "second":
        return rate
    return (rate / _SECONDS_PER_MINUTE).quantize(_SHOWN, ROUND_HALF_UP)


def _shown(dimension: str, value: str | None) -> str:
    if value is None or value == "001":
        return NOT_THERE
    if dimension == "CATEGORY_NAME":
        return _NAMES[value]
    if dimension == "COUNTRY_NAME" and value in alpha2_codes():
        return country_of(value).name
    return value


def _countries(codes: Sequence[str] | None) -> Sequence[str] | None:
    unknown = [code for code in codes or () if code not in alpha2_codes()]
    if unknown:
        raise Refused.at("request.filterBy.countryCodes", f"{unknown[0]!r} is no ISO 3166-1 alpha-2 code.")
    return codes


def _months(interval: Interval) -> list[str]:
    month, found = interval.since.replace(day=1), []
    while month < interval.until:
        found.append(f"{month:%Y-%m}")
        month = _months_later(month, 1)
    return found


def _months_later(month: date, number: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 + number, 12)
    return date(years, index + 1, 1)


def _midnight(day: date) -> str:
    return time_text(datetime(day.year, day.month, day.day, tzinfo=UTC))
