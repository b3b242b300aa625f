"""DIDWW, CSV of a CDR export: the start and the seconds of each call, no ids (cdr-formats.md 2.12)."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.simulator.formats.damage import open_quote
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, local_stamp
from pipeline.simulator.world import World
from pipeline.simulator.writing import Times, Writer, every
from schemas.outcomes import RejectReason

_COLUMNS = (
    "Date/Time (UTC)", "Source", "DID", "Destination", "Duration (secs)", "Disconnect Initiator", "Disconnect Code",
    "Response", "TollFree Amount (USD)", "Termination Amount (USD)", "Metered Channels Amount (USD)", "Customer ID",
    "Sell Amount (Points)",
)  # fmt: skip
OPTIONS: Mapping[str, Any] = {
    "columns": list(_COLUMNS),
    "mapping": {
        "facts": {
            "start": "Date/Time (UTC)", "calling": "Source", "called": "DID", "billsec": "Duration (secs)",
            "sip_status": "Disconnect Code", "native_cause": "Response", "trunk": "Customer ID",
        },
        "time": "iso_utc",
    },
}  # fmt: skip
"""The shipped mapping, and the customer as trunk."""


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """Thirteen columns; the destination tells the calls of one second apart."""
    codes = [f",{outcome.sip_status},{outcome.name},0.000,0.000,0.000" for outcome in OUTCOMES]
    return [
        *local_stamp("", records.start, every(records), "UTC", ","),
        coded("", [f'"{party.text}"' for party in world.parties.table], records.calling, ","),
        coded("", [f'"{party.text}"' for party in world.parties.table], records.called),
        *identity(f',"sip:{world.tag}', records.call, '@example.com",'),
        Whole(records.reported // 1_000),
        coded(",", ["Origination", "Destination", "DIDWW"], records.releaser),
        coded("", codes, records.outcome),
        coded(",", [trunk.trunk_id for trunk in world.trunks], records.trunk, ",0.000\n"),
    ]


def _times(records: Records, _: int) -> Times:
    """The start, which is the answer of a call that has seconds, and the end behind them."""
    start = records.start // 1_000 * 1_000
    return Times(start, start, start + records.reported // 1_000 * 1_000)


WRITER = Writer(
    name="didww_csv",
    suffix="csv",
    parts=parts,
    native_key=lambda records, world, at: (),  # noqa: ARG005 - its records are known by their bytes
    cut_off=(open_quote, RejectReason.BAD_QUOTE),
    reshape=lambda line: line + b",1,2",
    resolution_ms=1_000,
    times=_times,
    options=OPTIONS,
    zero_is_answered=False,
    call=lambda records, world, at: None,  # noqa: ARG005 - there is none
    cannot=frozenset({"F2", "F3", "F9"}),
    foreign=",".join(_COLUMNS).encode(),
)
