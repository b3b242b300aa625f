"""The formats that are built in; a new one is a module in `formats` and a line here."""

from pipeline.mediation.format import Format
from pipeline.mediation.formats import (
    asterisk_csv,
    audiocodes,
    cucm_csv,
    freeswitch_csv,
    freeswitch_json,
    generic,
    infobip_calllog,
    native_columns,
    native_json,
    opensips_flatstore,
    oracle_csv,
    radius_text,
    ribbon_act,
    sansay_csv,
)

FORMATS: dict[str, Format] = {
    record_format.name: record_format
    for record_format in (
        native_json.FORMAT._replace(columns=native_columns.read_columns),
        oracle_csv.FORMAT,
        ribbon_act.FORMAT,
        audiocodes.FORMAT,
        freeswitch_json.FORMAT,
        freeswitch_csv.FORMAT,
        asterisk_csv.FORMAT,
        opensips_flatstore.FORMAT,
        radius_text.FORMAT,
        cucm_csv.FORMAT,
        sansay_csv.FORMAT,
        infobip_calllog.FORMAT,
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
