"""The book: a snapshot with a hash, lookups as of an instant, and every problem of its data at once."""

from datetime import timedelta

import pytest

from rating.book import RateBook
from rating.book_problems import BookError
from schemas.reference import ChannelLimit, Package, RateStatus, TrunkStatus, TrunkType
from tests.rating.cases import (
    AREA_CODES,
    NEW_YEAR,
    NOON,
    a_book,
    a_deck,
    a_plan,
    a_rate,
    a_trunk,
    an_account,
    an_address,
)

EMPTY_DECK = a_deck(deck_id="in")


def problems(**tables):
    """Table, row, field and what was found, of each problem."""
    with pytest.raises(BookError) as raised:
        a_book(**tables)
    return [(found.table, found.name, found.field, found.found) for found in raised.value.problems]


def test_the_hash_does_not_depend_on_the_order_of_rows():
    """Decks, rows, trunks and area codes in another order are the same book; another rate is another."""
    rates = (a_rate("1"), a_rate("44"))
    one = a_book(decks=[a_deck(*rates), EMPTY_DECK])
    other = a_book(decks=[EMPTY_DECK, a_deck(*reversed(rates))], area_codes=AREA_CODES[::-1])
    dearer = a_book(decks=[a_deck(a_rate("1", "0.011"), rates[1]), EMPTY_DECK])
    assert one.hash == other.hash
    assert one.hash != dearer.hash


def test_a_snapshot_makes_the_same_book():
    """Read back, it has the hash, and prices alike: the same rows under the same prefixes."""
    book = a_book()
    again = RateBook.from_snapshot(book.snapshot)
    assert (book.hash, book.snapshot) == (again.hash, again.snapshot)
    assert book.decks["out"].rates == again.decks["out"].rates


def test_a_book_prints_as_its_hash():
    """Not as a price list of 30,000 rows."""
    assert f"RateBook({a_book().hash})" == repr(a_book())


def test_plan_and_address_are_those_of_the_instant():
    """Versions touch: at the very instant the new one holds; before the first there is none."""
    plans = [a_plan(effective_until=NOON, charge_decimals=4), a_plan(effective_from=NOON)]
    addresses = [an_address(version=2, effective_from=NOON), an_address()]
    book = a_book(plans=plans, addresses=addresses)
    before = NOON - timedelta(microseconds=1)
    assert [4, 6] == [book.plan_at("plan", at).charge_decimals for at in (before, NOON)]
    assert [1, 2] == [book.address_at("home", at).version for at in (before, NOON)]
    assert None is book.plan_at("plan", NEW_YEAR - timedelta(days=1))
    assert None is book.address_at("home", NEW_YEAR - timedelta(days=1))


@pytest.mark.parametrize(
    ("expected", "tables"),
    [
        (("accounts", "acme", "account_id", "acme a second time"), {"accounts": [an_account(), an_account()]}),
        (("accounts", "acme", "time_zone", "Mars/Base"), {"accounts": [an_account(time_zone="Mars/Base")]}),
        (("addresses", "far", "account_id", "nobody"), {
            "addresses": [an_address(), an_address(address_id="far", account_id="nobody")],
        }),
        (
            ("addresses", "home", "version", "version 3"),
            {"addresses": [an_address(), an_address(version=3, effective_from=NOON)]},
        ),
        (
            ("addresses", "home", "effective_from", "2026-01-01T00:00:00Z"),
            {"addresses": [an_address(), an_address(version=2)]},
        ),
        (("plans", "plan", "inbound_deck", "gone"), {"plans": [a_plan(inbound_deck="gone")]}),
        (("plans", "plan", "outbound_deck", "eur in EUR"), {
            "plans": [a_plan(outbound_deck="eur")], "decks": [a_deck(deck_id="eur", currency="EUR"), EMPTY_DECK],
        }),
        (("plans", "plan", "outbound_deck", "null"), {
            "plans": [a_plan(package=Package.UNLIMITED, outbound_deck=None)],
        }),
        (("plans", "plan", "outbound_deck", "null"), {"plans": [a_plan(outbound_deck=None, inbound_deck=None)]}),
        (("plans", "plan", "effective_until", "2026-01-01T00:00:00Z"), {"plans": [a_plan(effective_until=NEW_YEAR)]}),
        (
            ("plans", "plan", "effective_from", "2026-10-06T12:00:00Z"),
            {"plans": [a_plan(effective_until=NOON), a_plan(effective_from=NOON + timedelta(days=1))]},
        ),
        (("plans", "plan", "package", "UNLIMITED in USD"), {
            "plans": [a_plan(effective_until=NOON), a_plan(package=Package.UNLIMITED, effective_from=NOON)],
        }),
        (("decks/out", "row-1", "row_id", "row-1 a second time"), {
            "decks": [a_deck(a_rate(until=NOON), a_rate(since=NOON)), EMPTY_DECK],
        }),
        (("decks/out", "late", "effective_from", "2026-10-05T12:00:00Z"), {
            "decks": [a_deck(a_rate(), a_rate(since=NOON, row_id="late")), EMPTY_DECK],
        }),
        (("decks/out", "row-1", "effective_until", "2026-01-01T00:00:00Z"), {
            "decks": [a_deck(a_rate(until=NEW_YEAR)), EMPTY_DECK],
        }),
        (("decks/out", "row-1", "rate_per_minute", "no rate for PRICED"), {
            "decks": [a_deck(a_rate().model_copy(update={"rate_per_minute": None})), EMPTY_DECK],
        }),
        (("decks/out", "row-1", "rate_per_minute", "0.1 for BLOCKED"), {
            "decks": [a_deck(a_rate(rate="0.1").model_copy(update={"status": RateStatus.BLOCKED})), EMPTY_DECK],
        }),
        (("decks/out", "row-1", "hours", "at night"), {"decks": [a_deck(a_rate(hours="at night")), EMPTY_DECK]}),
        (("decks/out", "row-1", "tiers", "60:1/1;30:1/1"), {
            "decks": [a_deck(a_rate(tiers="60:1/1;30:1/1")), EMPTY_DECK],
        }),
        (("decks/out", "noon", "hours", "Mon 12:00-13:00 UTC"), {
            "decks": [
                a_deck(a_rate(hours="Mon 08:00-18:00 UTC"), a_rate(hours="Mon 12:00-13:00 UTC", row_id="noon")),
                EMPTY_DECK,
            ],
        }),
        (("area_codes", "612", "area_code", "612 a second time"), {"area_codes": [*AREA_CODES, AREA_CODES[0]]}),
        (("trunks", "trunk", "account_id", "nobody"), {
            "trunks": [a_trunk(account_id="nobody", address_id=None, country="CA")],
        }),
        (("trunks", "trunk", "plan_id", "gone"), {"trunks": [a_trunk(plan_id="gone")]}),
        (("trunks", "trunk", "address_id", "none"), {"trunks": [a_trunk(address_id=None)]}),
        (("trunks", "trunk", "address_id", "none"), {"trunks": [a_trunk(address_id=None, country="PR")]}),
        (("trunks", "trunk", "address_id", "gone"), {"trunks": [a_trunk(address_id="gone")]}),
        (("trunks", "trunk", "address_id", "home version 2 in CA"), {
            "plans": [a_plan(package=Package.UNLIMITED)],
            "addresses": [an_address(), an_address(version=2, effective_from=NOON, country="CA")],
        }),
        (("trunks", "trunk", "plan_id", "plan, UNLIMITED, for country CA"), {
            "plans": [a_plan(package=Package.UNLIMITED)], "trunks": [a_trunk(country="CA")],
        }),
        (("trunks", "trunk", "user_name", "none"), {"trunks": [a_trunk(user_name=None)]}),
        (("trunks", "trunk", "provider_id", "none"), {"trunks": [a_trunk(type=TrunkType.PROVIDER)]}),
        (("trunks", "trunk", "provider", "CISCO_WEBEX for country CA"), {
            "trunks": [a_trunk(country="CA", provider="CISCO_WEBEX")],
        }),
        (("trunks", "trunk", "source_hosts", "10.0.0.1, which lies in 10.0.0.0/8"), {
            "trunks": [a_trunk(source_hosts=("10.0.0.1",))],
        }),
        (("trunks", "trunk", "effective_until", "2026-01-01T00:00:00Z"), {
            "trunks": [a_trunk(effective_until=NEW_YEAR)],
        }),
        (("trunks", "trunk", "channel_limits", "the first from 2026-10-05T12:00:00Z"), {
            "trunks": [a_trunk(channel_limits=(ChannelLimit(effective_from=NOON, channel_limit=1),))],
        }),
        (("trunks", "trunk", "statuses", "2026-01-01T00:00:00Z"), {
            "trunks": [a_trunk(statuses=(TrunkStatus(effective_from=NEW_YEAR, enabled=True),) * 2)],
        }),
        (("trunks", "other", "user_name", "trunk"), {
            "trunks": [a_trunk(), a_trunk("other", user_name="trunk", dids=())],
        }),
        (("trunks", "other", "dids", "+16125550100"), {"trunks": [a_trunk(), a_trunk("other")]}),
    ],
)  # fmt: skip
def test_what_must_not_be_loaded_is_named(expected, tables):
    """One mistake, one problem, with the row, the field and what was found."""
    assert [expected] == problems(**tables)


def test_rows_for_other_callers_do_not_overlap():
    """A row for any caller and one for each of two countries hold side by side; two for one country do not."""
    rates = [a_rate(), *(a_rate(row_id=country, caller_country=country) for country in ("US", "GB"))]
    assert 3 == len(a_book(decks=[a_deck(*rates), EMPTY_DECK]).decks["out"].rates)
    twice = [*rates, a_rate(row_id="again", caller_country="GB")]
    assert [("decks/out", "again", "effective_from", "2026-01-01T00:00:00Z")] == problems(
        decks=[a_deck(*twice), EMPTY_DECK]
    )


def test_hours_apart_and_rows_that_touch_are_sound():
    """Peak and weekend rows of one prefix over a row of any time; a row that ends where the next begins."""
    rates = [
        a_rate(until=NOON, row_id="old"),
        a_rate(since=NOON, row_id="new"),
        a_rate(hours="Mon-Fri 08:00-18:00 UTC", row_id="peak"),
        a_rate(hours="Sat-Sun 00:00-24:00 UTC", row_id="weekend"),
    ]
    assert 4 == len(a_book(decks=[a_deck(*rates), EMPTY_DECK]).decks["out"].rates)


def test_trunks_may_share_what_they_never_hold_together():
    """A user name passes on when a trunk ends, and trunks of one account may share a source address."""
    hosts = {"source_hosts": ("198.18.0.1",)}
    first = a_trunk(effective_until=NOON, **hosts)
    later = a_trunk("later", user_name="trunk", effective_from=NOON, **hosts)
    assert 3 == len(a_book(trunks=[first, later, a_trunk("side", dids=(), **hosts)]).trunks)


def test_a_source_address_of_another_account_is_refused():
    """The SBC could not tell whose call it is."""
    hosts = {"source_hosts": ("198.18.0.1",), "dids": ()}
    addresses = [an_address(), an_address(address_id="other", account_id="beta")]
    other = a_trunk("other", account_id="beta", address_id="other", **hosts)
    tables = {"accounts": [an_account(), an_account("beta")], "addresses": addresses}
    assert [("trunks", "other", "source_hosts", "198.18.0.1")] == problems(trunks=[a_trunk(**hosts), other], **tables)


def test_all_problems_are_reported_at_once():
    """Three tables, three problems, one error that lists them."""
    with pytest.raises(BookError) as raised:
        a_book(
            accounts=[an_account(time_zone="Mars/Base")],
            plans=[a_plan(inbound_deck="gone")],
            trunks=[a_trunk(user_name=None)],
        )
    assert {"accounts", "plans", "trunks"} == {found.table for found in raised.value.problems}
    assert 3 == len(str(raised.value).splitlines())
    assert "expected one of in, out" in str(raised.value)
