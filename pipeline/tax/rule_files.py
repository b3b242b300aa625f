"""Rules: the taxes of one jurisdiction, one file, `rules/us-mn.yaml`. A jurisdiction without a file is not known.

`rates` names a parameter file, for a tax with one rate, or a folder with one parameter file for each jurisdiction. The
rates of a `streamlined` tax come from the state's Streamlined rate file where one is loaded, else from that folder.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from pipeline.tax.parameter_files import in_folder
from pipeline.tax.problems import FileProblem, TaxDataError
from pipeline.tax.yaml_file import Day, Number, Record, read_record
from rating.tax.allocation import ALL_SCOPES
from rating.tax.fees import CountMethod, LineCount, Tier
from rating.tax.law import SERVICE_CHARGES, Tax
from rating.tax.parameters import Parameter
from rating.tax.stacks import RateTable
from rating.tax.terms import CallScope, ChargeClass, DateBasis, Level, Mark, Rounding, TaxType

RULES = "rules"
PARAMETERS = "parameters"


class TierRow(Record):
    """Lines up to and including `up_to` bear the fee times `multiplier`."""

    up_to: int | None = None
    multiplier: Number


class LineCountRow(Record):
    """How a fee counts lines."""

    method: CountMethod
    cap: int | None = None
    per_pri: int | None = None
    tiers: tuple[TierRow, ...] = ()


class TaxRow(Record):
    """One tax or fee as written."""

    tax: str = Field(pattern=r"^US(-[A-Z]{2})?\.[A-Z0-9_]+$")
    label: str
    type: TaxType
    levels: frozenset[Level]
    rates: str
    citation: str
    mark: Mark = Mark.SOURCED
    streamlined: bool = False
    scopes: frozenset[CallScope] = ALL_SCOPES
    charge_classes: frozenset[ChargeClass] = SERVICE_CHARGES
    includes: tuple[str, ...] = ()
    rounding: Rounding = Rounding.PER_JURISDICTION
    date_basis: DateBasis = DateBasis.BILL_DATE
    line_count: LineCountRow | None = None
    except_in: frozenset[str] = frozenset()
    jurisdiction: str | None = Field(None, description="where the tax is levied, if narrower than the file's")
    complete: bool = Field(default=False, description="a local jurisdiction without a rate levies nothing")
    one_level: bool = Field(default=False, description="levied by the narrowest of its levels alone: city, else county")
    effective_from: Day = date.min
    effective_until: Day | None = None


class RuleFile(Record):
    """The taxes of one jurisdiction. `note` says what the rules leave out and why."""

    jurisdiction: str = Field(pattern=r"^US(-[A-Z]{2})?$")
    note: str
    taxes: tuple[TaxRow, ...] = ()


def load_rules(folder: Path) -> dict[str, RuleFile]:
    """Read every rule file of a folder, by jurisdiction. TaxDataError lists all problems of all files."""
    rules: dict[str, RuleFile] = {}
    problems: list[FileProblem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            rule = read_record(path.read_text(), f"{RULES}/{path.name}", RuleFile)
        except TaxDataError as error:
            problems += error.problems
            continue
        rules[rule.jurisdiction] = rule
        if path.stem != rule.jurisdiction.lower():
            expected = f"{path.stem.upper()}, as the file is called"
            problems.append(FileProblem(f"{RULES}/{path.name}", 1, f"jurisdiction {rule.jurisdiction}", expected))
    if problems:
        raise TaxDataError(problems)
    return rules


def taxes_of(rule: RuleFile, parameters: Mapping[str, Parameter], streamlined: Mapping[str, RateTable]) -> list[Tax]:
    """The taxes of a rule file with their rates."""
    return [
        _tax(row, row.jurisdiction or rule.jurisdiction, _rates(row, rule.jurisdiction, parameters, streamlined))
        for row in rule.taxes
    ]


def _rates(
    row: TaxRow, jurisdiction: str, parameters: Mapping[str, Parameter], streamlined: Mapping[str, RateTable]
) -> RateTable:
    if row.streamlined and jurisdiction in streamlined:
        return streamlined[jurisdiction]
    single = parameters.get(row.rates)
    if single is not None:
        return RateTable(row.label, f"{PARAMETERS}/{row.rates}.yaml", {row.jurisdiction or jurisdiction: single})
    return RateTable(row.label, f"{PARAMETERS}/{row.rates}/", in_folder(parameters, row.rates), row.complete)


def _tax(row: TaxRow, jurisdiction: str, rates: RateTable) -> Tax:
    return Tax(
        row.tax, row.label, jurisdiction, row.levels, row.type, rates, row.citation, row.mark,
        row.scopes, row.charge_classes, row.includes, row.rounding, row.date_basis, _line_count(row.line_count),
        row.except_in, row.effective_from, row.effective_until, row.one_level,
    )  # fmt: skip


def _line_count(row: LineCountRow | None) -> LineCount | None:
    if row is None:
        return None
    tiers = tuple(Tier(tier.up_to, Decimal(tier.multiplier)) for tier in row.tiers)
    return LineCount(row.method, row.cap, tiers, row.per_pri)
