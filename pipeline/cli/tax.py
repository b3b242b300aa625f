"""Commands of tax: where an address lies, what one charge is taxed, what the tax data says."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.output import JsonOption, fail, print_rows, problems
from rating.tax.result import TaxStop
from rating.tax.terms import CallScope, ChargeClass

if TYPE_CHECKING:
    from pipeline.tax.provider import Provider
    from schemas.reference import ServiceAddress

tax = typer.Typer(help="US taxes: where an address lies, what a charge is taxed, and why.", no_args_is_help=True)

FolderOption = Annotated[
    Path | None, typer.Option("--tax", help="The provider's tax folder; default: tax_path of the settings.")
]
DayOption = Annotated[str, typer.Option("--on", help="Day, such as 2026-05-01.")]
AddressArgument = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="Such as '200 Example Avenue, Minneapolis, MN 55401'.")
]


def register(app: typer.Typer) -> None:
    """Add `trunkline tax`."""
    app.add_typer(tax, name="tax")


@tax.command()
def where(address: AddressArgument, on: DayOption, folder: FolderOption = None, *, as_json: JsonOption = False) -> None:
    """Show the jurisdictions of a service address, and the evidence."""
    provider, day = _provider(folder), _day(on)
    place = _address(address)
    found = provider.resolution(place, day)
    if found is None:
        fail(f"No jurisdiction is known for {address!r}. Resolve it in {_folder(folder)}/resolutions.yaml.", code=1)
    names = provider.resolver.names
    remark = " · designated" * found.is_designated + " · needs review" * found.needs_review
    print_rows(
        [
            {"level": area.level, "jurisdiction": area.jurisdiction_id, "name": names.named(area).name,
             "method": found.method, "evidence": found.evidence + remark}
            for area in found.jurisdictions
        ],
        as_json=as_json, title=f"{address}, from {found.valid_from} to {found.valid_until} (exclusive)",
    )  # fmt: skip


@tax.command()
def quote(
    amount: Annotated[str, typer.Argument(help="Charge before tax, such as 250.00.")],
    address: AddressArgument,
    on: DayOption,
    charge_class: Annotated[ChargeClass, typer.Option("--class", help="What is charged.")] = ChargeClass.CHANNEL_MRC,
    scope: Annotated[CallScope, typer.Option(help="Scope of the calls.")] = CallScope.BUNDLED,
    channels: Annotated[int, typer.Option(min=0, help="Outbound channels that 911 fees count.")] = 0,
    folder: FolderOption = None,
    *,
    steps: Annotated[bool, typer.Option("--steps", help="Show every step of every tax with its source.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Compute the taxes of one charge on a bill of that day, each with its rule and its source."""
    from pipeline.tax.quote import Charge, quote_request, step_rows, tax_rows
    from rating.tax.invoice import tax_invoice

    provider = _provider(folder)
    place = _address(address)
    request = quote_request(provider, place, _day(on), Charge(_amount(amount), charge_class, scope, channels))
    result = request if isinstance(request, TaxStop) else tax_invoice(request, provider.law)
    if isinstance(result, TaxStop):
        fail("\n".join(problem.message for problem in result.problems), code=1)
    if place.region not in provider.seller.nexus:
        problems.print(f"{place.region} is not in `nexus` of seller.yaml: a bill would not carry its percentage taxes.")
    rows = step_rows(result) if steps else tax_rows(result)
    print_rows(rows, as_json=as_json, title=f"Tax {result.total}, law {result.law_version[:16]}")


@tax.command()
def check(folder: FolderOption = None, *, as_json: JsonOption = False) -> None:
    """Load all tax data; list every number without a source of its own, and every number that is missing."""
    from pipeline.tax.quote import weak_numbers

    provider = _provider(folder)
    rows = [row._asdict() for row in weak_numbers(provider)]
    print_rows(rows, as_json=as_json, title=f"Law {provider.law.version[:16]}: to confirm or to supply")


def _folder(folder: Path | None) -> Path:
    from pipeline.settings import load_settings

    return folder if folder is not None else load_settings().tax_path


def _provider(folder: Path | None) -> "Provider":
    from pipeline.tax.problems import TaxDataError
    from pipeline.tax.provider import load_provider
    from rating.tax.law import LawError

    path = _folder(folder)
    if folder is not None and not folder.is_dir():
        fail(f"{folder} is no folder. Give the provider's tax folder, such as data/tax/example.")
    try:
        return load_provider(path)
    except (TaxDataError, LawError) as error:
        fail(f"The tax data cannot be used:\n{error}")


def _address(text: str) -> "ServiceAddress":
    from pipeline.tax.quote import written_address

    try:
        return written_address(text)
    except ValueError as error:
        fail(str(error))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no day. Write year, month and day, such as {datetime.now(UTC).date()}.")


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        fail(f"{text!r} is no amount. Write digits with a point, such as 250.00.")
