"""What a run takes place in: trunks of a book, their numbers, the nodes that report, and the random draws."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from pipeline.simulator.capacity import offered_load
from pipeline.simulator.parties import Parties
from pipeline.simulator.profiles import NIGHT_HOURS, Profile
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.traffic import STEP, Floats, Millis, cut_week, epoch_ms, week_of_trunk
from schemas.reference import ReferenceData, Trunk

_WEEK_DAYS = 7
_TRUNKS_WITH_A_BURST = 100
"""One trunk in so many runs a campaign, at least one of all."""
_DAY_STEPS = timedelta(days=1) // STEP


class Stretch(NamedTuple):
    """The stretch of time in which the calls of a block begin."""

    start: datetime
    week: Sequence[Floats]
    """Rate of calls of each trunk in steps of five minutes."""
    shares: Floats
    """Share of the calls that each trunk has."""


class World(NamedTuple):
    """Everything that a run does not draw call by call."""

    profile: Profile
    seed: int
    tag: str
    """Part of every id, so that another seed gives other ids."""
    reference: ReferenceData
    sbcs: Sequence[Sbc]
    parties: Parties
    trunk_shares: Floats
    """Share of the calls that each trunk has, by the load that its channels carry."""
    week: Sequence[Floats]
    """Rate of calls of each trunk in steps of five minutes."""

    @property
    def trunks(self) -> Sequence[Trunk]:
        """The trunks that calls are drawn for."""
        return self.reference.trunks

    @property
    def block_count(self) -> int | None:
        """How many blocks the run has; None where it has no end."""
        if self.profile.is_endless:
            return None
        return len(self.profile.nights) or -(-self.profile.calls // self.profile.block_calls)

    def stretch(self, block: int) -> Stretch:
        """When the calls of a block begin: a part of the run, a night, or a day."""
        profile, count = self.profile, self.block_count
        if count is None:
            day = slice(_DAY_STEPS * (block % profile.days), _DAY_STEPS * (block % profile.days + 1))
            return Stretch(profile.start + timedelta(days=block), [week[day] for week in self.week], self.trunk_shares)
        if profile.nights:
            even = np.ones(timedelta(hours=NIGHT_HOURS) // STEP)
            return Stretch(profile.nights[block], [even] * len(self.trunks), self.trunk_shares)
        steps = cut_week(self.week, self.trunk_shares, count)[block]
        within = [week[steps] for week in self.week]
        parts = np.array([part.sum() / week.sum() for part, week in zip(within, self.week, strict=True)])
        shares = self.trunk_shares * parts
        return Stretch(profile.start + steps.start * STEP, within, shares / shares.sum())

    def without(self, fault: str) -> Self:
        """The run without a fault."""
        rates = {name: rate for name, rate in self.profile.rates.items() if name != fault}
        return self._replace(profile=self.profile._replace(rates=rates))

    def generator(self, block: int, purpose: int = 0) -> np.random.Generator:
        """The random numbers of one block of calls; independent of all other blocks."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(block, purpose))))

    def limits(self, trunk: int, starts: Millis) -> npt.NDArray[np.int64]:
        """The channel limit of a trunk at each instant."""
        dated = self.trunks[trunk].channel_limits
        begins = np.array([epoch_ms(limit.effective_from) for limit in dated])
        at = np.maximum(np.searchsorted(begins, starts, side="right") - 1, 0)
        limits: npt.NDArray[np.int64] = np.array([limit.channel_limit for limit in dated])[at]
        return limits


def build_world(profile: Profile, reference: ReferenceData, sbcs: Sequence[Sbc], seed: int) -> World:
    """Lay out a run. The trunks are those of the book that are in force all the time; nights without are left out."""
    nights = tuple(night for night in profile.nights if _in_force(reference, night, night))
    profile = profile._replace(nights=nights)
    first = profile.nights[0] if profile.nights else profile.start
    end = profile.nights[-1] if profile.nights else first + timedelta(days=profile.days)
    in_force = _in_force(reference, first, end)
    if not in_force:
        raise ValueError(
            f"The book has no trunk in force from {first.date()} to {end.date()}, expected at least one. "
            "Choose a profile or a start that its trunks cover."
        )
    reference = reference.model_copy(update={"trunks": in_force})
    loads = np.array([offered_load(trunk.channel_limits[-1].channel_limit) for trunk in in_force])
    bursts = _bursts(profile, len(in_force), seed)
    zones = {account.account_id: account.time_zone for account in reference.accounts}
    week = [
        week_of_trunk(profile.start, profile.days, zones[trunk.account_id], trunk.country, bursts.get(at, ()))
        for at, trunk in enumerate(in_force)
    ]
    tag = f"{np.random.SeedSequence(seed).generate_state(1)[0]:08x}"
    return World(profile, seed, tag, reference, sbcs, Parties(reference), loads / loads.sum(), week)


def _in_force(reference: ReferenceData, first: datetime, last: datetime) -> tuple[Trunk, ...]:
    return tuple(
        trunk
        for trunk in reference.trunks
        if trunk.effective_from <= first and (trunk.effective_until is None or trunk.effective_until >= last)
    )


def _bursts(profile: Profile, trunks: int, seed: int) -> dict[int, Sequence[int]]:
    """For each trunk that runs a campaign the steps at which it begins: once in each week, during the day."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(0, 99))))
    chosen = rng.choice(trunks, max(1, trunks // _TRUNKS_WITH_A_BURST), replace=False)
    weeks = max(1, profile.days // _WEEK_DAYS)
    days = min(profile.days, _WEEK_DAYS)
    return {
        int(trunk): [
            int((_WEEK_DAYS * week + rng.integers(days)) * 288 + rng.integers(15 * 12, 19 * 12))
            for week in range(weeks)
        ]
        for trunk in chosen
    }
