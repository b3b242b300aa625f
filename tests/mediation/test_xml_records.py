"""XML of sources that nobody may trust (R50): unbound prefixes are renamed, nothing is expanded or fetched."""

import pytest

from pipeline.mediation.draft import Unreadable
from pipeline.mediation.xml_records import DEPTH_MAX, is_wrapper, read_elements

BOMB = """<!DOCTYPE cdr [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>
<cdr><uuid>&c;</uuid></cdr>"""
EXTERNAL = '<!DOCTYPE cdr [<!ENTITY x SYSTEM "file:///etc/passwd">]><cdr><uuid>&x;</uuid></cdr>'


def test_elements_with_paths_and_texts() -> None:
    """The path names the parents; blanks around a text go."""
    found = read_elements('<cdr switchname="fs1"><variables><uuid> abc </uuid></variables></cdr>', "cdr")
    texts = {element.path: element.text for element in found if element.text}
    assert {("cdr", "variables", "uuid"): "abc"} == texts
    assert {"switchname": "fs1"} == found[-1].attributes


def test_repeated_elements_stay_in_order() -> None:
    """DP_MATCH twice gives two elements; which one counts is the format's question."""
    found = read_elements("<cdr><DP_MATCH>1</DP_MATCH><DP_MATCH>2</DP_MATCH></cdr>", "cdr")
    assert ["1", "2"] == [element.text for element in found if element.path[-1] == "DP_MATCH"]


def test_unbound_prefix_is_renamed() -> None:
    """`<nolocal:req_uuid>` would make the parser refuse the whole document."""
    found = read_elements("<cdr><variables><nolocal:req_uuid>x</nolocal:req_uuid></variables></cdr>", "cdr")
    assert ("cdr", "variables", "nolocal_req_uuid") == found[0].path


def test_colon_in_a_text_is_not_touched() -> None:
    """Only tag names are renamed."""
    found = read_elements("<cdr><sip_to>sip:1@h</sip_to></cdr>", "cdr")
    assert "sip:1@h" == found[0].text


@pytest.mark.parametrize("before", ["", '<?xml version="1.0"?>\n', "<cdrs>", ' <a b="c">\n', "\n\t"])
def test_what_may_stand_in_front(before: str) -> None:
    """A declaration, opening tags around the records, blanks."""
    assert read_elements(f"{before}<cdr><uuid>x</uuid></cdr>", "cdr")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<cdr><uuid>x</uuid>", "TRUNCATED"),
        ("<other/>", "UNKNOWN_LAYOUT"),
        ("garbage <cdr></cdr>", "UNKNOWN_LAYOUT"),
        ("", "UNKNOWN_LAYOUT"),
        ("<cdrs></cdrs>", "UNKNOWN_LAYOUT"),
        ("<cdr><uuid>x</cdr>", "BAD_FIELD"),
        ("<cdr><a>&undefined;</a></cdr>", "BAD_FIELD"),
        ("<cdr>\x00</cdr>", "BAD_FIELD"),
        ("</cdr><cdr>", "UNKNOWN_LAYOUT"),
    ],
)
def test_documents_that_cannot_be_read(text: str, reason: str) -> None:
    """Cut off, another document, wrong nesting, an entity that nobody defined, a NUL byte."""
    with pytest.raises(Unreadable) as caught:
        read_elements(text, "cdr")
    assert reason == caught.value.failure.reason
    assert caught.value.failure.detail


@pytest.mark.parametrize("hostile", [BOMB, EXTERNAL], ids=["expanding entities", "external entity"])
def test_entities_are_never_defined(hostile: str) -> None:
    """A document type in front of the record makes it no record: nothing is expanded, nothing is fetched."""
    with pytest.raises(Unreadable) as caught:
        read_elements(hostile, "cdr")
    assert caught.value.failure.reason in {"UNKNOWN_LAYOUT", "BAD_FIELD"}
    assert "passwd" not in caught.value.failure.detail


def test_document_type_inside_the_record() -> None:
    """It is not even well-formed there."""
    with pytest.raises(Unreadable, match="cannot be read"):
        read_elements('<cdr><!DOCTYPE x [<!ENTITY a "b">]><uuid>&a;</uuid></cdr>', "cdr")


@pytest.mark.parametrize(("depth", "fits"), [(DEPTH_MAX, True), (DEPTH_MAX + 1, False)])
def test_depth_is_bounded(depth: int, fits: bool) -> None:
    """32 levels are read, 33 are TOO_LONG (R54)."""
    text = "<cdr>" + "<a>" * (depth - 1) + "</a>" * (depth - 1) + "</cdr>"
    if fits:
        assert depth == len(read_elements(text, "cdr"))
        return
    with pytest.raises(Unreadable, match="nested deeper than 32") as caught:
        read_elements(text, "cdr")
    assert "TOO_LONG" == caught.value.failure.reason


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("</cdrs>", True), ('<?xml version="1.0"?>\n<cdrs>', True), ("</cdrs>\n</all>", True), ("  ", True),
     ("<cdr></cdr>", False), ("text", False), ("</cdrs> rest", False)],
)  # fmt: skip
def test_wrapper(text: str, is_one: bool) -> None:
    """The tags around the records are no records, anything else is."""
    assert is_one == is_wrapper(text, "cdr")


@pytest.mark.parametrize("sign", ["<", "<a", "<a ", "<?", "</", "&", "<a><b", "<cdr", "<x:"])
def test_hostile_repetitions_take_no_time(sign: str) -> None:
    """64 KiB of one sign are judged at once."""
    with pytest.raises(Unreadable):
        read_elements(sign * (65_000 // len(sign)) + "<cdr></cdr>", "cdr")
    assert is_wrapper(sign * (65_000 // len(sign)) + "!", "cdr") is False
