"""Class and situs of a call: two of origin, termination and service address."""

from itertools import product

import pyarrow as pa
import pytest

from rating.tax.situs import UNKNOWN, Ends, Place, call_ends, call_scope, place_in, place_of_number, situs, taxing_state
from rating.tax.situs_batch import PlaceColumns, SitusColumns, places_in, places_of_numbers, situs_columns
from rating.tax.terms import CallScope
from schemas.cdr import Direction
from schemas.ledger import USAGE_SCHEMA

MN, WI, IL = Place("US", "MN"), Place("US", "WI"), Place("US", "IL")
LONDON = Place("GB")
SOMEWHERE_US = Place("US")


@pytest.mark.parametrize(
    ("origin", "termination", "expected"),
    [
        (MN, MN, CallScope.INTRASTATE),
        (MN, WI, CallScope.INTERSTATE),
        (MN, LONDON, CallScope.INTERNATIONAL),
        (UNKNOWN, LONDON, CallScope.INTERNATIONAL),
        (MN, UNKNOWN, CallScope.INDETERMINATE),
        (MN, SOMEWHERE_US, CallScope.INDETERMINATE),
        (MN, Place("US", "PR"), CallScope.INTERSTATE),
        (Place("001"), MN, CallScope.INTERNATIONAL),
    ],
)
def test_scope_of_a_call(origin: Place, termination: Place, expected: CallScope) -> None:
    """A known foreign end decides; then an unknown end; then the two states, a territory being one."""
    assert expected == call_scope(Ends(origin, termination))


@pytest.mark.parametrize(
    ("origin", "termination", "address", "expected"),
    [
        (MN, MN, MN, "MN"),
        (MN, WI, MN, "MN"),
        (WI, MN, MN, "MN"),
        (WI, IL, MN, None),
        (WI, WI, MN, "WI"),
        (MN, LONDON, MN, "MN"),
        (LONDON, LONDON, MN, None),
        (UNKNOWN, UNKNOWN, MN, None),
        (SOMEWHERE_US, SOMEWHERE_US, MN, None),
        (WI, WI, UNKNOWN, "WI"),
        (MN, WI, UNKNOWN, None),
    ],
)
def test_two_of_three_name_the_state(origin: Place, termination: Place, address: Place, expected: str | None) -> None:
    """Two equal known US states name the taxing state; unknown or foreign places never agree."""
    assert expected == taxing_state(Ends(origin, termination), address)


def test_outbound_starts_at_the_service_address() -> None:
    """Caller ID of an outbound call is evidence only: a Chicago number on a Minneapolis trunk calls from Minnesota."""
    assert Ends(MN, WI) == call_ends(Direction.OUTBOUND, IL, WI, MN)


def test_inbound_ends_at_the_service_address() -> None:
    """An inbound call to a Chicago DID on a Minneapolis trunk ends in Minnesota."""
    assert Ends(WI, MN) == call_ends(Direction.INBOUND, WI, IL, MN)


def test_a_forwarded_leg_keeps_both_numbers() -> None:
    """Example 21 (c) and (d): a forwarded leg touches the service address with neither end."""
    assert Ends(WI, IL) == call_ends(Direction.FORWARD, WI, IL, MN)
    assert "WI" == situs(Ends(WI, WI), MN).taxing_state
    assert situs(Ends(WI, IL), MN).taxing_state is None


@pytest.mark.parametrize(
    ("number_class", "country", "state", "expected"),
    [
        ("US_LOWER48_DC", "US", "MN", MN),
        ("US_TERRITORY", "PR", None, Place("US", "PR")),
        ("US_TERRITORY", "PR", "", Place("US", "PR")),
        ("TOLL_FREE", "001", None, UNKNOWN),
        ("PREMIUM", "001", None, UNKNOWN),
        ("INTERNATIONAL", "001", None, Place("001")),
        ("INTERNATIONAL", "GB", None, LONDON),
        ("CANADA", "CA", None, Place("CA")),
        ("EMERGENCY", "US", "", SOMEWHERE_US),
        (None, None, None, UNKNOWN),
        ("UNKNOWN_NANP", "", "", UNKNOWN),
    ],
)
def test_place_of_a_number(number_class: str | None, country: str | None, state: str | None, expected: Place) -> None:
    """A territory is a state of the US, a toll-free number is nowhere, a satellite phone is abroad."""
    assert expected == place_of_number(number_class, country, state)


def test_place_of_an_address() -> None:
    """San Juan may be written with country PR or as region PR of the US."""
    assert Place("US", "PR") == place_in("PR", None) == place_in("US", "PR")


def column(values: list[str | None]) -> pa.Array:
    """A column of text."""
    return pa.array(values, pa.string())


def place_columns(places: list[Place]) -> PlaceColumns:
    """Places as columns."""
    return PlaceColumns(column([place.country for place in places]), column([place.state for place in places]))


def test_the_batch_twin_agrees_everywhere() -> None:
    """Every direction with every combination of eight kinds of place gives the same six values in both twins."""
    places = [MN, WI, IL, LONDON, SOMEWHERE_US, UNKNOWN, Place("US", "PR"), Place("001")]
    cases = list(product(Direction, places, places, places))
    expected = []
    for direction, calling, called, address in cases:
        scope, ends, state = situs(call_ends(direction, calling, called, address), address)
        expected.append((scope, *ends.origin, *ends.termination, state))
    directions, callings, calleds, addresses = (list(values) for values in zip(*cases, strict=True))
    columns = situs_columns(
        column(directions), place_columns(callings), place_columns(calleds), place_columns(addresses)
    )
    assert expected == list(zip(*(values.to_pylist() for values in columns), strict=True))


def test_the_batch_twin_reads_numbers_and_addresses_alike() -> None:
    """Places of classified numbers and of addresses, with null, empty and foreign values, agree row by row."""
    classes = ["US_LOWER48_DC", "TOLL_FREE", "INTERNATIONAL", "US_TERRITORY", None]
    countries, states = [None, "", "US", "PR", "GB", "001"], [None, "", "MN"]
    cases = list(product(classes, countries, states))
    kinds, lands, regions = (column(list(values)) for values in zip(*cases, strict=True))
    assert [tuple(place_of_number(*case)) for case in cases] == list(
        zip(*(values.to_pylist() for values in places_of_numbers(kinds, lands, regions)), strict=True)
    )
    assert [tuple(place_in(country, state)) for _, country, state in cases] == list(
        zip(*(values.to_pylist() for values in places_in(lands, regions)), strict=True)
    )


def test_columns_are_those_of_the_ledger() -> None:
    """The batch twin fills ledger columns of the same names and types."""
    columns = situs_columns(column(["INBOUND"]), place_columns([WI]), place_columns([IL]), place_columns([MN]))
    for name, values in zip(SitusColumns._fields, columns, strict=True):
        assert USAGE_SCHEMA.field(name).type == values.type
