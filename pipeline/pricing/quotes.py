"""What a call that nobody has made would cost, on one trunk or on one trunk of each plan."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from rating.book import RateBook
from rating.call import rate_call
from rating.explain import Step, explain_call
from rating.rated import RatedCall, RejectedCDR
from rating.trunks import is_in_life
from schemas.cdr import CDR, Direction
from schemas.reference import Trunk

MS_PER_SECOND = 1000


class Call(NamedTuple):
    """A call to quote: numbers as a trunk would dial them."""

    to: str
    seconds: int
    at: datetime
    calling: str | None = None
    direction: Direction = Direction.OUTBOUND

    def record(self, trunk_id: str) -> CDR:
        """The record that an SBC would write of it."""
        return CDR(
            source="quote",
            source_format="quote",
            partition="quote",
            offset=0,
            received_at=self.at,
            raw_sha256=bytes(32),
            cdr_id="quote",
            call_group_id="quote",
            claimed_trunk_id=trunk_id,
            direction=self.direction,
            calling=self.calling,
            called=self.to,
            started_at=self.at,
            answered_at=self.at,
            measured_ms=self.seconds * MS_PER_SECOND,
        )


class Quote(NamedTuple):
    """The price of a call on a trunk, and how it came about."""

    trunk_id: str
    result: RatedCall | RejectedCDR
    steps: Sequence[Step]


def quote(call: Call, trunk_id: str, book: RateBook) -> Quote:
    """Price a call on one trunk."""
    record = call.record(trunk_id)
    return Quote(trunk_id, rate_call(record, book), explain_call(record, book))


def quotes(call: Call, book: RateBook) -> list[Quote]:
    """Price a call on the first trunk of each plan, by the names of trunk and plan, that is in force then."""
    return [quote(call, trunk.trunk_id, book) for trunk in _one_of_each_plan(call.at, book)]


def _one_of_each_plan(at: datetime, book: RateBook) -> Iterator[Trunk]:
    seen = set()
    for trunk in sorted(book.trunks.values(), key=lambda trunk: (trunk.plan_id, trunk.trunk_id)):
        if trunk.plan_id not in seen and is_in_life(trunk, at):
            seen.add(trunk.plan_id)
            yield trunk
