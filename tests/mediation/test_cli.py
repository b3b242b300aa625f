"""`trunkline formats` and `trunkline parse`: what a person at a terminal, and a script, gets."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.mediation.registry import FORMATS
from tests.mediation.feeds import a_line
from tests.mediation.formats import test_asterisk_csv, test_freeswitch_csv, test_native_json, test_oracle_csv
from tests.mediation.records import GOOD

RUNNER = CliRunner()


def trunkline(*arguments: str) -> Result:
    return RUNNER.invoke(app, arguments)


def parse(path: Path, format_name: str, *more: str) -> Result:
    return trunkline("parse", "--format", format_name, *more, str(path))


def records(result: Result) -> list[dict[str, object]]:
    """The JSON lines that a command printed."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def a_file(folder: Path, content: bytes | str) -> Path:
    path = folder / "cdrs.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_formats_lists_every_format() -> None:
    """One JSON line for each, with who writes it and what it tells."""
    rows = records(trunkline("formats", "--json"))
    assert list(FORMATS) == [row["format"] for row in rows]
    assert all(row["written by"] and row["tells"] for row in rows)


def test_formats_tells_the_options_of_one() -> None:
    """Every option has a default and a meaning; the internal one is not shown."""
    rows = {row["option"]: row for row in records(trunkline("formats", "ribbon_act", "--json"))}
    assert "False" == rows["observes_dst"]["default"]
    assert "file_fault" not in rows
    assert all(row["meaning"] for row in rows.values())


def test_unknown_format_is_told_with_the_known_ones(tmp_path: Path) -> None:
    """Wrong usage: exit code 2, no traceback, the list of formats."""
    for result in (trunkline("formats", "oracle"), parse(a_file(tmp_path, "x"), "oracle")):
        assert 2 == result.exit_code
        assert "Format 'oracle' is unknown" in result.output
        assert "oracle_csv" in result.output.replace("\n", "")
        assert "Traceback" not in result.output


def test_parse_prints_canonical_cdrs(tmp_path: Path) -> None:
    """Times in UTC, milliseconds, what is unknown is left out; counts on stderr, so that a script reads only JSON."""
    result = parse(a_file(tmp_path, test_freeswitch_csv.line()), "freeswitch_csv", "--time-zone", "Europe/Vienna")
    (cdr,) = records(result)
    assert (0, "2026-10-01T10:00:05Z", 61_000, "uuid-a") == (
        result.exit_code, cdr["answered_at"], cdr["measured_ms"], cdr["leg_id"],
    )  # fmt: skip
    assert "raw" not in cdr
    assert "carrier_id" not in cdr
    assert "1 CDRs, 0 of them rejected; 0 lines that are no CDRs" in result.stderr


def test_parse_goes_on_behind_a_broken_line(tmp_path: Path) -> None:
    """A broken line is a JSON line with its reason and its line number; the others stand."""
    content = "\n".join([test_asterisk_csv.line(), '"broken', "", test_asterisk_csv.line(uniqueid="1790856000.8")])
    rows = records(parse(a_file(tmp_path, content), "asterisk_csv"))
    assert [(1, None), (2, "TRUNCATED"), (4, None)] == [(row["offset"], row.get("reject_reason")) for row in rows]
    assert "within a quote" in str(rows[1]["reject_detail"])


def test_parse_takes_options(tmp_path: Path) -> None:
    """Options of the format as JSON."""
    path = a_file(tmp_path, test_oracle_csv.a_stop())
    options = '{"customer_group": "^TG-CUST(\\\\d+)$", "trunk_attribute": null}'
    (cdr,) = records(parse(path, "oracle_csv", "--time-zone", "America/Los_Angeles", "--options", options))
    assert ("OUTBOUND", "1001") == (cdr["direction"], cdr["claimed_trunk_id"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--options", "{broken"), "expected a JSON object"),
        (("--options", '{"no_such": 1}'), "no_such"),
        (("--options", "[1]"), "expected a JSON object"),
        (("--time-zone", "Mars/Olympus"), "is unknown"),
    ],
    ids=["broken JSON", "unknown option", "no object", "unknown zone"],
)
def test_wrong_settings_are_told(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    """Exit code 2 and what to correct; never a traceback."""
    result = parse(a_file(tmp_path, test_oracle_csv.a_stop()), "oracle_csv", *more)
    assert 2 == result.exit_code
    assert said in result.output
    assert "Traceback" not in result.output


def test_missing_file_is_told(tmp_path: Path) -> None:
    """Exit code 2."""
    assert 2 == parse(tmp_path / "nothing.csv", "oracle_csv").exit_code


@pytest.mark.parametrize("name", FORMATS)
def test_empty_file_has_no_cdrs(tmp_path: Path, name: str) -> None:
    """An empty file is no mistake: no line, exit code 0."""
    options = json.dumps({key: value for key, value in GOOD[name].source.options.items() if key != "layouts"})
    result = parse(a_file(tmp_path, b""), name, "--options", options)
    assert (0, "") == (result.exit_code, result.stdout)


BAD_INPUT: dict[str, tuple[bytes, str]] = {
    "binary file": (bytes(range(256)) * 40, "BAD_FIELD"),
    "JSON of another shape": (b'{"event": "login", "user": "root"}', "UNKNOWN_LAYOUT"),
    "array": (b"[]", "UNKNOWN_LAYOUT"),
    "number as text": (test_native_json.an_event(q850="16"), "BAD_FIELD"),
    "text as number": (test_native_json.an_event(leg_id=17), "BAD_FIELD"),
    "record of 1 MB": (test_native_json.an_event(display_name="x" * 1_048_576), "TOO_LONG"),
    "NUL bytes": (b"\x00" * 100, "BAD_FIELD"),
    "half a record": (test_native_json.an_event()[:50], "TRUNCATED"),
    "clock in the future": (
        test_native_json.an_event(
            started_at="2126-10-01T12:00:00Z", answered_at="2126-10-01T12:00:05Z", released_at="2126-10-01T12:01:06Z"
        ),
        "FUTURE",
    ),
    "release before answer": (test_native_json.an_event(released_at="2026-10-01T12:00:00Z"), "NEG_DURATION"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_INPUT)
def test_bad_input_of_a_native_feed(tmp_path: Path, kind: str) -> None:
    """Each ends as a line with its reason, and the good event behind it is read (issue: bad input)."""
    bad, reason = BAD_INPUT[kind]
    result = parse(
        a_file(tmp_path, bad.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n" + test_native_json.an_event()),
        "native_json",
    )
    rows = records(result)
    assert (0, reason) == (result.exit_code, rows[0]["reject_reason"])
    assert rows[0]["reject_detail"]
    assert "reject_reason" not in rows[-1]


def test_latin_1_and_nul_bytes_in_a_name(tmp_path: Path) -> None:
    """Latin-1 is read with the flag ENCODING; a NUL byte in a quoted name does not end the line."""
    line = test_asterisk_csv.line(clid="J\u00f6rg <1001>").encode("latin-1")
    (cdr,) = records(parse(a_file(tmp_path, line), "asterisk_csv"))
    assert ("J\u00f6rg", ["ENCODING"]) == (cdr["display_name"], cdr["flags"])
    line = test_asterisk_csv.line(clid="J\x00o <1001>").encode()
    (cdr,) = records(parse(a_file(tmp_path, line), "asterisk_csv"))
    assert 61_000 == cdr["measured_ms"]


def test_nothing_that_is_printed_can_move_a_terminal(tmp_path: Path) -> None:
    """Escape sequences in a record are escaped in its JSON and in its detail (log injection)."""
    line = test_asterisk_csv.line(clid="\x1b[2J\x07 <1001>", start="\x1b[31mnow")
    result = parse(a_file(tmp_path, line), "asterisk_csv")
    assert "\x1b" not in result.stdout
    assert "BAD_FIELD" == records(result)[0]["reject_reason"]


def test_header_and_foreign_lines_are_counted(tmp_path: Path) -> None:
    """Column names give no CDR, and the count says so."""
    content = "calldate,src,dst,disposition,uniqueid\n" + test_asterisk_csv.line()
    result = parse(a_file(tmp_path, content), "asterisk_csv")
    assert "1 CDRs, 0 of them rejected; 1 lines that are no CDRs" in result.stderr


def test_file_with_a_wrong_trailer_is_rejected_whole(tmp_path: Path) -> None:
    """Two records and a trailer that tells three: both are FILE_TOTALS, with both numbers (R15)."""
    source = GOOD["fixed_width"].source
    record = GOOD["fixed_width"].values[0].decode()
    options = json.dumps({**source.options, "trailer": {"count": [3, 3]}})
    wrong = parse(a_file(tmp_path, f"HDR\n{record}\n{record}\nTRL003\n"), "fixed_width", "--options", options)
    assert ["FILE_TOTALS", "FILE_TOTALS"] == [row["reject_reason"] for row in records(wrong)]
    assert "tells 3 records, the file holds 2" in str(records(wrong)[0]["reject_detail"])
    right = parse(a_file(tmp_path, f"HDR\n{record}\n{record}\nTRL002\n"), "fixed_width", "--options", options)
    assert [None, None] == [row.get("reject_reason") for row in records(right)]
    assert "2 lines that are no CDRs" in right.stderr


def test_many_records_are_read_in_batches(tmp_path: Path) -> None:
    """12,000 lines are more than one batch; none is lost, and they stay in order."""
    content = "\n".join(test_freeswitch_csv.line(uuid=f"u-{number}") for number in range(12_000))
    rows = records(parse(a_file(tmp_path, content), "freeswitch_csv"))
    assert [f"u-{number}" for number in range(12_000)] == [row["leg_id"] for row in rows]


def test_a_start_alone_is_shown_as_it_is(tmp_path: Path) -> None:
    """`parse` shows records, not calls: a START has no length."""
    path = a_file(tmp_path, a_line(test_oracle_csv.START, 122))
    (cdr,) = records(parse(path, "oracle_csv", "--time-zone", "America/Los_Angeles"))
    assert ("START", None) == (cdr["record_type"], cdr.get("measured_ms"))
