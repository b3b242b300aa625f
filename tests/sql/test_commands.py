"""The commands that ask and look after the ledger, as a user types them."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli import sql as sql_command
from pipeline.cli.status import _alarms
from pipeline.ledger.table import UsageLedger
from pipeline.settings import load_settings
from tests.ledger.rows import a_row, a_table

ROOT = Path(__file__).resolve().parents[2]
FILL = """
import sys
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic
_, servers, topic = sys.argv
KafkaAdminClient(bootstrap_servers=servers).create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
producer = KafkaProducer(bootstrap_servers=servers)
for _ in range(3):
    producer.send(topic, b"{}", partition=0)
producer.flush()
"""
REJECT = {
    "state": "REJECTED",
    "reject_reason": "BAD_FIELD",
    "reject_detail": "Field duration is '60x', expected digits",
}


@pytest.fixture
def ledger(tmp_path, monkeypatch) -> str:
    """A ledger of four records in a working folder of its own: two priced, one rejected, one repeated."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    opened = UsageLedger.open("ledger")
    opened.books().keep("book-1", b'{"accounts": []}')
    money = {"account_id": "acme", "currency": "USD"}
    rows = (
        a_row(1, called="+12125550100", display_name="=HYPERLINK(1)", charge=1, **money),
        a_row(2, called="+442079460123", charge=2, **money),
        a_row(3, raw=b"id,60x\x1b[31m", **REJECT),
        a_row(4, state="DUPLICATE", duplicate_of="cdr-1"),
    )
    opened.append(a_table(*rows), {"cdr.leg-0": 8, "cdr.leg-0<cdr.raw.sbc1-0": 4})
    return "ledger"


def run(*arguments, stdin=None, code=0):
    """The output of a command that ends with `code`."""
    done = CliRunner().invoke(app, [*map(str, arguments)], input=stdin)
    assert code == done.exit_code, done.output
    return done


def told(*arguments, code):
    """What a failing command says on stderr, on one line."""
    return " ".join(run(*arguments, code=code).stderr.split())


def lines(*arguments, **options):
    """The JSON lines that a command prints."""
    return [json.loads(line) for line in run(*arguments, "--json", **options).stdout.splitlines()]


def test_sql_as_json_lines(ledger):
    """Money and times are text, exactly."""
    assert [{"sum": "3.000000000"}] == lines("sql", "--ledger", ledger, "SELECT sum(charge) AS sum FROM usage")


def test_sql_as_csv(ledger):
    """A formula from a record is quoted, a telephone number is not."""
    query = "SELECT called, display_name FROM cdr ORDER BY cdr_id LIMIT 2"
    text = run("sql", "--ledger", ledger, "--csv", query).stdout
    expected = [["called", "display_name"], ["+12125550100", "'=HYPERLINK(1)"], ["+442079460123", ""]]
    assert expected == list(csv.reader(io.StringIO(text)))


def test_sql_as_a_table(ledger):
    """Control characters of a record do not reach the terminal."""
    text = run("sql", "--ledger", ledger, "SELECT reject_reason, raw FROM rejects").stdout
    assert "BAD_FIELD" in text
    assert "id,60x\\x1B[31m" in text
    assert "\x1b[31m" not in text


def test_sql_masked(ledger):
    """Numbers keep country and area."""
    assert [{"called": "+1212***"}, {"called": "+4420***"}] == lines(
        "sql", "--mask", "--ledger", ledger, "SELECT called FROM usage ORDER BY called"
    )


def test_sql_from_standard_input(ledger):
    """A dash reads the question from a pipe."""
    assert [{"n": 2}] == lines("sql", "--ledger", ledger, "-", stdin="SELECT count(*) AS n\nFROM usage;\n")


def test_a_long_table_is_cut_and_says_so(ledger, monkeypatch):
    """All rows come with --csv or --json."""
    monkeypatch.setattr(sql_command, "TABLE_ROWS", 2)
    done = run("sql", "--ledger", ledger, "SELECT cdr_id FROM cdr")
    assert "Only the first 2 rows are shown" in done.stderr


@pytest.mark.parametrize("query", ["SELEC 1", "FROM nix", "DROP VIEW usage", ""])
def test_a_bad_question_ends_with_2(ledger, query):
    """The message is one for people, without a traceback."""
    done = run("sql", "--ledger", ledger, query, code=2)
    assert "trunkline:" in done.stderr
    assert "Traceback" not in done.output


def test_a_ledger_that_cannot_be_opened_ends_with_3(tmp_path):
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")
    assert "cannot be opened" in told("sql", "--ledger", tmp_path / "file", "SELECT 1", code=3)


def test_shell_reads_a_pipe(ledger):
    """Statements over several lines, dot commands, a refresh that sees new rows."""
    text = run(
        "shell", "--ledger", ledger, stdin="SELECT\n 41 + 1 AS answer;\n.refresh\n.help\n.quit\nSELECT 7;\n"
    ).stdout
    assert "42" in text
    assert "end it with a semicolon" in text
    assert "7" not in text


def test_shell_stops_at_a_mistake_in_a_pipe(ledger):
    """A script must not go on after an error."""
    done = run("shell", "--ledger", ledger, stdin="FROM nix;\nSELECT 42;\n", code=2)
    assert "Views: ledger" in done.stderr.replace("\n", " ")
    assert "42" not in done.stdout


def test_shell_lists_views(ledger):
    """And takes two statements on a line, and a last one without a semicolon."""
    text = run("shell", "--ledger", ledger, stdin=".views\nSELECT 41; SELECT 42;\nSELECT 43").stdout
    assert "usage_daily" in text
    assert {"41", "42", "43"} <= set(text.split())


def test_views_are_listed():
    """With the identity of a row and what it is."""
    assert {"view": "balance", "one row for each": "source, period"}.items() <= next(
        line for line in lines("views") if line["view"] == "balance"
    ).items()


def test_views_are_written_to_a_file(ledger):
    """The command says which version of the ledger it is."""
    (done,) = lines("views", "--ledger", ledger, "--out", "l.duckdb")
    assert (1, "views over the ledger's files") == (done["version"], done["holds"])
    with duckdb.connect("l.duckdb", read_only=True) as client:
        assert [(2,)] == client.execute("SELECT count(*) FROM usage").fetchall()


def test_views_into_a_folder_that_is_not_there(ledger):
    """The message says what to do."""
    assert "Name a file in a folder that exists" in told("views", "--ledger", ledger, "--out", "no/l.duckdb", code=2)


def test_rejects_are_counted(ledger):
    """By reason and source."""
    (line,) = lines("rejects", "--ledger", ledger)
    assert ("BAD_FIELD", "sbc1", 1) == (line["reject_reason"], line["source"], line["records"])


def test_rejects_of_one_reason_are_listed(ledger):
    """Nothing of another reason or source."""
    assert ["cdr.raw.sbc1-0:3:0:0"] == [
        line["row_id"] for line in lines("rejects", "--ledger", ledger, "--reason", "BAD_FIELD")
    ]
    assert [] == lines("rejects", "--ledger", ledger, "--reason", "BAD_FIELD", "--source", "sbc2")
    assert [] == lines("rejects", "--ledger", ledger, "--reason", "NO_RATE")


def test_an_unknown_reason_lists_the_known_ones(ledger):
    """The closed list is in the message."""
    assert "NUM_UNPARSED" in run("rejects", "--ledger", ledger, "--reason", "LOST", code=2).stderr


def test_one_reject_in_full(ledger):
    """Fields, bytes with the place marked, and no escape sequence."""
    text = run("rejects", "show", "--ledger", ledger, "cdr-3").stdout
    assert "expected digits" in text
    assert "id,>>>60x<<<\\x1B[31m" in text
    assert "Next: If the settings of source sbc1 are wrong" in " ".join(text.split())
    assert "trunkline correct cdr-3" in " ".join(text.split())
    assert "\x1b[31m" not in text


def test_one_reject_for_a_script(ledger):
    """The place as positions."""
    (line,) = lines("rejects", "show", "--ledger", ledger, "cdr-3")
    assert ({"start": 3, "end": 6}, "id,60x\\x1B[31m", 64) == (line["stopped_at"], line["raw"], len(line["raw_sha256"]))


def test_an_unknown_reject(ledger):
    """A rated record is none."""
    assert "No current reject" in run("rejects", "show", "--ledger", ledger, "cdr-1", code=2).stderr


def test_suspected_duplicates_are_listed(ledger):
    """Two priced calls of the same parties and 61 s, begun half a second apart, under two names (R42)."""
    call = {"calling": "+12125550100", "called": "+442079460123", "measured_ms": 61_000, "charge": 1}
    noon = datetime(2026, 10, 1, 12, tzinfo=UTC)
    rows = [
        a_row(offset, started_at=noon + timedelta(milliseconds=500 * offset), answered_at=noon + timedelta(seconds=5),
              call_group_id=f"call-{offset}", **call)
        for offset in (11, 12)
    ]  # fmt: skip
    assert [] == lines("rejects", "suspects", "--ledger", ledger)
    UsageLedger.open(ledger).append(a_table(*rows), {})
    (line,) = lines("rejects", "suspects", "--ledger", ledger)
    assert ("cdr.raw.sbc1-0:12:0:0", "cdr-11", 61_000) == (line["row_id"], line["suspected_of"], line["measured_ms"])
    (masked,) = lines("rejects", "suspects", "--ledger", ledger, "--mask")
    assert "+1212***" == masked["calling"]


def test_status(ledger):
    """Counts by state, the balance and the positions."""
    (line,) = lines("status", "--ledger", ledger)
    assert (4, 2, 1, 1, 0) == tuple(line[name] for name in ("received", "rated", "rejected", "duplicate", "difference"))
    assert {"cdr.leg-0": 8, "cdr.raw.sbc1-0": 4} == {at["partition"]: at["committed"] for at in line["positions"]}
    assert "difference" in run("status", "--ledger", ledger).stdout


def test_status_of_a_broken_balance_ends_with_1(ledger):
    """A row that was written twice."""
    UsageLedger.open(ledger).append(a_table(a_row(1)), {})
    assert "trunkline ledger verify" in told("status", "--ledger", ledger, code=1)


def status_of(ledger, kafka):
    """`trunkline status --kafka` in a process of its own, because the client library leaves sockets to its end."""
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "status", "--kafka", "--json"]
    environment = os.environ | {"TRUNKLINE_KAFKA__BOOTSTRAP_SERVERS": kafka, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, "--ledger", ledger], env=environment, capture_output=True, text=True, check=False, timeout=100
    )


def test_status_without_kafka_says_so(ledger):
    """A broker that is down is broken machinery."""
    done = status_of(ledger, "127.0.0.1:1")
    assert (3, True) == (done.returncode, "Kafka at 127.0.0.1:1 does not answer" in " ".join(done.stderr.split()))


@pytest.mark.kafka
def test_status_with_kafka_shows_the_lag(ledger, kafka):
    """A topic of three messages, of which two are in the ledger."""
    topic = f"cdr.raw.status{uuid4().hex[:8]}"
    subprocess.run([sys.executable, "-c", FILL, kafka, topic], check=True, timeout=100)
    UsageLedger.open(ledger).append(a_table(), {f"cdr.leg-0<{topic}-0": 1})
    (line,) = [json.loads(text) for text in status_of(ledger, kafka).stdout.splitlines()]
    (position,) = [at for at in line["positions"] if topic in at["partition"]]
    assert (1, 3, 1) == (position["committed"], position["end"], position["lag"])


def test_sources(ledger):
    """One feed, which rejects a quarter of its records and has been silent since October 2026."""
    (line,) = lines("sources", "--ledger", ledger)
    assert ("sbc1", 4, 250_000) == (line["source"], line["records"], line["rejected_per_million"])
    assert "REJECTS" in line["alarm"]
    run("sources", "--ledger", ledger, "--check", code=1)


@pytest.mark.parametrize(
    ("minutes", "longest", "rejected", "missing", "expected"),
    [
        (10, 0, 0, 0, []),
        (16, 0, 0, 0, ["SILENT"]),
        (16, 16, 0, 0, []),
        (61, 60, 0, 0, ["SILENT"]),
        (0, 0, 5000, 0, []),
        (0, 0, 5001, 1, ["REJECTS", "GAPS"]),
    ],
)
def test_alarms(minutes, longest, rejected, missing, expected):
    """Silence longer than ever before, at least 15 minutes; more than half a percent rejected; numbers missing."""
    now = datetime(2026, 10, 1, 12, tzinfo=UTC)
    row = {
        "last_received_at": now - timedelta(minutes=minutes), "longest_silence_minutes": longest,
        "rejected_per_million": rejected, "missing": missing,
    }  # fmt: skip
    assert expected == _alarms(row, now)


def test_ledger_show(ledger):
    """Rows and marks as the log gives them."""
    shown, *marks = lines("ledger", "show", "--ledger", ledger)
    assert (4, 1, 1, 1) == tuple(shown[name] for name in ("rows", "files", "version", "books"))
    assert [{"mark": "cdr.leg-0", "value": 8}, {"mark": "cdr.leg-0<cdr.raw.sbc1-0", "value": 4}] == marks


def test_ledger_verify(ledger):
    """A sound ledger ends with 0; a row beyond its mark with 1, and an example."""
    assert {0} == {line["findings"] for line in lines("ledger", "verify", "--ledger", ledger)}
    UsageLedger.open(ledger).append(a_table(a_row(9, state="PENDING")), {})
    assert "positions: leg_partition 0" in run("ledger", "verify", "--ledger", ledger, code=1).stderr


def test_ledger_compact_and_vacuum(ledger):
    """Two files become one; the replaced ones are named, kept for a day, and deleted on demand."""
    UsageLedger.open(ledger).append(a_table(a_row(9, state="PENDING")), {})
    (done,) = lines("ledger", "compact", "--ledger", ledger)
    assert (2, 1) == (done["files_before"], done["files_after"])
    assert [] == lines("ledger", "vacuum", "--ledger", ledger, "--dry-run")
    assert 2 == len(lines("ledger", "vacuum", "--ledger", ledger, "--hours", "0"))
    assert [{"n": 5}] == lines("sql", "--ledger", ledger, "SELECT count(*) AS n FROM ledger")


@pytest.mark.s3
def test_a_ledger_in_an_object_store(s3, monkeypatch):
    """The same commands; storage options come from the settings."""
    url = f"{s3.url}/{uuid4()}"
    opened = UsageLedger.open(url, s3.options)
    opened.books().keep("book-1", b'{"accounts": []}')
    opened.append(a_table(a_row(1, state="PENDING"), a_row(2, **REJECT)), {"cdr.leg-0": 1})
    monkeypatch.setenv("TRUNKLINE_STORAGE_OPTIONS", json.dumps(s3.options))
    load_settings.cache_clear()
    try:
        assert [{"n": 2}] == lines("sql", "--ledger", url, "SELECT count(*) AS n FROM cdr")
        assert {0} == {line["findings"] for line in lines("ledger", "verify", "--ledger", url)}
        assert ["BAD_FIELD"] == [line["reject_reason"] for line in lines("rejects", "--ledger", url)]
    finally:
        load_settings.cache_clear()
