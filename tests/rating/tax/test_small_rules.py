"""Exemptions, inclusive prices, line counts, names of jurisdictions: the small rules."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.tax.exemptions import Exemption, ExemptionKind, find_exemption, lies_within
from rating.tax.fees import ChannelCount, CountMethod, LineCount, Tier, TrunkChannels, count_lines
from rating.tax.inclusive import gross_up, take_apart
from rating.tax.jurisdictions import Jurisdiction, level_of, sst_jurisdiction, state_jurisdiction
from rating.tax.terms import Level, TaxType
from tests.rating.tax.bills import a_trunk

MAY = (date(2026, 5, 1), date(2026, 6, 1))
RESALE = Exemption(
    ExemptionKind.RESALE_STATE,
    "US-MN",
    frozenset({Level.STATE, Level.COUNTY}),
    frozenset({TaxType.STATE_SALES, TaxType.LOCAL_SALES}),
    date(2026, 1, 1),
    date(2027, 1, 1),
)


@pytest.mark.parametrize(
    ("tax_type", "level", "area", "day", "is_exempt"),
    [
        (TaxType.STATE_SALES, Level.STATE, "US-MN", date(2026, 1, 1), True),
        (TaxType.LOCAL_SALES, Level.COUNTY, "US-MN-C053", date(2026, 12, 31), True),
        (TaxType.STATE_SALES, Level.STATE, "US-MN", date(2027, 1, 1), False),
        (TaxType.STATE_SALES, Level.STATE, "US-MN", date(2025, 12, 31), False),
        (TaxType.STATE_SALES, Level.STATE, "US-WI", date(2026, 5, 1), False),
        (TaxType.LOCAL_SALES, Level.CITY, "US-MN-P43000", date(2026, 5, 1), False),
        (TaxType.E911_STATE, Level.STATE, "US-MN", date(2026, 5, 1), False),
        (TaxType.FUSF, Level.FED, "US", date(2026, 5, 1), False),
    ],
)
def test_a_certificate_covers_area_level_kind_and_days(
    tax_type: TaxType, level: Level, area: str, day: date, *, is_exempt: bool
) -> None:
    """Place, level, kind of tax and half-open days must all match."""
    assert is_exempt is (find_exemption([RESALE], tax_type, level, area, day) is not None)


def test_a_certificate_without_kinds_covers_all_of_them() -> None:
    """A state agency pays neither sales tax nor 911 fees."""
    agency = RESALE._replace(kind=ExemptionKind.GOV_STATE, tax_types=None)
    assert agency == find_exemption([agency], TaxType.E911_STATE, Level.STATE, "US-MN", date(2026, 5, 1))


def test_the_first_certificate_that_applies_is_the_reason() -> None:
    """Two certificates: the one listed first is named."""
    other = RESALE._replace(kind=ExemptionKind.NONPROFIT)
    assert other == find_exemption([other, RESALE], TaxType.STATE_SALES, Level.STATE, "US-MN", date(2026, 5, 1))


def test_areas_lie_within_each_other_by_whole_parts() -> None:
    """A county lies within its state and the country; a name that merely begins alike does not."""
    assert lies_within("US-MN-C053", "US-MN")
    assert lies_within("US-MN", "US")
    assert not lies_within("US-MN-C0531", "US-MN-C053")
    assert not lies_within("US", "US-MN")


def test_a_gross_price_is_taken_apart_exactly() -> None:
    """Example 24: 109.03 with 9.025 percent is 100.00 and 9.03."""
    price = take_apart(Decimal("109.03"), [], [Decimal("0.06875"), Decimal("0.0215")])
    assert ("100.00", "9.03") == (str(price.base), str(price.tax))
    assert ["6.88", "2.15"] == [str(tax) for tax in price.taxes]


def test_fixed_fees_come_off_first() -> None:
    """59.99 less 0.95 is 59.04; at 10.25 percent 53.5510..., so 53.55 and 5.49."""
    price = take_apart(Decimal("59.99"), [Decimal("0.95")], [Decimal("0.065"), Decimal("0.0375")])
    assert ("53.55", "5.49", "0.95") == (str(price.base), str(price.tax), str(price.fixed))


def test_a_price_without_rates_is_its_base() -> None:
    """Nothing to split."""
    assert (Decimal("12.34"), Decimal("0.00"), Decimal("0.00"), []) == take_apart(Decimal("12.34"), [], [])


@given(
    st.decimals(-100_000, 100_000, places=2),
    st.lists(st.decimals(0, "0.2", places=5), min_size=1, max_size=5),
    st.decimals(0, 50, places=2),
)
def test_base_tax_and_fees_make_the_gross(gross: Decimal, rates: list[Decimal], fee: Decimal) -> None:
    """No cent is lost or made, and the taxes sum to the tax."""
    price = take_apart(gross, [fee], rates)
    assert gross == price.base + price.tax + price.fixed
    assert price.tax == sum(price.taxes)


def test_a_tax_in_its_own_base_is_grossed_up() -> None:
    """5 percent of the surcharge too: 100 x 0.05 / 0.95 is 5.2631..., 5.26."""
    assert "5.26" == str(gross_up(Decimal(100), Decimal("0.05")))


PENNSYLVANIA = LineCount(
    CountMethod.TIERED,
    tiers=(
        Tier(25, Decimal(1)), Tier(100, Decimal("0.75")), Tier(250, Decimal("0.5")), Tier(500, Decimal("0.2")),
        Tier(None, Decimal("0.172")),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "channels", "billed", "weight"),
    [
        (LineCount(CountMethod.PER_CHANNEL_OUT), 40, 40, "40"),
        (LineCount(CountMethod.CAP_PER_BILL, cap=25), 40, 25, "25"),
        (LineCount(CountMethod.CAP_PER_BILL, cap=25), 24, 24, "24"),
        (PENNSYLVANIA, 0, 0, "0"),
        (PENNSYLVANIA, 25, 25, "25"),
        (PENNSYLVANIA, 30, 30, "28.75"),
        (PENNSYLVANIA, 300, 300, "166.25"),
        (PENNSYLVANIA, 500, 500, "206.25"),
        (PENNSYLVANIA, 1000, 1000, "292.25"),
    ],
)
def test_lines_are_counted_as_the_law_counts(rule: LineCount, channels: int, billed: int, weight: str) -> None:
    """300 Centrex lines: 25 + 75 x 0.75 + 150 x 0.5 + 50 x 0.2 = 166.25; 1000: 206.25 + 500 x 0.172 = 292.25."""
    assert (channels, billed, Fraction(weight)) == count_lines(rule, [a_trunk(channels)], *MAY)


def test_a_primary_rate_link_counts_as_many_lines() -> None:
    """Two links of 23 channels are 46 lines."""
    links = TrunkChannels("pri", "minneapolis", (), pri_links=2)
    assert 46 == count_lines(LineCount(CountMethod.PER_PRI, per_pri=23), [links], *MAY).billed


def test_only_outbound_channels_count() -> None:
    """An inbound-only trunk of 30 channels cannot call 911."""
    trunks = [a_trunk(8), a_trunk(30, trunk_id="inbound", is_outbound=False)]
    assert 8 == count_lines(LineCount(CountMethod.PER_CHANNEL_OUT), trunks, *MAY).billed


@pytest.mark.parametrize(
    ("method", "billed"),
    [
        (CountMethod.PER_CHANNEL, 46),
        (CountMethod.PER_TRUNK, 2),
        (CountMethod.PER_ACCOUNT, 1),
        (CountMethod.PER_CHANNEL_OUT, 16),
    ],
)
def test_what_else_a_law_may_count(method: CountMethod, billed: int) -> None:
    """Two trunks of 8 channels, and one of 30 that only receives calls: channels, trunks that call out, the bill."""
    trunks = [a_trunk(8), a_trunk(8, trunk_id="second"), a_trunk(30, trunk_id="inbound", is_outbound=False)]
    found = count_lines(LineCount(method), trunks, *MAY)
    assert (16, billed, Fraction(billed)) == found
    assert 0 == count_lines(LineCount(method), [], *MAY).billed


def test_days_on_which_a_trunk_may_not_call_out_do_not_count() -> None:
    """Until the 16th a plan that only receives calls and 30 channels, then 12 that call out."""
    counts = (
        ChannelCount(date(2026, 1, 1), date(2026, 5, 16), 30, is_outbound=False),
        ChannelCount(date(2026, 5, 16), None, 12),
    )
    trunk = TrunkChannels("trunk", "minneapolis", counts)
    assert 12 == count_lines(LineCount(CountMethod.PER_CHANNEL_OUT), [trunk], *MAY).billed
    assert 30 == count_lines(LineCount(CountMethod.PER_CHANNEL), [trunk], *MAY).billed


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([("2025-06-01", "2026-05-12", 10), ("2026-05-12", "2026-05-20", 25), ("2026-05-20", None, 8)], 25),
        ([("2025-06-01", "2026-06-01", 10), ("2026-06-01", None, 40)], 10),
        ([("2025-06-01", "2026-05-01", 60), ("2026-05-01", None, 12)], 12),
        ([("2026-05-31", None, 15)], 15),
        ([("2026-06-01", None, 15)], 0),
    ],
)
def test_the_highest_count_of_the_period(counts: list[tuple[str, str | None, int]], expected: int) -> None:
    """Half-open on both sides: what ends on the first day or begins on the day after the last does not count."""
    dated = tuple(
        ChannelCount(date.fromisoformat(start), date.fromisoformat(end) if end else None, channels)
        for start, end, channels in counts
    )
    trunk = TrunkChannels("trunk", "minneapolis", dated)
    assert expected == count_lines(LineCount(CountMethod.PER_CHANNEL_OUT), [trunk], *MAY).channels


@given(st.lists(st.tuples(st.integers(-60, 60), st.integers(1, 60), st.integers(1, 1000)), max_size=6))
def test_the_count_is_that_of_the_busiest_day(rows: list[tuple[int, int, int]]) -> None:
    """Day by day over the period, no day has more channels than were counted, and one has as many."""
    start, end = MAY
    counts = [
        ChannelCount(start + timedelta(days=offset), start + timedelta(days=offset + length), channels)
        for offset, length, channels in rows
    ]
    days = [start + timedelta(days=number) for number in range((end - start).days)]
    by_day = [
        max((row.channels for row in counts if row.effective_from <= day < (row.effective_until or day)), default=0)
        for day in days
    ]
    trunk = TrunkChannels("trunk", "minneapolis", tuple(counts))
    assert max(by_day) == count_lines(LineCount(CountMethod.PER_CHANNEL_OUT), [trunk], *MAY).channels


@pytest.mark.parametrize(
    ("sst_type", "code", "expected"),
    [
        ("45", "27", state_jurisdiction("MN")),
        ("00", "053", Jurisdiction("US-MN-C053", Level.COUNTY)),
        ("01", "43000", Jurisdiction("US-MN-P43000", Level.CITY)),
        ("03", "43001", Jurisdiction("US-MN-P43001", Level.CITY)),
        ("63", "80008", Jurisdiction("US-MN-D80008", Level.DISTRICT)),
        ("61", "00001", Jurisdiction("US-MN-T6100001", Level.DISTRICT)),
    ],
)
def test_names_of_streamlined_jurisdictions(sst_type: str, code: str, expected: Jurisdiction) -> None:
    """Types of the rate files become levels; special kinds of district keep their type in the name."""
    assert expected == sst_jurisdiction("MN", sst_type, code)
    assert expected.level is level_of(expected.jurisdiction_id)


@pytest.mark.parametrize("name", ["DE", "US-MN-X1", "US-MN-C053-1", ""])
def test_what_is_no_jurisdiction(name: str) -> None:
    """A wrong name is refused with what was expected."""
    with pytest.raises(ValueError, match=r"no jurisdiction|ends in no county"):
        level_of(name)


def test_jurisdictions_rank_by_level_then_code() -> None:
    """Federal, state, county, city, district; then the code."""
    ranked = ["US", "US-MN", "US-MN-C053", "US-MN-P43000", "US-MN-D80008", "US-MN-D80009"]
    found = sorted((Jurisdiction(name, level_of(name)) for name in reversed(ranked)), key=lambda area: area.rank)
    assert ranked == [area.jurisdiction_id for area in found]
