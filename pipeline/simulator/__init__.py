"""Synthetic traffic with its truth: calls, legs, records in any format, faults with exact counts (synthetic-load.md).

Everything is a function of the profile, the book, the nodes and the seed: the same ones give the same bytes. No part
of `rating` or `pipeline.mediation` is used, so that the truth is a second opinion.
"""

from pipeline.simulator.profiles import PROFILES, Profile
from pipeline.simulator.sbcs import FIVE_SBCS, THREE_SBCS, Sbc
from pipeline.simulator.spool import Simulated, write_spool
from pipeline.simulator.world import World, build_world

__all__ = ["FIVE_SBCS", "PROFILES", "THREE_SBCS", "Profile", "Sbc", "Simulated", "World", "build_world", "write_spool"]
