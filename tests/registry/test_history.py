"""Call history over HTTP, read from the ledger: what a call shows, and how it is found."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from infobip_api_client.exceptions import NotFoundException

from pipeline.ledger.table import UsageLedger
from pipeline.registry.database import Database
from pipeline.registry.ledger_reader import Ledger
from tests.ledger.rows import a_row, a_table
from tests.registry.servers import BACKENDS, Official, Server, running

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning")  # the package's own models warn, facts 2.15
START = datetime(2026, 10, 1, 11, 59, 30, tzinfo=UTC)


def _leg(number: int, **fields: Any) -> dict[str, Any]:
    """An outbound call of acme: rings for 5 s, talks for 25 s, 6/6 at 0.0075 a minute."""
    start = START + timedelta(minutes=number)
    known = {
        "account_id": "acme", "trunk_id": "t1", "day": date(2026, 10, 1), "direction": "OUTBOUND",
        "leg_id": f"leg-{number}", "calling": "+12125550100", "called": "+13125550199", "started_at": start,
        "answered_at": start + timedelta(seconds=5), "released_at": start + timedelta(seconds=30), "ring_ms": 5_000,
        "measured_ms": 25_000, "call_seconds": 25, "billed_seconds": 30, "rate_per_minute": Decimal("0.0075"),
        "charge": Decimal("0.003750"), "currency": "USD", "charge_kind": "METERED", "destination": "United States",
        "release_party": "caller",
    }  # fmt: skip
    return a_row(number, **(known | fields))


def _unanswered(number: int, reject_class: str, **fields: Any) -> dict[str, Any]:
    """A call that nobody took: it costs nothing."""
    nothing = {
        "answered_at": None,
        "call_seconds": 0,
        "billed_seconds": 0,
        "rate_per_minute": None,
        "charge": Decimal(0),
    }
    return _leg(number, record_type="ATTEMPT", reject_class=reject_class, **(nothing | fields))


ROUTED = {"call_group_id": "routed"}
LEGS = [
    _leg(0),
    _unanswered(1, "NOANSWER"),
    _unanswered(2, "BUSY"),
    _unanswered(3, "CAPACITY"),
    # A call route: an inbound leg, a SIP destination that did not answer, and the telephone that did.
    _leg(10, direction="INBOUND", calling="+442079460000", called="+12125550100", leg_id="in", **ROUTED),
    _unanswered(11, "NOANSWER", parent_leg_id="in", route_entry_type="SIP", user_name="desk", **ROUTED),
    _leg(12, direction="FORWARD", parent_leg_id="in", route_entry_type="PHONE", **ROUTED),
    # Not in the history of acme.
    _leg(20, account_id="blue"),
    _leg(21, state="REJECTED", reject_reason="UNKNOWN_TRUNK"),
]  # fmt: skip


@pytest.fixture(scope="module", params=BACKENDS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on each database whose ledger has the legs above."""
    url = str(tmp_path_factory.mktemp("history") / "ledger")
    UsageLedger.open(url).append(a_table(*LEGS), {})
    database = Database(request.getfixturevalue(f"{request.param}_maker")())
    with running(database, Ledger(url)) as server:
        yield server
    database.close()


@pytest.fixture(scope="module")
def client(served: Server) -> Official:
    """The official client with a key of acme."""
    return served.client("acme")


@pytest.fixture(scope="module")
def http(served: Server) -> Iterator[httpx.Client]:
    """A plain client with a key of acme."""
    with served.http("acme") as http:
        yield http


def test_an_answered_call_parses(client: Official) -> None:
    """10: start 11:59:30, answer 11:59:35, end 12:00:00 make a ring of 5 s and a duration of 25 s."""
    call = client.calls.get_call_history("cdr-0")
    assert (5, 25, "FINISHED", "OUTBOUND") == (
        call.ring_duration,
        call.duration,
        call.state.value,
        call.direction.value,
    )
    assert (START, START + timedelta(seconds=30)) == (call.start_time, call.end_time)
    assert ("12125550100", "13125550199") == (call.var_from, call.to)
    assert "13125550199" == call.endpoint.phone_number
    assert ("NORMAL_HANGUP", "ENDPOINT") == (call.error_code.name, call.hangup_source.value)


def test_a_price_has_all_its_digits(http: httpx.Client) -> None:
    """0.0075 a minute is 0.000125 a second; the charge is what the ledger says, as exact JSON numbers."""
    text = http.get("/calls/1/calls/cdr-0/history").text
    assert '"pricePerSecond":0.000125000' in text
    assert '"charge":0.003750000' in text
    assert '"chargedDuration":30' in text


@pytest.mark.parametrize(
    ("call_id", "state", "error"),
    [("cdr-1", "NO_ANSWER", "NO_ANSWER"), ("cdr-2", "BUSY", "BUSY"), ("cdr-3", "FAILED", "CONGESTION")],
)
def test_an_unanswered_call_parses(client: Official, call_id: str, state: str, error: str) -> None:
    """10: without answer there is neither answer time nor duration, and the reason is named."""
    call = client.calls.get_call_history(call_id)
    assert (state, error, 0, None) == (call.state.value, call.error_code.name, call.duration, call.answer_time)


def test_both_legs_of_a_forwarded_call_parse(client: Official) -> None:
    """10: they share the dialog, and the child names its parent; a SIP endpoint has both of its fields."""
    page = client.calls.get_calls_history(dialog_id="routed")
    assert [("cdr-12", "cdr-10"), ("cdr-11", "cdr-10"), ("cdr-10", None)] == [
        (call.call_id, call.parent_call_id) for call in page.results
    ]
    assert ("t1", "desk") == (page.results[1].endpoint.sip_trunk_id, page.results[1].endpoint.username)
    assert "442079460000" == page.results[2].endpoint.phone_number
    assert ["OUTBOUND", "OUTBOUND", "INBOUND"] == [call.direction.value for call in page.results]


def test_filters(client: Official) -> None:
    """10: status, direction, startTimeAfter with and without an offset, numbers, type; applications find nothing."""
    history = client.calls.get_calls_history

    def found(**wanted: Any) -> list[str]:
        return [call.call_id for call in history(**wanted).results]

    assert ["cdr-11", "cdr-1"] == found(status="NO_ANSWER")
    assert ["cdr-10"] == found(direction="INBOUND")
    after = datetime(2026, 10, 1, 12, 9, 0, 5000)  # noqa: DTZ001 - naive on purpose, read as UTC
    assert ["cdr-12", "cdr-11", "cdr-10"] == found(start_time_after=after)
    there = after.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=-6)))
    assert ["cdr-12", "cdr-11", "cdr-10"] == found(start_time_after=there)
    assert ["cdr-10"] == found(var_from="+442079460000")
    assert ["cdr-10"] == found(to="12125550100")
    assert ["cdr-11"] == found(type="SIP")
    assert [] == found(application_id="any")
    assert [] == found(conference_id="any")


def test_pages_are_the_newest_first(client: Official) -> None:
    """Seven legs; beyond the last page the totals stay."""
    pages = [client.calls.get_calls_history(page=page, size=3) for page in range(4)]
    assert [3, 3, 1, 0] == [len(page.results) for page in pages]
    assert {(3, 7)} == {(page.paging.total_pages, page.paging.total_results) for page in pages}
    assert "cdr-12" == pages[0].results[0].call_id


def test_calls_of_others_do_not_exist(served: Server, client: Official) -> None:
    """404 by id, on no page, and a reject is not a call of anybody."""
    for call_id in ("cdr-20", "cdr-21", "cdr-99"):
        with pytest.raises(NotFoundException):
            client.calls.get_call_history(call_id)
    assert ["cdr-20"] == [call.call_id for call in served.client("blue").calls.get_calls_history().results]
    assert 0 == served.client("nobody").calls.get_calls_history().paging.total_results


def test_dialogs_pair_parent_and_child(client: Official) -> None:
    """The pair that failed and the pair that was answered; its duration counts from the start."""
    page = client.calls.get_dialogs_history()
    assert [("cdr-10", "cdr-12", "FINISHED", 30), ("cdr-10", "cdr-11", "FAILED", 30)] == [
        (pair.parent_call_id, pair.child_call_id, pair.state.value, pair.duration) for pair in page.results
    ]
    assert "cdr-12" == client.calls.get_dialog_history("routed").child_call_id
    assert ["cdr-11"] == [
        pair.child_call_id for pair in client.calls.get_dialogs_history(child_call_id="cdr-11").results
    ]
    assert [] == client.calls.get_dialogs_history(parent_call_id="cdr-12").results
    assert [] == client.calls.get_dialogs_history(end_time_before=START).results
    for state, expected in (("FINISHED", ["cdr-12"]), ("FAILED", ["cdr-11"]), ("ESTABLISHED", [])):
        found = client.calls.get_dialogs_history(state=state).results
        assert expected == [pair.child_call_id for pair in found]
    with pytest.raises(NotFoundException):
        client.calls.get_dialog_history("call-0")


def test_conferences_are_none(client: Official) -> None:
    """An empty page, and 404 by id."""
    assert 0 == client.calls.get_conferences_history().paging.total_results
    with pytest.raises(NotFoundException):
        client.calls.get_conference_history("any")


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59"])
def test_a_bad_time_is_a_bad_request(http: httpx.Client, text: str) -> None:
    """The message names the parameter and shows the form."""
    answer = http.get("/calls/1/calls/history", params={"startTimeAfter": text})
    assert 400 == answer.status_code
    assert "startTimeAfter" in answer.json()["requestError"]["serviceException"]["validationErrors"]


def test_new_rows_are_seen_within_a_moment(tmp_path: Path) -> None:
    """The reader looks again when its snapshot is older than a second, and not before."""
    now = [0.0]
    table = UsageLedger.open(str(tmp_path))
    ledger = Ledger(str(tmp_path), clock=lambda: now[0])
    count = "SELECT count(*)::BIGINT AS number FROM usage"
    assert [{"number": 0}] == ledger.rows(count, {})
    table.append(a_table(_leg(0)), {})
    assert [{"number": 0}] == ledger.rows(count, {})
    now[0] = 1.0
    assert [{"number": 1}] == ledger.rows(count, {})
