"""Which prefixes below 1 a deck row of prefix 1 prices: those of the United States (PRODUCT.md, Rating 8)."""

from functools import lru_cache

from pipeline.book.folder import shipped_area_codes
from rating.numbering.kinds import area_code_kinds, is_neighbour
from rating.prefixes import NANP_PREFIX

_AREA_CODE_END = 4


@lru_cache(maxsize=1)
def neighbours() -> dict[str, str]:
    """Area codes of Canada and the Caribbean that are or will be in service, and their countries."""
    return {
        code.area_code: code.country
        for code in shipped_area_codes()
        if is_neighbour(area_code_kinds(code).ordinary) and code.in_service is not None
    }


@lru_cache(maxsize=1)
def _others() -> frozenset[str]:
    return frozenset(code.area_code for code in shipped_area_codes()) - neighbours().keys()


def is_covered(prefix: str, shorter: str) -> bool:
    """Whether a row of the shorter prefix prices numbers of `prefix`.

    Prefix 1 prices neither Canada and the Caribbean nor short codes and area codes that there are not.
    """
    if shorter != NANP_PREFIX or len(prefix) < _AREA_CODE_END:
        return True
    return prefix[1:_AREA_CODE_END] in _others()
