"""Which reports there are, and running one."""

from decimal import Context, Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

from pipeline.billing.lines import CENT
from pipeline.billing.snapshot import Snapshot
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.sql.connection import create_views
from pipeline.sql.statements import Answer, ask_with
from pipeline.tax.reports import FOLDER as TAX_FOLDER
from pipeline.tax.reports import REPORTS as TAX_REPORTS
from schemas.period import Period

_PLACES_MAX = 37
_WIDE = Context(prec=76)
FOLDER = Path(__file__).parent
OWN_REPORTS = tuple(sorted(path.stem for path in FOLDER.glob("*.sql")))
REPORTS = (*OWN_REPORTS, *TAX_REPORTS)
"""Names of the reports."""

_VIEWS = ("usage_by_destination",)
"""What reports ask beyond the views of a snapshot."""

_TAX_LINES = "CREATE TEMP VIEW tax_lines AS SELECT *, text AS label FROM billing_lines WHERE kind = 'TAX'"


class Months(NamedTuple):
    """Half-open months as text."""

    first: str
    after: str

    @classmethod
    def between(cls, first: str, last: str | None = None) -> "Months":
        """The months from `first` to `last`, both included. ValueError says what was expected."""
        begun, ended = Period.month(first), Period.month(last or first)
        if ended.start < begun.start:
            raise ValueError(f"The last month {last} lies before the first, {first}.")
        return cls(first, Period.containing(ended.end).name)


class UnknownReport(KeyError):
    """No report has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No report {name!r}. Known: {', '.join(REPORTS)}.")

    def __str__(self) -> str:
        return str(self.args[0])


def about(name: str) -> str:
    """What a report tells: the header of its file up to the grain."""
    lines = _text(name).splitlines()
    header = [line.removeprefix("-- ") for line in lines if line.startswith("--")]
    return " ".join(header[: next(at for at, line in enumerate(header) if line.startswith("Grain"))])


def report_connection(ledger: UsageLedger, billing: BillingTable) -> duckdb.DuckDBPyConnection:
    """The views of both tables, and `tax_lines`, the tax of every document."""
    connection = Snapshot(ledger, billing).connection
    create_views(connection, views=_VIEWS)
    connection.execute(_TAX_LINES)
    return connection


def run_report(connection: duckdb.DuckDBPyConnection, name: str, months: Months) -> Answer:
    """The rows of a report. Raises UnknownReport."""
    answer = ask_with(connection, _text(name), months._asdict())
    return answer._replace(rows=(tuple(map(shown, row)) for row in answer.rows))


def shown(value: object) -> object:
    """An exact amount without the zeros at its end, but with its cents: 1187.827330000 is 1187.82733, 3.000 is 3.00."""
    if not isinstance(value, Decimal):
        return value
    places = [CENT.scaleb(-more) for more in range(_PLACES_MAX)]
    return next((short for place in places if (short := value.quantize(place, context=_WIDE)) == value), value)


def _text(name: str) -> str:
    if name not in REPORTS:
        raise UnknownReport(name)
    folder = FOLDER if name in OWN_REPORTS else TAX_FOLDER
    return (folder / f"{name}.sql").read_text()
