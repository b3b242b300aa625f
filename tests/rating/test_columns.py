"""The small parts that ratings of a batch are put together from."""

import numpy as np
import pyarrow as pa

from rating.book_columns import BOOKS_MAX, book_columns
from rating.class_verdicts import CLASSES, FREE, ORDINARY, REFUSED, class_verdicts
from rating.numbering.kinds import NumberClass
from rating.one_by_one import RATING_FIELDS, rate_one_by_one
from rating.prefixes import number_keys
from rating.rate_columns import RateColumns
from rating.rated import RATED_SCHEMA
from rating.rated_columns import Exceptions, Part, results_to_arrow
from rating.rules import Rule
from rating.rules_batch import FREE_LEG, NO_TRUNK, OUTBOUND_DECK, RULE_TEXTS, Chosen
from rating.tables import is_null, is_true, nothing, table_of
from rating.timelines import to_microseconds
from schemas.cdr import CDR, cdrs_to_arrow
from tests.rating.cases import NOON, a_book, a_cdr, a_deck, a_plan, a_rate


def test_a_table_ends_with_a_row_of_nulls():
    """For calls that have none of it."""
    table = table_of(prefix=["1", "44"], initial_seconds=[6, 60])
    assert [{"prefix": "1", "initial_seconds": 6}, {"prefix": "44", "initial_seconds": 60}] == table.to_pylist()[:2]
    assert {"prefix": None, "initial_seconds": None} == table.to_pylist()[nothing(table)]


def test_flags_of_columns():
    """Missing and true, as numpy columns."""
    assert [False, True] == is_null(pa.array(["a", None])).tolist()
    assert [True, False] == is_true(pa.array([True, False])).tolist()


def test_every_class_has_a_verdict_of_each_plan():
    """Refused by all, blocked by the plan, free by the plan, ordinary."""
    plans = [a_plan(), a_plan("open", blocked_classes=(), free_classes=("TOLL_FREE",))]
    verdicts = class_verdicts(plans)
    assert (2, len(NumberClass)) == verdicts.shape

    def verdict(number_class):
        return verdicts[:, CLASSES[number_class]].tolist()

    assert [REFUSED, REFUSED] == verdict(NumberClass.INVALID)
    assert [REFUSED, ORDINARY] == verdict(NumberClass.PREMIUM)
    assert [FREE, ORDINARY] == verdict(NumberClass.EMERGENCY)
    assert [ORDINARY, FREE] == verdict(NumberClass.TOLL_FREE)


def rules(**choices):
    """The text of one row's rules."""
    nothing_else = dict.fromkeys(("is_by_did", "is_bound", "is_tiered", "is_included", "is_zero", "is_short"), 0)
    flags = nothing_else | {name: np.array([choice]) for name, choice in choices.items()}
    return RULE_TEXTS.column("rule_ids")[int(Chosen(**flags).positions()[0])].as_py()


def test_rules_stand_in_their_order():
    """Trunk, direction, deck, hours, tiers, plan, seconds; a free leg of nobody has one rule."""
    everything = rules(
        trunk=0, is_by_did=1, step=OUTBOUND_DECK, is_bound=1, is_tiered=1, is_included=1, is_zero=1, is_short=0
    )
    assert "trunk.id direction.did deck.outbound rate.hours rate.tiers plan.unlimited seconds.zero" == everything
    assert "leg.free" == rules(trunk=NO_TRUNK, step=FREE_LEG)
    assert "trunk.did leg.free" == rules(trunk=NO_TRUNK - 1, step=FREE_LEG)


def test_every_combination_of_rules_has_known_names():
    """All rules but the one that the specification alone applies."""
    texts = RULE_TEXTS.column("rule_ids").drop_null().to_pylist()
    assert set(Rule) - {Rule.RATE_CALLER} == {name for text in texts for name in text.split()}


def test_decks_lie_one_after_the_other():
    """A row is found by deck and number; a blocked row is found and has no price; no deck and no prefix are no row."""
    book = a_book(decks=[a_deck(a_rate(), a_rate("44", None)), a_deck(a_rate("49"), deck_id="in")])
    rates = RateColumns.build([book.decks["out"], book.decks["in"]])
    numbers = np.array([16125550100, 442079460018, 4930123456, 4930123456, 16125550100])
    lengths = np.array([11, 12, 10, 10, 11])
    found = rates.find(
        np.array([0, 0, 0, 1, -1]), number_keys(numbers, lengths), np.full(5, to_microseconds(NOON), np.int64)
    )
    assert [0, 1, -1, 2, -1] == found.tolist()
    assert [True, False, True] == rates.is_priced.tolist()
    assert ["out", "out", "in", None] == rates.texts.column("deck_id").to_pylist()


def test_rows_of_the_specification_take_their_places():
    """Position 1 comes from the exception, whether its table is smaller or larger than the batch."""
    results = results_to_arrow([])
    exceptional = pa.RecordBatch.from_pylist([dict.fromkeys(results.schema.names) | {
        "state": "REJECTED", "period": "2026-10", "flags": [], "currency": "EUR",
    }], RATED_SCHEMA)  # fmt: skip
    exceptions = Exceptions(np.array([1]), exceptional)
    for table in (table_of(currency=["USD"]), table_of(currency=["USD", "GBP", "JPY", "CHF"])):
        part = exceptions.patched(Part(table, np.array([0, 0, 0])))
        assert ["USD", "EUR", "USD"] == part.table.column("currency").take(pa.array(part.position)).to_pylist()
    assert ["USD", "EUR", "USD"] == exceptions.replaced("currency", pa.array(["USD"] * 3)).to_pylist()


def test_a_part_of_few_rows_takes_few_with_it():
    """Of a deck of many rows only those that a batch needs become its dictionary."""
    part = Part(table_of(prefix=[str(at) for at in range(1_000)]), np.array([7, 900, 7, 1_000])).only_used()
    column = part.columns()["prefix"]
    assert (["7", "900", "7", None], ["7", "900"]) == (column.to_pylist(), column.dictionary.to_pylist())


def test_one_by_one_reads_what_rating_reads():
    """Records of those fields alone are rated as whole ones are."""
    records = [a_cdr(), a_cdr(called="+4999", direction=None), a_cdr(answered_at=None, started_at=None, seconds=None)]
    whole = cdrs_to_arrow(records)
    rows = np.arange(3)
    book = a_book()
    expected = rate_one_by_one(whole, rows, book).results
    assert expected.equals(rate_one_by_one(whole.select(RATING_FIELDS), rows, book).results)
    assert set(RATING_FIELDS) <= set(CDR._fields)
    assert 0 == rate_one_by_one(whole, rows[:0], book).results.num_rows


def test_the_columns_of_a_book_are_made_once():
    """Asked again, the same columns; a few books are kept."""
    book = a_book()
    assert book_columns(book) is book_columns(book)
    others = [a_book(plans=[a_plan(free_below_seconds=at)]) for at in range(1, BOOKS_MAX + 1)]
    kept = [book_columns(other) for other in others]
    assert all(book_columns(other) is columns for other, columns in zip(others, kept, strict=True))


def test_the_columns_name_each_customer_once():
    """One trunk found by id, user name and DID: three ways to be its customer, one plan, one zone."""
    columns = book_columns(a_book())
    assert 3 == len(columns.trunks.attached)
    assert (1, 1, 1) == (len(columns.plans), len(columns.zones), len(columns.profiles))
    assert ["trunk"] * 3 + [None] == columns.who.column("trunk_id").to_pylist()
