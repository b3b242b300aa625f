"""Everything tax needs of one provider, loaded once: law, seller, certificates, and where addresses lie.

This is what the monthly close holds in its hand: `request` builds the tax request of one bill from charge lines, and
`rating.tax.invoice.tax_invoice(request, provider.law)` computes it.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pipeline.tax.law_files import SHIPPED, SST, SourceFile, boundary_files, load_law
from pipeline.tax.pinned import FILE_NAME, PinnedResolutions
from pipeline.tax.place_names import PlaceNames
from pipeline.tax.resolution import ManualFile, ManualRow, Resolution, Resolver
from pipeline.tax.seller_files import SAFE_HARBOR, SellerFile, load_certificates, load_seller
from pipeline.tax.sst_boundaries import load_sst_boundaries
from pipeline.tax.sst_files import sst_name
from pipeline.tax.yaml_file import read_record
from pipeline.tax.zip_counties import ZipCounties, load_zip_counties, packaged_file
from rating.tax.boundary import Boundaries
from rating.tax.exemptions import Exemption
from rating.tax.fees import TrunkChannels
from rating.tax.law import TaxLaw
from rating.tax.parameters import Parameter, RateMissing
from rating.tax.request import ChargeLine, PrimaryUse, TaxRequest
from rating.tax.result import TaxStop
from rating.tax.situated import RESOLUTIONS_FILE
from schemas.reference import ServiceAddress

PLACES = "places.yaml"
TAXLOCUS = "taxlocus.csv"
ZIP_COUNTIES = "zip_county.csv"


class Provider(NamedTuple):
    """The tax data of one provider."""

    law: TaxLaw
    parameters: Mapping[str, Parameter]
    sources: tuple[SourceFile, ...]
    seller: SellerFile
    certificates: Mapping[str, tuple[Exemption, ...]]
    resolver: Resolver
    pinned: PinnedResolutions

    def resolution(self, address: ServiceAddress, day: date) -> Resolution | None:
        """The pinned answer of that day, else a new one, which is not pinned yet."""
        found = self.pinned.find(address.address_id, address.version, day)
        return found or self.resolver.resolve(address, day)

    def pin(self, addresses: Iterable[ServiceAddress], day: date) -> int:
        """Keep the resolutions that a real bill uses, which a quote never does; the number of new ones."""
        found = (self.resolution(address, day) for address in addresses)
        return self.pinned.pin(resolution for resolution in found if resolution is not None and resolution.is_billable)

    def primary_use(self, address: ServiceAddress, day: date) -> PrimaryUse:
        """A service address as tax sees it."""
        place = PrimaryUse(address.address_id, address.country)
        return self.resolver.primary_use(address, self.resolution(address, day)) if place.is_in_us else place

    def request(
        self,
        document_id: str,
        *,
        account_id: str,
        bill_date: date,
        period: tuple[date, date],
        lines: Iterable[ChargeLine],
        addresses: Iterable[ServiceAddress],
        trunks: Iterable[TrunkChannels] = (),
    ) -> TaxRequest | TaxStop:
        """The tax request of one bill. A stop when the split of bundled charges is not known on the bill date."""
        allocation = self.seller.allocation_on(bill_date, self.parameters[SAFE_HARBOR])
        if isinstance(allocation, RateMissing):
            return TaxStop(document_id, (allocation,))
        return TaxRequest(
            document_id, bill_date, *period, self.seller.seller, allocation, tuple(lines),
            {address.address_id: self.primary_use(address, bill_date) for address in addresses}, tuple(trunks),
            self.certificates.get(account_id, ()),
        )  # fmt: skip


def load_provider(folder: Path | None = None, *, sst_grace_days: int = 0) -> Provider:
    """Read the shipped law and the provider's own folder. TaxDataError and LawError say what is wrong and where."""
    own = folder if folder is not None and folder.is_dir() else None
    loaded = load_law(own, sst_grace_days=sst_grace_days)
    taxlocus = None if own is None else own / TAXLOCUS
    names = PlaceNames.load(SHIPPED / PLACES, taxlocus if taxlocus is not None and taxlocus.is_file() else None)
    resolver = Resolver(_manual(own), _boundaries(own), loaded.tables, _counties(own), names)
    pinned = PinnedResolutions((folder or Path()) / FILE_NAME)
    return Provider(
        loaded.law, loaded.parameters, loaded.sources, load_seller(own), load_certificates(own), resolver, pinned
    )


def _manual(own: Path | None) -> tuple[ManualRow, ...]:
    path = None if own is None else own / RESOLUTIONS_FILE
    if path is None or not path.is_file():
        return ()
    return read_record(path.read_text(), RESOLUTIONS_FILE, ManualFile).resolutions


def _boundaries(own: Path | None) -> dict[str, Boundaries]:
    files = [] if own is None else boundary_files(own / SST)
    return {sst_name(path).state: load_sst_boundaries(path) for path in files}


def _counties(own: Path | None) -> ZipCounties:
    """The provider's own crosswalk, else that of the installed wheel, else none."""
    path = None if own is None else own / ZIP_COUNTIES
    if path is None or not path.is_file():
        path = packaged_file()
    return ZipCounties({}) if path is None else load_zip_counties(path)
