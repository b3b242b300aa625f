"""Names of channels in columns are those of the specification."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.channel_columns import endpoints
from pipeline.mediation.formats.asterisk_csv import endpoint


@pytest.mark.parametrize(
    ("channel", "name"),
    [("PJSIP/carrier-00000012", "carrier"), ("Local/1@c-0000000a;2", "1@c"), ("SIP/a-b-0000001f", "a-b"),
     ("PJSIP/carrier", None), ("PJSIP/-00000012", None), ("carrier-00000012", None), ("", None), ("NULL", None),
     ("SIP/a-0000001G", None), ("Local/1@c-0000000a;3", None), ("SIP/a-00000012;", None), ("SIP/a/b-00000012", "a/b"),
     ("SIP/J\u00f6rg-00000012", "J\u00f6rg")],
)  # fmt: skip
def test_names_of_channels(channel: str, name: str | None) -> None:
    """The technology in front and the number behind go; whatever else is no channel."""
    assert [name, "x", name] == endpoints(pa.array([channel, "SIP/x-00000001", channel])).to_pylist()
    assert name == endpoint(channel)


@given(st.lists(st.lists(st.sampled_from(["SIP/", "a", "-", "0000000a", ";1", ";", "/", "\u00f6", "f"])).map("".join)))
def test_as_the_specification(channels: list[str]) -> None:
    """Whatever stands there."""
    assert list(map(endpoint, channels)) == endpoints(pa.array(channels, pa.string())).to_pylist()
