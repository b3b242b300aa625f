"""Class and situs of one call: who the ends are, how far apart they lie, and which state may tax it.

PRODUCT.md, Tax 1 and 2; SSUTA section 314 (Goldberg v. Sweet): a charge measured by individual calls belongs to the
jurisdiction where two of origination, termination and service address agree. `situs_batch` is the twin on columns.
"""

from typing import NamedTuple

from rating.tax.terms import CallScope
from schemas.cdr import Direction

UNITED_STATES = "US"
TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})
"""ISO 3166 codes that number plans and addresses use for US territories; each counts as a state of the US."""

NO_COUNTRY = "001"
"""Country of numbers that belong to none: toll-free, premium, satellite."""

FOREIGN_CLASS = "INTERNATIONAL"


class Place(NamedTuple):
    """Where an end of a call lies. Unknown is None; a US place may be known without its state."""

    country: str | None = None
    state: str | None = None


UNKNOWN = Place()


class Ends(NamedTuple):
    """Origin and termination of a call, as tax law sees them."""

    origin: Place
    termination: Place


class Situs(NamedTuple):
    """Class of a call and the state that may tax it; None when no two of the three places agree."""

    call_scope: CallScope
    ends: Ends
    taxing_state: str | None


def place_in(country: str | None, state: str | None) -> Place:
    """The place of an address or a geographic number, a territory as a state of the United States."""
    if country in TERRITORIES:
        return Place(UNITED_STATES, country)
    if country == UNITED_STATES:
        return Place(UNITED_STATES, state or None)
    return Place(country or None)


def place_of_number(number_class: str | None, country: str | None, state: str | None) -> Place:
    """The place of a classified number: toll-free and other placeless numbers are unknown, satellites are foreign."""
    if country == NO_COUNTRY and number_class != FOREIGN_CLASS:
        return UNKNOWN
    return place_in(country, state)


def call_ends(direction: Direction, calling: Place, called: Place, service_address: Place) -> Ends:
    """Outbound calls start at the service address whatever the caller ID says, inbound calls end there.

    A forwarded leg keeps the original caller's place, which is unknown when the number is withheld.
    """
    origin = service_address if direction is Direction.OUTBOUND else calling
    termination = service_address if direction is Direction.INBOUND else called
    return Ends(origin, termination)


def call_scope(ends: Ends) -> CallScope:
    """International if an end is known to be foreign; else indeterminate, intrastate or interstate by both states."""
    if any(place.country not in (None, UNITED_STATES) for place in ends):
        return CallScope.INTERNATIONAL
    if ends.origin.state is None or ends.termination.state is None:
        return CallScope.INDETERMINATE
    return CallScope.INTRASTATE if ends.origin.state == ends.termination.state else CallScope.INTERSTATE


def taxing_state(ends: Ends, service_address: Place) -> str | None:
    """The US state that two of origin, termination and service address share; None when no two agree."""
    origin, termination, address = ends.origin.state, ends.termination.state, service_address.state
    if address is not None and address in (origin, termination):
        return address
    return origin if origin == termination else None


def situs(ends: Ends, service_address: Place) -> Situs:
    """Classify one call and name the state that may tax it."""
    return Situs(call_scope(ends), ends, taxing_state(ends, service_address))
