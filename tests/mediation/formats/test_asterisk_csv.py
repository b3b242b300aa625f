"""Asterisk CSV: Master.csv and exports (cdr-formats.md 2.8); the channel's epoch gives the offset of the clock."""

from typing import Any

import pytest

from pipeline.mediation.feed import BadSource
from pipeline.mediation.formats.asterisk_csv import dialled_carrier
from schemas.cdr import CDR
from tests.mediation.feeds import a_source, assembled, at, read, skipped
from tests.mediation.twins import assert_twins_agree

MASTER = a_source("asterisk_csv")
# 1790856000 is 2026-10-01T12:00:00Z
ROW = ["trunk-7", "1001", "2025550102", "default", '""Jo Doe"" <1001>', "PJSIP/cust-00000001", "PJSIP/carrier-00000002",
       "Dial", "PJSIP/2025550102@carrier", "2026-10-01 12:00:00", "2026-10-01 12:00:05", "2026-10-01 12:01:06", "66",
       "61", "ANSWERED", "DOCUMENTATION", "1790856000.7", ""]  # fmt: skip
AT = {"account": 0, "src": 1, "dst": 2, "clid": 4, "channel": 5, "dstchannel": 6, "start": 9, "answer": 10, "end": 11,
      "duration": 12, "billsec": 13, "disposition": 14, "uniqueid": 16}  # fmt: skip


def line(*more: str, **changes: str) -> str:
    values = list(ROW)
    for name, value in changes.items():
        values[AT[name]] = value
    return ",".join([*(f'"{value}"' for value in values), *more])


def row(*more: str, zone: str = "UTC", options: dict[str, Any] | None = None, **changes: str) -> CDR:
    return read(line(*more, **changes), a_source("asterisk_csv", zone, **(options or {})))


def test_answered_call() -> None:
    """12:00:05 to 12:01:06: 61 s; carrier and customer by their channels."""
    call = row()
    assert (at("2026-10-01T12:00:05Z"), 61_000, 61_000, ()) == (
        call.answered_at, call.measured_ms, call.reported_ms, call.flags,
    )  # fmt: skip
    assert ("1001", "2025550102", "Jo Doe", "trunk-7", "cust", "carrier") == (
        call.calling, call.called, call.display_name, call.claimed_trunk_id, call.ingress_trunk_group,
        call.egress_trunk_group,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("local", "uniqueid", "utc", "zone"),
    [
        ("12:00:00", "1790856000.7", "12:00:00", "UTC"),
        ("12:00:01", "1790856000.7", "12:00:01", "UTC"),
        ("14:00:00", "1790856000.7", "12:00:00", "UTC+02:00"),
        ("07:00:00", "1790856000.7", "12:00:00", "UTC-05:00"),
        ("17:30:00", "1790856000.7", "12:00:00", "UTC+05:30"),
        ("17:45:00", "node-1790856000.7", "12:00:00", "UTC+05:45"),
    ],
)
def test_offset_of_the_clock(local: str, uniqueid: str, utc: str, zone: str) -> None:
    """Start less the channel's epoch, to the quarter of an hour; a second of difference is normal (R16)."""
    call = row(start=f"2026-10-01 {local}", answer="", end=f"2026-10-01 {local}", duration="0", billsec="0",
               disposition="BUSY", uniqueid=uniqueid)  # fmt: skip
    assert (at(f"2026-10-01T{utc}Z"), zone, "epoch") == (call.started_at, call.src_tz, call.tz_source)


@pytest.mark.parametrize("uniqueid", ["1790855000.7", "abc", "", "179.7"])
def test_zone_of_the_source_where_the_epoch_says_nothing(uniqueid: str) -> None:
    """A record long after its channel's creation, or an id without an epoch: the setting decides."""
    call = row(zone="Europe/Vienna", uniqueid=uniqueid)
    assert (at("2026-10-01T10:00:00Z"), "config") == (call.started_at, call.tz_source)


@pytest.mark.parametrize(
    ("disposition", "reject_class"),
    [("NO ANSWER", "NOANSWER"), ("BUSY", "BUSY"), ("FAILED", "FAILURE"), ("CONGESTION", "FAILURE")],
)
def test_unanswered(disposition: str, reject_class: str) -> None:
    """No answer stamp: 0 ms, and the disposition is the cause."""
    call = row(answer="", billsec="0", disposition=disposition)
    assert (None, 0, reject_class, disposition, ()) == (
        call.answered_at, call.measured_ms, call.reject_class, call.native_cause, call.flags,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "measured", "flags"),
    [
        ({"answer": "", "disposition": "NO ANSWER", "billsec": "9"}, 0, ("DISPOSITION_CONFLICT",)),
        ({"answer": "", "disposition": "ANSWERED", "billsec": "0"}, 0, ("DISPOSITION_CONFLICT",)),
        ({"disposition": "NO ANSWER"}, 61_000, ("DISPOSITION_CONFLICT",)),
        ({"duration": "12", "billsec": "11", "answer": "2026-10-01 12:00:03", "end": "2026-10-01 12:00:12"},
         9_000, ("DURATION_MISMATCH",)),
    ],
    ids=["billsec without an answer", "ANSWERED without one", "answered and NO ANSWER", "billsec 11 of 9 s"],
)  # fmt: skip
def test_times_win_over_the_disposition(changes: dict[str, str], measured: int, flags: tuple[str, ...]) -> None:
    """The four contradictions of R2."""
    call = row(**changes)
    assert (measured, flags) == (call.measured_ms, call.flags)


def test_export_without_answer_and_end() -> None:
    """end = calldate + duration, answer = end - billsec; an unanswered row has no answer (2.8)."""
    names = "calldate clid src dst dcontext channel dstchannel lastapp lastdata duration billsec disposition"
    columns = [*names.split(), "amaflags", "accountcode", "uniqueid", "userfield"]
    values = {"calldate": "2026-10-01 12:00:00", "src": "1001", "dst": "1002", "duration": "66", "billsec": "61",
              "disposition": "ANSWERED", "uniqueid": "1790856000.7"}  # fmt: skip
    call = read(",".join(values.get(name, "") for name in columns), MASTER)
    assert (at("2026-10-01T12:00:05Z"), at("2026-10-01T12:01:06Z")) == (call.answered_at, call.released_at)
    values |= {"disposition": "NO ANSWER"}
    call = read(",".join(values.get(name, "") for name in columns), MASTER)
    assert (None, 0, ("DISPOSITION_CONFLICT",)) == (call.answered_at, call.measured_ms, call.flags)


NIGHTS = [
    ("2024-11-03 00:50:00", "5400", "2024-11-03T04:50:10Z", "2024-11-03T06:20:00Z", None),
    ("2024-03-10 01:50:00", "1200", "2024-03-10T06:50:10Z", "2024-03-10T07:10:00Z", None),
    ("2024-11-03 01:50:00", "1200", None, None, "TZ_AMBIGUOUS"),
    ("2024-03-10 02:30:00", "60", None, None, "TZ_AMBIGUOUS"),
]


@pytest.mark.parametrize(("start", "duration", "answer", "end", "reason"), NIGHTS)
def test_export_on_nights_on_which_the_clock_is_set(
    start: str, duration: str, answer: str | None, end: str | None, reason: str | None
) -> None:
    """What follows from the durations is reckoned in UTC; no other stamp tells which 01:50 it was (R17)."""
    columns = ["src", "dst", "clid", "channel", "dstchannel", "lastdata", "calldate", "duration", "billsec",
               "disposition", "uniqueid", "userfield"]  # fmt: skip
    source = a_source("asterisk_csv", "America/New_York", columns=columns)
    values = f"1001,1002,,,,,{start},{duration},{int(duration) - 10},ANSWERED,pbx-7,"
    call = read(values, source)
    expected = answer and at(answer), end and at(end), reason
    assert expected == (call.answered_at, call.released_at, call.reject_reason)
    assert_twins_agree([values.encode()], source)


def test_linked_channels_are_one_call() -> None:
    """Columns 19 to 21 are peeraccount, linkedid, sequence; the call is the linkedid."""
    call = row("", '"1790855990.1"', "14")
    assert ("1790855990.1", "1790856000.7", 14) == (call.call_group_id, call.leg_id, call.record_seq)


def test_key_is_linkedid_uniqueid_and_sequence() -> None:
    """Two attempts of one channel are two records; the same row twice is one (R10)."""
    rows = [line("", "1.1", str(sequence)) for sequence in (9, 12, 12)]
    found = assembled(rows, MASTER)
    assert (2, 1) == (len(found.legs), len(found.duplicates))


@pytest.mark.parametrize(
    ("clid", "name"),
    [('""Jo Doe"" <1001>', "Jo Doe"), ("Jo <1001>", "Jo"), ("1001", None), ("", None), ('"""" <1001>', None)],
)
def test_display_name(clid: str, name: str | None) -> None:
    """What stands in front of the number, without its quotes."""
    assert name == row(clid=clid).display_name


@pytest.mark.parametrize(
    ("channel", "group"),
    [("PJSIP/cust-00000001", "cust"), ("SIP/my-trunk-0000000a", "my-trunk"), ("Local/1@ctx-00000000;1", "1@ctx"),
     ("Console/dsp", None), ("", None)],
)  # fmt: skip
def test_endpoint_of_a_channel(channel: str, group: str | None) -> None:
    """`PJSIP/carrier-00000012` is carrier."""
    assert group == row(channel=channel).ingress_trunk_group


def test_trunk_column() -> None:
    """Another column may name the trunk."""
    assert "default" == row(options={"trunk_column": "dcontext"}).claimed_trunk_id


def test_columns_without_what_is_needed_are_refused() -> None:
    """A table without a disposition cannot be read; the settings are told so."""
    with pytest.raises(BadSource, match=r"the columns .*disposition.* are missing"):
        read(line(), a_source("asterisk_csv", columns=["calldate", "src", "dst"]))


def test_header_is_skipped() -> None:
    """A line with the names of disposition and uniqueid is a header."""
    assert 1 == skipped(["calldate,src,dst,disposition,uniqueid"], MASTER)


@pytest.mark.parametrize(
    ("value", "reason", "said"),
    [
        (line("a", "b", "9", "x"), "UNKNOWN_LAYOUT", "22 columns"),
        ("a,b,c", "UNKNOWN_LAYOUT", "master (18 to 21)"),
        (line(disposition="MAYBE"), "BAD_FIELD", "disposition is 'MAYBE', expected one of ANSWERED"),
        (line(start=""), "BAD_FIELD", "start"),
        (line(start="01/10/2026 12:00"), "BAD_FIELD", "a time such as 2026-10-01 12:00:00"),
        (line(answer="later"), "BAD_FIELD", "answer is 'later'"),
        (line(billsec="61.5"), "BAD_FIELD", "billsec"),
        (line(duration="-"), "BAD_FIELD", "duration"),
        (line("", "1.1", "x"), "BAD_FIELD", "sequence"),
        (line(end="2026-10-01 12:00:00"), "NEG_DURATION", "5000 ms before"),
        (line(billsec="-6"), "NEG_DURATION", "-6000 ms"),
        (line(billsec="30"), "DURATION_MISMATCH", "61000 ms apart"),
        (line()[:-1], "BAD_QUOTE", "not closed"),
        (line(dst="4" * 41), "TOO_LONG", "41 characters"),
        ("\x00\x01\x02", "UNKNOWN_LAYOUT", "1 columns"),
    ],
    ids=["22", "3", "disposition", "no start", "start", "answer", "billsec", "duration", "sequence", "negative",
         "negative billsec", "mismatch", "quote", "41 digits", "binary"],
)  # fmt: skip
def test_refused_with_a_reason(value: str, reason: str, said: str) -> None:
    """Reason and detail; the next line is another record."""
    found = assembled([value, line(uniqueid="1790856000.8")], MASTER)
    (call,) = found.rejected or found.suspended
    assert (reason, 1) == (call.reject_reason, len(found.legs))
    assert said in (call.reject_detail or "")


def test_latin_1_name() -> None:
    """Read as Windows-1252, flagged ENCODING (R52)."""
    call = read(line(clid="J\u00f6rg <1001>").encode("latin-1"), MASTER)
    assert ("J\u00f6rg", ("ENCODING",)) == (call.display_name, call.flags)


def test_fall_back_night_decided_by_the_channel() -> None:
    """01:30:00 in New York on 2024-11-03, second time: uniqueid 1730615400 is 06:30:00Z, so the offset is -5 h."""
    call = row(zone="America/New_York", start="2024-11-03 01:30:00", answer="2024-11-03 01:30:05",
               end="2024-11-03 01:31:06", uniqueid="1730615400.1")  # fmt: skip
    assert (at("2024-11-03T06:30:00Z"), None) == (call.started_at, call.reject_reason)


# 1730612995 is 2024-11-03T05:49:55Z, 1710053940 is 2024-03-10T06:59:00Z; the server stands in New York, which its
# settings do not say.
def test_fall_back_night_decided_by_the_channel_for_the_first_time() -> None:
    """01:30:00 in New York on 2024-11-03, first time: uniqueid 1730611800 is 05:30:00Z, so the offset is -4 h."""
    call = row(zone="America/New_York", start="2024-11-03 01:30:00", answer="2024-11-03 01:30:05",
               end="2024-11-03 01:31:06", uniqueid="1730611800.1")  # fmt: skip
    assert (at("2024-11-03T05:30:05Z"), 61_000, None) == (call.answered_at, call.measured_ms, call.reject_reason)


FALL = {"uniqueid": "1730612995.7", "start": "2024-11-03 01:49:55", "answer": "2024-11-03 01:50:00",
        "end": "2024-11-03 01:10:00", "duration": "1205", "billsec": "1200"}  # fmt: skip
SPRING = {"uniqueid": "1710053940.7", "start": "2024-03-10 01:59:00", "answer": "2024-03-10 01:59:30",
          "end": "2024-03-10 03:00:30", "duration": "90", "billsec": "60"}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "answered", "released", "measured_ms"),
    [
        (FALL, "2024-11-03T05:50:00Z", "2024-11-03T06:10:00Z", 1_200_000),
        ({**FALL, "answer": "2024-11-03 01:00:00", "billsec": "600"}, "2024-11-03T06:00:00Z", "2024-11-03T06:10:00Z",
         600_000),
        (SPRING, "2024-03-10T06:59:30Z", "2024-03-10T07:00:30Z", 60_000),
    ],
    ids=["fall", "rang across the change", "spring"],
)  # fmt: skip
def test_clock_that_is_set_in_the_middle_of_a_call(
    changes: dict[str, str], answered: str, released: str, measured_ms: int
) -> None:
    """Only the offset at the start is known; the printed seconds place what came behind the change (R17)."""
    call = row(**changes)
    assert (at(answered), at(released), measured_ms, ("TZ_GUESSED",), None) == (
        call.answered_at, call.released_at, call.measured_ms, call.flags, call.reject_reason,
    )  # fmt: skip


def test_release_before_the_answer_is_no_change_of_the_clock() -> None:
    """The printed seconds agree with nothing an hour away: NEG_DURATION stays (R8)."""
    call = row(**{**FALL, "end": "2024-11-03 01:49:58", "duration": "3", "billsec": "-2"})
    assert ("NEG_DURATION", ()) == (call.reject_reason, call.flags)


def test_columns_leave_a_set_clock_to_the_specification() -> None:
    """Both readers give the same call, also where only the answer is out of order."""
    late = {**FALL, "answer": "2024-11-03 01:00:00", "billsec": "600"}
    values = [line(**changes).encode() for changes in (FALL, SPRING, late, {})]
    assert_twins_agree(values, a_source("asterisk_csv"))
    assert_twins_agree(values, a_source("asterisk_csv", "America/New_York"))


@pytest.mark.parametrize(
    ("arguments", "carrier"),
    [
        ("PJSIP/442079460101@carrier,30,Tt", "carrier"), ("SIP/carrier/442079460101", "carrier"),
        ("PJSIP/1@one&PJSIP/1@two", "one"), ("SIP/1115", None), ("carrier", None), ("", None), ("SIP/@carrier", None),
        ("SIP/1@", None), ("Local/1@from-internal/n", "from-internal/n"),
    ],
)  # fmt: skip
def test_where_dial_was_to_go(arguments: str, carrier: str | None) -> None:
    """By the target of the Dial, of which the first counts."""
    assert carrier == dialled_carrier(arguments)


def test_carrier_of_an_attempt_without_a_channel() -> None:
    """A failed Dial has no outgoing channel; its data says which carrier was tried (R31). A channel goes first."""
    values = [line(dstchannel=channel) for channel in ("", "PJSIP/other-00000002")]
    source = a_source("asterisk_csv")
    assert ["carrier", "other"] == [read(value, source).carrier_id for value in values]
    assert [None, "other"] == [read(value, source).egress_trunk_group for value in values]
    assert_twins_agree([value.encode() for value in values], source)
