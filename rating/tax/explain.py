"""A tax line in words: every step from the charge to the cent, each with its source."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from rating.tax.result import TaxLine
from rating.tax.terms import Mark, Rounding

_ROUNDINGS = {
    Rounding.AGGREGATE: "summed over the state, rounded once half up, handed back by largest remainder",
    Rounding.PER_JURISDICTION: "rounded half up, once for this bill, jurisdiction and tax",
    Rounding.CAPPED: "rounded down, once for this bill, because the charge may not exceed its cap",
}
_MARKS = {
    Mark.UNCONFIRMED: "unconfirmed: no document is at hand, confirm it before use",
    Mark.ILLUSTRATIVE: "illustrative: invented, not a number of the law",
}


class Step(NamedTuple):
    """One step of the computation."""

    step: str
    value: str
    source: str = ""


def explain_tax(line: TaxLine) -> Iterator[Step]:
    """The steps of one tax line, in order. What is not sourced says so."""
    for share in line.shares:
        yield Step(f"charge {share.line_id}", _text(share.amount))
    yield Step("base", _text(line.base), _marked(line.citation, line.mark))
    if line.exempt_reason:
        yield Step("exempt", _text(line.exempt), f"certificate: {line.exempt_reason}")
    if line.rate is not None:
        days = f"from {line.rate.effective_from} to {line.rate.effective_until or 'open'}, tax point {line.tax_point}"
        yield Step("rate", _text(line.rate.value), f"{_marked(line.rate.citation, line.rate.mark)} ({days})")
    yield Step("exact tax", _text(line.tax_unrounded), f"rule {line.tax_id}")
    yield Step("tax", str(line.amount), _ROUNDINGS[line.rounding])


def unsourced(line: TaxLine) -> Mark:
    """The weaker mark of a line's rule and number: what the bill must show beside it."""
    marks = {line.mark, line.rate.mark if line.rate else Mark.SOURCED}
    return next(mark for mark in (Mark.ILLUSTRATIVE, Mark.UNCONFIRMED, Mark.SOURCED) if mark in marks)


def _text(amount: Decimal) -> str:
    return f"{amount:f}"


def _marked(citation: str, mark: Mark) -> str:
    return f"{citation}; {_MARKS[mark]}" if mark in _MARKS else citation
