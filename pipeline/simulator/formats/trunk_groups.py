"""How SBCs name the two sides of a call: the customer's group is `cust-<trunk>`, any other a carrier's."""

import numpy as np

from pipeline.simulator.calls import INBOUND, Mask
from pipeline.simulator.parties import texts
from pipeline.simulator.records import Records
from pipeline.simulator.texts import Coded, coded
from pipeline.simulator.world import World

OPTIONS = {"customer_group": "^cust-(.+)$"}
"""What a source must say, so that its reader finds direction and trunk."""
_SHORT_DIGITS = 6


def ingress(records: Records, world: World) -> Coded:
    """The group that the call came from."""
    return _group(records, world, is_customer=records.direction != INBOUND)


def egress(records: Records, world: World) -> Coded:
    """The group that the call went to."""
    return _group(records, world, is_customer=records.direction == INBOUND)


def customer(records: Records, world: World) -> Coded:
    """The customer's group, whichever side it is on."""
    return _group(records, world, is_customer=records.direction >= 0)


def _group(records: Records, world: World, *, is_customer: Mask) -> Coded:
    names = [*(f"cust-{trunk.trunk_id}" for trunk in world.trunks), "carrier-1"]
    return coded("", names, np.where(is_customer, records.trunk, len(names) - 1))


def calling(records: Records, world: World, before: str = "", after: str = "") -> Coded:
    """The caller as it is written."""
    return coded(before, texts(world.parties.table), records.calling, after)


def called(records: Records, world: World, before: str = "", after: str = "") -> Coded:
    """The called number as it was dialled."""
    return coded(before, texts(world.parties.table), records.called, after)


def bare_numbers(world: World) -> list[str]:
    """E.164 without a plus, as the sources of an API write all numbers but short ones."""
    return [party.digits if len(party.digits) > _SHORT_DIGITS else party.text for party in world.parties.table]
