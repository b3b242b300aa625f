"""Answer and duration, rules R1 to R9 and R53 of mediation.md, each with the examples that stand there."""

from datetime import datetime, timedelta

import pytest

from pipeline.mediation.durations import apply_duration_rules, milliseconds_between
from pipeline.mediation.notes import Notes
from rating.duration import whole_seconds
from schemas.cdr import RecordType
from schemas.outcomes import RejectReason
from tests.mediation.feeds import at

ANSWER = at("2026-10-01T10:00:03Z")
LOW_RES_MS = 60_000


class Ruled:
    """What the rules make of one record."""

    def __init__(self, resolution_ms: int = 1, **fields: object) -> None:
        self.fields, self.notes = dict(fields), Notes()
        apply_duration_rules(self.fields, self.notes, resolution_ms)

    @property
    def measured(self) -> object:
        return self.fields.get("measured_ms")

    @property
    def reason(self) -> str | None:
        rejection = self.notes.rejection()
        return rejection and rejection[0]

    @property
    def flags(self) -> list[str]:
        return list(self.notes.flags)


def a_call(measured_ms: int, reported_ms: int | None = None, basis: str = "answer", resolution_ms: int = 1) -> Ruled:
    """An answered call of that length, with the duration that its source prints."""
    released = ANSWER + timedelta(milliseconds=measured_ms)
    return Ruled(
        resolution_ms, started_at=ANSWER, answered_at=ANSWER, released_at=released, reported_ms=reported_ms,
        duration_basis=basis,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("earlier", "later", "milliseconds"),
    [
        ("2018-01-11T10:25:47.954373Z", "2018-01-11T10:26:55.494269Z", 67_540),
        ("2026-10-01T10:00:00Z", "2026-10-01T10:00:00.000499Z", 0),
        ("2026-10-01T10:00:00Z", "2026-10-01T10:00:00.000500Z", 1),
        ("2026-10-01T10:00:00Z", "2026-10-01T10:00:00.001499Z", 1),
        ("2026-10-01T10:00:00Z", "2026-10-01T10:00:00.001500Z", 2),
        ("2026-10-01T10:00:06Z", "2026-10-01T10:00:00Z", -6_000),
        ("2026-10-01T10:00:00.000500Z", "2026-10-01T10:00:00Z", 0),
    ],
)
def test_microseconds_become_milliseconds_half_up(earlier: str, later: str, milliseconds: int) -> None:
    """67 539 896 us are 67540 ms (R5); half a millisecond rounds up, towards the later instant."""
    assert milliseconds == milliseconds_between(at(earlier), at(later))


def test_answered_means_an_answer_time() -> None:
    """Without an answer time a call is 0 ms, whatever its cause says (R1)."""
    unanswered = Ruled(started_at=ANSWER, released_at=ANSWER, q850=16)
    assert (0, None, []) == (unanswered.measured, unanswered.reason, unanswered.flags)


def test_billsec_of_an_unanswered_call_is_a_conflict() -> None:
    """`NO ANSWER`, answer empty, billsec 9: 0 ms, DISPOSITION_CONFLICT, not billed (R2)."""
    conflict = Ruled(started_at=ANSWER, released_at=ANSWER, reported_ms=9_000, duration_basis="answer")
    assert (0, ["DISPOSITION_CONFLICT"]) == (conflict.measured, conflict.flags)


def test_duration_from_the_start_of_an_unanswered_call_is_none() -> None:
    """A duration that counts the ringing says nothing of an answer."""
    ringing = Ruled(started_at=ANSWER, released_at=ANSWER, reported_ms=9_000, duration_basis="start")
    assert (0, []) == (ringing.measured, ringing.flags)


def test_times_win_over_the_printed_duration() -> None:
    """Answer 10:00:03, end 10:00:12, billsec 11: 9000 ms measured, 11000 kept beside it, WARN (R2)."""
    call = a_call(9_000, 11_000)
    assert (9_000, 11_000) == (call.measured, call.fields["reported_ms"])
    assert ((["DURATION_MISMATCH"], None)) == (call.flags, call.reason)


@pytest.mark.parametrize(
    ("measured", "reported", "flags", "reason"),
    [
        (150_000, None, [], None),
        (150_000, 150_000, [], None),
        (150_000, 151_000, [], None),
        (150_000, 149_000, [], None),
        (150_000, 151_001, ["DURATION_MISMATCH"], None),
        (150_000, 154_000, ["DURATION_MISMATCH"], None),
        (150_000, 155_000, ["DURATION_MISMATCH"], None),
        (150_000, 157_500, ["DURATION_MISMATCH"], None),
        (150_000, 157_501, [], "DURATION_MISMATCH"),
        (150_000, 142_499, [], "DURATION_MISMATCH"),
        (115_000, 50_000, [], "DURATION_MISMATCH"),
        (7_000, 305_000, [], "DURATION_MISMATCH"),
        (60_000, 65_000, ["DURATION_MISMATCH"], None),
        (60_000, 65_001, [], "DURATION_MISMATCH"),
        (2_000, 7_000, ["DURATION_MISMATCH"], None),
        (3_600_000, 3_780_000, ["DURATION_MISMATCH"], None),
        (3_600_000, 3_780_001, [], "DURATION_MISMATCH"),
    ],
)
def test_bounds_of_the_difference(measured: int, reported: int | None, flags: list[str], reason: str | None) -> None:
    """Nothing up to 1 s, WARN up to 5 s or 5 %, BLOCK above both (R3): CUCM 154, the FreeSWITCH 50, the Sansay 305."""
    call = a_call(measured, reported)
    assert (measured, flags, reason) == (call.measured, call.flags, call.reason)


def test_a_stop_for_its_duration_shows_both() -> None:
    """The detail names both figures and the bounds, and says what to do."""
    _, detail = a_call(115_000, 50_000).notes.rejection() or ("", "")
    assert "115000 ms apart" in detail
    assert "printed duration is 50000 ms" in detail
    assert "5000 ms or 5 %" in detail


def test_basis_of_the_printed_duration() -> None:
    """DialogLog: start 08:00:00, establish 08:00:03, end 08:02:00, duration 120 from start: 117000 ms, no flag (R9)."""
    times = {name: at(f"2026-10-01T{clock}Z") for name, clock in (
        ("started_at", "08:00:00"), ("answered_at", "08:00:03"), ("released_at", "08:02:00"))}  # fmt: skip
    call = Ruled(**times, reported_ms=120_000, duration_basis="start")
    assert (117_000, 120_000, []) == (call.measured, call.fields["reported_ms"], call.flags)
    assert ["DURATION_MISMATCH"] == Ruled(**times, reported_ms=120_000, duration_basis="answer").flags


def test_basis_start_without_a_start_is_not_compared() -> None:
    """A duration from the start of which the start is not known proves nothing."""
    released = ANSWER + timedelta(seconds=9)
    call = Ruled(answered_at=ANSWER, released_at=released, reported_ms=120_000, duration_basis="start")
    assert (9_000, [], None) == (call.measured, call.flags, call.reason)


@pytest.mark.parametrize(
    ("measured_ms", "floor", "half_up", "ceil"),
    [
        (67_540, 67, 68, 68), (41_300, 41, 41, 42), (30_042, 30, 30, 31), (3_060, 3, 3, 4), (12_500, 12, 13, 13),
        (60_042, 60, 60, 61), (999, 0, 1, 1), (1, 0, 0, 1), (0, 0, 0, 0),
    ],
)  # fmt: skip
def test_seconds_are_made_in_rating_only(measured_ms: int, floor: int, half_up: int, ceil: int) -> None:
    """The table of R5: mediation keeps the milliseconds, the plan's rounding makes the seconds."""
    call = a_call(measured_ms)
    assert measured_ms == call.measured
    assert (floor, half_up, ceil) == tuple(whole_seconds(measured_ms, name) for name in ("floor", "half_up", "ceil"))


def test_answered_call_of_no_time() -> None:
    """Answered and 0 ms: it costs 0, ZERO_DURATION (R7); a single millisecond is a normal call."""
    assert (0, ["ZERO_DURATION"], None) == (a_call(0).measured, a_call(0).flags, a_call(0).reason)
    assert [] == a_call(1).flags


@pytest.mark.parametrize("measured", [-1, -6_000, -3_540_000])
def test_release_before_answer_is_stopped(measured: int) -> None:
    """Never the absolute value, never 0 (R8)."""
    call = a_call(measured)
    assert (measured, "NEG_DURATION") == (call.measured, call.reason)
    assert f"{-measured} ms before the answer" in (call.notes.rejection() or ("", ""))[1]


def test_negative_printed_duration_is_stopped() -> None:
    """billsec -6 of an export is NEG_DURATION also where no times contradict it."""
    assert "NEG_DURATION" == Ruled(started_at=ANSWER, reported_ms=-6_000, duration_basis="answer").reason
    assert "NEG_DURATION" == a_call(6_000, -6_000).reason


def test_stamps_without_seconds() -> None:
    """`2020/2/10 22:41` twice with billsec 9: the printed 9 s bill, LOW_RES (R53)."""
    call = a_call(0, 9_000, resolution_ms=LOW_RES_MS)
    assert (9_000, ["LOW_RES"]) == (call.measured, call.flags)


def test_stamps_without_seconds_and_no_duration() -> None:
    """Where nothing better is there, the coarse stamps bill."""
    assert 60_000 == a_call(60_000, None, resolution_ms=LOW_RES_MS).measured


def test_low_resolution_zero_costs_nothing() -> None:
    """billsec 0 of a coarse row is ZERO_DURATION as well."""
    assert ["LOW_RES", "ZERO_DURATION"] == a_call(60_000, 0, resolution_ms=LOW_RES_MS).flags


@pytest.mark.parametrize(("measured", "reason"), [(172_800_000, None), (172_800_001, "TOO_LONG")])
def test_longest_call(measured: int, reason: str | None) -> None:
    """48 hours are the bound (R54)."""
    assert reason == a_call(measured).reason


def test_answered_without_a_release() -> None:
    """A STOP that was answered and never released cannot be measured."""
    call = Ruled(answered_at=ANSWER)
    assert ("BAD_FIELD", None) == (call.reason, call.measured)


@pytest.mark.parametrize("record_type", [RecordType.START, RecordType.INTERIM, RecordType.END, RecordType.MEDIA])
def test_only_finished_records_are_measured(record_type: RecordType) -> None:
    """Parts of a call have no duration of their own."""
    part = Ruled(record_type=record_type, answered_at=ANSWER, reported_ms=-1)
    assert (None, [], None) == (part.measured, part.flags, part.reason)


def test_attempt_is_measured_as_unanswered() -> None:
    """An attempt without an answer has 0 ms (R24)."""
    assert 0 == Ruled(record_type=RecordType.ATTEMPT, started_at=ANSWER, released_at=ANSWER).measured


def test_measuring_needs_no_zone() -> None:
    """Two instants of different offsets are compared in UTC."""
    ahead = datetime.fromisoformat("2026-10-01T12:00:12+02:00")
    assert 9_000 == milliseconds_between(ANSWER, ahead)


def test_without_a_release_the_printed_duration_counts() -> None:
    """No two instants: 61 s are measured from the answer on, remarked as LOW_RES (R3)."""
    found = Ruled(answered_at=ANSWER, reported_ms=61_000, duration_basis="answer")
    assert (61_000, ANSWER + timedelta(seconds=61), ["LOW_RES"], None) == (
        found.measured, found.fields["released_at"], found.flags, found.reason,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reported_ms", "basis", "reason"),
    [(None, "answer", "BAD_FIELD"), (61_000, "start", "BAD_FIELD"), (-5, "answer", "NEG_DURATION"),
     (172_800_001, "answer", "TOO_LONG")],
)  # fmt: skip
def test_without_a_release_and_a_printed_duration_of_use(reported_ms: int | None, basis: str, reason: str) -> None:
    """None printed, one that counts the ringing, a negative one, more than 48 h: nothing is billed."""
    assert reason == Ruled(answered_at=ANSWER, reported_ms=reported_ms, duration_basis=basis).reason


def test_a_record_that_is_stopped_is_not_remarked_as_well() -> None:
    """An hour that cannot be placed leaves no answer; that says nothing of the disposition (R17)."""
    fields: dict[str, object] = {"reported_ms": 60_000, "duration_basis": "answer"}
    notes = Notes()
    notes.block(RejectReason.TZ_AMBIGUOUS, "both hours are possible")
    apply_duration_rules(fields, notes)
    assert [] == notes.flags


def test_release_behind_the_last_year() -> None:
    """A printed duration that would end in the year 10000 is no release time, and no reason to stop a worker."""
    last = at("9999-12-31T23:59:59Z")
    call = Ruled(started_at=last, answered_at=last, reported_ms=2_000, duration_basis="answer")
    assert (RejectReason.BAD_FIELD, None) == (call.reason, call.measured)
