"""What a call that nobody has made would cost."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.pricing.quotes import Call, quote, quotes
from schemas.cdr import Direction
from tests.rating.cases import NEW_YEAR, NOON, a_book, a_plan, a_trunk

BOOK = Path(__file__).resolve().parents[2] / "data" / "book"
CALL = Call("+16085550199", 61, NOON)
QUOTE = ["quote", "--book", str(BOOK), "--at", "2026-10-05T12:00:00Z"]


def test_a_quote_is_the_price_of_the_call():
    """61 s at 6/6 and 0.01 a minute: 66 s, 0.011; the same as a step."""
    priced = quote(CALL, "trunk", a_book())
    assert ("0.011000000", "0.011000000 USD") == (f"{priced.result.charge:f}", priced.steps[-1].value)


def test_without_a_trunk_each_plan_is_quoted_once():
    """The first trunk of each plan that is in force; a plan without one is left out."""
    trunks = [a_trunk("b"), a_trunk("a"), a_trunk("c", plan_id="late", effective_from=NOON, dids=())]
    plans = [a_plan(), a_plan("late"), a_plan("nobody")]
    book = a_book(trunks=[trunk.model_copy(update={"dids": ()}) for trunk in trunks], plans=plans)
    assert ["c", "a"] == [each.trunk_id for each in quotes(CALL, book)]
    assert ["a"] == [each.trunk_id for each in quotes(CALL._replace(at=NEW_YEAR), book)]


def test_an_inbound_call_is_quoted_by_the_did():
    """The inbound deck at 0.005 a minute: 66 s cost 0.0055."""
    inbound = Call("+16125550100", 61, NOON, "+16085550199", Direction.INBOUND)
    assert "0.005500000" == f"{quote(inbound, 'trunk', a_book()).result.charge:f}"


def test_the_command_quotes_every_plan():
    """London for 61 s by us-outbound: 0.0079 x 61 / 60 = 0.0080316..., half up 0.008032."""
    printed = CliRunner().invoke(app, [*QUOTE, "--to", "+442079460018", "--seconds", "61", "--json"])
    rows = {row["plan"]: row for row in map(json.loads, printed.stdout.splitlines())}
    assert ("0.008032000", "usd-024") == (rows["metered-us"]["charge"], rows["metered-us"]["deck_row"])


def test_the_command_shows_the_steps_of_one_trunk():
    """National digits are read by the trunk, and the arithmetic stands in a line."""
    printed = CliRunner().invoke(app, [*QUOTE, "--to", "6085550199", "--seconds", "61", "--trunk", "acme-front-desk"])
    assert 0 == printed.exit_code
    assert "0.0075 a minute x 66 s / 60." in printed.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--to", "+12005550100", "--trunk", "acme-front-desk"], 1, "UNKNOWN_NANP"),
        (["--to", "+442079460018", "--trunk", "nobody"], 2, "acme-front-desk"),
        (["--to", "+442079460018", "--direction", "UP"], 2, "OUTBOUND"),
        (["--to", "+442079460018", "--at", "noon"], 2, "no time"),
        (["--to", "+442079460018", "--at", "2026-10-05T12:00:00"], 2, "no zone"),
        (["--to", "+442079460018", "--book", "/nowhere"], 2, "/nowhere"),
    ],
)
def test_what_cannot_be_quoted_is_said(arguments, code, said):
    """The answer is no, or the question is wrong; never a traceback."""
    printed = CliRunner().invoke(app, [*QUOTE, *arguments])
    assert code == printed.exit_code
    assert said in printed.output.replace("\n", " ")
