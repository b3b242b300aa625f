"""The billing usage query field by field as the vendor publishes it, and the arithmetic of its interval."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.problems import Refused
from pipeline.registry.shapes.usage import UsageQuery
from pipeline.registry.usage import Interval, failed_result, narrowed, usage_result

SINCE, UNTIL = "2026-09-01", "2026-11-01"
INTERVAL = {"dateInterval": {"sentSince": SINCE, "sentUntil": UNTIL}}
OCTOBER = datetime(2026, 10, 15, tzinfo=UTC)
DIMENSIONS = [
    "DAY", "MONTH", "APPLICATION_ID", "ENTITY_ID", "ACCOUNT_NAME", "ACCOUNT_KEY", "CATEGORY_CODE", "CATEGORY_NAME",
    "SUBCATEGORY_CODE", "SUBCATEGORY_NAME", "USER_NAME", "DIRECTION", "TRAFFIC_TYPE", "SENDER", "SENDER_TYPE",
    "NETWORK_NAME", "NORM_NET_CODE", "COUNTRY_NAME", "COUNTRY_CODE", "COUNTRY_PREFIX", "CAMPAIGN_ID",
    "CAMPAIGN_REFERENCE", "TEMPLATE_ID",
]  # fmt: skip
CATEGORIES = [
    "SMS", "SMS_OPERATOR_FEE", "MMS", "MMS_OPERATOR_FEE", "EMAIL", "RCS", "WHATSAPP", "VIBER", "APPLE_MB",
    "MOBILE_PUSH", "NUMBER_LOOKUP", "CARRIER_LOOKUP", "EMAIL_VALIDATION", "AGENTOS", "AI", "SIP_TRUNK",
    "SIP_TRUNK_CHANNEL", "SIP_TRUNK_TAX",
]  # fmt: skip


def a_query(filters: dict[str, Any] | None = None, **fields: Any) -> UsageQuery:
    """A query by day of September and October, with these fields instead."""
    request = {"filterBy": INTERVAL | (filters or {}), "aggregateBy": ["DAY"]}
    callback = {"callbackUrl": fields.pop("callbackUrl", "https://acme.io/usage")}
    return UsageQuery.model_validate(callback | {"request": request | fields})


def between(since: str, until: str) -> UsageQuery:
    """A query of an interval."""
    return a_query({"dateInterval": {"sentSince": since, "sentUntil": until}})


class Rows(Ledger):
    """A ledger that answers every query with nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def rows(self, query: str, values: Any) -> list[dict[str, Any]]:
        """Nothing."""
        self.asked.append((query, dict(values)))
        return []


def response(query: UsageQuery) -> tuple[dict[str, Any], dict[str, Any]]:
    """The response to a query without rows, and the parameters that the ledger was given."""
    ledger = Rows()
    result = usage_result(ledger, "acme", "request-1", query, narrowed(query, OCTOBER))
    return result["response"], ledger.asked[-1][1]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_published_dimension_is_a_column(dimension: str) -> None:
    """Whether or not a call of a trunk has it."""
    columns = response(a_query(aggregateBy=[dimension]))[0]["columns"]
    assert {"columnName": dimension, "columnDataType": "STRING"} in columns


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_published_category_and_ours_can_be_asked_for(category: str) -> None:
    """Of the vendor's other products there is simply nothing."""
    assert [category] == response(a_query({"categories": [category]}))[1]["categories"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["DAY"], ["ACCOUNT_NAME", "CATEGORY_CODE", "DAY"]),
        (["ACCOUNT_KEY"], ["CATEGORY_CODE", "ACCOUNT_KEY"]),
        (["CATEGORY_NAME"], ["ACCOUNT_NAME", "CATEGORY_NAME"]),
        (["DAY", "CATEGORY_CODE", "ACCOUNT_NAME"], ["DAY", "CATEGORY_CODE", "ACCOUNT_NAME"]),
        (["ACCOUNT_KEY", "ACCOUNT_NAME", "MONTH"], ["CATEGORY_CODE", "ACCOUNT_KEY", "ACCOUNT_NAME", "MONTH"]),
    ],
)
def test_account_and_category_are_put_in_front(asked: list[str], expected: list[str]) -> None:
    """Only where neither of their two dimensions is there; the metrics follow."""
    names = [column["columnName"] for column in response(a_query(aggregateBy=asked))[0]["columns"]]
    assert [*expected, "UNIT_TYPE", "UNIT_PRICE", "QUANTITY", "TOTAL_PER_UNIT", "CURRENCY"] == names


def test_the_metrics_have_types() -> None:
    """Prices and quantities are numbers, the rest is text."""
    types = [column["columnDataType"] for column in response(a_query())[0]["columns"]][-5:]
    assert ["STRING", "NUMBER", "NUMBER", "NUMBER", "STRING"] == types


@pytest.mark.parametrize("codes", [["US"], ["DE", "HR", "US"], []])
def test_countries_are_asked_for_by_two_letters(codes: list[str]) -> None:
    """ISO alpha-2; an empty list admits no country, unlike none at all."""
    assert (codes or [""]) == response(a_query({"countryCodes": codes}))[1]["countries"]
    assert "countries" not in response(a_query())[1]


@pytest.mark.parametrize("code", ["USA", "us", "XX", "1", "United States"])
def test_a_country_that_is_none_is_refused(code: str) -> None:
    """With the path of the field and what was expected."""
    with pytest.raises(Refused, match="alpha-2") as refused:
        response(a_query({"countryCodes": ["US", code]}))
    assert ["request.filterBy.countryCodes"] == list(refused.value.violations)


@pytest.mark.parametrize(
    "fields",
    [
        {"aggregateBy": []},
        {"aggregateBy": ["DAY", "DAY"]},
        {"aggregateBy": ["HOUR"]},
        {"aggregateBy": ["day"]},
        {"aggregateBy": "DAY"},
        {"options": {"includeUnfinalizedData": 1}},
        {"options": {"includeUnfinalizedData": "true"}},
        *({"callbackUrl": url} for url in ("", "acme.io", "ftp://acme.io", "https://", "https:///usage", "http:acme")),
        {"callbackUrl": "https://acme.io/" + "u" * 2_048},
    ],
)
def test_queries_that_are_none(fields: dict[str, Any]) -> None:
    """At least one dimension, each once; a callback by HTTP."""
    with pytest.raises(ValidationError):
        a_query(**fields)


@pytest.mark.parametrize(
    "filters",
    [
        {"dateInterval": None},
        {"dateInterval": {"sentSince": SINCE}},
        {"categories": ["VOICE"]},
        {"categories": ["SMS", "SMS"]},
        {"directions": ["FORWARD"]},
        {"directions": ["INBOUND", "INBOUND"]},
        {"accountKeys": ["a", "a"]},
        {"accountKeys": [1]},
        {"countryCodes": "US"},
        {"senders": [""]},
        {"senders": [f"{number}" for number in range(1_001)]},
        {"campaignIds": ["1"]},
        {"campaignIds": [1.0]},
        {"platforms": [["app"]]},
    ],
)
def test_filters_that_are_none(filters: dict[str, Any]) -> None:
    """Lists of distinct values, each of its type."""
    with pytest.raises(ValidationError):
        a_query(filters)


@pytest.mark.parametrize(
    "day", ["2026-9-1", "20260901", "2026-09-31", "2026-13-01", "2026-W36-1", "2026-09-01T00:00:00Z", "", "yesterday"]
)
def test_days_that_are_none(day: str) -> None:
    """`yyyy-MM-dd`, and in the calendar."""
    with pytest.raises(ValidationError):
        between(day, UNTIL)


def test_unfinalized_data_are_included_unless_told_otherwise() -> None:
    """The default is true; without a closed month nothing is left."""
    assert "months" not in response(a_query())[1]
    assert "months" not in response(a_query(options={}))[1]
    assert "months" not in response(a_query(options={"includeUnfinalizedData": True}))[1]
    assert "months" not in response(a_query(options={"includeUnfinalizedData": None}))[1]
    assert [""] == response(a_query(options={"includeUnfinalizedData": False}))[1]["months"]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-08-01", "2026-11-01", (date(2026, 8, 1), date(2026, 11, 1))),  # all three months
        ("2026-07-31", "2026-11-02", (date(2026, 8, 1), date(2026, 11, 1))),  # a day more on either side
        ("2026-10-15", "2026-10-16", (date(2026, 10, 15), date(2026, 10, 16))),  # one day
        ("2000-01-01", "2026-08-02", (date(2026, 8, 1), date(2026, 8, 2))),  # the first day that is left
        ("2026-10-31", "2999-01-01", (date(2026, 10, 31), date(2026, 11, 1))),  # the last
    ],
)
def test_the_interval_is_cut_to_what_can_be_answered(since: str, until: str, expected: tuple[date, date]) -> None:
    """In October that is August to October."""
    assert Interval(*expected) == narrowed(between(since, until), OCTOBER)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-10-15", "2026-10-15"),
        ("2026-10-16", "2026-10-15"),
        ("2026-01-01", "2026-08-01"),
        ("2026-11-01", "2026-12-01"),
    ],
)
def test_an_interval_without_a_day_is_refused(since: str, until: str) -> None:
    """The end is exclusive; the message says which days may be asked for."""
    with pytest.raises(Refused, match=r"from 2026-08-01 to 2026-11-01 \(exclusive\)"):
        narrowed(between(since, until), OCTOBER)


@pytest.mark.parametrize(
    ("now", "first", "end"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), date(2025, 11, 1), date(2026, 2, 1)),
        (datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), date(2025, 12, 1), date(2026, 3, 1)),
        (datetime(2026, 12, 31, tzinfo=UTC), date(2026, 10, 1), date(2027, 1, 1)),
        (datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2))), date(2025, 12, 1), date(2026, 3, 1)),
    ],
)
def test_three_months_over_the_turn_of_a_year(now: datetime, first: date, end: date) -> None:
    """By the month of UTC: at one in the morning of 1 March two hours east it is still February."""
    assert Interval(first, end) == narrowed(between("2000-01-01", "2999-01-01"), now)


def test_an_answer_names_its_period_and_months() -> None:
    """The narrowed period as date-times, the asked one as it was sent, and each month that it touches."""
    found, values = response(between("2026-09-15", "2027-01-01"))
    assert {"sentSince": "2026-09-15T00:00:00.000+0000", "sentUntil": "2026-11-01T00:00:00.000+0000"} == found[
        "requestedPeriod"
    ]
    assert {
        "clientRequestedPeriod": {"sentSince": "2026-09-15", "sentUntil": "2027-01-01"},
        "billingPeriods": [
            {"month": "2026-09", "volumeFinalized": False}, {"month": "2026-10", "volumeFinalized": False}
        ],
    } == found["metadata"]  # fmt: skip
    assert (date(2026, 9, 15), date(2026, 11, 1)) == (values["since"], values["until"])
    assert (0, []) == (found["totalRows"], found["rows"])


def test_only_the_callers_own_account_is_read() -> None:
    """Whatever accounts the query names."""
    assert "acme" == response(a_query({"accountKeys": ["blue"]}))[1]["account_id"]


def test_a_failure_has_a_message_and_no_response() -> None:
    """`failureMessage` only with FAILED."""
    assert {"requestId": "r", "status": "FAILED", "failureMessage": "why"} == failed_result("r", "why")
