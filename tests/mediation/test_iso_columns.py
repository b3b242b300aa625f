"""Times that Arrow reads are those that the words of their bytes give, and are times by the same rules."""

from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.mediation.iso_columns import iso_instants, iso_stamps
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.word_times import instants, local_stamps
from pipeline.mediation.word_values import Read

CLOCKS = st.builds(
    "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}{}".format,
    st.sampled_from([0, 1, 999, 1900, 1970, 2000, 2024, 2026, 9999]), st.integers(0, 13), st.integers(0, 32),
    st.sampled_from(["T", " "]), st.integers(0, 25), st.integers(0, 61), st.integers(0, 61),
    st.sampled_from(["", ".0", ".123", ".12345", ".123456", ".1234567", ",123", "."]),
    st.sampled_from(["", "Z", "z", "+01", "+01:00", " "]),
)  # fmt: skip
CHANGED = st.builds(
    lambda text, at, sign: text[: at % len(text)] + sign + text[at % len(text) + 1 :],
    CLOCKS, st.integers(0, 30), st.sampled_from(["", "0", "9", " ", "-", "+", "x", ":", "T", "Z", "00", "\u0663"]),
)  # fmt: skip
TEXTS = st.one_of(CLOCKS, CHANGED, st.sampled_from(["", "2026-10-01T12:00:00.000Z", "2026-10-01 12:00:00"]))


def by_words(read: Callable[..., Read], text: str) -> int | None:
    content = RecordBytes.of([text.encode()])
    values, readable = read(content.words, content.bounds[:-1], content.ends)
    return int(values[0]) if readable[0] else None


@settings(max_examples=300, deadline=None)
@example(["2026-10-01 24:00:00", "2024-02-29T23:59:59.999Z", "2026-02-29T00:00:00Z", "0000-01-01T00:00:00Z"])
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_both_readers_agree(texts: list[str]) -> None:
    """Alone, where one of them is no time, and in one column."""
    for in_columns, words in ((iso_instants, instants), (iso_stamps, local_stamps)):
        expected = [by_words(words, text) for text in texts]
        for column, right in (
            (texts, expected),
            *(([text], [value]) for text, value in zip(texts, expected, strict=True)),
        ):
            values, readable = in_columns(pa.array(column))
            assert right == [int(value) if known else None for value, known in zip(values, readable, strict=True)]


@pytest.mark.parametrize("texts", [[], ["", None], [None, "2026-10-01 12:00:00"]])
def test_missing_times(texts: list[str | None]) -> None:
    """Nothing, and nothing but blanks."""
    _, readable = iso_stamps(pa.array(texts, pa.string()))
    assert [bool(text) for text in texts] == readable.tolist()
