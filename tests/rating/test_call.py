"""What one call costs, by the money rules one after the other; why it is refused, in order of precedence."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from rating.call import rate_call
from rating.rated import RatedCall, RejectedCDR
from schemas.cdr import Direction
from schemas.ledger import PRICE_FIELDS
from schemas.outcomes import RejectReason
from schemas.reference import DialPlan, Package, RateStatus, TrunkStatus
from tests.rating.cases import (
    NEW_YEAR,
    NOON,
    a_book,
    a_cdr,
    a_deck,
    a_plan,
    a_rate,
    a_trunk,
    an_account,
    an_address,
)

INBOUND = a_deck(a_rate(rate="0.005"), deck_id="in")
UNLIMITED = a_plan(package=Package.UNLIMITED)


def rated(record, **tables):
    """The rated call of a record in a book with these tables."""
    result = rate_call(record, a_book(**tables))
    assert isinstance(result, RatedCall), result
    return result


def refused(record, **tables):
    """The reason of a rejected record."""
    result = rate_call(record, a_book(**tables))
    assert isinstance(result, RejectedCDR), result
    assert result.detail
    return result.reason


def outbound(*rates):
    """Tables with these rows in the outbound deck."""
    return {"decks": (a_deck(*rates), INBOUND)}


# -- Rating 1 to 4: seconds and charge


@pytest.mark.parametrize(
    ("charge", "billed", "measured_ms", "increments", "rounding"),
    [
        ("0.011", 66, 61_000, "6/6", "ceil"),  # 66 s at 0.01 a minute
        ("0.011", 66, 60_001, "6/6", "ceil"),  # a millisecond more than a minute is 61 s
        ("0.010", 60, 60_001, "6/6", "half_up"),
        ("0.020", 120, 61_000, "60/60", "ceil"),
        ("0.010", 60, 1_000, "60/1", "ceil"),
        ("0.000167", 1, 1, "1/1", "ceil"),  # 0.01 / 60 = 0.00016666..., half up
        ("0.000", 0, 999, "1/1", "floor"),
        ("0.000", 0, 0, "60/60", "ceil"),
    ],
)
def test_seconds_are_rounded_then_billed_in_steps_then_charged(charge, billed, measured_ms, increments, rounding):
    """A rate of 0.01 a minute: seconds, increments, and one rounding to six decimals."""
    tables = outbound(a_rate(increments=increments)) | {"plans": [a_plan(seconds_rounding=rounding)]}
    found = rated(a_cdr(measured_ms=measured_ms), **tables)
    assert (Decimal(charge), billed) == (found.charge, found.billed_seconds)


def test_the_connection_fee_is_charged_once_and_not_for_zero_seconds():
    """0.05 and 66 s at 0.01 a minute are 0.061; nothing for no second, and the rule says so."""
    tables = outbound(a_rate(connection_fee="0.05"))
    assert Decimal("0.061") == rated(a_cdr(), **tables).charge
    silent = rated(a_cdr(seconds=0), **tables)
    assert (0, "trunk.id deck.outbound seconds.zero") == (silent.charge, silent.rule_ids)


def test_short_calls_are_free_below_the_plan_s_seconds():
    """Free below 3 s: 2 s cost nothing, not even the fee, and 3 s are charged."""
    tables = outbound(a_rate(connection_fee="0.05")) | {"plans": [a_plan(free_below_seconds=3)]}
    short = rated(a_cdr(seconds=2), **tables)
    assert (0, 6, True) == (short.charge, short.billed_seconds, short.rule_ids.endswith("seconds.short"))
    assert Decimal("0.051") == rated(a_cdr(seconds=3), **tables).charge


def test_a_short_call_of_an_unlimited_trunk_takes_no_allowance():
    """It is free by its length, so no overage may ever charge it; a call of 3 s is within the plan."""
    plans = [a_plan(package=Package.UNLIMITED, free_below_seconds=3)]
    short, whole = (rated(a_cdr(seconds=seconds), plans=plans) for seconds in (2, 3))
    assert ("METERED", 0, "seconds.short") == (short.charge_kind, short.charge, short.rule_ids.rpartition(" ")[2])
    assert ("INCLUDED", 0, "plan.unlimited") == (whole.charge_kind, whole.charge, whole.rule_ids.rpartition(" ")[2])
    assert "INCLUDED" == rated(a_cdr(seconds=0), plans=plans).charge_kind


@pytest.mark.parametrize(
    ("charge", "decimals", "rounding"),
    [("0.01", 2, "half_up"), ("0.02", 2, "up"), ("0.01", 2, "down"), ("0", 0, "half_up"), ("1", 0, "up")],
)
def test_the_plan_rounds_the_charge(charge, decimals, rounding):
    """0.011 by the plan's decimals and rule."""
    plan = a_plan(charge_decimals=decimals, charge_rounding=rounding)
    assert Decimal(charge) == rated(a_cdr(), plans=[plan]).charge


# -- Rating 5: the rate in force at the answer


def test_a_call_keeps_the_rate_of_its_answer():
    """The price doubles at noon: a call answered a millisecond before pays the old one, however long it lasts."""
    tables = outbound(a_rate(until=NOON, row_id="old"), a_rate(rate="0.02", since=NOON, row_id="new"))
    before = NOON - timedelta(milliseconds=1)
    assert ["old", "new"] == [rated(a_cdr(answered_at=at), **tables).deck_row for at in (before, NOON)]


@pytest.mark.parametrize(
    ("reason", "status"),
    [(RejectReason.RATE_BLOCKED, RateStatus.BLOCKED), (RejectReason.RATE_UNPRICED, RateStatus.UNPRICED)],
)
def test_a_row_without_a_price_refuses_and_never_falls_back(reason, status):
    """Wisconsin has a row and no price; the row of prefix 1 is not asked."""
    assert reason == refused(a_cdr(), **outbound(a_rate(), a_rate("1608", status=status)))


def test_rows_of_some_hours_go_before_the_others():
    """Peak from 8 to 18 in Chicago on working days: Monday noon UTC is 7 o'clock there, an hour later is peak."""
    peak = a_rate(rate="0.03", hours="Mon-Fri 08:00-18:00 America/Chicago", row_id="peak")
    later = NOON + timedelta(hours=1)
    found = [rated(a_cdr(answered_at=at), **outbound(a_rate(), peak)) for at in (NOON, later)]
    assert ["row-1", "peak"] == [call.deck_row for call in found]
    assert "trunk.id deck.outbound rate.hours" == found[1].rule_ids


def test_tiers_charge_each_piece_at_its_own_rate():
    """A minute at 0.2, then 0.1 a minute by the second: 90 s are 0.2 + 0.05, as one published case says."""
    found = rated(a_cdr(seconds=90), **outbound(a_rate(rate="0.2", increments="60/60", tiers="60:0.1/1")))
    assert (Decimal("0.25"), 90, "trunk.id deck.outbound rate.tiers") == (
        found.charge, found.billed_seconds, found.rule_ids,
    )  # fmt: skip


# -- Rating 6 and 7: direction decides the deck


@pytest.mark.parametrize(
    ("charge", "direction", "calling", "called"),
    [
        ("0.011", Direction.OUTBOUND, "+16125550100", "+16085550199"),
        ("0.0055", Direction.INBOUND, "+16085550199", "+16125550100"),
        ("0.011", Direction.FORWARD, "+16085550199", "+16515550142"),
        ("0.011", None, "+16125550100", "+16085550199"),
        ("0.0055", None, "+16085550199", "+16125550100"),
    ],
)
def test_direction_decides_the_deck(charge, direction, calling, called):
    """Outbound and forwarded legs cost 0.01 a minute, inbound ones 0.005; without a direction the own DID decides."""
    assert Decimal(charge) == rated(a_cdr(direction=direction, calling=calling, called=called)).charge


@pytest.mark.parametrize(
    ("row", "calling", "direction"),
    [
        ("from-jm", "+18765550100", Direction.INBOUND),
        ("any", "+16085550199", Direction.INBOUND),
        ("any", "anonymous", Direction.INBOUND),
        ("any", "+18765550100", Direction.FORWARD),
    ],
)
def test_an_inbound_row_may_hold_for_callers_of_one_country(row, calling, direction):
    """Jamaica calling the DID has a row of its own; others, withheld numbers and forwarded legs have not."""
    deck = (a_rate(row_id="any"), a_rate(rate="0.09", row_id="from-jm", caller_country="JM"))
    tables = {"decks": [a_deck(*deck), a_deck(*deck, deck_id="in")]}
    found = rated(a_cdr(direction=direction, calling=calling, called="+16125550100"), **tables)
    assert (row, row == "from-jm") == (found.deck_row, "rate.caller" in found.rule_ids)


@pytest.mark.parametrize(("calling", "called"), [("+16085550199", "+16085550198"), ("+16125550100", "+16125550100")])
def test_without_direction_and_without_one_own_end_a_record_is_refused(calling, called):
    """Neither end is the trunk's DID, or both are."""
    assert RejectReason.NO_DIRECTION == refused(a_cdr(direction=None, calling=calling, called=called))


def test_a_plan_without_an_inbound_deck_refuses_inbound_calls():
    """Nothing is free by omission."""
    record = a_cdr(direction=Direction.INBOUND, calling="+16085550199", called="+16125550100")
    assert RejectReason.NO_DECK == refused(record, plans=[a_plan(inbound_deck=None)])


@pytest.mark.parametrize("direction", [Direction.OUTBOUND, Direction.FORWARD])
def test_a_plan_without_an_outbound_deck_only_takes_calls(direction):
    """An inbound call is priced; what goes out is refused, a forwarded leg too."""
    plans = [a_plan(outbound_deck=None)]
    assert RejectReason.NO_DECK == refused(a_cdr(direction=direction), plans=plans)
    record = a_cdr(direction=Direction.INBOUND, calling="+16085550199", called="+16125550100")
    assert "in" == rated(record, plans=plans).deck_id


def test_a_leg_that_is_not_billed_is_free_with_or_without_a_customer():
    """A leg to an endpoint costs nothing of its own, and an unknown trunk is no reason to refuse it."""
    known, unknown = (rated(a_cdr(is_billed_leg=False, claimed_trunk_id=name)) for name in ("trunk", "nobody"))
    assert ("FREE", 0, "acme", "trunk.id leg.free") == (
        known.charge_kind,
        known.charge,
        known.account_id,
        known.rule_ids,
    )
    assert ("FREE", 0, None, "leg.free") == (unknown.charge_kind, unknown.charge, unknown.account_id, unknown.rule_ids)


def test_only_answered_legs_cost_money():
    """An attempt is rated, free, and counted for its customer."""
    found = rated(a_cdr(answered_at=None, seconds=None))
    assert ("FREE", 0, 0, "trunk.id leg.unanswered") == (
        found.charge_kind, found.charge, found.call_seconds, found.rule_ids,
    )  # fmt: skip


# -- Rating 8: classes before prefixes


@pytest.mark.parametrize(
    ("reason", "called"),
    [
        (RejectReason.NUM_UNPARSED, "+4999"),
        (RejectReason.NUM_UNPARSED, None),
        (RejectReason.UNKNOWN_NANP, "+12005550100"),
        (RejectReason.UNKNOWN_NANP, "+15655550100"),  # assigned, without a day of service
        (RejectReason.CLASS_BLOCKED, "+19005550100"),
        (RejectReason.NO_RATE, "+18765550100"),  # Jamaica is not the United States of prefix 1
        (RejectReason.NO_RATE, "+14165550100"),  # nor is Canada
        (RejectReason.NO_RATE, "411"),  # prefix 1 does not price a short code
        (RejectReason.NO_RATE, "+442079460018"),
    ],
)
def test_classes_and_prefixes_refuse(reason, called):
    """A deck with prefix 1 only prices the United States and nothing else."""
    assert reason == refused(a_cdr(called=called))


def test_an_area_code_counts_from_its_day():
    """471 Mississippi is in service from 5 October 2026."""
    record = a_cdr(called="+14715550100")
    assert "US_LOWER48_DC" == rated(record).number_class
    assert RejectReason.UNKNOWN_NANP == refused(record._replace(answered_at=NOON - timedelta(days=1)))


def test_emergency_is_free_and_a_short_code_has_a_row_of_its_own():
    """911 needs no rate; 411 is priced by prefix 1411, 1.25 a call."""
    free = rated(a_cdr(called="911"))
    assert ("FREE", 0, "EMERGENCY", None) == (free.charge_kind, free.charge, free.number_class, free.deck_row)
    tables = outbound(a_rate(), a_rate("1411", "0", "60/60", connection_fee="1.25"))
    assert Decimal("1.25") == rated(a_cdr(called="411"), **tables).charge


def test_the_plan_decides_which_classes_are_blocked_and_free():
    """A plan may block Canada and give toll-free numbers away."""
    tables = outbound(a_rate(), a_rate("1416")) | {
        "plans": [a_plan(blocked_classes=("CANADA",), free_classes=("TOLL_FREE",))]
    }
    assert RejectReason.CLASS_BLOCKED == refused(a_cdr(called="+14165550100"), **tables)
    assert "FREE" == rated(a_cdr(called="+18005550100"), **tables).charge_kind


def test_digits_are_read_by_the_trunk_s_dial_plan():
    """Ten digits are national on this trunk; with a plan of its own, 0 and national digits are German."""
    assert "WI" == rated(a_cdr(called="6085550199"), trunks=[a_trunk(number_format="US_NATIONAL")]).destination_state
    german = a_trunk(dial_plan=DialPlan(default_country="DE", international_prefixes=("00",), national_prefix="0"))
    found = rated(a_cdr(called="03012345678"), trunks=[german], **outbound(a_rate("49")))
    assert ("DE", "49") == (found.destination_country, found.prefix)


# -- Rating 9: UNLIMITED


@pytest.mark.parametrize(
    ("kind", "charge", "called", "direction"),
    [
        ("INCLUDED", "0", "+16085550199", Direction.OUTBOUND),
        ("INCLUDED", "0", "+19075550199", Direction.OUTBOUND),
        ("METERED", "0.011", "+17875550199", Direction.OUTBOUND),  # a territory
        ("METERED", "0.011", "+18005550199", Direction.OUTBOUND),  # toll-free
        ("METERED", "0.011", "+442079460018", Direction.OUTBOUND),
        ("METERED", "0.011", "+16085550199", Direction.FORWARD),
        ("METERED", "0.0055", "+16125550100", Direction.INBOUND),
    ],
)
def test_unlimited_includes_outbound_domestic_calls_only(kind, charge, called, direction):
    """50 states and DC, outbound; everything else is metered."""
    found = rated(a_cdr(called=called, direction=direction), plans=[UNLIMITED], **outbound(a_rate(), a_rate("44")))
    assert (kind, Decimal(charge)) == (found.charge_kind, found.charge)


def test_an_included_call_keeps_what_would_meter_it():
    """Close prices the overage: row, rate, increments and seconds stay on the line."""
    found = rated(a_cdr(), plans=[UNLIMITED])
    assert ("row-1", Decimal("0.01"), 6, 6, 61, 66, 0) == (
        found.deck_row, found.rate_per_minute, found.initial_seconds, found.next_seconds, found.call_seconds,
        found.billed_seconds, found.charge,
    )  # fmt: skip
    assert "trunk.id deck.outbound plan.unlimited" == found.rule_ids


def test_listed_prefixes_and_other_classes_are_not_domestic():
    """Traffic pumping prefixes are metered; a plan may meter Alaska too."""
    pumping = a_plan(package=Package.UNLIMITED, excluded_prefixes=("1608555",))
    assert "METERED" == rated(a_cdr(), plans=[pumping]).charge_kind
    continental = a_plan(package=Package.UNLIMITED, domestic_classes=("US_LOWER48_DC",))
    assert "METERED" == rated(a_cdr(called="+19075550199"), plans=[continental]).charge_kind


# -- Trunks 6: whose call it is


@pytest.mark.parametrize(
    ("reason", "record"),
    [
        (RejectReason.UNKNOWN_TRUNK, a_cdr(claimed_trunk_id="nobody", user_name="trunk")),
        (RejectReason.UNKNOWN_TRUNK, a_cdr(claimed_trunk_id=None)),
        (RejectReason.TRUNK_ENDED, a_cdr(answered_at=NEW_YEAR - timedelta(days=1))),
        (RejectReason.TRUNK_DISABLED, a_cdr(answered_at=NEW_YEAR + timedelta(days=1))),
        (RejectReason.AMBIGUOUS_TRUNK, a_cdr(claimed_trunk_id=None, source_ip="198.18.0.1")),
        (RejectReason.NO_PLAN, a_cdr(answered_at=NOON + timedelta(days=30))),
    ],
)
def test_a_customer_that_cannot_be_found_is_a_reason(reason, record):
    """Unknown, ended, disabled, ambiguous and without a plan are different reasons."""
    off = (TrunkStatus(effective_from=NEW_YEAR, enabled=False), TrunkStatus(effective_from=NOON, enabled=True))
    shared = {"source_hosts": ("198.18.0.1",)}
    trunks = [a_trunk(statuses=off, **shared), a_trunk("other", dids=(), **shared)]
    assert reason == refused(record, trunks=trunks, plans=[a_plan(effective_until=NOON + timedelta(days=20))])


@pytest.mark.parametrize(
    ("rule", "identifiers"),
    [
        ("trunk.id", {"claimed_trunk_id": "trunk", "user_name": "other"}),
        ("trunk.user", {"user_name": "trunk", "provider_id": "unknown", "source_ip": "198.18.0.1"}),
        ("trunk.provider", {"user_name": "unknown", "provider_id": "proj", "source_ip": "198.18.0.9"}),
        ("trunk.ip", {"source_ip": "198.18.0.1"}),
        ("trunk.did", {"direction": Direction.INBOUND, "called": "+16125550100"}),
    ],
)
def test_the_first_known_identifier_finds_the_trunk(rule, identifiers):
    """Trunk id, user name, provider identifier, source IP, and the DID of an inbound call with none of them."""
    trunk = a_trunk(user_name="trunk", provider_id="proj", source_hosts=("198.18.0.1",))
    found = rated(a_cdr(**{"claimed_trunk_id": None} | identifiers), trunks=[trunk, a_trunk("other", dids=())])
    assert ("trunk", rule) == (found.trunk_id, found.rule_ids.split()[0])


# -- the rest of the line


def test_the_period_is_a_month_of_the_account_s_zone():
    """1 November, 4 o'clock UTC is still October in Chicago; without an account it is November."""
    late = datetime(2026, 11, 1, 4, tzinfo=UTC)
    chicago = [an_account(time_zone="America/Chicago")]
    assert "2026-10" == rated(a_cdr(answered_at=late), accounts=chicago).period
    assert "2026-10" == rate_call(a_cdr(answered_at=late, called="+4999"), a_book(accounts=chicago)).period
    assert "2026-11" == rate_call(a_cdr(answered_at=late, claimed_trunk_id="nobody"), a_book(accounts=chicago)).period


def test_the_address_version_of_the_call_is_pinned():
    """An address edited at noon: a call before keeps version 1 and its state."""
    addresses = [an_address(), an_address("WI", version=2, effective_from=NOON)]
    before, after = (rated(a_cdr(answered_at=at), addresses=addresses) for at in (NOON - timedelta(hours=1), NOON))
    assert [(1, "MN", "INTERSTATE"), (2, "WI", "INTRASTATE")] == [
        (call.service_address_version, call.origin_state, call.call_scope) for call in (before, after)
    ]


def test_scope_and_taxing_state_come_from_three_places():
    """Minnesota address, Wisconsin called: interstate, Minnesota at two of three; then an unknown caller."""
    out = rated(a_cdr())
    assert ("INTERSTATE", "MN", "WI", "MN") == (
        out.call_scope, out.origin_state, out.termination_state, out.taxing_state,
    )  # fmt: skip
    record = a_cdr(direction=Direction.INBOUND, calling="anonymous", called="+16125550100")
    inbound = rated(record)
    assert ("INDETERMINATE", None, "MN", "MN") == (
        inbound.call_scope, inbound.origin_state, inbound.termination_state, inbound.taxing_state,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "record"),
    [
        ("BAD_FIELD", a_cdr(reject_reason="BAD_FIELD", reject_detail="Bad.", claimed_trunk_id="nobody")),
        (RejectReason.UNKNOWN_TRUNK, a_cdr(claimed_trunk_id="nobody", seconds=None)),
        (RejectReason.NO_STOP, a_cdr(seconds=None, called="+4999")),
        (RejectReason.NEG_DURATION, a_cdr(seconds=-1, called="+4999")),
        (RejectReason.NO_DIRECTION, a_cdr(direction=None, calling="+16085550199", called="+12005550100")),
        (RejectReason.UNKNOWN_NANP, a_cdr(called="+12005550100")),
        (RejectReason.CHARGE_OVERFLOW, a_cdr(measured_ms=2**62)),
    ],
)
def test_the_first_step_that_refuses_gives_the_reason(reason, record):
    """Each record has two things wrong with it, or one; what comes first is said."""
    assert reason == refused(record)


def test_price_fields_are_those_of_the_ledger():
    """The fields of a rated call after its flags, in the ledger's order."""
    assert PRICE_FIELDS == RatedCall._fields[3:]


@pytest.mark.parametrize(
    "part",
    ["No rate for 442079460018", "deck out", "2026-10-05T12:00:00+00:00", "prefix 4420 holds from", "reason NO_RATE"],
)
def test_no_rate_says_what_was_looked_for_and_what_came_near(part):
    """Number, deck, instant, the row that is not in force, and what to do."""
    tables = outbound(a_rate("4420", until=NOON))
    assert part in rate_call(a_cdr(called="+442079460018"), a_book(**tables)).detail
