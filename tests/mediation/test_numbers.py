"""The table N1 to N33 of mediation.md, section H, row by row, through the rules of the gate."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.feed import feed_of
from pipeline.mediation.notes import Notes
from pipeline.mediation.numbers import apply_number_rules, first_number, is_no_number, number_meant
from pipeline.mediation.registry import format_named
from schemas.cdr import Direction, RecordType
from schemas.reference import DialPlan
from tests.mediation.feeds import a_source, assembled, read
from tests.mediation.formats.test_freeswitch_csv import line as freeswitch_line
from tests.mediation.formats.test_native_json import an_event
from tests.mediation.twins import assert_twins_agree

US = DialPlan(default_country="US", international_prefixes=("011",))
GB = DialPlan(default_country="GB", international_prefixes=("00",))
IT = DialPlan(default_country="IT", international_prefixes=("00",))
IDD = DialPlan(international_prefixes=("00",))
BARE = DialPlan(accept_bare_e164=True)
ANY = DialPlan()


def through_the_gate(plan: DialPlan, *, trusts: bool = True, **raw: object) -> tuple[dict[str, Any], Notes]:
    """The fields and remarks of a record with these raw parties."""
    source = a_source("native_json", dial_plan=plan, trust_asserted_identity=trusts)
    fields: dict[str, Any] = {"record_type": RecordType.STOP, **raw}
    notes = Notes()
    apply_number_rules(fields, notes, feed_of(source, format_named("native_json").options))
    return fields, notes


def called(raw: str, plan: DialPlan) -> str | None:
    """The called number that a raw field becomes; one that stays as it was dialled was not decided by the plan."""
    fields, _ = through_the_gate(plan, called_raw=raw)
    number: str | None = fields["called"]
    return number


@pytest.mark.parametrize(
    ("row", "raw", "plan", "number"),
    [
        ("N1", "+34688886392", ANY, "+34688886392"),
        ("N2", "0034688886392", IDD, "+34688886392"),
        ("N3", "34688886392", BARE, "+34688886392"),
        ("N4", "00034688886392", DialPlan(international_prefixes=("00",), access_digit="0"), "+34688886392"),
        ("N5", "011442079460123", US, "+442079460123"),
        ("N6", "2025550102", US, "+12025550102"),
        ("N6", "12025550102", US, "+12025550102"),
        ("N7", "02079460123", GB, "+442079460123"),
        ("N8", "(020) 7946-0123", GB, "+442079460123"),
        ("N9", "+44 (0)20 7946 0123", ANY, "+442079460123"),
        ("N10", "0612345678", IT, "+390612345678"),
        ("N12", "sip:+442079460123@198.51.100.1:5061;user=phone", ANY, "+442079460123"),
        ("N15", "tel:+1-202-555-0101", ANY, "+12025550101"),
        ("N16", "sip:+12025550101;rn=+12025559999;npdi@c.example;user=phone", ANY, "+12025550101"),
        ("N17", "tel:5550101;phone-context=+1202", ANY, "+12025550101"),
        ("N30", "sip:%2B442079460123@198.51.100.1", ANY, "+442079460123"),
        ("N31", "+4420794\uff160123", ANY, "+442079460123"),
        ("N31", "\u202d+44\u00a02079460123\u202c", ANY, "+442079460123"),
        ("N33", "+44 7700 900123 ext 12", ANY, "+447700900123"),
        ("N33", "tel:+447700900123;ext=12", ANY, "+447700900123"),
    ],
)
def test_called_numbers(row: str, raw: str, plan: DialPlan, number: str) -> None:
    """Raw text and dial plan in, E.164 out."""
    assert number == called(raw, plan), row


@pytest.mark.parametrize(
    ("row", "raw", "plan"),
    [
        ("N3", "34688886392", IDD),
        ("N4", "00034688886392", IDD),
        ("N6", "5550123", US),
        ("N26", "911", US),
        ("N26", "112", GB),
        ("N27", "7777", US),
        ("N27", "*60", US),
    ],
)
def test_digits_that_no_rule_decides_stay_as_dialled(row: str, raw: str, plan: DialPlan) -> None:
    """Nothing is guessed: the trunk's own plan, or its class, decides later."""
    assert raw == called(raw, plan), row


def test_n11_tech_prefix_is_taken_off_and_kept() -> None:
    """`9991#442079460123` with `^9991#`."""
    plan = DialPlan(tech_prefix="^9991#", accept_bare_e164=True)
    fields, _ = through_the_gate(plan, called_raw="9991#442079460123")
    assert ("+442079460123", "9991#") == (fields["called"], fields["tech_prefix"])
    fields, _ = through_the_gate(plan, called_raw="+442079460123")
    assert ("+442079460123", None) == (fields["called"], fields["tech_prefix"])


@pytest.mark.parametrize(
    ("raw", "plan", "number", "prefix"),
    [
        ("9991#442079460123", DialPlan(tech_prefix="^9991#"), "+442079460123", "9991#"),
        ("9991#+442079460123", DialPlan(tech_prefix="^9991#"), "+442079460123", "9991#"),
        ("<sip:9991#+442079460123@h>", DialPlan(tech_prefix="^9991#"), "+442079460123", "9991#"),
        ("7777011442079460123", DialPlan(default_country="US", international_prefixes=("011",), tech_prefix="^7777"),
         "+442079460123", "7777"),
        ("9991#+442079460123", ANY, "9991#+442079460123", None),
        ("442079460123", DialPlan(tech_prefix="^9991#"), "442079460123", None),
    ],
)  # fmt: skip
def test_n11_behind_a_tech_prefix(raw: str, plan: DialPlan, number: str, prefix: str | None) -> None:
    """A plus, or E.164 where the plan has no country; without the prefix nothing is guessed, and the trunk may know."""
    fields, _ = through_the_gate(plan, called_raw=raw)
    assert (number, prefix) == (fields["called"], fields["tech_prefix"])


def test_caller_has_no_tech_prefix() -> None:
    """Digits before the plus of a caller are no number: kept raw, NUM_UNPARSED as a warning."""
    fields, notes = through_the_gate(ANY, calling_raw="9991+12025550101")
    assert (None, ["NUM_UNPARSED"], None) == (fields["calling"], notes.flags, notes.rejection())


HISTORY = "<sip:+12025550110@x>;index=1, <sip:+12025550111@y;cause=302>;index=1.1, <sip:+442079460123@z>;index=1.1.1"


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("<sip:+12025550111@x>;reason=unconditional", "+12025550111"),
        ("<sip:+12025550111@x>;reason=no-answer, <sip:+12025550110@y>;reason=unconditional", "+12025550111"),
        (HISTORY, "+12025550111"),
        ("<sip:+12025550111@x;cause=302>;index=1,<sip:+442079460123@y>;index=1.1", "+12025550111"),
        ("<sip:+12025550111@x?Reason=SIP%3Bcause%3D302>;index=1;cause=302", "+12025550111"),
        ("<sip:+442079460123@y>;index=1", None),
        ("<sip:anonymous@anonymous.invalid>;index=1, <sip:+442079460123@y>;index=1.1", None),
    ],
)
def test_n25_who_sent_the_call_on(raw: str, number: str | None) -> None:
    """The first of a Diversion (RFC 5806), the last but one of a History-Info (RFC 7044)."""
    fields, _ = through_the_gate(ANY, diversion_raw=raw)
    assert number == fields["redirecting"]


def test_n13_display_name_and_uri() -> None:
    """`'WIRELESS CALLER'<sip:12513001300@4.2.2.2:5060;user=phone>;tag=SDepng302`."""
    raw = "'WIRELESS CALLER'<sip:12513001300@4.2.2.2:5060;user=phone>;tag=SDepng302"
    fields, notes = through_the_gate(US, calling_raw=raw)
    assert ("+12513001300", "WIRELESS CALLER") == (fields["calling"], fields["display_name"])
    assert [] == notes.flags


def test_n14_number_only_in_the_display_name() -> None:
    """`'12513001300'<sip:4.2.2.2:5060;user=phone>`: read, and flagged FROM_DISPLAY."""
    fields, notes = through_the_gate(US, calling_raw="'12513001300'<sip:4.2.2.2:5060;user=phone>")
    assert "+12513001300" == fields["calling"]
    assert ["FROM_DISPLAY"] == notes.flags


def test_n16_ported_number_is_rated_as_dialled() -> None:
    """The routing number is kept for cost; the customer's rate is by the dialled number (RFC 4694)."""
    fields, _ = through_the_gate(ANY, called_raw="sip:+12025550101;rn=+12025559999;npdi@c.example;user=phone")
    assert ("+12025550101", "+12025559999", True) == (fields["called"], fields["rn"], fields["npdi"])


def test_n18_carrier_code() -> None:
    """`cic=+10288` is carrier 0288 of country 1."""
    fields, _ = through_the_gate(ANY, called_raw="sip:+12025550101;cic=+10288@c.example")
    assert "0288" == fields["cic"]


@pytest.mark.parametrize("identity", ["<tel:+12025550101>", "<sip:+12025550101@198.51.100.1;user=phone>"])
def test_n19_anonymous_with_an_asserted_identity(identity: str) -> None:
    """The asserted number stands in, and the presentation is restricted (RFC 3325)."""
    fields, notes = through_the_gate(ANY, calling_raw="<sip:anonymous@anonymous.invalid>;tag=1", pai_raw=identity)
    assert ("+12025550101", "restricted") == (fields["calling"], fields["presentation"])
    assert [] == notes.flags


def test_n19_untrusted_feed_believes_no_assertion() -> None:
    """A feed whose identities anybody may write does not use them."""
    fields, _ = through_the_gate(ANY, trusts=False, calling_raw="anonymous", pai_raw="<tel:+12025550101>")
    assert (None, "unavailable", None) == (fields["calling"], fields["presentation"], fields["billing_number"])


def test_n20_anonymous_without_identity() -> None:
    """The caller is unknown: unavailable, no surcharge, no block, no flag."""
    fields, notes = through_the_gate(ANY, calling_raw='"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1')
    assert (None, "unavailable") == (fields["calling"], fields["presentation"])
    assert (None, []) == (notes.rejection(), notes.flags)


@pytest.mark.parametrize(
    "raw", ["Restricted", "unavailable", "unknown", "", "0000000000", "+266696687", "Anonymous", "PRIVATE", None]
)
def test_n21_words_for_nobody(raw: str | None) -> None:
    """Words, noughts, and ANONYMOUS on a keypad."""
    fields, notes = through_the_gate(US, calling_raw=raw)
    assert (None, "unavailable") == (fields["calling"], fields["presentation"])
    assert [] == notes.flags


@pytest.mark.parametrize("raw", ["alice", "b002179144411001", "ACME Ltd", "sip:alice@pbx.example"])
def test_n22_letters_never_block_a_calling_party(raw: str) -> None:
    """No number, the raw text kept, NUM_UNPARSED as a warning only."""
    fields, notes = through_the_gate(US, calling_raw=raw)
    assert (None, raw, "allowed") == (fields["calling"], fields["calling_raw"], fields["presentation"])
    assert (["NUM_UNPARSED"], None) == (notes.flags, notes.rejection())


@pytest.mark.parametrize(
    ("identities", "number"),
    [
        ("<sip:+12025550101@h>, <tel:+12025550102>", "+12025550101"),
        ("<sip:1001@h>, <tel:+12025550102>", "+12025550102"),
        ("<sip:1001@h>, <sip:alice@h>", "1001"),
        ("<sip:alice@h>", None),
    ],
)
def test_n23_list_of_identities(identities: str, number: str | None) -> None:
    """The first tel or global number; else the first number; else none."""
    assert number == first_number(identities)


def test_n24_both_identities_are_kept() -> None:
    """From and asserted identity differ: the asserted one bills, the From stays the calling number."""
    fields, _ = through_the_gate(ANY, calling_raw="sip:+12025550199@h", pai_raw="<sip:+12025550101@h>")
    assert ("+12025550199", "+12025550101") == (fields["calling"], fields["billing_number"])


def test_n25_diversion() -> None:
    """`<sip:+12025550111@x>;reason=unconditional` (RFC 5806)."""
    fields, _ = through_the_gate(
        ANY, called_raw="+12025550101", diversion_raw="<sip:+12025550111@x>;reason=unconditional"
    )
    assert "+12025550111" == fields["redirecting"]


def test_n28_toll_free_in_national_format() -> None:
    """Ten digits in the US are national, toll-free or not."""
    assert "+18772694774" == called("8772694774", US) == called("+18772694774", US)


@pytest.mark.parametrize("raw", ["441632960000ABC", "alice"])
def test_n29_letters_are_no_called_number(raw: str) -> None:
    """A called number with letters is none; rating stops it with NUM_UNPARSED."""
    assert called(raw, BARE) is None


@pytest.mark.parametrize("field", ["calling_raw", "called_raw"])
def test_n29_number_of_41_digits(field: str) -> None:
    """More than 40 characters are TOO_LONG (R54); 40 are not."""
    _, notes = through_the_gate(ANY, **{field: "1" * 41})
    reason, detail = notes.rejection() or ("", "")
    assert "TOO_LONG" == reason
    assert "41 characters, expected at most 40" in detail
    assert through_the_gate(ANY, **{field: "1" * 40})[1].rejection() is None


def test_n30_is_decoded_once_only() -> None:
    """`%252B442079460999` is `%2B442079460999` after one decoding: no number."""
    assert called("sip:%252B442079460999@h", ANY) is None


def test_n32_number_that_came_in() -> None:
    """0074950001157 with prefix 00 is +74950001157."""
    assert "+74950001157" == called("0074950001157", IDD)


def test_raw_fields_are_never_changed() -> None:
    """What came in stays beside what it means."""
    raw = {"calling_raw": "\u202d+1 202 555 0101", "called_raw": "9991#44", "pai_raw": "<tel:+1>", "diversion_raw": "x"}
    fields, _ = through_the_gate(US, **raw)
    assert raw == {name: fields[name] for name in raw}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Jo\x00 Doe\x07", "Jo Doe"),
        ("\x1b[2JJo", "[2JJo"),
        ("\x9bJo", "Jo"),
        ("\x00", None),
        ("", None),
        ("J\u00f6rg", "J\u00f6rg"),
    ],
)
def test_names_hold_no_control_characters(name: str, kept: str | None) -> None:
    """NUL and terminal controls go from the caller's name (R52); what is left of nothing is nothing."""
    fields, _ = through_the_gate(ANY, calling_raw="1001", display_name=name)
    assert kept == fields["display_name"]


@pytest.mark.parametrize("record_type", [RecordType.END, RecordType.MEDIA])
def test_records_without_parties(record_type: RecordType) -> None:
    """A BYE and a media record do not tell the parties, so they say nothing of their presentation."""
    fields, notes = through_the_gate(ANY, record_type=record_type)
    assert (None, []) == (fields.get("presentation"), notes.flags)


def test_plan_without_rules_leaves_numbers_as_dialled() -> None:
    """A feed without a dial plan decides nothing, and the trunk's plan reads the digits later."""
    assert "0034688886392" == number_meant("0034688886392", ANY)
    assert number_meant(None, US) is None


def test_endless_party_field_is_read_in_bounded_time() -> None:
    """A caller name of 60 KB makes the record TOO_LONG, not the worker slow."""
    event = {
        "source_node": "n",
        "leg_id": "a",
        "record_type": "STOP",
        "started_at": "2026-10-01T12:00:00Z",
        "released_at": "2026-10-01T12:00:00Z",
        "sip_status": 486,
        "called_raw": "1",
        "calling_raw": "<" * 60_000,
    }
    line = msgspec.json.encode(event)
    assert "TOO_LONG" == read(line, a_source("native_json")).reject_reason


@pytest.mark.parametrize("code", ["*60", "*43", "#31#", "7777", "100", "54321"])
def test_n27_feature_codes_and_extensions_bill_nothing(code: str) -> None:
    """No carrier carried it, so it is no call to the PSTN; the number stays as dialled, nothing is remarked."""
    fields, notes = through_the_gate(US, called_raw=code)
    assert (code, False, [], None) == (fields["called"], fields["is_billed_leg"], notes.flags, notes.rejection())


@pytest.mark.parametrize(
    ("plan", "raw"),
    [
        (US, {"called_raw": "911"}),
        (US, {"called_raw": "411"}),
        (GB, {"called_raw": "112"}),
        (GB, {"called_raw": "999"}),
        (US, {"called_raw": "7777", "egress_trunk_group": "TG-CARRIER"}),
        (US, {"called_raw": "7777", "egress_call_id": "out@sbc"}),
        (US, {"called_raw": "7777", "direction": Direction.INBOUND}),
        (ANY, {"called_raw": "7777"}),
        (US, {"called_raw": "2025550101"}),
        (US, {}),
    ],
    ids=["911", "411", "112", "999", "carrier", "carrier leg", "inbound", "no plan", "number", "none"],
)
def test_n27_what_is_no_call_inside(plan: DialPlan, raw: dict[str, object]) -> None:
    """Emergency and service codes have a price, a carrier leg makes a call, and an inbound call reached somebody."""
    assert "is_billed_leg" not in through_the_gate(plan, **raw)[0]


def test_n27_extension_behind_its_own_name_is_no_carrier() -> None:
    """A PBX names the channel after the extension that it rang."""
    fields, _ = through_the_gate(US, called_raw="1115", egress_trunk_group="1115")
    assert fields["is_billed_leg"] is False


@pytest.mark.parametrize(
    ("plan", "raw", "expected"),
    [
        (US, "5550123", True), (US, "+442079460123", False), (US, "911", False), (US, "alice", True),
        (GB, "441632960000ABC", True), (GB, "+4420794601234567", True), (GB, "000442079460654", True),
        (IDD, "34688886392", True), (ANY, "34688886392", False), (ANY, "alice", False), (ANY, "+12", True),
        (US, "2025550101", False),
    ],
)  # fmt: skip
def test_called_number_that_a_known_plan_does_not_read(plan: DialPlan, raw: str, expected: bool) -> None:
    """N3, N4, N6, N22, N29: nothing is guessed. Digits without any plan are left to the trunk's own."""
    call = read(an_event(called_raw=raw), a_source("native_json", dial_plan=plan))
    assert expected is is_no_number(call, plan)
    assert not is_no_number(call._replace(answered_at=None), plan)
    assert not is_no_number(call._replace(is_billed_leg=False), plan)


def test_unread_number_is_suspended_in_a_feed() -> None:
    """The answered call waits for a dial plan; the failed one is kept as it is, it costs nothing anyway."""
    events = [an_event(leg_id="a", called_raw="5550123"), an_event(leg_id="b", called_raw="5550123", answered_at=None)]
    found = assembled(events, a_source("native_json", dial_plan=US))
    assert ([("a", "NUM_UNPARSED")], ["b"]) == (
        [(leg.leg_id, leg.reject_reason) for leg in found.suspended], [leg.leg_id for leg in found.legs],
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["*60", "#1", "911", "100", "54321", "7777", "2025550101", "+442079460123", "", "x"])))
def test_columns_read_short_numbers_as_the_specification_does(dialled: list[str]) -> None:
    """Feature codes and short numbers leave the columns for the specification."""
    lines = [freeswitch_line(called=number, uuid=f"u-{at}").encode() for at, number in enumerate(dialled)]
    assert_twins_agree(lines, a_source("freeswitch_csv", dial_plan=US))
