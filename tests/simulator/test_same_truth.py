"""The same truth in each full format: the same billed seconds, up to the resolution of the source (mediation.md R5)."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pipeline.mediation.chains import close_chain
from pipeline.mediation.registry import FORMATS
from pipeline.simulator.writers import WRITERS
from rating.call import rate_call
from rating.rated import RatedCall
from schemas.cdr import CDR, RecordType
from tests.simulator.runs import BOOK, a_node, a_world, read_cdrs, written_run

CALLS = 300
FULL = [name for name, writer in WRITERS.items() if writer.is_billed]
OF_ANSWERED_CALLS = {"kamailio_evapi_json"}
"""The event of the end of a call, as CGRateS defines it: nobody tells of a call that was not answered."""
RESOLUTION_MS = {
    "native_json": 1, "oracle_csv": 1, "audiocodes": 1, "freeswitch_json": 1, "freeswitch_xml": 1,
    "freeswitch_event": 1,
    "radius_text": 1, "cube_csv": 1, "asterisk_cel": 1, "opensips_event": 1, "broadworks_xml": 1, "infobip_calllog": 1,
    "yeti_json": 1, "didww_json": 1, "jambonz_json": 1, "generic_csv": 1, "generic_json": 1, "ribbon_act": 10,
    "freeswitch_csv": 1_000, "asterisk_csv": 1_000, "sansay_csv": 1_000, "opensips_flatstore": 1_000,
    "kamailio_acc": 1_000, "kamailio_evapi_json": 1_000, "cucm_csv": 1_000, "didww_csv": 1_000, "fixed_width": 1_000,
}  # fmt: skip
"""How exactly the duration of a call can be told (cdr-formats.md 4)."""


def _truth_and_cdrs(name: str) -> tuple[list[dict], dict[tuple[str, int], CDR]]:
    """One run of clean calls as one node of the format writes it; the calls follow from the seed alone."""
    with TemporaryDirectory() as folder:
        world = a_world("day", sbcs=[a_node(name)], calls=CALLS, days=1, rates={"F1": 0})
        return written_run(world, Path(folder)).to_pylist(), read_cdrs(Path(folder), a_node(name))


@cache
def _measured(name: str) -> dict[int, tuple[int, int | None, bool]]:
    """For each call by its number: how long mediation finds it to be, the seconds billed, whether it was answered."""
    from pipeline.book import load_book  # noqa: PLC0415

    book, (rows, read) = load_book(BOOK), _truth_and_cdrs(name)
    parts: dict[int, list[CDR]] = {}
    for row in rows:
        if row["record_type"] != RecordType.MEDIA and row["leg_id"].endswith("-0"):
            parts.setdefault(int(row["leg_id"].split("-")[1]), []).append(read[row["file"], row["line"]])
    found = {}
    for number, records in parts.items():
        leg = records[0] if len(records) == 1 else close_chain(records).leg
        rated = rate_call(leg, book)
        billed = rated.billed_seconds if isinstance(rated, RatedCall) else None
        found[number] = (leg.measured_ms, billed, leg.answered_at is not None)
    return found


def test_every_format_is_written():
    """All that mediation reads; each has a resolution, and one of them never bills."""
    assert set(FORMATS) == set(WRITERS)
    assert set(RESOLUTION_MS) == set(FULL) == set(WRITERS) - {"infobip_dialoglog"}


@pytest.mark.parametrize("name", FULL)
def test_the_same_calls_last_as_long_in_every_format(name: str):
    """No call differs by a step of the source; where the source tells milliseconds, none differs at all."""
    mine, native = _measured(name), _measured("native_json")
    assert CALLS == len(native)
    unanswered = {call for call, (_, _, answered) in native.items() if not answered}
    assert (unanswered if name in OF_ANSWERED_CALLS else set()) == native.keys() - mine.keys()
    assert [] == [call for call in mine if abs(mine[call][0] - native[call][0]) >= RESOLUTION_MS[name]]


@pytest.mark.parametrize("name", FULL)
def test_the_same_calls_bill_the_same_seconds_in_every_format(name: str):
    """Equal where the duration is; else they differ by a step of the increment at most, as the truth accounts for."""
    mine, reference = _measured(name), _measured("oracle_csv")
    for call in mine:
        measured, billed, _ = reference[call]
        if mine[call][0] == measured and None not in {billed, mine[call][1]}:
            assert billed == mine[call][1], call
