"""Tax reports: rows in, rows out."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from pipeline.tax.reports import REPORTS, Confidence, measure_traffic, run_report
from rating.tax.credits import reverse
from rating.tax.exemptions import ExemptionKind
from rating.tax.invoice import tax_invoice
from rating.tax.request import TaxRequest
from rating.tax.result import TaxResult
from rating.tax.table import TAX_LINE_SCHEMA, tax_table
from rating.tax.terms import Level
from rating.tax.traffic_study import IndeterminatePolicy
from tests.rating.tax.bills import (
    a_bill,
    a_certificate,
    a_channel_fee,
    a_fee,
    a_law,
    a_trunk,
    minnesota_sales,
    the_fusf,
)

LAW = a_law(the_fusf(), *minnesota_sales(), a_fee("US-MN.E911", "0.80"))
USAGE = [
    ("2026-04", "INCLUDED", "OUTBOUND", "INTRASTATE", 412_500, "0", "MN"),
    ("2026-04", "INCLUDED", "OUTBOUND", "INTERSTATE", 531_005, "0", "MN"),
    ("2026-04", "INCLUDED", "OUTBOUND", "INTERNATIONAL", 22_100, "0", "MN"),
    ("2026-04", "INCLUDED", "OUTBOUND", "INDETERMINATE", 60, "0", "MN"),
    ("2026-04", "METERED", "FORWARD", "INTRASTATE", 90, "0.05", "WI"),
    ("2026-04", "METERED", "FORWARD", "INTRASTATE", 30, "0.02", "WI"),
    ("2026-04", "METERED", "FORWARD", "INTERSTATE", 30, "0.02", None),
    ("2026-05", "INCLUDED", "OUTBOUND", "INTERSTATE", 999_999, "0", "MN"),
]


def taxed(bill: TaxRequest) -> TaxResult:
    """The taxes of a bill."""
    result = tax_invoice(bill, LAW)
    assert isinstance(result, TaxResult)
    return result


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two bills of May, one of a reseller, a credit of June for the first, and eight calls."""
    first = taxed(a_bill(a_channel_fee("250.00"), trunks=(a_trunk(10),)))
    certificate = a_certificate(ExemptionKind.RESALE_499, "US", frozenset({Level.FED}))
    second = taxed(a_bill(a_channel_fee("100.00"), exemptions=(certificate,)))
    connection = duckdb.connect()
    connection.register("tax_lines", tax_table([first, second, reverse(first, date(2026, 6, 15))]))
    names = ("period", "charge_kind", "direction", "call_scope", "call_seconds", "charge", "taxing_state")
    columns = dict(zip(names, zip(*USAGE, strict=True), strict=True))
    usage = pa.table(columns | {"charge": pa.array([Decimal(row[5]) for row in USAGE], pa.decimal128(18, 9))})
    connection.register("usage", usage)
    yield connection
    connection.close()


def rows(
    connection: duckdb.DuckDBPyConnection, name: str, first: str = "2026-05", after: str = "2026-06"
) -> list[dict[str, object]]:
    """The rows of a report, of May unless said otherwise."""
    return run_report(connection, name, first, after).to_pylist()


def test_every_line_becomes_a_row() -> None:
    """Exact amounts, citations and the version of the law; nothing is lost."""
    result = taxed(a_bill(a_channel_fee("250.00")))
    table = tax_table([result])
    assert TAX_LINE_SCHEMA == table.schema
    row = table.to_pylist()[0]
    assert ("US.FUSF", Decimal("162.25"), Decimal("60.0325"), Decimal("60.03"), Decimal("0.37"), "test") == tuple(
        row[name] for name in ("tax_id", "base", "tax_unrounded", "amount", "rate", "law_version")
    )
    assert len(result.lines) == table.num_rows
    assert result.total == sum(table["amount"].to_pylist())


def test_no_line_is_an_empty_table() -> None:
    """With the schema all the same."""
    assert TAX_LINE_SCHEMA == tax_table([]).schema


def test_the_federal_base(connection: duckdb.DuckDBPyConnection) -> None:
    """May: 162.25 assessed and billed 60.03, 64.90 of a reseller's exempt; June: the credit, at May's factor."""
    may = rows(connection, "fusf_base")
    assert [(Decimal("0.37"), Decimal("227.15"), Decimal("64.9"), Decimal("162.25"), Decimal("60.03"))] == [
        (row["factor"], row["revenue"], row["reseller_revenue"], row["assessed_revenue"], row["billed"]) for row in may
    ]
    assert [Decimal("-60.03")] == [row["billed"] for row in rows(connection, "fusf_base", "2026-06", "2026-07")]


def test_911_lines_by_jurisdiction(connection: duckdb.DuckDBPyConnection) -> None:
    """Ten lines at 0.80 in Minnesota."""
    (row,) = rows(connection, "line_fees")
    assert ("US-MN", Decimal("0.8"), 10, 0, Decimal("8.00")) == tuple(
        row[name] for name in ("jurisdiction_id", "fee", "lines", "exempt_lines", "due")
    )


def test_sales_tax_by_level(connection: duckdb.DuckDBPyConnection) -> None:
    """State, county, city and districts of two bills: 17.19 + 6.88 for the state on 350.00; no federal line, no fee."""
    found = rows(connection, "sales_tax")
    assert ["STATE", "COUNTY", "DISTRICT", "DISTRICT", "DISTRICT", "CITY"] == [row["level"] for row in found]
    assert (Decimal(350), Decimal("24.0625"), Decimal("24.07")) == tuple(
        found[0][name] for name in ("taxable", "tax_unrounded", "tax")
    )


def test_forwards_between_two_ends_of_one_state(connection: duckdb.DuckDBPyConnection) -> None:
    """Two legs within Wisconsin for a customer elsewhere, 0.07 in all."""
    (row,) = rows(connection, "forwards_between_ends", "2026-04", "2026-05")
    assert ("WI", 2, Decimal("0.07")) == (row["taxing_state"], row["calls"], row["charges"])


def test_a_traffic_study_of_the_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """531,005 and 22,100 of 965,605 classified seconds of April; four calls are far too few for one percent."""
    confidence = Confidence(Decimal("1.96"), Decimal("0.01"))
    study = measure_traffic(connection, "2026-04", "2026-05", IndeterminatePolicy.EXCLUDE, confidence)
    assert (Decimal("0.54991948"), Decimal("0.02288721")) == (
        study.allocation.interstate,
        study.allocation.international,
    )
    assert (4, False) == (study.calls, study.margin.is_acceptable)


def test_a_study_of_a_quiet_month_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    """No calls, no shares."""
    confidence = Confidence(Decimal("1.96"), Decimal("0.01"))
    with pytest.raises(ValueError, match="found none"):
        measure_traffic(connection, "2025-01", "2025-02", IndeterminatePolicy.INTERSTATE, confidence)


def test_an_unknown_report_lists_the_known_ones(connection: duckdb.DuckDBPyConnection) -> None:
    """Each is one SQL file."""
    assert ("forwards_between_ends", "fusf_base", "line_fees", "sales_tax", "traffic_study") == REPORTS
    with pytest.raises(KeyError, match="Known: forwards_between_ends, fusf_base"):
        run_report(connection, "nothing", "2026-05", "2026-06")


@pytest.mark.parametrize("name", REPORTS)
def test_no_report_goes_through_binary_fractions(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """No column is DOUBLE."""
    table = run_report(connection, name, "2026-04", "2026-07")
    assert not [field.name for field in table.schema if pa.types.is_floating(field.type)]
