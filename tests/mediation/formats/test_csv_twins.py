"""Column readers of lines of separated values agree with the parsers that are their specification, on any line."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.batch import mediate_counting
from pipeline.settings import Source
from schemas.reference import DialPlan
from tests.mediation.feeds import a_batch, a_source
from tests.mediation.formats import test_asterisk_csv, test_freeswitch_csv
from tests.mediation.twins import assert_twins_agree, damaged

STAMPS = st.sampled_from([
    "2026-10-01 12:00:00", "2026-10-01 12:00:05", "2026-10-01 12:01:06", "2026-10-01 14:00:00", "2026-10-01 07:00:00",
    "2026-10-01 12:00:04", "2026-09-31 12:00:00", "2026-02-30 12:00:00", "2026/10/1 12:00", "2026-10-01 12:00",
    "2024-11-03 01:30:00", "2024-11-03 00:59:59", "2024-11-03 02:00:00", "2024-03-10 02:30:00", "2024-03-10 03:00:00",
    "2026-10-01T12:00:00", "2026-10-01 24:00:00", "2026-10-01 12:00:60", "9999-12-31 23:59:59", "0001-01-01 00:00:00",
    "2020-01-01 00:00:00", "2026-10-01 13:06:00", " 2026-10-01 12:00:00", "NULL", "\\N", "now", "",
])  # fmt: skip
NUMBERS = st.sampled_from([
    "1001", "+442079460321", "2025550102", "00442079460018", "911", "0000000000", "anonymous", "", "NULL", "alice",
    "4" * 41, "sip:1@h", "+266696687", "12-34", "\u0661\u0662\u0663",
])  # fmt: skip
COUNTS = st.sampled_from(
    ["0", "61", "66", "62", "63", "70", "9", "-6", "007", " 61", "61.0", "1:01", "", "NULL", "1" * 12]
)
TEXTS = st.one_of(
    st.sampled_from(['""Jo"" <1001>', "Jo <1001>", "a,b", 'raw "quote" inside', "J\u00f6rg", "tab\there", "\u2028",
                     "\x7f", ""]),
    st.text(max_size=6),
)  # fmt: skip
PLANS = st.sampled_from([
    DialPlan(),
    DialPlan(default_country="US", international_prefixes=("011",), accept_bare_e164=True),
    DialPlan(tech_prefix="^9991#"),
])  # fmt: skip
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])


def sources(format_name: str, options: Sequence[Mapping[str, object]]) -> st.SearchStrategy[Source]:
    """Sources of the format with these options, any zone and any plan."""
    return st.builds(
        lambda zone, plan, chosen: a_source(format_name, zone, dial_plan=plan, **chosen),
        ZONES,
        PLANS,
        st.sampled_from(options),
    )


def lines(write: Callable[..., str], changes: Mapping[str, st.SearchStrategy[str]]) -> st.SearchStrategy[bytes]:
    """Lines with some of their values changed, in UTF-8 or Latin-1, with quotes or without, some of them damaged."""
    written = st.fixed_dictionaries({}, optional=dict(changes)).map(lambda chosen: write(**chosen))
    styled = st.builds(lambda line, bare: line.replace('"', "") if bare else line, written, st.booleans())
    encoded = st.one_of(
        styled.map(lambda line: line.encode("utf-8", "replace")),
        styled.map(lambda line: line.encode("latin-1", "replace")),
    )
    return damaged(encoded)


FREESWITCH = lines(
    test_freeswitch_csv.line,
    {
        **dict.fromkeys(("start", "answer", "end"), STAMPS), **dict.fromkeys(("caller", "called"), NUMBERS),
        **dict.fromkeys(("duration", "billsec"), COUNTS), "name": TEXTS, "uuid": TEXTS, "account": TEXTS,
        "cause": st.sampled_from(["NORMAL_CLEARING", "USER_BUSY", "ORIGINATOR_CANCEL", "NONE", "hangup_cause", ""]),
    },
)  # fmt: skip
FREESWITCH_OPTIONS: list[dict[str, object]] = [
    {},
    {"direction": "INBOUND", "trunk_column": "context"},
    {"columns": ["caller_id_name", "caller_id_number", "destination_number", "c", "start_stamp", "answer_stamp",
                 "end_stamp", "duration", "billsec", "hangup_cause", "uuid", "b", "hangup_cause_q850", "x", "y"]},
    {"file_fault": "The trailer is wrong."},
]  # fmt: skip
CHANNELS = st.sampled_from(["PJSIP/a-00000001", "SIP/b", "NULL", "Local/1@c-0000000a;2"])
UNIQUE_IDS = st.sampled_from([
    "1790856000.7", "n-1790856000.7", "1790848800.1", "1790838000.2", "1790856003.9", "179.7", "17908560001.7", "",
    "abc", "\u0661790856000.7",
])  # fmt: skip
ASTERISK = lines(
    test_asterisk_csv.line,
    {
        **dict.fromkeys(("start", "answer", "end"), STAMPS), **dict.fromkeys(("src", "dst"), NUMBERS),
        **dict.fromkeys(("duration", "billsec"), COUNTS), "clid": TEXTS, "account": TEXTS,
        **dict.fromkeys(("channel", "dstchannel"), CHANNELS),
        "disposition": st.sampled_from(["ANSWERED", "NO ANSWER", "BUSY", "FAILED", "MAYBE", "disposition", ""]),
        "uniqueid": UNIQUE_IDS,
    },
)  # fmt: skip
EXPORT = ["a", "src", "dst", "d", "clid", "channel", "dstchannel", "l", "m", "calldate", "n", "o", "duration",
          "billsec", "disposition", "p", "uniqueid", "linkedid"]  # fmt: skip
ASTERISK_OPTIONS: list[dict[str, object]] = [{}, {"trunk_column": "dcontext"}, {"columns": EXPORT}]


@settings(max_examples=100, deadline=None)
@given(st.lists(FREESWITCH, max_size=6), sources("freeswitch_csv", FREESWITCH_OPTIONS))
def test_freeswitch(values: list[bytes], source: Source) -> None:
    """Whatever the lines hold, both readers give the same rows."""
    assert_twins_agree(values, source)


@settings(max_examples=100, deadline=None)
@given(st.lists(ASTERISK, max_size=6), sources("asterisk_csv", ASTERISK_OPTIONS))
def test_asterisk(values: list[bytes], source: Source) -> None:
    """Whatever the lines hold, both readers give the same rows."""
    assert_twins_agree(values, source)


@pytest.mark.parametrize(
    ("format_name", "write", "name"),
    [("freeswitch_csv", test_freeswitch_csv.line, "uuid"), ("asterisk_csv", test_asterisk_csv.line, "account")],
)
def test_plain_lines_take_the_fast_way(format_name: str, write: Callable[..., str], name: str) -> None:
    """The guard: a feed of plain lines is read in columns, and only an odd line among them is not."""
    values = [write(**{name: f"u-{number}"}).encode() for number in range(10)]
    mediated = mediate_counting(a_batch([*values, write(answer="soon").encode()]), a_source(format_name))
    assert (11, 10) == (mediated.cdrs.num_rows, mediated.in_columns)
