"""Asterisk rows of its own test suite and of a small provider that hunts over three carriers."""

from pipeline.mediation.assembly import attempts
from tests.mediation.feeds import a_source, assembled_file, at
from tests.samples.sample_files import counts, sample, sample_records

CSV = a_source("asterisk_csv")
EXPORT = a_source(
    "asterisk_csv",
    columns=[
        "AcctId", "tenant", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata",
        "calldate", "duration", "billsec", "billamount", "disposition", "amaflags", "accountcode", "uniqueid",
        "userfield", "linkedid", "sequence", "agiuniqueid", "trunk", "did", "sipcallid", "inboundsipcallid",
    ],
)  # fmt: skip
HUNTING = "asterisk_csv/voipreports1_hunting.redacted.csv"


def test_master_csv() -> None:
    """Two calls of 7 s; uniqueid 1270167992 is 2010-04-02T00:26:32Z, so the clock's offset is 0."""
    found = sample_records("asterisk_csv/testsuite_Master.csv", CSV)
    assert [7_000, 7_000] == [leg.measured_ms for leg in found.legs]
    assert [at("2010-04-02T00:26:32Z"), at("2010-04-02T00:34:02Z")] == [leg.answered_at for leg in found.legs]
    assert "epoch" == found.legs[0].tz_source


def test_the_clock_of_the_channel_wins_over_the_setting() -> None:
    """The offset is recovered from uniqueid, whatever zone the source is set to."""
    found = sample_records("asterisk_csv/testsuite_Master.csv", a_source("asterisk_csv", "America/Denver"))
    assert at("2010-04-02T00:26:32Z") == found.legs[0].answered_at


def test_both_master_files_hold_one_call_twice() -> None:
    """Master2.csv repeats the first row of Master.csv: loaded together it is a duplicate."""
    both = sample("asterisk_csv/testsuite_Master.csv") + sample("asterisk_csv/testsuite_Master2.csv")
    assert {"legs": 2, "duplicates": 1} == counts(assembled_file(both, CSV))


def test_hunting_file_has_six_calls() -> None:
    """Eleven rows and a header; three calls were answered: 20, 120 and 69 s."""
    found = sample_records(HUNTING, EXPORT)
    assert ({"legs": 11, "skipped": 1}, 6) == (counts(found), found.calls)
    assert [20_000, 120_000, 69_000] == [leg.measured_ms for leg in found.legs if leg.answered_at]


def test_third_carrier_answers() -> None:
    """Call 1543596521.9: VIOrig and VITerm fail, thinQ answers, whatever the column `trunk` says (R31)."""
    legs = [leg for leg in sample_records(HUNTING, EXPORT).legs if leg.call_group_id == "1543596521.9"]
    tries = attempts(legs)
    assert ["VIOrig", "VITerm", "thinQ"] == [leg.carrier_id for leg in tries]
    assert [(1, False), (2, False), (3, True)] == [(leg.route_attempt, leg.is_final_attempt) for leg in tries]
    assert [0, 0, 120_000] == [leg.measured_ms for leg in tries]
    assert at("2018-11-30T16:48:41Z") == tries[0].started_at
    assert [9, 12, 14] == [leg.record_seq for leg in tries]


def test_all_carriers_fail() -> None:
    """Call 1543598629.0: three attempts, none answered, nothing to bill."""
    legs = [leg for leg in sample_records(HUNTING, EXPORT).legs if leg.call_group_id == "1543598629.0"]
    assert [(None, 0, "FAILURE")] * 3 == [(leg.answered_at, leg.measured_ms, leg.reject_class) for leg in legs]


def test_local_time_is_five_hours_behind() -> None:
    """2018-11-29 20:20:17 local is 2018-11-30T01:20:17Z; answer = calldate + 21 - 20 s."""
    leg = sample_records(HUNTING, EXPORT).legs[0]
    assert (at("2018-11-30T01:20:17Z"), at("2018-11-30T01:20:18Z")) == (leg.started_at, leg.answered_at)
    assert "UTC-05:00" == leg.src_tz


def test_raw_quotes_keep_the_columns() -> None:
    """`""User A" <1115>"` has raw quotes inside: 26 columns stay, the caller and the dialled number are right."""
    leg = sample_records(HUNTING, EXPORT).legs[0]
    assert ("1115", "2025550102", "User A") == (leg.calling, leg.called, leg.display_name)


def test_channel_events_of_a_call() -> None:
    """The bridge of the first channel lasted 17.190 s in one file and 17.191 s in the other."""
    for name, expected in (("asterisk_cel/testsuite_CELMaster1.csv", 17_190),
                           ("asterisk_cel/testsuite_CELMaster2.csv", 17_191)):  # fmt: skip
        found = sample_records(name, a_source("asterisk_cel"))
        assert 1 == found.calls
        assert [expected] == [leg.measured_ms for leg in found.legs if leg.answered_at]


def test_channel_events_are_all_accounted_for() -> None:
    """16 and 14 events of 20 columns: each is part of a leg, or skipped."""
    assert 16 == sample_records("asterisk_cel/testsuite_CELMaster1.csv", a_source("asterisk_cel")).received
    assert 14 == sample_records("asterisk_cel/testsuite_CELMaster2.csv", a_source("asterisk_cel")).received
