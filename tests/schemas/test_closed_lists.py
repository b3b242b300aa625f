"""The closed lists say what the documents say, and the ledger has a described column for everything."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import pyarrow as pa
import pytest

from schemas.cdr import CDR_SCHEMA, INSTANT, Direction, RecordType
from schemas.ledger import MONEY, PRICE_FIELDS, PRICE_SCHEMA, ROW_FIELDS, USAGE_SCHEMA
from schemas.outcomes import Flag, RejectClass, RejectReason, State

BLOCKING = ("NEG_DURATION", "TZ_AMBIGUOUS", "FUTURE", "TOO_OLD", "NO_STOP", "ORPHAN_INTERIM", "KEY_CONFLICT")
UNREADABLE = ("TOO_LONG", "BAD_QUOTE", "TRUNCATED", "UNKNOWN_LAYOUT", "BAD_FIELD", "FILE_TOTALS")


@pytest.mark.parametrize("members", [State, RejectReason, Flag, RejectClass, RecordType, Direction])
def test_a_member_is_written_as_it_is_called(members: type[StrEnum]) -> None:
    """The text in the ledger is the name in the documents."""
    assert [member.name for member in members] == [str(member) for member in members]


def test_states_are_those_of_the_balance() -> None:
    """PRODUCT.md, Money 2: received = rated + duplicate + rejected + pending + merged."""
    assert ["RATED", "REJECTED", "DUPLICATE", "PENDING", "MERGED"] == list(State)


def test_remarks_are_those_of_severity_warn() -> None:
    """Mediation, closed lists: a flag never stops rating; the two that may also block are in both lists."""
    expected = {
        "DISPOSITION_CONFLICT", "ZERO_DURATION", "CLOCK_UNSYNC", "TZ_GUESSED", "FROM_DISPLAY", "OVER_CAPACITY",
        "MAX_DURATION", "SEQ_GAP", "ENCODING", "LATE_TEARDOWN", "LOW_RES", "NO_MEDIA", "SUSPECT_DUP",
    }  # fmt: skip
    both = {"DURATION_MISMATCH", "NUM_UNPARSED"}
    assert expected | both == set(Flag)
    assert both == set(Flag) & set(RejectReason)


@pytest.mark.parametrize("reason", [*UNREADABLE, *BLOCKING, "DURATION_MISMATCH", "NUM_UNPARSED"])
def test_every_reason_of_mediation_is_in_the_list(reason: str) -> None:
    """What cannot be read, and what is read and may not be priced."""
    assert reason == RejectReason(reason)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("BAD_FIELD", "NEG_DURATION"),
        ("NUM_UNPARSED", "UNKNOWN_TRUNK"),
        ("UNKNOWN_TRUNK", "TRUNK_ENDED"),
        ("NO_PLAN", "NO_DECK"),
        ("UNKNOWN_NANP", "NO_RATE"),
        ("CLASS_BLOCKED", "NO_RATE"),
        ("NO_DECK", "NO_RATE"),
    ],
)
def test_what_is_known_first_is_reported(first: str, then: str) -> None:
    """The bytes before the customer, the customer before the price (PRODUCT.md, Rating 8: classes before prefixes)."""
    order = list(RejectReason)
    assert order.index(RejectReason(first)) < order.index(RejectReason(then))


def test_reasons_of_calls_that_the_network_did_not_complete() -> None:
    """Mediation R39: nine classes and no other."""
    expected = {
        "CAPACITY", "AUTH", "BALANCE", "INTL_BLOCKED", "NO_ROUTE", "BUSY", "NOANSWER", "CANCEL", "FAILURE",
    }  # fmt: skip
    assert expected == set(RejectClass)


@pytest.mark.parametrize("word", ["rated", "", "RATE", "UNKNOWN"])
def test_a_word_that_is_not_in_the_list_is_refused(word: str) -> None:
    """Neither another case nor a part of a word."""
    with pytest.raises(ValueError, match="not a valid State"):
        State(word)


def test_the_columns_of_the_ledger_are_those_of_its_parts() -> None:
    """The row, the record, the price, in this order, and no name twice."""
    assert [*ROW_FIELDS, *CDR_SCHEMA.names, *PRICE_FIELDS] == USAGE_SCHEMA.names
    assert len(set(USAGE_SCHEMA.names)) == len(USAGE_SCHEMA.names)
    assert list(PRICE_FIELDS) == PRICE_SCHEMA.names


@pytest.mark.parametrize("field", list(CDR_SCHEMA), ids=lambda field: field.name)
def test_a_record_is_kept_as_it_was_received(field: pa.Field) -> None:
    """Same type, same need as in the canonical CDR."""
    kept = USAGE_SCHEMA.field(field.name)
    assert (field.type, field.nullable) == (kept.type, kept.nullable)


@pytest.mark.parametrize("name", ["rate_per_minute", "connection_fee", "charge"])
def test_money_has_nine_decimals(name: str) -> None:
    """DECIMAL(18,9): 999,999,999.999999999 fits, a tenth decimal is refused and never rounded away."""
    field = USAGE_SCHEMA.field(name)
    assert MONEY == field.type
    assert [Decimal("999999999.999999999")] == pa.array([Decimal("999999999.999999999")], field.type).to_pylist()
    with pytest.raises(pa.ArrowInvalid):
        pa.array([Decimal("0.0000000001")], field.type)
    with pytest.raises(pa.ArrowInvalid):
        pa.array([Decimal(1_000_000_000)], field.type)


@pytest.mark.parametrize("field", list(USAGE_SCHEMA), ids=lambda field: field.name)
def test_a_column_is_exact_and_described(field: pa.Field) -> None:
    """No binary fraction, and a sentence for whoever asks the ledger."""
    assert not pa.types.is_floating(field.type)
    assert len("row") < len(field.metadata[b"description"].decode().strip())


@pytest.mark.parametrize("name", PRICE_FIELDS)
def test_a_price_may_be_missing(name: str) -> None:
    """A rejected record has none, so no column of the price is required."""
    assert USAGE_SCHEMA.field(name).nullable


@pytest.mark.parametrize(
    ("name", "value", "type_"),
    [
        ("day", date(2026, 10, 1), pa.date32()),
        ("period", "2026-10", pa.string()),
        ("rated_at", datetime.fromisoformat("2026-10-01T12:00:00.000001+00:00"), INSTANT),
        ("version", 0, pa.int32()),
        ("leg_partition", 3, pa.int32()),
    ],
)
def test_columns_that_say_where_a_row_belongs(name: str, value: object, type_: pa.DataType) -> None:
    """Required, and read back as they were written."""
    field = USAGE_SCHEMA.field(name)
    assert (type_, False) == (field.type, field.nullable)
    assert [value] == pa.array([value], field.type).to_pylist()


@pytest.mark.parametrize(
    "name",
    ["deck_id", "deck_row", "rate_per_minute", "initial_seconds", "next_seconds", "measured_ms", "billed_seconds",
     "charge_rounding", "plan_id", "service_address_version", "rule_ids", "book_hash"],
)  # fmt: skip
def test_a_line_can_be_computed_again_by_hand(name: str) -> None:
    """PRODUCT.md, Rating 12: deck id and row, rate, increments, durations, rounding, plan, address version, rules."""
    assert name in USAGE_SCHEMA.names
