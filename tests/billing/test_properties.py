"""What holds for every month: an invoice is the sum of its lines, and no order of arrival changes a total."""

import random
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.billing.audit import audit_period
from pipeline.billing.document import read_document
from pipeline.billing.explain import documents, open_snapshot
from pipeline.billing.lines import LineKey, Sums, difference, in_cents, lines_of, to_cents
from pipeline.settings import Settings
from schemas.cdr import CDR
from tests.billing.world import World, a_call, forwarded, inbound

PLAN = "book/plans.yaml"
AMOUNTS = st.integers(min_value=0, max_value=10**12).map(lambda nanos: Decimal(nanos).scaleb(-9))


@given(st.lists(AMOUNTS, min_size=1, max_size=12))
def test_parts_of_a_line_sum_to_its_rounding(amounts: list[Decimal]) -> None:
    """However a line is divided over documents, the cents of its parts are those of the whole."""
    key = LineKey("USAGE", "2026-10")
    before = Sums()
    for amount in amounts:
        change = Sums(1, 60, 60, amount)
        before = before.plus(change._replace(amount=in_cents(change, before)))
    assert to_cents(sum(amounts, Decimal(0))) == before.amount
    [line] = lines_of({key: before._replace(amount=Decimal("0.00"))}, {}, 1)
    assert before.amount == line.amount


@given(
    st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 9), AMOUNTS)),
    st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 9), AMOUNTS)),
)
def test_a_difference_and_what_was_before_make_what_is(
    now: dict[str, tuple[int, Decimal]], before: dict[str, tuple[int, Decimal]]
) -> None:
    """Lines that have not changed are left out."""
    later = {LineKey("USAGE", name): Sums(calls, calls, calls, amount) for name, (calls, amount) in now.items()}
    earlier = {LineKey("USAGE", name): Sums(calls, calls, calls, amount) for name, (calls, amount) in before.items()}
    changes = difference(later, earlier)
    for key in later.keys() | earlier.keys():
        assert later.get(key, Sums()) == earlier.get(key, Sums()).plus(changes.get(key, Sums()))
    assert not any(change.is_nothing for change in changes.values())


def a_month(seed: int) -> list[CDR]:
    """Forty calls of October on trunks of every kind, some of them beyond a small allowance."""
    chance = random.Random(seed)  # noqa: S311 - a seed, no secret
    calls = []
    for number in range(40):
        at = f"2026-10-{chance.randrange(2, 30):02}T{chance.randrange(8, 20):02}:00:{number:02}"
        seconds = chance.randrange(1, 4000)
        name = f"call-{number}"
        calls.append(
            chance.choice(
                [
                    a_call("heron-dispatch", "+16125550177", at, seconds, cdr_id=name),
                    a_call("heron-dispatch", "+16085550120", at, seconds, cdr_id=name),
                    a_call("heron-drivers", "+442079460018", at, seconds, cdr_id=name),
                    inbound("heron-drivers", "+12125550100", "+16085550130", at, seconds)._replace(cdr_id=name),
                    forwarded("heron-drivers", "+13125550100", "+13125550101", at, seconds)._replace(cdr_id=name),
                ]
            )
        )
    return calls


def a_world(folder: Path) -> World:
    """The example provider, whose plan includes one minute a channel."""
    world = World(folder)
    text = (folder / PLAN).read_text()
    world.write(PLAN, text.replace("minutes_per_channel: 3000", "minutes_per_channel: 10"))
    return world


def totals(settings: Settings) -> dict[tuple[str, str], Decimal]:
    """Charges before tax by kind and month of service, over all documents."""
    found: dict[tuple[str, str], Decimal] = {}
    for row in documents(open_snapshot(settings)):
        document = read_document(row.document)
        lines = [*document.charges, *document.taxes]
        assert Decimal(document.totals.total) == sum((Decimal(line.amount) for line in lines), Decimal(0)) == row.total
        for line in document.charges:
            key = (str(line.kind), line.service_period)
            found[key] = found.get(key, Decimal(0)) + Decimal(line.amount)
    return {key: amount for key, amount in found.items() if amount}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_late_and_corrected_calls_gives_the_same_totals(tmp_path: Path, seed: int) -> None:
    """One provider gets all calls in time; the other gets a shuffled month, half of it late, and corrects two calls.

    What both ask for, over all documents, is the same to the cent, overage included; both months are proved.
    """
    calls = a_month(seed)
    chance = random.Random(seed)  # noqa: S311 - a seed, no secret
    wrong = {call.cdr_id: call.measured_ms for call in chance.sample(calls, 2)}
    in_time = a_world(tmp_path / "in-time")
    in_time.receive(*calls)
    in_time.close("2026-10", account="blue-heron")
    in_time.close("2026-11", account="blue-heron")

    shuffled = chance.sample(calls, len(calls))
    received = [call._replace(measured_ms=77_000) if call.cdr_id in wrong else call for call in shuffled]
    disturbed = a_world(tmp_path / "disturbed")
    disturbed.receive(*received[:15])
    disturbed.close("2026-10", account="blue-heron")
    disturbed.receive(*received[15:30])
    disturbed.receive(*received[30:])
    for cdr_id, measured_ms in wrong.items():
        disturbed.correct(cdr_id, measured_ms=measured_ms)
    disturbed.close("2026-11", account="blue-heron")

    assert totals(in_time.settings) == totals(disturbed.settings)
    assert ("OVERAGE", "2026-10") in totals(in_time.settings)
    for world in (in_time, disturbed):
        for period in ("2026-10", "2026-11"):
            assert () == audit_period(world.settings, period).findings
