"""Many records in one buffer."""

import numpy as np
import pyarrow as pa

from pipeline.mediation.member_names import UNKNOWN, Names
from pipeline.mediation.record_bytes import RecordBytes


def places(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def test_records_are_the_values() -> None:
    """Empty ones too."""
    values = [b"one", b"", b"\xff\x00"]
    assert values == RecordBytes.of(values).records.to_pylist()


def test_no_records() -> None:
    """A batch may be empty."""
    assert (0, []) == (RecordBytes.of([]).number, RecordBytes.of([]).is_printable(without=ord("\\")).tolist())


def test_texts_are_cut_out_and_put_into_rows() -> None:
    """-1 is a row without one; an empty text is one."""
    content = RecordBytes.of([b"abcdef", b"xyz"])
    starts = content.bounds[0] + places(1, 3, 6)
    texts = content.texts(starts, starts + places(2, 0, 3), places(2, -1, 0, 1))
    assert pa.array(["xyz", None, "bc", ""]) == texts


def test_no_texts() -> None:
    """All rows are unknown then."""
    assert [None, None] == RecordBytes.of([b"a"]).texts(places(), places(), places(-1, -1)).to_pylist()


def test_printable_records() -> None:
    """ASCII without control characters and backslashes; one odd record leaves the others alone."""
    values = [b"plain", b"", b"a\\b", b"tab\t", "J\u00f6rg".encode(), b"~ {}", b"\x00", b"end\x1f", b"ok"]
    expected = [True, True, False, False, False, True, False, False, True]
    assert expected == RecordBytes.of(values).is_printable(without=ord("\\")).tolist()


def test_names_are_found_by_all_their_characters() -> None:
    """Short ones, long ones, and ones that differ in a single character or in length."""
    names = Names(["q850", "q85", "started_at", "ingress_trunk_group", "is_final_attempt"])
    texts = ["q850", "q85", "q8500", "started_at", "started_au", "Xtarted_at", "ingress_trunk_group",
             "ingress_trunk_grouq", "ingress_trunk_groups", "is_final_attempt", "", "a" * 40]  # fmt: skip
    content = RecordBytes.of([text.encode() for text in texts])
    found = names.places(content.words, content.bounds[:-1], content.bounds[1:])
    unknown = UNKNOWN
    assert [0, 1, unknown, 2, unknown, unknown, 3, unknown, unknown, 4, unknown, unknown] == found.tolist()
