"""Telephone numbers that belong to nobody: ranges that are kept for fiction and tests (synthetic-load.md, 1.6).

Where a prefix of a deck has none, its numbers are the prefix and zeros, which no subscriber has.
"""

from collections.abc import Iterable, Iterator, Sequence

_RANGES = (
    ("44207946", 4), ("447700900", 3), ("441632960", 3),
    ("331990", 5), ("3363998", 4), ("493023125", 3), ("61491570", 3), ("1", 10),
)  # fmt: skip
"""Leading digits, and how many digits follow."""
NUMBERS_OF_A_PREFIX = 25
_NANP_DIGITS = 11
_OTHER_DIGITS = 12
_FICTION = "55501"
"""NPA 555 0100 to 0199."""


def numbers_below(prefix: str, longer: Sequence[str], area_codes: Iterable[str]) -> list[str]:
    """E.164 digits that begin with a prefix and with none of the longer ones; at most NUMBERS_OF_A_PREFIX."""
    candidates = _nanp(prefix, area_codes) if prefix.startswith("1") else _reserved(prefix)
    found: list[str] = []
    for number in candidates:
        if number.startswith(prefix) and not any(number.startswith(other) for other in longer):
            found.append(number)
        if len(found) == NUMBERS_OF_A_PREFIX:
            break
    return found


def _nanp(prefix: str, area_codes: Iterable[str]) -> Iterator[str]:
    """Numbers for fiction of the area codes below the prefix, else the prefix and zeros."""
    codes = [prefix[1:4]] if len(prefix) > len("1NP") else [code for code in area_codes if code.startswith(prefix[1:])]
    for line in range(100):
        for code in codes:
            number = f"1{code}{_FICTION}{line:02d}"
            yield number if number.startswith(prefix) else f"{prefix}{line:0{_NANP_DIGITS - len(prefix)}d}"


def _reserved(prefix: str) -> Iterator[str]:
    for start, digits in _RANGES:
        if start.startswith(prefix):
            yield from (f"{start}{10 ** (digits - 1) + line * 7:0{digits}d}" for line in range(NUMBERS_OF_A_PREFIX))
    filler = max(_OTHER_DIGITS - len(prefix), 3)
    yield from (f"{prefix}{2 * 10 ** (filler - 1) + line:0{filler}d}" for line in range(1000))
