"""The nodes that report calls: which format each writes, in which time zone, and how it joins records of one call."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.settings import Source


class Sbc(NamedTuple):
    """One session border controller, which is one source of records."""

    source: str
    """Name of its feed: the sub-folder of the spool, and the end of its topic's name."""
    format: str
    node: str
    time_zone: str = "UTC"
    """Of local stamps, for formats that have them."""
    share: float = 1.0
    """Its part of the calls, relative to the others."""

    @property
    def settings(self) -> Source:
        """What `sources` of the settings says of this feed."""
        return Source(name=self.source, format=self.format, node=self.node, time_zone=self.time_zone)


THREE_SBCS: Sequence[Sbc] = (
    Sbc("edge-newyork", "native_json", "nyc-sbc-1", share=0.5),
    Sbc("edge-portland", "freeswitch_json", "pdx-fs-1", share=0.3),
    Sbc("edge-atlanta", "asterisk_csv", "atl-pbx-1", "America/New_York", share=0.2),
)
"""Three nodes, three formats: what the demo runs."""


def sources_yaml(sbcs: Sequence[Sbc]) -> str:
    """The section `sources` of trunkline.yaml for these nodes."""
    lines = ["sources:"]
    for sbc in sbcs:
        zone = f", time_zone: {sbc.time_zone}" if sbc.time_zone != "UTC" else ""
        lines.append(f"  - {{name: {sbc.source}, format: {sbc.format}, node: {sbc.node}{zone}}}")
    return "\n".join(lines) + "\n"
