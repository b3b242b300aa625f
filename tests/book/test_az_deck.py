"""A real A-Z deck of 27,523 rows: it loads, its blank rates refuse, and its prefix 1 prices the United States only."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.book import load_book
from pipeline.cli import app
from pipeline.shipped import DATA as SHIPPED
from rating.batch import rate_batch
from rating.book import RateBook
from rating.numbering.kinds import area_code_kinds, is_neighbour
from schemas.cdr import CDR, Direction, cdrs_to_arrow
from schemas.reference import RateStatus

ROOT = Path(__file__).resolve().parents[2]
DECK = Path(os.environ.get("TRUNKLINE_DATA", ROOT.parent / "shared" / "data")) / "sdf-outbound-rates.csv"

pytestmark = pytest.mark.skipif(not DECK.is_file(), reason=f"{DECK.name} is not in TRUNKLINE_DATA")
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RateBook:
    """The example book whose US plans use the real deck."""
    folder = Path(shutil.copytree(SHIPPED / "book", tmp_path_factory.mktemp("az") / "book"))
    (folder / "decks" / "us-outbound.csv").unlink()
    arguments = ["deck", "import", str(DECK), "--deck", "us-outbound", "--from", "2026-01-01", "--book", str(folder)]
    assert 0 == CliRunner().invoke(app, arguments).exit_code
    return load_book(folder)


def _call(called: str) -> CDR:
    return CDR(
        "sbc", "native_json", "sbc-0", 0, NOON + timedelta(hours=1), bytes(32), called, called, called=called,
        calling="+16125550100", direction=Direction.OUTBOUND, claimed_trunk_id="acme-front-desk", answered_at=NOON,
        started_at=NOON, released_at=NOON + timedelta(minutes=1), measured_ms=60_000,
    )  # fmt: skip


def _rated(book: RateBook, called: list[str]) -> list[dict[str, str | None]]:
    rows: list[dict[str, str | None]] = rate_batch(cdrs_to_arrow(map(_call, called)), book).to_pylist()
    return rows


def test_all_rows_load(book: RateBook) -> None:
    """27,523 rows, nine of them without a rate."""
    rates = book.decks["us-outbound"].rates
    assert 27_523 == len(rates)
    assert 9 == sum(rate.status is RateStatus.UNPRICED for rate in rates)


def test_a_blank_rate_refuses(book: RateBook) -> None:
    """43820 Austria premium: never free, and never the price of 43."""
    (row,) = _rated(book, ["+4382012345678"])
    assert "RATE_UNPRICED" == row["reject_reason"]


def test_prefix_1_prices_no_neighbour(book: RateBook) -> None:
    """Every area code of Canada and the Caribbean has a row of its own, or the call is refused with NO_RATE."""
    codes = [
        code.area_code
        for code in book.area_codes.codes
        if is_neighbour(area_code_kinds(code).ordinary) and code.in_service is not None
        and code.in_service <= NOON.date()
    ]  # fmt: skip
    rows = dict(zip(codes, _rated(book, [f"+1{code}5550100" for code in codes]), strict=True))
    assert 70 < len(rows)
    assert "1" not in {row["prefix"] for row in rows.values()}
    assert {None, "NO_RATE"} == {row["reject_reason"] for row in rows.values()}
    for code in ("658", "721", "548"):  # the leak of numbering.md B.3
        assert "NO_RATE" == rows[code]["reject_reason"]
    assert "1242" == rows["242"]["prefix"]


def test_prefix_1_prices_the_united_states(book: RateBook) -> None:
    """A new area code that the deck does not know is 0.0098 a minute, as all of the 48 states."""
    (row,) = _rated(book, ["+16795550100"])
    assert ("1", "0.009800000") == (row["prefix"], str(row["charge"]))
