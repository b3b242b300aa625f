"""What must hold of any bytes whatsoever that the parser of a format is given."""

import time

from pipeline.mediation.assembly import assemble_records
from pipeline.mediation.batch import mediate_counting
from pipeline.mediation.format import UNFORESEEN
from pipeline.settings import Source
from tests.mediation.twins import RECEIVED, a_batch, specified

SECONDS_MAX = 0.1
"""Processor time that one record may take."""
WORDS = [
    b"", b"0", b"-1", b"NaN", b"1e999", b"99999999999999999999", b"\x00", b"\xff\xfe", b"\xc3\xa9", b'"', b'""', b"'",
    b",", b";", b"|", b"=", b"::", b"<", b">", b"&x;", b"%00", b"%2B", b"%", b"null", b"true", b"{}", b"[]", b"[" * 99,
    b"2026-02-30 00:00:00", b"9999-12-31T23:59:59.999999+00:00", b"0001-01-01T00:00:00+14:00",
    b"01:30:00.000 NOV 03 2024", b"253402300800", b"\xd9\xa1", b"\xe2\x80\xae", b"\n", b"\r\n", b"=HYPERLINK()",
    b"../../etc/passwd", b"x" * 70_000,
]  # fmt: skip
"""What parsers have stumbled over: put into good records."""


def problem(value: bytes, source: Source) -> str | None:
    """What is wrong with the way a record is read; None where all is well."""
    raw = a_batch([value])
    began = time.process_time()
    try:
        expected = specified(raw, source)
        mediated = mediate_counting(raw, source)
        assemble_records(raw, source, now=RECEIVED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        return f"{type(error).__name__}: {error}"
    if time.process_time() - began > 4 * SECONDS_MAX:
        return f"took {time.process_time() - began:.3f} s"
    if unforeseen := [text for text in expected["reject_detail"].to_pylist() if UNFORESEEN in (text or "")]:
        return str(unforeseen[0])
    if mediated.skipped + mediated.cdrs.num_rows < 1:
        return "the record was lost"
    return None if mediated.cdrs == expected else f"{mediated.cdrs.to_pylist()} instead of {expected.to_pylist()}"
