"""Every oracle that is built: the file, and the function that runs its cases. A new one is one line here."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.oracles import rating_cases
from tests.oracles.published_cases import published
from tests.oracles.tally import FOLDER, Tally, attempted, tally


def number_cases() -> Tally:
    """One by one and as one column."""
    from tests.oracles import test_number_cases as numbers  # noqa: PLC0415 - reads the file when it is imported

    return tally(
        (case["id"], numbers.expected(case), answer)
        for case, answers in zip(numbers.CASES, numbers.both_ways(numbers.CASES), strict=True)
        for answer in answers
    )


def plan_cases() -> Tally:
    """Fees, allowances, splits and concurrency."""
    from tests.oracles.plan_cases import difference  # noqa: PLC0415 - the others run without it

    cases = json.loads((FOLDER / "plan_cases.json").read_text(encoding="utf-8"))["cases"]
    return tally((case["id"], {}, attempted(lambda case=case: difference(case))) for case in cases)


def cdr_cases() -> Tally:
    """Records through mediation, and numbers of one party through numbering."""
    from tests.oracles.cdr_cases import differences, run_case  # noqa: PLC0415 - the others run without it
    from tests.oracles.number_parties import difference  # noqa: PLC0415

    def found(case: dict[str, Any]) -> object:
        return difference(case) if case["source_format"] == "number" else differences(case["expect"], run_case(case))

    lines = (FOLDER / "cdr_cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    return tally((case["id"], {}, attempted(lambda case=case: found(case))) for case in cases)


def tax_cases() -> Tally:
    """Every kind; fields that an expectation names must be equal."""
    from tests.oracles import test_tax_cases as taxes  # noqa: PLC0415 - reads the file when it is imported

    answers = (
        (case["id"], case["expected"], case["expected"] if taxes.agrees(case["expected"], found) else found)
        for cases in taxes.CASES.values()
        for case in cases
        for found in [taxes.answer(case)]
    )
    return tally(answers)


ORACLES: Mapping[str, Callable[[], Tally]] = {
    "rating_published.csv": published,
    "rating_grid.csv": rating_cases.grid,
    "rating_operators.csv": rating_cases.operators,
    "lpm_cases.csv": rating_cases.prefixes,
    "number_cases.csv": number_cases,
    "plan_cases.json": plan_cases,
    "cdr_cases.jsonl": cdr_cases,
    "tax_cases.json": tax_cases,
}
"""In the order in which a call meets them, rating first."""

INPUTS = {"lpm_deck.csv"}
"""Files that only feed another one."""
