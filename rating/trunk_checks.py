"""What must hold for trunks (PRODUCT.md, Trunks 1 to 5), across accounts, plans, addresses and other trunks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from itertools import combinations, pairwise

from rating.book_problems import Problem, one_of, time_text
from rating.rules import Rule
from rating.tax.situs import TERRITORIES
from rating.trunks import is_in_life, trunk_identifiers
from schemas.reference import Account, Package, Plan, ReferenceData, ServiceAddress, Trunk, TrunkType

Finding = tuple[str, str, str]
"""Field, what was found, what was expected."""

UNITED_STATES = "US"
_FIELDS = {
    Rule.TRUNK_BY_USER: "user_name",
    Rule.TRUNK_BY_PROVIDER: "provider_id",
    Rule.TRUNK_BY_IP: "source_hosts",
    Rule.TRUNK_BY_DID: "dids",
}
NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
        "169.254.0.0/16", "224.0.0.0/4", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "::/128", "::1/128",
        "fc00::/7", "fe80::/10", "ff00::/8", "2001:db8::/32", "3fff::/20",
    )
)  # fmt: skip
"""Private, shared, loopback, link-local, multicast and documentation ranges (PRODUCT.md, Trunks 4)."""


def trunk_problems(data: ReferenceData) -> Iterator[Problem]:
    """Every problem of every trunk, then identifiers that two trunks claim at one time."""
    accounts = {account.account_id: account for account in data.accounts}
    newest_first = sorted(data.plans, key=lambda plan: plan.effective_from, reverse=True)
    plans = {plan.plan_id: plan for plan in newest_first}
    addresses = _versions(data.addresses)
    for position, trunk in enumerate(data.trunks):
        for field, found, expected in (
            *_account_problems(trunk, accounts),
            *_plan_problems(trunk, plans, accounts),
            *_address_problems(trunk, addresses, plans.get(trunk.plan_id)),
            *_type_problems(trunk),
            *_host_problems(trunk),
            *_date_problems(trunk),
        ):
            yield Problem("trunks", position, trunk.trunk_id, field, found, expected)
    yield from _claimed_twice(data.trunks)


def _account_problems(trunk: Trunk, accounts: Mapping[str, Account]) -> Iterator[Finding]:
    if trunk.account_id not in accounts:
        yield "account_id", trunk.account_id, one_of(accounts)


def _plan_problems(trunk: Trunk, plans: Mapping[str, Plan], accounts: Mapping[str, Account]) -> Iterator[Finding]:
    plan, account = plans.get(trunk.plan_id), accounts.get(trunk.account_id)
    if plan is None:
        yield "plan_id", trunk.plan_id, one_of(plans)
        return
    if plan.effective_from > trunk.effective_from:
        yield "plan_id", f"{plan.plan_id} from {time_text(plan.effective_from)}", _from_the_start(trunk, "a plan")
    if account is not None and account.currency != plan.currency:
        yield "plan_id", f"{plan.plan_id} in {plan.currency}", f"a plan in {account.currency}, the account's currency"
    if plan.package is Package.UNLIMITED and trunk.country != UNITED_STATES:
        yield "plan_id", f"{plan.plan_id}, UNLIMITED, for country {trunk.country}", "a METERED plan outside the US"


def _versions(addresses: Sequence[ServiceAddress]) -> dict[str, list[ServiceAddress]]:
    found: dict[str, list[ServiceAddress]] = defaultdict(list)
    for address in sorted(addresses, key=lambda address: address.version):
        found[address.address_id].append(address)
    return dict(found)


def _address_problems(
    trunk: Trunk, addresses: Mapping[str, Sequence[ServiceAddress]], plan: Plan | None
) -> Iterator[Finding]:
    """A territory is the US to tax (us-tax.md A.3), so a trunk there needs a service address too."""
    if trunk.address_id is None:
        if trunk.country == UNITED_STATES or trunk.country in TERRITORIES:
            yield "address_id", "none", "a service address, which a trunk in the US must have"
        return
    versions = addresses.get(trunk.address_id)
    if versions is None:
        yield "address_id", trunk.address_id, one_of(addresses)
        return
    address = versions[0]
    abroad = next((version for version in versions if version.country != UNITED_STATES), None)
    if abroad is not None and plan is not None and plan.package is Package.UNLIMITED:
        found = f"{abroad.address_id} version {abroad.version} in {abroad.country}"
        yield "address_id", found, "an address in the US, which an UNLIMITED plan needs"
    if address.account_id != trunk.account_id:
        yield "address_id", f"{address.address_id} of {address.account_id}", f"an address of {trunk.account_id}"
    if address.effective_from > trunk.effective_from:
        found = f"{address.address_id} from {time_text(address.effective_from)}"
        yield "address_id", found, _from_the_start(trunk, "an address")


def _type_problems(trunk: Trunk) -> Iterator[Finding]:
    if trunk.type is TrunkType.REGISTERED and trunk.user_name is None:
        yield "user_name", "none", "the user name that a REGISTERED trunk is found by"
    if trunk.type in {TrunkType.PROVIDER, TrunkType.OPERATOR_CONNECT} and trunk.provider_id is None:
        yield "provider_id", "none", f"the identifier that a {trunk.type} trunk is found by"
    if trunk.provider == "CISCO_WEBEX" and trunk.country != UNITED_STATES:
        yield "provider", f"CISCO_WEBEX for country {trunk.country}", "country US, the only one of CISCO_WEBEX"


def _host_problems(trunk: Trunk) -> Iterator[Finding]:
    for host in trunk.source_hosts:
        try:
            address = ip_address(host)
        except ValueError:
            continue
        address = getattr(address, "ipv4_mapped", None) or address
        network = next((network for network in NOT_PUBLIC if address in network), None)
        if network is not None:
            yield "source_hosts", f"{host}, which lies in {network}", "a public address that is the customer's own"


def _date_problems(trunk: Trunk) -> Iterator[Finding]:
    start = trunk.effective_from
    if trunk.effective_until is not None and trunk.effective_until <= start:
        yield "effective_until", time_text(trunk.effective_until), f"an end after the start, {time_text(start)}"
    first = trunk.channel_limits[0].effective_from
    if first > start:
        yield "channel_limits", f"the first from {time_text(first)}", _from_the_start(trunk, "a limit")
    for field, dated in (("channel_limits", trunk.channel_limits), ("statuses", trunk.statuses)):
        for before, after in pairwise(row.effective_from for row in dated):
            if after <= before:
                yield field, time_text(after), f"a start after {time_text(before)}, where the one before begins"


def _claimed_twice(trunks: Sequence[Trunk]) -> Iterator[Problem]:
    """Identifiers that two trunks have at one time. Trunks of one account may share a source address."""
    claims: dict[tuple[Rule, str], list[tuple[int, Trunk]]] = defaultdict(list)
    for position, trunk in enumerate(trunks):
        for rule, value in trunk_identifiers(trunk):
            claims[rule, value].append((position, trunk))
    for (rule, value), claimants in claims.items():
        for (_, first), (position, second) in combinations(claimants, 2):
            if rule in _FIELDS and _live_together(first, second) and not _may_share(rule, first, second):
                expected = f"an identifier of its own; trunk {first.trunk_id} of {first.account_id} has it too"
                yield Problem("trunks", position, second.trunk_id, _FIELDS[rule], value, expected)


def _may_share(rule: Rule, first: Trunk, second: Trunk) -> bool:
    return rule is Rule.TRUNK_BY_IP and first.account_id == second.account_id


def _live_together(first: Trunk, second: Trunk) -> bool:
    return _begins_in(first, second) or _begins_in(second, first)


def _begins_in(first: Trunk, second: Trunk) -> bool:
    return is_in_life(second, first.effective_from)


def _from_the_start(trunk: Trunk, what: str) -> str:
    return f"{what} from the start of the trunk, {time_text(trunk.effective_from)}"
