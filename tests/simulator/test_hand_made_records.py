"""One call made by hand, as formats write it, column by column and name by name (cdr-formats.md 1 and 2)."""

import csv
import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pytest

from pipeline.simulator import Sbc, outcomes
from pipeline.simulator.calls import INBOUND, OUTBOUND
from pipeline.simulator.records import END, INTERIM, MEDIA, START, STOP, Records
from pipeline.simulator.texts import lines
from pipeline.simulator.traffic import epoch_ms
from pipeline.simulator.world import World
from pipeline.simulator.writers import WRITERS
from tests.simulator.runs import a_world

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
"""08:00 in New York."""


@pytest.fixture(scope="module")
def world() -> World:
    """The example book."""
    return a_world()


def _one(value: int) -> np.ndarray:
    return np.array([value], np.int64)


def _record(world: World, *, answered: bool = True) -> Records:
    """Call 42 of the first trunk: set up at noon and a quarter second, answered 8 s later, 61 s long."""
    setup = epoch_ms(NOON) + 250
    answer = setup + 8_000
    release = answer + 61_000
    calling, called = world.parties.callers.parties[0], world.parties.destinations[0].parties[0]
    known = dict.fromkeys(Records._fields, _one(0)) | {
        "call": _one(42), "record_type": _one(STOP), "direction": _one(OUTBOUND), "calling": _one(calling),
        "called": _one(called), "asserted": _one(calling), "start": _one(setup), "answer": _one(answer),
        "release": _one(release), "reported": _one(61_000 if answered else 0), "billed": np.array([True]),
        "outcome": _one(outcomes.ANSWERED if answered else outcomes.FAILED), "secure": np.array([False]),
        "fault": _one(-1),
    }  # fmt: skip
    return Records(**known)


def _text(world: World, name: str, record: Records) -> str:
    sbc = Sbc("edge", name, "edge-1", "America/New_York", options=WRITERS[name].options)
    parts = WRITERS[name].parts(record, world, sbc)
    text = "".join(pa.chunked_array(lines(parts, 1), pa.string()).to_pylist())
    assert text.endswith("\n")
    return text


def _columns(world: World, name: str, *, answered: bool = True, separator: str = ",") -> list[str]:
    (row,) = csv.reader([_text(world, name, _record(world, answered=answered))], delimiter=separator)
    return row


def _numbers(world: World) -> list[str]:
    parties = (world.parties.callers.parties[0], world.parties.destinations[0].parties[0])
    return [world.parties.table[at].text for at in parties]


def test_asterisk_writes_whole_seconds_of_the_wall_clock(world: World):
    """`duration` counts from the setup, 69 s, `billsec` from the answer, 61 s."""
    row = _columns(world, "asterisk_csv")
    numbers = [world.parties.table[at].text for at in
               (world.parties.callers.parties[0], world.parties.destinations[0].parties[0])]  # fmt: skip
    assert 21 == len(row)
    assert [world.trunks[0].trunk_id, *numbers] == row[:3]
    assert f'"Line" <{numbers[0]}>' == row[4]
    assert ["2026-10-05 08:00:00", "2026-10-05 08:00:08", "2026-10-05 08:01:09", "69", "61", "ANSWERED"] == row[9:15]
    assert f"{int(NOON.timestamp())}.42" == row[16]


def test_asterisk_leaves_the_answer_of_an_unanswered_call_empty(world: World):
    """And bills no second of it."""
    row = _columns(world, "asterisk_csv", answered=False)
    assert ("", "69", "0") == (row[10], row[12], row[13])


def test_freeswitch_writes_whole_seconds_of_the_wall_clock(world: World):
    """The template `example`: stamps, duration, billsec, cause, uuid."""
    row = _columns(world, "freeswitch_csv")
    assert ["2026-10-05 08:00:00", "2026-10-05 08:00:08", "2026-10-05 08:01:09", "69", "61"] == row[4:9]
    assert ["NORMAL_CLEARING", f"{world.tag}-00000042@sim"] == row[9:11]
    assert [world.trunks[0].trunk_id, "PCMU", "PCMU"] == row[12:]


def test_freeswitch_leaves_the_answer_of_an_unanswered_call_empty(world: World):
    """And bills no second of it."""
    row = _columns(world, "freeswitch_csv", answered=False)
    assert ("", "69", "0") == (row[5], row[7], row[8])


def test_cube_writes_zoned_stamps_and_hexadecimal_causes(world: World):
    """130 values; cause 16, a normal end, is 10; New York keeps daylight saving time until 1 November."""
    row = _columns(world, "cube_csv")
    assert 130 == len(row)
    assert str(int(NOON.timestamp()) + 69) == row[0]
    assert [f"{world.tag}-00000042-0", "0", "2", f"{world.tag}-00000042@sim"] == row[1:5]
    assert "08:00:00.250 EDT Mon Oct 05 2026" == row[7]
    assert ["08:00:08.250 EDT Mon Oct 05 2026", "08:01:09.250 EDT Mon Oct 05 2026", "10"] == row[9:12]
    assert ("1", "PCMU") == (row[13], row[34])


def test_a_proxy_writes_the_answer_and_the_release(world: World):
    """INVITE at the answer, 12:00:08, BYE at the release, 12:01:09; the tags of a callee's BYE are exchanged."""
    record = _record(world)
    invite = _text(world, "opensips_flatstore", record._replace(record_type=_one(START))).rstrip().split("|")
    bye = (
        _text(world, "opensips_flatstore", record._replace(record_type=_one(END), releaser=_one(1))).rstrip().split("|")
    )
    call, noon = f"{world.tag}-00000042", int(NOON.timestamp())
    assert ["INVITE", f"{call}-c", f"{call}-s", f"{call}@sim", "200", "OK", str(noon + 8)] == invite[:7]
    assert ["BYE", f"{call}-s", f"{call}-c", f"{call}@sim", "200", "OK", str(noon + 69)] == bye[:7]
    assert [*_numbers(world), world.trunks[0].trunk_id] == invite[7:] == bye[7:]


def test_a_proxy_writes_a_refusal_as_a_missed_call(world: World):
    """One line of syslog with the final status, at the moment of the refusal."""
    text = _text(world, "kamailio_acc", _record(world, answered=False))
    said = dict(pair.split("=") for pair in text.strip().partition("ACC: call missed: ")[2].split(";"))
    assert (str(int(NOON.timestamp()) + 69), "INVITE", "500") == (said["timestamp"], said["method"], said["code"])
    assert _numbers(world) == [said["src_user"], said["dst_ouser"]]


def test_opensips_tells_the_exact_duration_beside_whole_seconds(world: World):
    """61 s; answered at the second 8 of the minute, set up at the second 0."""
    event = json.loads(_text(world, "opensips_event", _record(world)))
    noon = int(NOON.timestamp())
    known = event["params"]
    assert ("E_ACC_CDR", noon + 8, noon, 8) == (event["method"], known["time"], known["created"], known["setuptime"])
    assert (61, 61_000) == (known["duration"], known["ms_duration"])
    missed = json.loads(_text(world, "opensips_event", _record(world, answered=False)))
    assert ("E_ACC_MISSED_EVENT", 500) == (missed["method"], int(missed["params"]["sip_code"]))


def test_cucm_writes_133_values_and_epoch_seconds(world: World):
    """The caller released, so its side has the cause; an unanswered call has 0 as its connect time."""
    row, noon = _columns(world, "cucm_csv"), int(NOON.timestamp())
    assert 133 == len(row)
    assert ("1", str(noon), str(noon + 8), str(noon + 69), "61") == (row[0], row[4], row[47], row[48], row[55])
    assert (_numbers(world)[0], "16", "0") == (row[8], row[11], row[33])
    assert (f"cust-{world.trunks[0].trunk_id}", "carrier-1", "edge-1") == (row[56], row[57], row[65])
    assert "0" == _columns(world, "cucm_csv", answered=False)[47]


def test_cucm_writes_media_figures_in_a_record_of_their_own(world: World):
    """61 s at 50 packets a second; type 2, the same global call id."""
    media = _record(world)._replace(record_type=_one(MEDIA), mos=_one(432))
    (row,) = csv.reader([_text(world, "cucm_csv", media)])
    assert (19, "2", "42", "3050", "3050", "0") == (len(row), row[0], row[2], row[7], row[9], row[11])
    assert row[18].startswith("MLQK=4.3200;")


def test_broadworks_writes_utc(world: World):
    """The zone of the user stands beside the times and is not applied to them."""
    element = ElementTree.fromstring(_text(world, "broadworks_xml", _record(world)))  # noqa: S314 - our own text
    said = {child.tag: child.text for child in element.iter()}
    assert ("20261005120000.250", "20261005120008.250", "20261005120109.250") == (
        said["startTime"], said["answerTime"], said["releaseTime"],
    )  # fmt: skip
    assert ("Normal", "Yes", "016", "edge-1") == (
        said["type"], said["answerIndicator"], said["terminationCause"], said["systemId"],
    )  # fmt: skip


def test_infobip_writes_numbers_without_a_plus_and_offsets_without_a_colon(world: World):
    """A call of the customer comes in over SIP; 61 s, 8 s of ringing."""
    log = json.loads(_text(world, "infobip_calllog", _record(world)))
    assert ("INBOUND", "SIP", "FINISHED", 10000) == (
        log["direction"], log["endpoint"]["type"], log["state"], log["errorCode"]["id"],
    )  # fmt: skip
    assert ("2026-10-05T12:00:08.250+0000", 61, 8) == (log["answerTime"], log["duration"], log["ringDuration"])
    assert world.parties.table[world.parties.callers.parties[0]].digits == log["from"]
    unanswered = json.loads(_text(world, "infobip_calllog", _record(world, answered=False)))
    assert "answerTime" not in unanswered


def test_didww_writes_times_in_two_styles(world: World):
    """Calls out with an offset, calls in without; both are UTC."""
    out = json.loads(_text(world, "didww_json", _record(world)))
    into = json.loads(_text(world, "didww_json", _record(world)._replace(direction=_one(INBOUND))))
    assert ("outbound-cdr", "2026-10-05T12:00:08.250000+00:00") == (out["type"], out["attributes"]["time_connect"])
    assert ("inbound-cdr", "2026-10-05 12:00:08.250000") == (into["type"], into["attributes"]["time_connect"])
    assert "did_number" in into["attributes"]
    assert "dst_number" in out["attributes"]


def test_yeti_writes_epochs_with_a_fraction(world: World):
    """An unanswered call has null as its connect time."""
    noon = int(NOON.timestamp())
    said = json.loads(_text(world, "yeti_json", _record(world)))["time_data"]
    assert [noon + 0.25, noon + 8.25, noon + 69.25] == [
        said[name] for name in ("time_start", "time_connect", "time_end")
    ]
    assert json.loads(_text(world, "yeti_json", _record(world, answered=False)))["time_data"]["time_connect"] is None


def test_the_channel_event_log_has_twenty_columns(world: World):
    """Begin at the setup, conversation at the answer, end at the release, with microseconds."""
    noon = int(NOON.timestamp())
    expected = {START: ("CHAN_START", noon), INTERIM: ("BRIDGE_START", noon + 8), END: ("BRIDGE_END", noon + 69)}
    for record_type, (event, second) in expected.items():
        (row,) = csv.reader([_text(world, "asterisk_cel", _record(world)._replace(record_type=_one(record_type)))])
        assert (20, event, f"{second}.250000") == (len(row), row[0], row[1])
        assert (f"{noon}.42", f"{world.tag}-00000042@sim") == (row[14], row[15])


def test_freeswitch_writes_the_same_variables_in_xml_and_in_events(world: World):
    """Percent-encoded, by the same names; an event has a line for each, known or not."""
    document = _text(world, "freeswitch_xml", _record(world))
    event = _text(world, "freeswitch_event", _record(world))
    said = {child.tag: child.text for child in ElementTree.fromstring(document).iter("variables") for child in child}  # noqa: S314
    pairs = [line.partition(": ") for line in event.splitlines()]
    told = {name.removeprefix("variable_"): text for name, _, text in pairs if name.startswith("variable_") and text}
    assert said == told
    assert str(int(NOON.timestamp()) * 1_000_000 + 8_250_000) == said["answer_uepoch"]
    assert ("61", "61000000", "16") == (said["billsec"], said["billusec"], said["hangup_cause_q850"])
    assert _numbers(world)[0].replace("+", "%2B") == said["sip_from_user"]


def test_lines_of_fixed_width_are_as_wide_as_their_layout(world: World):
    """Start by the clock of the node, 61 s in six digits, numbers padded with blanks."""
    text = _text(world, "fixed_width", _record(world)).rstrip("\n")
    cut = {name: text[start : start + length] for name, start, length in WRITERS["fixed_width"].options["layout"]}
    assert ("20261005080000", "000061") == (cut["start"], cut["duration_s"])
    assert _numbers(world) == [cut["calling"].strip(), cut["called"].strip()]
    assert len(text) == max(start + length for _, start, length in WRITERS["fixed_width"].options["layout"])


@pytest.mark.parametrize("name", ["generic_json", "jambonz_json"])
def test_objects_of_mapped_formats_hold_the_times(name: str, world: World):
    """ISO 8601 in an object of its own, and milliseconds since 1970."""
    said = json.loads(_text(world, name, _record(world)))
    noon = int(NOON.timestamp()) * 1_000
    expected = {"generic_json": ["2026-10-05T12:00:08.250Z", 61], "jambonz_json": [noon + 8_250, 61]}
    found = {"generic_json": ("times", "seconds"), "jambonz_json": ("answered_at", "duration")}[name]
    answer = said[found[0]]["answer"] if name == "generic_json" else said[found[0]]
    assert expected[name] == [answer, said[found[1]]]


def test_the_event_of_the_end_of_a_call_has_its_answer_and_seconds(world: World):
    """Kamailio evapi: all values are texts, the answer in whole seconds since 1970; neither setup nor release."""
    said = json.loads(_text(world, "kamailio_evapi_json", _record(world)))
    assert ("CGR_CALL_END", str(int(NOON.timestamp()) + 8), "61", "200") == (
        said["event"], said["cgr_answertime"], said["cgr_duration"], said["cgr_disconnectcause"],
    )  # fmt: skip
    assert said["callid"].endswith("00000042@sim")


def test_a_mapped_csv_has_the_columns_of_its_options(world: World):
    """Milliseconds since 1970; the answer of an unanswered call is 0."""
    noon = int(NOON.timestamp()) * 1_000
    row = _columns(world, "generic_csv", separator=";")
    assert len(WRITERS["generic_csv"].options["columns"]) == len(row)
    assert [str(noon + 250), str(noon + 8_250), str(noon + 69_250), "61000"] == row[2:6]
    assert "0" == _columns(world, "generic_csv", answered=False, separator=";")[3]


def test_an_export_without_ids_has_a_start_and_seconds(world: World):
    """DIDWW: thirteen columns, the start in UTC, whole seconds."""
    row = _columns(world, "didww_csv")
    assert 13 == len(row) == len(WRITERS["didww_csv"].options["columns"])
    assert ("2026-10-05 12:00:00", "61", "200") == (row[0], row[4], row[6])


def test_a_dialog_counts_from_its_start(world: World):
    """69 s from the setup, though the connection lasted 61 s (R9)."""
    log = json.loads(_text(world, "infobip_dialoglog", _record(world)))
    assert (69, "2026-10-05T12:00:08.250+0000") == (log["duration"], log["establishTime"])
    assert f"{world.tag}-00000042@sim" == log["parentCallId"]
