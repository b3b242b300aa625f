"""Column readers of lines of separated values agree with the parsers that are their specification, on any line."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.batch import mediate_counting
from pipeline.mediation.quoted_lines import cut_lines
from pipeline.settings import Source
from schemas.reference import DialPlan
from tests.mediation.feeds import a_batch, a_line, a_source
from tests.mediation.formats import test_asterisk_csv, test_freeswitch_csv, test_oracle_csv, test_ribbon_act
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


def sources(
    format_name: str, options: Sequence[Mapping[str, object]], zones: st.SearchStrategy[str] = ZONES
) -> st.SearchStrategy[Source]:
    """Sources of the format with these options, any of the zones and any plan."""
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


def placed(
    first: Mapping[int, object],
    second: Mapping[int, object],
    values: Mapping[int, st.SearchStrategy[str]],
    lengths: tuple[int, int],
) -> st.SearchStrategy[bytes]:
    """Lines of one of two kinds with some of their values changed, some of them shorter or longer, some damaged."""
    changes = st.fixed_dictionaries({}, optional=dict(values))
    length = st.sampled_from([0, 0, 0, 0, -1, 1])
    written = st.builds(
        lambda kind, chosen, more: a_line({**(first, second)[kind], **chosen}, lengths[kind] + more).encode(),
        st.sampled_from([0, 0, 1]), changes, length,
    )  # fmt: skip
    return damaged(written)


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


ZONED = st.sampled_from([
    "15:54:50.100 PST DEC 18 2017", "15:54:56.868 PST DEC 18 2017", "15:56:00.868 PST DEC 18 2017", "0", "",
    "15:54:56.868 PDT DEC 18 2017", "23:54:56.868 UTC DEC 18 2017", "15:54:56.868 DEC 18 2017", "yesterday",
    "*23:54:56.868 UTC DEC 18 2017", "01:30:00.000 NOV 04 2018", "15:58:00.868 PST DEC 18 2017", " ",
    "23:59:59.999 UTC DEC 31 9999", "00:00:00.000 GMT+14 JAN 01 1",
])  # fmt: skip
URIS = st.sampled_from([
    "<sip:+442079460321@198.51.100.1;user=phone>;tag=SD77", '""WIRELESS CALLER" <sip:+12025550101@h:5061>;tag=SDe"',
    "<tel:+12025550101>", "<sip:+12025550101;rn=+12025559999;npdi@h>", "<sip:anonymous@anonymous.invalid>;tag=1",
    "<sip:0000000000@h>", "'12513001300'<sip:4.2.2.2;user=phone>", "sip:+12025550101@h", "+12025550101", "1001",
    "alice", '"Doe, Jo <sip:1001@h>"', "<sip:+12025550101@h>, <tel:+12025550102>", "<sip:1001@h", "<sip:%2B4420@h>",
    "",    "<sip:" + "4" * 41 + "@h>", "Jo <sip:1001@h;user=phone;transport=tcp>;tag=9", "<sip:+1202555010x12@h>",
])  # fmt: skip
ORACLE_VALUES = {
    **dict.fromkeys((14, 15, 16, 171, 174), ZONED), **dict.fromkeys((10, 11, 126, 131), URIS),
    **dict.fromkeys((13, 41, 45, 46, 47, 62, 120, 134, 135, 175), st.sampled_from(
        ["0", "64", "-1", "4294967295", "127", "441", "486", "16", "x", "", "1.5", "9320", "12345678901234567890"])),
    **dict.fromkeys((2, 4, 5, 12, 22, 23, 122, 123, 128, 140), st.sampled_from(
        ["", "TG-CUST1001", "cust-7", "203.0.113.9:5061", "[2001:db8::1]:5060", "x\"y", "a b"])),
    1: st.sampled_from(["1", "2", "3", "7", "9", ""]), 25: st.sampled_from(["PCMA", "image", "T38", ""]),
    73: st.sampled_from(["image", ""]), 132: st.sampled_from(["0", "1", "2", "3", ""]),
    133: st.sampled_from(["0", "1", "2", "3", "9", ""]),
}  # fmt: skip
ORACLE_ZONES = st.sampled_from(["America/Los_Angeles", "UTC"])
ORACLE = placed(test_oracle_csv.STOP, test_oracle_csv.START, ORACLE_VALUES, (175, 122))
ORACLE_OPTIONS: list[dict[str, object]] = [
    {}, {"session_time_unit": "ms", "trunk_attribute": None}, {"customer_group": r"^(?:TG-CUST|cust-)([0-9]+)$"},
    {"direction": "INBOUND", "trunk_attribute": 201}, {"trust_asserted_identity": False},
]  # fmt: skip
RIBBON_VALUES = {
    5: st.sampled_from(["GMT-08:00-Pacific(US)", "GMT+05:30", "GMT-05:00-Eastern(US)", "PST", "GMT+25:00", ""]),
    **dict.fromkeys((6, 11), st.sampled_from(
        ["02/22/2013", "11/03/2013", "03/10/2013", "02/30/2013", "22/02/2013", ""])),
    **dict.fromkeys((7, 12), st.sampled_from(
        ["17:02:12.5", "17:02:20.7", "01:30:00.0", "02:30:00.0", "17:02", "25:00:00.0", ""])),
    **dict.fromkeys((9, 10, 14, 15, 30, 40, 42, 65, 66, 67, 127, 111), st.sampled_from(
        ["0", "16", "306", "-1", "x", "", "4294967295", "99999999999", "1.5", "401"])),
    **dict.fromkeys((2, 3, 34, 68, 126, 180, 146), st.sampled_from(["SBC1", "", "TG-CUST7", "0", "1"])),
    **dict.fromkeys((20, 21, 60, 17, 18), NUMBERS),
    **dict.fromkeys((52, 69, 45), st.sampled_from([test_ribbon_act.PROTOCOL.format(end) for end in ("BYE", "401", "")]
                                                  + ["", "SIP", '"SIP,%22x%22"'])),
    1: st.sampled_from(["STOP", "START", "ATTEMPT", "INTERMEDIATE", "EVENT", "X"]),
}  # fmt: skip
RIBBON = placed(test_ribbon_act.STOP, test_ribbon_act.ATTEMPT, RIBBON_VALUES, (223, 186))
RIBBON_OPTIONS: list[dict[str, object]] = [{}, {"observes_dst": True}, {"customer_group": "^TG-CUST(.*)$"}]


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


@settings(max_examples=150, deadline=None)
@given(st.lists(ORACLE, max_size=5), sources("oracle_csv", ORACLE_OPTIONS, ORACLE_ZONES))
def test_oracle(values: list[bytes], source: Source) -> None:
    """Whatever the lines hold, both readers give the same rows."""
    assert_twins_agree(values, source)


@settings(max_examples=150, deadline=None)
@given(st.lists(RIBBON, max_size=5), sources("ribbon_act", RIBBON_OPTIONS))
def test_ribbon(values: list[bytes], source: Source) -> None:
    """Whatever the lines hold, both readers give the same rows."""
    assert_twins_agree(values, source)


@pytest.mark.parametrize(
    ("format_name", "line"),
    [("oracle_csv", test_oracle_csv.a_stop()), ("oracle_csv", a_line(test_oracle_csv.START, 122)),
     ("ribbon_act", a_line(test_ribbon_act.STOP, 223)), ("ribbon_act", a_line(test_ribbon_act.ATTEMPT, 117)),
     ("ribbon_act", a_line(test_ribbon_act.START, 172))],
)  # fmt: skip
def test_plain_lines_of_carrier_sbcs_take_the_fast_way(format_name: str, line: str) -> None:
    """The guard: STOPs, STARTs and attempts are read in columns, raw quotes in display names included."""
    mediated = mediate_counting(
        a_batch([line.encode()]), a_source(format_name, "America/Los_Angeles"), late_days=99_999
    )
    assert (1, 1) == (mediated.cdrs.num_rows, mediated.in_columns)


@pytest.mark.parametrize(
    ("format_name", "write", "name"),
    [("freeswitch_csv", test_freeswitch_csv.line, "uuid"), ("asterisk_csv", test_asterisk_csv.line, "account")],
)
def test_plain_lines_take_the_fast_way(format_name: str, write: Callable[..., str], name: str) -> None:
    """The guard: a feed of plain lines is read in columns, and only an odd line among them is not."""
    values = [write(**{name: f"u-{number}"}).encode() for number in range(10)]
    mediated = mediate_counting(a_batch([*values, write(answer="soon").encode()]), a_source(format_name))
    assert (11, 10) == (mediated.cdrs.num_rows, mediated.in_columns)


@pytest.mark.parametrize("write", [test_freeswitch_csv.line, test_asterisk_csv.line])
def test_plain_lines_are_cut_at_once(write: Callable[..., str]) -> None:
    """The guard: lines as the software writes them need none of the readers that repair quotes."""
    values = [write(account=f"a-{number}").encode() for number in range(10)]
    assert 10 == sum(len(cut.lines) for cut in cut_lines(values, [0], ",", 8))
