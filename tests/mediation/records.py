"""One good feed for each format, written by hand after facts of the format: the corpus of the fuzz tests and others."""

from typing import Any, NamedTuple

import msgspec

from pipeline.settings import Source
from tests.mediation.feeds import a_line, a_source
from tests.mediation.formats import (
    test_asterisk_csv,
    test_audiocodes,
    test_freeswitch_csv,
    test_freeswitch_documents,
    test_native_json,
    test_oracle_csv,
    test_ribbon_act,
)


class GoodFeed(NamedTuple):
    """A source and records that it can write."""

    source: Source
    values: tuple[bytes, ...]


def _feed(source: Source, *values: str | bytes) -> GoodFeed:
    return GoodFeed(source, tuple(value.encode() if isinstance(value, str) else value for value in values))


def _json(**fields: Any) -> bytes:
    return msgspec.json.encode(fields)


RADIUS_STOP = """\
rad_recv: Accounting-Request packet from host 203.0.113.240 port 60841, id=42, length=683
\tAcct-Status-Type = Stop
\tNAS-IP-Address = 203.0.113.240
\tUser-Name = "trunk-7"
\tCalling-Station-Id = "0074950001157"
\tCalled-Station-Id = "675065"
\tAcct-Session-Id = "110003f6 52fa39ed"
\tEvent-Timestamp = "\u0444\u0435\u0432\u0440. 11 2014 16:56:21 EET"
\tCisco-AVPair = "xpgk-src-number-in=0074950001157"
\tCisco-AVPair = "xpgk-dst-number-in=00442079460321"
\tAcct-Session-Time = 40
\tAcct-Delay-Time = 2
\th323-setup-time = "h323-setup-time=18:55:41.000 GMT+4 Tue Feb 11 2014"
\th323-connect-time = "18:55:42.000 GMT+4 Tue Feb 11 2014"
\th323-disconnect-time = "18:56:22.000 GMT+4 Tue Feb 11 2014"
\th323-disconnect-cause = "10"
\th323-conf-id = "9FB2D1D2 5D5611DC"
\th323-remote-id = "TG-CUST7"
"""
RADIUS_STOP = RADIUS_STOP.replace("h323-setup-time=18", "18")
RADIUS_START = "\n".join(
    line.replace("= Stop", "= Start")
    for line in RADIUS_STOP.splitlines()
    if "disconnect" not in line and "Session-Time" not in line
)
RADIUS_INTERIM = RADIUS_START.replace("= Start", "= Interim-Update") + '\n\tEltex-AVPair = "session-time=19"'

CUBE: dict[int, object] = {
    1: 1189177700, 2: 101, 3: 2, 4: 2, 5: '"9FB2D1D2 5D5611DC"', 6: "203.0.113.9",
    8: '"*15:06:32.170 UTC Fri Sep 7 2007"', 9: '"*15:06:33.000 UTC Fri Sep 7 2007"',
    10: '"*15:06:40.000 UTC Fri Sep 7 2007"',
    11: '"*15:08:20.500 UTC Fri Sep 7 2007"', 12: 10, 13: '"normal call clearing (16)"', 14: 1, 17: 5025, 19: 5020,
    21: "user", 22: "12025550101", 23: "442079460123", 26: 100490, 35: "g711alaw", 82: "TG-OUT", 85: "TG-IN",
    110: "sipv2",
}  # fmt: skip
CUCM: dict[int, object] = {
    1: 1, 2: 2, 3: 25447, 4: 47874239, 5: 1744993928, 8: 239138826, 9: '"5033466594"', 12: 0, 26: 47874240,
    30: '"5033466593"', 31: '"5033466593"', 34: 16, 48: 1744993930, 49: 1744993941, 51: '"pkid-1"', 56: 11,
    57: '"SEPCC7F"', 58: '"SEPCC8E"', 66: '"cluster-1"', 74: 0, 81: '"10.248.64.14"',
}  # fmt: skip
CMR: dict[int, object] = {
    1: 2, 2: 2, 3: 25447, 4: 2, 5: '"5033466594"', 6: 47874239, 7: 1744993941, 8: 559, 9: 89440, 10: 555, 11: 88000,
    12: 5, 13: 2, 14: 1, 15: '"cmr-1"', 17: '"cluster-1"', 19: '"CCR=0.0;MLQK=4.25;ICR=0.0"',
}  # fmt: skip
SANSAY: dict[int, object] = {
    1: 52, 2: "V1.10", 3: "R", 4: "WithMedia", 5: "session-52", 6: "01", 7: "Mon Dec 15 11:38:34 2003",
    8: "Mon Dec 15 11:38:41 2003", 9: "Mon Dec 15 11:38:48 2003", 10: 480, 11: "Normal Call Clearing", 12: 200, 13: "O",
    14: "TG7", 15: "SIP", 16: "8587542200", 17: "203.0.113.9", 18: "442079460321", 19: "198.51.100.1", 20: "call-52",
    25: "G711", 26: 700, 27: 690, 30: 2, 31: 0, 32: 3, 33: "TG-CARRIER", 34: "SIP", 39: "out-52", 44: "G729", 52: "F",
    54: 7, 55: 4, 56: 3, 57: 7000, 59: "+12025550101",
}  # fmt: skip
CALL_LOG = {
    "callId": "call-1", "endpoint": {"type": "PHONE", "phoneNumber": "41792036727"}, "from": "41793026834",
    "to": "41792036727", "direction": "OUTBOUND", "state": "FINISHED", "startTime": "2026-01-15T11:59:30.000+0000",
    "answerTime": "2026-01-15T11:59:35.000+0000", "endTime": "2026-01-15T12:00:00.000+0000", "ringDuration": 5,
    "duration": 25, "errorCode": {"id": 10000, "name": "NORMAL_HANGUP"}, "hangupSource": "ENDPOINT",
}  # fmt: skip
DIALOG_LOG = {
    "dialogId": "dialog-1", "state": "FINISHED", "startTime": "2026-01-15T08:00:00.000+0000",
    "establishTime": "2026-01-15T08:00:03.000+0000", "endTime": "2026-01-15T08:02:00.000+0000",
    "parentCallId": "call-1", "childCallId": "call-2", "duration": 120, "hangupSource": "PARENT_ENDPOINT",
}  # fmt: skip
BROADWORKS = """<cdrData><headerModule><recordId><eventCounter>0002183384</eventCounter><systemId>CGRateSaabb</systemId>
<date>20160419210000.104</date></recordId><type>Normal</type></headerModule><basicModule><userNumber>+12025550101</userNumber>
<callingNumber>+12025550101</callingNumber><dialedDigits>442079460321</dialedDigits><calledNumber>+442079460321</calledNumber>
<startTime>20160419210005.247</startTime><userTimeZone>1+020000</userTimeZone><localCallId>25160047719:0</localCallId>
<answerIndicator>Yes</answerIndicator><answerTime>20160419210006.813</answerTime><releaseTime>20160419210020.296</releaseTime>
<terminationCause>016</terminationCause><releasingParty>local</releasingParty></basicModule></cdrData>"""
CEL = (
    '"{}","{}","Jo","1001","","","","{}","default","PJSIP/cust-1","Dial","","3","trunk-7","1790856000.1",'
    '"1790856000.1","","","",""'
)
FLATSTORE = "{}|5be1c0de|77aa01f2|8f2c5d1e@198.51.100.23|{}|OK|{}"
E_ACC_CDR = """E_ACC_CDR
method::INVITE
from_tag::a
to_tag::b
callid::c@h
sip_code::200
sip_reason::OK
time::1790856005
duration::61
ms_duration::60900
setuptime::5
created::1790856000
src::1001
dst::1002"""
KAMAILIO = ("ACC: transaction answered: timestamp={};method={};from_tag=a;to_tag=b;call_id=c@h;code=200;reason=OK;"
            "src_user=1001;dst_ouser=1002;src_ip=203.0.113.9")  # fmt: skip
YETI = {
    "local_tag": "leg-1", "orig_call_id": "c@h", "routing_attempt": 2, "is_last_cdr": True, "src_prefix_in": "1001",
    "dst_prefix_in": "442079460321", "lega_disconnect_code": 200, "lega_disconnect_reason": "Bye",
    "time_data": {"time_start": 1790856000.25, "time_connect": 1790856005.5, "time_end": 1790856066.75},
}  # fmt: skip
DIDWW = {
    "type": "outbound-cdr", "id": "cdr-1",
    "attributes": {"time_start": "2026-10-01T12:00:00.000000+00:00", "time_connect": "2026-10-01T12:00:05.5+00:00",
                   "time_end": "2026-10-01T12:01:06.25+00:00", "duration": 61, "src_number": "12025550101",
                   "dst_number": "442079460321", "call_id": "c@h", "disconnect_code": 200, "disconnect_reason": "Bye"},
}  # fmt: skip
JAMBONZ = {
    "call_sid": "sid-1", "from": "1001", "to": "1002", "answered": True, "sip_callid": "c@h", "sip_status": 200,
    "duration": 22, "attempted_at": 1700000000000, "answered_at": 1700000003000, "terminated_at": 1700000025000,
    "termination_reason": "caller hungup", "trunk": "trunk-7", "host": "10.0.0.1",
}  # fmt: skip
EVAPI = {
    "event": "CGR_CALL_END", "callid": "c@h", "cgr_account": "1001", "cgr_destination": "1002",
    "cgr_answertime": "1419839310", "cgr_duration": "3", "cgr_pdd": "4", "cgr_disconnectcause": "200",
}  # fmt: skip
MAPPING = {"facts": {"id": "id", "calling": "from", "called": "to", "start": "at", "billsec": "seconds"}, "time": "iso"}
FIXED = [["start", 3, 14], ["calling", 17, 16], ["called", 33, 16], ["duration_s", 49, 6], ["id", 55, 8]]

GOOD: dict[str, GoodFeed] = {
    "native_json": _feed(
        a_source("native_json"), test_native_json.an_event(), test_native_json.an_event(record_type="START")
    ),
    "oracle_csv": _feed(
        a_source("oracle_csv", "America/Los_Angeles"),
        test_oracle_csv.a_stop(),
        a_line(test_oracle_csv.START, 122),
        test_oracle_csv.a_stop(test_oracle_csv.UNANSWERED),
    ),
    "ribbon_act": _feed(
        a_source("ribbon_act"),
        a_line(test_ribbon_act.STOP, 223),
        a_line(test_ribbon_act.ATTEMPT, 186),
        a_line(test_ribbon_act.START, 172),
    ),
    "audiocodes": _feed(
        a_source("audiocodes", transport="csv"),
        test_audiocodes.line(),
        test_audiocodes.media(),
        test_audiocodes.line(type="CALL_START", connect="", release=""),
    ),
    "freeswitch_json": _feed(
        a_source("freeswitch_json"), test_freeswitch_documents.as_json(test_freeswitch_documents.VARIABLES)
    ),
    "freeswitch_xml": _feed(
        a_source("freeswitch_xml"), test_freeswitch_documents.as_xml(test_freeswitch_documents.VARIABLES)
    ),
    "freeswitch_event": _feed(
        a_source("freeswitch_event"), test_freeswitch_documents.as_event(test_freeswitch_documents.VARIABLES)
    ),
    "freeswitch_csv": _feed(
        a_source("freeswitch_csv"), test_freeswitch_csv.line(), test_freeswitch_csv.line(answer="", billsec="0")
    ),
    "asterisk_csv": _feed(a_source("asterisk_csv"), test_asterisk_csv.line(), test_asterisk_csv.line("", "1.1", "14")),
    "asterisk_cel": _feed(
        a_source("asterisk_cel"),
        CEL.format("CHAN_START", "1790856000.513823", "1002"),
        CEL.format("BRIDGE_START", "1790856005.513823", "1002"),
        CEL.format("BRIDGE_END", "2026-10-01 12:01:06.5", "1002"),
        CEL.format("ANSWER", "1790856005", ""),
    ),
    "opensips_flatstore": _feed(
        a_source("opensips_flatstore"),
        FLATSTORE.format("INVITE", 200, 1790856005),
        FLATSTORE.format("BYE", 200, 1790856066),
        FLATSTORE.format("INVITE", 486, 1790856005),
    ),
    "opensips_event": _feed(
        a_source("opensips_event"),
        E_ACC_CDR,
        E_ACC_CDR.replace("E_ACC_CDR", "E_ACC_EVENT"),
        _json(method="E_ACC_MISSED_EVENT", params={"callid": "c", "sip_code": "404", "time": 1790856000}),
    ),
    "kamailio_acc": _feed(
        a_source("kamailio_acc"),
        KAMAILIO.format(1790856005, "INVITE"),
        KAMAILIO.format(1790856066, "BYE"),
        _json(callid="c@h", from_tag="a", to_tag="b", start_time="1790856005.25", end_time="1790856066.5"),
    ),
    "radius_text": _feed(a_source("radius_text"), RADIUS_STOP, RADIUS_START, RADIUS_INTERIM),
    "cube_csv": _feed(a_source("cube_csv"), a_line(CUBE, 130), a_line({**CUBE, 2: 102, 14: 2}, 130)),
    "cucm_csv": _feed(a_source("cucm_csv"), a_line(CUCM, 133), a_line(CMR, 20)),
    "broadworks_xml": _feed(a_source("broadworks_xml"), BROADWORKS.replace("\n", "")),
    "sansay_csv": _feed(
        a_source("sansay_csv"), a_line(SANSAY, 60, ";"), a_line({**SANSAY, 8: "NA", 52: "I", 57: 0}, 60, ";")
    ),
    "infobip_calllog": _feed(a_source("infobip_calllog"), _json(**CALL_LOG)),
    "infobip_dialoglog": _feed(a_source("infobip_dialoglog"), _json(**DIALOG_LOG)),
    "yeti_json": _feed(a_source("yeti_json"), _json(**YETI)),
    "didww_json": _feed(a_source("didww_json"), _json(**DIDWW)),
    "didww_csv": _feed(
        a_source(
            "didww_csv", columns=["Date/Time (UTC)", "Source", "DID", "Duration (secs)", "Disconnect Code", "Response"]
        ),
        "2017-06-17 08:50:47,4,97286259413,54,200,Bye",
        '2017-06-26 01:11:42,"",97286259404,0,404,Not Found',
    ),
    "jambonz_json": _feed(a_source("jambonz_json"), _json(**JAMBONZ)),
    "kamailio_evapi_json": _feed(a_source("kamailio_evapi_json"), _json(**EVAPI)),
    "generic_csv": _feed(
        a_source("generic_csv", mapping=MAPPING, columns=["id", "from", "to", "at", "seconds"]),
        "a,1001,1002,2026-10-01T12:00:00Z,61",
    ),
    "generic_json": _feed(
        a_source("generic_json", mapping=MAPPING),
        _json(id="a", **{"from": "1001"}, to="1002", at="2026-10-01T12:00:00Z", seconds=61),
    ),
    "fixed_width": _feed(
        a_source("fixed_width", layout=FIXED),
        f"CDR20261001120000{'12025550101':<16}{'442079460321':<16}{61:>6}{'id-1':<8}",
    ),
}
"""By name of the format."""
