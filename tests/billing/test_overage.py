"""Fair use by SQL equals fair use one call at a time, on everything that a month can hold."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.billing.overage import Allowance, keep_overage
from pipeline.billing.snapshot import Snapshot
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from rating.fair_use import EligibleCall, OverageRate, overage_charge, split_calls
from schemas.ledger import MONEY

START = datetime(2026, 10, 1, tzinfo=UTC)
POOLED = pa.schema(
    [
        ("trunk_id", pa.string()), ("service_period", pa.string()), ("row_id", pa.string()), ("cdr_id", pa.string()),
        ("answered_at", pa.timestamp("us", tz="UTC")), ("call_seconds", pa.int64()), ("charge_kind", pa.string()),
        ("rate_per_minute", MONEY), ("connection_fee", MONEY), ("initial_seconds", pa.int32()),
        ("next_seconds", pa.int32()), ("charge_decimals", pa.int32()), ("charge_rounding", pa.string()),
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """An empty ledger, for queries over sets that a test puts there."""
    url = str(tmp_path_factory.mktemp("overage"))
    made = Snapshot(UsageLedger.open(url), BillingTable.open(url))
    yield made
    made.close()


class Case:
    """Calls of two trunks, and what meters them."""

    def __init__(self, calls: list[tuple[int, int, int]], rate: OverageRate) -> None:
        self.calls = calls
        self.rate = rate

    def rows(self) -> pa.Table:
        """The calls as the ledger has them: trunk, second of the answer, call seconds."""
        return pa.Table.from_pylist([self._row(*call, number) for number, call in enumerate(self.calls)], POOLED)

    def _row(self, trunk: int, second: int, seconds: int, number: int) -> dict[str, object]:
        rate = self.rate
        return {
            "trunk_id": f"t{trunk}", "service_period": "2026-10", "row_id": f"row-{number:03}",
            "cdr_id": f"cdr-{number:03}", "answered_at": START + timedelta(seconds=second), "call_seconds": seconds,
            "charge_kind": "INCLUDED", "rate_per_minute": Decimal(rate.rate_nanos).scaleb(-9),
            "connection_fee": Decimal(rate.fee_nanos).scaleb(-9), "initial_seconds": rate.initial_seconds,
            "next_seconds": rate.next_seconds, "charge_decimals": rate.charge_decimals,
            "charge_rounding": rate.charge_rounding,
        }  # fmt: skip

    def expected(self, allowance_seconds: int) -> dict[str, tuple[int, int, int]]:
        """Overage seconds, billed seconds and nanos of each call that goes beyond, by the specification."""
        found = {}
        for trunk in {call[0] for call in self.calls}:
            own = [
                EligibleCall(START + timedelta(seconds=second), f"cdr-{number:03}", seconds)
                for number, (of, second, seconds) in enumerate(self.calls)
                if of == trunk
            ]
            for split in split_calls(own, allowance_seconds).calls:
                if split.overage_seconds:
                    priced = overage_charge(split.overage_seconds, self.rate)
                    found[split.call.cdr_id] = (split.overage_seconds, *priced)
        return found


RATES = st.builds(
    OverageRate,
    st.integers(0, 10**9),
    st.integers(0, 10**8),
    st.sampled_from([1, 6, 30, 60]),
    st.sampled_from([1, 6, 60]),
    st.sampled_from([2, 4, 6, 9]),
    st.sampled_from(["half_up", "up", "down"]),
)
CALLS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 50), st.integers(0, 4000)), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=CALLS, rate=RATES, allowance_seconds=st.integers(0, 6000))
def test_the_window_is_the_specification(
    snapshot: Snapshot, calls: list[tuple[int, int, int]], rate: OverageRate, allowance_seconds: int
) -> None:
    """Every call, in any order, at equal times too: seconds beyond, billed seconds, charge."""
    case = Case(calls, rate)
    snapshot.put("pooled", case.rows())
    keep_overage(snapshot, [Allowance("a", trunk, "2026-10", allowance_seconds) for trunk in ("t0", "t1")])
    found = {
        row["cdr_id"]: (
            row["overage_seconds"],
            row["overage_billed_seconds"],
            int(row["overage_charge"].scaleb(9)),
        )
        for row in snapshot.select("FROM overage")
    }
    assert case.expected(allowance_seconds) == found


def test_a_trunk_without_an_allowance_has_no_overage(snapshot: Snapshot) -> None:
    """Only the trunks and months that are named are looked at."""
    snapshot.put("pooled", Case([(0, 1, 100), (1, 1, 100)], OverageRate(12_000_000, 0, 6, 6)).rows())
    keep_overage(snapshot, [Allowance("a", "t1", "2026-10", 40)])
    [row] = snapshot.select("FROM overage")
    assert ("t1", 60, 60, Decimal("0.012")) == (
        row["trunk_id"],
        row["overage_seconds"],
        row["overage_billed_seconds"],
        row["overage_charge"],
    )


def test_no_call_beyond_is_no_row(snapshot: Snapshot, tmp_path: Path) -> None:
    """The table is there all the same."""
    snapshot.put("pooled", Case([(0, 1, 100)], OverageRate(1, 0, 1, 1)).rows())
    keep_overage(snapshot, [Allowance("a", "t0", "2026-10", 100)])
    assert [] == list(snapshot.select("FROM overage"))
