"""What SBCs usually write is read in columns, so that no change makes a feed slow without anybody noticing."""

import io
from pathlib import Path

import pytest

from pipeline.mediation.batch import mediate_counting
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import FORMATS
from pipeline.simulator import Sbc, write_spool
from pipeline.simulator.writers import WRITERS
from tests.simulator.runs import NEVER_TOO_OLD, RECEIVED, a_world

IN_COLUMNS = sorted(name for name in WRITERS if FORMATS[name].columns)


@pytest.mark.parametrize("name", IN_COLUMNS)
def test_every_record_of_a_day_without_faults(name: str, tmp_path: Path) -> None:
    """Answered and failed calls, anonymous callers, short numbers: hardly one of them goes to the specification."""
    sbc = Sbc("edge", name, "edge-1", options=WRITERS[name].options)
    write_spool(a_world("bench", sbcs=[sbc], calls=600), tmp_path, None, lambda _: None)
    content = b"".join(path.read_bytes() for path in sorted((tmp_path / sbc.source).iterdir()))
    values = [frame.value for frame in FORMATS[name].frames(io.BytesIO(content))]
    raw = RawBatch(sbc.source, range(len(values)), values, [RECEIVED] * len(values))
    mediated = mediate_counting(raw, sbc.settings, late_days=NEVER_TOO_OLD)
    assert 594 <= mediated.in_columns
    assert len(values) * 0.99 <= mediated.in_columns + mediated.skipped


def test_formats_of_the_goals_are_among_them() -> None:
    """Those that have a goal for their speed."""
    goals = {"native_json", "freeswitch_csv", "asterisk_csv", "freeswitch_json", "oracle_csv", "ribbon_act"}
    assert goals <= set(IN_COLUMNS)
