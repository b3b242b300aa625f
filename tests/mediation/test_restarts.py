"""Restarts of nodes (R26): which lines tell one, which open calls it ends, and how it travels beside the CDRs."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.mediation.assembly import Assembled
from pipeline.mediation.batch import mediate_counting
from pipeline.mediation.restarts import Restart, decode_restarts, encode_restarts, is_over
from schemas.cdr import CDR
from tests.mediation.feeds import RECEIVED, a_batch, a_line, a_source, assembled
from tests.mediation.formats.test_oracle_csv import LOS_ANGELES, START, a_stop
from tests.mediation.formats.test_radius_text import INTERIM, written
from tests.mediation.formats.test_radius_text import START as RADIUS_START

ORACLE_START = a_line(START, 122)
PROOF = a_stop({1: 3, 13: 900, 16: "", 175: 90_003})
"""An interim that proves 900 s."""
ON, OFF = "7,10.0.3.129,5060", "8,10.0.3.129,5060"


def restarts(line: str, format_name: str, **options: str) -> list[str | None]:
    """The nodes that a line tells to have restarted."""
    mediated = mediate_counting(a_batch([line.encode()]), a_source(format_name, **options))  # type: ignore[arg-type]
    assert (1, 0) == (mediated.skipped, mediated.cdrs.num_rows)
    return [restart.node for restart in mediated.restarts]


@pytest.mark.parametrize(
    ("line", "format_name", "node"),
    [
        (ON, "oracle_csv", "10.0.3.129"),
        (OFF, "oracle_csv", "10.0.3.129"),
        ("7", "oracle_csv", "named"),
        ("\tAcct-Status-Type = Accounting-On\n\tNAS-IP-Address = 172.16.16.9", "radius_text", "172.16.16.9"),
        ('\tAcct-Status-Type = Accounting-Off\n\tNAS-Identifier = "edge"', "radius_text", "edge"),
        ("REBOOT,SBX1,02/22/2013", "ribbon_act", "SBX1"),
        ("SWITCHOVER,SBX1", "ribbon_act", "SBX1"),
        ("REBOOT", "ribbon_act", "named"),
    ],
)
def test_lines_that_tell_a_restart(line: str, format_name: str, node: str) -> None:
    """The node that the line names, else the one that the settings name; the line itself is skipped and counted."""
    assert [node] == restarts(line, format_name, node="named")


@pytest.mark.parametrize("line", ["EVENT,SBX1", "Sonus Networks,SBX1"])
def test_other_register_lines_tell_none(line: str) -> None:
    """An event or a file header ends no call."""
    assert [] == restarts(line, "ribbon_act")


def outcome(found: Assembled) -> tuple[object, ...]:
    suspended = [(cdr.reject_reason, cdr.provable_ms, cdr.closing_reason) for cdr in found.suspended]
    return suspended, len(found.legs), len(found.pending), len(found.merged), found.skipped


def test_open_calls_end_at_the_last_proof() -> None:
    """START and an interim of 900 s, then Accounting-On of their node: NO_STOP with 900000 ms, by the restart."""
    for order in permutations([ORACLE_START, PROOF]):
        found = assembled([*order, ON], LOS_ANGELES)
        assert ([("NO_STOP", 900_000, "restart")], 0, 0, 1, 1) == outcome(found)
        assert "Its node restarted" in (found.suspended[0].reject_detail or "")


def test_calls_of_other_nodes_and_later_calls_stay_open() -> None:
    """Another node's restart, and one that came first, end nothing."""
    assert ([], 0, 1, 0, 1) == outcome(assembled([ORACLE_START, "7,10.0.3.130"], LOS_ANGELES))
    assert ([], 0, 1, 0, 1) == outcome(assembled([ON, ORACLE_START], LOS_ANGELES))


def test_interim_behind_the_restart_proves_that_the_call_went_on() -> None:
    """A switch-over that kept the call: its later interim keeps the chain open."""
    assert ([], 0, 2, 0, 1) == outcome(assembled([ORACLE_START, ON, PROOF], LOS_ANGELES))


def test_stop_behind_the_restart_bills() -> None:
    """However late, a STOP is the whole call."""
    assert ([], 1, 0, 1, 1) == outcome(assembled([ORACLE_START, ON, a_stop()], LOS_ANGELES))


def test_orphan_interim_of_a_radius_node() -> None:
    """An interim of 19 s alone, and Accounting-Off: ORPHAN_INTERIM with 19000 ms."""
    off = "\tAcct-Status-Type = Accounting-Off\n\tNAS-IP-Address = 203.0.113.240"
    found = assembled([written(INTERIM), off], a_source("radius_text"))
    assert ([("ORPHAN_INTERIM", 19_000, "restart")], 0, 0, 0, 1) == outcome(found)
    assert 2 == assembled([written(RADIUS_START), written(INTERIM)], a_source("radius_text")).received


def part(**changes: object) -> CDR:
    known = {
        "source": "s", "source_format": "f", "partition": "p", "offset": 1, "received_at": RECEIVED, "source_node": "n",
        "raw_sha256": bytes(32), "cdr_id": "c", "call_group_id": "g",
    }  # fmt: skip
    return CDR(**{**known, **changes})  # type: ignore[arg-type]


RESTART = Restart("s", "n", "p", 2, RECEIVED)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True), ({"offset": 3}, False), ({"source": "other"}, False), ({"source_node": "other"}, False),
        ({"partition": "q", "offset": 9}, True),
        ({"partition": "q", "received_at": RECEIVED + timedelta(microseconds=1)}, False),
    ],
)  # fmt: skip
def test_what_was_here_before(changes: dict[str, object], expected: bool) -> None:
    """By the order of its partition, else by the time of receipt; of the same node of the same source only."""
    assert expected is RESTART.ends(part(**changes))
    assert expected is is_over([part(), part(**changes)], [RESTART])
    assert not is_over([part()], [])


INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - UTC is set


@example([Restart("s", None, "p", 0, datetime(4148, 1, 1, 0, 0, 0, 999_993, tzinfo=UTC))])
@given(st.lists(st.builds(Restart, st.text(), st.none() | st.text(), st.text(), st.integers(0, 2**53), INSTANTS)))
def test_restarts_survive_their_way(told: list[Restart]) -> None:
    """What goes into a header comes out, to the microsecond, also in years in which a float rounds it away."""
    assert tuple(told) == decode_restarts(encode_restarts(told))


@pytest.mark.parametrize("value", [b"", b"{}", b"[[1]]", b'[["s","n","p","1",0]]'])
def test_what_is_no_list_of_restarts(value: bytes) -> None:
    """A header of another writer is refused."""
    with pytest.raises(ValueError, match=r"."):
        decode_restarts(value)
