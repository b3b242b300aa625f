"""Figures and days as a person reads them. Nothing here is read back by a program."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from pipeline.billing.document import BilledCharge
from pipeline.billing.schema import DocumentType, LineKind

TITLES = {
    DocumentType.INVOICE: "Invoice",
    DocumentType.CREDIT_NOTE: "Credit note",
    DocumentType.DEBIT_NOTE: "Debit note",
}
SCOPES = {
    "INTRASTATE": "Intrastate",
    "INTERSTATE": "Interstate",
    "INTERNATIONAL": "International",
    "INDETERMINATE": "Indeterminate",
}
DIRECTIONS = {"OUTBOUND": "Outbound", "INBOUND": "Inbound", "FORWARD": "Forwarded"}
PACKAGES = {"METERED": "Metered", "UNLIMITED": "Unlimited"}
TRUNK_TYPES = {
    "STATIC": "Static",
    "REGISTERED": "Registered",
    "PROVIDER": "Provider",
    "OPERATOR_CONNECT": "Operator Connect",
}

SECONDS_PER_MINUTE = 60
_DAY = timedelta(days=1)
_MINUS = "\N{MINUS SIGN}"
_DASH = "\N{EN DASH}"
_HUNDREDTHS = Context(prec=60, rounding=ROUND_HALF_UP)


def charge_name(line: BilledCharge) -> str:
    """What a charge is for. Calls that no deck row priced, such as those to 911, cost nothing."""
    if line.kind is LineKind.CHANNEL_FEE:
        return f"Channels, plan {line.plan_id}"
    return line.text or line.destination or f"{line.kind.capitalize()} calls"


def money(amount: str) -> str:
    """1234.50 is `1,234.50`; a minus sign is a real one."""
    return f"{Decimal(amount):,.2f}".replace("-", _MINUS)


def count(number: int) -> str:
    """12345 is `12,345`."""
    return f"{number:,}".replace("-", _MINUS)


def minutes(seconds: int) -> str:
    """Seconds as minutes with two decimals, rounded half up: 61 is `1.02`."""
    exact = Decimal(seconds) / SECONDS_PER_MINUTE
    return f"{exact.quantize(Decimal('0.01'), context=_HUNDREDTHS):,}".replace("-", _MINUS)


def fee(amount: str) -> str:
    """0.9 is `0.90`, 0.005 stays `0.005`."""
    cents = money(amount)
    return cents if Decimal(cents.replace(",", "")) == Decimal(amount) else amount


def percent(rate: str) -> str:
    """The fraction 0.06875 is `6.875 %`."""
    return f"{(Decimal(rate) * 100).normalize():f} %"


def day(when: date) -> str:
    """1 November 2026."""
    return f"{when.day} {when:%B %Y}"


def last_day(end: date) -> date:
    """The day before the end of half-open days."""
    return end - _DAY


def days(first: date, end: date) -> str:
    """The half-open days as people name them: `1 \N{EN DASH} 31 October 2026`."""
    last = last_day(end)
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} {_DASH} {day(last)}"
    return f"{day(first)} {_DASH} {day(last)}"


def month(name: str) -> str:
    """`2026-10` is `October 2026`."""
    return f"{date.fromisoformat(f'{name}-01'):%B %Y}"
