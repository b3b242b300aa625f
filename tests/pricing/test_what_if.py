"""A month priced again with another deck or other plans."""

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.pricing.revisions import Revision, UnknownDeck, read_revision
from pipeline.pricing.what_if import what_if
from pipeline.sql.connection import connect_to
from rating.book_problems import BookError
from schemas.reference import Package
from tests.pricing.rows import a_ledger, rated_rows
from tests.rating.cases import NOON, a_book, a_cdr, a_plan, a_rate, a_trunk, an_account, an_address

BOOK = a_book(
    accounts=[an_account(), an_account("beta")],
    addresses=[an_address(), an_address(address_id="other", account_id="beta")],
    trunks=[
        a_trunk(),
        a_trunk("beta-1", account_id="beta", address_id="other", dids=()),
        a_trunk("all-in", plan_id="flat", dids=()),
    ],
    plans=[a_plan(), a_plan("flat", Package.UNLIMITED)],
)
RECORDS = [
    a_cdr(cdr_id="short"),
    a_cdr(cdr_id="long", seconds=600),
    a_cdr(cdr_id="beta", claimed_trunk_id="beta-1", seconds=60),
    a_cdr(cdr_id="paris", called="+33199000000"),
    a_cdr(cdr_id="flat", claimed_trunk_id="all-in"),
    a_cdr(cdr_id="free", called="911"),
    a_cdr(cdr_id="lost", claimed_trunk_id="nobody"),
]
DECK = (a_rate("1", "0.02"), a_rate("33", "0.03"), a_rate("1608", None))
"""Twice as dear, France is new, and Wisconsin has no price any more."""


@pytest.fixture(name="ledger")
def _ledger(tmp_path):
    return a_ledger(tmp_path / "ledger", BOOK, rated_rows(RECORDS, BOOK))


def asked(ledger, revision, period="2026-10", top=20):
    """The answer for a revision."""
    return what_if(connect_to(ledger), {BOOK.hash: BOOK}.__getitem__, revision, period, top=top)


def test_a_dearer_deck_by_account(ledger):
    """Acme: 66 s and 600 s at 0.01 are 0.111, at 0.02 0.222; Paris at 0.03 adds 66 s, 0.033. Beta: 0.01 and 0.02."""
    found = asked(ledger, Revision("out", DECK[:2]))
    assert [
        ("acme", 5, 3, 1, 0, Decimal("0.111"), Decimal("0.255"), Decimal("0.144")),
        ("beta", 1, 1, 0, 0, Decimal("0.01"), Decimal("0.02"), Decimal("0.01")),
    ] == [(row.account_id, *row[2:]) for row in found.accounts]


def test_the_calls_that_change_most_come_first(ledger):
    """Long 0.1, Paris 0.033, short 0.011, beta 0.01; the included call stays at 0 and is not there."""
    found = asked(ledger, Revision("out", DECK[:2]))
    assert ["long", "paris", "short", "beta"] == [call.cdr_id for call in found.calls]
    assert (Decimal("0.1"), None) == (found.calls[0].difference, found.calls[0].reject_reason)
    assert ["long", "paris"] == [call.cdr_id for call in asked(ledger, Revision("out", DECK[:2]), top=2).calls]


def test_a_call_without_a_price_costs_nothing_and_says_why(ledger):
    """Wisconsin UNPRICED: both calls of acme, the included one and beta's would be rejected."""
    found = asked(ledger, Revision("out", DECK))
    assert [("acme", 3), ("beta", 1)] == [(row.account_id, row.newly_rejected) for row in found.accounts]
    assert {"RATE_UNPRICED"} == {call.reject_reason for call in found.calls if call.cdr_id != "paris"}


def test_the_same_deck_changes_nothing(ledger):
    """No difference, no call."""
    found = asked(ledger, Revision("out", BOOK.decks["out"].rates))
    assert {Decimal(0)} == {row.difference for row in found.accounts}
    assert [] == found.calls


def test_another_plan(ledger):
    """A plan of whole cents, rounded up: 0.011 becomes 0.02, 0.1 stays."""
    found = asked(ledger, Revision(plans=[a_plan(charge_decimals=2, charge_rounding="up")]))
    assert [("short", Decimal("0.009"))] == [(call.cdr_id, call.difference) for call in found.calls]


def test_another_period_is_empty(ledger):
    """Nothing was called in May."""
    assert ([], []) == asked(ledger, Revision("out", DECK), period="2026-05")


def test_nothing_is_written(ledger):
    """The ledger has the version that it had."""
    before = ledger.version
    asked(ledger, Revision("out", DECK))
    ledger.refresh()
    assert before == ledger.version


def test_a_revision_that_does_not_fit_is_refused(ledger):
    """A deck that the book does not have, and a plan without its deck."""
    with pytest.raises(UnknownDeck, match="found in, out"):
        asked(ledger, Revision("retail", DECK))
    with pytest.raises(BookError, match="outbound_deck"):
        asked(ledger, Revision(plans=[a_plan(outbound_deck="gone")]))


CSV = "row_id,prefix,destination,rate_per_minute,initial_seconds,next_seconds\na,1,US,0.02,6,6\n"


def test_a_price_list_is_read_as_a_revision(tmp_path):
    """The name of the file is the deck's; rows without a date hold at any time."""
    file = tmp_path / "out.csv"
    file.write_text(CSV)
    revision = read_revision(file)
    assert ("out", True) == (revision.deck_id, revision.rates[0].effective_from < NOON)
    assert "in" == read_revision(file, "in").deck_id


def test_the_command_prints_accounts_and_calls(ledger, tmp_path):
    """For people two tables, for scripts one JSON object a row; what is wrong is said with code 2."""
    (tmp_path / "out.csv").write_text(CSV)
    command = ["what-if", "--ledger", ledger.url, "--period", "2026-10", "--deck", str(tmp_path / "out.csv")]
    printed = CliRunner().invoke(app, [*command, "--json", "--top", "1"])
    rows = [json.loads(line) for line in printed.stdout.splitlines()]
    assert ["acme", "beta", "long"] == [
        row["account"]["account_id"] if "account" in row else row["call"]["cdr_id"] for row in rows
    ]
    assert "Calls that change most" in CliRunner().invoke(app, command).stdout
    assert 2 == CliRunner().invoke(app, [*command, "--as", "retail"]).exit_code
    assert 2 == CliRunner().invoke(app, command[:-2]).exit_code


def test_plans_of_a_file_are_read(tmp_path):
    """The form of plans.yaml; a mistake names its line."""
    file = tmp_path / "plans.yaml"
    text = "- plan_id: plan\n  package: METERED\n  effective_from: 2026-01-01T00:00:00Z\n  outbound_deck: out\n"
    file.write_text(text)
    assert ["plan"] == [plan.plan_id for plan in read_revision(plans=file).plans]
    file.write_text(text + "  colour: red\n")
    with pytest.raises(ValueError, match=r"plans.yaml:5"):
        read_revision(plans=file)
