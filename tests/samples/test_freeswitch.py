"""FreeSWITCH rows of CGRateS, SignalWire's documentation and two PBX projects (samples/README.md)."""

from rating.duration import whole_seconds
from tests.mediation.feeds import a_source, at
from tests.samples.sample_files import counts, sample_records

JSON = a_source("freeswitch_json")
CSV = a_source("freeswitch_csv")


def test_json_body_is_exact_to_the_microsecond() -> None:
    """67 539 896 us are 67540 ms: 68 s by ceil, as the printed billsec, though floor would give 67."""
    found = sample_records("freeswitch_json/cgrates_fscdr_body.json", JSON)
    (leg,) = found.legs
    assert at("2018-01-11T10:25:44.534355Z") == leg.started_at
    assert at("2018-01-11T10:25:47.954373Z") == leg.answered_at
    assert at("2018-01-11T10:26:55.494269Z") == leg.released_at
    assert (67_540, 68, 67) == (
        leg.measured_ms, whole_seconds(leg.measured_ms or 0, "ceil"), whole_seconds(leg.measured_ms or 0, "floor"),
    )  # fmt: skip
    assert ("1001", "1002", 16, "NORMAL_CLEARING") == (leg.calling, leg.called, leg.q850, leg.native_cause)


def test_json_epoch_wins_over_the_local_stamp() -> None:
    """answer_stamp says 11:25:47 in UTC+1, answer_uepoch 10:25:47 UTC (R16); the zone of the source changes nothing."""
    found = sample_records("freeswitch_json/cgrates_fscdr_body.json", a_source("freeswitch_json", "Asia/Tokyo"))
    assert at("2018-01-11T10:25:47.954373Z") == found.legs[0].answered_at
    assert "epoch" == found.legs[0].tz_source


def test_json_without_an_answer_is_unanswered() -> None:
    """No answer time: one leg of 0 ms."""
    found = sample_records("freeswitch_json/cgrates_fscdr_unanswered_min.json", JSON)
    assert {"legs": 1} == counts(found)
    assert (None, 0) == (found.legs[0].answered_at, found.legs[0].measured_ms)


def test_csv_that_went_through_a_spreadsheet() -> None:
    """Ten rows without seconds: billsec bills, one uuid thrice is a leg, a duplicate and a conflict."""
    found = sample_records("freeswitch_csv/kxingyun_Master.csv", CSV)
    assert {"legs": 8, "duplicates": 1, "suspended": 1} == counts(found)
    assert [9_000, 61_000, 0, 21_000, 327_000, 20_000, 32_000, 20_000] == [leg.measured_ms for leg in found.legs]
    assert all(("LOW_RES",) == leg.flags for leg in found.legs if leg.answered_at)
    (third, seventh) = found.legs[2], found.legs[6]
    assert (None, 18) == (third.answered_at, third.q850)
    assert 102 == seventh.q850


def test_csv_conflict_is_the_later_row() -> None:
    """The third 7adced1a row says USER_BUSY: it is suspended, the first stays (R11)."""
    found = sample_records("freeswitch_csv/kxingyun_Master.csv", CSV)
    (conflict,) = found.suspended
    assert ("KEY_CONFLICT", "USER_BUSY", 17) == (conflict.reject_reason, conflict.native_cause, conflict.q850)
    assert "NORMAL_CLEARING" == next(leg for leg in found.legs if leg.cdr_id == conflict.cdr_id).native_cause


def test_csv_normal_clearing_alone_is_no_answer() -> None:
    """Five rows with NORMAL_CLEARING and no answer stamp: q850 16, class FAILURE, not billable (R1)."""
    found = sample_records("freeswitch_csv/signalwire_docs_Master.csv", CSV)
    assert {"legs": 5} == counts(found)
    assert {(None, 0, 16, "FAILURE")} == {
        (leg.answered_at, leg.measured_ms, leg.q850, leg.reject_class) for leg in found.legs
    }


def test_csv_one_number_dialled_in_five_ways() -> None:
    """+34688886392 dialled with 00, plus, bare, 00 and 000: a dial plan with access digit 0 reads all (N1 to N4)."""
    plan = CSV.dial_plan.model_copy(
        update={"international_prefixes": ("00",), "access_digit": "0", "accept_bare_e164": True}
    )
    found = sample_records("freeswitch_csv/signalwire_docs_Master.csv", CSV.model_copy(update={"dial_plan": plan}))
    dialled = ["0034688886392", "+34688886392", "34688886392", "0034688886392", "00034688886392"]
    assert dialled == [leg.called_raw for leg in found.legs]
    assert {"+34688886392"} == {leg.called for leg in found.legs}


def test_csv_printed_duration_of_less_than_half_stops_the_row() -> None:
    """17:58:01 to 17:59:56 are 115 s against billsec 50: BLOCK; the second row is 15 s and fine (R3)."""
    found = sample_records("freeswitch_csv/cdr_pusher_rows.csv", CSV)
    (stopped,) = found.suspended
    assert ("DURATION_MISMATCH", 115_000, 50_000) == (stopped.reject_reason, stopped.measured_ms, stopped.reported_ms)
    assert [(15_000, 16)] == [(leg.measured_ms, leg.q850) for leg in found.legs]
