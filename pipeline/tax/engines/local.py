"""The engine of this project: the pure rules under the provider's law."""

from typing import NamedTuple

from rating.tax.invoice import tax_invoice
from rating.tax.law import TaxLaw
from rating.tax.request import PrimaryUse, TaxRequest
from rating.tax.result import TaxResult, TaxStop


class LocalEngine(NamedTuple):
    """Computes by rule. Its record of what is due is the ledger itself, so commit and cancel have nothing to do."""

    law: TaxLaw

    def calculate(self, request: TaxRequest, *, is_quote: bool) -> TaxResult | TaxStop:  # noqa: ARG002 - no records
        """The taxes of a bill."""
        return tax_invoice(request, self.law)

    def commit(self, result: TaxResult) -> None:
        """Nothing to do."""

    def cancel(self, result: TaxResult) -> None:
        """Nothing to do."""

    def geocode(self, address: PrimaryUse) -> str:
        """The most local jurisdiction of the address."""
        return address.jurisdictions[-1].jurisdiction_id if address.jurisdictions else ""

    def healthcheck(self) -> str:
        """The version of the law."""
        return f"local {self.law.version}"
