"""Exports that a mapping reads: CSV, JSON, fixed width, and the shipped mappings (cdr-formats.md 2.11, 2.12)."""

from itertools import permutations
from typing import Any

import msgspec
import pytest

from pipeline.mediation.feed import BadSource
from schemas.cdr import CDR
from tests.mediation.feeds import a_source, assembled, assembled_file, at, read, skipped
from tests.mediation.records import DIDWW, EVAPI, FIXED, JAMBONZ, YETI

FACTS = {"id": "id", "calling": "from", "called": "to", "start": "at", "duration": "seconds", "billsec": "billed"}
COLUMNS = ["id", "from", "to", "at", "seconds", "billed"]


def export(time: str = "iso", zone: str = "UTC", **more: Any) -> Any:
    mapping = {"facts": more.pop("facts", FACTS), "time": time, **more}
    return a_source("generic_csv", zone, mapping=mapping, columns=COLUMNS)


def of_json(format_name: str, value: dict[str, Any]) -> CDR:
    return read(msgspec.json.encode(value), a_source(format_name))


@pytest.mark.parametrize(
    ("time", "zone", "text"),
    [
        ("iso", "UTC", "2026-10-01T14:00:00+02:00"),
        ("iso_utc", "Asia/Tokyo", "2026-10-01 12:00:00"),
        ("epoch_s", "UTC", "1790856000"),
        ("epoch_ms", "UTC", "1790856000000"),
        ("epoch_us", "UTC", "1790856000000000"),
        ("%Y-%m-%d %H:%M:%S", "Europe/Vienna", "2026-10-01 14:00:00"),
        ("%d.%m.%Y %H:%M", "UTC", "01.10.2026 12:00"),
    ],
)
def test_ways_to_write_a_time(time: str, zone: str, text: str) -> None:
    """All of them are 12:00:00Z; end = start + 66 s, answer = end - 61 s."""
    call = read(f"a,1001,1002,{text},66,61", export(time, zone))
    assert (at("2026-10-01T12:00:00Z"), at("2026-10-01T12:00:05Z"), 61_000) == (
        call.started_at, call.answered_at, call.measured_ms,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "seconds", "release", "flags", "reason"),
    [
        ("2024-11-03 00:50:00", 5400, "2024-11-03T06:20:00Z", (), None),
        ("2024-11-03 00:30:00", 2400, "2024-11-03T05:10:00Z", (), None),
        ("2024-03-10 01:50:00", 1200, "2024-03-10T07:10:00Z", (), None),
        ("2024-11-03 01:50:00", 1200, None, (), "TZ_AMBIGUOUS"),
        ("2024-03-10 02:30:00", 60, None, (), "TZ_AMBIGUOUS"),
    ],
)
def test_one_stamp_and_a_duration_on_nights_on_which_the_clock_is_set(
    start: str, seconds: int, release: str | None, flags: tuple[str, ...], reason: str | None
) -> None:
    """The release is reckoned in UTC. The duration is certain and the hour of a repeated one is not (R17)."""
    source = export("%Y-%m-%d %H:%M:%S", "America/New_York")
    call = read(f"a,1001,1002,{start},{seconds},{seconds}", source)
    assert (reason, flags) == (call.reject_reason, call.flags)
    if release is not None:
        assert (at(release), seconds * 1_000) == (call.released_at, call.measured_ms)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_export_that_names_its_zone_in_a_column(zone: str) -> None:
    """`Date/Time (UTC)`: the record's own zone goes before that of the source (R16)."""
    columns = ["Date/Time (UTC)", "Source", "DID", "Duration (secs)", "Disconnect Code", "Response"]
    call = read("2026-10-01 12:00:00,1001,1002,61,200,OK", a_source("didww_csv", zone, columns=columns))
    assert (at("2026-10-01T12:00:00Z"), 61_000) == (call.answered_at, call.measured_ms)


@pytest.mark.parametrize(("unit", "seconds", "billed"), [("s", "66", "61"), ("ms", "66000", "61000")])
def test_unit_is_told_by_the_mapping(unit: str, seconds: str, billed: str) -> None:
    """35687 of one vendor is ms while another field is s: the mapping says which, nothing is guessed (R4)."""
    call = read(f"a,1001,1002,2026-10-01T12:00:00Z,{seconds},{billed}", export(duration_unit=unit))
    assert (61_000, 61_000) == (call.measured_ms, call.reported_ms)


def test_no_billed_seconds_is_no_answer() -> None:
    """Where an export has no answer column, billsec 0 is an unanswered call."""
    call = read("a,1001,1002,2026-10-01T12:00:00Z,30,0", export())
    assert (None, 0, at("2026-10-01T12:00:30Z")) == (call.answered_at, call.measured_ms, call.released_at)


def test_several_columns_for_one_fact() -> None:
    """The first that holds something counts."""
    facts = {**FACTS, "called": ("missing", "to")}
    assert "1002" == read("a,1001,1002,2026-10-01T12:00:00Z,66,61", export(facts=facts)).called


def test_records_that_are_no_calls() -> None:
    """Values of a column may mark a record as none."""
    assert 1 == skipped(["a,audit,1002,2026-10-01T12:00:00Z,66,61"], export(skip={"from": ["audit"]}))


def test_numbers_without_a_plus() -> None:
    """An export whose numbers are E.164 says so; letters get none."""
    call = read("a,12025550101,alice,2026-10-01T12:00:00Z,66,61", export(plus=True))
    assert ("+12025550101", None) == (call.calling, call.called)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,1,2,noon,66,61", "BAD_FIELD"),
        ("a,1,2,2026-10-01T12:00:00Z,x,61", "BAD_FIELD"),
        ("a,1,2,2026-10-01T12:00:00Z,66,1e99", "BAD_FIELD"),
        ("a,1,2,2026-10-01T12:00:00Z,66,-6", "NEG_DURATION"),
        ("a,1,2,2026-10-01T12:00:00Z,NaN,61", "BAD_FIELD"),
        ("a,1,2", "UNKNOWN_LAYOUT"),
        ('a,"1', "TRUNCATED"),
        ('a,1,2,2026-10-01T12:00:00Z,66,"61', "BAD_QUOTE"),
        ("a,1,2,9999-12-31T23:59:59Z,66,61", "BAD_FIELD"),
    ],
)
def test_refused_with_a_reason(line: str, reason: str) -> None:
    """Time, durations, columns, quotes, the end of time."""
    assert reason == read(line, export()).reject_reason


def test_columns_of_a_file_come_from_its_header() -> None:
    """Another order in another file needs no other setting; the header is skipped."""
    source = a_source("generic_csv", mapping={"facts": FACTS, "time": "iso"}, separator=";")
    content = b"seconds;billed;at;to;from;id\n66;61;2026-10-01T12:00:00Z;1002;1001;a\n"
    found = assembled_file(content, source)
    assert (1, 1, 61_000, "1001") == (len(found.legs), found.skipped, found.legs[0].measured_ms, found.legs[0].calling)


def test_file_without_a_header_is_told() -> None:
    """Neither the settings nor the file name the columns: each line says what to do."""
    found = assembled_file(b"a,1,2,3\n", a_source("generic_csv", mapping={"facts": FACTS, "time": "iso"}))
    assert "Name them in option `columns`" in (found.rejected[0].reject_detail or "")


@pytest.mark.parametrize("mapping", [None, {"facts": {"colour": "x"}}, {"facts": FACTS, "units": "s"}])
def test_wrong_mapping_is_told(mapping: object) -> None:
    """Missing, an unknown fact, an unknown key: the settings are refused before any record is read."""
    options = {} if mapping is None else {"mapping": mapping}
    with pytest.raises(BadSource, match="mapping"):
        read("a", a_source("generic_csv", **options))


def test_yeti() -> None:
    """Epoch seconds with a fraction; the last attempt of its call (R35)."""
    call = of_json("yeti_json", YETI)
    assert (at("2026-10-01T12:00:05.5Z"), 61_250, "STOP", 2) == (
        call.answered_at, call.measured_ms, call.record_type, call.route_attempt,
    )  # fmt: skip


def test_yeti_tells_who_sent_the_call_on() -> None:
    """Its diversion as it came in (N25)."""
    call = of_json("yeti_json", {**YETI, "diversion_in": "<sip:+12025550111@h>;reason=unconditional"})
    assert "+12025550111" == call.redirecting


def test_yeti_attempt_and_capacity() -> None:
    """is_last_cdr false is an attempt; a failed resource is a capacity refusal (R40)."""
    times = {"time_start": 1790856000, "time_connect": None, "time_end": 1790856001}
    call = of_json("yeti_json", {**YETI, "is_last_cdr": False, "time_data": times, "failed_resource_type_id": 3})
    assert ("ATTEMPT", 0, "CAPACITY") == (call.record_type, call.measured_ms, call.reject_class)


@pytest.mark.parametrize(
    ("kind", "start", "direction"),
    [
        ("inbound-cdr", "2026-10-01 12:00:00.000000", "INBOUND"),
        ("outbound-cdr", "2026-10-01T12:00:00+00:00", "OUTBOUND"),
    ],
)
def test_didww_writes_times_in_two_styles(kind: str, start: str, direction: str) -> None:
    """Inbound without an offset, which is UTC; outbound with one."""
    call = of_json("didww_json", {**DIDWW, "type": kind, "attributes": {**DIDWW["attributes"], "time_start": start}})
    assert (at("2026-10-01T12:00:00Z"), direction, 60_750, "+442079460321") == (
        call.started_at, call.direction, call.measured_ms, call.called,
    )  # fmt: skip


def test_jambonz_and_evapi() -> None:
    """Milliseconds since 1970, and seconds with a duration."""
    assert (22_000, "trunk-7") == (
        of_json("jambonz_json", JAMBONZ).measured_ms,
        of_json("jambonz_json", JAMBONZ).claimed_trunk_id,
    )
    assert (3_000, 4_000) == (
        of_json("kamailio_evapi_json", EVAPI).measured_ms,
        of_json("kamailio_evapi_json", EVAPI).pdd_ms,
    )


def test_a_plus_belongs_to_numbers_of_seven_digits_or_more() -> None:
    """112 is an emergency call (N26), not a number of country code 1."""
    attributes = {**DIDWW["attributes"], "did_number": None, "dst_number": "112"}
    assert "112" == of_json("didww_json", {**DIDWW, "attributes": attributes}).called_raw


@pytest.mark.parametrize("name", ["yeti_json", "didww_json", "jambonz_json", "kamailio_evapi_json"])
def test_json_of_another_shape(name: str) -> None:
    """An object that has none of the fields of the mapping is none of the vendor's."""
    assert "UNKNOWN_LAYOUT" == of_json(name, {"hello": "world"}).reject_reason


RECORD = f"CDR20261001120000{'12025550101':<16}{'442079460321':<16}{61:>6}{'id-1':<8}"
FIXED_WIDTH = {"layout": FIXED, "trailer": {"count": [3, 3], "total_duration_s": [6, 6]}}


@pytest.mark.parametrize(
    ("trailer", "reason"), [("TRL001000061", None), ("TRL002000061", "FILE_TOTALS"), ("TRL001000060", "FILE_TOTALS"),
                            ("TRL", "FILE_TOTALS"), ("TRLxxx000061", "FILE_TOTALS"), ("", "FILE_TOTALS")],
)  # fmt: skip
def test_trailer_must_match(trailer: str, reason: str | None) -> None:
    """Count and seconds of the trailer; a difference, or no trailer, rejects the whole file (R15, R29)."""
    found = assembled_file(f"HDR\n{RECORD}\n{trailer}\n".encode(), a_source("fixed_width", **FIXED_WIDTH))
    assert [reason] == [cdr.reject_reason for cdr in (*found.legs, *found.rejected)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [(RECORD[:40], "TRUNCATED"), ("XXX" + RECORD[3:], "BAD_FIELD"), (RECORD.replace("61", "6x"), "BAD_FIELD")],
)
def test_fixed_width_refused_with_a_reason(line: str, reason: str) -> None:
    """Too short, another beginning, a duration that is none."""
    assert reason == assembled([line], a_source("fixed_width", layout=FIXED)).rejected[0].reject_reason


@pytest.mark.parametrize(
    ("status", "reason", "reject_class"),
    [
        ("403", "Channel limit exceeded D1", "CAPACITY"), ("403", "D22: outbound profile", "CAPACITY"),
        ("403", "D3", "CAPACITY"), ("403", "D21", "AUTH"), ("403", "Forbidden", "AUTH"), ("404", "D1", "NO_ROUTE"),
    ],
)  # fmt: skip
def test_channel_limit_of_a_supplier(status: str, reason: str, reject_class: str) -> None:
    """403 with D1, D2, D3 or D22 in the reason is a limit of channels, no failed authentication (R40)."""
    mapping = {"facts": {"id": "id", "start": "start", "end": "end", "answer": "answer", "sip_status": "code",
                         "native_cause": "reason", "calling": "a", "called": "b"}}  # fmt: skip
    record = {"id": "x", "start": "2026-10-01T12:00:00Z", "end": "2026-10-01T12:00:01Z", "code": status,
              "reason": reason, "a": "+12025550101", "b": "+442079460123"}  # fmt: skip
    call = read(msgspec.json.encode(record), a_source("generic_json", mapping=mapping))
    assert (reject_class, 0) == (call.reject_class, call.measured_ms)


PARTS: dict[str, Any] = {
    "facts": {"id": "id", "record": "kind", "calling": "a", "called": "b", "answer": "at", "billsec": "usage"},
    "records": {"part": "INTERIM", "last": "STOP"}, "parts": "delta",
}  # fmt: skip
PART_COLUMNS = ["id", "kind", "a", "b", "at", "usage"]


def usage_row(kind: str, at_second: int, usage: object) -> str:
    return f"call-1,{kind},+12025550101,+442079460123,2026-10-01T12:00:{at_second:02}Z,{usage}"


def test_rows_of_partial_usage_are_added() -> None:
    """R22: parts of 90 s and 35 s are one call of 125 s from the first answer on, in any order."""
    source = a_source("generic_csv", mapping=PARTS, columns=PART_COLUMNS)
    rows = [usage_row("part", 0, 40), usage_row("part", 40, 50), usage_row("last", 50, 35), usage_row("part", 0, 40)]
    for order in permutations(rows):
        found = assembled(list(order), source)
        (leg,) = found.legs
        assert (125_000, at("2026-10-01T12:00:00Z"), at("2026-10-01T12:02:05Z")) == (
            leg.measured_ms, leg.answered_at, leg.released_at,
        )  # fmt: skip
        assert (2, 1) == (len(found.merged), len(found.duplicates))


def test_totals_of_partial_usage_are_not_added() -> None:
    """The same rows of a source that counts from the answer: 125 s are those of the last row."""
    source = a_source("generic_csv", mapping={**PARTS, "parts": "total"}, columns=PART_COLUMNS)
    (leg,) = assembled([usage_row("part", 0, 90), usage_row("last", 0, 125)], source).legs
    assert 125_000 == leg.measured_ms


def test_kind_of_a_row_that_no_mapping_names() -> None:
    """It is refused with the kinds that are known."""
    row = read(usage_row("half", 0, 1), a_source("generic_csv", mapping=PARTS, columns=PART_COLUMNS))
    assert ("BAD_FIELD", True) == (row.reject_reason, "one of part, last" in (row.reject_detail or ""))
