"""Carrier SBCs: Ribbon rows of a public parser, AudioCodes lines of a project and a manual, Oracle rows of our own."""

from tests.mediation.feeds import a_source, at
from tests.samples.sample_files import counts, sample_json, sample_records

RIBBON = "ribbon_act/ribbon_parser_tests.ACT"
AUDIOCODES = "audiocodes/odp_valid_sbc_and_media.txt"
ORACLE = "synthetic_oracle/SYNTHETIC_c640_local_cdr.csv"
ORACLE_SOURCE = a_source("oracle_csv", "America/Los_Angeles")


def test_ribbon_start_is_part_of_its_stop() -> None:
    """START (172 fields), STOP (223) and an ATTEMPT (186): one call and one attempt."""
    found = sample_records(RIBBON, a_source("ribbon_act"))
    assert {"legs": 2, "merged": 1} == counts(found)


def test_ribbon_times_come_from_ticks() -> None:
    """17:02:12.5 + 5.11 s = 17:02:17.61 at UTC-8; 306 ticks are 3060 ms, not 306 s; the printed .7 is not used (R4)."""
    stop = sample_records(RIBBON, a_source("ribbon_act")).legs[0]
    assert at("2013-02-23T01:02:12.500Z") == stop.started_at
    assert at("2013-02-23T01:02:17.610Z") == stop.answered_at
    assert at("2013-02-23T01:02:20.670Z") == stop.released_at
    assert (3_060, 16) == (stop.measured_ms, stop.q850)


def test_ribbon_attempt_was_refused() -> None:
    """ATTEMPT: reason 21, SIP 401, final attempt."""
    attempt = sample_records(RIBBON, a_source("ribbon_act")).legs[1]
    assert ("ATTEMPT", 21, 401, True, None) == (
        attempt.record_type, attempt.q850, attempt.sip_status, attempt.is_final_attempt, attempt.answered_at,
    )  # fmt: skip


def test_audiocodes_lines_are_all_accounted_for() -> None:
    """13 lines: 1 call with its START, 2 open calls, 7 media lines without a leg, 2 headers."""
    found = sample_records(AUDIOCODES, a_source("audiocodes"))
    assert {"legs": 1, "merged": 1, "pending": 9, "skipped": 2} == counts(found)
    assert 13 == found.received


def test_audiocodes_call_end() -> None:
    """18:57:59.615 to 18:58:29.657 are 30042 ms; the device prints 30."""
    (leg,) = sample_records(AUDIOCODES, a_source("audiocodes")).legs
    assert at("2022-12-05T18:57:52.320Z") == leg.started_at
    assert at("2022-12-05T18:57:59.615Z") == leg.answered_at
    assert at("2022-12-05T18:58:29.657Z") == leg.released_at
    assert (30_042, 30_000, ()) == (leg.measured_ms, leg.reported_ms, leg.flags)


def test_audiocodes_line_of_38_columns_is_valid() -> None:
    """Line 4 has no VoiceAIConnectorName; it is a CALL_START whose call stays open."""
    found = sample_records(AUDIOCODES, a_source("audiocodes"))
    (line,) = [cdr for cdr in found.pending if cdr.offset == 4]
    assert ("START", None) == (line.record_type, line.reject_reason)


def test_audiocodes_media_sentinels_become_unknown() -> None:
    """127 in R-factor and MOS means not available, -1 in counters as well (R44)."""
    media = [cdr for cdr in sample_records(AUDIOCODES, a_source("audiocodes")).pending if cdr.record_type == "MEDIA"]
    assert 7 == len(media)
    assert all(cdr.mos_x100 is None or cdr.mos_x100 <= 500 for cdr in media)
    assert all(cdr.r_factor is None or cdr.r_factor <= 100 for cdr in media)


def test_audiocodes_manual_cancel() -> None:
    """33 columns, the weekday is wrong: unanswered, cancelled after 6.225 s of ringing."""
    (leg,) = sample_records("audiocodes/manual_call_end_cancel.txt", a_source("audiocodes")).legs
    assert (at("2012-03-02T06:13:54.950Z"), at("2012-03-02T06:14:01.175Z")) == (leg.started_at, leg.released_at)
    assert (None, 0, "CANCEL") == (leg.answered_at, leg.measured_ms, leg.reject_class)


def test_oracle_rows() -> None:
    """START and its STOP of 64 s, an unanswered call with its exact duplicate, and a call on a fall-back night."""
    found = sample_records(ORACLE, ORACLE_SOURCE)
    assert {"legs": 3, "merged": 1, "duplicates": 1} == counts(found)
    assert [("10.0.3.129", 90_004, 90_004)] == [gap[:3] for gap in found.gaps]
    assert [False, False, True] == ["SEQ_GAP" in leg.flags for leg in found.legs]
    assert [64_000, 0, 60_000] == [leg.measured_ms for leg in found.legs]


def test_oracle_rows_have_the_expected_values() -> None:
    """Every value that the expectation file names, record by record."""
    expected = sample_json("synthetic_oracle/SYNTHETIC_expected.json")
    plan = ORACLE_SOURCE.dial_plan.model_copy(update={"international_prefixes": ("00",)})
    found = sample_records(ORACLE, ORACLE_SOURCE.model_copy(update={"dial_plan": plan}))
    of_record = {cdr.offset: cdr for cdr in (*found.legs, *found.merged, *found.duplicates)}
    names = {"duration_ms": "measured_ms", "calling_e164": "calling", "called_e164": "called", "sip": "sip_status",
             "q850": "q850", "seq": "record_seq", "record_type": "record_type",
             "calling_e164_from_pai": "calling"}  # fmt: skip
    instants = {"connect_utc": "answered_at", "disconnect_utc": "released_at"}
    for record in expected:
        cdr = of_record[record["rec"]]
        for name, field in names.items():
            if name in record:
                assert record[name] == getattr(cdr, field), (record["rec"], name)
        for name, field in instants.items():
            if name in record:
                assert at(record[name]) == getattr(cdr, field), (record["rec"], name)


def test_oracle_fall_back_night_is_not_negative() -> None:
    """01:59:40 PDT to 01:00:40 PST on 2018-11-04 are 60 s; naive subtraction would give -3540 s (R17)."""
    leg = sample_records(ORACLE, ORACLE_SOURCE).legs[2]
    assert (at("2018-11-04T08:59:40Z"), at("2018-11-04T09:00:40Z")) == (leg.answered_at, leg.released_at)


def test_oracle_display_name_with_raw_quotes() -> None:
    """The quotes around WIRELESS CALLER are not escaped; the record parses all the same (R47)."""
    leg = sample_records(ORACLE, ORACLE_SOURCE).legs[0]
    assert ("WIRELESS CALLER", "+12025550101") == (leg.display_name, leg.calling)
