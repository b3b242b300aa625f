"""Positions of partitions, and the place in a record where reading stopped."""

import pytest

from pipeline.sql.rejected import find_rejects, next_step, stopped_at
from pipeline.sql.state import Position, loaded_files, positions
from schemas.outcomes import RejectReason
from tests.sql.views_over import views_over

MARKS = {
    "cdr.leg-0": 12,
    "cdr.leg-1": 9,
    "cdr.leg-0<cdr.raw.sbc1-0": 500,
    "cdr.leg-1<cdr.raw.sbc1-0": 480,
    "cdr.leg-0<sbc2/calls.csv@1-2": 77,
    "cdr.leg-1<sbc2/calls.csv@1-2": 77,
    "corrections-0": 3,
}


def test_a_raw_partition_is_as_far_as_its_slowest_mark():
    """Everything up to 480 is in the ledger, whatever partition of cdr.leg it fell to. Files are no positions."""
    assert [Position("cdr.leg-0", 12), Position("cdr.leg-1", 9), Position("cdr.raw.sbc1-0", 480)] == positions(MARKS)


def test_lag_is_what_kafka_has_beyond():
    """The end is the offset of the next message: 501 means that 500 is the last, 20 more than 480."""
    ends = {"cdr.raw.sbc1-0": 501, "cdr.leg-0": 13, "cdr.leg-1": 5}
    lags = {position.partition: position.lag for position in positions(MARKS, ends)}
    assert {"cdr.raw.sbc1-0": 20, "cdr.leg-0": 0, "cdr.leg-1": 0} == lags


def test_files_are_counted_once():
    """However many partitions their records fell to."""
    assert (1, 0) == (loaded_files(MARKS), loaded_files({}))


@pytest.mark.parametrize(
    ("raw", "reason", "detail", "expected"),
    [
        (b"a,60x,b", "BAD_FIELD", "Field duration is '60x', expected digits", (2, 5)),
        (b'{"node":1}', "UNKNOWN_LAYOUT", "Object contains unknown field `node`", (2, 6)),
        (b'a,"bc', "BAD_QUOTE", "A quote is opened and not closed in the line that ends '\"bc'.", (2, 5)),
        (b"x,+4930231250001234567", "NUM_UNPARSED", "+4930231250001234567 is no number", (2, 22)),
        (b'{"a":', "TRUNCATED", "Input data was truncated The record begins b'{\"a\":'", (5, 5)),
        (b"a,b", "NEG_DURATION", "The printed duration is -4000 ms", None),
        (b"node", "UNKNOWN_LAYOUT", "No layout fits. The record begins 'node'", None),
        (b"", "BAD_FIELD", "nothing is quoted here", None),
        (b"9,x", "BAD_FIELD", "Acct-Status-Type is '9', expected 1, 2, 3, 7 or 8.", (0, 1)),
        (b"29,9,x", "BAD_FIELD", "type is '9', expected 1.", (3, 4)),
        (b"29,x", "BAD_FIELD", "type is '9', expected 1.", None),
    ],
)
def test_where_reading_stopped(raw, reason, detail, expected):
    """The bytes that the detail quotes; the end of a record that was cut off; nowhere, if it quotes nothing of it."""
    assert expected == stopped_at(raw, reason, detail)


@pytest.mark.parametrize("identity", ["cdr.raw.sbc1-0:7:0:0", "cdr.raw.sbc1-0:7", "cdr-7"])
def test_a_reject_is_found_by_each_of_its_names(identity):
    """Row id, the position that it begins with, or the record's own identity."""
    rows = [{"offset": at, "state": "REJECTED", "reject_reason": "NO_RATE"} for at in (7, 77)]
    assert ["cdr-7"] == [row["cdr_id"] for row in find_rejects(views_over(rows), identity)]


def test_a_replayed_reject_is_not_found():
    """Only what is current can be worked on."""
    rows = [{"offset": 7, "state": "REJECTED"}, {"offset": 7, "version": 1, "replaces": "cdr.raw.sbc1-0:7:0:0"}]
    assert [] == find_rejects(views_over(rows), "cdr-7")


@pytest.mark.parametrize("reason", list(RejectReason))
def test_every_reason_has_a_next_step(reason):
    """A sentence that ends, with the names of this record where it has a command."""
    step = next_step({"reject_reason": reason, "source": "sbc-7", "cdr_id": "id-7", "partition": "sbc-7/a b.csv@1"})
    assert step.endswith(".")
    assert "{" not in step
    if "trunkline correct" in step:
        assert "trunkline correct id-7 --set" in step
    if "trunkline replay" in step:
        assert f"trunkline replay --reason {reason} --source sbc-7" in step
    if "trunkline file" in step:
        assert "trunkline file rollback sbc-7/a b.csv@1" in step


def test_steps_are_those_of_the_reason():
    """Settings for a layout, the file for wrong totals, the book for a trunk nobody knows, patience for a STOP."""
    of = {"source": "s", "cdr_id": "c", "partition": "p"}
    steps = {reason: next_step({**of, "reject_reason": reason}) for reason in RejectReason}
    assert "layouts" in steps[RejectReason.UNKNOWN_LAYOUT]
    assert "file rollback p" in steps[RejectReason.FILE_TOTALS]
    assert "Correct the book" in steps[RejectReason.UNKNOWN_TRUNK]
    assert "A STOP takes its place" in steps[RejectReason.NO_STOP]
    assert "time_zone" in steps[RejectReason.TZ_AMBIGUOUS]
