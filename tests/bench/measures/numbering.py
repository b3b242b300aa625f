"""How many dialled numbers a core reads a second, by the form in which they are dialled."""

import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from rating.numbering.area_codes import epoch_day
from rating.numbering.batch import classify_column
from tests.bench.measure import Measure
from tests.numbering.tables import DE, US, area_codes

NUMBERS = 1_000_000
DAY = epoch_day(date(2026, 10, 1))


def _american(rng: np.random.Generator) -> list[int]:
    codes = np.array([int(code.area_code) for code in area_codes().codes], np.int64)
    subscribers = rng.integers(2_000_000, 10_000_000, NUMBERS)
    found: list[int] = (10**10 + rng.choice(codes, NUMBERS) * 10**7 + subscribers).tolist()
    return found


def _foreign(code: int, digits: int) -> Callable[[np.random.Generator], list[int]]:
    def numbers(rng: np.random.Generator) -> list[int]:
        found: list[int] = (code * 10**digits + rng.integers(10 ** (digits - 1), 10**digits, NUMBERS)).tolist()
        return found

    return numbers


FORMS: Mapping[str, tuple[Callable[[np.random.Generator], list[int]], Callable[[int], str], int]] = {
    "+1": (_american, lambda number: f"+{number}", 0),
    "ten digits": (_american, lambda number: str(number)[1:], 0),
    "+44": (_foreign(44, 10), lambda number: f"+{number}", 0),
    "011 33": (_foreign(33, 9), lambda number: f"011{number}", 0),
    "00 33 in Germany": (_foreign(33, 9), lambda number: f"00{number}", 1),
}


def _speeds(_: Path) -> Mapping[str, float]:
    return {name: _speed(*form) for name, form in FORMS.items()}


def _speed(numbers: Callable[[np.random.Generator], list[int]], written: Callable[[int], str], profile: int) -> float:
    """The better of two runs, in time of this process: one core."""
    dialled = pa.array([written(number) for number in numbers(np.random.default_rng(7))])
    which, days = np.full(NUMBERS, profile, np.int64), np.full(NUMBERS, DAY, np.int64)
    classify_column(dialled.slice(0, 100), [US, DE], which[:100], days[:100], area_codes())
    return max(_once(dialled, which, days) for _ in range(2))


def _once(dialled: pa.Array, which: np.ndarray, days: np.ndarray) -> float:
    begun = time.process_time()
    classify_column(dialled, [US, DE], which, days, area_codes())
    return NUMBERS / (time.process_time() - begun)


MEASURES = (Measure("numbering", _speeds, "numbers/s", dict.fromkeys(FORMS, 1_000_000)),)
