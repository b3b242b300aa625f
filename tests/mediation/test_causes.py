"""Causes, rules R38 to R40: RFC 3398, 8.2.6.1, and the classes of unanswered calls."""

import pytest

from pipeline.mediation.causes import (
    apply_cause_rules,
    class_rank,
    q850_of_reason,
    q850_of_sip,
    q850_or_none,
    reject_class,
)
from schemas.cdr import RecordType
from tests.mediation.feeds import at

RFC_3398 = {
    400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 415: 79, 480: 18,
    481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17, 487: None, 488: 127, 500: 41, 501: 79, 502: 38, 503: 41,
    504: 102, 600: 17, 603: 21, 604: 1, 606: 127, 413: 127, 414: 127, 416: 127, 420: 127, 421: 127, 423: 127,
    505: 127, 513: 127,
}  # fmt: skip
"""The table of mediation.md R39."""


@pytest.mark.parametrize(("status", "cause"), RFC_3398.items())
def test_sip_status_to_q850(status: int, cause: int | None) -> None:
    """Each status of the RFC's table, and 487, which has no mapping."""
    assert cause == q850_of_sip(status)


@pytest.mark.parametrize("status", [100, 180, 183, 200, 202, 299])
def test_normal_end_has_no_cause_of_its_own(status: int) -> None:
    """A 2xx carries its own cause or none; a provisional response is no end."""
    assert q850_of_sip(status) is None


@pytest.mark.parametrize("status", [302, 418, 499, 599, 699])
def test_other_statuses_are_interworking(status: int) -> None:
    """What the RFC does not name is 127."""
    assert 127 == q850_of_sip(status)


@pytest.mark.parametrize(
    ("cause", "kept"),
    [(16, 16), (1, 1), (127, 127), (0, None), (128, None), (-1, None), (393_216, None), (1_459_617_833, None),
     (487, None), (None, None)],
)  # fmt: skip
def test_vendor_values_are_no_causes(cause: int | None, kept: int | None) -> None:
    """393216, 1459617833 and 487 stay in native_cause only (R38)."""
    assert kept == q850_or_none(cause)


@pytest.mark.parametrize(
    ("status", "cause", "expected"),
    [
        (402, None, "BALANCE"), (401, None, "AUTH"), (403, None, "AUTH"), (407, None, "AUTH"),
        (404, None, "NO_ROUTE"), (410, None, "NO_ROUTE"), (484, None, "NO_ROUTE"), (485, None, "NO_ROUTE"),
        (604, None, "NO_ROUTE"), (None, 1, "NO_ROUTE"), (None, 2, "NO_ROUTE"), (None, 3, "NO_ROUTE"),
        (None, 22, "NO_ROUTE"), (None, 28, "NO_ROUTE"), (486, None, "BUSY"), (600, None, "BUSY"), (None, 17, "BUSY"),
        (408, None, "NOANSWER"), (480, None, "NOANSWER"), (None, 18, "NOANSWER"), (None, 19, "NOANSWER"),
        (None, 20, "NOANSWER"), (487, None, "CANCEL"), (None, 34, "CAPACITY"), (None, 42, "CAPACITY"),
        (503, None, "FAILURE"), (None, 41, "FAILURE"), (None, 16, "FAILURE"), (None, None, "FAILURE"),
        (200, 16, "FAILURE"),
    ],
)  # fmt: skip
def test_class_of_an_unanswered_call(status: int | None, cause: int | None, expected: str) -> None:
    """The list of R39, one by one."""
    assert expected == reject_class(status, cause)


@pytest.mark.parametrize(
    ("status", "cause", "expected"),
    [(403, 17, "AUTH"), (503, 17, "BUSY"), (487, 18, "NOANSWER"), (486, 1, "NO_ROUTE"), (503, 34, "CAPACITY")],
)
def test_the_first_class_that_applies(status: int, cause: int, expected: str) -> None:
    """Status and cause together: the order of the list decides."""
    assert expected == reject_class(status, cause)
    assert min(class_rank(status, None), class_rank(None, cause)) == class_rank(status, cause)


def applied(**fields: object) -> dict[str, object]:
    apply_cause_rules(fields)
    return fields


def test_own_cause_wins_over_the_mapping() -> None:
    """486 maps to 17, but a record that says 34 has 34."""
    assert 34 == applied(sip_status=486, q850=34)["q850"]
    assert 17 == applied(sip_status=486)["q850"]


def test_capacity_mark_of_the_source_wins() -> None:
    """A refusal for the channel limit is CAPACITY though its status is 403 (R40)."""
    assert "CAPACITY" == applied(sip_status=403, reject_class="CAPACITY")["reject_class"]
    assert "AUTH" == applied(sip_status=403)["reject_class"]


def test_answered_calls_have_no_class() -> None:
    """A class describes why a call was not answered, so an answered one has none."""
    fields = applied(sip_status=200, q850=16, answered_at=at("2026-10-01T12:00:00Z"), reject_class="FAILURE")
    assert fields["reject_class"] is None


@pytest.mark.parametrize("record_type", [RecordType.START, RecordType.INTERIM, RecordType.END, RecordType.MEDIA])
def test_parts_have_no_class(record_type: RecordType) -> None:
    """What has not ended has not been refused."""
    assert applied(record_type=record_type, sip_status=180)["reject_class"] is None


def test_attempts_have_a_class() -> None:
    """A failed route attempt says why."""
    assert "BUSY" == applied(record_type=RecordType.ATTEMPT, sip_status=486)["reject_class"]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Q.850;cause=17", 17), ('Q.850 ;cause=16 ;text="Normal call clearing"', 16), ("q.850; Cause = 34", 34),
        ('SIP;cause=487, Q.850;cause=31;text="x"', 31), ("Q.850;cause=487", None), ("Q.850;cause=1234", None),
        ("SIP;cause=200", None), ("Q.850", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_cause_of_a_reason_header(text: str | None, cause: int | None) -> None:
    """RFC 3326; the part of another protocol is passed over, a value that is no Q.850 cause too."""
    assert cause == q850_of_reason(text)
