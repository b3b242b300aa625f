"""What tax is computed from: the charges of one bill, where they belong, who sells, who is exempt."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rating.tax.allocation import Allocation
from rating.tax.exemptions import Exemption
from rating.tax.fees import TrunkChannels
from rating.tax.fusf import Seller
from rating.tax.jurisdictions import Jurisdiction
from rating.tax.situs import TERRITORIES, Ends
from rating.tax.situs import UNITED_STATES as US
from rating.tax.terms import PER_CALL, CallScope, ChargeClass


class ChargeLine(NamedTuple):
    """One charge, or the sum of many calls of one kind, before tax.

    `amount` is the exact ledger amount, `billed` what the bill prints for it (None: the same). For calls,
    `taxing_state` is the ledger's, and `is_at_ppu` says that one end of the call is the service address, which is
    so for outbound and inbound calls and not for forwarded legs. `ends` are the states of both ends, for engines that
    decide the situs themselves.
    """

    line_id: str
    address_id: str
    charge_class: ChargeClass
    scope: CallScope
    amount: Decimal
    billed: Decimal | None = None
    taxing_state: str | None = None
    is_at_ppu: bool = True
    service_date: date | None = None
    ends: Ends | None = None

    @property
    def is_per_call(self) -> bool:
        """Whether individual calls measure the charge; all other charges belong to the PPU."""
        return self.charge_class in PER_CALL


class PostalAddress(NamedTuple):
    """The address as written, for engines that resolve it themselves."""

    street: str
    city: str
    post_code: str


class PrimaryUse(NamedTuple):
    """A service address as tax sees it. `jurisdictions` are state and local; empty: not resolved, or outside the US."""

    address_id: str
    country: str
    state: str | None = None
    jurisdictions: tuple[Jurisdiction, ...] = ()
    evidence: str = ""
    postal: PostalAddress | None = None

    @property
    def is_in_us(self) -> bool:
        """The 50 states, DC and the territories."""
        return self.country == US or self.country in TERRITORIES


class TaxRequest(NamedTuple):
    """One bill. The period `[start, end)` decides which channel counts the fees for each line see."""

    document_id: str
    bill_date: date
    period_start: date
    period_end: date
    seller: Seller
    allocation: Allocation
    lines: tuple[ChargeLine, ...]
    addresses: Mapping[str, PrimaryUse]
    trunks: tuple[TrunkChannels, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
