"""From milliseconds to whole seconds, and from whole seconds to billed seconds (PRODUCT.md, Rating 2 and 3).

Each rule stands twice: on one call, which is the specification, and on a column, which must give the same.
"""

from typing import Literal

import numpy as np

from rating.columns import Integers

SecondsRounding = Literal["ceil", "half_up", "floor"]

MS_PER_SECOND = 1000
_HALF_SECOND_MS = 500


def whole_seconds(measured_ms: int, rounding: SecondsRounding) -> int:
    """Whole seconds of a duration of at least 0 ms: 1001 ms is 2 by `ceil`, 1 by `half_up` and `floor`."""
    seconds, rest = divmod(measured_ms, MS_PER_SECOND)
    match rounding:
        case "ceil":
            return seconds + (rest > 0)
        case "half_up":
            return seconds + (rest >= _HALF_SECOND_MS)
        case "floor":
            return seconds


def billed_seconds(seconds: int, initial_seconds: int, next_seconds: int) -> int:
    """Seconds after increments: 0 for 0, the first increment, then whole further increments. 61 at 60/6 is 66."""
    if seconds == 0:
        return 0
    if seconds <= initial_seconds:
        return initial_seconds
    steps = (seconds - initial_seconds + next_seconds - 1) // next_seconds
    return initial_seconds + steps * next_seconds


def whole_seconds_column(measured_ms: Integers, round_up_from: Integers) -> Integers:
    """`whole_seconds` of a column; `round_up_from` is the rest in milliseconds from which a second is added."""
    seconds, rest = np.divmod(measured_ms, MS_PER_SECOND)
    return seconds + (rest >= round_up_from)


ROUND_UP_FROM: dict[SecondsRounding, int] = {"ceil": 1, "half_up": _HALF_SECOND_MS, "floor": MS_PER_SECOND}
"""The rest of milliseconds that each rule counts as a whole second; a rest never reaches 1000."""


def billed_seconds_column(seconds: Integers, initial_seconds: Integers, next_seconds: Integers) -> Integers:
    """`billed_seconds` of a column."""
    beyond = np.maximum(seconds - initial_seconds, 0)
    steps = (beyond + next_seconds - 1) // next_seconds
    return np.where(seconds == 0, 0, initial_seconds + steps * next_seconds)
