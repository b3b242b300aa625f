"""The canonical CDR and its Arrow twin say the same."""

from datetime import UTC, datetime

from schemas.cdr import CDR, CDR_SCHEMA, Direction, RecordType, cdrs_from_arrow, cdrs_to_arrow
from schemas.ledger import USAGE_SCHEMA

MINIMAL = CDR(
    source="sbc1",
    source_format="native_json",
    partition="cdr.raw.sbc1-0",
    offset=7,
    received_at=datetime(2026, 10, 1, tzinfo=UTC),
    raw_sha256=bytes(32),
    cdr_id="c" * 32,
    call_group_id="g1",
)
FULL = MINIMAL._replace(
    record_type=RecordType.STOP,
    direction=Direction.OUTBOUND,
    answered_at=datetime(2026, 10, 1, 12, 0, 0, 567_001, tzinfo=UTC),
    measured_ms=61_000,
    flags=("LOW_RES",),
)


def test_same_fields_in_same_order() -> None:
    """The value and the schema name the same fields in the same order."""
    assert list(CDR._fields) == CDR_SCHEMA.names


def test_round_trip() -> None:
    """A CDR that went through Arrow is the same CDR, to the microsecond."""
    assert [MINIMAL, FULL] == cdrs_from_arrow(cdrs_to_arrow([MINIMAL, FULL]))


def test_empty_batch() -> None:
    """No CDRs are an empty batch of the same schema."""
    assert CDR_SCHEMA == cdrs_to_arrow([]).schema


def test_ledger_field_names_are_unique_and_described() -> None:
    """Every ledger field appears once and says what it holds."""
    assert len(set(USAGE_SCHEMA.names)) == len(USAGE_SCHEMA.names)
    assert all(field.metadata[b"description"] for field in USAGE_SCHEMA)
