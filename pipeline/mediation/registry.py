"""The formats that are built in; a new one is a module in `formats` and a line here."""

from pipeline.mediation.format import Format
from pipeline.mediation.formats import (
    asterisk_cel,
    asterisk_csv,
    asterisk_csv_columns,
    audiocodes,
    broadworks_xml,
    cube_csv,
    cucm_csv,
    freeswitch_csv,
    freeswitch_csv_columns,
    freeswitch_event,
    freeswitch_json,
    freeswitch_json_columns,
    freeswitch_xml,
    generic,
    infobip_calllog,
    infobip_dialoglog,
    kamailio_acc,
    native_columns,
    native_json,
    opensips_event,
    opensips_flatstore,
    oracle_csv,
    oracle_csv_columns,
    radius_columns,
    radius_text,
    ribbon_act,
    ribbon_act_columns,
    sansay_csv,
)

FORMATS: dict[str, Format] = {
    record_format.name: record_format
    for record_format in (
        native_json.FORMAT._replace(columns=native_columns.read_columns),
        oracle_csv.FORMAT._replace(columns=oracle_csv_columns.read_columns),
        ribbon_act.FORMAT._replace(columns=ribbon_act_columns.read_columns),
        audiocodes.FORMAT,
        freeswitch_json.FORMAT._replace(columns=freeswitch_json_columns.read_columns),
        freeswitch_csv.FORMAT._replace(columns=freeswitch_csv_columns.read_columns),
        freeswitch_xml.FORMAT,
        freeswitch_event.FORMAT,
        asterisk_csv.FORMAT._replace(columns=asterisk_csv_columns.read_columns),
        asterisk_cel.FORMAT,
        opensips_flatstore.FORMAT,
        opensips_event.FORMAT,
        kamailio_acc.FORMAT,
        radius_text.FORMAT._replace(columns=radius_columns.read_columns),
        cube_csv.FORMAT,
        cucm_csv.FORMAT,
        broadworks_xml.FORMAT,
        sansay_csv.FORMAT,
        infobip_calllog.FORMAT,
        infobip_dialoglog.FORMAT,
        *generic.FORMATS,
    )
}


class UnknownFormat(LookupError):
    """A source names a format that is not built in."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Format {name!r} is unknown (known: {', '.join(FORMATS)}). Correct `format` of the source.")
        self.name = name


def format_named(name: str) -> Format:
    """The format of that name; raises UnknownFormat, which lists the known ones."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownFormat(name) from None
