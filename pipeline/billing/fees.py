"""Plan fees and fair-use allowances of one month: channels times days.

A channel costs the plan's price for a whole month, prorated by day when it starts, ends or changes (PRODUCT.md, Rating
11): price x channel-days / days of the month, rounded to cents once for each trunk, then handed to its stretches of
days by largest remainder. The allowance of a trunk follows the same channel-days, floored to whole seconds (Rating 10).
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from pipeline.billing.lines import Line
from pipeline.billing.months import Month, Segment
from pipeline.billing.overage import Allowance
from pipeline.billing.schema import LineKind
from rating.channels import allowance_seconds, exact_fee
from rating.money import NANOS_PER_UNIT, parse_nanos
from rating.tax.rounding import half_up, hand_back
from rating.tax.terms import CallScope, ChargeClass
from schemas.reference import Package, Trunk


def channel_fees(month: Month) -> Iterator[Line]:
    """The plan fee lines of all trunks, one for each stretch of days; not numbered yet."""
    for trunk in month.trunks():
        segments = [segment for segment in month.segments(trunk) if parse_nanos(segment.plan.channel_fee)]
        exact = [_exact_fee(segment, month.days) for segment in segments]
        for segment, amount in zip(segments, hand_back(half_up(sum(exact, Fraction())), exact), strict=True):
            yield _fee_line(month, trunk, segment, amount)


def allowance(month: Month, trunk: Trunk) -> Allowance | None:
    """Seconds included in the month; None where no day of the trunk is UNLIMITED."""
    segments = [segment for segment in month.segments(trunk) if segment.plan.package is Package.UNLIMITED]
    if not segments:
        return None
    channel_minutes = sum(segment.plan.minutes_per_channel * segment.channel_days for segment in segments)
    return Allowance(
        trunk.account_id, trunk.trunk_id, month.period.name, allowance_seconds(1, channel_minutes, month.days)
    )  # fmt: skip


def _exact_fee(segment: Segment, days_in_period: int) -> Fraction:
    return exact_fee(parse_nanos(segment.plan.channel_fee), segment.channel_days, days_in_period) / NANOS_PER_UNIT


def _fee_line(month: Month, trunk: Trunk, segment: Segment, amount: Decimal) -> Line:
    return Line(
        0, LineKind.CHANNEL_FEE, month.period.name, trunk.trunk_id, segment.plan.plan_id,
        month.address(trunk).address_id, charge_class=ChargeClass.CHANNEL_MRC, call_scope=CallScope.BUNDLED,
        days=segment.days, days_in_period=month.days, channel_limit=segment.channel_limit,
        unit_price=Decimal(segment.plan.channel_fee), effective_from=segment.effective_from,
        effective_until=segment.effective_until, amount_exact=amount, amount=amount,
    )  # fmt: skip
