"""Run every oracle and print one line a file: `python -m tests.oracles`. Ends with 1 if anything is wrong or empty."""

import sys

from tests.oracles.registry import ORACLES
from tests.oracles.tally import FOLDER, Broken, Difference, Tally, attempted

SHOWN = 5
"""Wrong cases that are shown of a file."""


def main() -> int:
    """Exit code: 0 when every file gave cases and all are exact, 1 if one is wrong, 2 if a file is missing."""
    missing = sorted(name for name in ORACLES if not (FOLDER / name).is_file())
    passes = True
    for name, run in ORACLES.items():
        if name in missing:
            continue
        found = attempted(run)
        if isinstance(found, Broken):
            found = Tally(0, 0, [Difference("all", "a readable file", found)])
        print(found.line(name), flush=True)  # noqa: T201 - a command
        if found.remark:
            print(f"  {found.remark}")  # noqa: T201 - a command
        for case, expected, actual in found.wrong[:SHOWN]:
            print(f"  {case}: expected {expected}, found {actual}")  # noqa: T201 - a command
        passes &= found.passes
    if missing:
        print(f"{FOLDER} has no {', '.join(missing)}. Set TRUNKLINE_ORACLES to the folder of the oracles.")  # noqa: T201 - a command
        return 2
    return 0 if passes else 1


if __name__ == "__main__":
    sys.exit(main())
