"""Class and situs of a batch of calls: the twin of `rating.tax.situs` on Arrow columns.

Columns of text, null for unknown; all of one length. The result has the ledger's columns of the same names.
"""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from rating.tax.situs import FOREIGN_CLASS, NO_COUNTRY, TERRITORIES, UNITED_STATES
from rating.tax.terms import CallScope
from schemas.cdr import Direction

_NONE = pa.scalar(None, pa.string())
_TERRITORIES = pa.array(sorted(TERRITORIES))


class PlaceColumns(NamedTuple):
    """The places of one end of many calls."""

    country: pa.Array
    state: pa.Array


class SitusColumns(NamedTuple):
    """What situs adds to the ledger, column by column."""

    call_scope: pa.Array
    origin_country: pa.Array
    origin_state: pa.Array
    termination_country: pa.Array
    termination_state: pa.Array
    taxing_state: pa.Array


def places_in(country: pa.Array, state: pa.Array) -> PlaceColumns:
    """`situs.place_in` of columns."""
    is_territory = pc.is_in(country, _TERRITORIES)
    home = pc.or_(is_territory, _equals(country, UNITED_STATES))
    state = pc.if_else(is_territory, country, state)
    return PlaceColumns(pc.if_else(home, UNITED_STATES, _known(country)), pc.if_else(home, _known(state), _NONE))


def places_of_numbers(number_class: pa.Array, country: pa.Array, state: pa.Array) -> PlaceColumns:
    """`situs.place_of_number` of columns."""
    is_foreign = _equals(number_class, FOREIGN_CLASS)
    placeless = pc.and_(_equals(country, NO_COUNTRY), pc.invert(is_foreign))
    return places_in(pc.if_else(placeless, _NONE, country), state)


def situs_columns(
    direction: pa.Array, calling: PlaceColumns, called: PlaceColumns, service_address: PlaceColumns
) -> SitusColumns:
    """`situs.call_ends` and `situs.situs` of columns."""
    origin = _choose(_equals(direction, Direction.OUTBOUND), service_address, calling)
    termination = _choose(_equals(direction, Direction.INBOUND), service_address, called)
    return SitusColumns(
        _call_scope(origin, termination), *origin, *termination, _taxing_state(origin, termination, service_address)
    )


def _call_scope(origin: PlaceColumns, termination: PlaceColumns) -> pa.Array:
    foreign = pc.or_(_is_foreign(origin), _is_foreign(termination))
    unknown = pc.or_(pc.is_null(origin.state), pc.is_null(termination.state))
    within = _same(origin.state, termination.state)
    home = pc.if_else(within, CallScope.INTRASTATE, CallScope.INTERSTATE)
    return pc.if_else(foreign, CallScope.INTERNATIONAL, pc.if_else(unknown, CallScope.INDETERMINATE, home))


def _taxing_state(origin: PlaceColumns, termination: PlaceColumns, service_address: PlaceColumns) -> pa.Array:
    at_address = pc.or_(_same(service_address.state, origin.state), _same(service_address.state, termination.state))
    between_ends = pc.if_else(_same(origin.state, termination.state), origin.state, _NONE)
    return pc.if_else(at_address, service_address.state, between_ends)


def _is_foreign(place: PlaceColumns) -> pa.Array:
    return pc.invert(pc.or_kleene(pc.is_null(place.country), _equals(place.country, UNITED_STATES)))


def _choose(condition: pa.Array, chosen: PlaceColumns, otherwise: PlaceColumns) -> PlaceColumns:
    return PlaceColumns(
        pc.if_else(condition, chosen.country, otherwise.country), pc.if_else(condition, chosen.state, otherwise.state)
    )


def _equals(column: pa.Array, value: str) -> pa.Array:
    return pc.fill_null(pc.equal(column, pa.scalar(str(value))), fill_value=False)


def _same(left: pa.Array, right: pa.Array) -> pa.Array:
    return pc.fill_null(pc.equal(left, right), fill_value=False)


def _known(column: pa.Array) -> pa.Array:
    """Empty text is unknown."""
    return pc.if_else(_equals(column, ""), _NONE, column)
