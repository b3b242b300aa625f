"""One tax on one bill before rounding: base, exemption, rate, exact tax."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from rating.tax.exemptions import find_exemption
from rating.tax.fees import LineCount, TrunkChannels, count_lines, outbound_channels
from rating.tax.fusf import contribution_scopes
from rating.tax.jurisdictions import UNITED_STATES, Jurisdiction
from rating.tax.law import Tax
from rating.tax.parameters import DatedValue, RateMissing, tax_point
from rating.tax.request import TaxRequest
from rating.tax.situated import SituatedLine
from rating.tax.terms import CallScope, TaxType

Included = Mapping[str, Fraction]
"""Earlier taxes as billed, in whole cents, by charge line."""


class Base(NamedTuple):
    """The base of a tax in one jurisdiction on one day: exact, from printed amounts, and by charge line or trunk.

    `weight` differs from `amount` only for fees whose lines bear a multiplier.
    """

    amount: Fraction
    billed: Fraction
    weight: Fraction
    shares: tuple[tuple[str, Fraction], ...]


class Assessment(NamedTuple):
    """An exact tax. `rate` is None where a certificate makes it unnecessary."""

    tax: Tax
    jurisdiction: Jurisdiction
    tax_point: date
    base: Base
    rate: DatedValue | None
    exempt_reason: str | None

    @property
    def tax_unrounded(self) -> Fraction:
        """Base times rate, or lines times fee; nothing where exempt."""
        return self.base.weight * self._rate

    @property
    def tax_of_billed(self) -> Fraction:
        """The same from the amounts printed on the bill."""
        return self.base.billed * self._rate

    @property
    def _rate(self) -> Fraction:
        return Fraction() if self.rate is None or self.exempt_reason else Fraction(self.rate.value)


def assess(
    tax: Tax, lines: Sequence[SituatedLine], included: Included, request: TaxRequest
) -> Iterator[Assessment | RateMissing]:
    """One tax on one bill: an assessment for each jurisdiction and day that has a base, or the rate that is missing."""
    bases = (
        _amount_bases(tax, lines, included, request)
        if tax.line_count is None
        else _line_bases(tax, tax.line_count, request)
    )
    for (jurisdiction, day), base in sorted(bases.items(), key=lambda item: (item[0][0].rank, item[0][1])):
        if not base.amount or not tax.exists_on(day):
            continue
        exemption = find_exemption(
            request.exemptions, tax.tax_type, jurisdiction.level, jurisdiction.jurisdiction_id, day
        )
        rate = tax.rates.rate_on(jurisdiction, day)
        if isinstance(rate, RateMissing) and exemption is None:
            yield rate
        elif rate is not None:
            known = None if isinstance(rate, RateMissing) else rate
            yield Assessment(tax, jurisdiction, day, base, known, exemption and exemption.kind)


def _amount_bases(
    tax: Tax, lines: Sequence[SituatedLine], included: Included, request: TaxRequest
) -> dict[tuple[Jurisdiction, date], Base]:
    """Sum the parts of each line that the base takes in, plus earlier taxes that belong to it."""
    scopes = _scopes(tax, request)
    shares: dict[tuple[Jurisdiction, date], list[tuple[str, Fraction, Fraction]]] = defaultdict(list)
    for situated in lines:
        line = situated.line
        targets = tax.targets(situated.jurisdictions)
        if not targets or line.charge_class not in tax.charge_classes:
            continue
        day = tax_point(request.bill_date, line.service_date, tax.date_basis)
        earlier = included.get(line.line_id, Fraction())
        amount, billed = situated.parts.within(scopes) + earlier, situated.billed.within(scopes) + earlier
        for jurisdiction in targets if amount else ():
            shares[jurisdiction, day].append((line.line_id, amount, billed))
    return {key: _sum(rows) for key, rows in shares.items()}


def _sum(rows: Sequence[tuple[str, Fraction, Fraction]]) -> Base:
    amount = sum((amount for _, amount, _ in rows), Fraction())
    billed = sum((billed for _, _, billed in rows), Fraction())
    return Base(amount, billed, amount, tuple((line_id, amount) for line_id, amount, _ in rows))


def _scopes(tax: Tax, request: TaxRequest) -> frozenset[CallScope]:
    """The contribution follows the seller; every other base follows the law alone."""
    return tax.scopes & contribution_scopes(request.seller) if tax.tax_type is TaxType.FUSF else tax.scopes


def _line_bases(tax: Tax, count: LineCount, request: TaxRequest) -> dict[tuple[Jurisdiction, date], Base]:
    """Count the lines of all trunks of the bill in each jurisdiction of their places of primary use."""
    day = tax_point(request.bill_date, request.period_start, tax.date_basis)
    trunks: dict[Jurisdiction, list[TrunkChannels]] = defaultdict(list)
    for trunk in request.trunks:
        address = request.addresses[trunk.address_id]
        for jurisdiction in tax.targets((UNITED_STATES, *address.jurisdictions)) if address.is_in_us else ():
            trunks[jurisdiction].append(trunk)
    return {(jurisdiction, day): _count(count, found, request) for jurisdiction, found in trunks.items()}


def _count(count: LineCount, trunks: Sequence[TrunkChannels], request: TaxRequest) -> Base:
    lines = count_lines(count, trunks, request.period_start, request.period_end)
    by_trunk = (
        (trunk.trunk_id, Fraction(outbound_channels([trunk], request.period_start, request.period_end)))
        for trunk in trunks
    )
    return Base(Fraction(lines.billed), Fraction(lines.billed), lines.weight, tuple(by_trunk))
