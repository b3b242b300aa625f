"""Rows of proxies, gateways, enterprise systems and exports (samples/README.md)."""

from pipeline.settings import Source
from rating.duration import whole_seconds
from tests.mediation.feeds import a_source, assembled_file, at
from tests.samples.sample_files import counts, sample, sample_json, sample_records

CUCM = "cisco_cucm/sieteunoseis"


def test_didww_export() -> None:
    """Four rows and a header: 404, 54 s, 16 s, 404; the only time is the start."""
    found = sample_records("didww/docs_export_2017_rows.csv", a_source("didww_csv"))
    assert {"legs": 4, "skipped": 1} == counts(found)
    assert [0, 54_000, 16_000, 0] == [leg.measured_ms for leg in found.legs]
    assert [404, 200, 200, 404] == [leg.sip_status for leg in found.legs]
    assert (None, at("2017-06-17T08:50:47Z")) == (found.legs[0].answered_at, found.legs[1].started_at)


def test_opensips_invite_and_bye_with_swapped_tags() -> None:
    """15:16:10 to 15:16:37: the callee's BYE has its tags exchanged, and it is one call of 27000 ms (R37)."""
    found = sample_records("opensips_events/cgrates_osips_events.txt", a_source("opensips_event"))
    assert {"legs": 3, "merged": 1} == counts(found)
    call = found.legs[0]
    assert (at("2015-05-02T15:16:10Z"), at("2015-05-02T15:16:37Z")) == (call.answered_at, call.released_at)
    assert 27_000 == call.measured_ms


def test_opensips_missed_call() -> None:
    """E_ACC_MISSED_EVENT with 404 costs nothing."""
    missed = sample_records("opensips_events/cgrates_osips_events.txt", a_source("opensips_event")).legs[1]
    assert (404, 1, "NO_ROUTE", None) == (missed.sip_status, missed.q850, missed.reject_class, missed.answered_at)


def test_opensips_whole_call() -> None:
    """E_ACC_CDR: created 10:28:12, answered 10:28:19, 20 s."""
    call = sample_records("opensips_events/cgrates_osips_events.txt", a_source("opensips_event")).legs[2]
    assert (at("2014-07-26T10:28:12Z"), at("2014-07-26T10:28:19Z")) == (call.started_at, call.answered_at)
    assert 20_000 == call.measured_ms


def test_kamailio_syslog() -> None:
    """INVITE at 11:49:57 and BYE at 11:50:05: one call of 8000 ms; the names of both parties are letters."""
    found = sample_records("kamailio/skeita96_syslog_acc.log", a_source("kamailio_acc"))
    assert {"legs": 1, "merged": 1} == counts(found)
    (call,) = found.legs
    assert (at("2013-07-22T11:49:57Z"), at("2013-07-22T11:50:05Z"), 8_000) == (
        call.answered_at, call.released_at, call.measured_ms,
    )  # fmt: skip
    assert ("alice", "carol", None, "192.168.178.46") == (
        call.calling_raw, call.called_raw, call.calling, call.source_ip,
    )  # fmt: skip


def test_kamailio_evapi() -> None:
    """Answer 07:48:30, 3 s, post-dial delay 4 s, over supplier2."""
    (call,) = sample_records("kamailio/cgrates_evapi_CGR_CALL_END.json", a_source("kamailio_evapi_json")).legs
    assert (at("2014-12-29T07:48:30Z"), 3_000, 4_000, "supplier2") == (
        call.answered_at, call.measured_ms, call.pdd_ms, call.route_id,
    )  # fmt: skip


def test_cucm_file_without_names() -> None:
    """Types in line 1 and 112 columns: connected 17:01:50 for 60 s, both causes 0."""
    found = sample_records(f"{CUCM}_fixture_cdr.txt", a_source("cucm_csv"))
    assert {"legs": 1, "skipped": 1} == counts(found)
    (call,) = found.legs
    assert (at("2024-03-25T17:01:50Z"), 60_000, None) == (call.answered_at, call.measured_ms, call.q850)


def test_cucm_call_gets_its_media_figures() -> None:
    """CDR and CMR in one feed: MLQK 3.5, 10 packets lost of 5000, jitter 15 ms, latency 25 ms."""
    both = sample(f"{CUCM}_fixture_cdr.txt") + b"\n" + sample(f"{CUCM}_fixture_cmr.txt")
    found = assembled_file(both, a_source("cucm_csv"))
    assert {"legs": 1, "merged": 1, "skipped": 2} == counts(found)
    (call,) = found.legs
    assert (350, 15, 25, 20) == (call.mos_x100, call.jitter_ms, call.rtt_ms, call.loss_pct_x100)


def test_cucm_example() -> None:
    """Two unanswered calls with a vendor cause, one of 11 s with cause 16; an alphanumeric caller is no number."""
    found = sample_records(f"{CUCM}_example_cdr.txt", a_source("cucm_csv"))
    assert {"legs": 3, "skipped": 2} == counts(found)
    assert [None, None, 16] == [leg.q850 for leg in found.legs]
    assert ["1459617833", "1459617833", "16"] == [leg.native_cause for leg in found.legs]
    assert (at("2025-04-18T16:32:10Z"), 11_000) == (found.legs[2].answered_at, found.legs[2].measured_ms)
    letters = next(leg for leg in found.legs if leg.calling_raw == "b002179144511001")
    assert (None, ("NUM_UNPARSED",)) == (letters.calling, letters.flags)


def test_cucm_address_is_a_little_endian_integer() -> None:
    """origIpAddr 239138826 is 10.248.64.14 (R51)."""
    found = sample_records(f"{CUCM}_example_cdr.txt", a_source("cucm_csv"))
    assert "10.248.64.14" in {leg.source_ip for leg in found.legs}


def test_cucm_media_records_of_both_ends() -> None:
    """Two CMRs of one call: 559 packets sent and 555 received at one end, the reverse at the other."""
    found = sample_records(f"{CUCM}_example_cmr.txt", a_source("cucm_csv"))
    assert {"pending": 2, "skipped": 2} == counts(found)
    assert [(555, 559), (559, 555)] == [(media.packets_in, media.packets_out) for media in found.pending]


def test_sansay_row_contradicts_itself() -> None:
    """11:38:34 at 480 minutes west is 19:38:34Z; 7 s by times, 305 s by its fields: BLOCK."""
    found = sample_records("sansay/freeside_comment_v1.10.csv", a_source("sansay_csv"))
    (row,) = found.suspended
    assert at("2003-12-15T19:38:34Z") == row.started_at
    assert (7_000, 305_000, "DURATION_MISMATCH") == (row.measured_ms, row.reported_ms, row.reject_reason)


def test_eltex_packets_are_one_call() -> None:
    """Start, Interim of 19 s, Stop of 40 s: 40000 ms, not 59000; hexadecimal cause 10 is 16 (R22, R38)."""
    found = sample_records(
        "eltex_radius/abills_eltex_smg_start_interim_stop.redacted.txt", a_source("radius_text", "Europe/Samara")
    )
    assert {"legs": 1, "merged": 2} == counts(found)
    (call,) = found.legs
    assert (at("2014-02-11T14:55:42Z"), at("2014-02-11T14:56:22Z")) == (call.answered_at, call.released_at)
    assert (40_000, 40_000, 16, ()) == (call.measured_ms, call.reported_ms, call.q850, call.flags)


def test_eltex_number_before_translation_counts() -> None:
    """src-number-in 0074950001157 with prefix 00 is +74950001157; src-number-out 001157 is never used (N32)."""
    source = a_source("radius_text")
    plan = source.dial_plan.model_copy(update={"international_prefixes": ("00",)})
    found = sample_records(
        "eltex_radius/abills_eltex_smg_start_interim_stop.redacted.txt", source.model_copy(update={"dial_plan": plan})
    )
    assert "+74950001157" == found.legs[0].calling


def test_cdr_stats_import() -> None:
    """Five rows with one start and two durations, read by a mapping: billsec 50, 10, 34, 11, 5, cause 16."""
    found = sample_records("misc/cdrstats_CDRImport-2015-10-26.csv", cdr_stats(
        {"id": "callid", "calling": "caller_id_number", "called": "destination_number", "start": "starting_date",
         "duration": "duration", "billsec": "billsec", "cause": "hangup_cause_id", "trunk": "accountcode"},
        time="%Y-%m-%d %H:%M:%S",
    ))  # fmt: skip
    assert {"legs": 5, "skipped": 1} == counts(found)
    assert [50_000, 10_000, 34_000, 11_000, 5_000] == [leg.measured_ms for leg in found.legs]
    assert {16} == {leg.q850 for leg in found.legs}
    assert at("2015-10-21T12:13:15Z") == found.legs[0].answered_at


def test_cdr_stats_negative_duration() -> None:
    """billsec -6 is suspended, never 6 and never 0 (R8)."""
    source = cdr_stats(
        {"id": "uuid", "calling": "src", "called": "dst", "start": "start", "billsec": "billsec"},
        time="epoch_s", columns=["src", "account", "dst", "duration", "billsec", "cause", "uuid", "start"],
    )  # fmt: skip
    (row,) = sample_records("misc/cdrstats_import_cdr_100_negative_row.txt", source).suspended
    assert ("NEG_DURATION", -6_000) == (row.reject_reason, row.reported_ms)


def cdr_stats(facts: dict[str, str], *, time: str, columns: list[str] | None = None) -> Source:
    """A source of CDR-Stats exports."""
    options: dict[str, object] = {"mapping": {"facts": facts, "time": time}}
    return a_source("generic_csv", **options | ({"columns": columns} if columns else {}))


def test_jambonz() -> None:
    """Answered at 22:13:23.000 for 22000 ms."""
    (call,) = sample_records("jambonz/time_series_unit_test.json", a_source("jambonz_json")).legs
    assert (at("2023-11-14T22:13:23Z"), 22_000, "device") == (
        call.answered_at, call.measured_ms, call.claimed_trunk_id,
    )  # fmt: skip


def test_cube_legs_of_one_call() -> None:
    """Every value of the expectation file: two legs by h323-conf-id, hexadecimal cause, clock not synchronised."""
    expected = sample_json("synthetic_cisco_cube/SYNTHETIC_expected.json")
    found = sample_records("synthetic_cisco_cube/SYNTHETIC_cube_file_acct.csv", a_source("cube_csv"))
    assert (expected["calls"], expected["legs"]) == (found.calls, len(found.legs))
    for leg in found.legs:
        assert at(expected["connect_utc"]) == leg.answered_at
        assert at(expected["disconnect_utc"]) == leg.released_at
        assert (expected["duration_ms"], expected["q850"]) == (leg.measured_ms, leg.q850)
        assert (("CLOCK_UNSYNC",), False) == (leg.flags, leg.clock_ok)


def test_cube_call_is_billed_once() -> None:
    """Of the two legs one bills: 100.5 s, so 101 s by ceil (R30)."""
    found = sample_records("synthetic_cisco_cube/SYNTHETIC_cube_file_acct.csv", a_source("cube_csv"))
    billed = [leg for leg in found.legs if leg.is_billed_leg]
    assert [101] == [whole_seconds(leg.measured_ms or 0, "ceil") for leg in billed]
