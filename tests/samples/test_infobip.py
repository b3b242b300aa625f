"""Examples of the Infobip interface: call logs that are read, and reports from which no rule may be drawn."""

import msgspec
import pytest

from tests.mediation.feeds import a_source, assembled, at, read
from tests.samples.sample_files import counts, sample, sample_json, sample_records

CALL_LOGS = "infobip_json/openapi_calllog_examples.ndjson"
CALL_LOG = a_source("infobip_calllog")
REPORT = a_source(
    "generic_json",
    mapping={
        "facts": {"id": "messageId", "calling": "from", "called": "to", "start": "voiceCall.startTime",
                  "answer": "voiceCall.answerTime", "end": "voiceCall.endTime", "billsec": "voiceCall.duration"},
        "plus": True,
    },
)  # fmt: skip


@pytest.mark.parametrize(("line", "endpoint"), list(enumerate(["PHONE", "WEBRTC", "SIP", "VIBER", "WHATSAPP"])))
def test_each_call_log_by_itself(line: int, endpoint: str) -> None:
    """Start 11:59:30, answer 11:59:35, end 12:00:00: 25000 ms, 5 s of ringing, offset +0000 without a colon."""
    value = sample(CALL_LOGS).splitlines()[line]
    assert endpoint == msgspec.json.decode(value)["endpoint"]["type"]
    log = read(value, CALL_LOG)
    assert at("2026-01-15T11:59:30Z") == log.started_at
    assert at("2026-01-15T11:59:35Z") == log.answered_at
    assert at("2026-01-15T12:00:00Z") == log.released_at
    assert (25_000, 25_000, 5_000, "OUTBOUND") == (log.measured_ms, log.reported_ms, log.ring_ms, log.direction)


def test_numbers_get_their_plus() -> None:
    """The interface writes E.164 without a plus: 41793026834 is +41793026834."""
    log = read(sample(CALL_LOGS).splitlines()[0], CALL_LOG)
    assert ("+41793026834", "+41792036727") == (log.calling, log.called)


def test_together_they_contradict_each_other() -> None:
    """All five share one callId: the first stays, four with other content conflict (R11)."""
    found = sample_records(CALL_LOGS, CALL_LOG)
    assert {"legs": 1, "suspended": 4} == counts(found)
    assert {"KEY_CONFLICT"} == {cdr.reject_reason for cdr in found.suspended}


def test_delivery_report_contradicts_itself() -> None:
    """13:38:25.000 to 13:38:28.316 are 3316 ms; the report prints 10 s: it is stopped, and bills nothing."""
    (report,) = sample_json("infobip_json/openapi_voice_delivery_report.json")["results"]
    cdr = read(msgspec.json.encode(report), REPORT)
    assert (at("2018-06-25T13:38:25.000Z"), at("2018-06-25T13:38:28.316Z")) == (cdr.answered_at, cdr.released_at)
    assert (3_316, 10_000, "DURATION_MISMATCH") == (cdr.measured_ms, cdr.reported_ms, cdr.reject_reason)


def test_voice_log_is_no_call_log() -> None:
    """It has no times of a call, only a duration of 10 s with error 5003: refused with the field that is missing."""
    (log,) = sample_json("infobip_json/openapi_voice_log.json")["results"]
    assert (10, 5003) == (log["duration"], log["error"]["id"])
    found = assembled([msgspec.json.encode(log)], CALL_LOG)
    assert {"rejected": 1} == counts(found)
    assert "UNKNOWN_LAYOUT" == found.rejected[0].reject_reason
    assert "callId" in (found.rejected[0].reject_detail or "")


@pytest.mark.parametrize("name", ["openapi_sip_trunks_page", "openapi_call_routes_page", "openapi_schema_slice"])
def test_a_document_that_is_no_cdr_is_refused(name: str) -> None:
    """A page of trunks, of routes or a schema that lands in a feed of call logs gives rows with a reason."""
    found = sample_records(f"infobip_json/{name}.json", CALL_LOG)
    assert found.received
    assert len(found.rejected) == found.received
    assert all(cdr.reject_detail for cdr in found.rejected)


def test_trunks_of_the_page() -> None:
    """Two trunks: STATIC, UNLIMITED, limit 10, and REGISTERED, METERED, limit 999, as PRODUCT.md has them."""
    static, registered = sample_json("infobip_json/openapi_sip_trunks_page.json")["results"]
    assert ("STATIC", "T38", "US_NATIONAL", 10) == (
        static["type"], static["fax"], static["numberFormat"], static["channelLimit"],
    )  # fmt: skip
    assert ("REGISTERED", "E164", 999) == (
        registered["type"], registered["numberFormat"], registered["channelLimit"],
    )  # fmt: skip
