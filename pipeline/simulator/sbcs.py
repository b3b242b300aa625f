"""The nodes that report calls: which format each writes, in which time zone, and how it joins records of one call."""

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from pipeline.settings import Source


class Telling(Enum):
    """In how many records a node tells of a call."""

    LEGS = "START, INTERIM, STOP of legs and the attempts of call routes"
    WHOLE = "one record for each call"
    TRANSACTIONS = "INVITE and BYE of an answered call"
    EVENTS = "begin, conversation and end of each channel"
    ANSWERED = "one record for each answered call, and none for any other"
    CALLS_AND_MEDIA = "one record for each call, and one of media figures for some"


_TELLING = {
    "native_json": Telling.LEGS,
    "opensips_flatstore": Telling.TRANSACTIONS,
    "kamailio_acc": Telling.TRANSACTIONS,
    "kamailio_evapi_json": Telling.ANSWERED,
    "asterisk_cel": Telling.EVENTS,
    "cucm_csv": Telling.CALLS_AND_MEDIA,
}


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
    options: Mapping[str, Any] = MappingProxyType({})
    """Options of the source."""

    @property
    def telling(self) -> Telling:
        """In how many records it tells of a call, which its format decides."""
        return _TELLING.get(self.format, Telling.WHOLE)

    @property
    def settings(self) -> Source:
        """What `sources` of the settings says of this feed."""
        return Source(
            name=self.source, format=self.format, node=self.node, time_zone=self.time_zone, options=dict(self.options)
        )


THREE_SBCS: Sequence[Sbc] = (
    Sbc("edge-newyork", "native_json", "nyc-sbc-1", share=0.5),
    Sbc("edge-portland", "freeswitch_json", "pdx-fs-1", share=0.3),
    Sbc("edge-atlanta", "asterisk_csv", "atl-pbx-1", "America/New_York", share=0.2),
)
"""Three nodes, three formats."""

FIVE_SBCS: Sequence[Sbc] = (
    *THREE_SBCS,
    Sbc("edge-chicago", "oracle_csv", "chi-sbc-1", "America/Chicago", share=0.3),
    Sbc("edge-frankfurt", "ribbon_act", "fra-sbc-1", share=0.2, options={"customer_group": "^cust-(.+)$"}),
)
"""Five nodes, five formats: what the demo runs, all with equal shares."""


def sources_yaml(sbcs: Sequence[Sbc]) -> str:
    """The section `sources` of trunkline.yaml for these nodes."""
    return "\n".join(["sources:", *map(_source_yaml, sbcs)]) + "\n"


def _source_yaml(sbc: Sbc) -> str:
    zone = f", time_zone: {sbc.time_zone}" if sbc.time_zone != "UTC" else ""
    told = ", ".join(f"{name}: {value!r}" for name, value in sbc.options.items())
    options = f", options: {{{told}}}" if told else ""
    return f"  - {{name: {sbc.source}, format: {sbc.format}, node: {sbc.node}{zone}{options}}}"
