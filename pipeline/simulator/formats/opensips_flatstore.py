"""OpenSIPS flatstore: INVITE and BYE of an answered call, the INVITE alone of another (cdr-formats.md 2.9)."""

from collections.abc import Sequence

from pipeline.simulator.formats import proxies, trunk_groups
from pipeline.simulator.formats.damage import beginning
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer
from schemas.outcomes import RejectReason


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """Seven columns of its own, and three that the operator added: caller, called number, trunk."""
    swapped, bye = proxies.is_swapped(records), proxies.is_bye(records)
    codes = [f"|{status}|{reason}|" for status, reason in zip(proxies.STATUSES, proxies.REASONS, strict=True)]
    return [
        coded("", ["INVITE|", "BYE|"], bye),
        *identity(f"{world.tag}-", records.call),
        coded("", ["-c|", "-s|"], swapped),
        *identity(f"{world.tag}-", records.call),
        coded("", ["-s|", "-c|"], swapped),
        *identity(f"{world.tag}-", records.call, "@sim"),
        coded("", codes, records.outcome),
        Whole(proxies.instants(records) // 1_000),
        trunk_groups.calling(records, world, "|"),
        trunk_groups.called(records, world, "|"),
        coded("|", [trunk.trunk_id for trunk in world.trunks], records.trunk, "\n"),
    ]


WRITER = Writer(
    name="opensips_flatstore",
    suffix="log",
    parts=parts,
    native_key=proxies.key_of_transaction,
    cut_off=(lambda line: beginning(line, b"|"), RejectReason.TRUNCATED),
    reshape=lambda line: line + b"|one|more",
    resolution_ms=1_000,
    times=proxies.told_times,
    options={"extra_columns": ["calling", "called", "trunk"]},
    cannot=proxies.CANNOT,
)
