"""The tax of one bill: the one entry point that the monthly close calls.

Order: situs and split of every charge; taxes in the order of inclusion, fees apart from every base; exemptions; one
rounding for each tax and jurisdiction, or for the sum of a state's taxes. An earlier tax enters a later base as billed,
in cents. The same request under the same law gives the same result.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from rating.tax.assessment import Assessment, Included, assess
from rating.tax.fusf import capped
from rating.tax.law import Tax, TaxLaw
from rating.tax.parameters import RateMissing
from rating.tax.request import TaxRequest
from rating.tax.result import BaseShare, TaxLine, TaxResult, TaxStop, compliance_period
from rating.tax.rounding import apportion, round_aggregate, to_decimal
from rating.tax.situated import situate, situs_problems, suspended_lines, us_lines
from rating.tax.terms import Rounding


def tax_invoice(request: TaxRequest, law: TaxLaw) -> TaxResult | TaxStop:
    """Compute every tax of one bill, or list everything that is missing.

    Lines come by level and code of the jurisdiction, federal first, then by tax.
    """
    lines = [situate(line, request) for line in us_lines(request)]
    problems = list(situs_problems(lines, request, law))
    billed: dict[str, Included] = {}
    tax_lines: list[TaxLine] = []
    for group in law.groups:
        outcomes = [outcome for tax in group for outcome in assess(tax, lines, _included(tax, billed), request)]
        problems += [outcome for outcome in outcomes if isinstance(outcome, RateMissing)]
        rounded = _rounded([outcome for outcome in outcomes if isinstance(outcome, Assessment)])
        billed |= _billed_by_charge_line(line for line in rounded if line.tax_id in law.included)
        tax_lines += rounded
    if problems:
        return TaxStop(request.document_id, tuple(dict.fromkeys(problems)))
    return TaxResult(
        request.document_id,
        request.bill_date,
        compliance_period(request.bill_date),
        law.version,
        request.allocation,
        tuple(sorted(tax_lines, key=lambda line: (line.jurisdiction.rank, line.tax_id, line.tax_point))),
        tuple(suspended_lines(request)),
    )


def _included(tax: Tax, billed: dict[str, Included]) -> Included:
    """Cents of the earlier taxes that belong to the base of this one, by charge line."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for tax_id in tax.includes:
        for line_id, cents in billed.get(tax_id, {}).items():
            sums[line_id] += cents
    return sums


def _rounded(assessments: Sequence[Assessment]) -> list[TaxLine]:
    """Round what is rounded together, once, and hand it back to its parts."""
    groups: dict[tuple[str, ...], list[Assessment]] = defaultdict(list)
    for assessment in sorted(assessments, key=lambda assessment: assessment.jurisdiction.rank):
        groups[_rounding_unit(assessment)].append(assessment)
    return [
        _tax_line(assessment, amount)
        for group in groups.values()
        for assessment, amount in zip(group, _cents(group), strict=True)
    ]


def _rounding_unit(assessment: Assessment) -> tuple[str, ...]:
    tax = assessment.tax
    if tax.rounding is Rounding.PER_JURISDICTION:
        return tax.tax_id, assessment.jurisdiction.jurisdiction_id
    return (tax.group_id,)


def _cents(group: Sequence[Assessment]) -> list[Decimal]:
    unrounded = [assessment.tax_unrounded for assessment in group]
    if group[0].tax.rounding is not Rounding.CAPPED:
        return round_aggregate(unrounded)
    of_billed = sum((assessment.tax_of_billed for assessment in group), Fraction())
    return apportion(capped(sum(unrounded, Fraction()), of_billed), unrounded)


def _billed_by_charge_line(tax_lines: Iterable[TaxLine]) -> dict[str, Included]:
    """Cents of each tax by the charge line that they stem from, over all its jurisdictions."""
    billed: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for line in tax_lines:
        for line_id, amount in line.by_charge().items():
            billed[line.tax_id][line_id] += Fraction(amount)
    return dict(billed)


def _tax_line(assessment: Assessment, amount: Decimal) -> TaxLine:
    tax, base = assessment.tax, assessment.base
    amount_base = to_decimal(base.amount)
    return TaxLine(
        tax.tax_id, tax.label, tax.tax_type, assessment.jurisdiction, assessment.tax_point,
        amount_base, amount_base if assessment.exempt_reason else Decimal(0), assessment.exempt_reason,
        assessment.rate, tax.rounding, to_decimal(assessment.tax_unrounded), amount, tax.citation, tax.mark,
        tuple(BaseShare(line_id, to_decimal(share)) for line_id, share in base.shares),
    )  # fmt: skip
