"""Kamailio acc in syslog: INVITE and BYE of an answered call, the missed INVITE of another (cdr-formats.md 2.9)."""

from collections.abc import Sequence

from pipeline.simulator.formats import proxies, trunk_groups
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer
from schemas.outcomes import RejectReason

_FOREIGN = b"Oct  5 12:00:00 sip-1 kamailio[812]: INFO: dialog: dlg_timeout(): timer expired"


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """The extra keys that examples of acc_extra have, and the trunk."""
    swapped, bye = proxies.is_swapped(records), proxies.is_bye(records)
    codes = [
        f";code={status};reason={reason}" for status, reason in zip(proxies.STATUSES, proxies.REASONS, strict=True)
    ]
    return [
        f"{sbc.node} kamailio[812]: NOTICE: ACC: ",
        coded("", ["call missed: timestamp=", "transaction answered: timestamp="], records.answered.astype("int64")),
        Whole(proxies.instants(records) // 1_000),
        coded(";method=", ["INVITE", "BYE"], bye, ";from_tag="),
        *identity(f"{world.tag}-", records.call),
        coded("", ["-c;to_tag=", "-s;to_tag="], swapped),
        *identity(f"{world.tag}-", records.call),
        coded("", ["-s;call_id=", "-c;call_id="], swapped),
        *identity(f"{world.tag}-", records.call, "@sim"),
        coded("", codes, records.outcome),
        trunk_groups.calling(records, world, ";src_user="),
        trunk_groups.called(records, world, ";dst_ouser="),
        coded(";trunk=", [trunk.trunk_id for trunk in world.trunks], records.trunk, "\n"),
    ]


def _without_code(line: bytes) -> bytes:
    return line[: line.index(b";code=")]


WRITER = Writer(
    name="kamailio_acc",
    suffix="log",
    parts=parts,
    native_key=proxies.key_of_transaction,
    cut_off=(_without_code, RejectReason.BAD_FIELD),
    reshape=_without_code,
    misshapen=RejectReason.BAD_FIELD,
    resolution_ms=1_000,
    times=proxies.told_times,
    options={"extra_keys": {"src_user": "calling", "dst_ouser": "called", "trunk": "trunk"}},
    cannot=proxies.CANNOT,
    foreign=_FOREIGN,
)
