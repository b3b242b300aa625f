"""The law of one provider: shipped parameters and rules, its own folder laid over them, and the files of the states.

Own folder (`tax_path`):  parameters/  rules/  sst/  resolutions.yaml  seller.yaml  certificates.yaml
The version of the law is a hash of every file that went into it, so a result names exactly what it was computed from.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pipeline.shipped import DATA
from pipeline.tax.parameter_files import load_parameters
from pipeline.tax.rule_files import PARAMETERS, RULES, RuleFile, load_rules, taxes_of
from pipeline.tax.sst_files import file_hash, sst_name
from pipeline.tax.sst_rates import Correction, load_sst_rates
from pipeline.tax.yaml_file import Record, read_record
from rating.tax.law import TaxLaw
from rating.tax.parameters import Parameter
from rating.tax.stacks import RateTable

SHIPPED = DATA / "tax"
SST = "sst"
CORRECTIONS = "sst_corrections.yaml"


class CorrectionFile(Record):
    """Dated corrections of published rate files."""

    description: str
    corrections: tuple[Correction, ...]


class SourceFile(NamedTuple):
    """One file that the law was read from."""

    path: str
    sha256: str


class LoadedLaw(NamedTuple):
    """The law and what it was read from."""

    law: TaxLaw
    parameters: dict[str, Parameter]
    tables: dict[str, RateTable]
    sources: tuple[SourceFile, ...]


def load_law(own: Path | None = None, *, sst_grace_days: int = 0) -> LoadedLaw:
    """Read and check everything. TaxDataError and LawError say what is wrong and where.

    `sst_grace_days`: how long after its quarter a rate file may still be used; 0 unless the operator decides otherwise.
    """
    folders = [SHIPPED] if own is None else [SHIPPED, own]
    parameters = load_parameters([folder / PARAMETERS for folder in folders])
    rules: dict[str, RuleFile] = {}
    for folder in folders:
        rules |= load_rules(folder / RULES)
    tables = {} if own is None else load_sst_tables(own / SST, sst_grace_days)
    taxes = [tax for rule in rules.values() for tax in taxes_of(rule, parameters, tables)]
    sources = tuple(_sources(folders))
    version = sha256("".join(f"{path} {digest}\n" for path, digest in sources).encode()).hexdigest()
    return LoadedLaw(TaxLaw.build(taxes, rules, version), parameters, tables, sources)


def load_sst_tables(folder: Path, grace_days: int = 0) -> dict[str, RateTable]:
    """The newest rate file of each state in a folder, by jurisdiction."""
    corrections = load_corrections()
    newest: dict[str, Path] = {}
    for path in rate_files(folder):
        name = sst_name(path)
        known = newest.get(name.state)
        if known is None or sst_name(known).quarter_end <= name.quarter_end:
            newest[name.state] = path
    return {f"US-{state}": load_sst_rates(path, corrections, grace_days) for state, path in newest.items()}


def rate_files(folder: Path) -> list[Path]:
    """Rate files of Streamlined states in a folder, by name."""
    return [path for path in _files(folder, ("*.csv", "*.zip")) if sst_name(path).kind == "R"]


def boundary_files(folder: Path) -> list[Path]:
    """Boundary files of Streamlined states in a folder, by name."""
    return [path for path in _files(folder, ("*.csv", "*.zip")) if sst_name(path).kind == "B"]


def load_corrections() -> tuple[Correction, ...]:
    """The shipped corrections of published rate files."""
    path = SHIPPED / CORRECTIONS
    return read_record(path.read_text(), path.name, CorrectionFile).corrections


def _files(folder: Path, patterns: Sequence[str]) -> list[Path]:
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


def _sources(folders: Iterable[Path]) -> list[SourceFile]:
    """Every file that the law was read from, by a path that does not depend on the machine."""
    found = ((index, folder, path) for index, folder in enumerate(folders) for path in _law_files(folder))
    return [
        SourceFile(f"{index}/{path.relative_to(folder).as_posix()}", file_hash(path)) for index, folder, path in found
    ]


def _law_files(folder: Path) -> list[Path]:
    corrections = folder / CORRECTIONS
    return [
        *sorted((folder / PARAMETERS).rglob("*.yaml")),
        *sorted((folder / RULES).glob("*.yaml")),
        *rate_files(folder / SST),
        *([corrections] if corrections.is_file() else []),
    ]
