"""What was called in a period, by the prefixes of two decks: how much money each change of a deck moves."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import duckdb

_LAST_PERIOD = "SELECT max(period) FROM usage WHERE deck_id = $deck"
_CALLED = """\
SELECT
    CASE WHEN starts_with(called, '+') THEN called[2:] ELSE prefix END AS digits,
    count(*) AS calls,
    sum(call_seconds)::BIGINT AS seconds,
    sum(charge) AS charge
FROM usage
WHERE deck_id = $deck AND period = $period
GROUP BY digits
"""


class Traffic(NamedTuple):
    """Calls of one prefix that no longer prefix of either deck takes."""

    calls: int = 0
    seconds: int = 0
    charge: Decimal = Decimal()

    def plus(self, other: "Traffic") -> "Traffic":
        """Both together."""
        return Traffic(self.calls + other.calls, self.seconds + other.seconds, self.charge + other.charge)


def last_period(connection: duckdb.DuckDBPyConnection, deck_id: str) -> str | None:
    """The newest period with calls that the deck priced."""
    found = connection.execute(_LAST_PERIOD, {"deck": deck_id}).fetchall()
    period: str | None = found[0][0]
    return period


def traffic_by_prefix(
    connection: duckdb.DuckDBPyConnection, deck_id: str, period: str, prefixes: Iterable[str]
) -> dict[str, Traffic]:
    """The calls that a deck priced in a period, each under the longest of `prefixes` that begins its number."""
    known = frozenset(prefixes)
    longest = max(map(len, known), default=0)
    found: dict[str, Traffic] = defaultdict(Traffic)
    for digits, *sums in connection.execute(_CALLED, {"deck": deck_id, "period": period}).fetchall():
        heads = (digits[:length] for length in range(min(longest, len(digits)), 0, -1))
        prefix = next((head for head in heads if head in known), None)
        if prefix is not None:
            found[prefix] = found[prefix].plus(Traffic(*sums))
    return found
