"""What a price list holds, and what may surprise in it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.book.plus_one import neighbours
from rating.money import nanos_to_text, parse_nanos
from rating.prefixes import NANP_PREFIX
from schemas.reference import Rate, RateStatus

SHOWN_NAMES = 12


class DeckReport(NamedTuple):
    """Figures of a price list, and sentences about what it leaves open."""

    figures: dict[str, int | str]
    warnings: list[str]


def deck_report(rates: Sequence[Rate]) -> DeckReport:
    """Count rows and prefixes; name destinations without a price and +1 countries without rows."""
    statuses = Counter(rate.status for rate in rates)
    prices = [parse_nanos(rate.rate_per_minute) for rate in rates if rate.rate_per_minute is not None]
    steps = Counter(f"{rate.initial_seconds}/{rate.next_seconds}" for rate in rates)
    figures: dict[str, int | str] = {
        "rows": len(rates),
        "prefixes": len({rate.prefix for rate in rates}),
        "destinations": len({rate.destination for rate in rates}),
        "priced": statuses[RateStatus.PRICED],
        "blocked": statuses[RateStatus.BLOCKED],
        "unpriced": statuses[RateStatus.UNPRICED],
        "lowest": nanos_to_text(min(prices, default=0)),
        "highest": nanos_to_text(max(prices, default=0)),
        "increments": ", ".join(f"{step} {count}" for step, count in steps.most_common(4)),
    }
    return DeckReport(figures, [*_unpriced(rates), *_missing_neighbours(rates)])


def _unpriced(rates: Sequence[Rate]) -> Iterator[str]:
    names = sorted({f"{rate.destination} ({rate.prefix})" for rate in rates if rate.status is RateStatus.UNPRICED})
    if names:
        yield f"calls to {_listed(names)} are refused: their rows have no rate, which is not free"


def _missing_neighbours(rates: Sequence[Rate]) -> Iterator[str]:
    """Area codes of Canada and the Caribbean that only prefix 1 covers, which never prices them."""
    prefixes = {rate.prefix for rate in rates}
    if NANP_PREFIX not in prefixes:
        return
    missing = [
        f"1{code} {country}"
        for code, country in neighbours().items()
        if not prefixes & {f"1{code[:length]}" for length in (1, 2, 3)}
    ]
    if missing:
        yield (
            f"{_listed(missing)} have no rows of their own. Prefix 1 is the United States and does not price them: "
            "calls there are refused with NO_RATE"
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
