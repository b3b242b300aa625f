"""What a provider says of itself and of its customers: seller profile, split of bundled charges, certificates."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from pipeline.tax.yaml_file import Day, Number, Record, read_record
from rating.tax.allocation import Allocation, AllocationMethod
from rating.tax.exemptions import Exemption, ExemptionKind
from rating.tax.fusf import Seller
from rating.tax.parameters import Parameter, RateMissing
from rating.tax.terms import CallScope, Level, TaxType

SELLER = "seller.yaml"
CERTIFICATES = "certificates.yaml"
SAFE_HARBOR = "us/fusf/safe_harbor_interstate"


class AllocationRow(Record):
    """A traffic study or actual shares, for bills dated in `[effective_from, effective_until)`."""

    method: AllocationMethod
    interstate: Number
    international: Number
    citation: str
    effective_from: Day
    effective_until: Day


class SellerFile(Record):
    """The provider: contributor or not, exemptions of its own, states where it is registered, how it splits charges."""

    contributor: bool = True
    lire: bool = False
    de_minimis: bool = False
    nexus: frozenset[str] = frozenset()
    indeterminate: Literal[CallScope.INTERSTATE, CallScope.INTRASTATE] = CallScope.INTERSTATE
    """What calls with an unknown end, such as those to toll-free numbers, count as."""
    allocations: tuple[AllocationRow, ...] = ()

    @property
    def seller(self) -> Seller:
        """The seller as the rules see it."""
        return Seller(self.contributor, self.lire, self.de_minimis, self.nexus)

    def allocation_on(self, day: date, safe_harbor: Parameter) -> Allocation | RateMissing:
        """The seller's own shares of that day, else the safe harbour."""
        for row in self.allocations:
            if row.effective_from <= day < row.effective_until:
                return Allocation(row.method, row.interstate, row.international, row.citation, self.indeterminate)
        share = safe_harbor.on(day)
        if isinstance(share, RateMissing):
            return share
        return Allocation(
            AllocationMethod.SAFE_HARBOR, share.value, citation=share.citation, indeterminate=self.indeterminate
        )


class CertificateRow(Record):
    """One certificate of one account. `tax_types` left out: all kinds of tax."""

    account: str
    kind: ExemptionKind
    certificate: str
    jurisdiction: str
    levels: frozenset[Level]
    tax_types: frozenset[TaxType] | None = None
    valid_from: Day
    valid_until: Day
    document_sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")

    @property
    def exemption(self) -> Exemption:
        """The certificate as the rules see it."""
        return Exemption(
            self.kind, self.jurisdiction, self.levels, self.tax_types, self.valid_from, self.valid_until,
            self.certificate,
        )  # fmt: skip


class CertificateFile(Record):
    """The certificates of all customers."""

    description: str
    certificates: tuple[CertificateRow, ...] = ()


def load_seller(folder: Path | None) -> SellerFile:
    """The profile of the provider; without a file a contributor that is registered nowhere."""
    path = None if folder is None else folder / SELLER
    return SellerFile() if path is None or not path.is_file() else read_record(path.read_text(), SELLER, SellerFile)


def load_certificates(folder: Path | None) -> Mapping[str, tuple[Exemption, ...]]:
    """Certificates by account, in the order of the file."""
    path = None if folder is None else folder / CERTIFICATES
    found: dict[str, list[Exemption]] = defaultdict(list)
    if path is not None and path.is_file():
        for row in read_record(path.read_text(), CERTIFICATES, CertificateFile).certificates:
            found[row.account].append(row.exemption)
    return {account: tuple(rows) for account, rows in found.items()}
