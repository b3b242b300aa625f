"""URL-encoded texts in columns are those that `unquote` makes of each."""

from urllib.parse import unquote

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.escape_columns import unquoted

PIECES = st.sampled_from(["%2B", "%2b", "%40", "%25", "%", "4", "0", "C3", "%C3%B6", "%zz", "x", "\u00f6", "%20"])


@pytest.mark.parametrize(
    ("text", "plain"),
    [("%2B4420", "+4420"), ("a%40b%40c", "a@b@c"), ("%2540", "%40"), ("100%", "100%"), ("%4", "%4"),
     ("%C3%B6", "\u00f6"), ("%E9", "\ufffd"), ("%zz", "%zz"), ("%%340", "%40"), ("", ""), ("%00", "\x00")],
)  # fmt: skip
def test_escapes(text: str, plain: str) -> None:
    """Signs, longer characters, broken escapes, and the sign of the escapes itself."""
    assert ["+1@", plain, None, "x"] == unquoted(pa.array(["%2B1%40", text, None, "x"])).to_pylist()


def test_many_different_escapes() -> None:
    """More than are replaced one by one."""
    texts = [f"%{code:02X}" for code in range(32, 100)]
    assert [chr(code) for code in range(32, 100)] == unquoted(pa.array(texts)).to_pylist()


@given(st.lists(st.lists(PIECES, max_size=6).map("".join), max_size=5))
def test_as_each_by_itself(texts: list[str]) -> None:
    """Whatever stands next to what."""
    assert list(map(unquote, texts)) == unquoted(pa.array(texts, pa.string())).to_pylist()
