"""The fast twin gives what the specification gives, on any book and any record, and really goes the fast way."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rating.batch import rate_batch, rate_counted
from rating.call import rate_call
from rating.rated import BATCH_SCHEMA, RATED_SCHEMA
from rating.rated_columns import results_to_arrow
from schemas.cdr import Direction, cdrs_to_arrow
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

NUMBERS = (
    "+16125550100", "+16085550120", "+16515550199", "6085550199", "16085550199", "+19075550101", "+18085550101",
    "+17875550101", "+14165550101", "+18765550101", "+18005550101", "+19005550101", "+14715550101", "+15655550101",
    "+12005550101", "+16085551212", "+16089761234", "411", "911", "988", "211", "112", "+442079460018", "+447700900123",
    "+4470", "01144207946001", "011442079460018", "+883510001", "+8816", "+999", "1", "", "+", "abc",
    "anonymous", "*67", "+1612555010", "+161255501000",
    "00442079460018", "+16125550101", "12345", "+493012345678", "0" * 20, "\uff19\uff11\uff11",
)  # fmt: skip
IDS = ("trunk", "trunk-2", "trunk-3", "nobody", "")
PREFIXES = ("1", "16", "1612", "1608", "1608555", "44", "447", "4420", "1907", "1411", "49", "883")
HOURS = ("Mon-Fri 08:00-18:00 America/Chicago", "Sat-Sun 00:00-24:00 America/Chicago", "Sun 22:00-23:59 Asia/Kathmandu")
instants = st.integers(-40, 340).map(lambda days: NEW_YEAR + timedelta(days=days))
times = st.one_of(
    st.sampled_from([NOON, NEW_YEAR, NEW_YEAR - timedelta(microseconds=1), datetime(2026, 10, 1, 5, tzinfo=UTC)]),
    st.integers(-60_000_000, 400 * 86_400_000_000).map(lambda elapsed: NEW_YEAR + timedelta(microseconds=elapsed)),
)  # fmt: skip
amounts = st.sampled_from(["0", "0.01", "0.0075", "999999999.999999999", "0.000000001", "12.5"])


@st.composite
def decks(draw, deck_id):
    """Nested prefixes with periods that touch, gap or end, some blocked or without a price."""
    rows = []
    for prefix in draw(st.lists(st.sampled_from(PREFIXES), unique=True, min_size=3, max_size=9)):
        edges = sorted(draw(st.lists(instants, min_size=1, max_size=3, unique=True)))
        for number, (since, until) in enumerate(zip(edges, [*edges[1:], None], strict=True)):
            if draw(st.integers(0, 4)):
                status = draw(st.sampled_from([*[RateStatus.PRICED] * 4, RateStatus.BLOCKED, RateStatus.UNPRICED]))
                increments = draw(st.sampled_from(["1/1", "6/6", "60/60", "30/6", "86400/1", "7/3"]))
                fee = draw(amounts)
                rows.append(
                    a_rate(prefix, draw(amounts), increments, since=since, until=until, status=status,
                           connection_fee=fee, row_id=f"{prefix}-{number}")
                )  # fmt: skip
    rows += draw(special_rows())
    return a_deck(*rows, deck_id=deck_id) if rows else a_deck(deck_id=deck_id)


@st.composite
def special_rows(draw):
    """Rows that hold in some hours, over the others of their prefix, and rows whose price changes within a call."""
    rows = []
    for prefix in draw(st.lists(st.sampled_from(("1", "1608", "44")), unique=True, max_size=2)):
        for hours in draw(st.sampled_from([HOURS[:1], HOURS[:2], HOURS[2:]])):
            tiers = draw(st.sampled_from([None, "60:0.002/1", "1:0/30;61:7.5/7", "90:999999999/1"]))
            rows.append(a_rate(prefix, draw(amounts), "6/6", hours=hours, tiers=tiers, row_id=f"{prefix} {hours}"))
    if draw(st.integers(0, 3)) == 0:
        caller = draw(st.sampled_from(["US", "JM"]))
        rows.append(
            a_rate("1", "0.5", hours=draw(st.sampled_from([None, HOURS[0]])), caller_country=caller, row_id=caller)
        )
    return rows


def _decks(package):
    """Decks that a plan may have; only a METERED one may go without one for outbound calls."""
    metered = [{"outbound_deck": None}] if package is Package.METERED else []
    return [{}, {}, {"inbound_deck": None}, *metered]


@st.composite
def plans(draw, plan_id):
    """One or two versions of a plan."""
    package = draw(st.sampled_from(Package))
    change = draw(st.none() | instants.filter(lambda at: at > NEW_YEAR))
    edges = [NEW_YEAR - timedelta(days=50), change, draw(st.sampled_from([None, NOON + timedelta(days=400)]))]
    spans = [(edges[0], edges[2])] if change is None else [(edges[0], edges[1]), (edges[1], edges[2])]
    return [
        a_plan(
            plan_id, package, effective_from=since, effective_until=until,
            **draw(st.sampled_from(_decks(package))),
            seconds_rounding=draw(st.sampled_from(["ceil", "half_up", "floor"])),
            charge_decimals=draw(st.sampled_from([6, 4, 0, 9, -2])),
            charge_rounding=draw(st.sampled_from(["half_up", "up", "down"])),
            free_below_seconds=draw(st.sampled_from([0, 3, 61])),
            excluded_prefixes=draw(st.sampled_from([(), ("1608",), ("1608555", "1907")])),
            blocked_classes=draw(st.sampled_from([("PREMIUM",), (), ("INTERNATIONAL", "CANADA")])),
            free_classes=draw(st.sampled_from([("EMERGENCY", "CRISIS_988"), (), ("TOLL_FREE", "N11")])),
        )
        for since, until in spans
    ]  # fmt: skip


@st.composite
def trunks(draw, trunk_id):
    """A trunk with any of the identifiers, a life, statuses and a way to dial."""
    since = draw(st.sampled_from([NEW_YEAR] * 5 + [NOON]))
    statuses = draw(st.sampled_from([()] * 4 + [(True,), (False, True), (True, False)]))
    own = {"trunk": "100", "trunk-2": "101", "trunk-3": "120"}[trunk_id]
    return a_trunk(
        trunk_id,
        effective_from=since,
        effective_until=draw(st.sampled_from([None] * 5 + [NOON + timedelta(hours=1)])),
        statuses=tuple(
            TrunkStatus(effective_from=since + timedelta(days=5 * n), enabled=on) for n, on in enumerate(statuses)
        ),
        source_hosts=("198.18.0.1",),
        provider_id=f"provider-{trunk_id}",
        plan_id="plan" if trunk_id == "trunk" else "plan-2",
        dids=(f"+16125550{own}", *(("+16085550120",) if trunk_id == "trunk-3" else ())),
        number_format=draw(st.sampled_from(["E164", "US_NATIONAL", "INTERNATIONAL"])),
        dial_plan=draw(st.sampled_from([None, None, DialPlan(accept_bare_e164=True), DialPlan(tech_prefix="^99")])),
    )  # fmt: skip


@st.composite
def books(draw):
    """Three trunks on two plans with a deck for each way; the account lives in any zone."""
    zone = draw(st.sampled_from(["UTC", "America/Chicago", "Asia/Kathmandu", "Pacific/Kiritimati"]))
    edited = an_address(region=draw(st.sampled_from(["WI", None])), version=2, effective_from=NOON)
    return a_book(
        accounts=[an_account(time_zone=zone)],
        addresses=[an_address(), *draw(st.sampled_from([[], [edited]]))],
        plans=[*draw(plans("plan")), *draw(plans("plan-2"))],
        trunks=[draw(trunks(name)) for name in ("trunk", "trunk-2", "trunk-3")],
        decks=[draw(decks("out")), draw(decks("in"))],
    )


usual = st.fixed_dictionaries(
    {
        "called": st.sampled_from(NUMBERS[:16]),
        "calling": st.sampled_from(NUMBERS[:16]),
        "direction": st.sampled_from([Direction.OUTBOUND, Direction.INBOUND, Direction.FORWARD, None]),
        "claimed_trunk_id": st.sampled_from(IDS[:3]),
        "answered_at": st.sampled_from([NOON, NOON + timedelta(days=2), datetime(2026, 11, 1, 3, tzinfo=UTC)]),
        "measured_ms": st.sampled_from([0, 2_500, 61_000, 61_499, 60_500]) | st.integers(0, 10**7),
    }
)
unusual = {
    "called": st.none() | st.sampled_from(NUMBERS),
    "calling": st.none() | st.sampled_from(NUMBERS),
    "claimed_trunk_id": st.none(),
    "trunk": st.sampled_from(IDS),
    "user_name": st.sampled_from(IDS),
    "provider_id": st.sampled_from(["provider-trunk-2", "nobody"]),
    "source_ip": st.sampled_from(["198.18.0.1", "198.18.0.9"]),
    "answered_at": st.none() | times,
    "started_at": st.none() | times,
    "received_at": times,
    "measured_ms": st.sampled_from([None, -1, 1, 499, 500, 999, 1000, 2**62, 2**63 - 1]),
    "is_billed_leg": st.just(False),
    "flags": st.just(("TZ_GUESSED",)),
    "reject_reason": st.just("BAD_FIELD"),
}
"""Fields that a record may have otherwise than usual; `trunk` is a claim to another trunk."""


@st.composite
def cdrs(draw):
    """A usual record of a trunk, or one with a few fields changed to anything."""
    fields = draw(usual)
    for name in draw(st.lists(st.sampled_from(sorted(unusual)), max_size=3)):
        fields["claimed_trunk_id" if name == "trunk" else name] = draw(unusual[name])
    return a_cdr(**fields)


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(books(), st.lists(cdrs(), min_size=15, max_size=30))
def test_twins_agree_on_every_column(book, records):
    """Random books, random records, every column of every row exactly."""
    expected = results_to_arrow([rate_call(cdr, book) for cdr in records])
    actual = rate_batch(cdrs_to_arrow(records), book)
    assert BATCH_SCHEMA == actual.schema
    actual.validate(full=True)
    for name in RATED_SCHEMA.names:
        assert expected.column(name).to_pylist() == actual.column(name).to_pylist(), name


def test_an_empty_batch_has_no_ratings():
    """No record, no row, and still every column."""
    rated = rate_batch(cdrs_to_arrow([]), a_book())
    assert (0, BATCH_SCHEMA) == (rated.num_rows, rated.schema)


def test_the_fast_path_runs():
    """Priced, included, free, unanswered and foreign legs are computed in columns; only refused ones are left over."""
    book = a_book(
        plans=[a_plan(package=Package.UNLIMITED)], decks=[a_deck(a_rate(), a_rate("44")), a_deck(deck_id="in")]
    )
    plain = [
        a_cdr(),
        a_cdr(called="+442079460018"),
        a_cdr(called="911"),
        a_cdr(direction=None, calling="+16085550199", called="+16125550100"),
        a_cdr(answered_at=None, seconds=None),
        a_cdr(is_billed_leg=False, claimed_trunk_id="nobody"),
        a_cdr(reject_reason="BAD_FIELD", reject_detail="A letter where digits were expected."),
        a_cdr(seconds=0),
    ]
    refused = [
        a_cdr(called="+12005550100"),
        a_cdr(claimed_trunk_id="nobody"),
        a_cdr(called="+4999"),
        a_cdr(called="411"),
    ]
    assert 0 == rate_counted(cdrs_to_arrow(plain * 10), book).one_by_one
    assert len(refused) == rate_counted(cdrs_to_arrow(plain + refused), book).one_by_one


def test_one_of_many_refused_alike_is_asked_about():
    """Calls of a customer to a blocked number, and to one without a price, in two months; NO_RATE tells the time."""
    book = a_book(decks=[a_deck(a_rate(), a_rate("44", None)), a_deck(deck_id="in")])
    november = datetime(2026, 11, 30, 12, tzinfo=UTC)
    refused = [
        a_cdr(called="+19005550123"),
        a_cdr(called="+442079460018", seconds=1),
        a_cdr(called="+19005550123", seconds=3_600, answered_at=november, flags=("TZ_GUESSED",)),
        a_cdr(called="+442079460018", answered_at=november),
        a_cdr(called="+442079460019"),
        a_cdr(called="+4930123456"),
        a_cdr(called="+4930123456", answered_at=november),
    ]
    rated = rate_counted(cdrs_to_arrow(refused), book)
    assert 3 + 2 == rated.one_by_one
    expected = results_to_arrow([rate_call(cdr, book) for cdr in refused])
    assert expected.to_pylist() == rated.rows.to_pylist()
    assert ["2026-10", "2026-11"] == rated.rows.column("period").to_pylist()[1:4:2]
