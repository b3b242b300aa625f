"""The book: one hash for one content, lookups as of an instant, and every problem of a load in one go."""

from datetime import timedelta

import pytest

from rating.book import RateBook
from rating.book_problems import BookError
from schemas.reference import ChannelLimit, Package, RateStatus, TrunkStatus, TrunkType
from tests.rating.cases import NEW_YEAR, NOON, a_book, a_deck, a_plan, a_rate, a_trunk, an_account, an_address

LATER = NEW_YEAR + timedelta(days=100)
MUCH_LATER = NEW_YEAR + timedelta(days=200)


def problems(**tables) -> list[str]:
    """The problems of a book as lines."""
    with pytest.raises(BookError) as error:
        a_book(**tables)
    return [str(problem) for problem in error.value.problems]


def test_the_hash_does_not_depend_on_the_order():
    """Rows and files may come in any order."""
    rates = (a_rate("1"), a_rate("44"), a_rate("1608"))
    forward = a_book(decks=(a_deck(*rates), a_deck(deck_id="in")), accounts=[an_account("a"), an_account()])
    backward = a_book(decks=(a_deck(deck_id="in"), a_deck(*rates[::-1])), accounts=[an_account(), an_account("a")])
    assert forward.hash == backward.hash


def test_the_hash_depends_on_every_value():
    """One digit of one rate makes another book."""
    assert a_book().hash != a_book(decks=(a_deck(a_rate(rate="0.011")), a_deck(deck_id="in"))).hash
    assert a_book().hash != a_book(accounts=[an_account(time_zone="Europe/Berlin")]).hash


def test_a_snapshot_makes_the_same_book():
    """The text that is kept beside the ledger says everything."""
    book = a_book()
    again = RateBook.from_snapshot(book.snapshot)
    assert (book.hash, book.snapshot) == (again.hash, again.snapshot)
    assert book.accounts == again.accounts
    assert book.trunks == again.trunks


def test_the_version_of_a_plan_is_that_of_the_instant():
    """Versions touch: the second one counts from its first instant on."""
    book = a_book(plans=[a_plan(effective_until=LATER), a_plan(effective_from=LATER, charge_decimals=4)])
    assert [6, 4] == [book.plan_at("plan", at).charge_decimals for at in (LATER - timedelta(microseconds=1), LATER)]
    assert book.plan_at("plan", NEW_YEAR - timedelta(seconds=1)) is None


def test_the_version_of_an_address_is_the_last_that_has_begun():
    """Before the first one there is none."""
    book = a_book(addresses=[an_address(), an_address(version=2, effective_from=LATER)])
    versions = [book.address_at("home", at) for at in (NEW_YEAR - timedelta(seconds=1), NEW_YEAR, LATER)]
    assert [None, 1, 2] == [address and address.version for address in versions]


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({"accounts": [an_account(), an_account()]}, "accounts, acme, account_id: found acme a second time"),
        ({"trunks": [a_trunk(), a_trunk()]}, "trunks, trunk, trunk_id: found trunk a second time"),
        ({"accounts": [an_account(time_zone="Mars/Olympus")]}, "accounts, acme, time_zone: found Mars/Olympus"),
        ({"addresses": [an_address(account_id="other")]}, "addresses, home, account_id: found other"),
        ({"addresses": [an_address(), an_address(version=3, effective_from=LATER)]}, "found version 3, expected"),
        ({"addresses": [an_address(), an_address(version=2)]}, "expected a start after 2026-01-01T00:00:00Z"),
        ({"plans": [a_plan(outbound_deck="none")]}, "plans, plan, outbound_deck: found none, expected one of in, out"),
        ({"plans": [a_plan(currency="EUR")]}, "expected a deck in EUR, the currency of the plan"),
        ({"plans": [a_plan(effective_until=NEW_YEAR)]}, "expected an end after the start, 2026-01-01T00:00:00Z"),
        ({"plans": [a_plan(effective_until=LATER), a_plan(effective_from=MUCH_LATER)]}, "no gap and no overlap"),
        ({"plans": [a_plan(), a_plan(effective_from=LATER)]}, "which is open: no gap and no overlap"),
        (
            {"plans": [a_plan(effective_until=LATER), a_plan(package=Package.UNLIMITED, effective_from=LATER)]},
            "expected METERED in USD, as in the version before",
        ),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_does_not_hold_across_rows(tables, expected):
    """Where, what was found, what was expected."""
    assert any(expected in problem for problem in problems(**tables)), problems(**tables)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([a_rate("44"), a_rate("44", row_id="again")], "not before the end of row row-44 of prefix 44, which is open"),
        ([a_rate("44", until=MUCH_LATER), a_rate("44", since=LATER, row_id="again")], "ends 2026-07-20T00:00:00Z"),
        ([a_rate("44", since=LATER, until=LATER)], "expected an end after the start"),
        ([a_rate("44", row_id="x"), a_rate("45", row_id="x")], "found x a second time"),
    ],
    ids=["open", "overlap", "empty", "row-twice"],
)  # fmt: skip
def test_what_a_deck_may_not_say(rates, expected):
    """Rows of one prefix never overlap in time."""
    found = problems(decks=(a_deck(a_rate(), *rates), a_deck(deck_id="in")))
    assert any(expected in problem for problem in found), found
    assert all(problem.startswith("decks/out") for problem in found)


def test_rows_that_touch_do_not_overlap():
    """Half-open: one ends where the next begins."""
    rates = (a_rate(until=LATER, row_id="a"), a_rate(since=LATER, row_id="b"))
    assert 2 == len(a_book(decks=(a_deck(*rates), a_deck(deck_id="in"))).decks["out"].rates)


def test_a_blocked_row_has_no_rate():
    """A rate on a BLOCKED row, or none on a PRICED one, is a mistake of the file."""
    wrong = a_rate("44").model_copy(update={"status": RateStatus.BLOCKED})
    (found,) = problems(decks=(a_deck(a_rate(), wrong), a_deck(deck_id="in")))
    assert "found 0.01 for BLOCKED, expected a rate for PRICED, none for BLOCKED and UNPRICED" in found


STATIC = {"type": TrunkType.STATIC, "user_name": None, "dids": ()}


@pytest.mark.parametrize(
    ("trunk", "expected"),
    [
        (a_trunk(account_id="nobody"), "account_id: found nobody, expected one of acme"),
        (a_trunk(plan_id="none"), "plan_id: found none, expected one of plan"),
        (a_trunk(address_id=None), "expected a service address, which a trunk in the US must have"),
        (a_trunk(address_id="moon"), "address_id: found moon, expected one of home"),
        (a_trunk(user_name=None), "the user name that a REGISTERED trunk is found by"),
        (a_trunk(type=TrunkType.PROVIDER), "the identifier that a PROVIDER trunk is found by"),
        (a_trunk(provider="CISCO_WEBEX", provider_id="x", country="DE"), "country US, the only one of CISCO_WEBEX"),
        (a_trunk(effective_until=NEW_YEAR), "expected an end after the start"),
        (
            a_trunk(channel_limits=(ChannelLimit(effective_from=LATER, channel_limit=5),)),
            "expected a limit from the start of the trunk",
        ),
        (
            a_trunk(statuses=(TrunkStatus(effective_from=NOON, enabled=True),) * 2),
            "expected a start after 2026-10-05T12:00:00Z, where the one before begins",
        ),
        (a_trunk(source_hosts=("10.1.2.3",), **STATIC), "found 10.1.2.3, which lies in 10.0.0.0/8"),
        (a_trunk(source_hosts=("100.64.0.1",), **STATIC), "which lies in 100.64.0.0/10"),
        (a_trunk(source_hosts=("127.0.0.1",), **STATIC), "which lies in 127.0.0.0/8"),
        (a_trunk(source_hosts=("169.254.1.1",), **STATIC), "which lies in 169.254.0.0/16"),
        (a_trunk(source_hosts=("224.0.0.1",), **STATIC), "which lies in 224.0.0.0/4"),
        (a_trunk(source_hosts=("203.0.113.9",), **STATIC), "which lies in 203.0.113.0/24"),
        (a_trunk(source_hosts=("fe80::1",), **STATIC), "which lies in fe80::/10"),
        (a_trunk(source_hosts=("::ffff:10.1.2.3",), **STATIC), "which lies in 10.0.0.0/8"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_does_not_hold_for_a_trunk(trunk, expected):
    """PRODUCT.md, Trunks 1 to 5."""
    found = problems(trunks=[trunk])
    assert any(expected in problem for problem in found), found


def test_unlimited_is_for_the_united_states():
    """A trunk elsewhere needs a METERED plan."""
    found = problems(plans=[a_plan(package=Package.UNLIMITED)], trunks=[a_trunk(country="DE")])
    assert any("expected a METERED plan outside the US" in problem for problem in found)


def test_an_address_belongs_to_the_account_of_its_trunk():
    """Nobody uses another customer's address."""
    found = problems(accounts=[an_account(), an_account("b")], trunks=[a_trunk(account_id="b")])
    assert any("found home of acme, expected an address of b" in problem for problem in found)


@pytest.mark.parametrize(
    "twice",
    [
        {"user_name": "same"},
        {"user_name": None, "type": TrunkType.PROVIDER, "provider": "FRESHWORKS", "provider_id": "AC1"},
        {"dids": ("+16125550123",)},
    ],
    ids=["user", "provider", "did"],
)
def test_an_identifier_has_one_owner(twice):
    """Two trunks at one time may not share what a call is found by."""
    distinct = {"dids": ()} | twice
    found = problems(trunks=[a_trunk(name, **({"user_name": name} | distinct)) for name in ("one", "two")])
    assert any("expected an identifier of its own; trunk one of acme has it too" in problem for problem in found), found


def test_an_identifier_may_pass_to_the_next():
    """After its owner has ended."""
    trunks = [
        a_trunk("one", user_name="same", dids=(), effective_until=LATER),
        a_trunk("two", user_name="same", dids=(), effective_from=LATER),
    ]
    assert {"one", "two"} == set(a_book(trunks=trunks).trunks)


def test_a_source_address_is_one_customers():
    """Trunks of one account may share it, those of two may not (PRODUCT.md, Trunks 4)."""
    hosts = {"source_hosts": ("198.18.0.1",), **STATIC}
    assert 2 == len(a_book(trunks=[a_trunk("one", **hosts), a_trunk("two", **hosts)]).trunks)
    addresses = (an_address(), an_address(address_id="theirs", account_id="b"))
    second = a_trunk("two", account_id="b", address_id="theirs", **hosts)
    found = problems(
        accounts=[an_account(), an_account("b")], addresses=addresses, trunks=[a_trunk("one", **hosts), second]
    )
    assert any("source_hosts: found 198.18.0.1" in problem for problem in found)


def test_all_problems_are_told_at_once():
    """One load, one list."""
    found = problems(
        accounts=[an_account(time_zone="?")], plans=[a_plan(outbound_deck="none")], trunks=[a_trunk(address_id=None)]
    )
    assert 3 <= len(found)
