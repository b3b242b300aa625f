"""A row of the ledger explains itself, whatever became of it."""

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.pricing.explained import explain_records
from pipeline.sql.connection import connect_to
from schemas.cdr import Direction
from schemas.outcomes import State
from schemas.reference import Package
from tests.pricing.rows import a_ledger, changed, rated_rows
from tests.rating.cases import NOON, a_book, a_cdr, a_plan, a_trunk

CALL = a_cdr(cdr_id="call-1")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Commands run in an empty folder."""
    monkeypatch.chdir(tmp_path)


def explained(tmp_path, book, rows, cdr_id="call-1"):
    """The explanations of a record of a ledger with these rows."""
    return explain_records(connect_to(a_ledger(tmp_path / "ledger", book, rows)), {book.hash: book}.__getitem__, cdr_id)


def steps_of(explanation):
    return [(step.name, step.value) for step in explanation.steps]


def test_a_rated_row_explains_its_own_charge(tmp_path):
    """61 s at 6/6 and 0.01 a minute are 66 s and 0.011, as the row says."""
    book = a_book()
    (found,) = explained(tmp_path, book, rated_rows([CALL], book))
    assert [("billed", "66"), ("minutes", "0.011"), ("charge", "0.011000000 USD")] == steps_of(found)[-3:]
    assert (False, 0, ()) == (found.differs, found.replaced, found.legs)


def test_a_row_that_its_book_does_not_give_is_found(tmp_path):
    """A charge that nobody can compute again is told."""
    book = a_book()
    (found,) = explained(tmp_path, book, changed(rated_rows([CALL], book), charge=Decimal("0.012")))
    assert found.differs


def test_an_included_call_is_explained(tmp_path):
    """The minutes that the plan includes, and that they are not charged."""
    book = a_book(plans=[a_plan(package=Package.UNLIMITED)])
    (found,) = explained(tmp_path, book, rated_rows([CALL], book))
    assert [("not charged", "-0.011"), ("charge", "0.000000000 USD")] == steps_of(found)[-2:]
    assert not found.differs


@pytest.mark.parametrize(
    ("record", "last"),
    [
        (CALL._replace(answered_at=None, measured_ms=None), ("charge", "0 USD")),
        (CALL._replace(called="911"), ("charge", "0 USD")),
        (CALL._replace(called="+12005550100"), ("rejected", "UNKNOWN_NANP")),
        (CALL._replace(claimed_trunk_id="nobody"), ("rejected", "UNKNOWN_TRUNK")),
        (CALL._replace(reject_reason="BAD_FIELD", reject_detail="Bad."), ("rejected", "BAD_FIELD")),
    ],
)
def test_free_and_rejected_rows_are_explained(tmp_path, record, last):
    """The last step is what the row says."""
    book = a_book()
    (found,) = explained(tmp_path, book, rated_rows([record], book))
    assert last == steps_of(found)[-1]


def test_a_conflict_keeps_its_own_reason(tmp_path):
    """Rating would price the record; the ledger refused it for its key, and that is what is said."""
    book = a_book()
    (found,) = explained(tmp_path, book, rated_rows([CALL], book, states=[State.REJECTED]))
    assert [("rejected", "KEY_CONFLICT")] == steps_of(found)


def test_duplicates_and_parts_lead_to_the_row_that_is_priced(tmp_path):
    """A part that was merged shows the call that prices it; a duplicate stands beside its original."""
    book = a_book()
    records = [CALL, CALL, a_cdr(cdr_id="start-1", record_type="START"), a_cdr(cdr_id="wait-1", record_type="INTERIM")]
    states = [None, State.DUPLICATE, State.MERGED, State.PENDING]
    rows = rated_rows(records, book, states, [None, "call-1", "call-1", None])
    connection = connect_to(a_ledger(tmp_path / "ledger", book, rows))

    def asked(cdr_id):
        return [steps_of(found)[-1] for found in explain_records(connection, {book.hash: book}.__getitem__, cdr_id)]

    charge = ("charge", "0.011000000 USD")
    assert [charge, ("duplicate", "call-1")] == asked("call-1")
    assert [("merged", "call-1"), charge, ("duplicate", "call-1")] == asked("start-1")
    assert [("pending", "INTERIM")] == asked("wait-1")
    assert [] == asked("nothing")


def test_the_legs_of_a_routed_call_stand_beside_it(tmp_path):
    """Inbound is charged on the DID, the leg to an endpoint is free, the forwarded leg is metered."""
    book = a_book(trunks=[a_trunk()])
    legs = [
        CALL._replace(direction=Direction.INBOUND, calling="+16085550199", called="+16125550100"),
        CALL._replace(cdr_id="leg-2", is_billed_leg=False, route_entry_index=0, route_entry_type="ENDPOINT"),
        CALL._replace(cdr_id="leg-3", direction=Direction.FORWARD, route_entry_index=1, route_entry_type="PHONE"),
    ]
    (found,) = explained(tmp_path, book, rated_rows(legs, book))
    assert [
        ("call-1", None, "0.005500000 USD"),
        ("leg-2", "0 ENDPOINT", "0.000000000 USD"),
        ("leg-3", "1 PHONE", "0.011000000 USD"),
    ] == sorted((leg.cdr_id, leg.route_entry, leg.charge) for leg in found.legs)
    assert "nothing of its own" in next(leg.why for leg in found.legs if leg.cdr_id == "leg-2")


def test_the_command_prints_steps_and_legs(tmp_path):
    """For people a table, for scripts one JSON object a row, and code 1 where the ledger and its book disagree."""
    book = a_book()
    a_ledger(tmp_path / "ledger", book, rated_rows([CALL, CALL._replace(cdr_id="leg-2")], book))
    printed = CliRunner().invoke(app, ["explain", "call-1", "--ledger", str(tmp_path / "ledger")])
    assert (0, True) == (printed.exit_code, "0.01 a minute x 66 s / 60." in printed.stdout)
    printed = CliRunner().invoke(app, ["explain", "call", "--json", "--ledger", str(tmp_path / "ledger")])
    record = json.loads(printed.stdout.splitlines()[0])
    assert ("RATED", "0.011000000", 2) == (record["state"], record["charge"], len(record["legs"]))
    a_ledger(tmp_path / "other", book, changed(rated_rows([CALL], book), charge=Decimal(1), rated_at=NOON))
    assert 1 == CliRunner().invoke(app, ["explain", "call-1", "--ledger", str(tmp_path / "other")]).exit_code


def test_an_unknown_record_is_said(tmp_path):
    """No traceback: what was looked for, and where."""
    a_ledger(tmp_path / "ledger", a_book(), rated_rows([CALL], a_book()))
    printed = CliRunner().invoke(app, ["explain", "missing", "--ledger", str(tmp_path / "ledger")])
    assert (2, True) == (printed.exit_code, "missing" in printed.stderr)
