"""Asterisk Master.csv: one line for each call, local stamps of whole seconds (cdr-formats.md 2.8)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.parties import texts
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, local_stamp
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, call_id, every, misprinted_ms
from schemas.outcomes import RejectReason

_LAYOUT = "master"
_HEADER = (
    b"accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,"
    b"disposition,amaflags,uniqueid,userfield,peeraccount,linkedid,sequence"
)


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """21 columns; `uniqueid` begins with the epoch of the channel, `linkedid` is the Call-ID."""
    numbers = texts(world.parties.table)
    start, answer, release = (millis // 1_000 for millis in (records.start, records.answer, records.release))
    answered = records.answered
    return [
        coded('"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"'),
        coded(',"', numbers, records.calling, '"'),
        coded(',"', numbers, records.called, '","from-trunk"'),
        coded(',"""Line"" <', numbers, records.calling, '>"'),
        coded(',"PJSIP/', [trunk.trunk_id for trunk in world.trunks], records.trunk, "-"),
        *identity("", records.call, '","PJSIP/carrier-00000001","Dial","PJSIP/carrier,60"'),
        *local_stamp(',"', records.start, every(records), sbc.time_zone),
        ',"',
        *local_stamp("", records.answer, answered, sbc.time_zone, ""),
        '","',
        *local_stamp("", records.release, every(records), sbc.time_zone, '",'),
        Whole(release - start),
        ",",
        Whole(np.where(answered, release - answer, 0) + misprinted_ms(records) // 1_000),
        coded(',"', [outcome.asterisk for outcome in OUTCOMES], records.outcome, '","DOCUMENTATION","'),
        Whole(start),
        ".",
        Whole(records.call),
        *identity(f'","","","{world.tag}-', records.call, '@sim",'),
        Whole(records.call),
        "\n",
    ]


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    call = str(records.call[at])
    return (_LAYOUT, call_id(records, world, at), f"{records.start[at] // 1_000}.{call}", call)


def _open_quote(line: bytes) -> bytes:
    """Cut within the last quoted value, which is then never closed."""
    return line[: line.rindex(b'"') - 3]


WRITER = Writer(
    name="asterisk_csv",
    suffix="csv",
    parts=parts,
    native_key=_native_key,
    cut_off=(_open_quote, RejectReason.BAD_QUOTE),
    reshape=lambda line: line + b',"a","b","c","d"',
    rename=lambda line: line.replace(b"Line", b"=M\xfcller()"),
    quote=lambda line: line.replace(b'"""Line"" <', b'""User "A"" <'),
    resolution_ms=1_000,
    foreign=_HEADER,
    prints_duration=True,
)
