"""FreeSWITCH mod_xml_cdr: one XML document for each leg; a POST body may begin with `cdr=`."""

from collections.abc import Sequence
from urllib.parse import unquote, unquote_plus

from pipeline.mediation.draft import Draft, Skip, Unreadable
from pipeline.mediation.feed import Feed
from pipeline.mediation.format import Format
from pipeline.mediation.formats.freeswitch_variables import FreeSwitchOptions, draft_of_variables
from pipeline.mediation.framing import xml_elements
from pipeline.mediation.notes import readable
from pipeline.mediation.xml_records import Element, is_wrapper, read_elements
from schemas.outcomes import RejectReason

_TAG = "cdr"
_POST_FIELD = "cdr="


def parse(value: bytes, feed: Feed[FreeSwitchOptions]) -> Sequence[Draft | Skip]:
    """Read one document."""
    text, notes = readable(value)
    text = _body(text)
    if is_wrapper(text, _TAG):
        return [Skip("XML around the records")]
    elements = read_elements(text, _TAG)
    variables = _variables(elements, is_encoded=feed.options.url_encoded)
    if not variables.get("uuid"):
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, "The document has no variable uuid, expected one for each leg.")
    node = elements[-1].attributes.get("switchname")
    return [draft_of_variables(variables, node, feed, notes)]


def _body(text: str) -> str:
    if not text.lstrip().startswith(_POST_FIELD):
        return text
    body = text.lstrip().removeprefix(_POST_FIELD)
    return unquote_plus(body) if body.startswith("%3C") else body


def _variables(elements: Sequence[Element], *, is_encoded: bool) -> dict[str, str]:
    """Variables last, so that they win; of repeated tags the last one stays."""
    found: dict[str, str] = {}
    for wanted in ("times", "caller_profile", "variables"):
        for element in elements:
            if element.path[-2:-1] == (wanted,) and element.text:
                found[element.path[-1]] = unquote(element.text) if is_encoded else element.text
    return found


FORMAT = Format(
    name="freeswitch_xml",
    about="FreeSWITCH mod_xml_cdr",
    tells="one document for each leg; microseconds; Q.850 and SIP cause; media figures",
    parse=parse,
    options=FreeSwitchOptions,
    frames=xml_elements(_TAG),
)
