"""How the records of one leg make one call: rules R22 to R28, in every order of arrival."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from pipeline.mediation.chains import OPEN, Chain, changes_stop, close_chain, expires_at, with_media
from schemas.cdr import CDR, RecordType
from schemas.outcomes import RejectReason
from tests.mediation.feeds import at

BEGUN = at("2026-10-01T10:00:00Z")
LONG_AFTER = BEGUN + timedelta(days=2)


def a_part(record_type: RecordType, number: int = 0, **fields: object) -> CDR:
    """One record of leg-1; the identity says which."""
    known: dict[str, object] = {
        "source": "feed", "source_format": "native_json", "partition": "p-0", "offset": number,
        "received_at": BEGUN, "raw_sha256": bytes([number]) * 32, "cdr_id": f"{record_type}-{number}",
        "call_group_id": "call-1", "record_type": record_type, "leg_id": "leg-1",
    }  # fmt: skip
    return CDR(**{**known, **fields})  # type: ignore[arg-type]


def after(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def a_start(**fields: object) -> CDR:
    return a_part(
        RecordType.START, 1, **{"started_at": BEGUN, "answered_at": BEGUN, "calling": "+12025550101", **fields}
    )


def an_interim(number: int, proven_s: int, **fields: object) -> CDR:
    return a_part(
        RecordType.INTERIM,
        number,
        **{"started_at": BEGUN, "answered_at": BEGUN, "reported_ms": proven_s * 1_000, **fields},
    )


def a_stop(**fields: object) -> CDR:
    known = {"started_at": BEGUN, "answered_at": BEGUN, "released_at": after(40), "measured_ms": 40_000}
    return a_part(RecordType.STOP, 9, **{**known, **fields})


def an_end(seconds: float, number: int = 8, **fields: object) -> CDR:
    return a_part(RecordType.END, number, **{"released_at": after(seconds), **fields})


def in_any_order(parts: Sequence[CDR], now: datetime | None = None) -> set[tuple[object, ...]]:
    """What the records come to, as (carrier, length, reason), in each order of arrival."""
    found = set()
    for order in permutations(parts):
        chain = close_chain(order, now)
        leg = chain.leg
        carrier = order[chain.carrier].cdr_id if chain.carrier is not None else None
        found.add((carrier, leg and leg.measured_ms, leg and leg.reject_reason))
    return found


def test_stop_alone_is_a_whole_call() -> None:
    """A STOP needs nobody (R23)."""
    stop = a_stop()
    assert Chain(stop, 0) == close_chain([stop])


def test_start_interim_stop_in_any_order() -> None:
    """Eltex: interim 19 s, STOP 40 s: one call of 40 s, not of 59, carried by the STOP (R22)."""
    assert {("STOP-9", 40_000, None)} == in_any_order([a_start(), an_interim(2, 19), a_stop(reported_ms=40_000)])


def test_deltas_add_up() -> None:
    """CGRateS-like partial rows hold deltas: 90 + 35 = 125 s (R22)."""
    part = an_interim(2, 90, duration_basis="part")
    stop = a_stop(reported_ms=35_000, duration_basis="part")
    assert {("STOP-9", 125_000, None)} == in_any_order([part, stop])
    assert 125_000 == (close_chain([part, stop]).leg or stop).reported_ms


def test_open_chain_stays_open() -> None:
    """START, and START with INTERIM, are a call in progress; without a clock nothing is given up."""
    assert close_chain([a_start()]) == OPEN
    assert close_chain([a_start(), an_interim(2, 900)]) == OPEN
    assert close_chain([a_start(), an_interim(2, 900)], BEGUN + timedelta(minutes=30)) == OPEN


def test_start_without_stop_is_suspended() -> None:
    """START 10:00:00, interims every 900 s to 11:30:00, then nothing: NO_STOP, 5400 s proven, timeout (R26)."""
    parts = [a_start(), *(an_interim(number, number * 900) for number in range(2, 7))]
    leg = close_chain(parts, LONG_AFTER).leg
    assert leg is not None
    assert (RejectReason.NO_STOP, 5_400_000, "timeout", "START-1") == (
        leg.reject_reason, leg.provable_ms, leg.closing_reason, leg.cdr_id,
    )  # fmt: skip
    assert {("START-1", None, RejectReason.NO_STOP)} == in_any_order(parts[:4], LONG_AFTER)


def test_start_alone_proves_nothing() -> None:
    """An INVITE without its BYE: duration unknown, never billed (R26)."""
    leg = close_chain([a_start()], LONG_AFTER).leg
    assert leg is not None
    assert (None, RejectReason.NO_STOP) == (leg.provable_ms, leg.reject_reason)
    assert "nothing of its duration is proven" in (leg.reject_detail or "")


def test_orphan_interim() -> None:
    """The Eltex interim alone: suspended, 19000 ms proven (R25)."""
    leg = close_chain([an_interim(2, 19)], LONG_AFTER).leg
    assert leg is not None
    assert (RejectReason.ORPHAN_INTERIM, 19_000) == (leg.reject_reason, leg.provable_ms)
    assert "19000 ms of it are proven" in (leg.reject_detail or "")


def test_orphans_prove_the_last_cumulative_value() -> None:
    """300 and 600 s cumulative prove 600 s, carried by the longer; as deltas they prove 900 s."""
    assert {("INTERIM-3", None, RejectReason.ORPHAN_INTERIM)} == in_any_order(
        [an_interim(2, 300), an_interim(3, 600)], LONG_AFTER
    )
    cumulative = close_chain([an_interim(2, 300), an_interim(3, 600)], LONG_AFTER).leg
    deltas = close_chain([an_interim(n, s, duration_basis="part") for n, s in ((2, 300), (3, 600))], LONG_AFTER).leg
    assert (600_000, 900_000) == (cumulative and cumulative.provable_ms, deltas and deltas.provable_ms)


def test_late_stop_closes_a_suspended_chain() -> None:
    """When the STOP comes after the time is over, the call is rated as always (R26)."""
    chain = close_chain([a_start(), an_interim(2, 900), a_stop()], LONG_AFTER)
    assert (40_000, None) == (chain.leg and chain.leg.measured_ms, chain.leg and chain.leg.reject_reason)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([a_start()], "2026-10-01T18:10:00Z"),
        ([an_interim(2, 900)], "2026-10-01T10:55:00Z"),
        ([a_start(), an_interim(2, 900), an_interim(3, 1_800)], "2026-10-01T11:10:00Z"),
        ([a_start(), an_interim(2, 28_000)], "2026-10-01T18:10:00Z"),
        ([an_end(60)], "2026-10-01T18:11:00Z"),
    ],
    ids=["start alone", "one interim", "the last interim counts", "longest call", "a BYE alone"],
)
def test_when_an_open_chain_is_given_up(parts: list[CDR], expected: str) -> None:
    """2 x 900 s and 10 min after the last proof, at most 8 h and 10 min after the beginning (R25, R26)."""
    assert at(expected) == expires_at(parts)
    assert close_chain(parts, at(expected) - timedelta(seconds=1)) == OPEN
    assert close_chain(parts, at(expected)).leg is not None


def test_invite_and_bye() -> None:
    """INVITE 1700000084, BYE 1700000125: one call of 41 s, in both orders (R23)."""
    invite = a_part(RecordType.START, 1, answered_at=at("2023-11-14T22:14:44Z"), sip_status=200)
    bye = a_part(RecordType.END, 2, released_at=at("2023-11-14T22:15:25Z"))
    assert {("END-2", 41_000, None)} == in_any_order([invite, bye])


def test_the_ack_knows_the_answer() -> None:
    """INVITE without a time, ACK 1700000200, BYE 1700000209: 9 s, and nothing before all three are there (R23)."""
    invite = a_part(RecordType.START, 1, sip_status=200)
    ack = a_part(RecordType.INTERIM, 2, answered_at=at("2023-11-14T22:16:40Z"))
    bye = a_part(RecordType.END, 3, released_at=at("2023-11-14T22:16:49Z"))
    assert {("END-3", 9_000, None)} == in_any_order([invite, ack, bye])
    assert {(None, None, None)} == in_any_order([invite, bye])
    assert {(None, None, None)} == in_any_order([ack, bye])


def test_channel_without_an_answer() -> None:
    """A START that was never accepted, and its END: a call of 0 ms."""
    start = a_part(RecordType.START, 1, started_at=BEGUN)
    assert {("END-8", 0, None)} == in_any_order([start, an_end(12)])


def test_the_earliest_end_counts() -> None:
    """BRIDGE_END and CHAN_END of one channel: the conversation ended with the first."""
    bridge = a_part(RecordType.INTERIM, 2, answered_at=after(1))
    start = a_part(RecordType.START, 1, started_at=BEGUN)
    assert {("END-4", 10_000, None)} == in_any_order([start, bridge, an_end(11, 4), an_end(12, 5)])


def test_the_end_gets_what_the_start_knows() -> None:
    """Parties, trunk and answer come from the START; identity, place and bytes are those of the END."""
    start = a_start(called="+442079460321", claimed_trunk_id="t-1", flags=("NUM_UNPARSED",))
    leg = close_chain([an_end(61, raw=b"BYE"), start]).leg
    assert leg is not None
    assert ("+12025550101", "+442079460321", "t-1") == (leg.calling, leg.called, leg.claimed_trunk_id)
    assert ("END-8", 8, b"BYE", RecordType.STOP, "normal") == (
        leg.cdr_id, leg.offset, leg.raw, leg.record_type, leg.closing_reason,
    )  # fmt: skip
    assert (61_000, ("NUM_UNPARSED",)) == (leg.measured_ms, tuple(leg.flags))


def test_release_before_the_answer_of_another_record() -> None:
    """Two records whose clocks contradict each other are stopped, never swapped (R8)."""
    leg = close_chain([a_start(answered_at=after(6)), an_end(0)]).leg
    assert leg is not None
    assert (-6_000, RejectReason.NEG_DURATION) == (leg.measured_ms, leg.reject_reason)


def test_a_joined_call_of_no_time() -> None:
    """Answer and release in the same second of a proxy: ZERO_DURATION, cost 0 (R7)."""
    leg = close_chain([a_start(), an_end(0)]).leg
    assert (0, ("ZERO_DURATION",)) == (leg and leg.measured_ms, leg and tuple(leg.flags))


def test_a_stopped_part_stops_the_call() -> None:
    """A START with a number of 41 digits makes its call TOO_LONG, with the detail of the START."""
    start = a_start(reject_reason=RejectReason.TOO_LONG, reject_detail="41 characters")
    leg = close_chain([start, an_end(9)]).leg
    assert (RejectReason.TOO_LONG, "41 characters") == (leg and leg.reject_reason, leg and leg.reject_detail)


def test_media_record_fills_what_the_leg_does_not_know() -> None:
    """The leg's own figures stay; of two media records the later one counts (R44)."""
    leg = a_stop(codec_in="g711Alaw64k", jitter_ms=None, packets_in=None)
    update = a_part(RecordType.MEDIA, 2, codec_in="opus", jitter_ms=9, packets_in=100, mos_x100=430)
    end = a_part(RecordType.MEDIA, 3, jitter_ms=12, packets_in=500, fax="t38")
    filled = with_media(leg, [update, end])
    assert ("g711Alaw64k", 12, 500, 430, "t38") == (
        filled.codec_in, filled.jitter_ms, filled.packets_in, filled.mos_x100, filled.fax,
    )  # fmt: skip
    assert (leg.cdr_id, leg.measured_ms, leg.record_type) == (filled.cdr_id, filled.measured_ms, filled.record_type)


def test_a_source_with_slow_interims_is_waited_for_longer() -> None:
    """Interims every 30 min: two of them are overdue one hour after the last, and ten minutes are granted (R25)."""
    parts = [a_start(), an_interim(2, 1_800), an_interim(3, 3_600)]
    assert after(3_600 + 2 * 1_800 + 600) == expires_at(parts)
    assert after(3_600 + 2 * 1_800 + 600) == expires_at(parts[::-1])


def test_interims_up_to_the_longest_call() -> None:
    """Proofs up to 7 h 45 min: the longest call, 8 h, is over before two interims are overdue (R26)."""
    parts = [a_start(), *(an_interim(number, number * 900) for number in range(1, 32))]
    (leg, _) = close_chain(parts, LONG_AFTER)
    assert leg is not None
    assert ("max_duration", ("MAX_DURATION",), 27_900_000, "NO_STOP") == (
        leg.closing_reason, leg.flags, leg.provable_ms, leg.reject_reason,
    )  # fmt: skip


def test_a_fax_in_the_middle_makes_the_call_a_fax() -> None:
    """START with speech, INTERIM with an image, STOP: one call of 40 s with fax t38 (R43), in any order."""
    parts = [a_start(codec_in="PCMA"), an_interim(2, 12, fax="t38"), a_stop(fax=None)]
    for order in permutations(parts):
        (leg, carrier) = close_chain(order)
        assert leg is not None
        assert ("t38", 40_000, order.index(parts[2])) == (leg.fax, leg.measured_ms, carrier)


def test_a_fax_of_a_proxy_call() -> None:
    """The END takes it over as well."""
    (leg, _) = close_chain([a_start(), an_interim(2, 5, fax="t38"), an_end(40)])
    assert leg is not None
    assert "t38" == leg.fax


def test_which_parts_change_a_stop() -> None:
    """A delta makes the call longer, a fax makes it one; a cumulative part says nothing new."""
    assert [True, True, False] == [
        changes_stop(part) for part in (an_interim(1, 5, duration_basis="part"), a_start(fax="t38"), an_interim(1, 5))
    ]
