"""Trunks over one month: which of an account's are in service, with which plan and channel limit on which days.

Days are local dates of the account's zone, half-open; `rating.channels` decides which of them a limit counts on. A plan
that changes within the month cuts the stretches once more.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rating.book import RateBook
from rating.channels import local_day, trunk_segments
from rating.tax.fees import ChannelCount, TrunkChannels
from schemas.period import Period
from schemas.reference import Account, Plan, ServiceAddress, Trunk

_INSTANT = timedelta(microseconds=1)


class Segment(NamedTuple):
    """Days `[effective_from, effective_until)` of one trunk with one plan version and one channel limit."""

    effective_from: date
    effective_until: date
    plan: Plan
    channel_limit: int

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.effective_until - self.effective_from).days

    @property
    def channel_days(self) -> int:
        """Channels times days."""
        return self.channel_limit * self.days


class Month(NamedTuple):
    """One billing month of one account, and the book that says what was in service."""

    book: RateBook
    account: Account
    period: Period

    @classmethod
    def of(cls, book: RateBook, account: Account, name: str) -> "Month":
        """The month `name` in the zone of the account."""
        return cls(book, account, Period.month(name, account.time_zone))

    @property
    def first_day(self) -> date:
        """First local day of the month."""
        return self._day(self.period.start)

    @property
    def end_day(self) -> date:
        """First local day after the month."""
        return self._day(self.period.end)

    @property
    def days(self) -> int:
        """Days of the month."""
        return (self.end_day - self.first_day).days

    def trunks(self) -> list[Trunk]:
        """The account's trunks in service on any day of the month, by id."""
        own = _trunks_by_account(self.book).get(self.account.account_id, ())
        return [trunk for trunk in own if self.segments(trunk)]

    def segments(self, trunk: Trunk) -> list[Segment]:
        """Stretches of equal plan and limit, in order of days."""
        stretches = trunk_segments(trunk, self.period, self.account.time_zone)
        return [
            found
            for stretch in stretches
            for first, end in pairwise(self._cuts(trunk, stretch.first_day, stretch.end_day))
            if (found := self._segment(trunk, first, end, stretch.channel_limit)) is not None
        ]

    def address(self, trunk: Trunk) -> ServiceAddress:
        """The service address as the month ends; a trunk without one has only its country (PRODUCT.md, Trunks 2)."""
        if trunk.address_id is not None:
            versions = self.book.addresses[trunk.address_id]
            return self.book.address_at(trunk.address_id, self.period.end - _INSTANT) or versions[0]
        return ServiceAddress(
            address_id=trunk.trunk_id, account_id=trunk.account_id, effective_from=trunk.effective_from,
            street="", city="", country=trunk.country,
        )  # fmt: skip

    def channel_counts(self, trunk: Trunk) -> TrunkChannels:
        """What fees for each line count: the channels of days on which the plan lets the trunk call out, and others."""
        counts = (
            ChannelCount(
                segment.effective_from,
                segment.effective_until,
                segment.channel_limit,
                segment.plan.outbound_deck is not None,
            )
            for segment in self.segments(trunk)
        )
        return TrunkChannels(trunk.trunk_id, self.address(trunk).address_id, tuple(counts))

    def _cuts(self, trunk: Trunk, first: date, end: date) -> list[date]:
        """The ends of a stretch, and the days on which another version of the plan begins or one ends."""
        plans = self.book.plans[trunk.plan_id]
        changes = [at for plan in plans for at in (plan.effective_from, plan.effective_until) if at is not None]
        return sorted({first, end} | {day for at in changes if first < (day := self._day(at)) < end})

    def _segment(self, trunk: Trunk, first: date, end: date, channel_limit: int) -> Segment | None:
        """The stretch with the plan in force as its first day ends; None on days without a plan."""
        plan = self.book.plan_at(trunk.plan_id, self._midnight_after(first) - _INSTANT)
        return None if plan is None else Segment(first, end, plan, channel_limit)

    def _day(self, instant: datetime) -> date:
        return local_day(instant, self.account.time_zone)

    def _midnight_after(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(self.account.time_zone))


@lru_cache(maxsize=2)
def _trunks_by_account(book: RateBook) -> dict[str, list[Trunk]]:
    """The trunks of each account in order of their ids."""
    found: dict[str, list[Trunk]] = defaultdict(list)
    for trunk in sorted(book.trunks.values(), key=lambda trunk: trunk.trunk_id):
        found[trunk.account_id].append(trunk)
    return found
