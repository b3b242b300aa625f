"""Loading tax data takes most of a small close; tests that close often share what does not change between them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from pipeline.tax import law_files, provider


@pytest.fixture(autouse=True, scope="module")
def quick_provider() -> Iterator[None]:
    """No test here asks for a ZIP code, and the law of one set of files is read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "packaged_file", lambda: None)
        patch.setattr(provider, "load_law", _law)
        yield


def _law(own: Path | None, *, sst_grace_days: int = 0) -> law_files.LoadedLaw:
    files = [] if own is None else sorted(path for path in own.rglob("*.yaml") if path.parent != own)
    return _read_law(own, sst_grace_days, tuple((str(path), path.stat().st_mtime_ns) for path in files))


@cache
def _read_law(own: Path | None, sst_grace_days: int, files: tuple[tuple[str, int], ...]) -> law_files.LoadedLaw:
    return law_files.load_law(own, sst_grace_days=sst_grace_days)
