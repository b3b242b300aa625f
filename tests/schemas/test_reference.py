"""Reference data as people write it: what each kind of text may be, and what the models refuse."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.reference import (
    Account,
    AreaCode,
    ChannelLimit,
    Country,
    Identifier,
    IncrementSeconds,
    Instant,
    Package,
    Plan,
    Prefix,
    Rate,
    RateDeck,
    RateStatus,
    RateText,
    Reference,
    ServiceAddress,
    TiersText,
    Trunk,
    TrunkType,
)

START = datetime(2026, 10, 1, tzinfo=UTC)

PLAN: dict[str, Any] = {
    "plan_id": "metered", "package": Package.METERED, "effective_from": START, "outbound_deck": "out",
}  # fmt: skip
RATE: dict[str, Any] = {"row_id": "1", "prefix": "4420", "destination": "London", "effective_from": START}
TRUNK: dict[str, Any] = {
    "trunk_id": "t1", "account_id": "a1", "name": "Main", "type": TrunkType.STATIC, "plan_id": "metered",
    "location": "New York", "country": "US", "effective_from": START,
    "channel_limits": (ChannelLimit(effective_from=START, channel_limit=10),),
}  # fmt: skip
ADDRESS: dict[str, Any] = {
    "address_id": "hq", "account_id": "a1", "effective_from": START, "street": "1 Main St", "city": "Madison",
    "country": "US",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        (Identifier, ["a", "9", "acme-1", "DECK.2026:10_a", "a" * 128]),
        (RateText, ["0", "0.0098", "999999999.999999999", "007", "1.0"]),
        (Prefix, ["1", "4420", "0" * 15]),
        (TiersText, ["60:0.05/1", "60:0.05/1;120:0.02/6", "0:0/60", "99999:999999999.999999999/99999"]),
        (Country, ["US", "GB", "ZZ"]),
        (IncrementSeconds, [1, 6, 60, 86_400]),
    ],
)
def test_texts_that_are_taken_as_they_are(kind: Any, good: list[Any]) -> None:
    """Nothing is trimmed, padded or converted."""
    adapter = TypeAdapter(kind)
    assert good == [adapter.validate_python(value, strict=True) for value in good]


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        (Identifier, ["", "-a", ".a", "a b", "a/b", "a\n", "\u00fcber", "a" * 129]),
        (RateText, ["", ".5", "5.", "-1", "+1", "1e3", "1,5", " 1", "1\n", "0.0000000001", "1234567890", "\u0661"]),
        (Prefix, ["", "+44", "44 20", "44a", "4420\n", "1" * 16, "\u0664"]),
        (TiersText, ["", "60", "60:0.05", "60:0.05/0", "60:0.05/1;", ";60:0.05/1", "60:.05/1", "60:-1/1", "1:1/01"]),
        (Country, ["", "us", "USA", "U", "U1", "US "]),
        (IncrementSeconds, [0, -1, 86_401, "60", 60.0, True]),
    ],
)
def test_texts_that_are_refused(kind: Any, bad: list[Any]) -> None:
    """Signs, blanks, exponents, other alphabets, too many digits, numbers as text and text as numbers."""
    adapter = TypeAdapter(kind)
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value, strict=True)


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"\A[0-9]{1,9}(\.[0-9]{1,9})?\Z"))
def test_a_rate_is_taken_digit_by_digit(text: str) -> None:
    """A rate stays the text that was published, zeros at both ends included."""
    assert text == Rate(**RATE, rate_per_minute=text).rate_per_minute


@settings(max_examples=60, deadline=None)
@given(st.floats() | st.integers())
def test_a_rate_is_never_a_number(number: float) -> None:
    """A JSON number may have been a binary fraction on its way, so no number is taken at all."""
    with pytest.raises(ValidationError, match="string"):
        Rate(**RATE, rate_per_minute=number)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Account, {"account_id": "a1", "name": "Acme"}),
        (ServiceAddress, ADDRESS),
        (Plan, PLAN),
        (Trunk, TRUNK),
        (Rate, RATE),
        (RateDeck, {"deck_id": "out", "rates": ()}),
        (AreaCode, {"area_code": "212", "number_class": "US_LOWER48_DC", "country": "US"}),
    ],
)
def test_every_model_is_strict_and_immutable(model: type[Reference], fields: dict[str, Any]) -> None:
    """A misspelt key, a missing key and a later change are all refused."""
    value = model(**fields)
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        model(**fields, efective_from=START)
    for name in fields:
        with pytest.raises(ValidationError, match="Field required"):
            model(**{key: kept for key, kept in fields.items() if key != name})
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, next(iter(fields)), "other")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("seconds_rounding", "ceil"),
        ("charge_decimals", 6),
        ("charge_rounding", "half_up"),
        ("minutes_per_channel", 3000),
        ("long_call_seconds", 14_400),
        ("short_call_seconds", 6),
        ("short_call_percent", 15),
        ("mean_seconds_min", 60),
        ("domestic_classes", ("US_LOWER48_DC", "US_AK", "US_HI")),
        ("excluded_prefixes", ()),
        ("free_below_seconds", 0),
        ("effective_until", None),
        ("currency", "USD"),
    ],
)
def test_a_plan_that_says_nothing_has_the_products_defaults(field: str, expected: object) -> None:
    """PRODUCT.md, Rating 2, 4, 9 and 10: ceil, six decimals half up, 50 states and DC, 3,000 minutes a channel."""
    assert expected == getattr(Plan(**PLAN), field)


def test_territories_and_premium_numbers_are_not_domestic() -> None:
    """PRODUCT.md, Rating 9: no class of a territory, of toll-free or of premium numbers is in the default set."""
    domestic = set(Plan(**PLAN).domestic_classes)
    assert set() == domestic & {"US_TERRITORY", "TOLL_FREE", "PREMIUM", "CANADA", "CARIBBEAN"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"seconds_rounding": "round"}, "seconds_rounding"),
        ({"charge_decimals": 10}, "charge_decimals"),
        ({"charge_decimals": -7}, "charge_decimals"),
        ({"charge_rounding": "bankers"}, "charge_rounding"),
        ({"minutes_per_channel": -1}, "minutes_per_channel"),
        ({"long_call_seconds": -1}, "long_call_seconds"),
        ({"short_call_seconds": -1}, "short_call_seconds"),
        ({"short_call_percent": 101}, "short_call_percent"),
        ({"mean_seconds_min": -1}, "mean_seconds_min"),
        ({"free_below_seconds": -1}, "free_below_seconds"),
        ({"channel_fee": "-5"}, "channel_fee"),
        ({"channel_fee": 5}, "channel_fee"),
        ({"currency": "usd"}, "currency"),
        ({"excluded_prefixes": ("+1712",)}, "excluded_prefixes"),
        ({"package": "PREPAID"}, "package"),
        ({"outbound_deck": ""}, "outbound_deck"),
    ],
)
def test_a_plan_that_is_refused(changes: dict[str, Any], place: str) -> None:
    """The error names the field."""
    with pytest.raises(ValidationError) as caught:
        Plan(**(PLAN | changes))
    assert place == caught.value.errors()[0]["loc"][0]


@pytest.mark.parametrize(("limit", "is_good"), [(0, False), (1, True), (1000, True), (1001, False)])
def test_a_trunk_has_one_to_a_thousand_channels(limit: int, *, is_good: bool) -> None:
    """PRODUCT.md, Words: a trunk has a channel limit of 1 to 1000."""
    found = True
    try:
        ChannelLimit(effective_from=START, channel_limit=limit)
    except ValidationError:
        found = False
    assert is_good is found


def test_a_trunk_without_a_channel_limit_is_refused() -> None:
    """Without one, nobody could price its channels."""
    with pytest.raises(ValidationError, match="at least 1 item"):
        Trunk(**(TRUNK | {"channel_limits": ()}))


@pytest.mark.parametrize(
    ("number", "is_good"),
    [
        ("+12125550123", True), ("+1234567", True), ("+123456789012345", True),
        ("12125550123", False), ("+123456", False), ("+1234567890123456", False), ("+1 212 555 0123", False),
        ("", False),
    ],
)  # fmt: skip
def test_the_numbers_of_a_trunk_are_e164(number: str, *, is_good: bool) -> None:
    """A plus and seven to fifteen digits, nothing else."""
    adapter = TypeAdapter(Trunk)
    found = True
    try:
        adapter.validate_python(TRUNK | {"dids": (number,)})
    except ValidationError:
        found = False
    assert is_good is found


def test_a_trunk_type_that_nobody_sells_is_refused() -> None:
    """PRODUCT.md, Trunks: static, registered, provider, and Operator Connect in the registry."""
    assert {"STATIC", "REGISTERED", "PROVIDER", "OPERATOR_CONNECT"} == set(TrunkType)
    with pytest.raises(ValidationError, match="type"):
        Trunk(**(TRUNK | {"type": "ANALOGUE"}))


def test_versions_of_an_address_count_from_one() -> None:
    """The first version needs no number; there is no version 0."""
    assert 1 == ServiceAddress(**ADDRESS).version
    with pytest.raises(ValidationError, match="version"):
        ServiceAddress(**ADDRESS, version=0)


def test_a_rate_row_without_remarks_is_priced_by_whole_minutes() -> None:
    """60/60 from the first second on, without a connection fee, until further notice."""
    rate = Rate(**RATE)
    assert (60, 60, "0", None) == (rate.initial_seconds, rate.next_seconds, rate.connection_fee, rate.effective_until)
    assert RateStatus.PRICED is rate.status


@pytest.mark.parametrize("code", ["21", "2121", "21a", "+21", ""])
def test_an_area_code_has_three_digits(code: str) -> None:
    """Neither fewer nor more, and no letters."""
    with pytest.raises(ValidationError, match="area_code"):
        AreaCode(area_code=code, number_class="US_LOWER48_DC", country="US")


def test_a_time_without_a_zone_is_no_instant() -> None:
    """Nobody can say which moment it is."""
    with pytest.raises(ValidationError, match="timezone"):
        TypeAdapter(Instant).validate_python(datetime(2026, 10, 1))  # noqa: DTZ001 - the point of the test


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    st.integers(-14 * 60, 14 * 60),
)
def test_one_instant_has_one_spelling(instant: datetime, minutes: int) -> None:
    """A time of any zone is kept in UTC, so that two spellings of one moment give one hash of the book."""
    elsewhere = instant.astimezone(timezone(timedelta(minutes=minutes)))
    assert str(instant) == str(TypeAdapter(Instant).validate_python(elsewhere))
