"""The formats that the simulator writes."""

from collections.abc import Mapping

from pipeline.simulator.formats import (
    asterisk_cel,
    asterisk_csv,
    audiocodes,
    broadworks_xml,
    cube_csv,
    cucm_csv,
    didww_csv,
    didww_json,
    fixed_width,
    freeswitch_csv,
    freeswitch_event,
    freeswitch_json,
    freeswitch_xml,
    generic_csv,
    generic_json,
    infobip_calllog,
    infobip_dialoglog,
    jambonz_json,
    kamailio_acc,
    kamailio_evapi_json,
    native_json,
    opensips_event,
    opensips_flatstore,
    oracle_csv,
    radius_text,
    ribbon_act,
    sansay_csv,
    yeti_json,
)
from pipeline.simulator.writing import Writer

WRITERS: Mapping[str, Writer] = {
    writer.name: writer
    for writer in (
        native_json.WRITER,
        oracle_csv.WRITER,
        ribbon_act.WRITER,
        audiocodes.WRITER,
        freeswitch_json.WRITER,
        freeswitch_csv.WRITER,
        asterisk_csv.WRITER,
        radius_text.WRITER,
        cube_csv.WRITER,
        sansay_csv.WRITER,
        freeswitch_xml.WRITER,
        freeswitch_event.WRITER,
        asterisk_cel.WRITER,
        opensips_flatstore.WRITER,
        opensips_event.WRITER,
        kamailio_acc.WRITER,
        kamailio_evapi_json.WRITER,
        cucm_csv.WRITER,
        broadworks_xml.WRITER,
        infobip_calllog.WRITER,
        infobip_dialoglog.WRITER,
        yeti_json.WRITER,
        didww_json.WRITER,
        didww_csv.WRITER,
        jambonz_json.WRITER,
        generic_csv.WRITER,
        generic_json.WRITER,
        fixed_width.WRITER,
    )
}


def writer_named(name: str) -> Writer:
    """The writer of a format; LookupError lists those that there are."""
    if name not in WRITERS:
        raise LookupError(f"The simulator writes no {name!r} (known: {', '.join(WRITERS)}). Choose one of them.")
    return WRITERS[name]
