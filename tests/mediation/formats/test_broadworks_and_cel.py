"""BroadWorks accounting XML (cdr-formats.md 2.13) and Asterisk channel events (2.8)."""

import itertools

import pytest

from schemas.cdr import CDR
from tests.mediation.feeds import a_source, assembled, at, read, skipped

XML = a_source("broadworks_xml")
CEL = a_source("asterisk_cel")
FIELDS = {
    "eventCounter": "0002183384", "systemId": "as1", "date": "20160419210000.104", "type": "Normal",
    "callingNumber": "+12025550101", "calledNumber": "+442079460321", "startTime": "20160419210005.247",
    "userTimeZone": "1+020000", "localCallId": "25160047719:0", "answerIndicator": "Yes",
    "answerTime": "20160419210006.813", "releaseTime": "20160419210020.296", "terminationCause": "016",
    "releasingParty": "local", "group": "CUST7", "accessCallID": "abc@h",
}  # fmt: skip


def xml(**changes: str) -> str:
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in (FIELDS | changes).items() if text)
    return f"<cdrData><headerModule>{inner}</headerModule></cdrData>"


def record(**changes: str) -> CDR:
    return read(xml(**changes), XML)


def test_times_are_utc_whatever_the_zone_beside_them() -> None:
    """21:00:06.813 with `1+020000` is 21:00:06.813Z (R16); 13483 ms to the release."""
    call = record()
    assert (at("2016-04-19T21:00:06.813Z"), 13_483, 16, "caller") == (
        call.answered_at, call.measured_ms, call.q850, call.release_party,
    )  # fmt: skip
    assert ("as1", "25160047719:0", "abc@h") == (call.source_node, call.leg_id, call.call_group_id)


@pytest.mark.parametrize(
    ("indicator", "answer", "flags"),
    [
        ("Yes", FIELDS["answerTime"], ()),
        ("Yes-PostRedirection", FIELDS["answerTime"], ()),
        ("No", "", ()),
        ("No", FIELDS["answerTime"], ("DISPOSITION_CONFLICT",)),
        ("Yes", "", ("DISPOSITION_CONFLICT",)),
    ],
)
def test_indicator_against_the_answer_time(indicator: str, answer: str, flags: tuple[str, ...]) -> None:
    """The time wins, and the record is remarked (R2)."""
    call = record(answerIndicator=indicator, answerTime=answer)
    assert (bool(answer), flags) == (call.answered_at is not None, call.flags)


@pytest.mark.parametrize("kind", ["Start", "End"])
def test_audit_records_are_no_cdrs(kind: str) -> None:
    """Start and End of a file are skipped and counted."""
    assert 1 == skipped([xml(type=kind)], XML)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (xml(type="Odd"), "BAD_FIELD"),
        (xml(answerTime="21:00"), "BAD_FIELD"),
        (xml(terminationCause="x"), "BAD_FIELD"),
        (xml()[:-12], "TRUNCATED"),
        ("hello", "UNKNOWN_LAYOUT"),
        (xml(releaseTime="20160419210000.000"), "NEG_DURATION"),
        (xml(calledNumber="4" * 41), "TOO_LONG"),
        (xml(callingNumber="&bomb;"), "BAD_FIELD"),
    ],
)
def test_refused_with_a_reason(value: str, reason: str) -> None:
    """Type, time, cause, end of the element, order, number, entity."""
    assert reason == read(value, XML).reject_reason


def test_key_is_counter_system_and_date() -> None:
    """The same record twice is one; another counter is another record (R10)."""
    found = assembled([xml(), xml(), xml(eventCounter="2", localCallId="x", accessCallID="y@h")], XML)
    assert (2, 1) == (len(found.legs), len(found.duplicates))


def cel(event: str, moment: str, unique_id: str = "1790856000.1", extension: str = "1002") -> str:
    values = [event, moment, "Jo", "1001", "", "", "", extension, "default", "PJSIP/cust-1", "Dial", "", "3", "trunk-7",
              unique_id, "1790856000.1", "", "", "", ""]  # fmt: skip
    return ",".join(f'"{value}"' for value in values)


CONVERSATION = [
    cel("CHAN_START", "1790856000.513823"), cel("ANSWER", "1790856005"), cel("BRIDGE_START", "1790856005.531291"),
    cel("HANGUP", "1790856022"), cel("BRIDGE_END", "1790856022.721349"), cel("CHAN_END", "1790856023.5"),
]  # fmt: skip


def test_a_channel_is_in_conversation_between_its_bridge_events() -> None:
    """12:00:05.531291 to 12:00:22.721349 are 17190 ms; all other events are parts or skipped."""
    found = assembled(CONVERSATION, CEL)
    (leg,) = found.legs
    assert (17_190, 3, 2) == (leg.measured_ms, len(found.merged), found.skipped)
    assert ("1001", "1002", "trunk-7", "1790856000.1") == (
        leg.calling, leg.called, leg.claimed_trunk_id, leg.call_group_id,
    )  # fmt: skip


def test_order_of_events_does_not_matter() -> None:
    """Read backwards they are the same leg."""
    assert 17_190 == assembled(CONVERSATION[::-1], CEL).legs[0].measured_ms


def test_the_end_of_a_conversation_waits_for_its_beginning() -> None:
    """Begin and end of the channel alone would be an unanswered call; the end of a bridge says that it was none."""
    begin, bridged, ended = CONVERSATION[0], CONVERSATION[2], CONVERSATION[4]
    assert 2 == len(assembled([ended, begin], CEL).pending)
    for order in itertools.permutations([begin, bridged, ended]):
        assert [17_190] == [leg.measured_ms for leg in assembled(order, CEL).legs]


def test_channel_that_was_never_bridged() -> None:
    """CHAN_START and CHAN_END: a leg of 0 ms."""
    (leg,) = assembled([CONVERSATION[0], CONVERSATION[-1]], CEL).legs
    assert (None, 0) == (leg.answered_at, leg.measured_ms)


def test_stamps_may_be_local() -> None:
    """`cel.conf` may write local stamps: 14:00:00.5 in Vienna is 12:00:00.5Z."""
    event = read(cel("CHAN_START", "2026-10-01 14:00:00.500000"), a_source("asterisk_cel", "Europe/Vienna"))
    assert at("2026-10-01T12:00:00.5Z") == event.started_at


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (cel("DANCED", "1790856000"), "BAD_FIELD"),
        (cel("CHAN_START", "noon"), "BAD_FIELD"),
        ("a,b", "UNKNOWN_LAYOUT"),
        (cel("CHAN_START", "1e400"), "BAD_FIELD"),
        (cel("CHAN_START", "1790856000") + ',"x', "BAD_QUOTE"),
        (cel("CHAN_START", "Infinity"), "BAD_FIELD"),
        (cel("CHAN_START", "NaN"), "BAD_FIELD"),
    ],
)
def test_events_refused_with_a_reason(value: str, reason: str) -> None:
    """Event, time, columns, quotes."""
    assert reason == read(value, CEL).reject_reason
