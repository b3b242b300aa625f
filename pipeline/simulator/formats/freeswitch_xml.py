"""FreeSWITCH mod_xml_cdr: one document for each call, values percent-encoded (cdr-formats.md 2.7)."""

from collections.abc import Sequence

from pipeline.simulator.formats.freeswitch_variables import Style, variables
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, leg_id
from schemas.outcomes import RejectReason

_STYLE = Style("<{}>", "</{}>")


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """A document in one line."""
    return [
        f'<?xml version="1.0"?><cdr core-uuid="{world.tag}-fs" switchname="{sbc.node}"><channel_data/><variables>',
        *variables(records, world, _STYLE),
        "</variables></cdr>\n",
    ]


WRITER = Writer(
    name="freeswitch_xml",
    suffix="xml",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at),),
    cut_off=(lambda document: document[: len(document) // 2], RejectReason.TRUNCATED),
    reshape=lambda document: document.replace(b"uuid>", b"unique>"),
    rename=lambda document: document.replace(b"<uuid>", b"<sip_from_display>=M\xfcller()</sip_from_display><uuid>", 1),
    prints_duration=True,
)
