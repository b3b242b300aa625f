"""What must hold across the rows of the reference data: references, intervals, and what a price list may say.

Each check is a function from the data to the problems it finds, so that one load shows all of them. What holds within
one row (types, patterns, ranges) is in `schemas.reference`; what holds for trunks and decks is in
`rating.trunk_checks` and `rating.deck_checks`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rating.book_problems import BookError, Problem, empty_interval, one_of, time_text
from rating.deck_checks import deck_problems, table_of
from rating.trunk_checks import trunk_problems
from schemas.reference import Package, Reference, ReferenceData, ServiceAddress

Row = TypeVar("Row", bound=Reference)
Check = Callable[[ReferenceData], Iterator[Problem]]


def check(data: ReferenceData) -> None:
    """Raise BookError with every problem of the data, or return."""
    problems = [problem for find in CHECKS for problem in find(data)]
    if problems:
        raise BookError(problems)


def _keys_are_unique(data: ReferenceData) -> Iterator[Problem]:
    yield from _repeated("accounts", [account.account_id for account in data.accounts], "account_id")
    yield from _repeated("trunks", [trunk.trunk_id for trunk in data.trunks], "trunk_id")
    yield from _repeated("decks", [deck.deck_id for deck in data.decks], "deck_id")
    yield from _repeated("area_codes", [code.area_code for code in data.area_codes], "area_code")
    for deck in data.decks:
        yield from _repeated(table_of(deck), [rate.row_id for rate in deck.rates], "row_id")


def _repeated(table: str, names: Sequence[str], field: str) -> Iterator[Problem]:
    if len(set(names)) == len(names):
        return
    seen = Counter[str]()
    for position, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            yield Problem(table, position, name, field, f"{name} a second time", "each one once")


def _time_zones_exist(data: ReferenceData) -> Iterator[Problem]:
    for position, account in enumerate(data.accounts):
        try:
            ZoneInfo(account.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            expected = "a zone of the IANA database, such as America/Chicago"
            yield Problem("accounts", position, account.account_id, "time_zone", account.time_zone, expected)


def _addresses_have_accounts(data: ReferenceData) -> Iterator[Problem]:
    accounts = {account.account_id for account in data.accounts}
    owners = {address.address_id: address.account_id for address in data.addresses if address.version == 1}
    for position, address in enumerate(data.addresses):
        if address.account_id not in accounts:
            found = address.account_id
            yield Problem("addresses", position, address.address_id, "account_id", found, one_of(accounts))
        owner = owners.get(address.address_id, address.account_id)
        if owner != address.account_id:
            expected = f"{owner}, the account of version 1"
            yield Problem("addresses", position, address.address_id, "account_id", address.account_id, expected)


def _address_versions_follow(data: ReferenceData) -> Iterator[Problem]:
    for versions in _by_key(data.addresses, lambda address: address.address_id).values():
        ordered = sorted(versions, key=lambda row: row[1].version)
        for expected, (position, address) in enumerate(ordered, start=1):
            if address.version != expected:
                found = f"version {address.version}"
                yield Problem("addresses", position, address.address_id, "version", found, f"version {expected}")
        yield from _later_versions_begin_later(ordered)


def _later_versions_begin_later(ordered: Sequence[tuple[int, ServiceAddress]]) -> Iterator[Problem]:
    for (_, before), (position, after) in pairwise(ordered):
        if after.effective_from <= before.effective_from:
            expected = f"a start after {time_text(before.effective_from)}, where version {before.version} begins"
            yield Problem(
                "addresses", position, after.address_id, "effective_from", time_text(after.effective_from), expected
            )


def _plans_have_decks(data: ReferenceData) -> Iterator[Problem]:
    decks = {deck.deck_id: deck for deck in data.decks}
    for position, plan in enumerate(data.plans):
        if plan.outbound_deck is None and (plan.inbound_deck is None or plan.package is Package.UNLIMITED):
            expected = "a deck, which only a METERED plan for calls that are received goes without"
            yield Problem("plans", position, plan.plan_id, "outbound_deck", "null", expected)
        for field, deck_id in (("outbound_deck", plan.outbound_deck), ("inbound_deck", plan.inbound_deck)):
            if deck_id is None:
                continue
            if deck_id not in decks:
                yield Problem("plans", position, plan.plan_id, field, deck_id, one_of(decks))
            elif decks[deck_id].currency != plan.currency:
                expected = f"a deck in {plan.currency}, the currency of the plan"
                yield Problem(
                    "plans", position, plan.plan_id, field, f"{deck_id} in {decks[deck_id].currency}", expected
                )


def _plan_versions_follow(data: ReferenceData) -> Iterator[Problem]:
    """Versions of a plan touch: a gap would leave its trunks without a plan, an overlap with two."""
    for versions in _by_key(data.plans, lambda plan: plan.plan_id).values():
        for position, plan in versions:
            if plan.effective_until is not None and plan.effective_until <= plan.effective_from:
                yield empty_interval("plans", position, plan.plan_id, plan.effective_from, plan.effective_until)
        ordered = sorted(versions, key=lambda row: row[1].effective_from)
        for (_, before), (position, after) in pairwise(ordered):
            if before.effective_until != after.effective_from:
                end = "open" if before.effective_until is None else time_text(before.effective_until)
                expected = f"the end of the version before, which is {end}: no gap and no overlap"
                yield Problem(
                    "plans", position, after.plan_id, "effective_from", time_text(after.effective_from), expected
                )
            if (before.package, before.currency) != (after.package, after.currency):
                expected = f"{before.package} in {before.currency}, as in the version before"
                yield Problem(
                    "plans", position, after.plan_id, "package", f"{after.package} in {after.currency}", expected
                )


def _by_key(rows: Iterable[Row], key: Callable[[Row], str]) -> Mapping[str, list[tuple[int, Row]]]:
    found: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for position, row in enumerate(rows):
        found[key(row)].append((position, row))
    return found


CHECKS: tuple[Check, ...] = (
    _keys_are_unique,
    _time_zones_exist,
    _addresses_have_accounts,
    _address_versions_follow,
    _plans_have_decks,
    _plan_versions_follow,
    deck_problems,
    trunk_problems,
)
