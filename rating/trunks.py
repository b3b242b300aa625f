"""Finding the trunk of a call, as of its time (PRODUCT.md, Trunks 6).

A record is identified by the first of its identifiers that the book knows: explicit trunk id, registered user name,
provider identifier, source IP, and for an inbound call with none of them the called DID. An explicit trunk id decides
alone, known or not. Trunks that are out of force or disabled do not carry calls, so one that may carry them wins.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from rating.rated import Refusal
from rating.rules import Rule
from schemas.cdr import CDR, Direction
from schemas.outcomes import RejectReason
from schemas.reference import Trunk

_NAMES = {
    Rule.TRUNK_BY_ID: "trunk id",
    Rule.TRUNK_BY_USER: "user name",
    Rule.TRUNK_BY_PROVIDER: "provider identifier",
    Rule.TRUNK_BY_IP: "source IP",
    Rule.TRUNK_BY_DID: "DID",
}
TRUNK_RULES = tuple(_NAMES)
"""The identifiers in their order of precedence."""


class Candidates(NamedTuple):
    """The trunks that the deciding identifier names, at any time."""

    rule: Rule
    value: str
    trunks: Sequence[Trunk]


class TrunkDirectory:
    """Trunks by each of their identifiers."""

    def __init__(self, trunks: Iterable[Trunk]) -> None:
        found: dict[Rule, dict[str, list[Trunk]]] = {rule: defaultdict(list) for rule in TRUNK_RULES}
        for trunk in trunks:
            for rule, value in trunk_identifiers(trunk):
                found[rule][value].append(trunk)
        self.trunks: Mapping[Rule, Mapping[str, Sequence[Trunk]]] = {rule: dict(found[rule]) for rule in found}

    def candidates(self, cdr: CDR) -> Candidates | Refusal:
        """The trunks named by the first identifier of the record that the book knows."""
        seen = []
        for rule, value in _call_identifiers(cdr):
            trunks = self.trunks[rule].get(value, ())
            if trunks:
                return Candidates(rule, value, trunks)
            seen.append(f"{_NAMES[rule]} {value}")
            if rule is Rule.TRUNK_BY_ID:
                break
        carried = f"No trunk has {' or '.join(seen)}." if seen else "The record names no trunk, user, provider or IP."
        advice = "Register the trunk or correct the record, then replay the rejects of reason UNKNOWN_TRUNK."
        return Refusal(RejectReason.UNKNOWN_TRUNK, f"{carried} {advice}")


def trunk_identifiers(trunk: Trunk) -> Iterator[tuple[Rule, str]]:
    """Everything that a trunk is found by."""
    yield Rule.TRUNK_BY_ID, trunk.trunk_id
    if trunk.user_name is not None:
        yield Rule.TRUNK_BY_USER, trunk.user_name
    if trunk.provider_id is not None:
        yield Rule.TRUNK_BY_PROVIDER, trunk.provider_id
    yield from ((Rule.TRUNK_BY_IP, host) for host in trunk.source_hosts)
    yield from ((Rule.TRUNK_BY_DID, did) for did in trunk.dids)


def _call_identifiers(cdr: CDR) -> Iterator[tuple[Rule, str]]:
    did = cdr.called if cdr.direction == Direction.INBOUND else None
    values = (cdr.claimed_trunk_id, cdr.user_name, cdr.provider_id, cdr.source_ip, did)
    return ((rule, value) for rule, value in zip(TRUNK_RULES, values, strict=True) if value is not None)


def is_in_life(trunk: Trunk, at: datetime) -> bool:
    """Half-open: from the first instant of the trunk up to its end."""
    return trunk.effective_from <= at and (trunk.effective_until is None or at < trunk.effective_until)


def is_enabled(trunk: Trunk, at: datetime) -> bool:
    """Enabled until a status says otherwise; the last status that has begun counts."""
    begun = [status.enabled for status in trunk.statuses if status.effective_from <= at]
    return begun[-1] if begun else True


def choose(trunks: Sequence[Trunk], at: datetime) -> Trunk | RejectReason:
    """The one trunk of these that may carry a call at that instant, or the reason why there is none."""
    alive = [trunk for trunk in trunks if is_in_life(trunk, at)]
    enabled = [trunk for trunk in alive if is_enabled(trunk, at)]
    match enabled:
        case [trunk]:
            return trunk
        case [_, *_]:
            return RejectReason.AMBIGUOUS_TRUNK
    return RejectReason.TRUNK_DISABLED if alive else RejectReason.TRUNK_ENDED


def describe(reason: RejectReason, found: Candidates, at: datetime) -> str:
    """What was found and what to do, for a reason of `choose`."""
    who = f"{_NAMES[found.rule]} {found.value}"
    names = ", ".join(sorted(trunk.trunk_id for trunk in found.trunks))
    match reason:
        case RejectReason.AMBIGUOUS_TRUNK:
            said = f"Trunks {names} share {who} at {at.isoformat()}. Let the SBC write the trunk id into its records"
        case RejectReason.TRUNK_DISABLED:
            said = f"Trunk {names}, found by {who}, is disabled at {at.isoformat()}. Enable it from an earlier instant"
        case _:
            said = f"Trunk {names}, found by {who}, is not in force at {at.isoformat()}. Correct its dates"
    return f"{said}, then replay the rejects of reason {reason}."
