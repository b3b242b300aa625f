"""Members of flat JSON objects are found as a decoder finds them, or the record is left to it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.json_columns import read_objects
from pipeline.mediation.member_names import Names
from pipeline.mediation.record_bytes import RecordBytes

NAMES = Names(["a", "leg", "sip_status", "claimed_trunk_id"])


def read(*values: bytes) -> list[dict[str, str] | None]:
    """The members of each record as texts, texts in quotes; None where a decoder has to read it."""
    content = RecordBytes.of(values)
    objects = read_objects(content, NAMES)
    found: list[dict[str, str]] = [{} for _ in values]
    for name, members in objects.members.items():
        for record, start, end, is_text in zip(*(column.tolist() for column in members), strict=True):
            text = content.joined[start:end].decode()
            found[record][name] = f'"{text}"' if is_text else text
    return [members if readable else None for members, readable in zip(found, objects.readable, strict=True)]


def test_members_of_many_records() -> None:
    """In any order, with any of them missing."""
    expected = [{"a": '"x"', "leg": "17"}, {"leg": "null"}, {"sip_status": "true", "claimed_trunk_id": '""'}]
    values = (b'{"a":"x","leg":17}', b'{"leg":null}', b'{"claimed_trunk_id":"","sip_status":true}')
    assert expected == read(*values)


def test_blanks_behind_commas_and_colons() -> None:
    """As Python's own encoder writes them."""
    value = json.dumps({"a": "x: , y", "leg": 17, "sip_status": 200}).encode()
    assert [{"a": '"x: , y"', "leg": "17", "sip_status": "200"}] == read(value)


@pytest.mark.parametrize("value", [
    b"", b"{}", b"[]", b'"a"', b'{"a":"x"', b'{"a":"x"}}', b'{"a":"x",}', b'{"a":}', b'{"a"}', b'{"a","leg"}',
    b'{"a":"x" "leg":1}', b'{"a":"x":"y"}', b'{"a":"x","y"}', b'{"a":1 2}x', b'{"b":1}', b'{"a":1,"a":2}',
    b'{"a":"x","a":"y"}',
    b'{"":1}', b'{"a":1,"":""}',
    b'x{"a":1}', b' {"a":1}', b'{"a":1} ', b'{ "a":1}', b'{"a":"\\n"}', b'{"a":"\xc3\xa9"}',
    b'{"a":"x"]', b'["a":"x"}', b'{"a" :1}', b'{"a":  "x"}', b'{"a":"x"  ,"leg":1}', b'{"a":["x"]}',
    b'{"a":{"leg":"x"}}', b'{"a":"x""leg":1}', b'{"a":"x"}{"leg":1}', b'{"a":"b\tc"}', b'{"a:1}', b'{:"a"}',
])  # fmt: skip
def test_left_to_a_decoder(value: bytes) -> None:
    """No object, nested, a name that is unknown or stands twice, escapes, accents; the neighbours are read."""
    good = b'{"a":"x","leg":17}'
    members = {"a": '"x"', "leg": "17"}
    found = read(good, value, good)
    assert [members, members] == [found[0], found[2]]
    assert found[1] is None or not _is_whole(found[1])


def _is_whole(members: dict[str, str]) -> bool:
    """Whether all values are JSON; what is not is refused by the type of its field."""
    try:
        return bool([json.loads(value) for value in members.values()])
    except ValueError:
        return False


SIGNS = st.sampled_from(list('{}[]",:  atrue17nul.-'))
TEXTS = st.lists(SIGNS, max_size=14).map("".join)
OBJECTS = st.dictionaries(
    st.sampled_from(NAMES.names), st.one_of(st.integers(), st.sampled_from(["", "x,y", None, True]))
)
VALUES = st.one_of(
    OBJECTS.map(json.dumps),
    OBJECTS.map(lambda members: json.dumps(members, separators=(",", ":"))),
    st.builds(lambda text: f'{{"a":"x",{text}}}', TEXTS),
    st.builds(lambda one, two: f'{{"a"{one},"leg"{two}}}', TEXTS, TEXTS),
    TEXTS,
)


@given(st.lists(VALUES, max_size=5))
def test_whatever_is_read_is_what_a_decoder_reads(texts: list[str]) -> None:
    """A record of which all values are JSON is the object that Python's decoder makes of it."""
    for text, members in zip(texts, read(*(text.encode() for text in texts)), strict=True):
        if members is not None and _is_whole(members):
            assert json.loads(text) == {name: json.loads(value) for name, value in members.items()}
