"""AudioCodes Mediant: columns of cdr-formats.md 2.3, padded with blanks, in syslog or CSV."""

from typing import Any

import pytest

from schemas.cdr import CDR
from tests.mediation.feeds import a_source, assembled, at, read, skipped

SYSLOG = a_source("audiocodes")
END = [
    "CALL_END", "SBC", "leg-a@10.0.2.11", "d31f02:17:4411", "RMT", "203.0.113.9", "5060", "198.51.100.1", "5060", "TLS",
    "2025550101@h", "+12025550101@h", "2025550102@h", "+442079460123@h", "30", "RMT", "GWAPP_NORMAL_CALL_CLEAR",
    "NORMAL_CALL_CLEAR", "18:57:52.320  UTC Mon Dec 05 2022", "18:57:59.615  UTC Mon Dec 05 2022",
    "18:58:29.657  UTC Mon Dec 05 2022", "-1", "", "", "24", "CUST-4711", "SRD", "SI", "PS", "IPP", "MR", "no", "BYE",
    "", "", "", "", "1", "",
]  # fmt: skip
NAMES = {
    "type": 0, "endpoint": 1, "call_id": 2, "session": 3, "orig": 4, "src_before": 11, "src": 10, "dst_before": 13,
    "duration": 14, "released": 15, "reason": 16, "category": 17, "setup": 18, "connect": 19, "release": 20,
    "redirect": 22, "redirect_before": 23, "group": 25, "sip_reason": 32, "leg": 37,
}  # fmt: skip
MEDIA = [
    "MEDIA_END", "leg-a@10.0.2.11", "d31f02:17:4411", "1", "AUDIO", "g711Alaw64k", "20", "10.0.0.1", "6000", "10.0.0.2",
    "7000", "1500", "1498", "3", "2", "15", "4", "1", "2", "93", "91", "42", "41", "46", "10.0.0.2", "7000", "", "0",
    "NO_TRANSCODING", "1",
]  # fmt: skip
HEADER = "[S=5] |SBCReportType |EPTyp |SIPCallId |SessionId |Orig"


def line(columns: int = 39, mark: str = "[S=7] |", **changes: str) -> str:
    """A CALL line with some of its columns changed."""
    values = list(END)
    for name, value in changes.items():
        values[NAMES[name]] = value
    return mark + " |".join(values[:columns])


def call(columns: int = 39, options: dict[str, Any] | None = None, **changes: str) -> CDR:
    return read(line(columns, **changes), a_source("audiocodes", **(options or {})))


def media(**changes: str) -> str:
    names = {"packets_in": 11, "packets_out": 12, "lost": 13, "delay": 15, "jitter": 16, "r": 19, "mos": 21, "t38": 26,
             "coder": 5, "type": 0}  # fmt: skip
    values = list(MEDIA)
    for name, value in changes.items():
        values[names[name]] = value
    return "[S=8] |" + "   |".join(values)


def test_call_end_alone_is_a_whole_leg() -> None:
    """18:57:59.615 to 18:58:29.657 are 30042 ms, printed 30 (R23)."""
    leg = call()
    assert (at("2022-12-05T18:57:59.615Z"), at("2022-12-05T18:58:29.657Z")) == (leg.answered_at, leg.released_at)
    assert ("STOP", 30_042, 30_000, 16, ()) == (
        leg.record_type, leg.measured_ms, leg.reported_ms, leg.q850, leg.flags,
    )  # fmt: skip


def test_numbers_before_the_map_count() -> None:
    """SrcURIBeforeMap and DstURIBeforeMap are what the customer sent; the mapped ones stand in where they are empty."""
    leg = call()
    assert ("+12025550101", "+442079460123", "tls") == (leg.calling, leg.called, leg.transport)
    assert "2025550101" == call(src_before="").calling


def test_redirecting_party() -> None:
    """RedirectURINumBeforeMap, else RedirectURINum (N25)."""
    assert "+12025550111" == call(redirect="+12025550111@h", redirect_before="").redirecting
    assert "+12025550112" == call(redirect="+12025550111@h", redirect_before="+12025550112@h").redirecting


def test_identity() -> None:
    """The session joins the legs of a call; the sequence mark is the record's number."""
    leg = call()
    assert ("leg-a@10.0.2.11", "d31f02:17:4411", 7) == (leg.leg_id, leg.call_group_id, leg.record_seq)
    assert "leg-a@10.0.2.11" == call(session="0").call_group_id


@pytest.mark.parametrize(
    ("mark", "number"), [("[S=7] |", 7), ("[S = 7] |", 7), ("<133>Oct 1 sbc [S=7]|", 7), ("", None)]
)
def test_sequence_mark(mark: str, number: int | None) -> None:
    """In syslog behind a header, with blanks or without; a CSV line has none."""
    assert number == read(line(mark=mark), SYSLOG).record_seq


@pytest.mark.parametrize("columns", [39, 38, 33])
def test_columns_of_three_releases(columns: int) -> None:
    """39 in 7.4, 38 without the last one, 33 in an old manual."""
    assert 30_042 == call(columns).measured_ms


@pytest.mark.parametrize(
    ("orig", "direction", "billed"),
    [("RMT", None, True), ("LCL", None, False), ("RMT", "OUTBOUND", True), ("LCL", "OUTBOUND", False),
     ("RMT", "INBOUND", False), ("LCL", "INBOUND", True)],
)  # fmt: skip
def test_billed_leg_by_direction(orig: str, direction: str | None, billed: bool) -> None:
    """A call out bills the leg from the customer, a call in the leg to the customer; never both (R30)."""
    assert billed == call(options={"direction": direction} if direction else {}, orig=orig).is_billed_leg


@pytest.mark.parametrize(
    ("orig", "group", "direction", "billed", "trunk"),
    [("RMT", "CUST-4711", "OUTBOUND", True, "4711"), ("LCL", "CUST-4711", "INBOUND", True, "4711"),
     ("LCL", "CARRIER", None, False, None), ("RMT", "CARRIER", None, False, None)],
)  # fmt: skip
def test_billed_leg_by_ip_group(orig: str, group: str, direction: str | None, billed: bool, trunk: str | None) -> None:
    """The leg whose IP group is a customer's bills, and the group names the trunk."""
    leg = call(options={"customer_group": r"^CUST-(\d+)$"}, orig=orig, group=group)
    assert (direction, billed, trunk) == (leg.direction, leg.is_billed_leg, leg.claimed_trunk_id)


@pytest.mark.parametrize(
    ("sip_reason", "status", "reject_class"),
    [("CANCEL", 487, "CANCEL"), ("486", 486, "BUSY"), ("503", 503, "FAILURE"), ("404", 404, "NO_ROUTE"),
     ("BYE", None, "FAILURE")],
)  # fmt: skip
def test_unanswered(sip_reason: str, status: int | None, reject_class: str) -> None:
    """Blank connect time: the releasing message or status says why."""
    leg = call(connect="", duration="0", category="NO_ANSWER", sip_reason=sip_reason)
    assert (None, 0, status, reject_class) == (leg.answered_at, leg.measured_ms, leg.sip_status, leg.reject_class)


@pytest.mark.parametrize(
    ("orig", "released", "party"), [("RMT", "RMT", "caller"), ("RMT", "LCL", "callee"), ("LCL", "RMT", "callee"),
                                    ("LCL", "LCL", "caller"), ("RMT", "UNKN", None)],
)  # fmt: skip
def test_who_released(orig: str, released: str, party: str | None) -> None:
    """The far end of the caller's leg is the caller."""
    assert party == call(orig=orig, released=released).release_party


def test_both_legs_are_one_call_and_one_usage() -> None:
    """Two legs with one session: one call, of which one leg bills."""
    second = line(call_id="leg-b@10.0.2.11", orig="LCL", leg="2")
    found = assembled([line(), second], SYSLOG)
    assert (2, 1, 1) == (len(found.legs), found.calls, sum(leg.is_billed_leg for leg in found.legs))


def test_parts_of_a_leg() -> None:
    """CALL_START and CALL_CONNECT are merged into CALL_END."""
    parts = [line(type="CALL_START", connect="", release=""), line(type="CALL_CONNECT", release=""), line()]
    found = assembled(parts, SYSLOG)
    assert (1, 2) == (len(found.legs), len(found.merged))


def test_media_figures() -> None:
    """3 lost of 1503 are 0.20 %, jitter 4 ms, delay 15 ms, R 93, MOS 4.2."""
    record = read(media(), SYSLOG)
    assert ("MEDIA", 20, 4, 15, 93, 420, 1_500, 1_498) == (
        record.record_type, record.loss_pct_x100, record.jitter_ms, record.rtt_ms, record.r_factor, record.mos_x100,
        record.packets_in, record.packets_out,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("packets_in", "packets_out", "flags"), [("0", "1502", ("NO_MEDIA",)), ("1", "1502", ()), ("0", "0", ())]
)
def test_media_line_tells_that_nothing_came_in(packets_in: str, packets_out: str, flags: tuple[str, ...]) -> None:
    """An answered call of 30 s without a packet is remarked when its media line is joined (R45)."""
    found = assembled([line(), media(packets_in=packets_in, packets_out=packets_out)], a_source("audiocodes"))
    assert [flags] == [tuple(leg.flags) for leg in found.legs]


def test_media_lines_have_numbers_of_the_node() -> None:
    """[S=7], [S=8], then [S=10]: one number is missing, and a foreign line has one, too (R15)."""
    lines = [line(mark="[S=7] |"), media(), line(mark="[S=10] |", call_id="leg-b@10.0.2.11")]
    source = a_source("audiocodes")
    assert [(9, 9)] == [gap[1:3] for gap in assembled(lines, source).gaps]
    assert [] == assembled([*lines[:2], "[S=9] [SID=d31f02:17:4411] (N 1) foreign", lines[2]], source).gaps


def test_media_sentinels() -> None:
    """127, -1 and 4294967295 are not available (R44)."""
    record = read(media(packets_in="-1", jitter="4294967295", r="127", mos="127"), SYSLOG)
    assert (None, None, None, None) == (record.packets_in, record.jitter_ms, record.r_factor, record.mos_x100)


@pytest.mark.parametrize(
    ("changes", "fax"), [({"t38": "198.51.100.9"}, "t38"), ({"coder": "t38fax"}, "t38"), ({}, None)]
)
def test_fax_evidence(changes: dict[str, str], fax: str | None) -> None:
    """A latched T.38 address or coder (R43)."""
    assert fax == read(media(**changes), SYSLOG).fax


@pytest.mark.parametrize("value", [HEADER, "[S=6] |MediaReportType |SIPCallId", "Oct  1 10:00:00 sbc login failed",
                                   "[S=9] |SBC is alive", "[S=10] |MEDIA_END" + " |" * 29])  # fmt: skip
def test_other_lines_of_syslog_are_no_cdrs(value: str) -> None:
    """Headers, foreign lines and blank media lines are skipped and counted (R49)."""
    assert 1 == skipped([value], SYSLOG)


def test_in_csv_every_line_is_a_cdr() -> None:
    """A line of another kind is rejected there, not passed over."""
    leg = read("CALL_ENDED |SBC", a_source("audiocodes", transport="csv"))
    assert leg.reject_reason in {"BAD_FIELD", "UNKNOWN_LAYOUT"}
    assert "CALL_END" in (leg.reject_detail or "")


@pytest.mark.parametrize(
    ("value", "reason", "said"),
    [
        (line(37), "UNKNOWN_LAYOUT", "37 columns"),
        (line() + " |extra", "UNKNOWN_LAYOUT", "40 columns"),
        (line(endpoint="XYZ"), "BAD_FIELD", "EPTyp is 'XYZ'"),
        (line(orig="BOTH"), "BAD_FIELD", "Orig is 'BOTH'"),
        (line(connect="18:57 today"), "BAD_FIELD", "ConnectTime"),
        (line(duration="half"), "BAD_FIELD", "Duration"),
        (line(duration="90"), "DURATION_MISMATCH", "30042 ms apart"),
        (line(release="18:57:00.000 UTC Mon Dec 05 2022"), "NEG_DURATION", "before the answer"),
        ("[S=8] |MEDIA_END |a |b |c", "UNKNOWN_LAYOUT", "MEDIA line has 4 columns"),
    ],
    ids=["37", "40", "EPTyp", "Orig", "time", "duration", "mismatch", "negative", "media"],
)
def test_refused_with_a_reason(value: str, reason: str, said: str) -> None:
    """A line that begins as a CDR and is none is rejected, never skipped (R49)."""
    leg = read(value, SYSLOG)
    assert reason == leg.reject_reason
    assert said in (leg.reject_detail or "")


def test_stamp_without_a_token_is_of_the_node() -> None:
    """The zone token may be missing: the node's setting decides (R16)."""
    leg = read(line(connect="18:57:59.615 Mon Dec 05 2022", release="18:58:29.657 Mon Dec 05 2022",
                    setup="18:57:52.320 Mon Dec 05 2022"), a_source("audiocodes", "Europe/Paris"))  # fmt: skip
    assert at("2022-12-05T17:57:59.615Z") == leg.answered_at


def test_cause_of_a_reason_header_wins() -> None:
    """503 alone would be 41; the Reason header in SIPTermDesc says 34, so the class is CAPACITY (R39)."""
    values = line(connect="", sip_reason="503", category="", reason="GWAPP_SERVICE").split(" |")
    values[-6] = 'Q.850 ;cause=34 ;text="no circuit"'
    leg = read(" |".join(values), SYSLOG)
    assert (503, 34, "CAPACITY") == (leg.sip_status, leg.q850, leg.reject_class)


def test_stamps_without_a_zone_token_on_the_fall_back_night() -> None:
    """01:50 to 01:10 of a node in New York, 1200 s printed: 05:50Z to 06:10Z, remarked (R17)."""
    stamps: dict[str, Any] = {name: f"{clock} Sun Nov 03 2024" for name, clock in
              (("setup", "01:49:55.000"), ("connect", "01:50:00.000"), ("release", "01:10:00.000"))}  # fmt: skip
    leg = read(line(**stamps, duration="1200"), a_source("audiocodes", "America/New_York"))
    assert (1_200_000, at("2024-11-03T05:50:00Z"), ("TZ_GUESSED",), None) == (
        leg.measured_ms, leg.answered_at, leg.flags, leg.reject_reason,
    )  # fmt: skip


@pytest.mark.parametrize("blank", ["MEDIA_END | | | ", "MEDIA_UPDATE |", "[S=4] |MEDIA_START" + " |" * 29])
def test_blank_media_lines_are_skipped_whatever_their_width(blank: str) -> None:
    """A line of a record type and nothing else is no damaged record (R49)."""
    assert 1 == skipped([blank], SYSLOG)
