"""The generated pages are those that the code would write now."""

from collections.abc import Callable

import pytest

from tests.docs.generate import DOCS, PAGES


@pytest.mark.parametrize(("name", "page"), PAGES.items(), ids=list(PAGES))
def test_page_is_current(name: str, page: Callable[[], str]) -> None:
    """The page on disk equals the page made from the code; if not, run `make docs`."""
    assert page() == (DOCS / name).read_text()


@pytest.mark.parametrize("name", PAGES)
def test_every_entry_says_what_it_is(name: str) -> None:
    """No row or option of a generated page is without a description."""
    for line in (DOCS / name).read_text().splitlines():
        assert not line.endswith(("|  |", ": "))
