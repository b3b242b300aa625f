"""Invariants of the views, over ledgers that chance has written."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sql.verification import audit
from schemas.outcomes import State
from tests.sql.views_over import views_over

STATES = [str(state) for state in State]
PERIODS = ["2026-10", "2026-11"]
PRICED = {"charge": "1", "currency": "USD", "account_id": "acme"}
BELONGS = {
    "RATED": PRICED,
    "REJECTED": {"reject_reason": "NO_RATE"},
    "DUPLICATE": {"duplicate_of": "kept"},
    "MERGED": {"duplicate_of": "kept"},
    "PENDING": {},
}
steps = st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(PERIODS)), min_size=1, max_size=4)
histories = st.lists(
    st.tuples(st.sampled_from(["sbc1", "sbc2"]), steps),
    max_size=12,
)  # fmt: skip


def rows_of(records):
    """The rows of records that went through these states and periods, one correction after the other."""
    rows = []
    for offset, (source, history) in enumerate(records):
        partition = f"cdr.raw.{source}-0"
        for version, (state, period) in enumerate(history):
            rows.append({
                "offset": offset, "partition": partition, "source": source, "version": version,
                "state": state, "period": period,
                "replaces": f"{partition}:{offset}:0:{version - 1}" if version else None, **BELONGS[state],
            })  # fmt: skip
    return rows


@settings(max_examples=25, deadline=None)
@given(histories, st.randoms())
def test_the_balance_counts_what_became_of_each_record(records, random):
    """Whatever was corrected how often, in whatever order the rows lie: the last state of each record counts, once."""
    rows = rows_of(records)
    random.shuffle(rows)
    found = {row[:2]: row[2:] for row in views_over(rows).execute("FROM balance").fetchall()}
    last = Counter((source, history[-1][1], history[-1][0]) for source, history in records)
    places = {(source, period) for source, period, _ in last}
    counts = {place: [last[(*place, state)] for state in STATES] for place in places}
    assert {place: (sum(states), *states, 0) for place, states in counts.items()} == found


@settings(max_examples=15, deadline=None)
@given(histories)
def test_what_the_worker_writes_is_sound(records):
    """Corrections that replace the row before them pass every audit of identities."""
    connection = views_over(rows_of(records))
    for name in ("row_ids", "row_id_parts", "records", "corrections", "outcomes", "balance"):
        assert 0 == audit(connection, name).findings, name


@settings(max_examples=15, deadline=None)
@given(histories, st.data())
def test_a_lost_correction_or_a_doubled_row_is_found(records, data):
    """Any row written twice, at any place, makes the balance differ or a row_id repeat."""
    rows = rows_of(records)
    if not rows:
        return
    doubled = [*rows, rows[data.draw(st.integers(0, len(rows) - 1))]]
    assert 1 == audit(views_over(doubled), "row_ids").findings


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(1, 4000), min_size=1, max_size=60), st.booleans())
def test_gaps_are_the_numbers_between(numbers, far):
    """The missing numbers are those between the lowest and the highest that nobody has seen."""
    seen = sorted(number + (2_000_000 if far and number > 2000 else 0) for number in numbers)
    rows = [{"offset": at, "record_seq": number} for at, number in enumerate(seen)]
    gaps = views_over(rows).execute("SELECT first_missing, last_missing, missing FROM sequence_gaps").fetchall()
    expected = [(low + 1, high - 1, high - low - 1) for low, high in pairwise(seen) if high > low + 1]
    assert expected == gaps


def test_a_whole_thousand_has_no_gap():
    """Thousands that are complete are joined as one, whatever lies around them."""
    start = datetime(2026, 10, 1, tzinfo=UTC)
    numbers = [*range(990, 2100), 2102]
    rows = [
        {"offset": at, "record_seq": number, "released_at": start + timedelta(seconds=at)}
        for at, number in enumerate(numbers)
    ]
    assert [(2100, 2101)] == views_over(rows).execute(
        "SELECT first_missing, last_missing FROM sequence_gaps"
    ).fetchall()
