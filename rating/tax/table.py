"""Tax lines as an Arrow table: what the close writes beside the invoices, and what the reports read.

One row for each tax line of each document. Exact amounts keep 27 decimals: nine of the ledger, eight of a traffic
study, ten of a rate.
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from rating.tax.result import TaxLine, TaxResult

EXACT = pa.decimal128(38, 27)
RATE = pa.decimal128(18, 10)
CENTS = pa.decimal128(18, 2)
TEXT = pa.string()


def _field(name: str, type_: pa.DataType, description: str, *, required: bool = True) -> pa.Field:
    return pa.field(name, type_, not required, metadata={"description": description})


TAX_LINE_SCHEMA = pa.schema(
    [
        _field("document_id", TEXT, "invoice or credit note"),
        _field("compliance_period", TEXT, "month in which the tax is reported: 2026-05"),
        _field("tax_point", pa.date32(), "day whose rates apply"),
        _field("tax_id", TEXT, "rule"),
        _field("tax_type", TEXT, "kind of tax"),
        _field("label", TEXT, "text on the bill"),
        _field("level", TEXT, "FED, STATE, COUNTY, CITY or DISTRICT"),
        _field("jurisdiction_id", TEXT, "authority: US-MN-C053"),
        _field("jurisdiction", TEXT, "its name, or its id where no name is known"),
        _field("base", EXACT, "amount, or number of lines for a fee"),
        _field("exempt", EXACT, "part of the base that a certificate frees"),
        _field("exempt_reason", TEXT, "kind of certificate", required=False),
        _field(
            "rate", RATE, "rate, or fee for each line; null where a certificate made it unnecessary", required=False
        ),
        _field("tax_unrounded", EXACT, "exact tax"),
        _field("amount", CENTS, "tax, rounded once"),
        _field("rounding", TEXT, "how it was rounded"),
        _field("rule_citation", TEXT, "document that founds the rule"),
        _field("rate_citation", TEXT, "document that founds the rate", required=False),
        _field("law_version", TEXT, "hash of the law that computed the line"),
    ]
)


def tax_table(results: Iterable[TaxResult]) -> pa.Table:
    """The tax lines of many documents, in their order."""
    rows = [_row(result, line) for result in results for line in result.lines]
    return pa.Table.from_pylist(rows, schema=TAX_LINE_SCHEMA)


def _row(result: TaxResult, line: TaxLine) -> dict[str, Any]:
    return {
        "document_id": result.document_id,
        "compliance_period": result.compliance_period,
        "tax_point": line.tax_point,
        "tax_id": line.tax_id,
        "tax_type": line.tax_type,
        "label": line.label,
        "level": line.jurisdiction.level,
        "jurisdiction_id": line.jurisdiction.jurisdiction_id,
        "jurisdiction": line.jurisdiction.name or line.jurisdiction.jurisdiction_id,
        "base": line.base,
        "exempt": line.exempt,
        "exempt_reason": line.exempt_reason,
        "rate": None if line.rate is None else line.rate.value,
        "tax_unrounded": line.tax_unrounded,
        "amount": line.amount,
        "rounding": line.rounding,
        "rule_citation": line.citation,
        "rate_citation": None if line.rate is None else line.rate.citation,
        "law_version": result.law_version,
    }
