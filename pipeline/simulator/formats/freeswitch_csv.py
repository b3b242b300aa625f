"""FreeSWITCH mod_cdr_csv, template `example`: local stamps of whole seconds (cdr-formats.md 2.7)."""

from collections.abc import Sequence

from pipeline.simulator.calls import CODECS
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import open_quote
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, local_stamp
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, call_id, every, misprinted_ms
from schemas.outcomes import RejectReason


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """15 columns, all quoted; the uuid is the Call-ID."""
    start, answer, release = (millis // 1_000 for millis in (records.start, records.answer, records.release))
    return [
        trunk_groups.calling(records, world, '"LINE","', '",'),
        trunk_groups.called(records, world, '"', '","public"'),
        *local_stamp(',"', records.start, every(records), sbc.time_zone),
        ',"',
        *local_stamp("", records.answer, records.answered, sbc.time_zone, ""),
        '"',
        *local_stamp(',"', records.release, every(records), sbc.time_zone),
        ',"',
        Whole(release - start),
        '","',
        Whole((release - answer) * records.answered + misprinted_ms(records) // 1_000),
        coded('","', [outcome.freeswitch for outcome in OUTCOMES], records.outcome, '"'),
        *identity(f',"{world.tag}-', records.call, '@sim",""'),
        coded(',"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"'),
        coded(',"', [f'{codec}","{codec}' for codec in CODECS], records.codec, '"\n'),
    ]


WRITER = Writer(
    name="freeswitch_csv",
    suffix="csv",
    parts=parts,
    native_key=lambda records, world, at: ("example", call_id(records, world, at)),
    cut_off=(open_quote, RejectReason.BAD_QUOTE),
    reshape=lambda line: line + b',"a","b"',
    rename=lambda line: line.replace(b"LINE", b"=M\xfcller()", 1),
    resolution_ms=1_000,
    missing_hour=lambda line: line.replace(b" 03:", b" 02:"),
    local_stamps=("start", "answer", "release"),
    prints_duration=True,
)
