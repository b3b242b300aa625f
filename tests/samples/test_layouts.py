"""Our positions compared with published column orders: the number is right when the vendor's name stands there."""

from collections.abc import Mapping, Sequence

import pytest

from pipeline.mediation.layouts import Layout, shipped_layouts
from tests.samples.sample_files import sample_json

ORACLE_STOP = {
    "node": "NAS-IP-Address", "session_id": "Acct-Session-Id", "ingress_call_id": "Acme-Session-Ingress-CallId",
    "calling": "Calling-Station-Id", "called": "Called-Station-Id", "terminate_cause": "Acct-Terminate-Cause",
    "session_time": "Acct-Session-Time", "setup": "h323-setup-time", "connect": "h323-connect-time",
    "disconnect": "h323-disconnect-time", "codec_in": "Acme-FlowType_FS1_F", "codec_out": "Acme-FlowType_FS1_R",
    "flow_type_2": "Acme-FlowType_FS2_F", "firmware": "Acme-Firmware-Version",
    "post_dial_delay": "Acme-Post-Dial-Delay", "ingress_trunk_group": "Acme-Originating-Trunk-Group",
    "egress_trunk_group": "Acme-Terminating-Trunk-Group", "asserted_identity": "Acme-P-Asserted-ID",
    "ingress_remote": "Acme-Ingress-Remote-Addr", "diversion": "Acme-SIP-Diversion",
    "disposition": "Acme-Session-Disposition", "initiator": "Acme-Disconnect-Initiator",
    "cause": "Acme-Disconnect-Cause", "status": "Acme-SIP-Status", "first_custom": "Acme-Custom-VSA-200",
    "calling_lost": "Acme-Calling-RTP-Packets-Lost_FS1", "calling_jitter": "Acme-Calling-RTP-Avg-Jitter_FS1",
    "calling_packets": "Acme-Calling-Packets_FS1", "calling_r_factor": "Acme-Calling-R-Factor",
    "calling_mos": "Acme-Calling-MOS", "called_latency": "Acme-Called-RTCP-Avg-Latency_FS1",
    "called_packets": "Acme-Called-Packets_FS1", "media_stop_1": "Acme-Flow-Calling-Media-Stop-Time_FS1",
    "media_stop_2": "Acme-Flow-Called-Media-Stop-Time_FS1", "media_stop_3": "Acme-Flow-Calling-Media-Stop-Time_FS2",
    "media_stop_4": "Acme-Flow-Called-Media-Stop-Time_FS2", "sequence": "Acme-CDR-Sequence-Number",
}  # fmt: skip
RIBBON_STOP = {
    "node": "Gateway Name", "accounting_id": "Accounting ID", "zone": "Node Time Zone",
    "start_date": "Start Time (Date)", "start_time": "Start Time (Time)",
    "ticks_to_service": "Time Elapsed from Receipt of Setup Message to Service Established",
    "release_date": "Disconnect Time (Date)", "release_time": "Disconnect Time (Time)",
    "service_ticks": "Call Service Duration", "cause": "Call Disconnect Reason", "calling": "Calling Number",
    "called": "Called Number", "route_attempt": "Route Attempt Number",
    "ingress_trunk_group": "Ingress Trunk Group Name", "call_group": "Call Group ID",
    "ingress_data": "Ingress Protocol Variant Specific Data", "dialled": "Dialed Number",
    "initiator": "Disconnect Initiator", "egress_trunk_group": "Egress Trunk Group Name",
    "packets_in": "Ingress Number of Audio Packets Received", "packets_out": "Ingress Number of Audio Packets Sent",
    "lost": "Ingress Number of Packets Recorded as Lost", "jitter": "Ingress Interarrival Packet Jitter",
    "ingress_codec": "Ingress Codec Type", "egress_codec": "Egress Codec Type", "ingress_srtp": "Ingress SRTP",
    "ingress_remote": "Ingress Remote Gateway Signaling IP Address", "sequence": "Record Sequence Number",
}  # fmt: skip
RIBBON_ATTEMPT = {
    "release_time": "Disconnect Time (Time)", "cause": "Call Disconnect Reason", "calling": "Calling Number",
    "called": "Called Number", "route_attempt": "Route Attempt Number", "call_group": "Call Group ID",
    "ingress_data": "Ingress Protocol Variant Specific Data", "release_date": "Disconnect Time (Date)",
    "status": "Call Disconnect Reason Transmitted to Ingress", "sequence": "Record Sequence Number",
    "final": "Final ATTEMPT Indicator",
}  # fmt: skip
CUCM = {
    "manager_id": "globalCallID_callManagerId", "call_id": "globalCallID_callId", "orig_leg": "origLegCallIdentifier",
    "origination": "dateTimeOrigination", "orig_ip": "origIpAddr", "calling": "callingPartyNumber",
    "orig_cause": "origCause_value", "dest_leg": "destLegIdentifier", "original_called": "originalCalledPartyNumber",
    "final_called": "finalCalledPartyNumber", "dest_cause": "destCause_value", "connect": "dateTimeConnect",
    "disconnect": "dateTimeDisconnect", "pkid": "pkid", "duration": "duration", "orig_device": "origDeviceName",
    "dest_device": "destDeviceName", "cluster": "globalCallId_ClusterID", "orig_ip_text": "origIpv4v6Addr",
}  # fmt: skip
AUDIOCODES = {
    "call_id": "SIPCallId", "session_id": "SessionId", "orig": "Orig", "source_ip": "SourceIp",
    "transport": "TransportType", "src_uri_before_map": "SrcURIBeforeMap", "dst_uri_before_map": "DstURIBeforeMap",
    "duration": "Duration", "released_by": "TrmSd", "reason_category": "TrmReasonCategory", "setup": "SetupTime",
    "connect": "ConnectTime", "release": "ReleaseTime", "ip_group": "IPGroup (name)", "sip_reason": "SIPTrmReason",
    "leg_id": "LegId",
}  # fmt: skip
AUDIOCODES_MEDIA = {
    "packets_in": "InPackets", "packets_out": "OutPackets", "local_lost": "LocalPackLoss", "jitter": "RTPjitter",
    "delay": "RTPdelay", "local_r_factor": "LocalRFactor", "local_mos": "LocalMosCQ",
    "latched_t38_ip": "LatchedT38Ip", "leg_id": "LegId",
}  # fmt: skip


def layout(format_name: str, record: str) -> Layout:
    """The first shipped layout of that kind of line."""
    return next(found for found in shipped_layouts(format_name) if found.record == record)


def differing(found: Layout, published: Sequence[str], expected: Mapping[str, str]) -> dict[str, str]:
    """Our columns under which the vendor has another name."""
    numbered = {name: number for number, name in enumerate(published, 1)}
    row = found.row([str(number) for number in range(1, found.most + 1)])
    return {column: row[column] for column, name in expected.items() if row[column] != str(numbered[name])}


@pytest.mark.parametrize(("record", "count"), [("STOP", 175), ("START", 122)])
def test_oracle(record: str, count: int) -> None:
    """C6.4.0: a STOP has 175 values, a START 122; each value is where the vendor's order has it."""
    published = sample_json("layouts/oracle_acme_c640.json")[record]
    found = layout("oracle_csv", record)
    assert (count, count) == (len(published), found.most)
    assert {} == differing(
        found, published, {name: ORACLE_STOP[name] for name in found.positions if name in ORACLE_STOP}
    )


def test_longer_oracle_stop_is_shifted_by_94() -> None:
    """The STOP of 269 values has 94 more behind position 114, nothing before it moves."""
    short, long = (found for found in shipped_layouts("oracle_csv") if found.record == "STOP")
    shifts = {name: long.positions[name] - at for name, at in short.positions.items()}
    assert {0} == {shift for name, shift in shifts.items() if short.positions[name] <= 114}
    assert {94} == {shift for name, shift in shifts.items() if short.positions[name] > 114}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("STOP", RIBBON_STOP),
        ("ATTEMPT", RIBBON_ATTEMPT),
        (
            "START",
            {name: RIBBON_STOP[name] for name in ("calling", "called", "call_group", "ingress_data", "sequence")},
        ),
    ],
)
def test_ribbon(record: str, expected: Mapping[str, str]) -> None:
    """12.1.6: names by position; older releases write shorter lines, and positions are append-only."""
    numbered = sample_json("layouts/ribbon_act_12.1.6.json")["fields"][record]
    positions = layout("ribbon_act", record).positions
    assert {name: expected[name] for name in expected} == {name: numbered[str(positions[name])] for name in expected}


def test_ribbon_protocol_data() -> None:
    """In a SIP leg's data the Call-ID is value 2 and the releasing message value 19."""
    inner = sample_json("layouts/ribbon_act_12.1.6.json")["subfields"]["STOP"]["52"]
    assert "Call ID" == inner[2 - 1]


def test_cucm() -> None:
    """133 columns; the ones that are read stand where Cisco's names are."""
    published = [name for name, _ in sample_json("layouts/cucm_133.json")["columns"]]
    assert 133 == len(published)
    assert {} == differing(layout("cucm_csv", "1"), published, CUCM)


@pytest.mark.parametrize(("number", "record", "count", "expected"),
                         [(0, "CALL", 39, AUDIOCODES), (1, "MEDIA", 30, AUDIOCODES_MEDIA)])  # fmt: skip
def test_audiocodes(number: int, record: str, count: int, expected: Mapping[str, str]) -> None:
    """CALL lines have 39 columns, MEDIA lines 30, in the order of the device's own header line."""
    published = sample_json("layouts/audiocodes.json")["layouts"][number]
    found = layout("audiocodes", record)
    assert (count, count) == (len(published), found.most)
    assert {} == differing(found, published, expected)
