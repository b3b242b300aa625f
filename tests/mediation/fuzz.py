"""Coverage-guided fuzzing of every parser: `python -m tests.mediation.fuzz`, which `make fuzz` runs for a minute each.

Each format has a process of its own (`fuzz_format.py`), which ends at the first record that is not read soundly. That
record is kept in `--found` and goes into the corpus of `test_fuzz.py`.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from pipeline.mediation.registry import FORMATS

READ = re.compile(r"stat::number_of_executed_units: (\d+)")


def main() -> int:
    """Fuzz every format for some seconds; 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each format")
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument(
        "--found", type=Path, default=Path("demo/fuzz"), help="folder for records that were read wrongly"
    )
    parser.add_argument("--format", choices=FORMATS, action="append", help="only these formats")
    asked = parser.parse_args()
    asked.found.mkdir(parents=True, exist_ok=True)
    unsound = [name for name in asked.format or FORMATS if not _is_sound(name, asked)]
    return 1 if unsound else 0


def _is_sound(name: str, asked: argparse.Namespace) -> bool:
    options = [f"-max_total_time={asked.seconds}", f"-seed={asked.seed}", f"-artifact_prefix={asked.found}/{name}-"]
    command = [sys.executable, "-m", "tests.mediation.fuzz_format", name, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    read = READ.search(done.stderr)
    is_sound = done.returncode == 0 and read is not None
    print(f"{name}: {read[1] if read else 'no'} records", flush=True)  # noqa: T201 - the result
    if not is_sound:
        told = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("INFO:", "WARNING:"))]
        print(*told, sep="\n", flush=True)  # noqa: T201 - what was found
    return is_sound


if __name__ == "__main__":
    sys.exit(main())
