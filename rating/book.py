"""The book: all reference data as of now with all its effective dates, validated as a whole, immutable, with a hash.

Lookups answer as of an instant. The hash is the SHA-256 of a canonical text of the data, so it depends neither on the
order of files and rows nor on the process, and the text itself is the snapshot that is kept beside the ledger.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, Self, TypeVar

from rating.book_checks import check
from rating.numbering.area_codes import AreaCodeTable
from rating.prefixes import Deck
from rating.rated import Refusal
from rating.rules import Rule
from rating.trunks import TrunkDirectory, choose, describe
from schemas.cdr import CDR
from schemas.outcomes import RejectReason
from schemas.reference import Account, AreaCode, Plan, Rate, RateDeck, ReferenceData, ServiceAddress, Trunk

Dated = TypeVar("Dated", Plan, ServiceAddress)


class Binding(NamedTuple):
    """Whose call it is: the trunk and what belongs to it as of the call."""

    trunk: Trunk
    account: Account
    plan: Plan
    address: ServiceAddress | None


class Attached(NamedTuple):
    """A binding and the identifier that found it."""

    rule: Rule
    binding: Binding


@dataclass(frozen=True, eq=False, repr=False)
class RateBook:
    """An immutable snapshot of the reference data. Build it with `build` or `from_snapshot`."""

    hash: str
    """SHA-256 of the snapshot, hexadecimal; on every ledger row."""
    snapshot: bytes
    """Canonical JSON of the data: `from_snapshot` makes the same book of it."""
    accounts: Mapping[str, Account]
    addresses: Mapping[str, tuple[ServiceAddress, ...]]
    """Versions of each address, the oldest first."""
    plans: Mapping[str, tuple[Plan, ...]]
    """Dated versions of each plan, the oldest first."""
    trunks: Mapping[str, Trunk]
    decks: Mapping[str, Deck]
    directory: TrunkDirectory
    area_codes: AreaCodeTable

    @classmethod
    def build(
        cls,
        *,
        accounts: Iterable[Account] = (),
        addresses: Iterable[ServiceAddress] = (),
        plans: Iterable[Plan] = (),
        trunks: Iterable[Trunk] = (),
        decks: Iterable[RateDeck] = (),
        area_codes: Iterable[AreaCode] = (),
    ) -> Self:
        """Validate the data as a whole and take a snapshot. BookError lists every problem."""
        data = ReferenceData(
            accounts=tuple(accounts), addresses=tuple(addresses), plans=tuple(plans), trunks=tuple(trunks),
            decks=tuple(decks), area_codes=tuple(area_codes),
        )  # fmt: skip
        check(data)
        return cls._of(data, canonical(data))

    @classmethod
    def from_snapshot(cls, snapshot: bytes) -> Self:
        """Read a snapshot back. The hash is that of the bytes, whatever version of the program wrote them."""
        return cls._of(ReferenceData.model_validate_json(snapshot), snapshot)

    @classmethod
    def _of(cls, data: ReferenceData, snapshot: bytes) -> Self:
        return cls(
            hash=sha256(snapshot).hexdigest(),
            snapshot=snapshot,
            accounts={account.account_id: account for account in data.accounts},
            addresses=_grouped(data.addresses, lambda address: address.address_id),
            plans=_grouped(data.plans, lambda plan: plan.plan_id),
            trunks={trunk.trunk_id: trunk for trunk in data.trunks},
            decks={deck.deck_id: Deck(deck) for deck in data.decks},
            directory=TrunkDirectory(data.trunks),
            area_codes=AreaCodeTable(data.area_codes),
        )

    def __repr__(self) -> str:
        return f"RateBook({self.hash})"

    def attach(self, cdr: CDR, at: datetime) -> Attached | Refusal:
        """The trunk of a record with its account, plan and address as of `at`, or why there is none."""
        found = self.directory.candidates(cdr)
        if isinstance(found, Refusal):
            return found
        trunk = choose(found.trunks, at)
        if isinstance(trunk, RejectReason):
            return Refusal(trunk, describe(trunk, found, at))
        binding = self.binding_at(trunk, at)
        if binding is None:
            return Refusal(RejectReason.NO_PLAN, _no_plan(trunk, at))
        return Attached(found.rule, binding)

    def binding_at(self, trunk: Trunk, at: datetime) -> Binding | None:
        """What belongs to a trunk as of `at`; None without a plan in force."""
        plan = self.plan_at(trunk.plan_id, at)
        if plan is None:
            return None
        address = None if trunk.address_id is None else self.address_at(trunk.address_id, at)
        return Binding(trunk, self.accounts[trunk.account_id], plan, address)

    def plan_at(self, plan_id: str, at: datetime) -> Plan | None:
        """The version of a plan in force at an instant."""
        for plan in self.plans[plan_id]:
            if plan.effective_from <= at and (plan.effective_until is None or at < plan.effective_until):
                return plan
        return None

    def address_at(self, address_id: str, at: datetime) -> ServiceAddress | None:
        """The version of an address in force at an instant: the last one that has begun."""
        begun = [address for address in self.addresses[address_id] if address.effective_from <= at]
        return begun[-1] if begun else None


def canonical(data: ReferenceData) -> bytes:
    """One text for one content: rows in order of their keys, every default written out, times in UTC."""
    ordered = ReferenceData(
        accounts=tuple(sorted(data.accounts, key=lambda account: account.account_id)),
        addresses=tuple(sorted(data.addresses, key=lambda address: (address.address_id, address.version))),
        plans=tuple(sorted(data.plans, key=lambda plan: (plan.plan_id, plan.effective_from))),
        trunks=tuple(sorted(data.trunks, key=lambda trunk: trunk.trunk_id)),
        decks=tuple(_ordered_deck(deck) for deck in sorted(data.decks, key=lambda deck: deck.deck_id)),
        area_codes=tuple(sorted(data.area_codes, key=lambda code: code.area_code)),
    )
    return ordered.model_dump_json().encode()


def _ordered_deck(deck: RateDeck) -> RateDeck:
    rates = sorted(deck.rates, key=_rate_key)
    return deck.model_copy(update={"rates": tuple(rates)})


def _rate_key(rate: Rate) -> tuple[str, str, str, datetime]:
    return rate.prefix, rate.caller_country or "", rate.hours or "", rate.effective_from


def _grouped(rows: Iterable[Dated], key: Callable[[Dated], str]) -> dict[str, tuple[Dated, ...]]:
    """The dated versions of each key, the oldest first."""
    found: dict[str, list[Dated]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.effective_from):
        found[key(row)].append(row)
    return {name: tuple(versions) for name, versions in found.items()}


def _no_plan(trunk: Trunk, at: datetime) -> str:
    return (
        f"Plan {trunk.plan_id} of trunk {trunk.trunk_id} is not in force at {at.isoformat()}. Add the version of the "
        "plan that follows, then replay the rejects of reason NO_PLAN."
    )
