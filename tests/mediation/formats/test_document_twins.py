"""Column readers of documents and packets agree with the parsers that are their specification, whatever comes."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.batch import mediate_counting
from pipeline.settings import Source
from schemas.reference import DialPlan
from tests.mediation.feeds import a_batch, a_source
from tests.mediation.formats.test_freeswitch_documents import VARIABLES, as_json
from tests.mediation.twins import assert_twins_agree, damaged

EPOCHS = st.sampled_from([
    "0", "1790856000000000", "1790856005000000", "1790856066539896", "1790856000", "99999999999999999",
    "999999999999999999", "-5", "soon", "", " 1790856005000000", "1e15", "1790855000000000",
])  # fmt: skip
LENGTHS = st.sampled_from(["61539896", "61540", "62", "0", "-1", "x", "", "999999999999999999", "100"])
TEXTS = st.one_of(
    st.sampled_from(["", "%2B4420", "50%25", "a%1Fb", "%E9", "true", "outbound", "J\u00f6rg"]), st.text(max_size=4)
)
NUMBERS = st.sampled_from(
    ["+442079460321", "1001", "anonymous", "sip:1@h", "", "%2B12025550101", "0000000000", "4" * 41]
)
CAUSES = st.sampled_from(["NORMAL_CLEARING", "USER_BUSY", "ORIGINATOR_CANCEL", "X", ""])
CHANGES = {
    **dict.fromkeys(
        ("start_uepoch", "answer_uepoch", "end_uepoch", "progress_uepoch", "start_epoch", "answer_epoch",
         "end_epoch"), EPOCHS),
    **dict.fromkeys(("billusec", "billmsec", "billsec"), LENGTHS),
    **dict.fromkeys(("sip_from_user", "sip_req_user", "caller_id_number", "sip_h_P-Asserted-Identity"), NUMBERS),
    **dict.fromkeys(("uuid", "call_uuid", "accountcode", "sip_from_display", "sip_gateway"), TEXTS),
    "direction": st.sampled_from(["inbound", "outbound", ""]),
    "hangup_cause": CAUSES,
    "hangup_cause_q850": st.sampled_from(["16", "0", "487", "x", ""]),
    "sip_term_status": st.sampled_from(["200", "486", "", "x"]),
    "proto_specific_hangup_cause": st.sampled_from(["sip:486", "486", "isdn:3", ""]),
    "sip_hangup_disposition": st.sampled_from(["recv_bye", "send_bye", "send_refuse", "recv_cancel", ""]),
    "rtp_audio_in_mos": st.sampled_from(["4.50", "127", "42", "x"]),
    **dict.fromkeys(("rtp_audio_in_packet_count", "progressmsec", "fax_document_transferred_pages"),
                    st.sampled_from(["0", "3000", "4294967295", "-1", "1.5", "2147483648"])),
    "fax_success": st.sampled_from(["1", ""]), "rtp_secure_media_confirmed": st.sampled_from(["true", "false", ""]),
}  # fmt: skip
PROFILE = st.fixed_dictionaries({}, optional={
    "caller_id_number": NUMBERS, "destination_number": NUMBERS, "caller_id_name": TEXTS, "uuid": TEXTS,
    "created_time": EPOCHS,    "sip_gateway": st.one_of(TEXTS, st.sampled_from([5, True, None, ["x"], {"y": 1}])),
})  # fmt: skip


def document(changes: dict[str, str], gone: set[str], parts: dict[str, object]) -> bytes:
    variables = {name: value for name, value in {**VARIABLES, **changes}.items() if name not in gone}
    return msgspec.json.encode({"switchname": "fs1", "variables": variables, **parts})


PARTS = st.fixed_dictionaries({}, optional={
    "callflow": st.lists(st.builds(lambda profile: {"caller_profile": profile}, PROFILE), max_size=2),
    "times": PROFILE, "switchname": st.sampled_from(["", None, "fs2", 7]), "app_log": st.just({"a": [1]}),
})  # fmt: skip
DOCUMENTS = damaged(
    st.builds(
        document,
        st.fixed_dictionaries({}, optional=CHANGES),
        st.sets(st.sampled_from(sorted(VARIABLES)), max_size=6),
        PARTS,
    )
)
SOURCES = st.sampled_from([
    a_source("freeswitch_json"),
    a_source("freeswitch_json", url_encoded=False, trunk_variable="sip_gateway_name", direction="INBOUND"),
    a_source("freeswitch_json", node="n1", dial_plan=DialPlan(default_country="US", accept_bare_e164=True)),
    a_source("freeswitch_json", trunk_variable="sip_req_user", trust_asserted_identity=False),
])  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(DOCUMENTS, max_size=5), SOURCES)
def test_freeswitch_json(values: list[bytes], source: Source) -> None:
    """Whatever the documents hold, both readers give the same rows."""
    assert_twins_agree(values, source)


@pytest.mark.parametrize("changes", [{}, {"uuid": "leg-b"}, {"answer_uepoch": "0", "billusec": "0"}])
def test_plain_documents_take_the_fast_way(changes: dict[str, str]) -> None:
    """The guard: answered and unanswered legs are read in columns."""
    mediated = mediate_counting(a_batch([as_json({**VARIABLES, **changes})]), a_source("freeswitch_json"))
    assert (1, 1) == (mediated.cdrs.num_rows, mediated.in_columns)
