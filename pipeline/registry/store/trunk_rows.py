"""Finding trunks, and writing them down with everything that goes with a change."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from pipeline.registry.problems import NotFound
from pipeline.registry.shapes.trunks import Trunk
from pipeline.registry.store.changes import SIP_TRUNKS, Change, announce, log_change
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.identities import Claim
from pipeline.registry.store.records import trunk_record
from pipeline.registry.store.trunk_shapes import OPERATOR_CONNECT, STATIC, trunk_shape
from pipeline.registry.tables import TrunkRow, TrunkVersionRow
from pipeline.registry.tables.trunks import HOST, NUMBER, PROVIDER

KIND = "SIP trunk"


def trunks_of(caller: Caller, *, operator_connect: bool) -> Select[TrunkRow]:
    """The account's living trunks: those of the published shapes, or those of Operator Connect."""
    return _living(caller.account_id, operator_connect=operator_connect)


def _living(account_id: str | BindParameter[str], *, operator_connect: bool) -> Select[TrunkRow]:
    is_type = TrunkRow.type == OPERATOR_CONNECT if operator_connect else TrunkRow.type != OPERATOR_CONNECT
    return select(TrunkRow).where(TrunkRow.account_id == account_id, TrunkRow.deleted_at.is_(None), is_type)


def _one(*, operator_connect: bool, lock: bool) -> Select[TrunkRow]:
    living = _living(bindparam("account_id"), operator_connect=operator_connect)
    query = living.where(TrunkRow.trunk_id == bindparam("trunk_id"))
    return query.with_for_update() if lock else query


_ONE = {(team, lock): _one(operator_connect=team, lock=lock) for team in (False, True) for lock in (False, True)}
"""The queries of `find`, built once: building one takes as long as running it."""


def find(
    session: Session, caller: Caller, trunk_id: str, *, operator_connect: bool = False, lock: bool = False
) -> TrunkRow:
    """A living trunk of the caller's account. NotFound for another account's too."""
    wanted = {"account_id": caller.account_id, "trunk_id": trunk_id}
    row = session.scalar(_ONE[operator_connect, lock], wanted)
    if row is None:
        raise NotFound(KIND, trunk_id)
    return row


def begin_action(registry: Registry, row: TrunkRow, action: str) -> None:
    """Count the change, and let it show as running for as long as the settings say."""
    row.version += 1
    row.changed_at = registry.now_after(row.changed_at)
    row.action, row.action_reason = action, None
    row.action_until = registry.written_at(row.changed_at) + timedelta(seconds=registry.settings.action_seconds)


def claim_identities(registry: Registry, session: Session, row: TrunkRow) -> None:
    """Hold what the trunk is found by. Refused names what belongs to somebody else."""
    claim = Claim(session, row, row.changed_at, wait=timedelta(days=registry.settings.tombstone_days))
    if row.type == STATIC:
        claim.hold(HOST, {f"sourceHosts[{index}]": host for index, host in enumerate(row.source_hosts)})
    if row.provider_id is not None:
        claim.hold(PROVIDER, {"provider": f"{row.provider_type}:{row.provider_id}"})
    if row.numbers:
        claim.hold(NUMBER, {f"numbers[{index}]": number for index, number in enumerate(row.numbers)})


def release_identities(session: Session, row: TrunkRow) -> None:
    """Give up what the trunk was found by."""
    Claim(session, row, row.changed_at, wait=timedelta(0)).release_all()


def write_down(registry: Registry, session: Session, row: TrunkRow, caller: Caller, change: Change) -> Trunk:
    """Add the version, the audit entry and the outbox record of a change; return the trunk as it is now."""
    version = _version(row)
    session.add(version)
    versions = [version] if version.version == 1 else list(versions_of(session, row.trunk_id))
    after = trunk_shape(registry, row)
    at = registry.written_at(row.changed_at)
    log_change(session, caller, at, change._replace(after=after))
    announce(session, at, SIP_TRUNKS, row.trunk_id, trunk_record(row, versions))
    return after


def versions_of(session: Session, trunk_id: str) -> Iterable[TrunkVersionRow]:
    """The history of what moves money, the oldest first."""
    query = select(TrunkVersionRow).where(TrunkVersionRow.trunk_id == trunk_id)
    return session.scalars(query.order_by(TrunkVersionRow.version))


def _version(row: TrunkRow) -> TrunkVersionRow:
    return TrunkVersionRow(
        trunk_id=row.trunk_id, version=row.version, effective_from=row.changed_at, name=row.name,
        channel_limit=row.channel_limit, admin_status=row.admin_status, international=row.international,
        source_hosts=row.source_hosts, number_format=row.technical.get("numberFormat", "E164"),
    )  # fmt: skip
