"""FreeSWITCH mod_cdr_csv: templates of cdr-formats.md 2.7, local stamps, durations of whole seconds."""

from datetime import timedelta
from typing import Any

import pytest

from pipeline.mediation.feed import BadSource
from schemas.cdr import CDR
from tests.mediation.feeds import a_source, assembled, at, read, skipped
from tests.mediation.twins import assert_twins_agree

CSV = a_source("freeswitch_csv")
EXAMPLE = ["Jo Doe", "1001", "+442079460321", "default", "2026-10-01 12:00:00", "2026-10-01 12:00:05",
           "2026-10-01 12:01:06", "66", "61", "NORMAL_CLEARING", "uuid-a", "uuid-b", "trunk-7",
           "PCMA", "PCMU"]  # fmt: skip
AT = {"name": 0, "caller": 1, "called": 2, "start": 4, "answer": 5, "end": 6, "duration": 7, "billsec": 8, "cause": 9,
      "uuid": 10, "account": 12}  # fmt: skip


def line(**changes: str) -> str:
    values = list(EXAMPLE)
    for name, value in changes.items():
        values[AT[name]] = value
    return ",".join(f'"{value}"' for value in values)


def row(zone: str = "UTC", options: dict[str, Any] | None = None, **changes: str) -> CDR:
    return read(line(**changes), a_source("freeswitch_csv", zone, **(options or {})))


def test_answered_call() -> None:
    """12:00:05 to 12:01:06 are 61 s, as printed."""
    call = row()
    assert (at("2026-10-01T12:00:05Z"), at("2026-10-01T12:01:06Z")) == (call.answered_at, call.released_at)
    assert (61_000, 61_000, 16, ()) == (call.measured_ms, call.reported_ms, call.q850, call.flags)


def test_parties_and_identity() -> None:
    """The uuid is the leg, the account code the trunk."""
    call = row()
    assert ("1001", "+442079460321", "Jo Doe", "uuid-a", "trunk-7", "PCMA", "PCMU") == (
        call.calling, call.called, call.display_name, call.leg_id, call.claimed_trunk_id, call.codec_in, call.codec_out,
    )  # fmt: skip


def test_stamps_are_local_to_the_server() -> None:
    """12:00:05 in Vienna on 1 October is 10:00:05Z; the setting of the source decides, never this machine."""
    assert at("2026-10-01T10:00:05Z") == row("Europe/Vienna").answered_at


@pytest.mark.parametrize(
    ("cause", "q850", "reject_class"),
    [
        ("UNALLOCATED_NUMBER", 1, "NO_ROUTE"), ("NO_ROUTE_DESTINATION", 3, "NO_ROUTE"), ("USER_BUSY", 17, "BUSY"),
        ("NO_USER_RESPONSE", 18, "NOANSWER"), ("NO_ANSWER", 19, "NOANSWER"), ("CALL_REJECTED", 21, "FAILURE"),
        ("INVALID_NUMBER_FORMAT", 28, "NO_ROUTE"), ("NORMAL_CIRCUIT_CONGESTION", 34, "CAPACITY"),
        ("SWITCH_CONGESTION", 42, "CAPACITY"), ("RECOVERY_ON_TIMER_EXPIRE", 102, "FAILURE"),
        ("INTERWORKING", 127, "FAILURE"), ("NORMAL_CLEARING", 16, "FAILURE"), ("ORIGINATOR_CANCEL", None, "CANCEL"),
        ("PICKED_OFF", None, "CANCEL"), ("LOSE_RACE", None, "CANCEL"), ("", None, "FAILURE"),
    ],
)  # fmt: skip
def test_causes_of_unanswered_calls(cause: str, q850: int | None, reject_class: str) -> None:
    """Names of Q.850 have their number; names of FreeSWITCH's own have none."""
    call = row(answer="", billsec="0", cause=cause)
    assert (None, 0, q850, reject_class) == (call.answered_at, call.measured_ms, call.q850, call.reject_class)


def test_numeric_cause_template() -> None:
    """14 columns with the numeric cause between the name and the uuid."""
    values = [*EXAMPLE[:9], "USER_BUSY", "21", *EXAMPLE[10:13]]
    call = read(",".join(values), CSV)
    assert (21, "USER_BUSY", "uuid-a") == (call.q850, call.native_cause, call.leg_id)


@pytest.mark.parametrize("stamp", ["2020/2/10 22:41", "2020-02-10 22:41"])
def test_stamps_that_lost_their_seconds(stamp: str) -> None:
    """The printed 9 s bill, LOW_RES; the stamps only place the call (R53)."""
    call = row(start=stamp, answer=stamp, end=stamp, duration="12", billsec="9")
    assert (9_000, ("LOW_RES",), at("2020-02-10T22:41:00Z")) == (call.measured_ms, call.flags, call.answered_at)


def test_answered_for_no_time() -> None:
    """ZERO_DURATION, cost 0 (R7)."""
    call = row(answer="2026-10-01 12:00:05", end="2026-10-01 12:00:05", duration="5", billsec="0")
    assert (0, ("ZERO_DURATION",)) == (call.measured_ms, call.flags)


def test_fall_back_night() -> None:
    """01:59:50 to 01:00:20 in New York on 2024-11-03: 30 s over the change of the clock, TZ_GUESSED (R17)."""
    call = row("America/New_York", start="2024-11-03 01:59:45", answer="2024-11-03 01:59:50", end="2024-11-03 01:00:20",
               duration="35", billsec="30")  # fmt: skip
    assert (30_000, ("TZ_GUESSED",)) == (call.measured_ms, call.flags)
    assert at("2024-11-03T05:59:50Z") == call.answered_at


def test_fall_back_night_that_nothing_decides() -> None:
    """01:10:00 to 01:10:30: it lasted 30 s in one of two hours: BLOCK."""
    call = row("America/New_York", start="2024-11-03 01:10:00", answer="2024-11-03 01:10:00", end="2024-11-03 01:10:30",
               duration="30", billsec="30")  # fmt: skip
    assert "TZ_AMBIGUOUS" == call.reject_reason


def test_columns_of_an_own_template() -> None:
    """The settings name the columns of any other template."""
    options = {"columns": ["uuid", "start_stamp", "answer_stamp", "end_stamp", "hangup_cause", "caller_id_number",
                           "destination_number", "trunk"], "trunk_column": "trunk"}  # fmt: skip
    values = "u-1,2026-10-01 12:00:00,2026-10-01 12:00:05,2026-10-01 12:01:06,NORMAL_CLEARING,1001,1002,t-3"
    call = read(values, a_source("freeswitch_csv", **options))
    assert ("u-1", 61_000, None, "t-3") == (call.leg_id, call.measured_ms, call.reported_ms, call.claimed_trunk_id)


LEGS = {"columns": ["uuid", "call_uuid", "direction", "start_stamp", "answer_stamp", "end_stamp", "hangup_cause",
                    "caller_id_number", "destination_number"]}  # fmt: skip
LEG = "{},a-1,{},2026-10-01 12:00:00,2026-10-01 12:00:05,2026-10-01 12:01:06,NORMAL_CLEARING,1001,442079460321"


@pytest.mark.parametrize(
    ("direction", "billed"), [(None, "a-1"), ("OUTBOUND", "a-1"), ("INBOUND", "b-1")], ids=["any", "out", "in"]
)
@pytest.mark.parametrize("a_leg_first", [True, False])
def test_one_of_two_legs_bills(direction: str | None, billed: str, a_leg_first: bool) -> None:
    """With `legs=ab` the module writes both: one call, two legs, never both billed (R30)."""
    lines = [LEG.format("a-1", "inbound"), LEG.format("b-1", "outbound")]
    source = a_source("freeswitch_csv", **LEGS, direction=direction)
    found = assembled(lines if a_leg_first else lines[::-1], source)
    assert (1, 2) == (found.calls, len(found.legs))
    assert [billed] == [leg.leg_id for leg in found.legs if leg.is_billed_leg]
    assert_twins_agree([line.encode() for line in lines], source)


def test_template_without_what_is_needed_is_refused() -> None:
    """A template that has no answer stamp cannot tell an answered call: the settings are wrong."""
    with pytest.raises(BadSource, match=r"the columns answer_stamp, .* are missing"):
        read(line(), a_source("freeswitch_csv", columns=["uuid", "start_stamp"]))


def test_header_line_is_skipped() -> None:
    """A line of column names is no CDR."""
    assert 1 == skipped(["caller_id_number,destination_number,start_stamp,hangup_cause"], CSV)


def test_row_without_a_uuid_is_known_by_its_bytes() -> None:
    """Twice the same bytes are a duplicate also without a native key (R14)."""
    found = assembled([line(uuid=""), line(uuid=""), line(uuid="", billsec="60", end="2026-10-01 12:01:05")], CSV)
    assert (2, 1) == (len(found.legs), len(found.duplicates))


@pytest.mark.parametrize(
    ("value", "reason", "said"),
    [
        (line() + ",extra", "UNKNOWN_LAYOUT", "16 columns"),
        ("a,b,c", "UNKNOWN_LAYOUT", "example (15 to 15)"),
        (line(answer="12:00"), "BAD_FIELD", "answer_stamp is '12:00'"),
        (line(start="2026-13-01 00:00:00"), "BAD_FIELD", "start_stamp"),
        (line(start="2026-02-30 00:00:00"), "BAD_FIELD", "start_stamp"),
        (line(billsec="1:01"), "BAD_FIELD", "billsec"),
        (line(end="2026-10-01 12:00:00"), "NEG_DURATION", "5000 ms before the answer"),
        (line(billsec="20"), "DURATION_MISMATCH", "61000 ms apart"),
        (line(end="", billsec=""), "BAD_FIELD", "no release time"),
        (line()[:-1], "BAD_QUOTE", "not closed"),
        (line(called="4" * 41), "TOO_LONG", "41 characters"),
        (line(end="2026-10-01 14:00:00", billsec="7195", duration="7200"), "FUTURE", "Set the clock"),
        ("PK\x03\x04\x14\x00", "UNKNOWN_LAYOUT", "1 columns"),
    ],
    ids=["16 columns", "3 columns", "time", "month 13", "30 February", "billsec", "negative", "mismatch", "no end",
         "quote", "41 digits", "future", "zip"],
)  # fmt: skip
def test_refused_with_a_reason(value: str, reason: str, said: str) -> None:
    """Reason and detail."""
    call = read(value, CSV)
    assert reason == call.reject_reason
    assert said in (call.reject_detail or "")


def test_latin_1_name() -> None:
    """Read as Windows-1252, flagged ENCODING (R52)."""
    call = read(line(name="J\u00f6rg").encode("latin-1"), CSV)
    assert ("J\u00f6rg", ("ENCODING",)) == (call.display_name, call.flags)


def test_formula_in_the_name_is_only_text() -> None:
    """`=HYPERLINK(...)` of an attacker is kept as it is and never interpreted; exports escape it."""
    assert '=HYPERLINK("http://x")' == read(line(name='=HYPERLINK(""http://x"")'), CSV).display_name


def test_two_templates_of_one_call() -> None:
    """The shipped template and the one with a numeric cause write the same uuid: one leg, one duplicate (R12)."""
    values = line().split(",")
    other = ",".join([*values[:10], "16", *values[10:13]])
    for order in ([line(), other], [other, line()]):
        found = assembled(order, CSV)
        assert (1, 1, 0) == (len(found.legs), len(found.duplicates), len(found.suspended))


def test_call_without_an_end_stamp_is_as_long_as_printed() -> None:
    """Answered, 61 s printed, no end: no two instants, so the printed length counts, with LOW_RES (R3, R53)."""
    call = row(end="")
    assert (61_000, 61_000, ("LOW_RES",), None) == (call.measured_ms, call.reported_ms, call.flags, call.reject_reason)
    assert call.answered_at is not None
    assert call.released_at == call.answered_at + timedelta(seconds=61)
